"""Marks to look at and to download: the class page of a problem, its two files, and one table of the whole exam for a gradebook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from grader.core.files.csv_escaping import escape_cell
from grader.core.points import format_points
from grader.grading.problem import Problem
from grader.grading.results import Result
from grader.reports import marks_csv, results_jsonl
from grader.reports.pages import class_page
from grader.reports.rendering.typeset import printable
from grader.web.domain.attempts import marks
from grader.web.domain.attempts.class_results import StudentResults, out_of, student_results
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
def class_results(visitor: RequireGrader, slug: str, problem: str) -> Response:
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
def problem_marks(visitor: RequireGrader, slug: str, problem: str) -> Response:
    """Return the marks for a spreadsheet, as a batch writes them."""
    context, sheet, read, results = _found(visitor, slug, problem)
    headers = _attached(context["exam"], sheet, "marks.csv")
    return Response(marks_csv.table(results, read), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/staff/exams/{slug}/{problem}/results.jsonl")
def problem_results(visitor: RequireGrader, slug: str, problem: str) -> Response:
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


def exam_table(listed: Sequence[StudentResults], sheets: Sequence[ExamProblem]) -> str:
    """Return the table: points by problem, the total, and whether it stands; what is ungraded has an empty cell."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    names = [escape_cell(printable(each.problem)) for each in sheets]
    lines.writerow(["student", "name", *names, "total", "out_of", "status"])
    whole = format_points(out_of(sheets))
    for each in listed:
        who = [escape_cell(printable(each.person.login)), escape_cell(printable(each.person.name or ""))]
        points = [*(result.points for result in each.results), each.points]
        lines.writerow([*who, *("" if one is None else format_points(one) for one in points), whole, each.status])
    return text.getvalue()


@router.get("/staff/exams/{slug}/marks.csv")
def exam_marks(visitor: RequireGrader, slug: str) -> Response:
    """Return one row for each student, with a column for each problem."""
    with visitor.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        sheets = exams.exam_problems(connection, exam)
        listed = student_results(
            connection, exam, sheets, visitor.service.problem_cache, visitor.service.settings.grading_secret
        )
    name = quote(f"{exam.slug}-marks.csv", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(exam_table(listed, sheets), media_type="text/csv; charset=utf-8", headers=headers)
