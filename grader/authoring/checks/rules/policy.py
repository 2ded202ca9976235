"""Policy: what guessing pays, marks that no knowledge is needed for, and hints that give the key away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from grader.authoring.checks.findings import CheckFinding
from grader.authoring.loader import ProblemFiles
from grader.authoring.schema_errors import SchemaError
from grader.core.points import format_points
from grader.grading.grade import judge
from grader.grading.problem import Blank, PreparedProblem
from grader.kinds.choices.kind import ChoicesSpec
from grader.kinds.choices.scoring import guessing

GUESSING = "guessing"
"""Under this name an author acknowledges that guessing pays."""
MAX_GUESSING_CREDIT = Fraction(1, 3)
"""Expected credit of random ticking from which on it pays."""
MATHS_OR_CODE = re.compile(r"\$\$?([^$]+)\$\$?|`([^`]+)`")
ANSWER_WORDS = {"word": 3, "number": 3, "dimensions": 3, "formula": 8}
"""Kinds whose answers are a few words: how many."""
OPERATION = re.compile(r"[@*^+/().'ᵀ\d]|\w_\w")
"""What tells a formula from words of a sentence."""
PolicyOutput = CheckFinding | str


def check_policy(opened: ProblemFiles, prepared: PreparedProblem) -> Iterator[PolicyOutput]:
    """Yield what the policies pay without knowledge, and a finding where that is too much."""
    if not opened.problem.out_of:
        yield _finding(opened, ("title",), "the whole problem is worth no points")
    for blank in opened.problem.blanks:
        yield from _check_guessing(opened, prepared, blank)
        yield from _check_mistakes(opened, prepared, blank)


def _check_guessing(opened: ProblemFiles, prepared: PreparedProblem, blank: Blank) -> Iterator[PolicyOutput]:
    spec = blank.spec
    if not isinstance(spec, ChoicesSpec):
        return
    true = [id_ for id_, option in spec.options.items() if option.correct]
    ready = prepared.prepared_blanks[blank.address]
    nothing, everything = (judge(ready, text).credit or Fraction(0) for text in ("none", "all"))
    weights = {id_: option.weight or Fraction(0) for id_, option in spec.options.items()}
    few = len(spec.options) <= 16
    random = guessing(spec.scoring, true, list(spec.options), weights).random if few else None
    said = (
        f"{format_points(random)} by chance" if random is not None else "by chance not worked out for over 16 options"
    )
    yield f"{blank.address}: {spec.scoring} pays 0 for a blank, {nothing} for none, {everything} for all, {said}"
    paying = []
    if nothing and true:
        paying.append(f"ticking nothing earns {nothing}")
    if everything and len(true) < len(spec.options):
        paying.append(f"ticking everything earns {everything}")
    if len(true) == len(spec.options):
        paying.append("every option is true, so ticking everything earns all")
    if random is not None and random > MAX_GUESSING_CREDIT:
        paying.append(f"ticking by chance earns {format_points(random)} on average")
    if paying and GUESSING not in spec.acknowledged:
        place = ("scoring",) if "scoring" in spec.model_fields_set else ()
        yield _finding(opened, (*blank.place, *place), f"{blank.address}: guessing pays: {'; '.join(paying)}")


def _check_mistakes(opened: ProblemFiles, prepared: PreparedProblem, blank: Blank) -> Iterator[PolicyOutput]:
    """Hints must not give the key away, and a mistake must not pay all."""
    ready = prepared.prepared_blanks[blank.address]
    for number, mistake in enumerate(blank.spec.mistakes):
        place = (*blank.place, "mistakes", number)
        if mistake.credit == 1:
            yield _finding(opened, (*place, "credit"), f"{blank.address}: this mistake earns full marks")
        for piece in _possible_answers(mistake.hint, ANSWER_WORDS.get(blank.spec.kind, 0)):
            if judge(ready, piece).outcome == "correct":
                message = f"{blank.address}: this hint gives the key away: '{piece}'"
                yield _finding(opened, (*place, "hint"), message, error=True)
                break


def _possible_answers(hint: str, max_words: int) -> Iterator[str]:
    """Yield what could be an answer: formulas and code, and of short answers every few words, at most ``longest``."""
    for maths, code in MATHS_OR_CODE.findall(hint):
        yield maths or code
    words = [word.strip(".,;:!?“”\"'") for word in hint.split()]
    for start in range(len(words)):
        for end in range(start + 1, min(start + max_words, len(words)) + 1):
            piece = " ".join(words[start:end])
            if max_words <= ANSWER_WORDS["word"] or OPERATION.search(piece):
                yield piece


def _finding(opened: ProblemFiles, place: tuple[str | int, ...], message: str, error: bool = False) -> CheckFinding:
    complaint = opened.spec_file.complaint(SchemaError(place, message))
    return CheckFinding("policy", complaint, "error" if error else "warning")
