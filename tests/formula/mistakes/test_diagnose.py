"""Naming a mistake: by kind and place, only where it is true, never on a right answer; the fingerprints behind it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import CASES, ROOT

from grader.authoring.reference_functions import ReferenceFunctions
from grader.core.errors import Unreadable
from grader.core.verdict import Mistake, Note
from grader.formula.equality.accepted_answers import AcceptedFormulas
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decide import decide
from grader.formula.evaluation.evaluate import evaluate
from grader.formula.evaluation.shapes import ShapeMismatch, shapes
from grader.formula.expression import SYMBOL, call, literal, make, postorder, rebuild, symbol
from grader.formula.mistakes.catalogue import FORMULAS
from grader.formula.mistakes.diagnose import Diagnoser
from grader.formula.mistakes.fingerprint import Fingerprints, fingerprint_digest
from grader.formula.mistakes.mutations import mutations
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Symbol, in_numbers
from grader.grading.grade import judge
from grader.kinds.base.context import Context
from grader.kinds.formula import FormulaSpec

SIZES = {"n": 4, "d": 3, "m": 2}
SYMBOLS = {
    "X": Symbol(shape=("n", "d")), "y": Symbol(shape=("n",)), "w": Symbol(shape=("d",)), "v": Symbol(shape=("d",)),
    "A": Symbol(shape=("d", "d")), "B": Symbol(shape=("d", "d")), "V": Symbol(shape=("m", "d"), tex="V"),
    "a": Symbol(domain="pos"), "b": Symbol(domain="pos"), "p": Symbol(domain="prob"), "s": Symbol(domain="pos", tex="\\sigma"),
    "k": Symbol(shape=("m", 1)),
}  # fmt: skip
SHAPES = {name: in_numbers(each.shape, SIZES) for name, each in SYMBOLS.items()}


def prepared(reference, **fields):
    spec = FormulaSpec.model_validate({"points": 2, "reference": reference, **fields})
    return spec.prepare(Context("a", ReferenceFunctions("", SYMBOLS, SIZES), SYMBOLS, SIZES))


def named(blank, text):
    found = judge(blank, text).findings
    return next((each for each in found if isinstance(each, Mistake)), None)


NAMED = [
    ("X.T @ (X @ w - y)", "-X.T @ (X @ w - y)", "sign-flipped", "the sign of the whole is flipped"),
    ("X.T @ (X @ w - y)", "X.T @ (X @ w + y)", "term-sign", "the sign before $y$ is flipped"),
    ("X.T @ (X @ w - y)", "X.T @ X @ w", "missing-term", "the term $y$ is missing"),
    ("X.T @ (X @ w - y) / n", "X.T @ (X @ w - y)", "missing-divisor", "the division by $n$ is missing"),
    ("X.T @ (X @ w - y)", "2 X.T @ (X @ w - y)", "extra-factor", "there is a factor $2$ too many"),
    ("X.T @ (X @ w - y)", "pi * X.T @ (X @ w - y)/7", "extra-factor", r"there is a factor $\frac{1}{7} \, \pi$ too many"),
    ("A @ B.T @ w", "A @ B @ w", "missing-transpose", "the transpose of $B$ is missing"),
    ("A @ B.T @ w", "A.T @ B.T @ w", "extra-transpose", "$A$ is transposed where it should not be"),
    ("A @ B.T @ w", "B.T @ A @ w", "order-swapped", r"$A$ and ${B}^\top$ have changed places"),
    ("A @ B.T @ w", "B.T @ w", "missing-factor", "the factor $A$ is missing"),
    ("A @ B.T @ w", "A @ B.T @ v", "wrong-variable", "$v$ stands where $w$ belongs"),
    ("A @ B.T @ w", "A @ inv(B) @ w", "inverse-instead-of-transpose", "there is an inverse where the transpose of $B$ belongs"),
    ("A @ B.T @ w", "A @ B @ B.T @ w", "extra-factor", "there is a factor $B$ too many"),
    ("inv(A) @ w", "A @ w", "missing-inverse", "the inverse of $A$ is missing"),
    ("inv(A) @ w", "A.T @ w", "transpose-instead-of-inverse", "there is a transpose where the inverse of $A$ belongs"),
    ("inv(A @ B)", "inv(A) @ inv(B)", "split-apart", r"${\left(A \, B\right)}^{-1}$ was taken apart term by term"),
    ("A @ B", "A * B", "elementwise-instead-of-matmul", "$A$ and $B$ are multiplied entry by entry instead of as matrices"),
    ("A * B", "A @ B", "matmul-instead-of-elementwise", "$A$ and $B$ are multiplied as matrices instead of entry by entry"),
    ("V @ w", "(V @ w).reshape(2, 1)", "flattened", "its numbers lie in a vector of another shape"),
    ("k", "k.T", "transposed-shape", "the whole is transposed"),
    ("mean((X @ w - y)**2)", "sum((X @ w - y)**2)", "sum-instead-of-mean", None),
    ("mean((X @ w - y)**2)", "mean(X @ w - y)", "missing-square", r"the square of $X \, w - y$ is missing"),
    ("mean((X @ w - y)**2)", "mean(X @ w - y)**2", "other-order", None),
    ("sum(X, axis=0)", "mean(X, axis=0)", "mean-instead-of-sum", "there is a mean where the sum of $X$ belongs"),
    ("X[1, 0]", "X[2, 0]", "off-by-one", "the index in $X[1, 0]$ is off by one"),
    ("p * (1 - p)", "p", "missing-factor", "the factor $1 - p$ is missing"),
    ("n * p * (1 - p)", "n * p * p", "missing-complement", "$p$ stands where $1 - p$ belongs"),
    ("exp(-a)", "exp(a)", "term-sign", "the sign before $a$ is flipped"),
    ("1/(s*sqrt(2*pi))", "1/(s**2*sqrt(2*pi))", "extra-square", "$\\sigma$ is squared where it should not be"),
    ("sqrt(a + b)", "sqrt(a) + sqrt(b)", "split-apart", r"$\sqrt{a + b}$ was taken apart term by term"),
    ("sqrt(a + b)", "a + b", "missing-root", "the square root of $a + b$ is missing"),
    ("a / (b + s)", "a / b + s", "misplaced-bracket", r"$\frac{a}{b} + \sigma$ stands where $\frac{a}{b + \sigma}$ belongs"),
    ("a / b", "b / a", "upside-down", r"the fraction $\frac{a}{b}$ is upside down"),
    ("sin(a)", "cos(a)", "wrong-function", r"$\cos\left(a\right)$ stands where $\sin\left(a\right)$ belongs"),
    ("1 - tanh(b)**2", "tanh(b)", "missing-derivative", r"$\tanh\left(b\right)$ stands where its derivative belongs"),
    ("sigmoid(b) * (1 - sigmoid(b))", "sigmoid(b)", "missing-factor", None),
    ("tanh(b)", "1 - tanh(b)**2", "extra-derivative", None),
    ("var(y)", "var(y, ddof=1)", "wrong-divisor", None),
    ("a**3", "a**2", "wrong-exponent", None),
    ("a**2 + 1", "a**2 + 2", "wrong-number", "the number $2$ stands where $1$ belongs"),
    ("a**2 * b", "a**2 * b + 5", "extra-constant", "the constant $5$ is added to it"),
    ("X.sum(axis=0)", "X.mean(axis=0)", "mean-instead-of-sum", None),
    ("A.sum(axis=0)", "A.sum(axis=1)", "wrong-axis", None),
    ("A^2", "A", "missing-square", "the square of $A$ is missing"),
    ("a**3 + 3 b", "a**2 + 3 b", "wrong-exponent", "there is another exponent where ${a}^{3}$ belongs"),
    ("np.where(a > b, a, s)", "np.where(a > b, s, a)", "swapped-branches", None),
    ("a*b + s", "a*(b + s)", "misplaced-bracket", None),
    ("A.T @ B.T @ w", "A @ B @ w", "missing-transpose", "the transpose of $A$ is missing, and the transpose of $B$ is missing"),
    ("A.T @ B.T @ w", "-A @ B.T @ w", "sign-flipped+missing-transpose", None),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text", "name", "clause"), NAMED, ids=[f"{key} ? {text}" for key, text, *_ in NAMED])
def test_a_mistake_is_named_with_its_place_and_hinted_at_without(key, text, name, clause):
    found = named(prepared(key), text)
    assert found is not None
    assert found.id == name
    assert clause is None or found.sentence == f"This looks like the key, but {clause}."
    hint = found.at("hint")
    assert hint.id == ""
    assert hint.sentence
    assert "$" not in hint.sentence


RIGHT_OR_UNLIKE = [
    ("A @ B.T @ w", "(B @ A.T).T @ w"),
    ("a / b", "a * b**-1"),
    ("sqrt(a + b)", "(a + b)**0.5"),
    ("A @ B.T @ w", "norm(w) * cos(A @ v)"),
    ("a / b", "a**5 - exp(s)"),
    ("a**2 + 2*b", "a**3 + 3*b"),
]


@pytest.mark.parametrize(("key", "text"), RIGHT_OR_UNLIKE)
def test_what_is_right_or_unlike_the_key_has_no_name(key, text):
    assert named(prepared(key), text) is None


def test_what_a_tolerance_accepts_as_a_foreseen_mistake_earns_its_credit():
    foreseen = [{"id": "twice", "answer": "2 a/3", "credit": "1/2"}, {"id": "sign-flipped", "credit": "1/3"}]
    blank = prepared("a/3", tolerance=0.02, mistakes=foreseen)
    given = {text: judge(blank, text) for text in ("0.33 a", "2a/3", "0.67 a", "-0.33 a", "0.9 a")}
    assert [str(each.credit) for each in given.values()] == ["1", "1/2", "1/2", "1/3", "0"]


@pytest.mark.parametrize("text", ["exp(1000 a)", "10^400", "-10^400 a", "factorial(200)"])
def test_values_too_large_for_a_float_are_wrong_like_others(text):
    assert judge(prepared("a"), text).outcome == "incorrect"
    assert judge(prepared("a^1000 * 2^300"), "a").outcome == "incorrect"


def test_factors_whose_shapes_clash_in_another_order_are_named():
    found = named(prepared("V.T @ k @ k.T"), "k @ k.T @ V.T")
    assert found.sentence.endswith("stand in another order, so that the shapes do not fit.")
    assert found.hint == FORMULAS["order-changed"].hint
    assert named(prepared("V.T @ k @ k.T"), "w @ k") is None


def test_the_authors_words_go_before_those_of_the_table_and_may_bring_credit():
    mistakes = [
        {
            "id": "missing-transpose",
            "hint": "Backwards or forwards?",
            "says": "Backwards needs transposes.",
            "credit": "1/2",
        },
        {"id": "my-own", "answer": "A w", "says": "A layer is missing.", "hint": "How many layers?"},
    ]
    blank = prepared("A @ B.T @ w", mistakes=mistakes)
    verdict = judge(blank, "A @ B @ w")
    found = next(each for each in verdict.findings if isinstance(each, Mistake))
    assert (verdict.outcome, str(verdict.credit)) == ("partial", "1/2")
    assert found.sentence == (
        "Backwards needs transposes. This looks like the key, but the transpose of $B$ is missing."
    )
    assert found.at("hint").sentence == "Backwards or forwards?"
    own = named(blank, "A @ w")
    assert (own.id, own.sentence) == ("my-own", "A layer is missing.")
    assert judge(blank, "A @ w").credit == 0


def test_words_for_a_mistake_that_is_never_recognised_are_the_authors_mistake():
    with pytest.raises(ValueError, match="'missing-transpse' needs an answer.*did you mean 'missing-transpose'"):
        prepared("A @ B.T @ w", mistakes=[{"id": "missing-transpse", "says": "No."}])


def test_up_to_a_sign_or_a_constant_mistakes_are_named_up_to_it_too():
    assert named(prepared("A @ B.T @ w", up_to="sign"), "-A @ B @ w").id == "missing-transpose"
    assert named(prepared("a**2 / 2", up_to="constant"), "a**2 + 7").id == "missing-divisor"


def test_a_right_answer_for_the_stated_sizes_alone_is_right_and_says_so():
    blank = prepared("X.T @ y / n")
    verdict = judge(blank, "X.T @ y / 4")
    assert verdict.outcome == "correct"
    assert (
        Note("This is right for the sizes that are stated here (n = 4, d = 3, m = 2), but not for others.")
        in verdict.findings
    )
    assert not any(isinstance(each, Note) for each in judge(blank, "y @ X / n").findings)


def test_one_meaning_has_one_text_however_it_is_written():
    blank = prepared("A @ B.T @ w")
    alike = [judge(blank, text).meaning for text in ("A B w", "A @ (B @ w)", "(w B^T A^T)", "A B w + 0")]
    assert len(set(alike)) == 1
    assert alike[0]
    assert judge(blank, "A B w * 2").meaning not in alike
    assert judge(blank, "A B w").at("hint").meaning is None


def pairs():
    for name in ("equality", "regional"):
        for line in (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def printed(pair, seed=7):
    symbols = {name: Symbol.model_validate(each) for name, each in pair["vars"].items()}
    known = {name: in_numbers(each.shape, {}) for name, each in symbols.items()}
    words = Vocabulary(symbols, known, "elementwise", mixing=True)
    space = ComparisonSpace(symbols, {}, seed, mixing=True)
    both = [parse(pair[which], words).expression for which in ("reference", "answer")]
    taken = [Fingerprints(space, both[0]).fingerprint(each).key for each in both]
    return [None if each is None else fingerprint_digest(each, seed) for each in taken]


def fitting(pair):
    try:
        return printed(pair)
    except (ShapeMismatch, Unreadable, ValueError):
        return None


def test_fingerprints_part_no_pair_that_is_equal_and_most_that_differ():
    asked = [(pair, taken) for pair in pairs() if pair["equivalent"] or "class" in pair if (taken := fitting(pair))]
    equal_ = [taken for pair, taken in asked if pair["equivalent"]]
    other = [taken for pair, taken in asked if not pair["equivalent"]]
    assert len(equal_) > 100
    assert [taken for taken in equal_ if None not in taken and taken[0] != taken[1]] == []
    assert sum(taken[0] != taken[1] for taken in other) > 0.7 * len(other)


PRINT = """
import json, sys
sys.path[:0] = {folders!r}
from test_diagnose import pairs, fitting
print(json.dumps([fitting(pair) for pair, _ in zip(pairs(), range(60))]))
"""


@pytest.mark.process
def test_fingerprints_are_the_same_in_every_process():
    folders = [str(Path(__file__).parent), str(ROOT / "tests")]
    found = [
        subprocess.run(
            [sys.executable, "-c", PRINT.format(folders=folders)],
            capture_output=True,
            check=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1]
    assert json.loads(found[0]) == [fitting(pair) for pair, _ in zip(pairs(), range(60), strict=False)]


KEYS = [
    "X.T @ (X @ w - y) / n", "A @ B.T @ w", "inv(A @ A.T + eye(3)) @ w", "sigmoid(b) * (1 - sigmoid(b))", "exp(-a**2 / (2*s**2)) / s",
    "a*b - s/(a + b)", "mean((X @ w - y)**2)", "p*log(a) + (1 - p)*log(b)", "sum(softmax(X, axis=1), axis=0)", "sqrt(a**2 + b**2)",
]  # fmt: skip
_words = Vocabulary(SYMBOLS, SHAPES, "elementwise", sizes=SIZES)
_mistakes = {}


def mistakes_of(text):
    if text not in _mistakes:
        reference = parse(text, _words).expression
        key = AcceptedFormulas([reference], ComparisonSpace(SYMBOLS, SIZES, 3))
        _mistakes[text] = Diagnoser(key, [], SHAPES, 10**7)
    return _mistakes[text]


def changed(expression, draw):
    """A formula with some part replaced by something at random, unlike what people do."""
    nodes = postorder(expression)
    known = shapes(expression, SHAPES)
    node = draw.choice(nodes)
    alike = [each for each in nodes if known[each] == known[node]]
    names_ = [symbol(name) for name, shape in SHAPES.items() if shape == known[node]]
    other = draw.choice([*alike, *names_, literal(draw.randint(1, 9)), node])
    new = draw.choice(
        [
            other,
            call("multiply", node, other),
            call("add", node, other),
            call("subtract", other, node),
            call("tanh", node),
            call("negative", node),
            call("divide", node, call("add", literal(1), call("square", other))),
        ]
    )
    return rebuild(expression, lambda each, args: new if each is node else make(each.op, args, each.value))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KEYS), st.integers(0, 2**32), st.integers(1, 3))
def test_a_name_is_true_of_the_answer_whatever_was_changed(text, seed, times):
    draw, mistakes = random.Random(seed), mistakes_of(text)
    answer = mistakes.key.references[0]
    for _ in range(times):
        made = changed(answer, draw)
        try:
            shapes(made, SHAPES)
            answer = made
        except ShapeMismatch:
            continue
    if mistakes.key.decide(answer, 10**7).equal is not False:
        return
    for number in range(2):
        sequence = mistakes.diagnose(answer).mutations
        if sequence:
            draw_ = np.random.default_rng(number)
            point = {name: draw_.uniform(0.1, 0.9, size=shape) for name, shape in SHAPES.items()}
            values = [evaluate(each, point) for each in (answer, sequence[-1].expression)]
            assert values[0].shape == values[1].shape
            assert np.allclose(*values, rtol=1e-6, atol=1e-9, equal_nan=True), (answer, sequence)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KEYS), st.integers(0, 10**6))
def test_every_slip_is_named_by_something_that_makes_the_same_formula(text, number):
    mistakes = mistakes_of(text)
    reference = mistakes.key.references[0]
    made = [each for each in mutations(reference, shapes(reference, SHAPES), SHAPES) if not _misfits(each.expression)]
    mutation = made[number % len(made)]
    if mistakes.key.decide(mutation.expression, 10**7).equal is not False:
        return
    found = mistakes.diagnose(mutation.expression)
    if found.meaning is None:  # It has no value at any of the secret points.
        return
    assert found.mutations
    space = mistakes.key.space
    assert decide(found.mutations[-1].expression, mutation.expression, space, 10**7).equal
    assert all(each.name in FORMULAS for each in found.mutations)


def _misfits(expression):
    try:
        shapes(expression, SHAPES)
    except ShapeMismatch:
        return True
    return any(node.op == SYMBOL and node.value not in SHAPES for node in postorder(expression) if node.value != "pi")
