"""The findings as JSON, for whatever else wants to know."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from grader.authoring.checks.findings import Report, Summary


def lines(reports: Sequence[Report]) -> Iterator[str]:
    """Yield one document: the problems in order, and the summary."""
    summary = vars(Summary.of(reports))
    yield json.dumps({"problems": [each.plain() for each in reports], "summary": summary}, indent=2, ensure_ascii=False)
