"""Wrong formulas that an exam cannot tell from its key, and why: a coincidence of sizes, or of domains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from grader.formula.domains import short
from grader.formula.edits import Edit
from grader.formula.expression import names, resized
from grader.formula.key import Formulas
from grader.formula.mistakes import Mistakes
from grader.formula.shape import Mismatch
from grader.formula.symbols import Sizes, Symbol

SPECIAL = {
    "sym": "symmetric", "spd": "symmetric and positive definite", "orth": "orthogonal", "diagm": "diagonal",
    "skew": "skew-symmetric", "onehot": "one-hot", "simplex": "a distribution", "rowstoch": "row-stochastic",
    "binary": "made of 0 and 1", "pos": "positive", "nonneg": "never negative", "neg": "negative",
}  # fmt: skip


def survivors(
    mistakes: Mistakes, key: Formulas, others: Sizes, budget: int
) -> Iterator[tuple[Edit, str | None]]:
    """Yield the formulas with one slip that equal the key, each with the reason; None where they are equal in general."""
    for edit in mistakes.survivors:
        yield edit, _why(edit, key, others, budget)


def _why(edit: Edit, key: Formulas, others: Sizes, budget: int) -> str | None:
    if not _equal(edit, _at(key, others), others, budget):
        stated = ", ".join(f"{letter} = {size}" for letter, size in key.space.sizes.items())
        return f"they are equal at the stated sizes only ({stated})"
    used = set(names([edit.expression, *key.references]))
    for name, symbol in key.space.symbols.items():
        word = SPECIAL.get(short(symbol.domain))
        if word and name in used and not _equal(edit, _freed(key, [name]), key.space.sizes, budget):
            return f"they are equal only because {name} is {word}"
    everything = _freed(key, list(key.space.symbols))
    if not _equal(edit, everything, key.space.sizes, budget):
        return "they are equal only because of the domains of several symbols"
    if key.space.tolerance and not _equal(edit, _exact(key), key.space.sizes, budget):
        return "the difference is within the tolerance"
    return None


def _equal(edit: Edit, key: Formulas, sizes: Sizes, budget: int) -> bool:
    """Whether the slip makes no difference here; where nothing can be told it is taken to make none."""
    try:
        return key.decide(resized(edit.expression, sizes), budget).equal is not False
    except Mismatch:  # The key itself holds at its own sizes only.
        return False


def _at(key: Formulas, sizes: Sizes) -> Formulas:
    space = replace(key.space, sizes=sizes, values={}, drawn=[], asked={})
    return replace(key, references=[resized(each, sizes) for each in key.references], space=space)


def _freed(key: Formulas, names: list[str]) -> Formulas:
    symbols: Mapping[str, Symbol] = {
        name: each.model_copy(update={"domain": "real"}) if name in names else each
        for name, each in key.space.symbols.items()
    }
    return replace(key, space=replace(key.space, symbols=symbols, values={}, drawn=[], asked={}))


def _exact(key: Formulas) -> Formulas:
    return replace(key, space=replace(key.space, tolerance=None, values={}, drawn=[], asked={}))
