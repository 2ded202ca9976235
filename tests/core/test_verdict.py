"""What a verdict shows at each level: at ``hint`` nothing from which the key could be read off."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.core.verdict import Counterexample, Mistake, Note, Options, Shape, Verdict

KEY = "THE-KEY"
FINDINGS = (
    Shape(got="1×2", expected=KEY, sentence=KEY, hint="Yours is 1×2."),
    Mistake(id=KEY, sentence=KEY, hint="Look at the transposes."),
    Mistake(id=KEY, sentence=KEY),
    Counterexample((("x", "1"),), yours="2", expected=KEY),
    Options(chosen=("a",), missing=(KEY,), sentence=KEY),
    Note("At character 1."),
)
WRONG = Verdict.incorrect("$x$", "That is not it.", FINDINGS)


def test_everything_at_full():
    assert WRONG.at("full") == WRONG


def test_no_key_at_hint():
    shown = WRONG.at("hint")
    assert KEY not in repr(shown)
    assert [finding.type for finding in shown.findings] == ["shape", "mistake", "counterexample", "note"]
    assert "Yours is 1×2." in repr(shown)
    assert "Look at the transposes." in repr(shown)
    assert shown.reason == "That is not it."


def test_only_the_outcome_at_verdict():
    shown = WRONG.at("verdict")
    assert (shown.outcome, shown.read_as, shown.reason, shown.findings) == ("incorrect", "$x$", "", ())


@pytest.mark.parametrize(
    "verdict",
    [Verdict.blank(), Verdict.unreadable("A bracket is missing."), Verdict.ungraded("Too hard.")],
    ids=lambda v: v.outcome,
)
def test_what_is_no_verdict_on_the_answer_is_said_at_every_level(verdict):
    assert verdict.at("verdict").reason == verdict.reason != ""


@pytest.mark.parametrize(
    ("credit", "outcome"),
    [("0", "incorrect"), ("1/3", "partial"), ("1", "correct"), ("-1", "incorrect"), ("2", "correct")],
)
def test_partial_credit_at_the_ends_is_no_partial_credit(credit, outcome):
    verdict = Verdict.partial(Fraction(credit), "x", "So so.")
    assert verdict.outcome == outcome
    assert 0 <= verdict.credit <= 1


def test_the_first_reason_for_review_stays():
    assert Verdict.correct("x").reviewed("one").reviewed("two").review == "one"
