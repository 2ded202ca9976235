"""What a problem of an exam amounts to: the class page as a batch writes it, and its two files to take away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from grader.errors import Fault, SpecError
from grader.grading import Result
from grader.problem import Problem
from grader.reports import class_page, marks_csv, results_jsonl
from grader.sandbox import Sandbox
from grader.web import exams, marks
from grader.web.door import Grader
from grader.web.exams import Exam, Sheet
from grader.web.service import Service
from grader.web.snapshots import Shelf
from grader.web.staff_pages import about, address, inside, show

router = APIRouter()
_keys: WeakKeyDictionary[Shelf, dict[str, Mapping[str, str]]] = WeakKeyDictionary()


def results_at(
    service: Service, connection: Connection, exam: Exam, sheet: Sheet
) -> tuple[Problem, list[Result]]:
    """Return one problem of an exam and the results of all its students."""
    problem = service.problem(sheet)
    return problem, marks.results(connection, exam, sheet, problem, service.settings.grading_secret)


def keys(service: Service, sheet: Sheet) -> Mapping[str, str]:
    """Return the official answers of a problem by blank, worked out once; none where it cannot be prepared here."""
    known = _keys.setdefault(service.shelf, {})
    if sheet.snapshot not in known:
        sandbox = Sandbox(1)
        try:
            prepared = service.problem(sheet).prepare(service.settings.grading_secret, sandbox)
            known[sheet.snapshot] = {name: ready.key() for name, ready in prepared.ready.items()}
        except (Fault, SpecError):
            return {}
        finally:
            sandbox.close()
    return known[sheet.snapshot]


def links(exam: Exam, sheet: Sheet, results: Sequence[Result]) -> dict[str, str]:
    """Return the addresses of the students' pages by their logins."""
    return {each.student.id: address(exam, sheet.problem, "students", each.student.id) for each in results}


def _found(asking: Grader, slug: str, problem: str) -> tuple[dict[str, Any], Sheet, Problem, list[Result]]:
    with asking.service.database.reading() as connection:
        context = about(connection, slug)
        sheet = exams.sheet(connection, context["exam"], problem)
        read, results = results_at(asking.service, connection, context["exam"], sheet)
    return context, sheet, read, results


@router.get("/staff/exams/{slug}/{problem}/class")
def of_class(asking: Grader, slug: str, problem: str) -> Response:
    """Show the class page of a problem."""
    context, sheet, read, results = _found(asking, slug, problem)
    present = [each for each in results if each.submission.answers]
    page = class_page.class_page(
        present, read, (), links(context["exam"], sheet, present), absent=len(results) - len(present)
    )
    return show(
        asking, "staff_report.html", here=f"class-{problem}", title=f"{read.title} – the class",
        sheet=sheet, body=inside(page), up=None, **context,
    )  # fmt: skip


@router.get("/staff/exams/{slug}/{problem}/marks.csv")
def as_csv(asking: Grader, slug: str, problem: str) -> Response:
    """Return the marks for a spreadsheet, as a batch writes them."""
    context, sheet, read, results = _found(asking, slug, problem)
    headers = _attached(context["exam"], sheet, "marks.csv")
    return Response(marks_csv.table(results, read), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/staff/exams/{slug}/{problem}/results.jsonl")
def as_json_lines(asking: Grader, slug: str, problem: str) -> Response:
    """Return everything about each student's answers, one line each, as a batch writes it."""
    context, sheet, _, results = _found(asking, slug, problem)
    headers = _attached(context["exam"], sheet, "results.jsonl")
    return StreamingResponse(_lines(results), media_type="application/jsonl", headers=headers)


def _lines(results: Sequence[Result]) -> Iterator[bytes]:
    for start in range(0, len(results), 50):
        lines = map(results_jsonl.line, results[start : start + 50])
        yield "".join(lines).encode("utf-8", "backslashreplace")


def _attached(exam: Exam, sheet: Sheet, name: str) -> dict[str, str]:
    whole = quote(f"{exam.slug}-{sheet.problem}-{name}", safe="")
    return {"content-disposition": f"attachment; filename*=UTF-8''{whole}"}
