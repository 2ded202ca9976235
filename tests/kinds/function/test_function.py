"""Kind ``function``: marks, what is said at each level, and what never is."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import TypeAdapter
from support.blanks import mistake
from support.paths import ROOT

from grader.authoring.loader import load_problem
from grader.authoring.reference_functions import ReferenceFunctions
from grader.core.seeds import from_bytes
from grader.core.submission import Student, Submission
from grader.core.verdict import Checks, Note, PublicExample, Shape
from grader.formula.symbols import Symbol
from grader.grading.grade import Grader, judge
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.registry import AnySpec
from grader.sandbox import Limits, Sandbox, process_sandbox

pytestmark = pytest.mark.process

SIZES = {"n": 3, "m": 2}
SYMBOLS = {
    "A": Symbol(shape=("m", "n")),
    "v": Symbol(shape=("n",)),
    "k": Symbol(domain="posint"),
    "p": Symbol(domain="prob"),
}
REFERENCE = """
import numpy as np

def apply(A, v):
    return A @ v

def twice(A, v):
    return 2 * A @ v

def both(A, v):
    return A @ v, (v ** 2).sum()

def count(v, k):
    return np.arange(k) + len(v)

def never(A, v):
    return np.full(2, np.nan)

def text(A, v):
    return "x"

def broken(A, v):
    return 1 / 0
