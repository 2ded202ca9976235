"""What a check finds: findings that someone must mend or acknowledge, and what became of each claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from grader.core.errors import Complaint

Check = Literal["spec", "examples", "proof", "sharpness", "policy", "presentation", "run"]
CHECKS: tuple[Check, ...] = ("spec", "examples", "proof", "sharpness", "policy", "presentation", "run")
Level = Literal["error", "warning"]
Status = Literal["proven", "refuted", "unproven", "convention"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or that the author should look at, with its place.

    ``ours`` says that it is a failure of the grader itself.
    """

    check: Check
    complaint: Complaint
    level: Level = "error"
    ours: bool = False


@dataclass(frozen=True)
class Proof:
    """What became of one claim; ``evidence`` says on what that rests, or why it could not be told."""

    blank: str
    claim: str
    status: Status
    evidence: str


@dataclass(frozen=True)
class Report:
    """All that the check of one problem found. ``notes`` are good to know, and nobody must act on them.

    ``kept`` says that the report may be kept until the files change: not where time ran out.
    """

    problem: str
    path: str
    findings: tuple[Finding, ...] = ()
    proofs: tuple[Proof, ...] = ()
    notes: tuple[str, ...] = ()
    kept: bool = True

    def plain(self) -> dict[str, Any]:
        """Return the report as JSON can hold it."""
        return {
            "problem": self.problem,
            "path": self.path,
            "findings": [
                {"check": each.check, "level": each.level, "ours": each.ours, **vars(each.complaint)}
                for each in self.findings
            ],
            "proofs": [vars(each) for each in self.proofs],
            "notes": list(self.notes),
            "kept": self.kept,
        }


def restored(data: dict[str, Any]) -> Report:
    """Return the report that ``plain`` wrote."""
    findings = []
    for each in data["findings"]:
        place = {name: each[name] for name in ("file", "message", "line", "column", "suggestion")}
        findings.append(Finding(each["check"], Complaint(**place), each["level"], each["ours"]))
    proofs = tuple(Proof(**each) for each in data["proofs"])
    return Report(data["problem"], data["path"], tuple(findings), proofs, tuple(data["notes"]), data["kept"])


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
