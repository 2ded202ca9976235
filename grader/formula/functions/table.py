"""The function table (registry): a row holds how a function or operator is spelt, shaped, valued, typeset and differentiated.

A shape rule takes the shapes of the arguments (tuples of numbers or letters) and the attributes, and returns the shape
of the result or raises ``ShapeError`` with a sentence. A value takes NumPy arrays. In ``tex``, ``{0}`` and ``{1}`` are the
arguments; without one a function is its upright name before its arguments in brackets. A derivative, one for each
argument, takes the arguments and is written in NumPy. Adding a function is adding a row: students can type it, authors can use it, and it
stands on the notation sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np

from grader.formula.functions import array_shape_rules, numpy_values, shape_rules
from grader.formula.functions.shape_rules import Rule

Form = Literal["values", "list", "sizes", "value, sizes", "text, values"]
"""What stands in the brackets: values, a list of values, axis lengths, a value and axis lengths, or subscripts first."""
Group = Literal["Operators", "Elementary", "Networks", "Comparing", "Counting", "Reducing", "Matrices", "Arrays"]


@dataclass(frozen=True)
class Function:
    """One row: ``arity`` is how many arguments it takes, ``attributes`` which keywords, in NumPy's order after them.

    ``defaults`` are the values of arguments at the end that may be left out. ``cost`` is the number of elementary
    operations of one evaluation, from the shapes of the arguments, that of the result, and the attributes.
    """

    name: str
    group: Group
    description: str
    shape: Rule
    value: Callable[..., Any]
    tex: str | None = None
    spellings: tuple[str, ...] = ()
    arity: tuple[int, int] = (1, 1)
    attributes: tuple[str, ...] = ()
    form: Form = "values"
    defaults: tuple[str, ...] = ()
    derivatives: tuple[Callable[..., Any], ...] = ()
    cost: Callable[[list[tuple[int, ...]], tuple[int, ...], Mapping[str, Any]], int] | None = None

    @property
    def elementwise(self) -> bool:
        """True if it works entry by entry."""
        return self.shape in (shape_rules.unchanged, shape_rules.broadcast)


Cost = Callable[[list[tuple[int, ...]], tuple[int, ...], Mapping[str, Any]], int]
REDUCING = ("axis", "keepdims")
ANY_NUMBER = (1, 400)


def _cubic_cost(shapes: list[tuple[int, ...]], result: tuple[int, ...], attributes: Mapping[str, Any]) -> int:
    return shapes[0][0] ** 3 + sum(map(prod, shapes))


def _product_cost(shapes: list[tuple[int, ...]], result: tuple[int, ...], attributes: Mapping[str, Any]) -> int:
    return max(prod(result), 1) * shapes[0][-1]


def _einsum_cost(shapes: list[tuple[int, ...]], result: tuple[int, ...], attributes: Mapping[str, Any]) -> int:
    return prod(int(size) for size in array_shape_rules.axis_lengths(list(shapes), attributes["subscripts"]).values())


def _operator(
    name: str,
    description: str,
    value: Callable[..., Any],
    tex: str,
    derivatives: tuple[Callable[..., Any], ...],
    *spellings: str,
) -> Function:
    return Function(
        name, "Operators", description, shape_rules.broadcast, value, tex, spellings, (2, 2), derivatives=derivatives
    )


def _compared(name: str, description: str, compare: Callable[..., Any], tex: str) -> Function:
    value = numpy_values.comparison(compare)
    return Function(
        name,
        "Comparing",
        description,
        shape_rules.broadcast,
        value,
        tex,
        (),
        (2, 2),
        derivatives=(lambda a, b: 0, lambda a, b: 0),
    )


def _elementary(
    name: str,
    description: str,
    value: Callable[..., Any],
    derivative: Callable[..., Any] | None,
    *spellings: str,
    tex: str | None = "",
    group: Group = "Elementary",
) -> Function:
    written = rf"\{name}\left({{0}}\right)" if tex == "" else tex
    derivatives = (derivative,) if derivative else ()
    return Function(name, group, description, shape_rules.unchanged, value, written, spellings, derivatives=derivatives)


def _reducing(
    name: str,
    description: str,
    value: Callable[..., Any],
    *spellings: str,
    shape: Rule = shape_rules.reduced,
    tex: str | None = None,
    attributes: tuple[str, ...] = REDUCING,
) -> Function:
    return Function(name, "Reducing", description, shape, value, tex, spellings, attributes=attributes)


def _matrix(
    name: str,
    description: str,
    shape: Rule,
    value: Callable[..., Any],
    *spellings: str,
    tex: str | None = None,
    arity: int = 1,
    cost: Cost | None = None,
    attributes: tuple[str, ...] = (),
    form: Form = "values",
) -> Function:
    return Function(
        name, "Matrices", description, shape, value, tex, spellings, (arity, arity), attributes, form, cost=cost
    )


def _array(
    name: str,
    description: str,
    shape: Rule,
    value: Callable[..., Any],
    *spellings: str,
    form: Form = "values",
    arity: tuple[int, int] = (1, 1),
    attributes: tuple[str, ...] = (),
    cost: Cost | None = None,
) -> Function:
    return Function(name, "Arrays", description, shape, value, None, spellings, arity, attributes, form, cost=cost)


ROWS = (
    _operator("add", "sum", np.add, "{0} + {1}", (lambda x, y: 1, lambda x, y: 1)),
    _operator("subtract", "difference", np.subtract, "{0} - {1}", (lambda x, y: 1, lambda x, y: -1)),
    _operator("multiply", "product, entry by entry", np.multiply, r"{0} \odot {1}", (lambda x, y: y, lambda x, y: x)),
    _operator("divide", "quotient, entry by entry", np.divide, r"\frac{{{0}}}{{{1}}}", (lambda x, y: 1 / y, lambda x, y: -x / y**2), "true_divide"),
    _operator("power", "power, entry by entry", numpy_values.power, "{{{0}}}^{{{1}}}", (lambda x, y: y * x ** (y - 1), lambda x, y: x**y * np.log(x)), "pow", "float_power"),
    Function("negative", "Operators", "the other sign", shape_rules.unchanged, np.negative, "-{0}", derivatives=(lambda x: -1,)),
    Function("matmul", "Operators", "product of matrices", shape_rules.product, np.matmul, r"{0} \, {1}", ("mm",), (2, 2), cost=_product_cost),

    _elementary("exp", "e to the power x", np.exp, np.exp),
    _elementary("expm1", "exp(x) − 1", np.expm1, np.exp, tex=None),
    _elementary("log", "natural logarithm", np.log, lambda x: 1 / x, "ln"),
    _elementary("log1p", "log(1 + x)", np.log1p, lambda x: 1 / (1 + x), tex=None),
    _elementary("log2", "logarithm to base 2", np.log2, None, "lb", tex=r"\log_{{2}}\left({0}\right)"),
    _elementary("log10", "logarithm to base 10", np.log10, None, "lg", tex=r"\log_{{10}}\left({0}\right)"),
    _elementary("sqrt", "square root", np.sqrt, lambda x: 1 / (2 * np.sqrt(x)), tex=r"\sqrt{{{0}}}"),
    _elementary("square", "x times x", np.square, lambda x: 2 * x, tex=None),
    _elementary("abs", "absolute value", np.abs, np.sign, "absolute", "fabs", tex=r"\left|{0}\right|"),
    _elementary("sign", "−1, 0 or 1", np.sign, lambda x: 0, "sgn", tex=None),
    _elementary("floor", "next whole number below", np.floor, lambda x: 0, tex=r"\left\lfloor {0}\right\rfloor"),
    _elementary("ceil", "next whole number above", np.ceil, lambda x: 0, tex=r"\left\lceil {0}\right\rceil"),
    _elementary("sin", "sine (radians)", np.sin, np.cos),
    _elementary("cos", "cosine (radians)", np.cos, lambda x: -np.sin(x)),
    _elementary("tan", "tangent (radians)", np.tan, lambda x: 1 / np.cos(x) ** 2),
    _elementary("arcsin", "inverse sine", np.arcsin, lambda x: 1 / np.sqrt(1 - x**2), "asin"),
    _elementary("arccos", "inverse cosine", np.arccos, lambda x: -1 / np.sqrt(1 - x**2), "acos"),
    _elementary("arctan", "inverse tangent", np.arctan, lambda x: 1 / (1 + x**2), "atan"),
    Function("arctan2", "Elementary", "angle of the point (x, y), from y and x", shape_rules.broadcast, np.arctan2, None, ("atan2",), (2, 2),
             derivatives=(lambda x, y: y / (x**2 + y**2), lambda x, y: -x / (x**2 + y**2))),
    _elementary("sinh", "hyperbolic sine", np.sinh, np.cosh),
    _elementary("cosh", "hyperbolic cosine", np.cosh, np.sinh),
    _elementary("tanh", "hyperbolic tangent", np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    _elementary("arcsinh", "inverse hyperbolic sine", np.arcsinh, lambda x: 1 / np.sqrt(x**2 + 1), "asinh", tex=None),
    _elementary("arccosh", "inverse hyperbolic cosine", np.arccosh, lambda x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)), "acosh", tex=None),
    _elementary("arctanh", "inverse hyperbolic tangent", np.arctanh, lambda x: 1 / (1 - x**2), "atanh", tex=None),

    _elementary("sigmoid", "1/(1 + exp(−x))", numpy_values.sigmoid, lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2, "σ", "expit", "logistic",
                tex=r"\sigma\left({0}\right)", group="Networks"),
    _elementary("relu", "x where it is positive, else 0", numpy_values.relu, lambda x: x > 0, tex=None, group="Networks"),
    Function("leaky_relu", "Networks", "x where it is positive, else the slope times x (0.01 unless said)", shape_rules.broadcast,
             numpy_values.leaky_relu, None, (), (1, 2), defaults=("0.01",), derivatives=(lambda x, y: np.where(x > 0, 1, y), lambda x, y: np.where(x > 0, 0, x))),
    _elementary("softplus", "log(1 + exp(x))", numpy_values.softplus, lambda x: 1 / (1 + np.exp(-x)), tex=None, group="Networks"),
    Function("softmax", "Networks", "exp(x) over its sum along an axis", shape_rules.along_axis, numpy_values.softmax, attributes=("axis",)),
    _array("onehot", "vector of n entries with a 1 at index i from 0: onehot(i, n)", array_shape_rules.one_hot, numpy_values.one_hot,
           form="sizes", arity=(0, 0), attributes=("shape",)),

    _compared("greater", "1 where a > b, else 0", np.greater, "{0} > {1}"),
    _compared("greater_equal", "1 where a ≥ b, else 0", np.greater_equal, r"{0} \ge {1}"),
    _compared("less", "1 where a < b, else 0", np.less, "{0} < {1}"),
    _compared("less_equal", "1 where a ≤ b, else 0", np.less_equal, r"{0} \le {1}"),
    _compared("equal", "1 where a = b, else 0", np.equal, "{0} = {1}"),
    _compared("not_equal", "1 where a ≠ b, else 0", np.not_equal, r"{0} \ne {1}"),
    Function("where", "Comparing", "a where the condition holds, else b: where(c, a, b)", shape_rules.broadcast, numpy_values.where, arity=(3, 3),
             derivatives=(lambda x, y, z: 0, lambda x, y, z: np.where(x, 1, 0), lambda x, y, z: np.where(x, 0, 1))),
    Function("maximum", "Comparing", "the larger, entry by entry", shape_rules.broadcast, np.maximum, r"\max\left({0}, {1}\right)", arity=(2, 2),
             derivatives=(lambda x, y: x > y, lambda x, y: y > x)),
    Function("minimum", "Comparing", "the smaller, entry by entry", shape_rules.broadcast, np.minimum, r"\min\left({0}, {1}\right)", arity=(2, 2),
             derivatives=(lambda x, y: x < y, lambda x, y: y < x)),
    Function("clip", "Comparing", "x, but at least a and at most b: clip(x, a, b)", shape_rules.broadcast, np.clip, None, ("clamp",), (3, 3),
             derivatives=(lambda x, y, z: (x > y) * (x < z), lambda x, y, z: x < y, lambda x, y, z: x > z)),

    _elementary("factorial", "1 · 2 · … · n", numpy_values.factorial, None, tex=None, group="Counting"),
    _elementary("gamma", "gamma function, (n − 1)! at n", numpy_values.gamma, None, "Γ", tex=r"\Gamma\left({0}\right)", group="Counting"),
    Function("binomial", "Counting", "n over k: binomial(n, k)", shape_rules.broadcast, numpy_values.binomial, r"\binom{{{0}}}{{{1}}}",
             ("binom", "comb", "nchoosek", "choose"), (2, 2)),

    _reducing("sum", "sum of all entries, or along an axis", np.sum),
    _reducing("mean", "mean", np.mean, "average", "avg"),
    _reducing("prod", "product of all entries", np.prod),
    _reducing("var", "variance (divided by n, or by n − 1 with ddof=1)", numpy_values.var, attributes=(*REDUCING, "ddof")),
    _reducing("std", "standard deviation (divided by n, or by n − 1 with ddof=1)", numpy_values.std, attributes=(*REDUCING, "ddof")),
    _reducing("max", "largest entry", np.max, "amax", tex=r"\max\left({0}\right)"),
    _reducing("min", "smallest entry", np.min, "amin", tex=r"\min\left({0}\right)"),
    _reducing("argmax", "index of the largest entry, from 0", np.argmax),
    _reducing("argmin", "index of the smallest entry, from 0", np.argmin),
    _reducing("logsumexp", "log of the sum of exp(x)", numpy_values.logsumexp),
    _reducing("norm", "root of the sum of squares; norm(x, 1) is the sum of absolute values", numpy_values.norm, shape=shape_rules.normed,
              tex=r"\left\|{0}\right\|", attributes=("ord", *REDUCING)),
    _reducing("cumsum", "sums up to each entry", np.cumsum, shape=shape_rules.along_axis, attributes=("axis",)),

    _matrix("transpose", "rows become columns", shape_rules.transposed, np.transpose, "permute", tex=r"{{{0}}}^\top", attributes=("axes",), form="value, sizes"),
    _matrix("inv", "inverse", shape_rules.square, np.linalg.inv, "inverse", tex="{{{0}}}^{{-1}}", cost=_cubic_cost),
    _matrix("matrix_power", "power of a square matrix", shape_rules.square, np.linalg.matrix_power, tex="{{{0}}}^{{{n}}}", attributes=("n",), cost=_cubic_cost),
    _matrix("solve", "x with A x = b: solve(A, b)", shape_rules.solving, np.linalg.solve, arity=2, cost=_cubic_cost),
    _matrix("det", "determinant", shape_rules.square_to_number, np.linalg.det, tex=r"\det\left({0}\right)", cost=_cubic_cost),
    _matrix("trace", "sum of the diagonal", shape_rules.square_to_number, np.trace, "tr", tex=r"\operatorname{{tr}}\left({0}\right)"),
    _matrix("dot", "scalar product, or product of matrices", shape_rules.vectors_to_number, np.dot, tex=r"{0} \, {1}", arity=2, cost=_product_cost),
    _matrix("inner", "scalar product of two vectors, also of columns", shape_rules.equal_shapes_to_number, lambda a, b: np.sum(a * b), "vdot", arity=2),
    _matrix("outer", "outer product of two vectors", shape_rules.outer, np.outer, arity=2),
    _matrix("kron", "Kronecker product", shape_rules.kronecker, np.kron, arity=2),
    _matrix("diag", "diagonal of a matrix, or diagonal matrix of a vector", shape_rules.diagonal, numpy_values.diag, "diagonal"),
    _array("einsum", "Einstein's summation: einsum('ij,jk->ik', A, B)", array_shape_rules.einsum, lambda *arrays, subscripts: np.einsum(subscripts, *arrays),
           form="text, values", arity=ANY_NUMBER, attributes=("subscripts",), cost=_einsum_cost),

    _array("eye", "identity matrix: eye(3), or I_3", array_shape_rules.eye, lambda shape: np.eye(*shape), "identity", form="sizes", arity=(0, 0), attributes=("shape",)),
    _array("ones", "array of ones: ones((2, 3))", array_shape_rules.filled, np.ones, form="sizes", arity=(0, 0), attributes=("shape",)),
    _array("zeros", "array of zeros: zeros((2, 3))", array_shape_rules.filled, np.zeros, form="sizes", arity=(0, 0), attributes=("shape",)),
    _array("ones_like", "ones in the shape of x", shape_rules.unchanged, np.ones_like),
    _array("zeros_like", "zeros in the shape of x", shape_rules.unchanged, np.zeros_like),
    _array("reshape", "the entries row by row in another shape: reshape(x, (2, 3))", array_shape_rules.reshaped, np.reshape, "view",
           form="value, sizes", attributes=("shape",)),
    _array("ravel", "all entries in one vector, row by row", array_shape_rules.flat, np.ravel, "flatten"),
    _array("stack", "arrays of one shape along a new axis: stack([u, v])", array_shape_rules.stacked, numpy_values.stack, form="list", arity=ANY_NUMBER, attributes=("axis",)),
    _array("concatenate", "arrays one after the other: concatenate([u, v])", array_shape_rules.concatenated, numpy_values.concatenate, "concat", "cat",
           form="list", arity=ANY_NUMBER, attributes=("axis",)),
    _array("hstack", "side by side", array_shape_rules.side_by_side, lambda *arrays: np.hstack(arrays), form="list", arity=ANY_NUMBER),
    _array("vstack", "on top of each other", array_shape_rules.on_top, lambda *arrays: np.vstack(arrays), "row_stack", form="list", arity=ANY_NUMBER),
    _array("column_stack", "vectors as columns", array_shape_rules.columns, lambda *arrays: np.column_stack(arrays), form="list", arity=ANY_NUMBER),
    _array("index", "entry, row, column or slice, counted from 0: A[1, 0], A[:, 0], A[:2]", array_shape_rules.indexed, numpy_values.index, attributes=("at",)),
)  # fmt: skip
CONSTANTS: Mapping[str, tuple[float, str]] = {"pi": (np.pi, r"\pi"), "e": (np.e, "e")}
COMPARISONS: Mapping[str, str] = {
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "not_equal": "!=",
}  # fmt: skip
"""The comparisons, with the signs by which they are typed."""
FUNCTIONS: Mapping[str, Function] = {row.name: row for row in ROWS}
SPELLINGS: Mapping[str, str] = {
    spelling: row.name for row in ROWS if row.name != "index" for spelling in (row.name, *row.spellings)
}
"""What a student may type for a function, without its ``np.`` or ``np.linalg.``."""
FOLDED_SPELLINGS: Mapping[str, str] = {
    spelling.replace("_", "").casefold(): name for spelling, name in SPELLINGS.items()
}
"""The same without regard to case and underscores: ``ReLU``, ``LeakyReLU``, ``log_2``."""
