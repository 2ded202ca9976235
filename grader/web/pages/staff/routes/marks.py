"""What a problem of an exam amounts to: the class page as a batch writes it, and its two files to take away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from grader.grading.problem import Problem
from grader.grading.results import Result
from grader.reports import marks_csv, results_jsonl
from grader.reports.pages import class_page
from grader.web.domain.attempts import marks
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.http.auth import RequireGrader
from grader.web.pages.staff.rendering import about, address, inside, show

router = APIRouter()


def links(exam: Exam, sheet: ExamProblem, results: Sequence[Result]) -> dict[str, str]:
    """Return the addresses of the students' pages by their logins."""
    return {each.student.id: address(exam, sheet.problem, "students", each.student.id) for each in results}


def _found(
    visitor: RequireGrader, slug: str, problem: str
) -> tuple[dict[str, Any], ExamProblem, Problem, list[Result]]:
    with visitor.service.database.reading() as connection:
        context = about(connection, slug)
        sheet = exams.exam_problem(connection, context["exam"], problem)
        read = visitor.service.problem(sheet)
        results = marks.results(connection, context["exam"], sheet, read, visitor.service.settings.grading_secret)
    return context, sheet, read, results


@router.get("/staff/exams/{slug}/{problem}/class")
def of_class(visitor: RequireGrader, slug: str, problem: str) -> Response:
    """Show the class page of a problem."""
    context, sheet, read, results = _found(visitor, slug, problem)
    present = [each for each in results if each.submission.answers]
    page = class_page.class_page(
        present, read, (), links(context["exam"], sheet, present), absent=len(results) - len(present)
    )
    return show(
        visitor,
        "staff/report.html",
        here=f"class-{problem}",
        title=f"{read.title} – the class",
        sheet=sheet,
        body=inside(page),
        up=None,
        **context,
    )


@router.get("/staff/exams/{slug}/{problem}/marks.csv")
def as_csv(visitor: RequireGrader, slug: str, problem: str) -> Response:
    """Return the marks for a spreadsheet, as a batch writes them."""
    context, sheet, read, results = _found(visitor, slug, problem)
    headers = _attached(context["exam"], sheet, "marks.csv")
    return Response(marks_csv.table(results, read), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/staff/exams/{slug}/{problem}/results.jsonl")
def as_json_lines(visitor: RequireGrader, slug: str, problem: str) -> Response:
    """Return everything about each student's answers, one line each, as a batch writes it."""
    context, sheet, _, results = _found(visitor, slug, problem)
    headers = _attached(context["exam"], sheet, "results.jsonl")
    return StreamingResponse(_lines(results), media_type="application/jsonl", headers=headers)


def _lines(results: Sequence[Result]) -> Iterator[bytes]:
    for start in range(0, len(results), 50):
        lines = map(results_jsonl.line, results[start : start + 50])
        yield "".join(lines).encode("utf-8", "backslashreplace")


def _attached(exam: Exam, sheet: ExamProblem, name: str) -> dict[str, str]:
    whole = quote(f"{exam.slug}-{sheet.problem}-{name}", safe="")
    return {"content-disposition": f"attachment; filename*=UTF-8''{whole}"}
