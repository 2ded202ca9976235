"""The check of one problem: everything that its author promises, held against what it does."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from grader.authoring.checks.findings import Check, CheckFinding, ClaimResult, Report
from grader.authoring.checks.rules import examples
from grader.authoring.checks.rules.claims import check_claims
from grader.authoring.checks.rules.mutation_testing import check_mutations
from grader.authoring.checks.rules.policy import check_policy
from grader.authoring.checks.rules.presentation import check_presentation
from grader.authoring.loader import SPEC, ProblemFiles, open_problem
from grader.authoring.reference_functions import PROCESS_RUNS, ReferenceRuns
from grader.authoring.schema_errors import SchemaError
from grader.core.errors import Complaint, SpecError
from grader.grading.grade import judge
from grader.grading.problem import PreparedProblem, Problem
from grader.kinds.base.prepared import SelfChecking

CheckOutput = CheckFinding | ClaimResult | str
NEEDED_EXAMPLES = {"correct": "right", "wrong": "wrong"}


def check_problem(folder: Path, runs: ReferenceRuns = PROCESS_RUNS) -> Report:
    """Check one problem's folder; whatever is wrong with it becomes a finding.

    A report in which something took too long is not to be kept: it may be otherwise on a quieter machine.
    """
    before = runs.unrepeatable
    report = _check(folder, runs)
    return replace(report, cacheable=runs.unrepeatable == before)


def _check(folder: Path, runs: ReferenceRuns) -> Report:
    name, path = folder.resolve().name, str(folder)
    try:
        opened = open_problem(folder, runs)
        prepared = opened.problem.prepare()
    except SpecError as error:
        return Report(name, path, tuple(_findings("spec", error.complaints)))
    told = _run_stage(path, lambda: check_claims(opened, prepared))
    refuted = {each.blank for each in told if isinstance(each, ClaimResult) and each.status == "refuted"}
    stages: tuple[Callable[[], Iterable[CheckOutput]], ...] = (
        lambda: check_examples(opened, prepared, folder),
        lambda: check_mutations(opened, prepared, refuted),
        lambda: check_policy(opened, prepared),
        lambda: check_presentation(opened),
    )
    for stage in stages:
        told += _run_stage(path, stage)
    return Report(
        name,
        path,
        tuple(each for each in told if isinstance(each, CheckFinding)),
        tuple(each for each in told if isinstance(each, ClaimResult)),
        tuple(each for each in told if isinstance(each, str)),
    )


def _run_stage(path: str, stage: Callable[[], Iterable[CheckOutput]]) -> list[CheckOutput]:
    """Return all that one part of the check tells; if that part fails, this too, so that the others are heard."""
    told: list[CheckOutput] = []
    try:
        for each in stage():
            told.append(each)  # What was told before a failure is kept.
    except Exception as error:  # A failure of ours, in words that a report of it needs.
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"the grader itself failed; please report this: {type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
        told.append(CheckFinding("run", Complaint(f"{path}/{SPEC}", said), grader_failed=True))
    return told


def check_examples(opened: ProblemFiles, prepared: PreparedProblem, folder: Path) -> Iterator[CheckFinding]:
    """Try the examples and the official answers; each blank needs a right and a wrong example."""
    yield from _check_official_answers(opened, prepared)
    yield from _check_mistakes_are_named(opened, prepared)
    try:
        found = examples.load_examples(folder, opened.problem)
    except SpecError as error:
        yield from _findings("examples", error.complaints)
        return
    yield from _findings("examples", examples.run_examples(prepared, found))
    yield from _findings("examples", _missing_examples(opened.problem, found, str(folder / examples.EXAMPLES)))


def _check_official_answers(opened: ProblemFiles, prepared: PreparedProblem) -> Iterator[CheckFinding]:
    for blank in opened.problem.blanks:
        ready = prepared.prepared_blanks[blank.address]
        for answer in ready.official_answers() if isinstance(ready, SelfChecking) else ():
            verdict = judge(ready, answer)
            if verdict.outcome != "correct" or verdict.review:
                got = f"{verdict.outcome}: {verdict.reason or verdict.staff_review}"
                message = f"{blank.address}: the key itself, {answer!r}, does not earn full marks ({got})"
                yield CheckFinding("examples", opened.spec_file.complaint(SchemaError(blank.place, message)))


def _check_mistakes_are_named(opened: ProblemFiles, prepared: PreparedProblem) -> Iterator[CheckFinding]:
    """Every foreseen mistake must be named where it is made: one that stands behind another never is."""
    for blank in opened.problem.blanks:
        if blank.spec.kind == "function":
            continue  # Its mistakes are functions of reference.py, told apart when the problem is loaded.
        for number, mistake in enumerate(blank.spec.mistakes):
            for answer in mistake.answers:
                verdict = judge(prepared.prepared_blanks[blank.address], answer)
                names = examples.named_mistakes(verdict)
                if mistake.id not in names and verdict.outcome not in ("unreadable", "ungraded"):
                    got = f"{names[0]!r} comes first" if names else f"it is {verdict.outcome}"
                    message = f"{blank.address}: {answer!r} is never named {mistake.id!r}: {got}"
                    place = (*blank.place, "mistakes", number, "answer")
                    yield CheckFinding("examples", opened.spec_file.complaint(SchemaError(place, message)), "warning")


def _missing_examples(problem: Problem, found: Iterable[examples.Example], file: str) -> Iterator[Complaint]:
    expected: dict[str, set[str]] = {blank.address: set() for blank in problem.blanks}
    for each in found:
        expected[each.address].add("wrong" if each.expect in ("incorrect", "partial") else each.expect)
    for address, outcomes in expected.items():
        for outcome, word in NEEDED_EXAMPLES.items():
            if outcome not in outcomes:
                yield Complaint(file, f"{address}: there is no {word} answer among the examples")


def _findings(check: Check, complaints: Iterable[Complaint]) -> Iterator[CheckFinding]:
    return (CheckFinding(check, each) for each in complaints)
