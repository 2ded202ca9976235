"""What stands in the brackets of a call, sorted into arguments and attributes as the row of the table says.

Students and recorded authors come by here alike: ``sum(x, 0)``, ``x.sum(axis=0)`` and ``np.sum(x, axis=0)`` are one.
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
MAX_MATRIX_POWER = 64
SYNONYMS = {"dim": "axis", "keepdim": "keepdims", "newshape": "shape", "p": "ord"}


class Misused(Exception):
    """A function that does not take what it is given; one sentence for whoever wrote it."""


def apply_function(name: str, given: Sequence[CallItem], keywords: Mapping[str, CallItem]) -> Expression:
    """Return a function of the table applied to what it is given; raises Misused where it does not take that."""
    row = FUNCTIONS[name]
    keywords = {SYNONYMS.get(key, key): each for key, each in keywords.items()}
    if strange := [key for key in keywords if key not in row.attributes]:
        raise Misused(f"The function “{name}” has no {strange[0]}.")
    args, rest = _FORMS[row.form](row, list(given))
    attributes = dict(zip(_positional(row), rest, strict=False))
    if len(rest) > len(_positional(row)) or not row.arity[0] <= len(args) <= row.arity[1]:
        raise Misused(f"The function “{name}” takes {_arity_text(row)}, not {len(args) + len(rest)}.")
    missing = row.arity[1] - len(args)
    defaults = [literal(Fraction(each)) for each in row.defaults[len(row.defaults) - missing :]] if row.defaults else []
    constants = {key: constant(key, each) for key, each in {**attributes, **keywords}.items()}
    kept = {key: each for key, each in constants.items() if each is not None and each is not False}
    if "shape" in row.attributes and "shape" not in kept:
        raise Misused(f"The function “{name}” needs a shape, as in {name}((2, 3)).")
    if row.name == "matrix_power" and "n" not in kept:
        raise Misused("The function “matrix_power” needs a power, as in matrix_power(A, 3).")
    if row.name == "matrix_power" and kept.get("n") == -1:
        return call("inv", *args)
    return call(row.name, *args, *defaults, **kept)


def _positional(row: Function) -> tuple[str, ...]:
    """The attributes that may stand after the arguments."""
    return ("subscripts",) if row.form == "text, values" else row.attributes


def _arity_text(row: Function) -> str:
    least, most = row.arity
    if "shape" in row.attributes:
        return "a shape"
    return "one argument" if most == 1 else f"{least} or {most} arguments" if least != most else f"{most} arguments"


def _values(row: Function, given: list[CallItem]) -> tuple[list[Expression], list[CallItem]]:
    most = row.arity[1]
    args = [each for each in given[:most] if isinstance(each, Expression)]
    if len(args) < len(given[:most]):
        raise Misused(f"The function “{row.name}” takes values.")
    return args, given[most:]


def _list(row: Function, given: list[CallItem]) -> tuple[list[Expression], list[CallItem]]:
    """``stack([u, v])`` and ``stack(u, v)``."""
    first = given[0] if given else None
    if isinstance(first, Expression) and first.op == DISPLAY:
        return [array_of_lists(each) if each.op == DISPLAY else each for each in first.args], given[1:]
    return [each for each in given if isinstance(each, Expression)], []


def _sizes(row: Function, given: list[CallItem]) -> tuple[list[Expression], list[CallItem]]:
    """``ones(2, 3)`` and ``ones((2, 3))``."""
    return [], [tuple(given)] if given else []


def _value_and_sizes(row: Function, given: list[CallItem]) -> tuple[list[Expression], list[CallItem]]:
    args, rest = _values(row, given[:1])
    return args, [*rest, tuple(given[1:])] if given[1:] else rest


def _text_and_values(row: Function, given: list[CallItem]) -> tuple[list[Expression], list[CallItem]]:
    if not given or not isinstance(given[0], str):
        raise Misused(f"The function “{row.name}” begins with its subscripts, as in einsum('ij,jk->ik', A, B).")
    args, _ = _values(row, given[1:])
    return args, [given[0].replace(" ", "")]


_FORMS: Mapping[str, Callable[[Function, list[CallItem]], tuple[list[Expression], list[CallItem]]]] = {
    "values": _values, "list": _list, "sizes": _sizes, "value, sizes": _value_and_sizes, "text, values": _text_and_values,
}  # fmt: skip


def constant(key: str, given: CallItem) -> Any:
    """Return an attribute as plain data; raises Misused for what that attribute cannot be."""
    value = _plain(given)
    if key == "axis" and isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if key in ("shape", "axes") and value is not None:
        value = value if isinstance(value, tuple) else (value,)
        value = value[0] if len(value) == 1 and isinstance(value[0], tuple) else value
    if key == "ord":
        value = None if value == "fro" else value
    return _CHECKS[key](value) if value is not None else None


def _plain(given: CallItem) -> Any:
    """Whole numbers, texts and tuples of them, out of what was typed or recorded."""
    if isinstance(given, tuple):
        return tuple(_plain(each) for each in given)
    if not isinstance(given, Expression):
        return given
    if given.op == DISPLAY:
        return tuple(_plain(each) for each in given.args)
    value = constant_number(given)
    return int(value) if value is not None and value.denominator == 1 else given


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
        raise Misused("An axis is a small whole number.")
    return int(value)


def _axes(value: Any) -> int | tuple[int, ...]:
    return tuple(_axis(each) for each in value) if isinstance(value, tuple) else _axis(value)


def _axis_order(value: Any) -> tuple[int, ...]:
    return tuple(_axis(each) for each in value)


def _shape(value: Any) -> tuple[int, ...]:
    if not value or not all(_is_whole(each, 4096) for each in value):
        raise Misused("A shape is one whole number for each axis, as in (2, 3).")
    return tuple(value)


def _power(value: Any) -> int:
    if not _is_whole(value, MAX_MATRIX_POWER):
        raise Misused(f"A matrix can be raised to a whole number only, at most {MAX_MATRIX_POWER}.")
    return int(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Misused("keepdims is True or False.")
    return value


def _vector_norm(value: Any) -> int:
    if value not in (1, 2) or isinstance(value, bool):
        raise Misused("Only the norms 1 and 2 are read here.")
    return int(value)


def _ddof(value: Any) -> int:
    if not _is_whole(value, 1) or value < 0:
        raise Misused("ddof is 0 or 1.")
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Misused("The subscripts of einsum are a text, as in 'ij,jk->ik'.")
    return value


def _unchecked(value: Any) -> Any:
    return value


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "axis": _axes, "axes": _axis_order, "shape": _shape, "n": _power, "keepdims": _boolean, "ord": _vector_norm, "ddof": _ddof, "subscripts": _text,
    "at": _unchecked,
}  # fmt: skip
