"""Mistakes that are recognised without being foreseen, in every kind but formulas: name, sentence, and no more at hint."""

from __future__ import annotations

import pytest
from support.blanks import mistake, prepared

from grader.core.verdict import Mistake
from grader.grading.grade import judge
from grader.kinds.base.mistake_messages import SHAPE_HINT

STACKED = {"kind": "dimensions", "shape": ["n", 7]}
WEIGHT = {"kind": "dimensions", "shape": ["m", "d"]}
SHARE = {"kind": "number", "value": "0.2345", "accept": {"significant": 3}}
ANGLE = {"kind": "number", "value": 60, "accept": {"relative": "0.001"}}
OPTIONS = {name: {"says": f"It is {name}.", "correct": name in "bd", "why": f"Because of {name}."} for name in "abcd"}
TICKED = {"kind": "choices", "options": OPTIONS}

RECOGNISED = [
    (STACKED, "n x d", "ignored-stacking", "What is stacked here has length $7$ in all, not $3$."),
    (STACKED, "2x4", "ignored-stacking", "What is stacked here has length $7$ in all, not $4$."),
    (STACKED, "2x5", None, None),
    (STACKED, "7x7", "square-of-stack", "Only one axis has the length of what is stacked, $7$; the other has length $2$."),
    (STACKED, "7x2", "transposed-shape", "Rows and columns are swapped: the rows belong to what comes out, the columns to what goes in."),
    (STACKED, "14", "counted-entries", "The entries were counted; a shape is written rows × columns."),
    (WEIGHT, "m x n", "wrong-variable", "The length of one axis is $d$, not $n$."),
    (WEIGHT, "m x d x 1", "number-of-axes", "The expected shape has 2 axes; yours has 3 axes."),
    (WEIGHT, "n x m", None, None),
    ({"kind": "dimensions", "shape": ["d", 1]}, "d", "number-of-axes", "The expected shape has 2 axes; yours has one axis."),
    ({"kind": "number", "value": 64}, "65", None, None),
    ({"kind": "number", "value": 64}, "64.5", "rounded-early", "This is close to the expected number: something was rounded too early."),
    ({"kind": "number", "value": "0.02", "accept": {"absolute": "0.01"}}, "0.1", None, None),
    ({"kind": "number", "value": "0.02", "accept": {"absolute": "0.01"}}, "25", None, None),
    (SHARE, "-0.2345", "sign-flipped", "The sign is wrong."),
    (SHARE, "4.264", "reciprocal", "This is one over the expected number."),
    (SHARE, "23.45", "percent", "This is off by a factor of 100, as between a share and a percentage."),
    (SHARE, "2.345", "power-of-ten", "This is off by a factor of 10."),
    (SHARE, "0.7655", "complement", "This is 1 minus the expected number."),
    (SHARE, "0.23", "rounded-early", "This is close to the expected number: something was rounded too early."),
    (SHARE, "0.3", None, None),
    (ANGLE, "1.0472", "degrees", "This is off by a factor of π/180, as between degrees and radians."),
    (ANGLE, "3437.7", "degrees", "This is off by a factor of π/180, as between degrees and radians."),
    (ANGLE, "45", None, None),
    (TICKED, "B", "missed-option", "One true option was not chosen: D."),
    (TICKED, "B C D", "extra-option", "One option was chosen that is not true: C."),
    (TICKED, "A C", "opposite-options", "Exactly the options that are not true were chosen."),
    (TICKED, "A B", None, None),
    (TICKED, "none", None, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "text", "name", "sentence"), RECOGNISED, ids=[f"{each[0]['kind']} {each[1]}" for each in RECOGNISED]
)
def test_a_mistake_is_recognised(fields, text, name, sentence):
    verdict = judge(prepared(**fields), text)
    assert verdict.outcome == "incorrect"
    found = next((each for each in verdict.findings if isinstance(each, Mistake)), None)
    assert (found and found.id, found and found.sentence) == (name, sentence)
    hinted = found and found.at("hint")
    told = fields["kind"] == "dimensions" and name is not None
    assert (hinted and (hinted.id, hinted.sentence)) == (("", SHAPE_HINT) if told else None)


@pytest.mark.parametrize("fields", [STACKED, WEIGHT, SHARE, ANGLE, TICKED], ids=lambda each: each["kind"])
def test_a_right_answer_has_no_mistake(fields):
    key = {"number": "60" if fields is ANGLE else "0.2345", "choices": "B D"}.get(
        fields["kind"], "2x7" if fields is STACKED else "m x d"
    )
    verdict = judge(prepared(**fields), key)
    assert (verdict.outcome, mistake(verdict)) == ("correct", None)


def test_an_option_that_is_missing_or_too_much_is_not_told_at_hint():
    verdict = judge(prepared(**TICKED), "B").at("hint")
    assert verdict.findings == ()


def test_the_author_may_give_words_and_credit_for_what_is_recognised():
    blank = prepared(**SHARE, mistakes=[{"id": "percent", "credit": "1/2", "says": "Divide by 100."}])
    verdict = judge(blank, "23.45")
    assert (verdict.outcome, str(verdict.credit)) == ("partial", "1/2")
    assert verdict.findings[0].sentence.startswith("Divide by 100. This is off by a factor of 100")
    assert judge(blank, "2.345").credit == 0


def test_equal_numbers_have_one_meaning():
    blank = prepared(**SHARE)
    assert judge(blank, "0.5").meaning == judge(blank, "1/2").meaning == judge(blank, "50 %").meaning
    assert judge(blank, "0.5").meaning != judge(blank, "0.6").meaning
