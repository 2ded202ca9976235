"""The reports as JSON, for other programs; the names in it are a file format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from grader.authoring.checks.findings import Report, Summary


def lines(reports: Sequence[Report]) -> Iterator[str]:
    """Yield one document: the problems in order, and the summary."""
    summary = Summary.of(reports)
    document = {
        "problems": [report.to_json() for report in reports],
        "summary": {
            "problems": summary.problems,
            "clean": summary.clean,
            "errors": summary.errors,
            "warnings": summary.warnings,
            "proven": summary.proven,
            "refuted": summary.refuted,
            "unproven": summary.unproven,
            "convention": summary.convention,
        },
    }
    yield json.dumps(document, indent=2, ensure_ascii=False)
