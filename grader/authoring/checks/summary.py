"""What a whole check comes to: counts, one sentence, and what stands of each blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.checks.findings import Report, Status

WORST: tuple[Status, ...] = ("refuted", "unproven", "proven", "convention")
"""A blank of several claims has the first of these that any of them has."""


@dataclass(frozen=True)
class Summary:
    """Counts over all problems; the statuses count blanks."""

    problems: int
    clean: int
    errors: int
    warnings: int
    proven: int
    refuted: int
    unproven: int
    convention: int

    @classmethod
    def of(cls, reports: Sequence[Report]) -> Summary:
        """Count."""
        levels = [finding.level for report in reports for finding in report.findings]
        found = [status for report in reports for status in blanks(report).values()]
        return cls(
            len(reports),
            sum(not report.findings for report in reports),
            levels.count("error"),
            levels.count("warning"),
            found.count("proven"),
            found.count("refuted"),
            found.count("unproven"),
            found.count("convention"),
        )

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        found = f"{_many(self.errors, 'error')}, {_many(self.warnings, 'warning')}"
        keys = f"{self.proven} proven, {self.refuted} refuted, {self.unproven} unproven, {_many(self.convention, 'convention')}"
        return f"{_many(self.problems, 'problem')}, {self.clean} clean: {found}; keys: {keys}."


def blanks(report: Report) -> Mapping[str, Status]:
    """Return the status of each blank."""
    found: dict[str, set[Status]] = {}
    for proof in report.proofs:
        found.setdefault(proof.blank, set()).add(proof.status)
    return {address: next(each for each in WORST if each in told) for address, told in found.items()}


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
