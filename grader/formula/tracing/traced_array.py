"""An author's NumPy function, recorded as an expression: it is called with arrays that remember what is done to them.

The sizes are known, so that loops over ``range(X.shape[0])`` and over rows unroll. Numbers stay exact: 0.1 is one tenth,
1/3 one third, and a float that can only have come out of a computation is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Any, NoReturn

import numpy as np

from grader.formula.evaluation.exact_numbers import NATURAL, Unrecordable, declared, exact, natural, quotient
from grader.formula.evaluation.shapes import Mismatch, shape_of, shapes
from grader.formula.evaluation.value import evaluate
from grader.formula.expression import DISPLAY, Expression, attributes, call, make, names, symbol
from grader.formula.functions.call_arguments import Misused, apply_function, constant_number
from grader.formula.functions.table import COMPARISONS, CONSTANTS, FUNCTIONS, SPELLINGS
from grader.formula.symbols import Shape
from grader.formula.tracing.numpy_overrides import REWRITTEN

MOST_ENTRIES = 400
ONLY_A_SYMBOL = "it asks for a number where only a symbol is known (a comparison, an index, a conversion, …)"


def record(function: Callable[..., Any], symbols: Mapping[str, Shape]) -> Expression:
    """Return what ``function`` computes, in the symbols that its parameters name; raises Unrecordable.

    ``symbols`` gives each symbol's shape in numbers. Any other exception is the function's own.
    """
    given = inspect.signature(function).parameters
    parameters = [name for name, each in given.items() if name in symbols or each.default is each.empty]
    strange = [name for name in parameters if name not in symbols]
    if strange:
        raise Unrecordable(f"its parameter {strange[0]!r} is none of the problem's symbols")
    declared.clear()
    declared.update(symbols)
    return _value(function(**{name: Traced(symbol(name), symbols[name]) for name in parameters}), {})


def recorded(function: Callable[..., Any], arguments: Sequence[Expression]) -> Expression:
    """Return what a function of single numbers computes."""
    return _value(function(*(Traced(argument, ()) for argument in arguments)), {})


def _value(value: Any, known: dict[Expression, Shape]) -> Expression:
    """Return a value that a function works with as an expression, and note its shape."""
    expression = _expression(value, known)
    if expression not in known:
        known[expression] = shapes(expression, {})[expression]
    return expression


def _expression(value: Any, known: dict[Expression, Shape]) -> Expression:
    if isinstance(value, Traced):
        known[value.expression] = value.shape
        return value.expression
    if isinstance(value, float | np.floating):
        name = NATURAL.get(float(value))
        return natural(name) if name else quotient(exact(float(value)))
    if isinstance(value, int | np.integer | np.bool_):
        return quotient(Fraction(int(value)))
    if isinstance(value, Fraction | Decimal):
        return quotient(Fraction(value))
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.size <= MOST_ENTRIES:
        return _array(value, known)
    raise Unrecordable(f"it uses a {type(value).__name__}, which is no part of a formula")


def _array(value: Any, known: dict[Expression, Shape]) -> Expression:
    """A constant array: the identity, ones or zeros under their names, any other entry by entry."""
    if value.ndim == 0:
        return _expression(value[()], known)
    if value.ndim == 2 and np.array_equal(value, np.eye(len(value))):
        return call("eye", shape=(len(value),))
    for name, entry in (("ones", 1), ("zeros", 0)):
        if (value == entry).all():
            return call(name, shape=value.shape)
    return call("stack", *(_value(each, known) for each in value))


class Size(int):
    """The length of an axis: a whole number whose root or quotient is exact."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **attributes: Any) -> Traced:
        traced = [constant(each) if isinstance(each, Size) else each for each in inputs]
        return getattr(ufunc, method)(*traced, **attributes)  # type: ignore[no-any-return]

    def __pow__(self, exponent: Any, modulus: None = None) -> Any:  # type: ignore[override]
        return (
            Size(int(self) ** exponent) if isinstance(exponent, int) and exponent >= 0 else constant(self) ** exponent
        )

    def __truediv__(self, other: Any) -> Any:
        return constant(self) / other

    def __rtruediv__(self, other: Any) -> Any:
        return other / constant(self)


