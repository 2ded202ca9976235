"""Values of a symbol, exact: floats with few digits, or fractions where a domain needs them; always within the domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.random import Generator

from grader.formula.symbols import Domain, Range

Exact = Any
"""An array of floats, each meant exactly, or of ``flint.fmpq``; a single one for a single number."""
Size = tuple[int, ...]
RANDOM_BITS = 30
"""Random bits of a number: few enough that small polynomials come out of balls exactly."""
TINY = 2.0**-40
MAX_WHOLE_NUMBER = 10**18
MIN_LARGE_DIGITS = 9
UNEVEN_SCALE = 4.0
"""Beyond this scale values are drawn near the edges of some domains: shares of very different sizes, nearly singular matrices."""
DISCRETE = frozenset(("int", "posint", "onehot", "binary"))
STRUCTURED = frozenset(("sym", "spd", "orth", "diagm", "skew", "onehot", "simplex", "rowstoch"))
_SHORT_NAMES = {
    "positive": "pos", "nonnegative": "nonneg", "negative": "neg", "integer": "int", "positive-integer": "posint", "probability": "prob",
    "symmetric": "sym", "orthogonal": "orth", "diagonal": "diagm",
}  # fmt: skip


def short_name(domain: Domain) -> str:
    """Return the short name of a domain; ``range`` for an interval."""
    if isinstance(domain, str):
        return _SHORT_NAMES.get(domain, domain)
    return "range"


def interval(domain: Domain) -> tuple[float, float] | None:
    """Return the ends of a bounded domain of numbers: floats within it, where a decimal such as 0.1 is none."""
    if isinstance(domain, Range):
        return _inside(domain.range)
    if isinstance(domain, tuple):
        return _inside(domain)
    return {"prob": (0.0, 1.0), "unit": (-1.0, 1.0)}.get(short_name(domain))


@cache
def _inside(ends: tuple[float, float]) -> tuple[float, float]:
    low, high = ends
    if np.isfinite(low) and Fraction(low) < Fraction(repr(low)):
        low = float(np.nextafter(low, np.inf))
    if np.isfinite(high) and Fraction(high) > Fraction(repr(high)):
        high = float(np.nextafter(high, -np.inf))
    return (low, high) if low <= high else ends


def sample(domain: Domain, shape: Size, draw: Generator, scale: float = 1.0) -> Exact:
    """Return one random value of the domain; ``scale``, a power of two, stretches what has no natural scale."""
    if ends := interval(domain):
        return point_of_interval(ends, draw.integers(1, 2**RANDOM_BITS, size=shape) / 2.0**RANDOM_BITS)
    return _SAMPLERS[short_name(domain)](shape, draw, scale)


def point_of_interval(ends: tuple[float, float], share: Any) -> Any:
    """Return the point of an interval at a share of its length."""
    return np.clip(ends[0] + (ends[1] - ends[0]) * share, *ends)


def _positive(shape: Size, draw: Generator, scale: float) -> Exact:
    return scale * (draw.integers(1, 2**RANDOM_BITS, size=shape) / 2.0 ** (RANDOM_BITS - 2))


def _real(shape: Size, draw: Generator, scale: float) -> Exact:
    return _positive(shape, draw, scale) * (1.0 - 2.0 * draw.integers(2, size=shape))


def whole_numbers(shape: Size, draw: Generator, least: float = 0) -> Exact:
    """Return whole numbers of every size from 10^least to 10^18, as exact fractions."""
    logs = draw.uniform(least, 18, size=shape)
    return np.frompyfunc(lambda log: fmpq(min(int(10.0**log), MAX_WHOLE_NUMBER)), 1, 1)(logs)


def _positive_integers(shape: Size, draw: Generator, scale: float) -> Exact:
    if scale > UNEVEN_SCALE:
        return whole_numbers(shape, draw, MIN_LARGE_DIGITS)
    return draw.integers(1, 3 + int(9 * scale), size=shape).astype(float)


def _integers(shape: Size, draw: Generator, scale: float) -> Exact:
    if scale > UNEVEN_SCALE:
        return whole_numbers(shape, draw, MIN_LARGE_DIGITS) * (1 - 2 * draw.integers(2, size=shape)).astype(object)
    return draw.integers(-1 - int(9 * scale), 2 + int(9 * scale), size=shape).astype(float)


def _square(shape: Size, draw: Generator, scale: float) -> Any:
    return scale * (draw.integers(-(2**12), 2**12, size=shape) / 2.0**10)


def _symmetric(shape: Size, draw: Generator, scale: float) -> Exact:
    any_matrix = _square(shape, draw, scale)
    return any_matrix + any_matrix.T


def _skew(shape: Size, draw: Generator, scale: float) -> Exact:
    any_matrix = _square(shape, draw, scale)
    return any_matrix - any_matrix.T


def _positive_definite(shape: Size, draw: Generator, scale: float) -> Exact:
    any_matrix = _square(shape, draw, 1.0)
    ridge = 2.0 ** -float(draw.integers(3, 24 if scale > UNEVEN_SCALE else 4))
    return scale * (any_matrix @ any_matrix.T + np.eye(shape[0]) * ridge)


def _diagonal(shape: Size, draw: Generator, scale: float) -> Exact:
    return np.diag(_real(shape[:1], draw, scale))


def _orthogonal(shape: Size, draw: Generator, scale: float) -> Exact:
    """Rotations by Cayley's formula (I − S)(I + S)⁻¹ with a rational skew S, times a permutation with signs.

    Cayley's formula alone gives no reflection and hardly a rotation by more than a right angle.
    """
    size = shape[0]
    upper = np.triu(draw.integers(-64, 65, size=shape), 1) >> draw.integers(0, 7)
    skew = fmpq_mat(size, size, [fmpq(int(each), 64) for each in (upper - upper.T).ravel()])
    identity = fmpq_mat(size, size, [fmpq(int(each)) for each in np.eye(size).ravel()])
    rotation = (identity - skew) * (identity + skew).inv()
    made = np.array(rotation.entries(), dtype=object).reshape(shape)
    if draw.integers(4) == 0:
        return made * int(draw.choice([-1, 1]))
    return made[:, draw.permutation(size)] * (1 - 2 * draw.integers(2, size=size)).astype(object)


def _one_hot(shape: Size, draw: Generator, scale: float) -> Exact:
    value = np.zeros(shape)
    value.flat[draw.integers(value.size)] = 1.0
    return value


def _simplex(shape: Size, draw: Generator, scale: float) -> Exact:
    """Shares of a whole; beyond scale 4 of very different sizes."""
    parts = [int(each) for each in draw.integers(1, 2**20, size=shape).ravel()]
    if scale > UNEVEN_SCALE:
        parts = [each << int(much) for each, much in zip(parts, draw.integers(0, 50, size=len(parts)), strict=True)]
    total = sum(parts)
    return np.array([fmpq(each, total) for each in parts], dtype=object).reshape(shape)


def _rows(shape: Size, draw: Generator, scale: float) -> Exact:
    return np.stack([_simplex(shape[-1:], draw, scale) for _ in range(int(np.prod(shape[:-1])))]).reshape(shape)


def _binary(shape: Size, draw: Generator, scale: float) -> Exact:
    return draw.integers(0, 2, size=shape).astype(float)


_SAMPLERS: Mapping[str, Callable[[Size, Generator, float], Exact]] = {
    "real": _real, "pos": _positive, "nonneg": _positive, "neg": lambda shape, draw, scale: -_positive(shape, draw, scale),
    "int": _integers, "posint": _positive_integers, "sym": _symmetric, "spd": _positive_definite, "orth": _orthogonal, "diagm": _diagonal,
    "skew": _skew, "onehot": _one_hot, "simplex": _simplex, "rowstoch": _rows, "binary": _binary,
}  # fmt: skip
SAMPLED_DOMAINS = (*_SAMPLERS, "prob", "unit")


def map_into(domain: Domain, value: Any) -> Any:
    """Move floats into an unstructured domain of numbers, continuously."""
    if ends := interval(domain):
        return point_of_interval(ends, 0.5 + np.arctan(value) / np.pi)
    name = short_name(domain)
    if name in ("pos", "nonneg"):
        return np.abs(value) + (TINY if name == "pos" else 0.0)
    return -np.abs(value) - TINY if name == "neg" else value


def is_fractional(value: Exact) -> bool:
    """Whether a value is made of fractions, not of floats."""
    return isinstance(value, fmpq) or (isinstance(value, np.ndarray) and value.dtype.kind == "O")


def to_floats(value: Exact) -> Any:
    """Return the nearest floats of an exact value."""
    if is_fractional(value):
        return np.asarray(np.frompyfunc(lambda each: int(each.p) / int(each.q), 1, 1)(value), dtype=float)
    return value
