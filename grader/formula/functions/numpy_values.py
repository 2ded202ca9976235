"""The NumPy values of functions that NumPy does not have, or not for every input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def softmax(x: Any, axis: int | None = None) -> Any:
    """Exponentials that add up to 1 along an axis; without one, along the longest."""
    if axis is None:
        axis = longest_axis(np.shape(x))
    shifted = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return shifted / np.sum(shifted, axis=axis, keepdims=True)


def longest_axis(shape: tuple[int, ...]) -> int | None:
    """Return the axis along which a column or a row lies; None for a single number."""
    return max(range(len(shape)), key=lambda each: shape[each], default=None)


def sigmoid(x: Any) -> Any:
    """1/(1 + exp(−x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), without overflow."""
    return np.logaddexp(0.0, x)


def relu(x: Any) -> Any:
    """The larger of x and 0."""
    return np.maximum(x, 0.0)


def leaky_relu(x: Any, slope: Any) -> Any:
    """X where it is positive, else ``slope`` times x."""
    return np.where(np.greater(x, 0), x, slope * np.asarray(x))


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The logarithm of a sum of exponentials, without overflow."""
    top = np.max(x, axis=axis, keepdims=True)
    summed = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return summed if keepdims else np.squeeze(summed, axis=axis)


_gamma = np.vectorize(math.gamma, otypes=[float])
_lgamma = np.vectorize(math.lgamma, otypes=[float])


def gamma(x: Any) -> Any:
    """Gamma by entries; NaN at its poles (0, −1, …) and infinite where it overflows."""
    values = np.asarray(x, dtype=float)
    poles = (values <= 0) & (values == np.floor(values))
    inside = np.where(poles | (values > 170) | ~np.isfinite(values), 1.0, values)
    return np.where(poles, np.nan, np.where(values > 170, np.inf, _gamma(inside)))


def factorial(x: Any) -> Any:
    """Gamma at x + 1."""
    return gamma(np.asarray(x) + 1)


def binomial(n: Any, k: Any) -> Any:
    """Γ(n + 1) / (Γ(k + 1) Γ(n − k + 1)) by entries, without overflow; 0 for whole k below 0 or above a whole n ≥ 0."""
    n, k = np.broadcast_arrays(np.asarray(n, dtype=float), np.asarray(k, dtype=float))
    rest = n - k
    outside = ((k < 0) & (k == np.floor(k))) | ((rest < 0) & (rest == np.floor(rest)))
    pole = (n < 0) & (n == np.floor(n))
    inside = outside | pole | ~np.isfinite(n + k)
    safe_n, safe_k = np.where(inside, 1.0, n), np.where(inside, 0.0, k)
    parts = [safe_n + 1, safe_k + 1, safe_n - safe_k + 1]
    size = _lgamma(parts[0]) - _lgamma(parts[1]) - _lgamma(parts[2])
    value = _sign(parts[0]) * _sign(parts[1]) * _sign(parts[2]) * np.exp(size)
    whole = (n == np.floor(n)) & (k == np.floor(k)) & (value < 2**52)
    value = np.where(whole, np.round(value), value)
    return np.where(pole, np.nan, np.where(outside, 0.0, np.where(np.isfinite(n + k), value, np.nan)))


def _sign(x: Any) -> Any:
    """The sign of Γ(x): below 0 it alternates from pole to pole."""
    return np.where((x < 0) & (np.floor(x) % 2 != 0), -1.0, 1.0)


def power(base: Any, exponent: Any) -> Any:
    """A power by entries; of whole numbers too it is a float."""
    return np.power(np.asarray(base, dtype=float), exponent)


def comparison(compare: Any) -> Any:
    """Return a comparison as a function whose values are 1.0 and 0.0; of a NaN nothing is true, it stays NaN."""

    def compared(a: Any, b: Any) -> Any:
        return np.where(np.isnan(a) | np.isnan(b), np.nan, compare(a, b))

    return compared


def where(condition: Any, yes: Any, no: Any) -> Any:
    """``yes`` where the condition is not 0, else ``no``."""
    return np.where(np.isnan(condition), np.nan, np.where(np.asarray(condition) != 0, yes, no))


def norm(x: Any, ord: int | None = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The root of the sum of squares of all entries, or the sum of absolute values (``ord=1``)."""
    values = np.abs(x) if ord == 1 else np.square(x)
    total = np.sum(values, axis=axis, keepdims=keepdims)
    return total if ord == 1 else np.sqrt(total)


def index(x: Any, at: tuple[Any, ...]) -> Any:
    """``x[at]``, a slice given as (start, stop, step)."""
    items = (slice(*item) if isinstance(item, tuple) else ... if item == "..." else item for item in at)
    return np.asarray(x)[tuple(items)]


def stack(*arrays: Any, axis: int = 0) -> Any:
    """``np.stack`` of its arguments."""
    return np.stack(arrays, axis=axis)


def concatenate(*arrays: Any, axis: int = 0) -> Any:
    """``np.concatenate`` of its arguments."""
    return np.concatenate(arrays, axis=axis)


def diag(x: Any) -> Any:
    """``np.diag``; of a column or a row the diagonal matrix."""
    return np.diag(np.ravel(x) if np.ndim(x) == 2 and 1 in np.shape(x) and np.size(x) > 1 else x)


def one_hot(shape: tuple[int, int]) -> Any:
    """A vector of zeros with one 1."""
    return np.eye(shape[1])[shape[0]]


def std(x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
    """The root of the variance."""
    return np.sqrt(var(x, axis, keepdims, ddof))


def var(x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
    """The variance, divided by n − ddof: NaN without the warning of NumPy's where that is 0."""
    off = np.asarray(x - np.mean(x, axis=axis, keepdims=True))
    total = np.asarray(np.sum(off * off, axis=axis, keepdims=keepdims))
    return np.divide(total, off.size // max(total.size, 1) - ddof)
