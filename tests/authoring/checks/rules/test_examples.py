"""The examples of a problem: an author's mistakes in the file, what did not come out, and the live bank's own."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from support.paths import ROOT
from support.toy_kind import toy_problem

from grader.authoring.checks.rules.examples import Example, is_met, load_examples, named_mistakes, run_examples
from grader.authoring.loader import load_problem
from grader.core.errors import SpecError
from grader.grading.grade import judge

pytestmark = pytest.mark.process

TOYS = toy_problem(a=3, b__x=1)


def write(folder: Path, text: str) -> Path:
    (folder / "examples.yaml").write_text(text, encoding="utf-8")
    return folder


def complaints(folder: Path) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load_examples(folder, TOYS)
    return [str(each).removeprefix(f"{folder}/examples.yaml:") for each in caught.value.complaints]


def test_a_good_file_loads(tmp_path):
    text = """\
a:
  - {answer: half, expect: partial, credit: 0.5}
  - {answer: 010, expect: review, mistake: slip}
b.x:
  - answer: [one, two]
    expect: incorrect
  - {answer: [], expect: blank}
"""
    file = f"{tmp_path}/examples.yaml"
    assert load_examples(write(tmp_path, text), TOYS) == (
        Example("a", "half", "partial", Fraction(1, 2), None, 2, 5, file),
        Example("a", "010", "review", None, "slip", 3, 5, file),
        Example("b.x", ("one", "two"), "incorrect", None, None, 5, 5, file),
        Example("b.x", (), "blank", None, None, 7, 5, file),
    )


OUTCOMES = "correct, partial, incorrect, blank, unreadable, ungraded, review"
ONE_OF = f"what must come out is one of {OUTCOMES}"
CREDIT = "a credit is a number from 0 to 1, such as 0.5 or 1/3"
ANSWER = "an answer is a text or a list of texts; '' is one left blank"
BAD = {
    "empty file": ("", ["1:1: the addresses of blanks, each with its examples, are needed here"]),
    "not a mapping": ("- a", ["1:1: the addresses of blanks, each with its examples, are needed here"]),
    "address": ("b.y: []", ["1:1: there is no blank 'b.y' in the problem; did you mean b.x?"]),
    "far address": ("zebra: []", ["1:1: there is no blank 'zebra' in the problem"]),
    "no list": ("a: correct", ["1:4: a list of examples is needed here, each beginning with -"]),
    "no example": ("a: [half]", ["1:5: an example is written {answer: …, expect: …}"]),
    "field": ("a: [{answer: x, expct: blank}]", ["1:5: `expect` is missing", "1:17: `expct` is not known here; did you mean expect?"]),
    "outcome": ("a: [{answer: x, expect: corect}]", [f"1:25: {ONE_OF}; did you mean correct?"]),
    "outcome as a list": ("a: [{answer: x, expect: [correct]}]", [f"1:25: {ONE_OF}; did you mean correct?"]),
    "no answer": ("a: [{expect: blank}]", ["1:5: `answer` is missing"]),
    "null answer": ("a: [{answer: , expect: blank}]", [f"1:14: {ANSWER}"]),
    "nested answer": ("a: [{answer: {b: c}, expect: blank}]", [f"1:14: {ANSWER}"]),
    "credit above 1": ("a: [{answer: x, expect: partial, credit: 3/2}]", [f"1:42: {CREDIT}"]),
    "credit in words": ("a: [{answer: x, expect: partial, credit: half}]", [f"1:42: {CREDIT}"]),
    "mistake as a list": ("a: [{answer: x, expect: blank, mistake: [y]}]", ["1:41: a mistake is named by its id"]),
    "the same blank twice": ("a: []\na: []", ["2:1: the key 'a' is here twice; the first is in line 1"]),
    "all at once": ("c: []\na:\n  - {answer: x, expect: partly}\n  - {expect: blank}\n", [
        "1:1: there is no blank 'c' in the problem", f"3:25: {ONE_OF}; did you mean partial?", "4:5: `answer` is missing"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD)
def test_a_mistake_in_the_file(tmp_path, text, expected):
    assert complaints(write(tmp_path, text)) == expected


def test_a_file_that_cannot_be_read(tmp_path):
    assert complaints(tmp_path) == [" cannot be read: No such file or directory"]
    (tmp_path / "examples.yaml").write_bytes(b"a:\n  - {answer: \xdf, expect: blank}\n")
    assert complaints(tmp_path) == [" is not UTF-8 text (byte 16)"]


GOOD = [
    Example("a", "correct", "correct"),
    Example("b.x", "correct", "correct", Fraction(1)),
    Example("a", "half", "partial", Fraction(1, 2)),
    Example("a", "wrong", "incorrect", Fraction(0)),
    Example("a", "", "blank"),
    Example("a", "garbled", "unreadable"),
    Example("a", "garbled", "review"),
    Example("a", "crash", "ungraded"),
    Example("a", "crash", "review"),
    Example("a", "wrong?", "review"),
    Example("a", "correct?", "correct"),
]


@pytest.mark.parametrize("example", GOOD, ids=lambda each: f"{each.answer or 'blank'}-{each.expect}")
def test_an_example_that_holds(example):
    assert run_examples(TOYS.prepare(), [example]) == ()


BROKEN = "The grader failed on this answer: ZeroDivisionError: the toy crashed."
FAILING = [
    (Example("a", "correct", "incorrect"), "a: 'correct' should be incorrect but is correct"),
    (Example("b.x", "wrong", "correct"), "b.x: 'wrong' should be correct but is incorrect"),
    (Example("a", "correct", "incorrect", None, "slip"), "a: 'correct' should be incorrect (slip) but is correct (no mistake named)"),
    (Example("a", "wrong", "incorrect", None, "slip"), "a: 'wrong' should be incorrect (slip) but is incorrect (no mistake named)"),
    (Example("a", "half", "partial", Fraction(1, 3)), "a: 'half' should be partial (1/3) but is partial (1/2)"),
    (Example("a", "half", "partial", Fraction(1, 3), "slip"), "a: 'half' should be partial (1/3, slip) but is partial (1/2, no mistake named)"),
    (Example("a", "wrong", "incorrect", Fraction(1)), "a: 'wrong' should be incorrect (1) but is incorrect (0)"),
    (Example("a", "correct", "review"), "a: 'correct' should be for a person to review but is correct"),
    (Example("a", "", "unreadable"), "a: '' should be unreadable but is blank"),
    (Example("a", "garbled", "correct"), "a: 'garbled' should be correct but is unreadable: The word “garbled” cannot be read."),
    (Example("a", ("x", "y"), "correct"), "a: [x, y] should be correct but is unreadable: One answer is expected here, but a list was given."),
    (Example("a", "crash", "correct", Fraction(1)), f"a: 'crash' should be correct (1) but is ungraded: {BROKEN}"),
    (Example("a", "garbled" * 20, "blank"), f"a: '{('garbled' * 20)[:78]}… should be blank but is unreadable: The word “garbled” cannot be read."),
]  # fmt: skip


@pytest.mark.parametrize(("example", "message"), FAILING, ids=[message[:60] for _, message in FAILING])
def test_an_example_that_does_not_hold(example, message):
    [complaint] = run_examples(TOYS.prepare(), [example])
    assert str(complaint) == f"examples.yaml: {message}"


def test_every_failing_example_is_told_with_its_place(tmp_path):
    text = "a:\n  - {answer: wrong, expect: correct}\n  - {answer: half, expect: partial}\nb.x:\n  - {answer: half, expect: blank}\n"
    found = run_examples(TOYS.prepare(), load_examples(write(tmp_path, text), TOYS))
    assert [str(each).removeprefix(f"{tmp_path}/") for each in found] == [
        "examples.yaml:2:5: a: 'wrong' should be correct but is incorrect",
        "examples.yaml:5:5: b.x: 'half' should be blank but is partial",
    ]


BANK = sorted(
    path.parent
    for bank in ("problems", "tests/problems")
    for path in (ROOT / bank).glob("*/problem.yaml")
    if path.parent.name != "descent"
)


def test_the_bank_is_found():
    assert {"we_recur", "layer"} <= {folder.name for folder in BANK}


@pytest.mark.parametrize("folder", BANK, ids=lambda folder: folder.name)
def test_every_example_of_the_bank_holds(folder):
    problem = load_problem(folder)
    found = run_examples(problem.prepare(), load_examples(folder, problem))
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("folder", BANK, ids=lambda folder: folder.name)
def test_every_blank_of_the_bank_has_a_right_a_wrong_and_a_doubtful_example(folder):
    problem = load_problem(folder)
    seen = Counter((example.address, example.expect) for example in load_examples(folder, problem))
    for blank in problem.blanks:
        assert seen[blank.address, "correct"], blank.address
        assert seen[blank.address, "incorrect"], blank.address
        assert seen[blank.address, "unreadable"] + seen[blank.address, "review"], blank.address


ROWS = [json.loads(line) for line in (ROOT / "tests/cases/student_answers.jsonl").read_text("utf-8").splitlines()]
UNNAMED: set[tuple[str, str]] = set()
"""Blanks and answers whose labelled mistake cannot be named yet."""


@pytest.fixture(scope="module")
def labelled():
    """The labelled answers to We Recur!, each with its verdict in a batch."""
    ready = load_problem(ROOT / "problems/we_recur").prepare().prepared_blanks
    answers = [tuple(row["answer"]) if isinstance(row["answer"], list) else row["answer"] for row in ROWS]
    pairs = zip(ROWS, answers, strict=True)
    return [
        (Example(row["blank"], text, row["expect"]), row["mistake"], judge(ready[row["blank"]], text))
        for row, text in pairs
    ]


def told(example, verdict):
    return (
        f"{example.address}: {example.answer!r} should be {example.expect} but is {verdict.outcome}: {verdict.reason}"
    )


def test_labelled_outcomes_come_out(labelled):
    wrong = [told(example, verdict) for example, _, verdict in labelled if not is_met(example, verdict)]
    print(f"{len(labelled) - len(wrong)} of {len(labelled)} labelled outcomes")
    assert len(wrong) <= 0.03 * len(labelled), "\n".join(wrong)


def test_no_labelled_wrong_answer_gets_full_marks(labelled):
    rest = [(example, verdict) for example, _, verdict in labelled if example.expect not in ("correct", "review")]
    assert not [told(*pair) for pair in rest if pair[1].credit == 1]


def test_every_labelled_doubt_is_for_a_person_and_no_other_is(labelled):
    doubts = {
        (example.address, example.answer) for example, _, _ in labelled if example.expect in ("review", "unreadable")
    }
    flagged = {(example.address, example.answer) for example, _, verdict in labelled if verdict.review}
    assert flagged == doubts


def test_labelled_mistakes_are_named(labelled):
    missed = {
        (example.address, str(example.answer))
        for example, mistake, verdict in labelled
        if mistake and mistake not in named_mistakes(verdict)
    }
    print(f"{sum(bool(mistake) for _, mistake, _ in labelled) - len(missed)} labelled mistakes named")
    assert missed == UNNAMED
