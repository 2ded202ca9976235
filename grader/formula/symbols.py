"""Symbol declarations of a problem: the shape, domain and notation of each name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

SUM = r"^[A-Za-z][A-Za-z0-9_]*( *\+ *([A-Za-z][A-Za-z0-9_]*|[0-9]{1,2}))*$"


def normalize_sum(dims: Iterable[str]) -> str:
    """Write a sum of axis lengths in the one order that all sums have: the number first, then the letters."""
    terms = [dim.strip() for dim in dims]
    number = sum(int(each) for each in terms if each.isdecimal())
    return "+".join([str(number)] * (number > 0) + sorted(each for each in terms if not each.isdecimal()))


Dim = (
    Annotated[int, Field(ge=1, le=64)]
    | Annotated[str, Field(pattern=SUM), AfterValidator(lambda dim: normalize_sum(dim.split("+")))]
)
"""One axis length: a number, a letter of the problem's ``sizes``, or a sum such as ``m + d``, kept as ``d+m``."""
Shape = tuple[Dim, ...]
"""A shape as written: ``()`` is a scalar, ``(n,)`` a vector, ``(m, d)`` a matrix."""
Sizes = Mapping[str, int]

DomainWord = Literal[
    "real",
    "pos",
    "positive",
    "nonneg",
    "nonnegative",
    "neg",
    "negative",
    "int",
    "integer",
    "posint",
    "positive-integer",
    "prob",
    "probability",
    "unit",
    "sym",
    "symmetric",
    "spd",
    "orth",
    "orthogonal",
    "diagm",
    "diagonal",
    "skew",
    "onehot",
    "simplex",
    "rowstoch",
    "binary",
]


SQUARE = frozenset(("sym", "symmetric", "spd", "orth", "orthogonal", "diagm", "diagonal", "skew"))
"""Domains that only a square matrix has."""


class Range(BaseModel):
    """The closed interval from ``range[0]`` to ``range[1]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    range: tuple[float, float]


Domain = DomainWord | tuple[float, float] | Range


class Symbol(BaseModel):
    """A declared symbol; ``tex`` is how it is typeset, ``also`` the other names that students may type."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    shape: Annotated[Shape, Field(max_length=4)] = ()
    domain: Domain = "real"
    tex: str | None = None
    also: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _square(self) -> Symbol:
        if self.domain in SQUARE and (len(self.shape) != 2 or self.shape[0] != self.shape[1]):
            raise ValueError(f"only a square matrix is {self.domain}")
        return self


Symbols = Mapping[str, Symbol]


def in_numbers(shape: Shape, sizes: Sizes) -> tuple[int, ...]:
    """Put the stated sizes for the letters of a shape; a letter without a size is a KeyError."""
    return tuple(dim if isinstance(dim, int) else _length(dim, sizes) for dim in shape)


def _length(dim: str, sizes: Sizes) -> int:
    if dim in sizes:
        return sizes[dim]
    return sum(int(each) if each.isdecimal() else sizes[each] for each in dim.split("+"))


def letters(shape: Shape) -> list[str]:
    """Return the letters of a shape, those in sums too."""
    terms = (each for dim in shape if isinstance(dim, str) for each in dim.split("+"))
    return [each for each in terms if not each.isdecimal()]


def format_shape(shape: Shape) -> str:
    """Write a shape for people: ``2×4``, ``m×d``; a vector is ``(n,)`` and a scalar ``1×1`` is not assumed."""
    if len(shape) == 0:
        return "a single number"
    if len(shape) == 1:
        return f"({shape[0]},)"
    return "×".join(format_dim(dim) for dim in shape)


def format_dim(dim: Dim) -> str:
    """Write one axis length of several: a sum in brackets."""
    return f"({dim})" if isinstance(dim, str) and "+" in dim else str(dim)
