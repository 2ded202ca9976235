"""Surviving mutations: wrong formulas that an exam cannot tell from its key, and why: a coincidence of sizes or of domains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from grader.formula.equality.accepted_answers import AcceptedFormulas
from grader.formula.equality.sampling.domains import short_name
from grader.formula.evaluation.shapes import ShapeMismatch
from grader.formula.expression import Expression, make, rebuild, symbol_names
from grader.formula.mistakes.diagnose import Diagnoser
from grader.formula.mistakes.rule_context import Mutation
from grader.formula.symbols import Symbol

DOMAIN_WORDS = {
    "sym": "symmetric", "spd": "symmetric and positive definite", "orth": "orthogonal", "diagm": "diagonal",
    "skew": "skew-symmetric", "onehot": "one-hot", "simplex": "a distribution", "rowstoch": "row-stochastic",
    "binary": "made of 0 and 1", "pos": "positive", "nonneg": "never negative", "neg": "negative",
}  # fmt: skip
KeyAtOtherSizes = Sequence[AcceptedFormulas] | None
"""The key at sets of other sizes, its references in the same order; None where it has no value at these."""


def surviving_mutations(diagnoser: Diagnoser, elsewhere: KeyAtOtherSizes) -> Iterator[tuple[Mutation, str | None]]:
    """Yield the formulas with one slip that equal the key, each with the reason; None where they are equal in general."""
    for mutation in diagnoser.surviving:
        yield mutation, _reason(mutation, diagnoser.key, elsewhere, diagnoser.budget)


def _reason(mutation: Mutation, key: AcceptedFormulas, elsewhere: KeyAtOtherSizes, budget: int) -> str | None:
    """Return why a key accepts a mutation: compare both at other sizes, then with fewer restrictions on the symbols."""
    stated = ", ".join(f"{letter} = {size}" for letter, size in key.space.sizes.items())
    for other in (None,) if elsewhere is None else elsewhere:
        there = None if other is None else _at_other_sizes(mutation, key, other)
        if other is None or there is None:
            return f"they are equal at the stated sizes ({stated}), for which the key is written"
        if not _makes_no_difference(there, other, budget):
            return f"they are equal at the stated sizes only ({stated})"
    used = set(symbol_names([mutation.expression, *key.references]))
    for name, symbol in key.space.symbols.items():
        word = DOMAIN_WORDS.get(short_name(symbol.domain))
        if (
            word
            and name in used
            and not _makes_no_difference(mutation.expression, _with_real_domain(key, [name]), budget)
        ):
            return f"they are equal only because {name} is {word}"
    if not _makes_no_difference(mutation.expression, _with_real_domain(key, list(key.space.symbols)), budget):
        return "they are equal only because of the domains of several symbols"
    if key.space.tolerance and not _makes_no_difference(mutation.expression, _without_tolerance(key), budget):
        return "the difference is within the tolerance"
    return None


def _at_other_sizes(mutation: Mutation, key: AcceptedFormulas, other: AcceptedFormulas) -> Expression | None:
    """Return a formula with a slip as it would be at other sizes: what it shares with the key as the key has it there."""
    counterparts: dict[Expression, Expression] = {}
    for reference, resized in zip(key.references, other.references, strict=True):
        matched = _matched_nodes(reference, resized)
        if matched is None:
            return None
        counterparts |= matched
    return rebuild(
        mutation.expression,
        lambda node, args: counterparts[node] if node in counterparts else make(node.op, args, node.value),
    )


def _matched_nodes(one: Expression, other: Expression) -> dict[Expression, Expression] | None:
    """Match the nodes of two formulas that differ in numbers and sizes alone."""
    matched: dict[Expression, Expression] = {}
    stack = [(one, other)]
    while stack:
        here, there = stack.pop()
        if here in matched:
            continue
        if here.op != there.op or len(here.args) != len(there.args):
            return None
        matched[here] = there
        stack += zip(here.args, there.args, strict=True)
    return matched


def _makes_no_difference(expression: Expression, key: AcceptedFormulas, budget: int) -> bool:
    """True if a mutation makes no difference here, as far as can be decided."""
    try:
        return key.decide(expression, budget).equal is not False
    except ShapeMismatch:  # The key itself holds at its own sizes only.
        return False


def _with_real_domain(key: AcceptedFormulas, names: list[str]) -> AcceptedFormulas:
    symbols: Mapping[str, Symbol] = {
        name: symbol.model_copy(update={"domain": "real"}) if name in names else symbol
        for name, symbol in key.space.symbols.items()
    }
    return replace(key, space=replace(key.space, symbols=symbols))


def _without_tolerance(key: AcceptedFormulas) -> AcceptedFormulas:
    return replace(key, space=replace(key.space, tolerance=None))
