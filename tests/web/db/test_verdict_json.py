"""Every verdict comes back from the database as it was."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from grader.core.verdict import Finding, Verdict
from grader.web.db import tables, verdict_json
from grader.web.db.types import now_or

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


def test_findings_have_names_of_their_own():
    names = [kind.type for kind in Finding.__subclasses__()]
    assert len(set(names)) == len(names)


def test_a_finding_that_nobody_knows():
    values = verdict_json.to_json(Verdict.correct("x")) | {"findings": [{"type": "nonsense"}]}
    with pytest.raises(ValueError, match="there is no finding of type 'nonsense'"):
        verdict_json.from_json(values)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "𝔸 \u2028 ∂", "Infinity", '"\\', "\x85"])
def test_every_character_survives_the_database(database, text):
    row = {"at": now_or(None), "actor": None, "action": "x", "subject": "x", "details": {"written": [text]}}
    with database.writing() as connection:
        connection.execute(insert(tables.audit).values(row))
        assert connection.execute(select(tables.audit.c.details)).scalar() == {"written": [text]}


def test_credit_is_exact():
    verdict = Verdict.partial(Fraction(2, 3), "x", "y")
    assert verdict_json.to_json(verdict)["credit"] == "2/3"
    assert verdict_json.from_json(verdict_json.to_json(verdict)).credit == Fraction(2, 3)
