"""Preparing one blank of a kind from its plain spec, as it would stand in a file."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from grader.core.errors import Unreadable
from grader.core.verdict import Mistake, Verdict
from grader.formula.symbols import Symbol
from grader.grading.grade import judge
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.base.prepared import Prepared
from grader.kinds.registry import AnySpec

SIZES = {"d": 3, "m": 4, "n": 2}
SYMBOLS = {
    "W": Symbol(shape=("m", "d")),
    "x": Symbol(shape=("d", 1)),
    "g": Symbol(shape=("m", 1)),
    "a": Symbol(),
}


def no_record(name: str) -> Any:
    raise BlankSpecError(f"there is no function {name!r}", ("reference",))


def prepared(**fields: Any) -> Prepared[Any]:
    """Return a blank ready to grade, worth 2 points."""
    spec = TypeAdapter(AnySpec).validate_python({"points": 2, **fields})
    return spec.prepare(Context("a", no_record, SYMBOLS, SIZES))


def outcome(blank: Prepared[Any], text: Any) -> str:
    """Return the outcome of an answer, with a ? when a person should look."""
    verdict = judge(blank, text, "self-check")
    return verdict.outcome + ("?" if verdict.review else "")


def assert_read_or_refused(blank: Prepared[Any], text: str) -> None:
    """Check that a text gives a verdict, or one Unreadable with a message, and nothing else."""
    try:
        verdict = blank.check(blank.read(text))
    except Unreadable as error:
        assert error.message
    else:
        assert verdict.credit is None or 0 <= verdict.credit <= 1


def mistake(verdict: Verdict) -> str | None:
    """Return the name of the mistake that was found."""
    return next((finding.id for finding in verdict.findings if isinstance(finding, Mistake)), None)
