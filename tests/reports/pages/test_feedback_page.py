"""What a student's page says at each level, word for word; and what it never says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from support.paths import ROOT
from support.toy_kind import toy_problem

from grader.authoring.loader import load_problem
from grader.core.submission import Student, Submission
from grader.grading.grade import grade_submission
from grader.reports.pages.feedback_page import StudentPages, question_page
from grader.reports.rendering.templates import EMBEDDED, shared_assets

SEED = load_problem(ROOT / "problems" / "we_recur")
READY = SEED.prepare()
KEYS = {address: ready.key() for address, ready in READY.prepared_blanks.items()}


def page(answers, reveal="full", name="Ada", assets=EMBEDDED, **more):
    submission = Submission(Student("s1", name), "we_recur", answers, **more)
    return StudentPages(SEED, KEYS, assets, reveal).page(grade_submission(READY, submission))


def words(html: str) -> str:
    """The text of a page, without style, tags and maths."""
    html = re.sub(r"<style>.*?</style>|<math.*?</math>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


OUTCOMES = [
    ({"d": "softmax"}, "Correct 1 / 1"),
    ({"d": "sigmoid"}, "Incorrect 0 / 1"),
    ({"d": "???"}, "Could not be read 0 / 1"),
    ({}, "Nothing written 0 / 1"),
    ({"f": "A, B"}, "Partly correct 1.33 / 2"),
]


@pytest.mark.parametrize(("answers", "shown"), OUTCOMES, ids=[shown for _, shown in OUTCOMES])
def test_every_outcome_has_its_own_words(answers, shown):
    assert shown in words(page(answers))


def test_the_total_stands_first_and_thirds_are_exact():
    assert "1.33 of 12 points" in words(page({"f": "A, B"}))
    assert "Credit 2/3 of 2 = 1.33 points." in words(page({"f": "A, B"}))
    assert "Scored: 2/3 of the true options − 0/1 of the others, at least 0." in words(page({"f": "A, B"}))


TOLD = [
    # what                                              answers                          verdict hint  full
    (
        "Going backwards through a layer is not the same product",
        {"b": "W_sx W_o dLdz2"},
        (False, True, False),
    ),
    (
        "Going backwards through a layer multiplies by the transpose",
        {"b": "W_sx W_o dLdz2"},
        (False, False, True),
    ),
    ("This formula is not equal to the right one.", {"b": "W_sx W_o dLdz2"}, (False, True, True)),
    ("your formula", {"b": "W_sx W_o dLdz2"}, (False, True, True)),
    ("expected", {"b": "W_sx W_o dLdz2"}, (False, False, True)),
    ("Your answer is 2×2; the expected answer is 2×1.", {"b": "W_sx^T W_o^T"}, (False, False, True)),
    ("You wrote 2×1; the shape is 2×2.", {"a.W_o": "2x1"}, (False, False, True)),
    ("✗ true, and not chosen", {"f": "A"}, (False, False, True)),
    ("Scored:", {"f": "A"}, (False, False, True)),
    ("Solution", {}, (False, False, True)),
    ("Incorrect", {"d": "tanh"}, (True, True, True)),
    ("The name “grad” is not known in this question.", {"b": "W_sx^T grad"}, (True, True, True)),
]


@pytest.mark.parametrize(("text", "answers", "levels"), TOLD, ids=[text[:40] for text, _, _ in TOLD])
def test_what_is_told_at_each_level(text, answers, levels):
    assert tuple(text in words(page(answers, level)) for level in ("verdict", "hint", "full")) == levels


WRONG = [
    {},
    {
        "a.W_ss": "4x1",
        "a.W_sx": "9",
        "a.W_o": "3x3",
        "b": "x_t",
        "c.W_ssx": "2x2",
        "c.W_ox": "8",
        "d": "tanh",
        "e": "y1",
        "f": "D",
    },
    {"a.W_ss": "?", "b": "(", "c.W_ssx": "x", "d": "!", "e": "[", "f": "Q"},
    {"b": "W_o^T dLdz2 W_sx", "d": "softmx", "e": "x2 = W_ox p2", "f": "none"},
]


@pytest.mark.parametrize("level", ["verdict", "hint"])
@pytest.mark.parametrize("answers", WRONG, ids=["blank", "wrong", "unreadable", "odd"])
def test_no_key_before_its_release(answers, level):
    shown = page(answers, level)
    typed = " ".join(answers.values())
    assert "softmax" not in shown
    assert "W_sx.T @ W_o.T" not in shown
    assert "<mn>2</mn><mo>×</mo><mn>4</mn>" not in shown
    assert "2×4" not in words(shown) or "2x4" in typed
    assert all(mistake.says[:40] not in shown for blank in SEED.blanks for mistake in blank.spec.mistakes)
    assert all(option.why[:40] not in shown for option in SEED.blanks[-1].spec.options.values() if option.why)


HOSTILE = [
    "<script>alert(1)</script>",
    "$\\frac{1}{2}$",
    "*x*y*",
    "__q__",
    "\u202egnal",
    "a\x00b",
    "</style>",
    "{{ 7*7 }}",
    "&lt;",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("blank", ["a.W_ss", "b", "d", "e", "f"])
def test_what_a_student_wrote_is_shown_and_nothing_else(blank, text):
    shown = page({blank: text}, name=text)
    assert "<script" not in shown
    assert shown.count("</style>") == 1
    assert "49" not in words(shown)
    assert "<em>" not in shown
    assert "\x00" not in shown


def test_a_long_answer_is_cut_and_its_length_told():
    shown = page({"b": "x" * 3_000})
    assert "… (3,000 characters in all)" in shown
    assert "x" * 2_000 in shown
    assert "x" * 2_001 not in shown


def test_the_place_is_marked_in_the_students_own_text():
    assert "<mark><bdi>grad</bdi></mark>" in page({"b": "W_sx^T grad"})
    assert "<mark><bdi>W_sx @ dLdz2.T</bdi></mark>" in page({"b": "W_sx @ dLdz2.T"})


def test_the_shape_check_is_written_out_in_numbers_and_letters():
    assert "Shapes of your answer: (2×1) = (2×2)(2×2)(2×1) , in general (d×1) = (d×m)(m×n)(n×1)" in words(
        page({"b": "W_sx^T W_o^T dLdz2"})
    )
    assert "Shapes of your answer: (2×1) = (2×2)(2×2)(2×1) , in general (m×d) ✗ (n×m)" in words(
        page({"b": "W_sx W_o dLdz2"})
    )
    assert "Shapes of your answer: (2×1) ✗ (2×2) , in general (n×1) ✗ (m×n)" in words(page({"b": "dLdz2 W_o^T"}))


def test_review_and_status_are_told():
    shown = words(page({"d": "softmx"}))
    assert "These marks are provisional: a person will look at this submission again." in shown
    assert "A person will look at this: This word may be misspelt." in shown
    held = words(page({"d": "softmax"}, held_reason="Two different submissions of s1."))
    assert (
        "There is no total yet: a person has to grade part of this submission. Two different submissions of s1." in held
    )
    assert "– of 12 points" in held


def test_what_has_no_place_is_shown():
    assert "You also wrote something for which this question has no place." in words(page({"g": "stray"}))


def test_a_failure_of_the_grader_is_never_shown_as_the_students():
    problem = toy_problem(a=1)
    result = grade_submission(problem.prepare(), Submission(Student("s1"), "toys", {"a": "crash"}))
    shown = StudentPages(problem, {"a": "correct"}).page(result)
    assert "Not graded yet" in words(shown)
    assert "ZeroDivisionError" not in shown


def test_assets_beside_the_page():
    shown = page({}, assets=shared_assets("../assets/"))
    assert '<link rel="stylesheet" href="../assets/page.css">' in shown
    assert 'href="../assets/question.html"' in shown
    assert "data:font" not in shown
    solved, open_ = question_page(SEED, KEYS), question_page(SEED, KEYS, "hint")
    assert "Solution" in words(solved)
    assert "Solution" not in words(open_)


def test_pictures_are_inside_the_page():
    part = replace(SEED.parts[3], ask="Look: ![a chain](<chain.png>) and ![again]( chain.png )")
    problem = replace(SEED, parts=(part,), figures={"chain.png": b"\x89PNG"}, intro="")
    result = grade_submission(problem.prepare(), Submission(Student("s1"), "we_recur", {}))
    shown = StudentPages(problem, {}).page(result)
    assert shown.count('src="data:image/png;base64,iVBORw=="') == 2
    assert 'alt="a chain"' in shown


def test_keys_stand_in_for_a_solution_that_nobody_wrote():
    part = replace(SEED.parts[2], solution=None)
    problem = replace(SEED, parts=(part,))
    result = grade_submission(problem.prepare(), Submission(Student("s1"), "we_recur", {}))
    assert StudentPages(problem, KEYS, reveal="full").page(result).count("<mn>2</mn><mo>×</mo><mn>4</mn>") == 2
    assert StudentPages(problem, KEYS, reveal="hint").page(result).count("<mn>2</mn><mo>×</mo><mn>4</mn>") == 0


def test_a_page_of_another_head_has_the_same_main_content():
    result = grade_submission(READY, Submission(Student("s1", "Ada"), "we_recur", {"d": "softmax"}))
    pages = StudentPages(SEED, KEYS)
    assert f"<main>\n{pages.main_content(result)}</main>" in pages.page(result)
