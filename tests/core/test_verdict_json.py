"""Every verdict comes back from JSON as it was, whenever it was stored."""

from __future__ import annotations

import json
from dataclasses import fields
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core import verdict_json
from grader.core.verdict import Check, Finding, Mistake, UngradedCause, Verdict

TEXT = st.text(st.characters(), max_size=20)  # Null bytes and halves of surrogate pairs too.
st.register_type_strategy(str, TEXT)
st.register_type_strategy(float, st.floats(allow_nan=False))
VERDICTS = st.builds(
    Verdict,
    outcome=st.sampled_from(["correct", "partial", "incorrect", "blank", "unreadable", "ungraded"]),
    credit=st.none() | st.fractions(0, 1),
    review=st.none() | TEXT,
    read_as=st.none() | TEXT,
    reason=TEXT,
    meaning=st.none() | TEXT,
    cause=st.none() | st.sampled_from(UngradedCause),
    detail=st.none() | TEXT,
    findings=st.lists(st.one_of([st.from_type(kind) for kind in Finding.__subclasses__()]), max_size=3).map(tuple),
)


@given(VERDICTS)
def test_round_trip(verdict):
    line = json.dumps(verdict_json.to_json(verdict), allow_nan=False)
    assert verdict_json.from_json(json.loads(line)) == verdict


@pytest.mark.parametrize("kind", Finding.__subclasses__(), ids=lambda kind: kind.type)
def test_round_trip_of_each_finding(kind):
    @given(st.from_type(kind))
    def one(finding):
        verdict = Verdict.incorrect("x", "y", [finding])
        assert verdict_json.from_json(json.loads(json.dumps(verdict_json.to_json(verdict)))) == verdict

    one()


def test_every_finding_is_in_the_table():
    assert {kind.type: kind for kind in Finding.__subclasses__()} == verdict_json.FINDINGS
    assert verdict_json.FIELDS.keys() == {*verdict_json.FINDINGS.values(), Check}


@pytest.mark.parametrize("kind", verdict_json.FIELDS, ids=lambda kind: kind.__name__)
def test_every_field_is_in_the_table_once(kind):
    table = verdict_json.FIELDS[kind]
    assert sorted(field.attribute for field in table) == sorted(field.name for field in fields(kind))
    assert len({field.wire for field in table}) == len(table)


NAMES = {
    "shape": ["got", "expected", "check", "letters", "fits", "span", "sentence", "hint"],
    "mistake": ["id", "sentence", "hint"],
    "counterexample": ["inputs", "yours", "expected", "sentence"],
    "evidence": ["sentence", "method", "sizes", "points", "bits", "screen", "cells", "bound", "tolerance", "point"],
    "options": ["chosen", "missing", "extra", "arithmetic", "sentence"],
    "note": ["sentence", "span"],
    "example": ["inputs", "yours", "expected", "right", "printed", "sentence"],
    "checks": ["checks", "arithmetic"],
}  # fmt: skip


def test_the_names_in_json_and_their_order_stay():
    tables = {name: [field.wire for field in verdict_json.FIELDS[kind]] for name, kind in verdict_json.FINDINGS.items()}
    assert tables == NAMES
    assert [field.wire for field in verdict_json.FIELDS[Check]] == ["says", "passed", "why", "asked"]
    assert list(verdict_json.to_json(Verdict.blank())) == [
        "outcome", "credit", "review", "read_as", "reason", "findings", "meaning",
    ]  # fmt: skip


def test_a_row_of_an_older_version_lacks_newer_fields():
    values = verdict_json.to_json(Verdict.correct("x")) | {"findings": [{"type": "mistake", "id": "sign"}]}
    assert verdict_json.from_json(values) == Verdict.correct("x", findings=[Mistake("sign")])


@pytest.mark.parametrize(
    ("review", "detail"),
    [
        ("The grader failed on this answer: ValueError: W_hh.T is it.", "ValueError: W_hh.T is it"),
        ("The grader failed on this answer.", None),
    ],
)
def test_a_failure_of_the_grader_is_recognised_in_rows_that_have_only_the_sentence(review, detail):
    values = verdict_json.to_json(Verdict.ungraded(review))
    assert "cause" not in values
    verdict = verdict_json.from_json(values)
    assert (verdict.cause, verdict.detail) == (UngradedCause.GRADER_FAILED, detail)
    assert (verdict.review, verdict.staff_review) == ("The grader failed on this answer.", review)


def test_the_review_of_staff_needs_no_verdict():
    for verdict in (Verdict.failed("no disk"), Verdict.ungraded("It was held."), Verdict.blank()):
        assert verdict_json.staff_review(verdict_json.to_json(verdict)) == verdict.staff_review


def test_a_finding_that_nobody_knows():
    values = verdict_json.to_json(Verdict.correct("x")) | {"findings": [{"type": "nonsense"}]}
    with pytest.raises(ValueError, match="there is no finding of type 'nonsense'"):
        verdict_json.from_json(values)


def test_credit_is_exact():
    verdict = Verdict.partial(Fraction(2, 3), "x", "y")
    assert verdict_json.to_json(verdict)["credit"] == "2/3"
    assert verdict_json.from_json(verdict_json.to_json(verdict)).credit == Fraction(2, 3)
