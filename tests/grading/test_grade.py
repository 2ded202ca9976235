"""From an answer to a mark, with toy kinds: outcome × review → credit, points, part, exit, marks."""

from __future__ import annotations

from fractions import Fraction

import pytest
from support.toy_kind import toy_problem

from grader.core.submission import Student, Submission, is_blank
from grader.core.verdict import UngradedCause
from grader.grading.grade import Grader, grade_submission
from grader.grading.results import combined, exit_code

ADA = Student("s1", "Ada")


def graded(setting="batch", held=None, **answers):
    """Grade answers (``a__x`` is the blank a.x) of a problem whose blanks are worth 3 points each."""
    problem = toy_problem(**dict.fromkeys(answers, 3))
    written = {name.replace("__", "."): text for name, text in answers.items() if text is not None}
    return grade_submission(problem.prepare(), Submission(ADA, problem.id, written, held_reason=held), setting)


BROKEN = "The grader failed on this answer: "
TABLE = [
    # answer        outcome       credit          points          status         review
    ("correct", "correct", Fraction(1), Fraction(3), "final", None),
    ("half", "partial", Fraction(1, 2), Fraction(3, 2), "final", None),
    ("third", "partial", Fraction(1, 3), Fraction(1), "final", None),
    ("wrong", "incorrect", Fraction(0), Fraction(0), "final", None),
    ("correct?", "correct", Fraction(1), Fraction(3), "provisional", "A toy asks for a person."),
    ("half?", "partial", Fraction(1, 2), Fraction(3, 2), "provisional", "A toy asks for a person."),
    ("wrong?", "incorrect", Fraction(0), Fraction(0), "provisional", "A toy asks for a person."),
    ("", "blank", Fraction(0), Fraction(0), "final", None),
    (" \t\u200b\ufeff\u00a0", "blank", Fraction(0), Fraction(0), "final", None),
    (None, "blank", Fraction(0), Fraction(0), "final", None),
    (
        "garbled",
        "unreadable",
        Fraction(0),
        Fraction(0),
        "provisional",
        "This answer could not be read.",
    ),
    ("undecided", "ungraded", None, None, "ungraded", "The toy cannot decide this."),
    ("fault", "ungraded", None, None, "ungraded", BROKEN + "the toy's clockwork is broken."),
    ("crash", "ungraded", None, None, "ungraded", BROKEN + "ZeroDivisionError: the toy crashed."),
]


@pytest.mark.parametrize(("text", "outcome", "credit", "points", "status", "review"), TABLE)
def test_one_answer(text, outcome, credit, points, status, review):
    result = graded(a=text)
    [part] = result.parts
    [blank] = part.blanks
    assert (blank.verdict.outcome, blank.verdict.credit, blank.points) == (outcome, credit, points)
    assert (part.outcome, part.credit, part.points) == (outcome, credit, points)
    assert (result.status, result.review, blank.verdict.staff_review) == (status, review, review)
    assert exit_code([result]) == (0 if status == "final" else 1)


@pytest.mark.parametrize(
    ("text", "detail"),
    [("fault", "the toy's clockwork is broken"), ("crash", "ZeroDivisionError: the toy crashed")],
)
def test_what_went_wrong_in_the_grader_is_for_staff_only(text, detail):
    result = graded(a=text)
    [blank] = result.parts[0].blanks
    assert (blank.verdict.cause, blank.verdict.detail) == (UngradedCause.GRADER_FAILED, detail)
    for reveal in ("verdict", "hint", "full"):
        assert detail not in repr(blank.verdict.at(reveal))
        assert result.at(reveal).review == "The grader failed on this answer."