def constant(value: Any) -> Traced:
    """Return a plain number or array as one whose further fate is recorded."""
    known: dict[Expression, Shape] = {}
    expression = _value(int(value) if isinstance(value, Size) else value, known)
    return Traced(expression, known[expression])


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that is not there: it knows its shape, and remembers what it was made from."""

    def __init__(self, expression: Expression, shape: Shape, truth: bool = False) -> None:
        self.expression = expression
        self._truth = truth
        self._shape = shape
        self._shared = False

    @property
    def shape(self) -> Shape:
        """The length of each axis."""
        return tuple(map(Size, self._shape))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return Size(prod(map(int, self._shape)))

    @property
    def T(self) -> Traced:  # noqa: N802
        """The transpose."""
        return apply("transpose", (self,), {})

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **attributes: Any) -> Traced:
        name = ufunc.__name__
        if method == "reduce" and name in REDUCTIONS:
            return apply(REDUCTIONS[name], inputs, {"axis": 0, **attributes})
        if method != "__call__":
            raise Unrecordable(f"it uses {name}.{method}, which formulas do not have")
        target = attributes.pop("out", (None,))[0]
        result = apply(name, inputs, attributes)
        return result if target is None else _put(target, result)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], attributes: dict[str, Any]
    ) -> Traced:
        name = function.__name__
        if name in ABOUT:
            return ABOUT[name](args[0])  # type: ignore[no-any-return]
        if "axis" in attributes and attributes["axis"] is None and name in ("concatenate", "stack"):
            raise Unrecordable(f"it uses {name} without an axis; say which one")
        given, keywords = _bound(function, name, args, attributes)
        return apply(name, given, keywords)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in NUMPY and name not in REWRITTEN:
            raise Unrecordable(f"it uses .{name} of an array, which formulas do not have")
        return lambda *args, **attributes: apply(name, (self, *args), attributes)

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Traced:
        """The same numbers, in memory of their own; only a comparison is the same in whole numbers."""
        if not (floating(dtype) or self._truth):
            raise Unrecordable(f"it turns numbers into {dtype}, which formulas do not do")
        return Traced(self.expression, self._shape)

    def copy(self) -> Traced:
        """The same numbers in memory of their own."""
        return Traced(self.expression, self._shape)

    def __getitem__(self, key: Any) -> Traced:
        items = key if isinstance(key, tuple) else (key,)
        return apply("index", (self,), {"at": tuple(_item(item) for item in items)})

    def __len__(self) -> int:
        if not self._shape:
            raise TypeError("a single number has no length")
        return int(self._shape[0])

    def __iter__(self) -> Iterator[Traced]:
        return (self[row] for row in range(len(self)))

    def _number(self) -> Fraction:
        number = constant_number(self.expression)
        if number is None and not self._shape and not set(names((self.expression,))) - (set(CONSTANTS) - declared):
            number = Fraction(float(evaluate(self.expression, {})))
        if number is None:
            raise Unrecordable(ONLY_A_SYMBOL)
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
        raise Unrecordable("it makes an array out of a list of symbols; put np.stack or np.array around the list")

    def __setitem__(self, *_: Any) -> NoReturn:
        raise Unrecordable("it sets single entries; build the array with np.stack, np.concatenate or np.where instead")


def floating(dtype: Any) -> bool:
    """Whether a type is that of ordinary floats."""
    return dtype in (None, float, np.float64, "float", "float64", "f8", "d")


def _put(target: Any, result: Traced) -> Traced:
    """Change an array in place: ``A += 1``; a single number is replaced, since NumPy's cannot be changed."""
    if not isinstance(target, Traced):
        raise Unrecordable("it changes a plain array in place by symbols; write t = t + … instead")
    if target._shape == ():
        return result
    if target._shared:
        raise Unrecordable("it changes an array in place of which there are other views; write A = A + … instead")
    if target._shape != result._shape:
        raise Unrecordable("it changes an array in place into one of another shape")
    target.expression = result.expression
    return target


