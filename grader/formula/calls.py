"""A function of the table with its arguments: whether it takes them, and which of two spellings alike is meant."""

from __future__ import annotations

from fractions import Fraction

from grader.errors import Unreadable
from grader.formula.expression import Expression, call
from grader.formula.functions import FUNCTIONS


def called(
    name: str, args: tuple[Expression, ...], attributes: dict[str, int | bool | None], span: tuple[int, int]
) -> Expression:
    """Return a function of the table applied to its arguments; raises Unreadable where it does not take them."""
    row = FUNCTIONS[name]
    if name in ("maximum", "minimum", "max", "min") and len(args) == 2 and not attributes:
        row = FUNCTIONS[{"max": "maximum", "min": "minimum"}.get(name, name)]
    if len(args) == 2 and row.arity == (1, 1) and "axis" in row.attributes and "axis" not in attributes:
        axis = _axis(args[1], span)
        args, attributes = (args[0],), {**attributes, "axis": axis}
    least, most = row.arity
    if not least <= len(args) <= most:
        many = "one argument" if most == 1 else f"{most} arguments"
        raise Unreadable(f"The function “{name}” takes {many}, not {len(args)}.", span)
    strange = [key for key in attributes if key not in row.attributes]
    if strange:
        raise Unreadable(f"The function “{name}” has no {strange[0]}.", span)
    given = {key: each for key, each in attributes.items() if each is not None and each is not False}
    return call(row.name, *args, **given)


def _axis(expression: Expression, span: tuple[int, int]) -> int:
    """Return the axis that stands as a second argument, as in ``sum(x, 0)``."""
    negative = expression.op == "negative"
    number = (expression.args[0] if negative else expression).value
    if not isinstance(number, Fraction) or number.denominator != 1 or number > 9:
        raise Unreadable("An axis is a small whole number.", span)
    return -int(number) if negative else int(number)
