"""The notation sheet: everything that may be typed, made from the table of functions and read by the parser itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from grader.formula.expression import Expression, call, symbol
from grader.formula.functions.table import CONSTANTS, ROWS, Function, Group
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import read
from grader.formula.symbols import Symbol
from grader.formula.writing.latex import latex
from grader.formula.writing.plain_text import typed

SHAPES = {"A": (3, 3), "B": (3, 3), "u": (3,), "v": (3,), "x": (), "y": (), "z": (), "W_sx": (3, 3)}
LETTERS = Vocabulary({name: Symbol(shape=shape) for name, shape in SHAPES.items()}, SHAPES, "elementwise")
WRITING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("names, however their scripts are typed", ("W_sx", "Wsx", "W^{sx}", "w_sx")),
    ("transpose", ("A^T", "A.T", "A'", "Aᵀ", r"A^\top")),
    ("product of matrices", ("A B", "A @ B", "A · B", r"A \cdot B")),
    ("product entry by entry", ("A ⊙ B", "A ∘ B", r"A \odot B")),
    ("product of numbers", ("2 x y", "2xy", "2 * x * y")),
    ("quotient", ("x/y", r"\frac{x}{y}")),
    ("power of a number or of entries", ("x^2", "x**2", "x²")),
    ("power and inverse of a matrix", ("A^2 B^-1", "A^2 inv(B)")),
    ("power entry by entry", ("A**2", r"A^{\odot 2}")),
    ("vector", ("[1, 2, x]",)),
    ("matrix, its rows parted by semicolons", ("[1, 2; 3, 4]", "[[1, 2], [3, 4]]", r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}")),
    ("one on top of the other", ("[u; v]", "concatenate([u, v])")),
    ("entry, row and column, counted from 0", ("A[0, 1]",)),
    ("all of a column; a slice", ("A[:, 0]",)),
    ("absolute value", ("|x|", "abs(x)")),
    ("determinant", ("|A|", "det(A)")),
    ("norm", ("‖u‖", "||u||", "norm(u)")),
    ("scalar product", ("⟨u, v⟩", "sum(u * v)")),
    ("comparison: 1 where it holds, else 0", ("x ≤ y", "x <= y")),
    ("indicator", ("1[x > y]", "I(x > y)")),
    ("identity matrix", ("I_3", "eye(3)", "I_{3}")),
    ("factorial", ("x!", "factorial(x)")),
    ("square root", ("√x", "sqrt(x)")),
    ("along an axis", ("sum(A, axis=0)", "A.sum(axis=0)", "A.sum(0)")),
    ("derivative of a function", ("tanh'(x)",)),
)  # fmt: skip
"""What is typed in one way or another; the first is what the sheet shows typeset."""


@dataclass(frozen=True)
class Line:
    """One line of the sheet: what it is, how it is typed, and how that is shown."""

    says: str
    typed: tuple[str, ...]
    latex: str


def sections() -> Mapping[str, tuple[Line, ...]]:
    """Return the sheet by headings."""
    found = {"Writing": tuple(_written())}
    for group in get_args(Group):
        if group != "Operators":
            found[group] = tuple(_function(row) for row in ROWS if row.group == group)
    found["Constants"] = tuple(Line("", (name,), tex) for name, (_, tex) in CONSTANTS.items())
    return found


def _written() -> Iterator[Line]:
    for says, texts in WRITING:
        yield Line(says, texts, latex(read(texts[0], LETTERS).expression, LETTERS))


def _function(row: Function) -> Line:
    example = sample(row)
    first = typed(example, LETTERS, "numpy")
    spellings = [spelling for spelling in row.spellings if spelling.casefold() != row.name]
    return Line(row.description, (first, *spellings), latex(example, LETTERS))


def sample(row: Function) -> Expression:
    """Return the function applied to letters that it fits."""
    if row.name == "index":
        return read("A[0, 1]", LETTERS).expression
    if row.name == "einsum":
        return read("einsum('ij,jk->ik', A, B)", LETTERS).expression
    if row.form == "sizes":
        return call(row.name, shape=(1, 3) if row.name == "onehot" else (3,) if row.name == "eye" else (2, 3))
    letters = _letters(row)
    count = len(letters) if row.form == "list" else row.arity[0]
    attributes: dict[str, dict[str, Any]] = {
        "reshape": {"shape": (9,)},
        "matrix_power": {"n": 3},
        "cumsum": {"axis": 0},
        "softmax": {"axis": 1},
    }
    args = [symbol(name) for name in letters[:count]]
    return read(typed(call(row.name, *args, **attributes.get(row.name, {})), LETTERS, "numpy"), LETTERS).expression


def _letters(row: Function) -> str:
    if row.form == "list" or row.name == "outer":
        return "uv"
    if row.group in ("Reducing", "Matrices", "Arrays") or row.name == "softmax":
        return "AB" if row.name != "solve" else "Au"
    return "xyz"
