"""Traced arrays: they remember what an author's NumPy function does to them, as JAX's tracers do.

The sizes are known, so that loops over ``range(X.shape[0])`` and over rows unroll. Numbers stay exact: 0.1 is one tenth,
1/3 one third, and a float that can only have come out of a computation is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Any, NoReturn

import numpy as np

from grader.formula.evaluation.evaluate import evaluate
from grader.formula.evaluation.exact_numbers import (
    CONSTANT_NAMES,
    Untraceable,
    constant_expression,
    exact_fraction,
    quotient,
    traced_symbols,
)
from grader.formula.evaluation.shapes import ShapeMismatch, shape_of, shapes
from grader.formula.expression import DISPLAY, Expression, call, make, symbol_names
from grader.formula.functions.call_arguments import ArgumentError, apply_function, constant_number
from grader.formula.functions.table import COMPARISONS, CONSTANTS, FUNCTIONS
from grader.formula.symbols import Shape
from grader.formula.tracing.numpy_arguments import (
    FORMULA_NAMES,
    LOGICAL_FUNCTIONS,
    REDUCTIONS,
    VIEWS,
    bind_arguments,
    difference_from_numpy,
    has_no_effect,
    index_item,
    is_float_dtype,
)
from grader.formula.tracing.numpy_overrides import OVERRIDES

MAX_CONSTANT_ENTRIES = 400
NO_NUMBER_KNOWN = "it asks for a number where only a symbol is known (a comparison, an index, a conversion, …)"


def as_expression(value: Any, known: dict[Expression, Shape]) -> Expression:
    """Return a value that a function works with as an expression, and note its shape."""
    expression = _expression(value, known)
    if expression not in known:
        known[expression] = shapes(expression, {})[expression]
    return expression


def _expression(value: Any, known: dict[Expression, Shape]) -> Expression:
    if isinstance(value, TracedArray):
        known[value.expression] = value.shape
        return value.expression
    if isinstance(value, float | np.floating):
        name = CONSTANT_NAMES.get(float(value))
        return constant_expression(name) if name else quotient(exact_fraction(float(value)))
    if isinstance(value, int | np.integer | np.bool_):
        return quotient(Fraction(int(value)))
    if isinstance(value, Fraction | Decimal):
        return quotient(Fraction(value))
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.size <= MAX_CONSTANT_ENTRIES:
        return _constant_array(value, known)
    raise Untraceable(f"it uses a {type(value).__name__}, which is no part of a formula")


def _constant_array(value: Any, known: dict[Expression, Shape]) -> Expression:
    """A constant array: the identity, ones or zeros under their names, any other entry by entry."""
    if value.ndim == 0:
        return _expression(value[()], known)
    if value.ndim == 2 and np.array_equal(value, np.eye(len(value))):
        return call("eye", shape=(len(value),))
    for name, entry in (("ones", 1), ("zeros", 0)):
        if (value == entry).all():
            return call(name, shape=value.shape)
    return call("stack", *(as_expression(each, known) for each in value))


class AxisLength(int):
    """The length of an axis: a whole number whose root or quotient is exact."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **attributes: Any) -> TracedArray:
        traced = [constant(each) if isinstance(each, AxisLength) else each for each in inputs]
        return getattr(ufunc, method)(*traced, **attributes)  # type: ignore[no-any-return]

    def __pow__(self, exponent: Any, modulus: None = None) -> Any:  # type: ignore[override]
        exact = isinstance(exponent, int) and exponent >= 0
        return AxisLength(int(self) ** exponent) if exact else constant(self) ** exponent

    def __truediv__(self, other: Any) -> Any:
        return constant(self) / other

    def __rtruediv__(self, other: Any) -> Any:
        return other / constant(self)


def constant(value: Any) -> TracedArray:
    """Return a plain number or array as one whose further fate is recorded."""
    known: dict[Expression, Shape] = {}
    expression = as_expression(int(value) if isinstance(value, AxisLength) else value, known)
    return TracedArray(expression, known[expression])


