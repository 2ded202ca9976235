"""Mutation testing of keys (“sharpness”): answers with a slip in them that the exam accepts, unless their author knows and says why that is well."""

from __future__ import annotations

from collections.abc import Container, Iterator

from grader.authoring.checks.findings import CheckFinding
from grader.authoring.checks.rules.policy import GUESSING
from grader.authoring.loader import ProblemFiles
from grader.authoring.schema_errors import SchemaError
from grader.grading.grade import judge
from grader.grading.problem import Blank, PreparedProblem
from grader.kinds.base.prepared import SelfChecking, SurvivingMutation

MutationOutput = CheckFinding | str


def check_mutations(
    opened: ProblemFiles, prepared: PreparedProblem, refuted: Container[str] = ()
) -> Iterator[MutationOutput]:
    """Yield a warning for each survivor that nobody acknowledged, and a note of each that is right after all.

    Of a ``refuted`` key nothing is said: what it accepts will change with it.
    """
    for blank in opened.problem.blanks:
        if blank.address in refuted:
            continue
        ready = prepared.prepared_blanks[blank.address]
        found = ready.surviving_mutations() if isinstance(ready, SelfChecking) else []
        for each in found:
            if each.equivalent:
                yield f"{blank.address}: {each.answer} is right too (another way to write the key)"
        yield from _unacknowledged(opened, prepared, blank, [each for each in found if not each.equivalent])


def _unacknowledged(
    opened: ProblemFiles, prepared: PreparedProblem, blank: Blank, found: list[SurvivingMutation]
) -> Iterator[MutationOutput]:
    left = {_normalized(prepared, blank, text): text for text in blank.spec.acknowledged if text != GUESSING}
    used = set()
    for each in found:
        meant = _normalized(prepared, blank, each.answer)
        if meant in left:
            used.add(meant)
            yield f"{blank.address}: {each.answer} ({each.mutation}) is accepted; {blank.spec.acknowledged[left[meant]]}"
            continue
        message = f"{blank.address}: the exam cannot tell {each.answer!r} ({each.mutation}) from the key: {each.why}"
        yield CheckFinding("sharpness", opened.spec_file.complaint(SchemaError(blank.place, message)), "warning")
    for meant, text in left.items():
        if meant not in used:
            message = f"{blank.address}: {text!r} is acknowledged, and nothing like it is found"
            place = SchemaError((*blank.place, "acknowledged", text), message, at_key=True)
            yield CheckFinding("sharpness", opened.spec_file.complaint(place), "warning")


def _normalized(prepared: PreparedProblem, blank: Blank, text: str) -> str:
    """Return how an answer is read, so that it may be acknowledged in any way of writing it."""
    verdict = judge(prepared.prepared_blanks[blank.address], text)
    return verdict.read_as if verdict.outcome == "correct" and verdict.read_as else text
