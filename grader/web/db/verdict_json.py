"""A verdict as plain values, which a database can keep, and back again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

from grader.core.verdict import Finding, Verdict


def to_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as values of JSON."""
    return {
        "outcome": verdict.outcome,
        "credit": None if verdict.credit is None else str(verdict.credit),
        "review": verdict.review,
        "read_as": verdict.read_as,
        "reason": verdict.reason,
        "findings": [{"type": each.type} | _plain(each) for each in verdict.findings],
        "meaning": verdict.meaning,
    }


def from_json(values: dict[str, Any]) -> Verdict:
    """Return the verdict that ``plain`` was given."""
    findings = tuple(_finding(dict(each)) for each in values["findings"])
    credit = None if values["credit"] is None else Fraction(values["credit"])
    return Verdict(**(values | {"findings": findings, "credit": credit}))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no infinity.
    return value


def _finding(values: dict[str, Any]) -> Finding:
    name = values.pop("type")
    kind: Any = next((each for each in Finding.__subclasses__() if each.type == name), None)
    if kind is None:
        raise ValueError(f"there is no finding of type {name!r}")
    made: Finding = _restorer(kind)(values)
    return made


def _same(value: Any) -> Any:
    return value


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, str) else value


@cache
def _restorer(hint: Any) -> Callable[[Any], Any]:
    """Return what makes a value of the type that a hint asks for: lists become tuples, objects dataclasses."""
    if is_dataclass(hint) and isinstance(hint, type):
        return _restorer_of_fields(hint)
    if get_origin(hint) in (Union, UnionType):
        inner = _restorer(next(each for each in get_args(hint) if each is not type(None)))
        return lambda value: None if value is None else inner(value)
    if get_origin(hint) is tuple:
        return _restorer_of_items(get_args(hint))
    return _number if hint is float else _same


def _restorer_of_fields(kind: type) -> Callable[[Any], Any]:
    each = {name: _restorer(hint) for name, hint in get_type_hints(kind).items() if get_origin(hint) is not ClassVar}
    changed = {name: make for name, make in each.items() if make is not _same}

    def restore(values: dict[str, Any]) -> Any:
        made = {name: make(values[name]) for name, make in changed.items() if name in values}
        return kind(**(values | made))

    return restore


def _restorer_of_items(hints: tuple[Any, ...]) -> Callable[[Any], Any]:
    each = [_restorer(hint) for hint in hints if hint is not Ellipsis]
    if hints[-1] is Ellipsis:
        return tuple if each[0] is _same else lambda value: tuple(map(each[0], value))
    return lambda value: tuple(make(one) for make, one in zip(each, value, strict=True))
