"""Whether what a function returned is what was expected."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from grader.core.arrays import Array, Value, several
from grader.formula.symbols import format_shape
from grader.sandbox import Run

Difference = Literal["", "count", "shape", "not finite", "values"]
CLOSE = 1e-9


@dataclass(frozen=True)
class Tolerance:
    """How near an entry a has to be to the expected e: ``|a − e| ≤ absolute + relative · |e|``; whole numbers are exact."""

    relative: float = 1e-6
    absolute: float = 1e-8

    def near(self, given: Array, expected: Array) -> bool:
        """Compare two arrays of one shape."""
        if expected.dtype.kind in "biu":
            return bool(np.array_equal(given, expected))
        with np.errstate(all="ignore"):
            close = np.abs(given - expected) <= self.absolute + self.relative * np.abs(expected)
        ends = (given == expected) | (np.isnan(given) & np.isnan(expected))
        return bool(np.all(np.where(np.isfinite(expected), close, ends)))


def difference(given: Value, expected: Value, tolerance: Tolerance) -> Difference:
    """Return in what a value differs from the expected one; shapes are never broadcast."""
    if isinstance(given, tuple) != isinstance(expected, tuple) or len(several(given)) != len(several(expected)):
        return "count"
    pairs = list(zip(several(given), several(expected), strict=True))
    if any(one.shape != other.shape for one, other in pairs):
        return "shape"
    if any(np.isfinite(other).all() and not np.isfinite(one).all() for one, other in pairs):
        return "not finite"
    return "" if all(tolerance.near(one, other) for one, other in pairs) else "values"


def shape_of(value: Value) -> str:
    """Write the shape of a value, or the shapes of a tuple."""
    if isinstance(value, tuple):
        return f"a tuple of {len(value)} ({', '.join(format_shape(each.shape) for each in value)})"
    return format_shape(value.shape)


def meaning(run: Run) -> str:
    """Return a text that is the same for programs that return the same, to six digits, or fail in the same way."""
    told = [
        each.outcome
        if each.output is None
        else [(one.shape, [f"{entry:.6e}" for entry in one.ravel().tolist()]) for one in several(each.output)]
        for each in run.trials
    ]
    return hashlib.blake2b(repr(told).encode(), digest_size=10).hexdigest()


def slip(given: Sequence[Value], expected: Sequence[Value], tolerance: Tolerance) -> tuple[str, str]:
    """Return the name of one simple mistake that explains every value, with what it speaks of; empty where there is none."""
    pairs = [
        pair
        for one, other in zip(given, expected, strict=True)
        for pair in zip(several(one), several(other), strict=False)
    ]
    if not pairs or not any(np.any(np.abs(wanted) > CLOSE) for _, wanted in pairs):
        return "", ""

    def explains(made: list[tuple[Array, Array]]) -> bool:
        return all(one.shape == other.shape and tolerance.near(one, other) for one, other in made)

    if explains([(-one, wanted) for one, wanted in pairs if one.dtype.kind != "b"]) and pairs[0][0].dtype.kind != "b":
        return "sign-flipped", ""
    if explains([(one.T, wanted) for one, wanted in pairs]):
        return "transposed-shape", ""
    if all(one.size == wanted.size for one, wanted in pairs) and explains(
        [(one.reshape(wanted.shape), wanted) for one, wanted in pairs]
    ):
        return "flattened", ""
    return _factor(pairs)


def _factor(pairs: list[tuple[Array, Array]]) -> tuple[str, str]:
    if any(
        one.shape != wanted.shape or wanted.dtype.kind not in "fiu" or one.dtype.kind not in "fiu"
        for one, wanted in pairs
    ):
        return "", ""
    one, wanted = (np.concatenate([np.ravel(each[side]).astype(float) for each in pairs]) for side in (0, 1))
    some = np.abs(wanted) > CLOSE
    ratios = one[some] / wanted[some]
    factor = float(np.median(ratios))
    steady = np.all(np.abs(ratios - factor) <= CLOSE * abs(factor)) and np.all(np.abs(one[~some]) <= CLOSE)
    return (
        ("extra-factor", f"{factor:.6g}")
        if steady and ratios.size > 1 and np.isfinite(factor) and factor != 0
        else ("", "")
    )
