"""Submissions per second from files to pages, the share of each step, and the floor beside it in the same run.

The floor is a program that only parses the same input and writes the same bytes: what no grader can be quicker than.
Machines are noisy: compare ratios within one run.

    python benchmarks/road.py [--students 1000] [--shared-assets]
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import random
import tempfile
import time
from pathlib import Path

from grader.authoring.loader import load_problem
from grader.grading.grade import Grader
from grader.grading.readers import read
from grader.reports.batch import Batch, run

ROOT = Path(__file__).parent.parent


def class_of(students: int, problem, folder: Path) -> Path:
    """Write a JSON Lines file of a whole class, answers drawn blank by blank from the sample submissions."""
    samples = read(ROOT / "submissions" / "we_recur", problem).submissions
    draw = random.Random(7)
    source = folder / "answers.jsonl"
    with source.open("w", encoding="utf-8") as lines:
        for number in range(students):
            answers = {}
            for blank in problem.blanks:
                written = draw.choice(samples).answers.get(blank.address)
                if written is not None:
                    answers[blank.address] = list(written) if isinstance(written, tuple) else written
            row = {"student": {"id": f"s{number:06}", "name": f"Student {number}"}, "answers": answers}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    return source


def floor(source: Path, out: Path, again: Path) -> float:
    """Return the seconds that it takes to parse the same input and write the same bytes, and nothing else."""
    files = {path.relative_to(out): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    start = time.perf_counter()
    for line in source.read_text(encoding="utf-8").splitlines():
        json.loads(line)
    for name, data in files.items():
        target = again / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return time.perf_counter() - start


STEPS = {
    "read the files": ("grading/readers/__init__.py", "read"),
    "grade": ("grading/grade.py", "grade"),
    "results.jsonl": ("reports/results_jsonl.py", "line"),
    "students' pages": ("reports/pages/student.py", "page"),
    "write and sync files": ("core/files/atomic_write.py", "write_atomically"),
    "class page": ("reports/pages/class_page.py", "class_page"),
    "marks.csv": ("reports/marks_csv.py", "table"),
}
"""The function that each step is, by the end of its module's path."""


def seconds_by_step(profile: cProfile.Profile) -> dict[str, float]:
    """Return the seconds spent below each step, profiled (a profile slows small functions more than large ones)."""
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    spent = dict.fromkeys(STEPS, 0.0)
    for (file, _, function), (_, _, _, cumulative, _) in stats.items():
        for step, (module, name) in STEPS.items():
            if function == name and file.endswith(module):
                spent[step] = max(spent[step], cumulative)
    if missing := [step for step, seconds in spent.items() if not seconds]:
        raise LookupError(f"no such function was called: {', '.join(missing)}; has it another name now?")
    return spent


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--shared-assets", action="store_true")
    options = parser.parse_args()
    problem = load_problem(ROOT / "problems" / "we_recur")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = class_of(options.students, problem, folder)
        start = time.perf_counter()
        batch = Batch(problem, read(source, problem), folder / "out", shared_assets=options.shared_assets)
        results = run(batch)
        seconds = time.perf_counter() - start
        floor_seconds = floor(source, folder / "out", folder / "floor")
        start = time.perf_counter()
        grading = Grader(problem.prepare())
        for submission in batch.reading.submissions:
            grading.grade(submission)
        only_grading = time.perf_counter() - start
        profile = cProfile.Profile()
        profile.runcall(
            lambda: run(Batch(problem, read(source, problem), folder / "profiled", shared_assets=options.shared_assets))
        )
        written = sum(path.stat().st_size for path in (folder / "out").rglob("*") if path.is_file())
    print(
        f"{len(results)} submissions, {len(grading.verdicts)} distinct (blank, answer) pairs, {written / 1e6:.1f} MB written"
    )
    print(f"files to pages {seconds:7.2f} s  {len(results) / seconds:9.0f} submissions/s")
    print(f"grading alone  {only_grading:7.2f} s  {len(results) / only_grading:9.0f} submissions/s")
    print(
        f"floor          {floor_seconds:7.2f} s  {len(results) / floor_seconds:9.0f} submissions/s   files to pages takes {seconds / floor_seconds:.1f} times the floor"
    )
    spent = seconds_by_step(profile)
    total = sum(spent.values())
    print("\nshare of each step (profiled; one student's page includes typesetting)")
    for step, seconds in spent.items():
        print(f"  {step:24}{100 * seconds / total:5.1f} %")


if __name__ == "__main__":
    main()
