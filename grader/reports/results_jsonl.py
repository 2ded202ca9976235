"""``results.jsonl``, the JSON Lines export: everything about each submission as plain values, one line each."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any

from grader.core.points import round_points
from grader.core.submission import Written
from grader.core.verdict import Verdict
from grader.core.verdict_json import finding_to_json
from grader.core.version import VERSION
from grader.grading.results import BlankResult, PartResult, Result


def line(result: Result) -> str:
    """Return one line of ``results.jsonl``, with its line break."""
    return json.dumps(plain(result), ensure_ascii=False) + "\n"


def plain(result: Result) -> dict[str, Any]:
    """Return a result as plain values; points are rounded half up to 2 decimals, here and nowhere earlier."""
    return {
        "student": {"id": result.student.id, "name": result.student.name},
        "problem": result.problem.id,
        "points": _points(result.points),
        "out_of": _points(result.out_of),
        "status": result.status,
        "review": result.review,
        "parts": [_part(part) for part in result.parts],
        "unmatched": {address: _written(written) for address, written in result.unmatched.items()},
        "source": result.submission.source,
        "provenance": _provenance(result),
    }


def _part(part: PartResult) -> dict[str, Any]:
    return {
        "part": part.part.id,
        "outcome": part.outcome,
        "credit": _credit(part.credit),
        "points": _points(part.points),
        "out_of": _points(part.out_of),
        "review": part.review,
        "blanks": [_blank(blank) for blank in part.blanks],
    }


def _blank(result: BlankResult) -> dict[str, Any]:
    verdict = result.verdict
    return {
        "blank": result.blank.address,
        "kind": result.blank.spec.kind,
        "outcome": verdict.outcome,
        "credit": _credit(verdict.credit),
        "points": _points(result.points),
        "out_of": _points(result.out_of),
        "written": _written(result.written),
        "read_as": verdict.read_as,
        "reason": verdict.reason,
        "meaning": verdict.meaning,
        "findings": [dict(finding) for finding in _findings(verdict)],
        "review": verdict.staff_review,
    }


@lru_cache(maxsize=10_000)
def _findings(verdict: Verdict) -> tuple[dict[str, Any], ...]:
    return tuple(map(finding_to_json, verdict.findings))


def _written(written: Written | None) -> str | list[str] | None:
    return list(written) if isinstance(written, tuple) else written


def _credit(credit: Fraction | None) -> str | None:
    return None if credit is None else str(credit)


def _points(points: Fraction | None) -> float | None:
    return None if points is None else float(round_points(points))


def _provenance(result: Result) -> dict[str, Any]:
    answers = {address: _written(written) for address, written in sorted(result.submission.answers.items())}
    return {
        "problem": result.problem.hash,
        "answers": hashlib.sha256(json.dumps(answers).encode()).hexdigest(),
        "secret": result.secret_id,
        "sandbox": "none: unsafe" if result.unsafe else "locked",
        "versions": _versions(),
    }


@cache
def _versions() -> dict[str, str]:
    return {"grader": VERSION, **{name: version(name) for name in ("numpy", "python-flint")}}
