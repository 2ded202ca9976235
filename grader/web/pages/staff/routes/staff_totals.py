"""The marks of a whole exam as one table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from grader.core.files.csv_escaping import escape_cell
from grader.core.points import format_points
from grader.reports.rendering.typeset import printable
from grader.web.domain.attempts.class_results import StudentResults, class_results, out_of
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import ExamProblem
from grader.web.http.auth import RequireGrader

router = APIRouter()


def table(listed: Sequence[StudentResults], sheets: Sequence[ExamProblem]) -> str:
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
def as_csv(asking: RequireGrader, slug: str) -> Response:
    """Return one row for each student, with a column for each problem."""
    with asking.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        sheets = exams.exam_problems(connection, exam)
        listed = class_results(
            connection, exam, sheets, asking.service.problem_cache, asking.service.settings.grading_secret
        )
    name = quote(f"{exam.slug}-marks.csv", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(table(listed, sheets), media_type="text/csv; charset=utf-8", headers=headers)
