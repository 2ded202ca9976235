"""Whether what a function returned is what was expected, in what it differs, and whether one simple mistake explains it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from grader.core.arrays import Array, Value, as_tuple
from grader.formula.symbols import format_shape
from grader.sandbox import Run

MAX_TOLD_ARRAYS, MAX_TOLD_AXES, MAX_TOLD_LENGTH = 4, 4, 64
"""Shapes that are told: what honest mistakes bring about, and little that could carry a number."""
MAX_TOLD_TERM = 64
"""Factors that are told: n, 1/n, and n/m with both up to the root of this."""
ZERO_BELOW = 1e-9
"""Entries that count as zero, and how far ratios of the others may be apart, when a common factor is looked for."""


class Difference(Enum):
    """In what a value differs from the expected one; the first that applies."""

    NO_VALUE = "no value"
    COUNT = "number of arrays"
    SHAPE = "shape"
    NOT_FINITE = "not finite"
    VALUES = "values"


@dataclass(frozen=True)
class OutputTolerance:
    """How near an entry a has to be to the expected e: ``|a − e| ≤ absolute + relative · |e|``; whole numbers are exact."""

    relative: float = 1e-6
    absolute: float = 1e-8

    def accepts(self, output: Array, expected: Array) -> bool:
        """True if every entry is near enough; both arrays have the same shape."""
        if expected.dtype.kind in "biu":
            return bool(np.array_equal(output, expected))
        with np.errstate(all="ignore"):
            is_near = np.abs(output - expected) <= self.absolute + self.relative * np.abs(expected)
        # An infinity, or no number, is right where exactly that is expected: no distance can be taken from it.
        is_same = (output == expected) | (np.isnan(output) & np.isnan(expected))
        return bool(np.all(np.where(np.isfinite(expected), is_near, is_same)))


def difference(output: Value, expected: Value, tolerance: OutputTolerance) -> Difference | None:
    """Return in what a value differs from the expected one, None if it is right; shapes are never broadcast."""
    if isinstance(output, tuple) != isinstance(expected, tuple) or len(as_tuple(output)) != len(as_tuple(expected)):
        return Difference.COUNT
    pairs = list(zip(as_tuple(output), as_tuple(expected), strict=True))
    if any(one.shape != wanted.shape for one, wanted in pairs):
        return Difference.SHAPE
    if any(np.isfinite(wanted).all() and not np.isfinite(one).all() for one, wanted in pairs):
        return Difference.NOT_FINITE
    return None if all(tolerance.accepts(one, wanted) for one, wanted in pairs) else Difference.VALUES


def shape_of(value: Value) -> str:
    """Write the shape of an expected value, or the shapes of a tuple."""
    if isinstance(value, tuple):
        return f"a tuple of {len(value)} ({', '.join(format_shape(array.shape) for array in value)})"
    return format_shape(value.shape)


def plausible_shape(value: Value) -> str | None:
    """Write the shape of what a program returned on hidden inputs; None where it could stand for a number that it was given.

    An empty array may have any length along its other axes, and a program that has read a hidden input may put thirty bits there.
    Of a tuple only the number of its arrays is told, since each would carry as much.
    """
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}" if len(value) <= MAX_TOLD_ARRAYS else None
    if value.ndim > MAX_TOLD_AXES or value.size == 0 or max(value.shape, default=0) > MAX_TOLD_LENGTH:
        return None
    return shape_of(value)


def run_meaning(run: Run) -> str:
    """Return a text that is the same for programs that return the same, to six digits, or fail in the same way.

    It is stored with every attempt, and groups equal answers: the sandbox's words for outcomes enter it as they are. Bytes are
    hashed, since numbers as texts take a hundred times their memory.
    """
    meaning = hashlib.blake2b(digest_size=10)
    for trial in run.trials:
        arrays = () if trial.output is None else as_tuple(trial.output)
        meaning.update(f"{trial.outcome} {isinstance(trial.output, tuple)} {len(arrays)};".encode())
        for array in arrays:
            meaning.update(f"{array.shape};".encode())
            for part in (array.real, array.imag) if array.dtype.kind == "c" else (array,):
                meaning.update(_rounded(part).tobytes())
    return meaning.hexdigest()


def _rounded(array: Array) -> Array:
    """Return each entry as a whole number of seven digits and a power of ten; zeros of both signs are one."""
    entries = np.ravel(array).astype(float)
    with np.errstate(all="ignore"):
        powers = np.floor(np.log10(np.abs(entries)))
        digits = np.round(entries / 10.0 ** (powers - 6))
        carried = np.abs(digits) == 10**7  # 9.9999999 is 10.00000.
        digits, powers = np.where(carried, digits / 10, digits), np.where(carried, powers + 1, powers)
        has_digits = (entries != 0) & np.isfinite(digits)
    # A zero, an infinity, what is no number, and what is too small to have seven digits stand for themselves.
    rounded = np.where(has_digits, [digits, powers], [entries, np.zeros_like(entries)]) + 0.0
    return np.where(np.isnan(rounded), np.nan, rounded)


def simple_mistake(
    outputs: Sequence[Value], expected: Sequence[Value], tolerance: OutputTolerance
) -> tuple[str, str] | None:
    """Return the id of one mistake that explains every value, and the factor it speaks of; None if there is none."""
    pairs = [
        pair
        for output, wanted in zip(outputs, expected, strict=True)
        for pair in zip(as_tuple(output), as_tuple(wanted), strict=False)
    ]
    if not pairs or not any(np.any(np.abs(wanted) > ZERO_BELOW) for _, wanted in pairs):
        return None  # Zeros are right with any sign and any factor.

    def explains(changed: list[tuple[Array, Array]]) -> bool:
        return all(one.shape == wanted.shape and tolerance.accepts(one, wanted) for one, wanted in changed)

    # NumPy has no minus for truth values.
    if explains([(-one, wanted) for one, wanted in pairs if one.dtype.kind != "b"]) and pairs[0][0].dtype.kind != "b":
        return "sign-flipped", ""
    if explains([(one.T, wanted) for one, wanted in pairs]):
        return "transposed-shape", ""
    if all(one.size == wanted.size for one, wanted in pairs) and explains(
        [(one.reshape(wanted.shape), wanted) for one, wanted in pairs]
    ):
        return "flattened", ""
    factor = _common_factor(pairs)
    return None if factor is None or not _is_simple(factor) else ("extra-factor", f"{factor:.6g}")


def _is_simple(factor: float) -> bool:
    """Whether a factor is one that people make: any other could carry a number that the program was given."""
    if any(
        abs(each - round(each)) <= ZERO_BELOW * abs(each) <= ZERO_BELOW * MAX_TOLD_TERM for each in (factor, 1 / factor)
    ):
        return True
    return any(
        abs(factor * below - round(factor * below)) <= ZERO_BELOW * abs(factor * below)
        and abs(factor * below) <= math.isqrt(MAX_TOLD_TERM)
        for below in range(2, math.isqrt(MAX_TOLD_TERM) + 1)
    )


def _common_factor(pairs: list[tuple[Array, Array]]) -> float | None:
    """Return the one number that every entry is off by, where there are two entries or more to tell it from."""
    if any(
        output.shape != wanted.shape or wanted.dtype.kind not in "fiu" or output.dtype.kind not in "fiu"
        for output, wanted in pairs
    ):
        return None
    output, wanted = (np.concatenate([np.ravel(pair[side]).astype(float) for pair in pairs]) for side in (0, 1))
    nonzero = np.abs(wanted) > ZERO_BELOW
    ratios = output[nonzero] / wanted[nonzero]
    factor = float(np.median(ratios))
    is_constant = np.all(np.abs(ratios - factor) <= ZERO_BELOW * abs(factor)) and np.all(
        np.abs(output[~nonzero]) <= ZERO_BELOW
    )
    return factor if is_constant and ratios.size > 1 and np.isfinite(factor) and factor != 0 else None
