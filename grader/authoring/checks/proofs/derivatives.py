"""Derivatives of functions of the model, with an estimate of their error: ``scipy.differentiate`` does the work.

All entries at all points are differentiated together, so that each round of refinement is one question to the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.authoring.checks.proofs.model import ExecutableModel, Point, select_output, with_argument
from grader.core.errors import nearest
from grader.formula.equality.sampling.domains import DISCRETE, short_name
from grader.formula.symbols import format_shape
from grader.kinds.base.context import BlankSpecError

STEP = 0.05
"""The first step, as a share of the argument's size, at least of a tenth."""
ACCURATE = 1e-7
"""An estimated error below this share of the largest entry counts as accurate."""
MAX_DERIVATIVE_ENTRIES = 20_000
NOISE = 1e-12
"""The share of the largest value nearby, over the argument's size, that rounding alone makes of a slope."""
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Derivative:
    """The Jacobian at one point, its axes those of the value and then those of the argument; None where it is not accurate.

    ``spread`` is how well each entry is known.
    """

    jacobian: Array | None
    why: str = ""
    spread: Any = 0.0


def jacobians(
    model: ExecutableModel,
    function: str,
    wrt: str,
    where: Sequence[Point],
    left: str | None = None,
    output: int | None = None,
) -> list[Derivative]:
    """Differentiate a function by one argument at several points of the same sizes.

    ``left`` names the argument whose value multiplies the function's from the left, entry by entry, before the sum over
    all entries is differentiated: a vector-Jacobian product. ``output`` is the place in a tuple. Raises BlankSpecError.
    """
    symbol = model.argument(function, wrt)
    if short_name(symbol.domain) in DISCRETE:
        raise BlankSpecError(f"{wrt!r} takes whole numbers only: there is no derivative by it")
    if left is not None and left not in where[0]:
        raise BlankSpecError(f"{left!r} is no symbol", (), nearest(left, model.symbols))
    values = _values(model, function, where, output, left)
    told = next((each for each in values if not isinstance(each, str)), None)
    if told is None:
        return [Derivative(None, str(each)) for each in values]
    dims, own = told.shape, np.shape(where[0][wrt])
    entries, count = int(np.prod(own)), max(1, told.size)
    if entries * count * len(where) > MAX_DERIVATIVE_ENTRIES:
        raise BlankSpecError(f"the derivative of {function} has too many entries to be worked out: {entries * count:,}")
    good = [number for number, each in enumerate(values) if not isinstance(each, str) and each.shape == dims]
    grid = np.array([(number, i, j) for number in good for i in range(entries) for j in range(count)])
    found = _differentiated(model, function, wrt, where, grid, output, left)
    results = [Derivative(None, str(each) if isinstance(each, str) else "its shape changes") for each in values]
    for place, number in enumerate(good):
        block = slice(place * entries * count, (place + 1) * entries * count)
        slopes, errors, noises = (each[block] for each in found)
        results[number] = _judged(slopes, errors, noises, (entries, count, dims, own))
    return results


def _judged(slopes: Array, errors: Array, noises: Array, shape: tuple[Any, ...]) -> Derivative:
    entries, count, dims, own = shape
    if not np.isfinite(slopes).all():
        return Derivative(None, "the function has no value nearby")
    spread = 2 * np.maximum(errors, noises)
    scale, error = float(np.max(np.abs(slopes), initial=0.0)), float(np.max(spread, initial=0.0))
    if scale > np.max(noises, initial=0.0) and error > ACCURATE * scale:
        return Derivative(None, f"the derivative is known to ±{error:.0e} only")

    def laid_out(each: Array) -> Array:
        return each.reshape(entries, count).T.reshape((*dims, *own))

    return Derivative(laid_out(np.where(np.abs(slopes) <= noises, 0.0, slopes)), spread=laid_out(spread))


def _differentiated(
    model: ExecutableModel,
    function: str,
    wrt: str,
    where: Sequence[Point],
    grid: NDArray[Any],
    output: int | None,
    left: str | None,
) -> tuple[Array, Array, Array]:
    from scipy.differentiate import derivative  # It takes half a second to load.

    start = np.array([np.asarray(where[n][wrt], dtype=float).ravel()[i] for n, i, _ in grid])
    known: dict[tuple[int, int, float], Array] = {}
    largest = np.zeros(len(where))

    def value(x: Array, number: NDArray[Any], entry: NDArray[Any], place: NDArray[Any]) -> Array:
        x, number, entry, place = np.broadcast_arrays(x, number, entry, place)
        asked = list(zip(number.ravel().tolist(), entry.ravel().tolist(), x.ravel().tolist(), strict=True))
        new = [each for each in dict.fromkeys(asked) if each not in known]
        moved = [_moved(where[n], wrt, i, at) for n, i, at in new]
        for each, got in zip(new, _values(model, function, moved, output, left), strict=True):
            known[each] = np.array([np.nan]) if isinstance(got, str) else got.ravel()
            largest[each[0]] = np.fmax(largest[each[0]], np.max(np.abs(known[each]), initial=0.0))
        flat = [
            known[each][j] if j < known[each].size else np.nan
            for each, j in zip(asked, place.ravel().tolist(), strict=True)
        ]
        return np.array(flat, dtype=float).reshape(x.shape)

    with np.errstate(all="ignore"):
        found = derivative(
            value,
            start,
            args=tuple(grid.T),
            initial_step=STEP * np.maximum(np.abs(start), 0.1),
            order=8,
            tolerances={"atol": 1e-12, "rtol": 1e-10},
            maxiter=8,
        )
    errors = np.where(np.isnan(found.error), np.inf, found.error)
    noises = NOISE * largest[grid[:, 0]] / np.maximum(np.abs(start), 0.1)
    return np.asarray(found.df, dtype=float), np.asarray(errors, dtype=float), noises


def _moved(point: Point, wrt: str, entry: int, at: float) -> Point:
    value = np.asarray(point[wrt], dtype=float).copy()
    value.flat[entry] = at
    return with_argument(point, wrt, value)


def _values(
    model: ExecutableModel, function: str, where: Sequence[Point], output: int | None, left: str | None
) -> list[Array | str]:
    found: list[Array | str] = []
    for point, value in zip(where, model.values(function, where), strict=True):
        if isinstance(value, str):
            found.append(value)
            continue
        array = np.asarray(select_output(value, output, function), dtype=float)
        if left is None:
            found.append(array)
        elif np.shape(point[left]) != array.shape:
            raise BlankSpecError(
                f"{left} has the shape {format_shape(np.shape(point[left]))}, and the value of {function} {format_shape(array.shape)}"
            )
        else:
            found.append(np.asarray(np.sum(np.asarray(point[left], dtype=float) * array)))
    return found
