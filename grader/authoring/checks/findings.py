"""The report of a check: findings to mend or acknowledge, what became of each claim, and the summary of all."""

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
class CheckFinding:
    """One thing that is wrong, or that the author should look at, with its place.

    ``grader_failed`` marks a failure of the grader itself.
    """

    check: Check
    complaint: Complaint
    level: Level = "error"
    grader_failed: bool = False


@dataclass(frozen=True)
class ClaimResult:
    """What became of one claim of an author; ``evidence`` says on what that rests, or why it stays open."""

    blank: str
    claim: str
    status: Status
    evidence: str


@dataclass(frozen=True)
class Report:
    """All that the check of one problem found. ``notes`` are good to know, and nobody must act on them.

    ``cacheable``: the report holds until the files change. One in which time ran out does not: the next may be otherwise.
    """

    problem: str
    path: str
    findings: tuple[CheckFinding, ...] = ()
    claim_results: tuple[ClaimResult, ...] = ()
    notes: tuple[str, ...] = ()
    cacheable: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the report as values of JSON. Their names are a file format, of ``grader check --format json``."""
        return {
            "problem": self.problem,
            "path": self.path,
            "findings": [_finding_to_json(finding) for finding in self.findings],
            "proofs": [_claim_to_json(result) for result in self.claim_results],
            "notes": list(self.notes),
            "kept": self.cacheable,
        }


def report_from_json(data: dict[str, Any]) -> Report:
    """Return the report that ``Report.to_json`` wrote.

    Raises: KeyError or TypeError for JSON of another layout.
    """
    return Report(
        problem=data["problem"],
        path=data["path"],
        findings=tuple(_finding_from_json(finding) for finding in data["findings"]),
        claim_results=tuple(_claim_from_json(result) for result in data["proofs"]),
        notes=tuple(data["notes"]),
        cacheable=data["kept"],
    )


def _finding_to_json(finding: CheckFinding) -> dict[str, Any]:
    complaint = finding.complaint
    return {
        "check": finding.check,
        "level": finding.level,
        "ours": finding.grader_failed,
        "file": complaint.file,
        "message": complaint.message,
        "line": complaint.line,
        "column": complaint.column,
        "suggestion": complaint.suggestion,
    }


def _finding_from_json(data: dict[str, Any]) -> CheckFinding:
    complaint = Complaint(data["file"], data["message"], data["line"], data["column"], data["suggestion"])
    return CheckFinding(data["check"], complaint, data["level"], data["ours"])


def _claim_to_json(result: ClaimResult) -> dict[str, Any]:
    return {"blank": result.blank, "claim": result.claim, "status": result.status, "evidence": result.evidence}


def _claim_from_json(data: dict[str, Any]) -> ClaimResult:
    return ClaimResult(data["blank"], data["claim"], data["status"], data["evidence"])


WORST_FIRST: tuple[Status, ...] = ("refuted", "unproven", "proven", "convention")
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
        """Return the summary of several reports."""
        levels = [finding.level for report in reports for finding in report.findings]
        statuses = [status for report in reports for status in blank_statuses(report).values()]
        return cls(
            len(reports),
            sum(not report.findings for report in reports),
            levels.count("error"),
            levels.count("warning"),
            statuses.count("proven"),
            statuses.count("refuted"),
            statuses.count("unproven"),
            statuses.count("convention"),
        )

    @property
    def sentence(self) -> str:
        """The summary in one line, for people."""
        findings = f"{_count(self.errors, 'error')}, {_count(self.warnings, 'warning')}"
        keys = f"{self.proven} proven, {self.refuted} refuted, {self.unproven} unproven, {_count(self.convention, 'convention')}"
        return f"{_count(self.problems, 'problem')}, {self.clean} clean: {findings}; keys: {keys}."


def blank_statuses(report: Report) -> Mapping[str, Status]:
    """Return the status of each blank: the worst of its claims."""
    statuses: dict[str, set[Status]] = {}
    for proof in report.claim_results:
        statuses.setdefault(proof.blank, set()).add(proof.status)
    return {address: next(each for each in WORST_FIRST if each in found) for address, found in statuses.items()}


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
