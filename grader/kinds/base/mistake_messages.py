"""What is said of a mistake that nobody had to foresee: one table for every kind of answer.

``hint`` may be shown before the key is; it asks where to look, and names neither a place nor what belongs there. ``says``
names both; of a formula it is a clause that follows “This looks like the key, but”. An author's own sentence for a level
goes before that of the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.core.verdict import Mistake
from grader.formula.mistakes.catalogue import FACTORS, FORMULAS, SIGNS, Wording

LOOKS = "This looks like the key, but "


ROWS = "A shape is written rows × columns: count what comes out, and what goes in."
DIMENSIONS: Mapping[str, Wording] = {
    "transposed-shape": Wording(ROWS, "Rows and columns are swapped: the rows belong to what comes out, the columns to what goes in."),
    "counted-entries": Wording(ROWS, "The entries were counted; a shape is written rows × columns."),
    "ignored-stacking": Wording(ROWS, "What is stacked here has length ${0}$ in all, not ${1}$."),
    "square-of-stack": Wording(ROWS, "Only one axis has the length of what is stacked, ${0}$; the other has length ${1}$."),
    "wrong-variable": Wording(ROWS, "The length of one axis is ${0}$, not ${1}$."),
    "number-of-axes": Wording(ROWS, "What is asked has {0}; you wrote {1}."),
}  # fmt: skip
"""One hint for all: the name of the mistake and what was written give the shape away."""
NUMBER: Mapping[str, Wording] = {
    "sign-flipped": Wording("", "The sign is wrong."),
    "reciprocal": Wording("", "This is one over the number that is asked."),
    "percent": Wording("", "This is off by a factor of 100, as between a share and a percentage."),
    "power-of-ten": Wording("", "This is off by a factor of {0}."),
    "degrees": Wording("", "This is off by a factor of π/180, as between degrees and radians."),
    "complement": Wording("", "This is 1 minus the number that is asked."),
    "rounded-early": Wording("", "This is close to the number that is asked: something was rounded too early."),
}  # fmt: skip
"""Without hints: each would give the number away to whoever knows what was typed."""
CHOICES: Mapping[str, Wording] = {
    "opposite-options": Wording("", "Exactly the options that are not true were chosen."),
    "missed-option": Wording("", "One true option was not chosen: {0}."),
    "extra-option": Wording("", "One option was chosen that is not true: {0}."),
}
"""Without hints: whether something is missing or too much says too much as long as one may try again."""
FUNCTION: Mapping[str, Wording] = {
    "sign-flipped": Wording(SIGNS, "Everything that it returns has the other sign."),
    "transposed-shape": Wording("Look at the shape of what is returned.", "What it returns is transposed."),
    "flattened": Wording(
        "Look at the shape of what is returned.", "The numbers are right, but their array has another shape."
    ),
    "extra-factor": Wording(FACTORS, "What it returns is ${0}$ times what is asked."),
}
CATALOGUES: Mapping[str, Mapping[str, Wording]] = {
    "formula": FORMULAS, "function": FUNCTION, "dimensions": DIMENSIONS, "number": NUMBER, "choices": CHOICES,
}  # fmt: skip


def mistake_message(kind: str, name: str, *places: str) -> Mistake:
    """Return a mistake of a kind in the words of the table."""
    wording = CATALOGUES[kind][name]
    return Mistake(id=name, sentence=wording.clause.format(*places), hint=wording.hint)


def formula_mistake_message(named: Sequence[tuple[str, Sequence[str]]], misfit: bool = False) -> Mistake:
    """Return one or two slips in a formula as one mistake; the name of two different ones joins both."""
    clauses = [FORMULAS[name].clause.format(*places) for name, places in named]
    hints = dict.fromkeys(FORMULAS[name].hint for name, _ in named)
    end = ", so that the shapes do not fit." if misfit else "."
    name = "+".join(dict.fromkeys(name for name, _ in named))
    return Mistake(id=name, sentence=LOOKS + ", and ".join(clauses) + end, hint=" ".join(hints))
