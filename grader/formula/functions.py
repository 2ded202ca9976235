"""The one table of functions and operators: a row says how each is spelt, shaped, valued and typeset.

A shape rule takes the shapes of the arguments (tuples of numbers or letters) and the attributes, and returns the shape
of the result or raises ``Misfit`` with a sentence. A value takes NumPy arrays. In ``tex``, ``{0}`` and ``{1}`` are the
arguments. Adding a function is adding a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.formula import numerics, rules
from grader.formula.rules import Rule


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


def _elementary(name: str, value: Callable[..., Any], tex: str | None = None, *spellings: str) -> Function:
    return Function(name, rules.same, value, tex or rf"\{name}\left({{0}}\right)", spellings)


REDUCING = ("axis", "keepdims")
OPERATORS = (
    Function("add", rules.broadcast, np.add, "{0} + {1}", arity=(2, 2)),
    Function("subtract", rules.broadcast, np.subtract, "{0} - {1}", arity=(2, 2)),
    Function("multiply", rules.broadcast, np.multiply, r"{0} \odot {1}", arity=(2, 2)),
    Function("divide", rules.broadcast, np.divide, r"\frac{{{0}}}{{{1}}}", arity=(2, 2)),
    Function("power", rules.broadcast, numerics.power, "{{{0}}}^{{{1}}}", arity=(2, 2)),
    Function("negative", rules.same, np.negative, "-{0}"),
    Function("matmul", rules.product, np.matmul, r"{0} \, {1}", arity=(2, 2)),
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
        "arctan2",
        rules.broadcast,
        np.arctan2,
        r"\operatorname{{arctan2}}\left({0}, {1}\right)",
        ("atan2",),
        (2, 2),
    ),
    _elementary("arcsinh", np.arcsinh, r"\operatorname{{arcsinh}}\left({0}\right)", "asinh"),
    _elementary("arccosh", np.arccosh, r"\operatorname{{arccosh}}\left({0}\right)", "acosh"),
    _elementary("arctanh", np.arctanh, r"\operatorname{{arctanh}}\left({0}\right)", "atanh"),
    _elementary("softplus", numerics.softplus, r"\operatorname{{softplus}}\left({0}\right)"),
    _elementary("floor", np.floor, r"\operatorname{{floor}}\left({0}\right)"),
    _elementary("ceil", np.ceil, r"\operatorname{{ceil}}\left({0}\right)"),
    _elementary("gamma", numerics.gamma, r"\Gamma\left({0}\right)", "Γ"),
    _elementary(
        "factorial",
        lambda x: numerics.gamma(np.asarray(x) + 1),
        r"\operatorname{{factorial}}\left({0}\right)",
    ),
    _elementary("sigmoid", numerics.sigmoid, r"\sigma\left({0}\right)", "σ"),
    _elementary("relu", lambda x: np.maximum(x, 0.0), r"\operatorname{{relu}}\left({0}\right)"),
    Function(
        "softmax",
        rules.along,
        numerics.softmax,
        r"\operatorname{{softmax}}\left({0}\right)",
        attributes=("axis",),
    ),
    Function("sum", rules.reduced, np.sum, r"\operatorname{{sum}}\left({0}\right)", attributes=REDUCING),
    Function(
        "logsumexp",
        rules.reduced,
        numerics.logsumexp,
        r"\operatorname{{logsumexp}}\left({0}\right)",
        attributes=REDUCING,
    ),
    Function("prod", rules.reduced, np.prod, r"\operatorname{{prod}}\left({0}\right)", attributes=REDUCING),
    Function("var", rules.reduced, np.var, r"\operatorname{{var}}\left({0}\right)", attributes=REDUCING),
    Function(
        "cumsum", rules.along, np.cumsum, r"\operatorname{{cumsum}}\left({0}\right)", attributes=("axis",)
    ),
    Function("mean", rules.reduced, np.mean, r"\operatorname{{mean}}\left({0}\right)", attributes=REDUCING),
    Function("max", rules.reduced, np.max, r"\max\left({0}\right)", ("amax",), attributes=REDUCING),
    Function("min", rules.reduced, np.min, r"\min\left({0}\right)", ("amin",), attributes=REDUCING),
    Function("maximum", rules.broadcast, np.maximum, r"\max\left({0}, {1}\right)", arity=(2, 2)),
    Function("minimum", rules.broadcast, np.minimum, r"\min\left({0}, {1}\right)", arity=(2, 2)),
    Function("norm", rules.reduced, np.linalg.norm, r"\left\|{0}\right\|", attributes=REDUCING),
    Function("dot", rules.vectors_to_number, np.dot, r"{0} \, {1}", arity=(2, 2)),
    Function("outer", rules.outer, np.outer, r"\operatorname{{outer}}\left({0}, {1}\right)", arity=(2, 2)),
    Function("kron", rules.kronecker, np.kron, r"\operatorname{{kron}}\left({0}, {1}\right)", arity=(2, 2)),
    Function(
        "solve", rules.solving, np.linalg.solve, r"\operatorname{{solve}}\left({0}, {1}\right)", arity=(2, 2)
    ),
    Function("trace", rules.square_to_number, np.trace, r"\operatorname{{tr}}\left({0}\right)", ("tr",)),
    Function("det", rules.square_to_number, np.linalg.det, r"\det\left({0}\right)"),
    Function("inv", rules.square, np.linalg.inv, "{{{0}}}^{{-1}}", ("inverse",)),
    Function("transpose", rules.transposed, np.transpose, r"{{{0}}}^\top"),
    Function("diag", rules.diagonal, np.diag, r"\operatorname{{diag}}\left({0}\right)"),
    Function("matrix_power", rules.square, np.linalg.matrix_power, "{{{0}}}^{{{n}}}", attributes=("n",)),
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
