"""The serializer of verdicts: as values of JSON and back, by a table of names that stay when fields are renamed.

These names are in databases, on the wire and in results.jsonl. A new field gets a line here and a default, since older rows lack it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.core.verdict import (
    GRADER_FAILED,
    Check,
    Checks,
    Counterexample,
    Evidence,
    Finding,
    Mistake,
    Note,
    Options,
    PublicExample,
    Shape,
    UngradedCause,
    Verdict,
    with_detail,
)


def _as_it_is(value: Any) -> Any:
    return value


def _float(value: Any) -> Any:
    return float(value) if isinstance(value, str) else value


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(values)


def _span(values: Any) -> tuple[int, int] | None:
    return None if values is None else (values[0], values[1])


def _pairs(values: Any) -> tuple[tuple[Any, Any], ...]:
    return tuple((name, value) for name, value in values)


def _point(values: Any) -> tuple[tuple[str, tuple[float, ...]], ...]:
    return tuple((name, tuple(map(_float, entries))) for name, entries in values)


def _checks(values: Any) -> tuple[Check, ...]:
    return tuple(_decoded(Check, each) for each in values)


@dataclass(frozen=True)
class Field:
    """A field of a finding: its name in JSON, its name in Python, and what makes it of a value of JSON."""

    wire: str
    attribute: str
    decode: Callable[[Any], Any] = _as_it_is


FIELDS: dict[type, tuple[Field, ...]] = {
    Shape: (
        Field("got", "got"),
        Field("expected", "expected"),
        Field("check", "check"),
        Field("letters", "letters"),
        Field("fits", "fits"),
        Field("span", "span", _span),
        Field("sentence", "sentence"),
        Field("hint", "hint"),
    ),
    Mistake: (
        Field("id", "id"),
        Field("sentence", "sentence"),
        Field("hint", "hint"),
    ),
    Counterexample: (
        Field("inputs", "inputs", _pairs),
        Field("yours", "yours"),
        Field("expected", "expected"),
        Field("sentence", "sentence"),
    ),
    Evidence: (
        Field("sentence", "sentence"),
        Field("method", "method"),
        Field("sizes", "sizes", _pairs),
        Field("points", "points"),
        Field("bits", "bits"),
        Field("screen", "screen"),
        Field("cells", "cells"),
        Field("bound", "bound", _float),
        Field("tolerance", "tolerance", _float),
        Field("point", "point", _point),
    ),
    Options: (
        Field("chosen", "chosen", _texts),
        Field("missing", "missing", _texts),
        Field("extra", "extra", _texts),
        Field("arithmetic", "arithmetic"),
        Field("sentence", "sentence"),
    ),
    Note: (
        Field("sentence", "sentence"),
        Field("span", "span", _span),
    ),
    PublicExample: (
        Field("inputs", "inputs", _pairs),
        Field("yours", "yours"),
        Field("expected", "expected"),
        Field("right", "right"),
        Field("printed", "printed"),
        Field("sentence", "sentence"),
    ),
    Checks: (
        Field("checks", "checks", _checks),
        Field("arithmetic", "arithmetic"),
    ),
    Check: (
        Field("says", "says"),
        Field("passed", "passed"),
        Field("why", "why"),
        Field("asked", "asked"),
    ),
}
"""The fields of every finding, in the order in which they are written."""

FINDINGS: dict[str, type[Finding]] = {
    "shape": Shape,
    "mistake": Mistake,
    "counterexample": Counterexample,
    "evidence": Evidence,
    "options": Options,
    "note": Note,
    "example": PublicExample,
    "checks": Checks,
}


def to_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as values of JSON, with all that only staff may see."""
    values = {
        "outcome": verdict.outcome,
        "credit": None if verdict.credit is None else str(verdict.credit),
        "review": verdict.review,
        "read_as": verdict.read_as,
        "reason": verdict.reason,
        "findings": [finding_to_json(each) for each in verdict.findings],
        "meaning": verdict.meaning,
    }
    if verdict.cause is not None:
        values["cause"] = verdict.cause.value
    if verdict.detail is not None:
        values["detail"] = verdict.detail
    return values


def from_json(values: dict[str, Any]) -> Verdict:
    """Return the verdict that ``to_json`` was given.

    Raises:
        ValueError: There is no finding of a type.
    """
    cause, review, detail = values.get("cause"), values.get("review"), values.get("detail")
    if cause is None and review and review.startswith(GRADER_FAILED):
        # Rows written before there was a cause have the exception's text in this sentence, and nothing else to know them by.
        cause, detail = (
            UngradedCause.GRADER_FAILED,
            review.removeprefix(GRADER_FAILED).removeprefix(":").strip(" .") or None,
        )
        review = f"{GRADER_FAILED}."
    return Verdict(
        outcome=values["outcome"],
        credit=None if values["credit"] is None else Fraction(values["credit"]),
        review=review,
        read_as=values.get("read_as"),
        reason=values.get("reason", ""),
        findings=tuple(map(_finding, values.get("findings", ()))),
        meaning=values.get("meaning"),
        cause=None if cause is None else UngradedCause(cause),
        detail=detail,
    )


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as values of JSON, its type first."""
    return {"type": finding.type, **_encoded(finding)}


def staff_review(values: dict[str, Any]) -> str | None:
    """Return ``Verdict.staff_review`` of a verdict that is still JSON, for lists of thousands."""
    return with_detail(values["review"], values.get("detail"))


def _finding(values: dict[str, Any]) -> Finding:
    name = values["type"]
    if name not in FINDINGS:
        raise ValueError(f"there is no finding of type {name!r}")
    finding: Finding = _decoded(FINDINGS[name], values)
    return finding


def _encoded(value: Any) -> dict[str, Any]:
    return {field.wire: _plain(getattr(value, field.attribute)) for field in FIELDS[type(value)]}


def _plain(value: Any) -> Any:
    if isinstance(value, Check):
        return _encoded(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no infinity.
    return value


def _decoded(made: type[Any], values: dict[str, Any]) -> Any:
    return made(**{field.attribute: field.decode(values[field.wire]) for field in FIELDS[made] if field.wire in values})
