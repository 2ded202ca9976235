"""The one table of functions and operators: a row says how each is spelt, shaped, valued and typeset.

A shape rule takes the shapes of the arguments (tuples of numbers or letters) and the attributes, and returns the shape
of the result or raises ``Misfit`` with a sentence. A value takes NumPy arrays. In ``tex``, ``{0}`` and ``{1}`` are the
arguments. Adding a function is adding a row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.formula.symbols import Shape, written

Attrs = Mapping[str, Any]
Rule = Callable[[list[Shape], Attrs], Shape]


class Misfit(Exception):
    """Shapes that do not go together; the sentence names them and is fit for a student."""


@dataclass(frozen=True)
class Function:
    """One row: ``arity`` is how many arguments it takes, ``attributes`` which keywords (``axis``, ``keepdims``)."""

    name: str
    shape: Rule
    value: Callable[..., Any]
    tex: str
    spellings: tuple[str, ...] = ()
    arity: tuple[int, int] = (1, 1)
    attributes: tuple[str, ...] = ()


def same(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Entry by entry on one argument."""
    return shapes[0]


def broadcast(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Entry by entry on several arguments of one rank, or a single number with anything.

    Mixing ranks, which NumPy allows, is refused: (n,) with (n, 1) would silently become n×n.
    """
    full = [shape for shape in shapes if shape]
    if not full:
        return ()
    result = full[0]
    for shape in full[1:]:
        if len(shape) != len(result):
            raise Misfit(
                f"{written(result)} and {written(shape)} have different numbers of axes, so they do not go together entry by entry"
            )
        result = tuple(_axis(a, b, result, shape) for a, b in zip(result, shape, strict=True))
    return result


def _axis(a: int | str, b: int | str, left: Shape, right: Shape) -> int | str:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    raise Misfit(f"{written(left)} and {written(right)} do not go together entry by entry: {a} is not {b}")


def product(shapes: list[Shape], attrs: Attrs) -> Shape:
    """The matrix product: the inner sizes must be equal; a vector (n,) counts as a row on the left, a column on the right."""
    left, right = shapes
    if not left or not right:
        raise Misfit("@ multiplies matrices and vectors, and one side is a single number")
    inner = right[-2] if len(right) > 1 else right[0]
    if left[-1] != inner:
        raise Misfit(
            f"in {written(left)} times {written(right)} the inner sizes {left[-1]} and {inner} differ"
        )
    return left[:-1] + (right[:-2] + right[-1:] if len(right) > 1 else ())


def transposed(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Axes in reverse order; of a vector (n,) nothing changes, as in NumPy."""
    return shapes[0][::-1]


def square(shapes: list[Shape], attrs: Attrs) -> Shape:
    """A square matrix in, the same shape out."""
    [shape] = shapes
    if len(shape) != 2 or shape[0] != shape[1]:
        raise Misfit(f"a square matrix is needed here, and this is {written(shape)}")
    return shape


def square_to_number(shapes: list[Shape], attrs: Attrs) -> Shape:
    """A square matrix in, a number out."""
    square(shapes, attrs)
    return ()


def reduced(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Along one axis, or along all when no axis is given."""
    [shape] = shapes
    axis, keep = attrs.get("axis"), attrs.get("keepdims")
    if axis is None:
        return (1,) * len(shape) if keep else ()
    at = _index(axis, shape)
    return shape[:at] + ((1,) if keep else ()) + shape[at + 1 :]


def along(shapes: list[Shape], attrs: Attrs) -> Shape:
    """The same shape, computed along an axis that must be said for a matrix."""
    [shape] = shapes
    axis = attrs.get("axis")
    if axis is not None:
        _index(axis, shape)
    elif len(shape) > 1 and 1 not in shape:
        raise Misfit(f"of a matrix ({written(shape)}) the axis must be said, as in axis=1")
    return shape


def _index(axis: int, shape: Shape) -> int:
    if not -len(shape) <= axis < len(shape):
        raise Misfit(f"there is no axis {axis} in {written(shape)}")
    return axis % len(shape)


def vectors_to_number(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``dot``: two vectors to a number, otherwise a matrix product."""
    return product(shapes, attrs) if all(shapes) else broadcast(shapes, attrs)


def outer(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Two vectors (m,) and (n,) to m×n; columns and rows count as vectors."""
    sizes: list[int | str] = []
    for shape in shapes:
        long = [dim for dim in shape if dim != 1]
        if len(long) > 1:
            raise Misfit(f"the outer product takes two vectors, and {written(shape)} is none")
        sizes.append(long[0] if long else 1)
    return tuple(sizes)


def kronecker(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Two matrices in numbers: sizes multiply."""
    left, right = shapes
    if len(left) != 2 or len(right) != 2:
        raise Misfit("the Kronecker product takes two matrices")
    return tuple(_times(a, b) for a, b in zip(left, right, strict=True))


def _times(a: int | str, b: int | str) -> int | str:
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    return b if a == 1 else a if b == 1 else f"{a}·{b}"


def solving(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``solve(A, b)``: a square matrix and what it is multiplied with to give b."""
    square(shapes[:1], attrs)
    return product(shapes, attrs)


def diagonal(shapes: list[Shape], attrs: Attrs) -> Shape:
    """A vector to a diagonal matrix, a square matrix to its diagonal."""
    [shape] = shapes
    return (shape[0], shape[0]) if len(shape) == 1 else square(shapes, attrs)[:1]


def _softmax(x: Any, axis: int | None = None) -> Any:
    if axis is None:
        axis = max(range(np.ndim(x)), key=lambda each: np.shape(x)[each], default=None)
    shifted = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return shifted / np.sum(shifted, axis=axis, keepdims=True)


def _sigmoid(x: Any) -> Any:
    return np.exp(-np.logaddexp(0.0, -x))


def _softplus(x: Any) -> Any:
    return np.logaddexp(0.0, x)


def _logsumexp(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    top = np.max(x, axis=axis, keepdims=True)
    summed = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return summed if keepdims else np.squeeze(summed, axis=axis)


_gamma = np.vectorize(math.gamma, otypes=[float])


def _defined_gamma(x: Any) -> Any:
    """Gamma by entries; NaN at its poles (0, −1, …) and infinite where it overflows."""
    values = np.asarray(x, dtype=float)
    poles = (values <= 0) & (values == np.floor(values))
    inside = np.where(poles | (values > 170) | ~np.isfinite(values), 1.0, values)
    return np.where(poles, np.nan, np.where(values > 170, np.inf, _gamma(inside)))


def _power(base: Any, exponent: Any) -> Any:
    return np.power(np.asarray(base, dtype=float), exponent)


def _elementary(name: str, value: Callable[..., Any], tex: str | None = None, *spellings: str) -> Function:
    return Function(name, same, value, tex or rf"\{name}\left({{0}}\right)", spellings)


REDUCING = ("axis", "keepdims")
OPERATORS = (
    Function("add", broadcast, np.add, "{0} + {1}", arity=(2, 2)),
    Function("subtract", broadcast, np.subtract, "{0} - {1}", arity=(2, 2)),
    Function("multiply", broadcast, np.multiply, r"{0} \odot {1}", arity=(2, 2)),
    Function("divide", broadcast, np.divide, r"\frac{{{0}}}{{{1}}}", arity=(2, 2)),
    Function("power", broadcast, _power, "{{{0}}}^{{{1}}}", arity=(2, 2)),
    Function("negative", same, np.negative, "-{0}"),
    Function("matmul", product, np.matmul, r"{0} \, {1}", arity=(2, 2)),
)
NAMED = (
    _elementary("exp", np.exp),
    _elementary("expm1", np.expm1, r"\operatorname{{expm1}}\left({0}\right)"),
    _elementary("log", np.log, None, "ln"),
    _elementary("log1p", np.log1p, r"\operatorname{{log1p}}\left({0}\right)"),
    _elementary("log2", np.log2, r"\operatorname{{log2}}\left({0}\right)"),
    _elementary("log10", np.log10, r"\operatorname{{log10}}\left({0}\right)", "lg"),
    _elementary("sqrt", np.sqrt, r"\sqrt{{{0}}}"),
    _elementary("abs", np.abs, r"\left|{0}\right|", "absolute", "fabs"),
    _elementary("sign", np.sign, r"\operatorname{{sign}}\left({0}\right)", "sgn"),
    _elementary("sin", np.sin),
    _elementary("cos", np.cos),
    _elementary("tan", np.tan),
    _elementary("sinh", np.sinh),
    _elementary("cosh", np.cosh),
    _elementary("tanh", np.tanh),
    _elementary("arcsin", np.arcsin, None, "asin"),
    _elementary("arccos", np.arccos, None, "acos"),
    _elementary("arctan", np.arctan, None, "atan"),
    Function(
        "arctan2", broadcast, np.arctan2, r"\operatorname{{arctan2}}\left({0}, {1}\right)", ("atan2",), (2, 2)
    ),
    _elementary("arcsinh", np.arcsinh, r"\operatorname{{arcsinh}}\left({0}\right)", "asinh"),
    _elementary("arccosh", np.arccosh, r"\operatorname{{arccosh}}\left({0}\right)", "acosh"),
    _elementary("arctanh", np.arctanh, r"\operatorname{{arctanh}}\left({0}\right)", "atanh"),
    _elementary("softplus", _softplus, r"\operatorname{{softplus}}\left({0}\right)"),
    _elementary("floor", np.floor, r"\operatorname{{floor}}\left({0}\right)"),
    _elementary("ceil", np.ceil, r"\operatorname{{ceil}}\left({0}\right)"),
    _elementary("gamma", _defined_gamma, r"\Gamma\left({0}\right)", "Γ"),
    _elementary(
        "factorial",
        lambda x: _defined_gamma(np.asarray(x) + 1),
        r"\operatorname{{factorial}}\left({0}\right)",
    ),
    _elementary("sigmoid", _sigmoid, r"\sigma\left({0}\right)", "σ"),
    _elementary("relu", lambda x: np.maximum(x, 0.0), r"\operatorname{{relu}}\left({0}\right)"),
    Function("softmax", along, _softmax, r"\operatorname{{softmax}}\left({0}\right)", attributes=("axis",)),
    Function("sum", reduced, np.sum, r"\operatorname{{sum}}\left({0}\right)", attributes=REDUCING),
    Function(
        "logsumexp", reduced, _logsumexp, r"\operatorname{{logsumexp}}\left({0}\right)", attributes=REDUCING
    ),
    Function("prod", reduced, np.prod, r"\operatorname{{prod}}\left({0}\right)", attributes=REDUCING),
    Function("var", reduced, np.var, r"\operatorname{{var}}\left({0}\right)", attributes=REDUCING),
    Function("cumsum", along, np.cumsum, r"\operatorname{{cumsum}}\left({0}\right)", attributes=("axis",)),
    Function("mean", reduced, np.mean, r"\operatorname{{mean}}\left({0}\right)", attributes=REDUCING),
    Function("max", reduced, np.max, r"\max\left({0}\right)", ("amax",), attributes=REDUCING),
    Function("min", reduced, np.min, r"\min\left({0}\right)", ("amin",), attributes=REDUCING),
    Function("maximum", broadcast, np.maximum, r"\max\left({0}, {1}\right)", arity=(2, 2)),
    Function("minimum", broadcast, np.minimum, r"\min\left({0}, {1}\right)", arity=(2, 2)),
    Function("norm", reduced, np.linalg.norm, r"\left\|{0}\right\|", attributes=REDUCING),
    Function("dot", vectors_to_number, np.dot, r"{0} \, {1}", arity=(2, 2)),
    Function("outer", outer, np.outer, r"\operatorname{{outer}}\left({0}, {1}\right)", arity=(2, 2)),
    Function("kron", kronecker, np.kron, r"\operatorname{{kron}}\left({0}, {1}\right)", arity=(2, 2)),
    Function("solve", solving, np.linalg.solve, r"\operatorname{{solve}}\left({0}, {1}\right)", arity=(2, 2)),
    Function("trace", square_to_number, np.trace, r"\operatorname{{tr}}\left({0}\right)", ("tr",)),
    Function("det", square_to_number, np.linalg.det, r"\det\left({0}\right)"),
    Function("inv", square, np.linalg.inv, "{{{0}}}^{{-1}}", ("inverse",)),
    Function("transpose", transposed, np.transpose, r"{{{0}}}^\top"),
    Function("diag", diagonal, np.diag, r"\operatorname{{diag}}\left({0}\right)"),
    Function("matrix_power", square, np.linalg.matrix_power, "{{{0}}}^{{{n}}}", attributes=("n",)),
)
CONSTANTS: Mapping[str, tuple[float, str]] = {"pi": (np.pi, r"\pi"), "e": (np.e, "e")}
FUNCTIONS: Mapping[str, Function] = {row.name: row for row in (*OPERATORS, *NAMED)}
SPELLINGS: Mapping[str, str] = {
    spelling: row.name
    for row in (*OPERATORS, *NAMED)
    if row.name != "matrix_power"
    for spelling in (row.name, *row.spellings)
}
"""What a student may type for a function, without its ``np.`` or ``np.linalg.``."""
