"""The forms in which findings are told, one module each: for people, for JUnit, for GitHub, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from grader.bank.finding import Report
from grader.bank.formats import github, junit, plain_json

FORMATS: Mapping[str, Callable[[Sequence[Report]], Iterable[str]]] = {
    "junit": junit.lines, "github": github.lines, "json": plain_json.lines,
}  # fmt: skip
"""Those that programs read; the table for people is ``table``."""
