"""What is said of a mistake that nobody had to foresee: one table for every kind of answer.

``hint`` may be shown before the key is; it asks where to look, and names neither a place nor what belongs there. ``says``
names both; of a formula it is a clause that follows “This looks like the key, but”. An author's own sentence for a level
goes before that of the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grader.verdict import Mistake

LOOKS = "This looks like the key, but "


class Wording(NamedTuple):
    """What is said of one mistake at each level; ``{0}`` and ``{1}`` are the places, those of a formula in LaTeX."""

    hint: str
    says: str


TRANSPOSES = "Look at every transpose: is each one where it belongs, and is there one where one is needed?"
FACTORS = "Follow the factors one by one: is one missing, or one too many?"
SIGNS = "Check the signs."
PRODUCTS = "Which of the products go entry by entry, and which are products of matrices?"
NAMES = "Check that each symbol is the one that is meant."
NUMBERS = "Check the numbers in your formula."
AVERAGES = "Is this a sum or an average, and over how many?"
POWERS = "Check the powers and the roots."
FUNCTIONS = "Check the functions: is each the one that is asked for, or its derivative?"
BRACKETS = "Check the brackets: what does each operation apply to?"

FORMULAS: Mapping[str, Wording] = {
    "sign-flipped": Wording(SIGNS, "the sign of the whole is flipped"),
    "transposed-shape": Wording("Look at the shape of your result, and at the shape of what is asked.", "the whole is transposed"),
    "flattened": Wording("Look at the shape of your result, and at the shape of what is asked.", "its numbers lie in a vector of another shape"),
    "wrong-axis": Wording("Along which axis is this to be taken?", "${0}$ goes along another axis"),
    "missing-transpose": Wording(TRANSPOSES, "the transpose of ${0}$ is missing"),
    "extra-transpose": Wording(TRANSPOSES, "${0}$ is transposed where it should not be"),
    "split-apart": Wording("Does this operation go into a sum, or into a product?", "${0}$ was taken apart term by term"),
    "order-swapped": Wording("Matrices cannot change places: check the order of the factors.", "${0}$ and ${1}$ have changed places"),
    "order-changed": Wording("Matrices cannot change places: check the order of the factors.", "the factors of ${0}$ stand in another order"),
    "elementwise-instead-of-matmul": Wording(PRODUCTS, "${0}$ and ${1}$ are multiplied entry by entry instead of as matrices"),
    "matmul-instead-of-elementwise": Wording(PRODUCTS, "${0}$ and ${1}$ are multiplied as matrices instead of entry by entry"),
    "term-sign": Wording(SIGNS, "the sign before ${0}$ is flipped"),
    "reversed-difference": Wording(SIGNS, "the difference ${0}$ is the wrong way round"),
    "missing-factor": Wording(FACTORS, "the factor ${0}$ is missing"),
    "missing-divisor": Wording("Is everything divided by what it should be divided by?", "the division by ${0}$ is missing"),
    "multiplied-instead-of-divided": Wording("Which quantity is divided by which?", "it is multiplied by ${0}$ instead of divided"),
    "divided-instead-of-multiplied": Wording("Which quantity is divided by which?", "it is divided by ${0}$ instead of multiplied"),
    "missing-term": Wording("Is there a term for everything that contributes?", "the term ${0}$ is missing"),
    "missing-inverse": Wording("Is there an inverse wherever one is needed?", "the inverse of ${0}$ is missing"),
    "inverse-instead-of-transpose": Wording("Is an inverse what is needed here?", "there is an inverse where the transpose of ${0}$ belongs"),
    "transpose-instead-of-inverse": Wording("Is a transpose what is needed here?", "there is a transpose where the inverse of ${0}$ belongs"),
    "sum-instead-of-mean": Wording(AVERAGES, "there is a sum where the mean of ${0}$ belongs"),
    "mean-instead-of-sum": Wording(AVERAGES, "there is a mean where the sum of ${0}$ belongs"),
    "missing-square": Wording(POWERS, "the square of ${0}$ is missing"),
    "missing-root": Wording(POWERS, "the square root of ${0}$ is missing"),
    "extra-square": Wording(POWERS, "${0}$ is squared where it should not be"),
    "extra-root": Wording(POWERS, "there is the square root of ${0}$ where ${0}$ itself belongs"),
    "missing-complement": Wording("Is this the share that is asked for, or the rest of it?", "${0}$ stands where ${1}$ belongs"),
    "extra-complement": Wording("Is this the share that is asked for, or the rest of it?", "$1 - {0}$ stands where ${0}$ belongs"),
    "upside-down": Wording("Which quantity is divided by which?", "the fraction ${0}$ is upside down"),
    "wrong-divisor": Wording(AVERAGES, "in ${0}$ the other one of n and n − 1 divides"),
    "other-order": Wording("In which order do the operations go?", "${0}$ stands where ${1}$ belongs"),
    "off-by-one": Wording("Check the indices: do they count from 0 or from 1?", "the index in ${0}$ is off by one"),
    "wrong-exponent": Wording(POWERS, "there is another exponent where ${0}$ belongs"),
    "wrong-function": Wording(FUNCTIONS, "${0}$ stands where ${1}$ belongs"),
    "swapped-branches": Wording("Which of the two cases gives which value?", "the two cases of ${0}$ are swapped"),
    "missing-derivative": Wording(FUNCTIONS, "${0}$ stands where its derivative belongs"),
    "extra-derivative": Wording(FUNCTIONS, "the derivative of ${0}$ stands where ${0}$ itself belongs"),
    "missing-function": Wording(FUNCTIONS, "${0}$ stands where ${1}$ belongs"),
    "misplaced-bracket": Wording(BRACKETS, "${0}$ stands where ${1}$ belongs"),
    "wrong-number": Wording(NUMBERS, "the number ${0}$ stands where ${1}$ belongs"),
    "wrong-variable": Wording(NAMES, "${0}$ stands where ${1}$ belongs"),
    "extra-factor": Wording(FACTORS, "there is a factor ${0}$ too many"),
    "extra-constant": Wording("Is there a constant too many, or one too few?", "the constant ${0}$ is added to it"),
}  # fmt: skip
"""The simplest first: of two names for one value the earlier is given."""

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
TABLES: Mapping[str, Mapping[str, Wording]] = {
    "formula": FORMULAS, "function": FUNCTION, "dimensions": DIMENSIONS, "number": NUMBER, "choices": CHOICES,
}  # fmt: skip


def mistake(kind: str, name: str, *places: str) -> Mistake:
    """Return a mistake of a kind in the words of the table."""
    wording = TABLES[kind][name]
    return Mistake(id=name, sentence=wording.says.format(*places), hint=wording.hint)


def slips(named: Sequence[tuple[str, Sequence[str]]], misfit: bool = False) -> Mistake:
    """Return one or two slips in a formula as one mistake; the name of two different ones joins both."""
    clauses = [FORMULAS[name].says.format(*places) for name, places in named]
    hints = dict.fromkeys(FORMULAS[name].hint for name, _ in named)
    end = ", so that the shapes do not fit." if misfit else "."
    name = "+".join(dict.fromkeys(name for name, _ in named))
    return Mistake(id=name, sentence=LOOKS + ", and ".join(clauses) + end, hint=" ".join(hints))