def _item(item: Any) -> Any:
    if item is None or item is Ellipsis:
        return "..." if item is Ellipsis else None
    if isinstance(item, slice):
        return tuple(None if each is None else int(each) for each in (item.start, item.stop, item.step))
    if isinstance(item, int | np.integer) and not isinstance(item, bool):
        return int(item)
    raise Unrecordable("it uses an index that is neither a whole number nor a slice")


def _bound(
    function: Any, name: str, args: tuple[Any, ...], attributes: dict[str, Any]
) -> tuple[Any, Mapping[str, Any]]:
    """Sort the arguments of a NumPy function into positional ones and keywords, by its own signature."""
    row = FUNCTIONS.get(NUMPY.get(name, ""))
    try:
        bound = inspect.signature(function).bind(*args, **attributes)
    except (
        TypeError,
        ValueError,
    ):  # Functions in C have no signature; their arguments come as they are written.
        return args, attributes
    given: list[Any] = []
    keywords = dict(bound.arguments)
    for key, parameter in inspect.signature(function).parameters.items():
        if key in keywords and parameter.kind is parameter.VAR_POSITIONAL:
            given += keywords.pop(key)
        elif key in keywords and len(given) < (
            row.arity[1] if row and row.form == "values" and name not in REWRITTEN else 1
        ):
            given.append(keywords.pop(key))
    return given, keywords


def apply(name: str, given: Sequence[Any], keywords: Mapping[str, Any]) -> Traced:
    """Return a function of NumPy applied to arrays, some of them traced; raises Unrecordable."""
    if name in TRUTHS:
        return _logical(name, given)
    if name in REWRITTEN:
        result: Traced = REWRITTEN[name](*given, **keywords)
        return result
    if name not in NUMPY:
        raise Unrecordable(f"it uses {name}, which formulas do not have")
    known: dict[Expression, Shape] = {}
    expression = _applied(name, given, keywords, known)
    if refused := _unlike_numpy(expression, known):
        raise Unrecordable(f"it uses {name} otherwise than formulas can: {refused}")
    if refused := _of_truths(name, expression, given):
        raise Unrecordable(refused)
    if expression.op == "dot":
        expression = call("matmul" if all(known[arg] for arg in expression.args) else "multiply", *expression.args)
    try:
        shape = shape_of(expression, _with_literals(expression, known), {}, mixing=True)
    except Mismatch as mismatch:
        raise Unrecordable(mismatch.sentence) from None
    result = Traced(expression, shape, truth=expression.op in COMPARISONS)
    if expression.op in VIEWS and isinstance(given[0], Traced) and shape:
        given[0]._shared = result._shared = True
    return result


VIEWS = frozenset(("transpose", "index", "reshape", "ravel", "diag"))
"""What may look at the same memory as its argument: neither of the two can be changed in place any more."""


def _of_truths(name: str, expression: Expression, given: Sequence[Any]) -> str | None:
    """Why NumPy means something else where all operands are comparisons: sums of those are alternatives."""
    operands = [each for each in given if isinstance(each, Traced | bool | np.bool_)]
    truths = [not isinstance(each, Traced) or each._truth for each in operands]
    if not operands or not all(truths) or len(operands) < len([each for each in given if not isinstance(each, str)]):
        return None
    if expression.op in ("add", "subtract", "negative", "matmul", "dot", "einsum", "power", "divide"):
        return f"it calculates ({name}) with comparisons alone; write (a > b).astype(float)"
    return None


