"""Argument binding: what stands in the brackets of a call, sorted into arguments and attributes as the row of the table says.

Typed and traced formulas both come by here: ``sum(x, 0)``, ``x.sum(axis=0)`` and ``np.sum(x, axis=0)`` are one.
A list or a tuple is a ``DISPLAY`` until it is known to be an axis, a shape or a list of arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from grader.formula.expression import DEFINED, DISPLAY, LITERAL, Constant, Expression, call, literal
from grader.formula.functions.block_matrices import array_of_lists
from grader.formula.functions.table import FUNCTIONS, Function

CallItem = Expression | Constant
"""One thing between the commas: a value, or a text, True, False or None."""
MAX_AXIS = 9
MAX_AXIS_LENGTH = 4096
MAX_MATRIX_POWER = 64
SYNONYMS = {"dim": "axis", "keepdim": "keepdims", "newshape": "shape", "p": "ord"}


class ArgumentError(Exception):
    """A function that does not take what it is given; one sentence for whoever wrote it."""


def apply_function(name: str, items: Sequence[CallItem], keywords: Mapping[str, CallItem]) -> Expression:
    """Return a function of the table applied to what stands in its brackets.

    >>> from grader.formula.expression import symbol
    >>> apply_function("sum", [symbol("X"), literal(0)], {}) is apply_function("sum", [symbol("X")], {"axis": literal(0)})
    True

    Raises: ArgumentError where the function does not take that.
    """
    row = FUNCTIONS[name]
    keywords = {SYNONYMS.get(key, key): item for key, item in keywords.items()}
    if unknown := [key for key in keywords if key not in row.attributes]:
        raise ArgumentError(f"The function “{name}” has no {unknown[0]}.")
    args, rest = _FORMS[row.form](row, list(items))
    attributes = dict(zip(_positional(row), rest, strict=False))
    if len(rest) > len(_positional(row)) or not row.arity[0] <= len(args) <= row.arity[1]:
        raise ArgumentError(f"The function “{name}” takes {_arity_text(row)}, not {len(args) + len(rest)}.")
    missing = row.arity[1] - len(args)
    defaults = (
        [literal(Fraction(default)) for default in row.defaults[len(row.defaults) - missing :]] if row.defaults else []
    )
    constants = {key: constant(key, item) for key, item in {**attributes, **keywords}.items()}
    # None and False are the defaults: f(x, axis=None) and f(x) are one expression.
    stated = {key: value for key, value in constants.items() if value is not None and value is not False}
    if "shape" in row.attributes and "shape" not in stated:
        raise ArgumentError(f"The function “{name}” needs a shape, as in {name}((2, 3)).")
    if row.name == "matrix_power" and "n" not in stated:
        raise ArgumentError("The function “matrix_power” needs a power, as in matrix_power(A, 3).")
    if row.name == "matrix_power" and stated.get("n") == -1:
        return call("inv", *args)
    return call(row.name, *args, *defaults, **stated)


def _positional(row: Function) -> tuple[str, ...]:
    """The attributes that may stand after the arguments."""
    return ("subscripts",) if row.form == "text, values" else row.attributes


def _arity_text(row: Function) -> str:
    least, most = row.arity
    if "shape" in row.attributes:
        return "a shape"
    return "one argument" if most == 1 else f"{least} or {most} arguments" if least != most else f"{most} arguments"


def _values(row: Function, items: list[CallItem]) -> tuple[list[Expression], list[CallItem]]:
    most = row.arity[1]
    args = [item for item in items[:most] if isinstance(item, Expression)]
    if len(args) < len(items[:most]):
        raise ArgumentError(f"The function “{row.name}” takes values.")
    return args, items[most:]


def _list(row: Function, items: list[CallItem]) -> tuple[list[Expression], list[CallItem]]:
    """``stack([u, v])`` and ``stack(u, v)``."""
    first = items[0] if items else None
    if isinstance(first, Expression) and first.op == DISPLAY:
        return [array_of_lists(cell) if cell.op == DISPLAY else cell for cell in first.args], items[1:]
    return [item for item in items if isinstance(item, Expression)], []


def _sizes(row: Function, items: list[CallItem]) -> tuple[list[Expression], list[CallItem]]:
    """``ones(2, 3)`` and ``ones((2, 3))``."""
    return [], [tuple(items)] if items else []


def _value_and_sizes(row: Function, items: list[CallItem]) -> tuple[list[Expression], list[CallItem]]:
    args, rest = _values(row, items[:1])
    return args, [*rest, tuple(items[1:])] if items[1:] else rest


def _text_and_values(row: Function, items: list[CallItem]) -> tuple[list[Expression], list[CallItem]]:
    if not items or not isinstance(items[0], str):
        raise ArgumentError(f"The function “{row.name}” begins with its subscripts, as in einsum('ij,jk->ik', A, B).")
    args, _ = _values(row, items[1:])
    return args, [items[0].replace(" ", "")]


_FORMS: Mapping[str, Callable[[Function, list[CallItem]], tuple[list[Expression], list[CallItem]]]] = {
    "values": _values, "list": _list, "sizes": _sizes, "value, sizes": _value_and_sizes, "text, values": _text_and_values,
}  # fmt: skip


def constant(key: str, item: CallItem) -> Any:
    """Return an attribute as plain data; raises ArgumentError for what that attribute cannot be."""
    value = _plain(item)
    if key == "axis" and isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if key in ("shape", "axes") and value is not None:
        value = value if isinstance(value, tuple) else (value,)
        value = value[0] if len(value) == 1 and isinstance(value[0], tuple) else value
    if key == "ord":
        value = None if value == "fro" else value
    return _CHECKS[key](value) if value is not None else None


def _plain(item: CallItem) -> Any:
    """Whole numbers, texts and tuples of them, out of what was typed or recorded."""
    if isinstance(item, tuple):
        return tuple(_plain(part) for part in item)
    if not isinstance(item, Expression):
        return item
    if item.op == DISPLAY:
        return tuple(_plain(cell) for cell in item.args)
    value = constant_number(item)
    return int(value) if value is not None and value.denominator == 1 else item


def constant_number(expression: Expression) -> Fraction | None:
    """Return the number that a formula without symbols is, as in ``-1`` or ``n + 1`` where n is a size."""
    if expression.op == LITERAL and isinstance(expression.value, Fraction):
        return expression.value
    values = [constant_number(arg) for arg in expression.args]
    if None in values or expression.op not in _FOLDS:
        return None
    return _FOLDS[expression.op](*values)


_FOLDS: Mapping[str, Callable[..., Fraction]] = {
    DEFINED: lambda *values: values[-1], "negative": lambda a: -a, "add": lambda a, b: a + b, "subtract": lambda a, b: a - b,
}  # fmt: skip


def _is_whole(value: Any, largest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= largest


def _axis(value: Any) -> int:
    if not _is_whole(value, MAX_AXIS):
        raise ArgumentError("An axis is a small whole number.")
    return int(value)


def _axes(value: Any) -> int | tuple[int, ...]:
    return tuple(_axis(axis) for axis in value) if isinstance(value, tuple) else _axis(value)


def _axis_order(value: Any) -> tuple[int, ...]:
    return tuple(_axis(axis) for axis in value)


def _shape(value: Any) -> tuple[int, ...]:
    if not value or not all(_is_whole(length, MAX_AXIS_LENGTH) for length in value):
        raise ArgumentError("A shape is one whole number for each axis, as in (2, 3).")
    return tuple(value)


def _power(value: Any) -> int:
    if not _is_whole(value, MAX_MATRIX_POWER):
        raise ArgumentError(f"A matrix can be raised to a whole number only, at most {MAX_MATRIX_POWER}.")
    return int(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ArgumentError("keepdims is True or False.")
    return value


def _vector_norm(value: Any) -> int:
    if value not in (1, 2) or isinstance(value, bool):
        raise ArgumentError("Only the norms 1 and 2 are read here.")
    return int(value)


def _ddof(value: Any) -> int:
    if not _is_whole(value, 1) or value < 0:
        raise ArgumentError("ddof is 0 or 1.")
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ArgumentError("The subscripts of einsum are a text, as in 'ij,jk->ik'.")
    return value


def _unchecked(value: Any) -> Any:
    return value


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "axis": _axes, "axes": _axis_order, "shape": _shape, "n": _power, "keepdims": _boolean, "ord": _vector_norm, "ddof": _ddof, "subscripts": _text,
    "at": _unchecked,
}  # fmt: skip
