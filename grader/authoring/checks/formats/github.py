"""The findings as annotations of GitHub Actions: workflow commands on standard output, one for each finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.authoring.checks.findings import CheckFinding, Report, Summary


def lines(reports: Sequence[Report]) -> Iterator[str]:
    """Yield a workflow command for each finding, and the summary."""
    for report in reports:
        for finding in report.findings:
            yield _command(finding)
    yield Summary.of(reports).sentence


def _command(finding: CheckFinding) -> str:
    """Write ``::error file=…,line=…,col=…,title=…::message``, each piece escaped as GitHub's toolkit does."""
    where = finding.complaint
    given = {"file": where.file, "line": where.line, "col": where.column, "title": f"grader: {finding.check}"}
    fields = ",".join(f"{name}={_property(str(value))}" for name, value in given.items() if value is not None)
    hint = f"; did you mean {where.suggestion}?" if where.suggestion else ""
    return f"::{finding.level} {fields}::{_data(where.message + hint)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
