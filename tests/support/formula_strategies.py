"""Symbols like those of We Recur!, at distinct sizes."""

from __future__ import annotations

from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.symbols import Symbol, in_numbers

SIZES = {"d": 3, "m": 4, "n": 2}
SYMBOLS = {
    "W_ss": Symbol(shape=("m", "m")),
    "W_sx": Symbol(shape=("m", "d"), tex="W^{sx}"),
    "W_o": Symbol(shape=("n", "m"), tex="W^{o}", also=("W_0",)),
    "x_t": Symbol(shape=("d", 1), tex="x_t", also=("x",)),
    "g": Symbol(shape=("n", 1), tex=r"\frac{\partial L}{\partial z^2_t}", also=("dLoss/dz2_t", "dL/dz2")),
    "a": Symbol(domain="pos"),
    "b": Symbol(),
    "v": Symbol(shape=("n",)),
}
NUMBERS = {name: in_numbers(symbol.shape, SIZES) for name, symbol in SYMBOLS.items()}
LETTERS = {name: symbol.shape for name, symbol in SYMBOLS.items()}


def vocabulary() -> Vocabulary:
    """The names that answers may use, with their shapes at the stated sizes."""
    return Vocabulary(SYMBOLS, NUMBERS, "elementwise")