def _applied(
    name: str, given: Sequence[Any], keywords: Mapping[str, Any], known: dict[Expression, Shape]
) -> Expression:
    if name == "index":
        return call("index", _value(given[0], known), at=keywords["at"])
    attributes = {key: _given(each, known) for key, each in keywords.items() if not _idle(key, each)}
    try:
        return apply_function(NUMPY[name], [_positional(name, each, known) for each in given], attributes)
    except Misused as misused:
        raise Unrecordable(f"it uses {name} otherwise than formulas can: {misused}") from None


def _positional(name: str, value: Any, known: dict[Expression, Shape]) -> Any:
    """Between the commas True is 1, and a list is an array where the function takes one, else an axis or a shape."""
    if isinstance(value, bool | np.bool_):
        value = int(value)
    operands = FUNCTIONS[NUMPY[name]].form in ("values", "text, values")
    if isinstance(value, list | tuple) and (
        operands and (isinstance(value, list) or FUNCTIONS[NUMPY[name]].elementwise)
    ):
        return _listed(value, known)
    return _given(value, known)


def _listed(value: Any, known: dict[Expression, Shape]) -> Expression:
    """A list of numbers, or of lists, as an array."""
    if not isinstance(value, list | tuple):
        return _value(value, known)
    expression = call("stack", *(_listed(each, known) for each in value))
    try:
        known[expression] = shape_of(expression, known, {})
    except Mismatch as mismatch:
        raise Unrecordable(mismatch.sentence) from None
    return expression


def _idle(key: str, value: Any) -> bool:
    """Whether a keyword changes nothing: left at its default, or of no meaning for a formula."""
    if value is None or value is np._NoValue or key in WITHOUT_EFFECT:
        return True
    return (key == "dtype" and value in (float, np.float64)) or (key == "order" and value == "C")


def _unlike_numpy(expression: Expression, known: Mapping[Expression, Shape]) -> str | None:
    """Where a formula means something else than NumPy does with the same arguments."""
    ranks = [len(known[arg]) for arg in expression.args if arg in known]
    shape = known[expression.args[0]] if ranks else ()
    if expression.op == "diag" and len(shape) == 2 and shape[0] != shape[1]:
        return "np.diag of a column is its first entry"
    if expression.op == "dot" and max(ranks) > 2:
        return "write @ for stacks of matrices"
    if expression.op in ("cumsum", "softmax") and max(ranks) > 1 and not attributes(expression):
        return "say the axis"
    return None


def _with_literals(expression: Expression, known: dict[Expression, Shape]) -> dict[Expression, Shape]:
    """The shapes of the arguments, those that were left out and have a default among them."""
    return {arg: known.get(arg, ()) for arg in expression.args}


def _given(value: Any, known: dict[Expression, Shape]) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, list | tuple):
        return make(DISPLAY, tuple(_given_entry(each, known) for each in value))
    return _value(value, known)


def _given_entry(value: Any, known: dict[Expression, Shape]) -> Expression:
    given = _listed(value, known) if isinstance(value, list | tuple) else _given(value, known)
    if not isinstance(given, Expression):
        raise Unrecordable(f"it uses a {type(value).__name__}, which is no part of a formula")
    return given


def _logical(name: str, given: Sequence[Any]) -> Traced:
    """``and``, ``or`` and ``not`` of comparisons."""
    if not all(isinstance(each, bool | np.bool_) or (isinstance(each, Traced) and each._truth) for each in given):
        raise Unrecordable(f"it uses {name} of something else than comparisons")
    if name in ("logical_not", "invert"):
        result = apply("subtract", [1, given[0]], {})
    else:
        result = apply("multiply" if name.endswith("and") else "maximum", given, {})
    result._truth = True
    return result


ABOUT: Mapping[str, Callable[[Any], Any]] = {
    "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
    "size": lambda x: x.size,
    "copy": lambda x: x.copy(),
}
WITHOUT_EFFECT = frozenset(("optimize", "casting", "subok", "copy"))
NUMPY = {**SPELLINGS, "index": "index"}
TRUTHS = frozenset(("logical_and", "bitwise_and", "logical_or", "bitwise_or", "logical_not", "invert"))
REDUCTIONS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