"""


def prepared(name="apply", parameters=("A", "v"), kind="function", sandbox=None, secret=None, **fields):
    spec = TypeAdapter(AnySpec).validate_python(
        {"kind": kind, "points": 2, "name": name, "parameters": parameters, **fields}
    )
    reference = ReferenceFunctions(REFERENCE, SYMBOLS, SIZES)
    secrets = {} if secret is None else {"secret": secret}
    return spec.prepare(
        Context("a", reference, SYMBOLS, SIZES, run=reference.run, sandbox=sandbox or process_sandbox(), **secrets)
    )


def one(verdict, kind):
    return next((each for each in verdict.findings if isinstance(each, kind)), None)


ANSWERS = [
    ("def apply(A, v):\n    return A @ v", "correct", "1", ""),
    ("def apply(A, v):\n    return (A @ v) * (1 + 1e-12)", "correct", "1", ""),
    ("def apply(A, v):\n    return (A @ v).tolist()", "correct", "1", ""),
    ("```python\ndef apply(A, v):\n    return A @ v\n```", "correct", "1", ""),
    ("def apply(A, v):\r\n    return A @ v\r\n", "correct", "1", ""),
    ("\ufeffapply = lambda A, v: A @ v", "correct", "1", ""),
    ("def apply(A, v):\n    return (A @ v) * (1 + 1e-5)", "incorrect", "0", "The function does not return what is expected."),
    ("def apply(A, v):\n    return (A @ v)[:, None]", "incorrect", "0", "The function does not return what is expected."),
    ("def apply(A, v):\n    return A[:2, :3] @ v[:3] if len(v) == 3 else A @ v * 0", "partial", "1/2", "The function does not return what is expected."),
    ("def apply(A, v):\n    A @ v", "incorrect", "0", "It returns nothing: a return statement is missing or is not reached."),
    ("def apply(A, v):\n    return v @ A", "incorrect", "0", "The function stops with ValueError in line 2."),
    ("def apply(A, v):\n    raise SystemExit", "incorrect", "0", "The function stops with SystemExit in line 2."),
    ("def apply(A, v):\n    while True: pass", "incorrect", "0", "It used more than 1 seconds of CPU time and was stopped."),
    ("def apply(A, v):\n    import sys\n    sys.modules['ctypes'].string_at(1)", "incorrect", "0", "It made Python crash (Segmentation fault)."),
    ("def apply(A, v):\n    import sys\n    sys.modules['os']._exit(0)", "incorrect?", "0", "It ended without an answer."),
    ("def apply(A, v):\n    np.allclose = lambda *a: True\n    return v", "incorrect", "0", "The function does not return what is expected."),
    ("def apply(A, v)\n    return A @ v", "unreadable?", "0", "This is not Python, at line 1: expected ':'."),
    ("def aply(A, v):\n    return A @ v", "unreadable?", "0", "There is no function apply(A, v) here. Did you mean aply?"),
    ("A @ v", "unreadable?", "0", "The program stops while it is loaded, at line 1: NameError: name 'A' is not defined."),
    ("apply = 3", "unreadable?", "0", "apply is not a function here; write it as def apply(A, v): …"),
    ("import scipy", "unreadable?", "0", "The program stops while it is loaded, at line 1: ImportError: scipy cannot be imported here."),
    ("x" * 60_000, "unreadable?", "0", "This answer has 60,000 characters; at most 50,000 are read."),
    ("  ", "blank", "0", "Nothing was written here."),
]  # fmt: skip


@pytest.fixture(scope="module")
def blank():
    with Sandbox(2, Limits(cpu_s=0.5)) as sandbox:
        yield prepared(sandbox=sandbox)


@pytest.mark.parametrize(("text", "outcome", "credit", "reason"), ANSWERS, ids=[repr(row[0])[:70] for row in ANSWERS])
def test_an_answer_gets_its_outcome_and_reason(blank, text, outcome, credit, reason):
    verdict = judge(blank, text)
    assert (verdict.outcome + "?" * bool(verdict.review), str(verdict.credit), verdict.reason) == (
        outcome,
        credit,
        reason,
    )


MISTAKES = [
    ("return -A @ v", "sign-flipped"),
    ("return (A @ v)[None, :]", "flattened"),
    ("return 3 * (A @ v)", "extra-factor"),
    ("return A @ v + 1", None),
    ("return 2 * A @ v", "doubled"),
    ("return A @ v", None),
]


@pytest.mark.parametrize(("body", "name"), MISTAKES)
def test_a_mistake_is_named_only_where_it_explains_every_value(body, name):
    blank = prepared(
        mistakes=[
            {
                "id": "doubled",
                "answer": "twice",
                "credit": "1/2",
                "says": "Once is enough.",
                "hint": "How often?",
            }
        ]
    )
    verdict = judge(blank, f"def apply(A, v):\n    {body}")
    assert mistake(verdict) == name
    assert str(verdict.credit) == {"doubled": "1/2"}.get(name, "1" if body == "return A @ v" else "0")


def test_checks_bring_points_by_their_weight():
    checks = [
        {"says": "here", "weight": 3},
        {"says": "small", "sizes": {"n": 1}},
        {"says": "zero", "values": {"v": [0, 0, 0]}},
    ]
    verdict = judge(prepared(checks=checks), "def apply(A, v):\n    return A @ v if len(v) == 3 else A")
    assert (verdict.outcome, str(verdict.credit)) == ("partial", "4/5")
    found = one(verdict, Checks)
    assert [(each.says, each.passed, each.why, each.asked) for each in found.checks] == [
        ("here", True, "", ""),
        ("small", False, "its value has the shape 2×1", "; (2,) is expected"),
        ("zero", True, "", ""),
    ]
    assert found.arithmetic == "4 of 5"
    assert found.at("hint").checks[1].asked == ""


def test_the_example_is_public_with_what_was_printed_and_the_rest_is_not():
    blank = prepared(example={"A": [[1, 2, 3], [4, 5, 6]], "v": [1, 0, 1]})
    code = "def apply(A, v):\n    print('got', A.sum())\n    if A.sum() == 21:\n        return A @ v\n    raise ValueError(str(A))"
    verdict = judge(blank, code)
    example, checks = one(verdict, PublicExample), one(verdict, Checks)
    assert (example.right, example.printed) == (True, "got 21.0\n")
    assert example.inputs[1][1].startswith(r"\begin{pmatrix} 1 & 0 & 1")
    assert {each.why for each in checks.checks} == {"ValueError in line 5"}
    hidden = [case.inputs for check in blank.checks for case in check.cases]
    said = repr(verdict)
    for inputs in hidden:
        for entry in np.concatenate([np.ravel(each) for each in inputs]):
            assert repr(float(entry)) not in said
    assert one(verdict, Note).span == (code.index("raise"), len(code))


def test_nothing_of_an_example_or_a_check_is_left_at_verdict():
    verdict = judge(prepared(), "def apply(A, v):\n    return v").at("verdict")
    assert (verdict.reason, verdict.findings) == ("", ())


def test_tuples_integers_and_numbers_are_compared_as_what_they_are():
    both = prepared("both")
    assert judge(both, "def both(A, v):\n    return A @ v, np.dot(v, v)").outcome == "correct"
    verdict = judge(both, "def both(A, v):\n    return A @ v")
    assert {each.why for each in one(verdict, Checks).checks} == {"it returned a single array"}
    count = prepared("count", ("v", "k"))
    assert judge(count, "def count(v, k):\n    return [len(v) + i for i in range(k)]").outcome == "correct"
    assert judge(count, "def count(v, k):\n    return [len(v) + i + 1e-7 for i in range(k)]").outcome == "incorrect"


def test_hidden_inputs_come_from_the_secret_and_the_blank_alone():
    def inputs(**fields):
        return [each.tolist() for check in prepared(**fields).checks for case in check.cases for each in case.inputs]

    assert inputs() == inputs(points=1, label="other", solution="prose")
    assert inputs() != inputs(secret=from_bytes(b"key"))
    assert inputs() != inputs(tolerance={"relative": 0.1})
    shapes = [[each.shape for each in case.inputs] for check in prepared().checks for case in check.cases]
    assert shapes == [[(2, 3), (3,)]] * 3 + [[(3, 4), (4,)]] * 3


MISSPECIFIED = [
    ({"parameters": ["A", "w"]}, "'w' is no symbol of the problem", ("parameters", 1)),
    ({"name": "aply"}, "reference.py has no function 'aply'", ("reference",)),
    ({"reference": "never"}, "the reference has no finite value at any of the inputs tried", ("checks", 0)),
    ({"reference": "text"}, "returns str, which is no array of numbers", ("reference",)),
    ({"reference": "broken"}, "fails: ZeroDivisionError", ("reference",)),
    ({"example": {"w": 1}}, "'w' is no parameter", ("example", "w")),
    ({"example": {"v": [1, 2]}}, "the shape is (2,), and that of v is (3,)", ("example", "v")),
    ({"example": {"v": ["a", "b", "c"]}}, "these are no numbers", ("example", "v")),
    ({"checks": [{"says": "x", "sizes": {"q": 2}}]}, "'q' is no size of the problem", ("checks", 0, "sizes", "q")),
    ({"mistakes": [{"id": "none", "answer": "apply"}]}, "apply is no mistake: it returns what is expected", ("mistakes", 0, "answer")),
    ({"mistakes": [{"id": "none", "answer": "nowhere"}]}, "reference.py has no function 'nowhere'", ("mistakes", 0, "answer")),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "message", "place"), MISSPECIFIED, ids=[row[1][:50] for row in MISSPECIFIED])
def test_an_authors_mistake_is_told_with_its_place(fields, message, place):
    with pytest.raises(BlankSpecError) as caught:
        prepared(**fields)
    assert message in caught.value.message
    assert caught.value.field == place


def test_without_a_sandbox_programs_are_ungraded_and_formulas_are_graded(monkeypatch):
    problem = load_problem(ROOT / "problems" / "we_recur")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.platform", "darwin")
        nowhere = Sandbox(1)
        ready = problem.prepare(sandbox=nowhere)
        verdict = judge(ready.prepared_blanks["b"], "def part_b(W_sx, W_o, dLdz2): return W_sx.T @ W_o.T @ dLdz2")
        formula = judge(ready.prepared_blanks["b"], "W_sx.T @ W_o.T @ dLdz2")
    assert (verdict.outcome, verdict.credit) == ("ungraded", None)
    assert "Programs are not graded here. There is no sandbox here" in verdict.review
    assert formula.outcome == "correct"


def test_an_answer_that_only_waits_is_tried_again_alone_and_then_ungraded():
    with Sandbox(1, Limits(cpu_s=1, wall_s=0.3)) as sandbox:
        code = "def apply(A, v):\n    import sys\n    sys.modules['os'].read(3, 1)\n    return A @ v"
        verdict = judge(prepared(sandbox=sandbox), code)
    assert (verdict.outcome, verdict.credit) == ("ungraded", None)
    assert verdict.review == "It did not finish within 0.6 seconds. It was tried twice."


def test_a_program_that_waits_instead_of_computing_is_tried_twice_and_counts():
    with Sandbox(1, Limits(cpu_s=0.2, wall_s=20)) as sandbox:
        code = "def apply(A, v):\n    import sys\n    sys.modules['os'].read(3, 1)\n    return A @ v"
        verdict = judge(prepared(sandbox=sandbox), code)
    assert (verdict.outcome, verdict.credit, verdict.review) == ("incorrect", 0, None)
    assert verdict.reason == "It waited for more than 0.4 seconds instead of computing, and was stopped."


FORMULA = {"kind": "formula", "reference": "A @ v", "function": {"name": "f", "parameters": ["A", "v"]}}
INSTEAD = [
    ("A v", "correct", None),
    ("def f(A, v):\n    return A @ v", "correct", None),
    ("def f(A, v):\n    return sum(A[:, j] * v[j] for j in range(len(v)))", "correct", None),
    ("def f(A, v):\n    return -A @ v", "incorrect", "sign-flipped"),
    ("def f(A, v):\n    return A[:, :3] @ v[:3] if len(v) > 2 else 0", "incorrect", None),
    ("def f(A, v):\n    return 1 - (1 - A @ v) + 1e-6", "incorrect", None),
    ("def g(A, v):\n    return A @ v", "unreadable", None),
]


@pytest.mark.parametrize(("text", "outcome", "name"), INSTEAD)
def test_a_function_stands_in_for_a_formula(text, outcome, name):
    spec = TypeAdapter(AnySpec).validate_python({"points": 2, **FORMULA})
    verdict = judge(spec.prepare(Context("a", ReferenceFunctions("", SYMBOLS, SIZES), SYMBOLS, SIZES)), text)
    assert (verdict.outcome, mistake(verdict)) == (outcome, name)


def test_a_wrong_shape_of_a_function_is_shown_and_the_right_one_only_at_full():
    spec = TypeAdapter(AnySpec).validate_python({"points": 2, **FORMULA})
    blank = spec.prepare(Context("a", ReferenceFunctions("", SYMBOLS, SIZES), SYMBOLS, SIZES))
    found = one(judge(blank, "def f(A, v):\n    return v + 1"), Shape)
    assert found.sentence == "Its value has the shape (3,); (2,) is expected."
    assert found.at("hint").sentence == "Its value has the shape (3,)."


BAD_FORMULAS = [
    ({"function": {"name": "f", "parameters": ["A", "w"]}}, "'w' is no symbol of the problem"),
    ({"function": {"name": "f", "parameters": ["A"]}}, "the reference uses 'v'"),
    ({"up_to": "sign"}, "a function is compared with formulas only, and exactly these"),
]


@pytest.mark.parametrize(("fields", "message"), BAD_FORMULAS)
def test_a_function_that_cannot_stand_in_is_the_authors_mistake(fields, message):
    spec = TypeAdapter(AnySpec).validate_python({"points": 2, **FORMULA, **fields})
    with pytest.raises(BlankSpecError, match=message):
        spec.prepare(Context("a", ReferenceFunctions("", SYMBOLS, SIZES), SYMBOLS, SIZES))


def test_a_hostile_submission_changes_nobody_elses_result(tmp_path):
    problem = load_problem(ROOT / "problems" / "rnn_step")
    good = "def step(W_ss, W_sx, b, x, s):\n    return np.tanh(W_ss @ s + W_sx @ x + b)"
    attacks = [
        json.loads(line)["code"].replace("def f(x):", "def step(W_ss, W_sx, b, x, s):")
        for line in (ROOT / "tests/cases/attacks.jsonl").read_text().splitlines()[7:40]
    ]
    texts = [text for attack in attacks for text in (good, attack)]
    submissions = [
        Submission(Student(f"s{number}"), "rnn_step", {"a": f"{text}\n# {number}"}) for number, text in enumerate(texts)
    ]
    grading = Grader(problem.prepare())
    with grading.programs_in_background(submissions, 2):
        points = [grading.grade(each).parts[0].points for each in submissions]
    assert points[::2] == [2] * len(attacks)
    assert set(points[1::2]) <= {0}
