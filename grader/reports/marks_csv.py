"""``marks.csv``: the marks of a batch, one row for each student; cells are escaped against CSV injection."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from grader.core.files.csv_escaping import escape_cell
from grader.core.points import format_points
from grader.core.printable import printable
from grader.grading.problem import Problem
from grader.grading.results import Result

MAX_REASON_CHARACTERS = 1_000


def table(results: Sequence[Result], problem: Problem) -> str:
    """Return the table: points by part, the total, and its status; what is ungraded has an empty cell."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["student", "name", *(part.id for part in problem.parts), "total", "out_of", "status", "review"])
    for result in results:
        points = ["" if part.points is None else format_points(part.points) for part in result.parts]
        total = "" if result.points is None else format_points(result.points)
        student = [escape_cell(printable(result.student.id)), escape_cell(printable(result.student.name or ""))]
        rows.writerow(
            [
                *student,
                *points,
                total,
                format_points(result.out_of),
                result.status,
                escape_cell(printable((result.reasons or "")[:MAX_REASON_CHARACTERS])),
            ]
        )
    return text.getvalue()