class TracedArray(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that is not there: it knows its shape, and remembers what it was made from."""

    def __init__(self, expression: Expression, shape: Shape, is_comparison: bool = False) -> None:
        self.expression = expression
        self._is_comparison = is_comparison
        self._shape = shape
        self._has_views = False

    @property
    def shape(self) -> Shape:
        """The length of each axis."""
        return tuple(map(AxisLength, self._shape))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return AxisLength(prod(map(int, self._shape)))

    @property
    def T(self) -> TracedArray:  # noqa: N802
        """The transpose."""
        return apply("transpose", (self,), {})

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **attributes: Any) -> TracedArray:
        name = ufunc.__name__
        if method == "reduce" and name in REDUCTIONS:
            return apply(REDUCTIONS[name], inputs, {"axis": 0, **attributes})
        if method != "__call__":
            raise Untraceable(f"it uses {name}.{method}, which formulas do not have")
        target = attributes.pop("out", (None,))[0]
        result = apply(name, inputs, attributes)
        return result if target is None else _assign_in_place(target, result)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], attributes: dict[str, Any]
    ) -> TracedArray:
        name = function.__name__
        if name in ATTRIBUTE_FUNCTIONS:
            return ATTRIBUTE_FUNCTIONS[name](args[0])  # type: ignore[no-any-return]
        if "axis" in attributes and attributes["axis"] is None and name in ("concatenate", "stack"):
            raise Untraceable(f"it uses {name} without an axis; say which one")
        given, keywords = bind_arguments(function, name, args, attributes)
        return apply(name, given, keywords)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in FORMULA_NAMES and name not in OVERRIDES:
            raise Untraceable(f"it uses .{name} of an array, which formulas do not have")
        return lambda *args, **attributes: apply(name, (self, *args), attributes)

    def astype(self, dtype: Any, *_: Any, **__: Any) -> TracedArray:
        """The same numbers, in memory of their own; only a comparison is the same in whole numbers."""
        if not (is_float_dtype(dtype) or self._is_comparison):
            raise Untraceable(f"it turns numbers into {dtype}, which formulas do not do")
        return TracedArray(self.expression, self._shape)

    def copy(self) -> TracedArray:
        """The same numbers in memory of their own."""
        return TracedArray(self.expression, self._shape)

    def __getitem__(self, key: Any) -> TracedArray:
        items = key if isinstance(key, tuple) else (key,)
        return apply("index", (self,), {"at": tuple(index_item(item) for item in items)})

    def __len__(self) -> int:
        if not self._shape:
            raise TypeError("a single number has no length")
        return int(self._shape[0])

    def __iter__(self) -> Iterator[TracedArray]:
        return (self[row] for row in range(len(self)))

    def _number(self) -> Fraction:
        number = constant_number(self.expression)
        if (
            number is None
            and not self._shape
            and not set(symbol_names((self.expression,))) - (set(CONSTANTS) - traced_symbols.get())
        ):
            number = Fraction(float(evaluate(self.expression, {})))
        if number is None:
            raise Untraceable(NO_NUMBER_KNOWN)
        return number

    def __bool__(self) -> bool:
        return bool(self._number())

    def __float__(self) -> float:
        return float(self._number())

    def __int__(self) -> int:
        return int(self._number())

    def __index__(self) -> int:
        number = self._number()
        if number.denominator != 1:
            raise TypeError("only whole numbers are indices")
        return int(number)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise Untraceable("it makes an array out of a list of symbols; put np.stack or np.array around the list")

    def __setitem__(self, *_: Any) -> NoReturn:
        raise Untraceable("it sets single entries; build the array with np.stack, np.concatenate or np.where instead")


def _assign_in_place(target: Any, result: TracedArray) -> TracedArray:
    """Change an array in place: ``A += 1``; a single number is replaced, since NumPy's cannot be changed."""
    if not isinstance(target, TracedArray):
        raise Untraceable("it changes a plain array in place by symbols; write t = t + … instead")
    if target._shape == ():
        return result
    if target._has_views:
        raise Untraceable("it changes an array in place of which there are other views; write A = A + … instead")
    if target._shape != result._shape:
        raise Untraceable("it changes an array in place into one of another shape")
    target.expression = result.expression
    return target


def apply(name: str, given: Sequence[Any], keywords: Mapping[str, Any]) -> TracedArray:
    """Return a function of NumPy applied to arrays, some of them traced; raises Untraceable."""
    if name in LOGICAL_FUNCTIONS:
        return _apply_logical(name, given)
    if name in OVERRIDES:
        result: TracedArray = OVERRIDES[name](*given, **keywords)
        return result
    if name not in FORMULA_NAMES:
        raise Untraceable(f"it uses {name}, which formulas do not have")
    known: dict[Expression, Shape] = {}
    expression = _call_expression(name, given, keywords, known)
    if refused := difference_from_numpy(expression, known):
        raise Untraceable(f"it uses {name} otherwise than formulas can: {refused}")
    if refused := _misuse_of_comparisons(name, expression, given):
        raise Untraceable(refused)
    if expression.op == "dot":
        expression = call("matmul" if all(known[arg] for arg in expression.args) else "multiply", *expression.args)
    try:
        shape = shape_of(expression, _argument_shapes(expression, known), {}, mixing=True)
    except ShapeMismatch as mismatch:
        raise Untraceable(mismatch.sentence) from None
    result = TracedArray(expression, shape, is_comparison=expression.op in COMPARISONS)
    if expression.op in VIEWS and isinstance(given[0], TracedArray) and shape:
        given[0]._has_views = result._has_views = True
    return result


def _misuse_of_comparisons(name: str, expression: Expression, given: Sequence[Any]) -> str | None:
    """Why NumPy means something else where all operands are comparisons: sums of those are alternatives."""
    operands = [each for each in given if isinstance(each, TracedArray | bool | np.bool_)]
    truths = [not isinstance(each, TracedArray) or each._is_comparison for each in operands]
    if not operands or not all(truths) or len(operands) < len([each for each in given if not isinstance(each, str)]):
        return None
    if expression.op in ("add", "subtract", "negative", "matmul", "dot", "einsum", "power", "divide"):
        return f"it calculates ({name}) with comparisons alone; write (a > b).astype(float)"
    return None


def _call_expression(
    name: str, given: Sequence[Any], keywords: Mapping[str, Any], known: dict[Expression, Shape]
) -> Expression:
    if name == "index":
        return call("index", as_expression(given[0], known), at=keywords["at"])
    attributes = {key: _argument(each, known) for key, each in keywords.items() if not has_no_effect(key, each)}
    try:
        return apply_function(
            FORMULA_NAMES[name], [_positional_argument(name, each, known) for each in given], attributes
        )
    except ArgumentError as misused:
        raise Untraceable(f"it uses {name} otherwise than formulas can: {misused}") from None


def _positional_argument(name: str, value: Any, known: dict[Expression, Shape]) -> Any:
    """Between the commas True is 1, and a list is an array where the function takes one, else an axis or a shape."""
    if isinstance(value, bool | np.bool_):
        value = int(value)
    operands = FUNCTIONS[FORMULA_NAMES[name]].form in ("values", "text, values")
    if isinstance(value, list | tuple) and (
        operands and (isinstance(value, list) or FUNCTIONS[FORMULA_NAMES[name]].elementwise)
    ):
        return _list_expression(value, known)
    return _argument(value, known)


def _list_expression(value: Any, known: dict[Expression, Shape]) -> Expression:
    """A list of numbers, or of lists, as an array."""
    if not isinstance(value, list | tuple):
        return as_expression(value, known)
    expression = call("stack", *(_list_expression(each, known) for each in value))
    try:
        known[expression] = shape_of(expression, known, {})
    except ShapeMismatch as mismatch:
        raise Untraceable(mismatch.sentence) from None
    return expression


def _argument_shapes(expression: Expression, known: dict[Expression, Shape]) -> dict[Expression, Shape]:
    """The shapes of the arguments, those that were left out and have a default among them."""
    return {arg: known.get(arg, ()) for arg in expression.args}


def _argument(value: Any, known: dict[Expression, Shape]) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, list | tuple):
        return make(DISPLAY, tuple(_argument_entry(each, known) for each in value))
    return as_expression(value, known)


def _argument_entry(value: Any, known: dict[Expression, Shape]) -> Expression:
    given = _list_expression(value, known) if isinstance(value, list | tuple) else _argument(value, known)
    if not isinstance(given, Expression):
        raise Untraceable(f"it uses a {type(value).__name__}, which is no part of a formula")
    return given


def _apply_logical(name: str, given: Sequence[Any]) -> TracedArray:
    """``and``, ``or`` and ``not`` of comparisons."""
    for value in given:
        if not (isinstance(value, bool | np.bool_) or (isinstance(value, TracedArray) and value._is_comparison)):
            raise Untraceable(f"it uses {name} of something else than comparisons")
    if name in ("logical_not", "invert"):
        result = apply("subtract", [1, given[0]], {})
    else:
        result = apply("multiply" if name.endswith("and") else "maximum", given, {})
    result._is_comparison = True
    return result


ATTRIBUTE_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
    "size": lambda x: x.size,
    "copy": lambda x: x.copy(),
}
