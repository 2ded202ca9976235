"""The forms in which findings are told, one module each: for people, for JUnit, for GitHub, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from grader.authoring.checks.findings import Report
from grader.authoring.checks.formats import github, json_report, junit

FORMATS: Mapping[str, Callable[[Sequence[Report]], Iterable[str]]] = {
    "junit": junit.lines, "github": github.lines, "json": json_report.lines,
}  # fmt: skip
"""Those that programs read; the table for people is ``table``."""