PARTS = [
    # outcomes of the blanks                credit          outcome of the part
    ({"correct"}, Fraction(1), "correct"),
    ({"blank"}, Fraction(0), "blank"),
    ({"correct", "blank"}, Fraction(1, 2), "partial"),
    ({"correct", "incorrect"}, Fraction(1, 2), "partial"),
    ({"correct", "incorrect"}, Fraction(1), "partial"),
    ({"incorrect"}, Fraction(0), "incorrect"),
    ({"incorrect", "blank"}, Fraction(0), "incorrect"),
    ({"unreadable"}, Fraction(0), "unreadable"),
    ({"unreadable", "blank"}, Fraction(0), "unreadable"),
    ({"unreadable", "incorrect"}, Fraction(0), "unreadable"),
    ({"unreadable", "correct"}, Fraction(1, 2), "partial"),
    ({"ungraded", "correct"}, None, "ungraded"),
    ({"ungraded", "unreadable"}, None, "ungraded"),
    ({"ungraded", "blank"}, None, "ungraded"),
]


@pytest.mark.parametrize(
    ("outcomes", "credit", "expected"),
    PARTS,
    ids=lambda value: "-".join(sorted(value)) if isinstance(value, set) else str(value),
)
def test_outcome_of_a_part(outcomes, credit, expected):
    assert combined(outcomes, credit) == expected


def test_a_broken_blank_touches_no_other_blank():
    result = graded(a__x="crash", a__y="correct", b="correct", c="garbled")
    outcomes = [[blank.verdict.outcome for blank in part.blanks] for part in result.parts]
    assert outcomes == [["ungraded", "correct"], ["correct"], ["unreadable"]]
    assert [part.points for part in result.parts] == [None, 3, 0]
    assert result.points is None


def test_a_broken_answer_touches_no_other_student():
    problem = toy_problem(a=1)
    grading = Grader(problem.prepare())
    texts = ["crash", "correct", "crash", "wrong"]
    results = [grading.grade(Submission(Student(str(n)), "toys", {"a": text})) for n, text in enumerate(texts)]
    assert [result.points for result in results] == [None, 1, None, 0]


def test_thirds_add_up_exactly():
    result = graded(a__x="third", a__y="third", a__z="third")
    assert result.points == 3
    assert result.parts[0].credit == Fraction(1, 3)


def test_what_cannot_be_read_waits_for_a_person_in_a_batch_only():
    assert graded(a="garbled").review == "This answer could not be read."
    assert graded(setting="self-check", a="garbled").review is None


def test_a_held_submission_is_not_graded():
    result = graded(held="Two submissions of s1.", a="correct", b=None)
    assert [part.outcome for part in result.parts] == ["ungraded", "ungraded"]
    assert (result.points, result.review, result.status) == (None, "Two submissions of s1.", "ungraded")
    assert {blank.verdict.cause for part in result.parts for blank in part.blanks} == {UngradedCause.HELD}


def test_an_answer_without_a_blank_is_kept_and_shown_to_a_person():
    problem = toy_problem(a=1)
    submission = Submission(ADA, "toys", {"a": "correct", "z": "correct", "y": "  "})
    result = grade_submission(problem.prepare(), submission)
    assert result.unmatched == {"z": "correct"}
    assert (result.status, result.review) == (
        "provisional",
        "An answer was given to z, which does not exist.",
    )


@pytest.mark.parametrize(
    ("written", "blank"),
    [((), False), (("",), True), (("", "a"), False), ("", True), ("none", False), (None, True)],
)
def test_an_empty_list_is_an_answer(written, blank):
    assert is_blank(written) is blank


def test_equal_answers_are_judged_once(monkeypatch):
    problem = toy_problem(a=1)
    prepared = problem.prepare()
    seen = []
    check = type(prepared.prepared_blanks["a"]).check
    monkeypatch.setattr(
        type(prepared.prepared_blanks["a"]), "check", lambda self, answer: seen.append(answer) or check(self, answer)
    )
    grading = Grader(prepared)
    for n, text in enumerate(["half", "half", "wrong", "half"]):
        grading.grade(Submission(Student(str(n)), "toys", {"a": text}))
    assert seen == ["half", "wrong"]
