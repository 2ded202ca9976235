"""The catalogue of mistakes in formulas: their names, and what is said of each.

``hint`` may be shown before the key is; it names neither a place nor what belongs there. ``clause`` names both, as a clause that
follows “This looks like the key, but”.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Wording(NamedTuple):
    """What is said of one mistake at each level; ``{0}`` and ``{1}`` are the places, those of a formula in LaTeX."""

    hint: str
    clause: str


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
