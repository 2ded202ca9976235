"""Functions in ball arithmetic: every number is an interval that is proved to hold the true value.

An array is a NumPy array of ``flint.arb``; a single number is an ``arb``. The precision is ``flint.ctx.prec``, one
setting for the whole process. Where a function is undefined, or where a ball is too wide to tell, the entry is NaN; a
comparison that a ball does not settle is the ball from 0 to 1. Source: F. Johansson, Arb: efficient arbitrary-precision
midpoint-radius interval arithmetic, IEEE Transactions on Computers 66 (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from grader.formula.functions import numpy_values

Ball = Any
"""An ``arb``, or an array of them."""
Entrywise = Callable[..., Any]
NAN = arb("nan")
EITHER = arb(0.5, 0.5)
LIBRARY_PRODUCT_SIZE = 6
"""From this inner length on, matrices are multiplied by the library and not entry by entry."""


def entrywise(function: Callable[..., arb], count: int = 1) -> Entrywise:
    """Return a function of single balls as one of arrays, entry by entry."""
    ufunc = np.frompyfunc(function, count, 1)
    return lambda *args: ufunc(*args)


def exact_balls(values: Any) -> Ball:
    """Return an array of whole numbers as balls without a radius."""
    return np.frompyfunc(lambda value: arb(int(value)), 1, 1)(values)


log2 = entrywise(lambda x: x.log() / arb(2).log())
log10 = entrywise(lambda x: x.log() / arb.const_log10())
sigmoid = entrywise(lambda x: 1 / (1 + (-x).exp()))
softplus = entrywise(lambda x: x.exp().log1p() if x < 0 else x + (-x).exp().log1p())
relu = entrywise(lambda x: x.nonnegative_part())
gamma = entrywise(lambda x: x.gamma())
factorial = entrywise(lambda x: (x + 1).gamma())
binomial = entrywise(lambda n, k: (n + 1).gamma() * (k + 1).rgamma() * (n - k + 1).rgamma(), 2)
arctan2 = entrywise(lambda y, x: arb.atan2(y, x), 2)
maximum = entrywise(lambda a, b: a.max(b), 2)
minimum = entrywise(lambda a, b: a.min(b), 2)
clip = entrywise(lambda x, low, high: x.max(low).min(high), 3)


@entrywise
def absolute_value(x: arb) -> arb:
    """The absolute value."""
    return abs(x)


def _power(base: arb, exponent: arb) -> arb:
    """A power; of a negative base to whole exponents only, and not of 0 to a negative one."""
    return base**exponent


power = entrywise(_power, 2)


def _choose(condition: arb, yes: arb, no: arb) -> arb:
    if not condition.is_finite():
        return NAN
    if not condition.contains(0):
        return yes
    return no if condition.is_zero() else yes.union(no)


where = entrywise(_choose, 3)
leaky_relu = entrywise(lambda x, slope: _choose(_comparison_value(x > 0, x <= 0, x), x, slope * x), 2)


SNAPPING_PRECISION = 640
"""From this precision on, a ball of less than half as many bits' width around a whole number is taken for that number."""


