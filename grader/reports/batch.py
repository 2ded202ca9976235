"""Grade a batch of submissions and write the output folder.

OUT holds ``results.jsonl``, ``marks.csv``, ``index.html`` and ``students/``; every file appears under its final name
only when it is whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.core.errors import Complaint
from grader.core.files.atomic_write import open_atomic, student_file_name, write_atomically
from grader.core.seeds import PUBLIC, Secret
from grader.core.verdict import Reveal
from grader.grading.grade import Grader
from grader.grading.problem import Problem
from grader.grading.readers import ReadResult
from grader.grading.results import Result
from grader.reports import marks_csv, results_jsonl
from grader.reports.pages import class_page
from grader.reports.pages.feedback_page import QUESTION, StudentPages, question_page
from grader.reports.rendering.templates import EMBEDDED, shared_assets, shared_files
from grader.sandbox import Sandbox

UNSAFE = "students' programs were run without a sandbox: they could do whatever the grader may do, to these results too"
RESULTS, MARKS, CLASS, STUDENTS, ASSETS = "results.jsonl", "marks.csv", "index.html", "students", "assets"


@dataclass(frozen=True)
class Batch:
    """What to grade and where to; ``shared_assets`` makes small pages that share one style sheet and font.

    Programs are run in ``sandbox``, or else in the one of this process.
    """

    problem: Problem
    reading: ReadResult
    out: Path
    secret: Secret = PUBLIC
    shared_assets: bool = False
    reveal: Reveal | None = None
    sandbox: Sandbox | None = None


def run(batch: Batch, step: Callable[[], None] = lambda: None) -> list[Result]:
    """Grade every submission and write every report; ``step`` is called after each submission."""
    prepared = batch.problem.prepare(batch.secret, batch.sandbox)
    grader = Grader(prepared)
    keys = {address: ready.key() for address, ready in prepared.prepared_blanks.items()}
    folder = batch.out / STUDENTS
    folder.mkdir(parents=True, exist_ok=True)
    assets = shared_assets(f"../{ASSETS}/") if batch.shared_assets else EMBEDDED
    pages = StudentPages(batch.problem, keys, assets, batch.reveal)
    if batch.shared_assets:
        _write_assets(batch, keys)
    earlier_pages = _student_pages(batch.out / RESULTS)
    results = []
    ahead = grader.programs_in_background(batch.reading.submissions, prepared.sandbox.workers)
    with open_atomic(batch.out / RESULTS) as lines, ahead:
        for submission in batch.reading.submissions:
            result = grader.grade(submission)
            lines.write(results_jsonl.line(result))
            name = f"{student_file_name(result.student.id)}.html"
            write_atomically(folder / name, pages.page(result))
            results.append(result)
            step()
    _write_class(batch, results)
    _remove_stale_pages(folder, earlier_pages, results)
    return results


def _write_assets(batch: Batch, keys: Mapping[str, str]) -> None:
    folder = batch.out / ASSETS
    folder.mkdir(exist_ok=True)
    for name, data in shared_files().items():
        write_atomically(folder / name, data)
    write_atomically(folder / QUESTION, question_page(batch.problem, keys, batch.reveal))


def _write_class(batch: Batch, results: list[Result]) -> None:
    write_atomically(batch.out / MARKS, marks_csv.table(results, batch.problem))
    links = {each.student.id: f"{STUDENTS}/{student_file_name(each.student.id)}.html" for each in results}
    unsafe = [Complaint("--unsafe-no-sandbox", UNSAFE)] if any(each.unsafe for each in results) else []
    page = class_page.class_page(
        results, batch.problem, (*unsafe, *batch.reading.remarks), links, broken=batch.reading.errors
    )
    write_atomically(batch.out / CLASS, page)


def _student_pages(results: Path) -> set[str]:
    """Return the file names of the pages of the students in the results of an earlier run."""
    if not results.is_file():
        return set()
    try:
        with results.open(encoding="utf-8") as lines:
            return {f"{student_file_name(json.loads(line)['student']['id'])}.html" for line in lines}
    except (ValueError, KeyError, TypeError):  # Not written by us, or not whole: it names no page of ours.
        return set()


def _remove_stale_pages(pages: Path, earlier: set[str], results: list[Result]) -> None:
    """Remove the pages of an earlier run whose students are not in this one: they would be taken for current."""
    for name in earlier - {f"{student_file_name(each.student.id)}.html" for each in results}:
        (pages / name).unlink(missing_ok=True)
