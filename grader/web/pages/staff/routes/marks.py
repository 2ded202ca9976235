"""Marks to look at and to download: the class page of a problem, its two files, and a table of the whole exam for a gradebook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from grader.core.files.csv_escaping import escape_cell
from grader.core.points import format_points
from grader.core.printable import printable
from grader.grading.problem import Problem
from grader.grading.results import Result
from grader.reports import marks_csv, results_jsonl
from grader.reports.pages import class_page
from grader.web.domain.attempts import marks
from grader.web.domain.attempts.gradebook import StudentResults, out_of, student_results
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.http.auth import RequireGrader
from grader.web.pages.staff.rendering import exam_context, exam_url, render

router = APIRouter()
RESULTS_PER_CHUNK = 50
CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class ProblemResults:
    """The results of all students at one problem of an exam; ``context`` is what every page about the exam shows."""

    context: dict[str, Any]
    exam: Exam
    exam_problem: ExamProblem
    problem: Problem
    results: list[Result]


@router.get("/staff/exams/{slug}/{problem}/class")
def show_class(visitor: RequireGrader, slug: str, problem: str) -> Response:
    """Show the class page of a problem."""
    found = _load_results(visitor, slug, problem)
    present = [result for result in found.results if result.submission.answers]
    urls = student_urls(found.exam, found.exam_problem, present)
    absent = len(found.results) - len(present)
    return render(
        visitor,
        "staff/batch_page.html",
        active_tab=f"class-{problem}",
        title=f"{found.problem.title} – class page",
        exam_problem=found.exam_problem,
        main=class_page.main_content(present, found.problem, (), urls, absent=absent),
        login=None,
        **found.context,
    )


@router.get("/staff/exams/{slug}/{problem}/marks.csv")
def problem_marks(visitor: RequireGrader, slug: str, problem: str) -> Response:
    """Return the marks of a problem for a spreadsheet, as a batch writes them."""
    found = _load_results(visitor, slug, problem)
    table = marks_csv.table(found.results, found.problem)
    return Response(table, media_type=CSV, headers=_download_headers(f"{found.exam.slug}-{problem}-marks.csv"))


@router.get("/staff/exams/{slug}/{problem}/results.jsonl")
def problem_results(visitor: RequireGrader, slug: str, problem: str) -> Response:
    """Return everything about each student's answers, one line each, as a batch writes it."""
    found = _load_results(visitor, slug, problem)
    headers = _download_headers(f"{found.exam.slug}-{problem}-results.jsonl")
    return StreamingResponse(_json_lines(found.results), media_type="application/jsonl", headers=headers)


@router.get("/staff/exams/{slug}/marks.csv")
def exam_marks(visitor: RequireGrader, slug: str) -> Response:
    """Return one row for each student, with a column for each problem."""
    service = visitor.service
    with service.database.reading() as connection:
        exam = exams.find(connection, slug)
        exam_problems = exams.exam_problems(connection, exam)
        secret = service.settings.grading_secret
        student_rows = student_results(connection, exam, exam_problems, service.problem_cache, secret)
    table = exam_table(student_rows, exam_problems)
    return Response(table, media_type=CSV, headers=_download_headers(f"{exam.slug}-marks.csv"))


def student_urls(exam: Exam, exam_problem: ExamProblem, results: Sequence[Result]) -> dict[str, str]:
    """Return the addresses of the students' pages by login."""
    logins = [result.student.id for result in results]
    return {login: exam_url(exam, exam_problem.problem, "students", login) for login in logins}


def exam_table(student_rows: Sequence[StudentResults], exam_problems: Sequence[ExamProblem]) -> str:
    """Return the CSV table: points by problem, total and status; ungraded answers leave their cell empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [escape_cell(printable(problem.problem)) for problem in exam_problems]
    writer.writerow(["student", "name", *columns, "total", "out_of", "status"])
    maximum = format_points(out_of(exam_problems))
    for row in student_rows:
        person = [escape_cell(printable(row.person.login)), escape_cell(printable(row.person.name or ""))]
        points = [*(result.points for result in row.results), row.points]
        cells = ("" if one is None else format_points(one) for one in points)
        writer.writerow([*person, *cells, maximum, row.status])
    return text.getvalue()


def _load_results(visitor: RequireGrader, slug: str, problem_id: str) -> ProblemResults:
    with visitor.service.database.reading() as connection:
        context = exam_context(connection, slug)
        exam: Exam = context["exam"]
        exam_problem = exams.exam_problem(connection, exam, problem_id)
        problem = visitor.service.problem(exam_problem)
        secret = visitor.service.settings.grading_secret
        results = marks.results(connection, exam, exam_problem, problem, secret)
    return ProblemResults(context, exam, exam_problem, problem, results)


def _json_lines(results: Sequence[Result]) -> Iterator[bytes]:
    for start in range(0, len(results), RESULTS_PER_CHUNK):
        lines = map(results_jsonl.line, results[start : start + RESULTS_PER_CHUNK])
        yield "".join(lines).encode("utf-8", "backslashreplace")


def _download_headers(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