def snap_to_whole(value: arb) -> arb:
    """Return the whole number that a value is where it cannot be told from one, however far it is worked out.

    Without this ``floor(0.1 n)`` or ``sign(sin(pi n))`` would have no value at any whole n: 0.1 n and sin(pi n) are whole
    there, which no ball can prove.
    """
    if ctx.prec < SNAPPING_PRECISION or value.is_exact() or not value.is_finite():
        return value
    middle = value.mid()
    nearest = (middle + arb(0.5)).floor()
    return nearest if abs(value - nearest) < arb(2) ** (-(ctx.prec // 2)) else value


def _comparison_value(true: bool, false: bool, *values: arb) -> arb:
    if not all(value.is_finite() for value in values):
        return NAN
    return arb(1) if true else arb(0) if false else EITHER


def _comparison(true: Callable[[arb], bool], false: Callable[[arb], bool]) -> Entrywise:
    """A comparison, from what the difference of two values must be for it to hold or not to hold."""

    def compare(a: arb, b: arb) -> arb:
        off = snap_to_whole(a - b)
        return _comparison_value(true(off), false(off), off)

    return entrywise(compare, 2)


greater = _comparison(lambda off: off > 0, lambda off: off <= 0)
greater_equal = _comparison(lambda off: off >= 0, lambda off: off < 0)
less = _comparison(lambda off: off < 0, lambda off: off >= 0)
less_equal = _comparison(lambda off: off <= 0, lambda off: off > 0)
equal = _comparison(arb.is_zero, lambda off: not off.contains(0))
not_equal = _comparison(lambda off: not off.contains(0), arb.is_zero)


def matmul(left: Ball, right: Ball) -> Ball:
    """The product of matrices, vectors and stacks of matrices."""
    if np.ndim(left) == np.ndim(right) == 2 and left.shape[1] >= LIBRARY_PRODUCT_SIZE:
        return from_library_matrix(to_library_matrix(left) * to_library_matrix(right))
    return np.matmul(left, right)


def to_library_matrix(values: Ball) -> arb_mat:
    """Return a matrix of balls as the library's own."""
    return arb_mat(values.shape[0], values.shape[1], values.ravel().tolist())


def from_library_matrix(values: arb_mat) -> Ball:
    """Return a matrix of the library as an array."""
    made = np.empty((values.nrows(), values.ncols()), dtype=object)
    made.ravel()[:] = values.entries()
    return made


def inv(values: Ball) -> Ball:
    """The inverse; NaN where the matrix is singular, or may be."""
    try:
        return from_library_matrix(to_library_matrix(values).inv())
    except ZeroDivisionError:
        return np.full(values.shape, NAN, dtype=object)


def solve(left: Ball, right: Ball) -> Ball:
    """The solution of a system of linear equations."""
    columns = right.reshape(-1, 1) if right.ndim == 1 else right
    try:
        return from_library_matrix(to_library_matrix(left).solve(to_library_matrix(columns))).reshape(right.shape)
    except ZeroDivisionError:
        return np.full(right.shape, NAN, dtype=object)


def det(values: Ball) -> arb:
    """The determinant."""
    return to_library_matrix(values).det()


def matrix_power(values: Ball, n: int) -> Ball:
    """A power of a square matrix."""
    base = to_library_matrix(inv(values) if n < 0 else values)
    return from_library_matrix(base ** abs(n)) if n else exact_balls(np.eye(len(values)))


def reduce_axes(pair: Callable[[arb, arb], arb], values: Ball, axis: Any = None, keepdims: bool = False) -> Ball:
    """Combine the entries along one axis, several or all."""
    values = np.asarray(values, dtype=object)
    axes = range(values.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    gone = sorted({at % values.ndim for at in axes}) if values.ndim else []
    kept = [at for at in range(values.ndim) if at not in gone]
    rows = values.transpose(kept + gone).reshape([values.shape[at] for at in kept] + [-1])
    result = np.empty(rows.shape[:-1], dtype=object)
    for place in np.ndindex(result.shape):
        result[place] = reduce(pair, rows[place])
    shape = [1 if at in gone else size for at, size in enumerate(values.shape)]
    return result.reshape(shape) if keepdims else result[()]


def sum(values: Ball, axis: Any = None, keepdims: bool = False) -> Ball:
    """The sum."""
    return reduce_axes(lambda a, b: a + b, values, axis, keepdims)


def mean(values: Ball, axis: Any = None, keepdims: bool = False) -> Ball:
    """The mean."""
    total = sum(values, axis, keepdims)
    return total * (arb(int(np.size(total))) / int(np.size(values)))


def prod(values: Ball, axis: Any = None, keepdims: bool = False) -> Ball:
    """The product."""
    return reduce_axes(lambda a, b: a * b, values, axis, keepdims)


def var(values: Ball, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Ball:
    """The variance, divided by n − ddof."""
    off = values - mean(values, axis, True)
    total = sum(off * off, axis, keepdims)
    return total / (np.size(values) // np.size(total) - ddof)


def std(values: Ball, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Ball:
    """The root of the variance."""
    return square_root(var(values, axis, keepdims, ddof))


def maximal(values: Ball, axis: Any = None, keepdims: bool = False) -> Ball:
    """The largest entry."""
    return reduce_axes(lambda a, b: a.max(b), values, axis, keepdims)


def minimal(values: Ball, axis: Any = None, keepdims: bool = False) -> Ball:
    """The smallest entry."""
    return reduce_axes(lambda a, b: a.min(b), values, axis, keepdims)


def argmax(values: Ball, axis: Any = None, keepdims: bool = False) -> Ball:
    """The index of the first largest entry; where balls overlap, the ball that holds all that it may be."""
    values = np.asarray(values, dtype=object)
    rows = values.reshape(1, -1) if axis is None else np.moveaxis(values, axis, -1)
    found = np.empty(rows.shape[:-1], dtype=object)
    for place in np.ndindex(found.shape):
        found[place] = _first_largest(list(rows[place]))
    if axis is None:
        return found.reshape([1] * values.ndim)[()] if keepdims else found[0]
    return np.expand_dims(found, axis) if keepdims else found[()]


def _first_largest(row: list[arb]) -> arb:
    if not all(value.is_finite() for value in row):
        return NAN
    top = reduce(lambda a, b: a.max(b), row)
    able = [at for at, value in enumerate(row) if value.overlaps(top)]
    first = row[able[0]]
    settled = all((row[at] - first).is_zero() for at in able[1:])
    return arb(able[0]) if settled else arb(able[0]).union(arb(able[-1]))


def argmin(values: Ball, axis: Any = None, keepdims: bool = False) -> Ball:
    """The index of the first smallest entry."""
    return argmax(-np.asarray(values, dtype=object), axis, keepdims)


def logsumexp(values: Ball, axis: Any = None, keepdims: bool = False) -> Ball:
    """The logarithm of the sum of exponentials."""
    return logarithm(sum(exponential(values), axis, keepdims))


def softmax(values: Ball, axis: int | None = None) -> Ball:
    """Exponentials that add up to 1 along an axis; without one, along the longest."""
    shape = np.shape(values)
    if axis is None:
        axis = max(range(len(shape)), key=lambda at: shape[at], default=None)
    powers = exponential(values)
    return powers / sum(powers, axis, True)


def norm(values: Ball, ord: int | None = None, axis: Any = None, keepdims: bool = False) -> Ball:
    """The root of the sum of squares, or the sum of absolute values."""
    if ord == 1:
        return sum(absolute_value(values), axis, keepdims)
    return square_root(sum(values * values, axis, keepdims))


def trace(values: Ball) -> Ball:
    """The sum of the diagonal."""
    return reduce(lambda a, b: a + b, [values[at, at] for at in range(len(values))])


def diag(values: Ball) -> Ball:
    """The diagonal of a matrix, or the diagonal matrix of a vector, a column or a row."""
    if np.ndim(values) == 2 and (1 not in values.shape or values.size == 1):
        return np.array([values[at, at] for at in range(len(values))], dtype=object)
    entries = values.ravel()
    made = exact_balls(np.zeros((entries.size, entries.size)))
    np.fill_diagonal(made, entries)
    return made


def inner(left: Ball, right: Ball) -> Ball:
    """The scalar product of two arrays of one shape."""
    return sum(left * right)


def exact_filler(make: Callable[..., Any]) -> Callable[..., Ball]:
    """Return a NumPy function that makes arrays of whole numbers, as one that makes balls."""
    return lambda *args, **attributes: exact_balls(make(*args, **attributes))


square_root = entrywise(arb.sqrt)
exponential = entrywise(arb.exp)
cosine = entrywise(arb.cos)
logarithm = entrywise(arb.log)
BALLS: Mapping[str, Callable[..., Ball]] = {
    "power": power, "matmul": matmul, "exp": exponential, "expm1": entrywise(arb.expm1), "log": logarithm, "log1p": entrywise(arb.log1p), "log2": log2,
    "log10": log10, "sqrt": square_root, "square": lambda x: x * x, "abs": absolute_value, "sign": entrywise(lambda x: snap_to_whole(x).sgn()), "floor": entrywise(lambda x: snap_to_whole(x).floor()),
    "ceil": entrywise(lambda x: snap_to_whole(x).ceil()),
    "sin": entrywise(arb.sin), "cos": cosine, "tan": entrywise(arb.tan), "arcsin": entrywise(arb.asin), "arccos": entrywise(arb.acos), "arctan": entrywise(arb.atan),
    "arctan2": arctan2, "sinh": entrywise(arb.sinh), "cosh": entrywise(arb.cosh), "tanh": entrywise(arb.tanh), "arcsinh": entrywise(arb.asinh), "arccosh": entrywise(arb.acosh),
    "arctanh": entrywise(arb.atanh), "sigmoid": sigmoid, "relu": relu, "leaky_relu": leaky_relu, "softplus": softplus, "softmax": softmax,
    "onehot": exact_filler(numpy_values.one_hot), "greater": greater, "greater_equal": greater_equal, "less": less, "less_equal": less_equal, "equal": equal,
    "not_equal": not_equal, "where": where, "maximum": maximum, "minimum": minimum, "clip": clip, "factorial": factorial, "gamma": gamma,
    "binomial": binomial, "sum": sum, "mean": mean, "prod": prod, "var": var, "std": std, "max": maximal, "min": minimal, "argmax": argmax,
    "argmin": argmin, "logsumexp": logsumexp, "norm": norm, "cumsum": lambda x, axis=None: np.cumsum(x, axis=numpy_values.longest_axis(np.shape(x)) if axis is None else axis),
    "inv": inv, "matrix_power": matrix_power, "solve": solve, "det": det, "trace": trace, "inner": inner, "diag": diag,
    "einsum": lambda *arrays, subscripts: np.einsum(subscripts, *arrays), "eye": exact_filler(lambda shape: np.eye(*shape)),
    "ones": exact_filler(np.ones), "zeros": exact_filler(np.zeros), "ones_like": lambda x: exact_balls(np.ones(np.shape(x))), "zeros_like": lambda x: exact_balls(np.zeros(np.shape(x))),
}  # fmt: skip
"""The rows of the table whose NumPy value does not take balls."""
