"""A verdict as plain values, which a database can keep, and back again."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from grader.verdict import Finding, Verdict


def plain(verdict: Verdict) -> dict[str, Any]:
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


def restored(values: dict[str, Any]) -> Verdict:
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
    kind = next((each for each in Finding.__subclasses__() if each.type == name), None)
    if kind is None:
        raise ValueError(f"there is no finding of type {name!r}")
    made: Finding = _restored(kind, values)
    return made


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _restored(hint: Any, value: Any) -> Any:
    """Return a value of the type that a hint asks for: lists become tuples, objects dataclasses."""
    if is_dataclass(hint) and isinstance(hint, type):
        return hint(**{name: _restored(_hints(hint)[name], each) for name, each in value.items()})
    if get_origin(hint) in (Union, UnionType):
        if value is None:
            return None
        return _restored(next(each for each in get_args(hint) if each is not type(None)), value)
    if get_origin(hint) is tuple:
        inner = get_args(hint)
        if inner[-1] is Ellipsis:
            return tuple(_restored(inner[0], each) for each in value)
        return tuple(_restored(*pair) for pair in zip(inner, value, strict=True))
    return float(value) if hint is float and isinstance(value, str) else value
