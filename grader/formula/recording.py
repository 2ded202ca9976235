"""An author's NumPy function, recorded as an expression: it is called with arrays that remember what is done to them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np

from grader.formula.expression import Expression, call, literal, symbol
from grader.formula.functions import FUNCTIONS, SPELLINGS
from grader.formula.rules import Misfit
from grader.formula.symbols import Shape, Sizes, Symbol, in_numbers


class Unrecordable(Exception):
    """A function that cannot be turned into a formula; the message is for its author."""


NUMPY = {
    **SPELLINGS, "true_divide": "divide", "float_power": "power",
}  # fmt: skip


def record(function: Callable[..., Any], symbols: Mapping[str, Symbol], sizes: Sizes) -> Expression:
    """Return what ``function`` computes, in the symbols that its parameters name; raises Unrecordable."""
    measured = {name: in_numbers(each.shape, sizes) for name, each in symbols.items()}
    parameters = list(inspect.signature(function).parameters)
    strange = [name for name in parameters if name not in symbols]
    if strange:
        raise Unrecordable(f"its parameter {strange[0]!r} is none of the problem's symbols")
    traced = [Traced(symbol(name), measured[name]) for name in parameters]
    try:
        result = function(*traced)
    except Unrecordable:
        raise
    except (Exception, SystemExit) as error:  # The author's program may fail in any way; the author is told.
        raise Unrecordable(f"it fails: {type(error).__name__}: {error}") from error
    return _expression(result)


def _expression(value: Any) -> Expression:
    if isinstance(value, Traced):
        return value.expression
    if isinstance(value, bool) or not isinstance(
        value, int | float | np.integer | np.floating | Fraction | Decimal
    ):
        raise Unrecordable(f"it uses a {type(value).__name__}, which is no part of a formula")
    if isinstance(value, float | np.floating):
        if not np.isfinite(value):
            raise Unrecordable("it uses a number that is not finite")
        return literal(
            Fraction(repr(float(value)))
        )  # The decimal that the author typed, not the double behind it.
    return literal(Fraction(int(value)) if isinstance(value, np.integer) else Fraction(value))


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that is not there: it knows its shape, and remembers what it was made from."""

    def __init__(self, expression: Expression, shape: Shape) -> None:
        self.expression = expression
        self.shape = shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def T(self) -> Traced:  # noqa: N802
        """The transpose."""
        return self._call("transpose", (self,), {})

    def _call(self, name: str, args: tuple[Any, ...], attributes: Mapping[str, Any]) -> Traced:
        row = FUNCTIONS.get(NUMPY.get(name, ""))
        if row is None:
            raise Unrecordable(f"it uses {name}, which formulas do not have")
        given = {key: each for key, each in attributes.items() if each is not None and each is not False}
        if strange := [key for key in given if key not in row.attributes]:
            raise Unrecordable(f"it uses {strange[0]} of {name}, which formulas do not have")
        op = row.name
        shapes = [arg.shape if isinstance(arg, Traced) else () for arg in args]
        if op == "dot":
            op = "matmul" if all(shapes) else "multiply"
        expressions = tuple(_expression(arg) for arg in args)
        try:
            return Traced(call(op, *expressions, **given), FUNCTIONS[op].shape(shapes, given))
        except Misfit as misfit:
            raise Unrecordable(str(misfit)) from None

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **attributes: Any) -> Traced:
        if method != "__call__":
            raise Unrecordable(f"it uses {ufunc.__name__}.{method}, which formulas do not have")
        return self._call(ufunc.__name__, inputs, attributes)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], attributes: dict[str, Any]
    ) -> Traced:
        return self._call(function.__name__, args, attributes)

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Traced:
        """The sum along an axis."""
        return self._call("sum", (self,), {"axis": axis, "keepdims": keepdims})

    def mean(self, axis: int | None = None, keepdims: bool = False) -> Traced:
        """The mean along an axis."""
        return self._call("mean", (self,), {"axis": axis, "keepdims": keepdims})

    def max(self, axis: int | None = None, keepdims: bool = False) -> Traced:
        """The largest entry along an axis."""
        return self._call("max", (self,), {"axis": axis, "keepdims": keepdims})

    def min(self, axis: int | None = None, keepdims: bool = False) -> Traced:
        """The smallest entry along an axis."""
        return self._call("min", (self,), {"axis": axis, "keepdims": keepdims})

    def transpose(self) -> Traced:
        """The transpose."""
        return self.T

    def dot(self, other: Any) -> Traced:
        """The matrix product."""
        return self._call("dot", (self, other), {})

    def _refuse(self, *_: Any) -> NoReturn:
        raise Unrecordable(
            "it asks for a number where only a symbol is known (a comparison, a loop over entries, …)"
        )

    __bool__ = __float__ = __int__ = __index__ = __iter__ = __len__ = __array__ = __getitem__ = (
        __setitem__
    ) = _refuse
