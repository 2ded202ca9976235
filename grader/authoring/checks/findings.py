"""What a check finds: findings that someone must mend or acknowledge, and what became of each claim."""

from __future__ import annotations

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
