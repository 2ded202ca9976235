"""Equal or not, decided by values; nothing that is not finite is ever equal."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from formula_words import SIZES, SYMBOLS, vocabulary

from grader.formula.domains import SAMPLERS, floats, sample
from grader.formula.equality import Space, counterexample, equal
from grader.formula.notation import read
from grader.formula.symbols import Symbol
from grader.formula.vocabulary import Vocabulary

BUDGET = 1_000_000
KEY = "W_sx^T W_o^T g"
SPACE = Space(SYMBOLS, SIZES, seed=1)
PAIRS = [
    (KEY, "(W_o W_sx)^T g", True),
    (KEY, "(g^T W_o W_sx)^T", True),
    (KEY, "W_sx^T (W_o^T g)", True),
    (KEY, "2 W_sx^T W_o^T g / 2", True),
    (KEY, "-W_sx^T W_o^T g", False),
    (KEY, "W_sx^T W_o^T g + 0.001 x_t", False),
    (KEY, "g^T W_o W_sx", False),
    (KEY, "W_o g", False),
    ("a", "sqrt(a^2)", True),
    ("b", "sqrt(b^2)", False),
    ("log(a b^2)", "log(a) + 2 log(abs(b))", True),
    ("exp(a)", "exp(a) + 0.0001", False),
    ("b", "sqrt(1e400) - sqrt(1e400)", False),
    ("0 b", "sqrt(1e400) - sqrt(1e400)", True),
    ("b", "b + log(-1) - log(-1)", False),
    ("0 b", "log(-1) - log(-1)", False),
    ("b", "b + 0/0", False),
    ("sigmoid(b)", "1/(1+exp(-b))", True),
    ("1 - tanh(b)^2", "1/cosh(b)^2", True),
    ("b/b", "1", True),
]


@pytest.mark.parametrize(("reference", "answer", "expected"), PAIRS, ids=[f"{a} ? {b}" for a, b, _ in PAIRS])
def test_equal(reference, answer, expected):
    words = vocabulary()
    left, right = read(reference, words).expression, read(answer, words).expression
    decision = equal(left, right, SPACE, BUDGET)
    assert decision.equal is expected, decision
    assert decision.why


def test_too_much_work_is_undecided_and_says_so():
    words = vocabulary()
    left, right = read("W_ss W_ss", words).expression, read("W_ss W_ss + W_ss", words).expression
    decision = equal(left, right, SPACE, budget=10)
    assert (decision.equal, decision.why) == (None, "This formula takes too long to work out.")


def test_a_reference_that_is_nowhere_finite_decides_nothing():
    words = vocabulary()
    decision = equal(read("log(-a)", words).expression, read("a", words).expression, SPACE, BUDGET)
    assert (decision.equal, decision.why) == (
        None,
        "The reference has no value that could be worked out at any sample point.",
    )


def test_a_counterexample_is_in_small_whole_numbers_and_differs():
    words = vocabulary()
    left, right = read(KEY, words).expression, read("-W_sx^T W_o^T g", words).expression
    found = counterexample(left, right, SPACE)
    assert found is not None
    assert sorted(found.point) == ["W_o", "W_sx", "g"]
    assert all((value == np.round(value)).all() and abs(value).max() <= 3 for value in found.point.values())
    expected = found.point["W_sx"].T @ found.point["W_o"].T @ found.point["g"]
    assert (found.reference == expected).all()
    assert (found.answer == -expected).all()


def test_the_points_depend_on_the_seed_alone_and_have_both_signs():
    same, other = Space(SYMBOLS, SIZES, 1), Space(SYMBOLS, SIZES, 2)
    values = [SPACE.base(number).values for number in range(20)]
    assert all((each["b"] == same.base(number).values["b"]).all() for number, each in enumerate(values))
    assert values[0]["b"] != other.base(0).values["b"]
    assert {float(np.sign(each["b"])) for each in values} == {-1.0, 1.0}
    assert all(each["a"] > 0 for each in values)


def test_evidence_says_what_was_looked_at():
    words = vocabulary()
    polynomial = equal(read(KEY, words).expression, read("(W_o W_sx)^T g", words).expression, SPACE, BUDGET)
    assert (polynomial.evidence.points, polynomial.evidence.bits, polynomial.evidence.screened) == (
        4,
        2560,
        0,
    )
    assert polynomial.evidence.bound == pytest.approx(4 * (np.log2(3) - 30))
    kinked = equal(read("abs(b)", words).expression, read("sqrt(b^2)", words).expression, SPACE, BUDGET)
    assert kinked.evidence.screened > 0
    assert kinked.evidence.cells > 0
    assert kinked.evidence.bound is None


def test_a_tolerance_accepts_what_is_near_enough():
    words = vocabulary()
    left, right = read("b", words).expression, read("1.0001 b", words).expression
    assert equal(left, right, SPACE, BUDGET).equal is False
    assert equal(left, right, Space(SYMBOLS, SIZES, 1, tolerance=1e-3), BUDGET).equal is True
    assert equal(left, right, Space(SYMBOLS, SIZES, 1, tolerance=1e-5), BUDGET).equal is False


CASES = Path(__file__).parents[1] / "cases"
LABELLED = [
    json.loads(line)
    for name in ("equality", "regional")
    for line in (CASES / f"{name}.jsonl").read_text().splitlines()
]


@pytest.mark.parametrize("pair", LABELLED, ids=[pair["id"] for pair in LABELLED])
def test_every_labelled_pair_is_decided_as_labelled(pair):
    symbols = {name: Symbol.model_validate(given) for name, given in pair["vars"].items()}
    words = Vocabulary(
        symbols, {name: symbol.shape for name, symbol in symbols.items()}, "elementwise", mixing=True
    )
    left, right = (read(pair[which], words).expression for which in ("reference", "answer"))
    for seed in (1, 2):
        assert (
            equal(left, right, Space(symbols, {}, seed, mixing=True), 50_000_000).equal is pair["equivalent"]
        )


CHECKS = {
    "pos": lambda x: (x > 0).all(),
    "neg": lambda x: (x < 0).all(),
    "nonneg": lambda x: (x >= 0).all(),
    "int": lambda x: (x == np.round(x)).all(),
    "posint": lambda x: (x >= 1).all() and (x == np.round(x)).all(),
    "prob": lambda x: ((x >= 0) & (x <= 1)).all(),
    "unit": lambda x: ((x >= -1) & (x <= 1)).all(),
    "sym": lambda x: (x == x.T).all(),
    "spd": lambda x: (np.linalg.eigvalsh(x) > 0).all(),
    "orth": lambda x: np.allclose(x @ x.T, np.eye(3)),
    "diagm": lambda x: (x == np.diag(np.diag(x))).all(),
    "skew": lambda x: (x == -x.T).all(),
    "onehot": lambda x: sorted(x.flat)[-1] == 1 and x.sum() == 1,
    "simplex": lambda x: np.isclose(x.sum(), 1) and (x >= 0).all(),
    "rowstoch": lambda x: np.allclose(x.sum(axis=1), 1) and (x >= 0).all(),
    "binary": lambda x: set(x.flat) <= {0.0, 1.0},
    "real": lambda x: np.isfinite(x).all(),
}


@pytest.mark.parametrize("domain", sorted(SAMPLERS))
def test_every_domain_is_kept(domain):
    draw = np.random.Generator(np.random.PCG64(5))
    values = [floats(sample(domain, (3, 3), draw)) for _ in range(40)]
    assert all(CHECKS[domain](value) for value in values)
    assert any((value != values[0]).any() for value in values)


def test_orthogonal_matrices_include_reflections():
    draw = np.random.Generator(np.random.PCG64(5))
    signs = {round(float(np.linalg.det(floats(sample("orth", (3, 3), draw))))) for _ in range(40)}
    assert signs == {-1, 1}


def test_a_range_is_kept():
    draw = np.random.Generator(np.random.PCG64(5))
    values = sample((2.0, 3.0), (100,), draw)
    assert values.min() >= 2
    assert values.max() <= 3
