"""Claims on keys: good ones beside bad ones, in one problem whose blanks are the cases; and statements, whose truth is computed."""

from __future__ import annotations

import json

import pytest

from grader.authoring.checks.findings import ClaimResult
from grader.authoring.checks.rules.claims import check_claims
from grader.authoring.loader import open_problem

pytestmark = pytest.mark.process

REFERENCE = """
import numpy as np

def loss(w, X, y):
    return np.sum((X @ w - y) ** 2)

def gradient(w, X, y):
    return 2 * X.T @ (X @ w - y)

def half(w, X, y):
    return X.T @ (X @ w - y)

def nearly(w, X, y):
    return 2.00001 * X.T @ (X @ w - y)

def row(w, X, y):
    return gradient(w, X, y)[None, :]

def least(X, y):
    return np.linalg.solve(X.T @ X, X.T @ y)

def least_by_qr(X, y):
    Q, R = np.linalg.qr(X)
    return np.linalg.solve(R, Q.T @ y)

def off(X, y):
    return least(X, y) * 1.001

def renamed(X, y):
    return least(X, y)

def ridge(X, y, lam):
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)

def zero(X):
    return np.zeros(X.shape[1])

def negated(X, y):
    return -least(X, y)

def layer(W, x):
    return np.tanh(W @ x)

def layer_jacobian(W, x):
    return (1 - np.tanh(W @ x) ** 2) * W

def layer_vjp(W, x, g):
    return W.T @ (g * (1 - np.tanh(W @ x) ** 2))

def linear_vjp(W, g):
    return W.T @ g

def relu_sum(w):
    return np.sum(np.maximum(w, 0))

def steps(w):
    return (w > 0) * 1.0

def wild(w):
    return np.sin(1e9 * w).sum()

def wild_gradient(w):
    return 1e9 * np.cos(1e9 * w)

def concave(t):
    return 3 + 2 * t - t ** 2

def one():
    return 1.0

def flat(t):
    return 0 * t

def spread(a, w):
    return np.sum(np.abs(w - a))

def middle(w):
    return np.median(w)

def mean(w):
    return np.mean(w)

def slowly(t):
    return 1 / (1 + np.log(1 + np.abs(t)))

def none(t):
    return 0.0 * t

def nowhere(w):
    return np.log(-np.abs(w) - 1)

def square_only(W, x):
    return W.reshape(2, 3) @ x

def probability():
    return 1 / 3

def pair():
    return 1.0, 2.0

def fails(w):
    raise ValueError("no such thing")

def stated_only(w):
    if w.shape != (5,):
        raise ValueError("five parameters")
    return 2 * w

def double(w):
    return w + w

def bent(a, t):
    return a * t ** 2

def counted(w):
    return 0.0 if w.size == 5 and w.ndim == 1 else 1.0

def gram(X):
    return X.T @ X

def nearly_symmetric(X):
    return X.T @ X + 1e-9 * np.triu(np.ones((X.shape[1], X.shape[1])))

def offset(t):
    return 1e6 + (t - 1) ** 2

def saddle(x):
    return 10 * np.sum(x[1:] ** 2) - 0.01 * np.sum(x[:1] ** 2)

def zeros_of(x):
    return 0 * x

def turning(t):
    return np.cos(2 * np.pi * t)

def alternating(k):
    return (-1.0) ** k

def side(t):
    return np.sign(t)

def unity():
    return 1.0

def clipped(t):
    return np.clip(t, -10, 10)

def mixed(t):
    return t * np.array([1e7, 1.0])

def mixed_wrong(t):
    return t * np.array([1e7, 2.0])

def imaginary(t):
    return t + 5j * t

def taylor(t):
    return (np.exp(t) - 1 - t - t ** 2 / 2) / t ** 3

def sixth(t):
    return 1 / 6 + 0 * t

def entropy(s):
    return -np.sum(s * np.log(s))

def uniform(s):
    return np.ones_like(s) / s.size

def skewed(s):
    return np.arange(1.0, s.size + 1) / np.sum(np.arange(1.0, s.size + 1))

def parabola(k):
    return k ** 2 - 3 * k

def several(w):
    return w, np.sum(w ** 2)

def twice(w):
    return 2 * w

def unit(w):
    return w / np.sqrt(np.sum(w ** 2))

def turned(w):
    return -unit(w)

def hidden(W, x):
    return np.maximum(W @ x, 0)

def largest(x):
    return np.max(x)

def spread_out(x):
    return np.array([1e8 * x[0, 0] ** 2, 1e-3 * np.sum(x[1:] ** 2)])

def local(X):
    gram = X.T @ X
    return 2 * gram

def shifted(t):
    return concave(t + 3)

def likelihood(q):
    return 3 * np.log(q) + 7 * np.log(1 - q)

def with_more(t, *others, **named):
    return 2 * t

def saturated(t):
    return np.log(1 + np.exp(-np.abs(t) - 60))

def saturated_slope(t):
    return -np.sign(t) * np.exp(-np.abs(t) - 60) / (1 + np.exp(-np.abs(t) - 60))

def tenth(t):
    return 1e-20 * t ** 2

def tenth_wrong(t):
    return 3e-20 * t

def gram_transposed(X):
    return (X.T @ X).T
"""
LINE = REFERENCE[: REFERENCE.index("no such thing")].count("\n") + 1
STATED = "n = 7, p = 5, m = 2, d = 3"
EVERYWHERE = f"{STATED}; n = 8, p = 6, m = 3, d = 4; n = 5, p = 4, m = 2, d = 3"

CLAIMS = {
    # name: (kind and key, claim, status, evidence)
    "gradient": ("gradient", {"gradient": "loss", "wrt": "w"}, "proven", "the key is the derivative, at"),
    "typed key": ("2 X^T (X w - y)", {"gradient": "loss", "wrt": "w"}, "proven", "the key is the derivative, at"),
    "factor lost": ("half", {"gradient": "loss", "wrt": "w"}, "refuted", "of the key is"),
    "five digits right": ("nearly", {"gradient": "loss", "wrt": "w"}, "refuted", "of the key is"),
    "another shape": ("row", {"gradient": "loss", "wrt": "w"}, "refuted", "the key has the shape 1×5, and the model's is (5,)"),
    "kinks": ("steps", {"gradient": "relu_sum", "wrt": "w"}, "proven", "(5 points)"),
    "too wild to tell": ("wild_gradient", {"gradient": "wild", "wrt": "w"}, "unproven", "nothing can be told at the stated sizes: the derivative is known to ±"),
    "no single number": ("gradient", {"gradient": "layer", "wrt": "x"}, "unproven", "the value of layer is no single number; use jacobian, or vjp with what is given"),
    "jacobian": ("layer_jacobian", {"jacobian": "layer", "wrt": "x"}, "proven", "(5 points)"),
    "jacobian of the linear part": ("W", {"jacobian": "layer", "wrt": "x"}, "refuted", "of the key is"),
    "vjp": ("layer_vjp", {"vjp": "layer", "wrt": "x", "with": "g"}, "proven", "(5 points)"),
    "vjp without the activation": ("linear_vjp", {"vjp": "layer", "wrt": "x", "with": "g"}, "refuted", "of the key is"),
    "vjp with another shape": ("layer_vjp", {"vjp": "layer", "wrt": "x", "with": "x"}, "unproven", "x has the shape 3×1, and the value of layer 2×1"),
    "equals": ("least", {"equals": "least_by_qr"}, "proven", "the key has the same value, at"),
    "equals a formula": ("least", {"equals": "inv(X^T X) X^T y"}, "proven", "(5 points)"),
    "a thousandth off": ("off", {"equals": "least_by_qr"}, "refuted", "of the key is"),
    "itself": ("least", {"equals": "least"}, "unproven", "this proves nothing: least is the key itself"),
    "itself by another name": ("least", {"equals": "renamed"}, "unproven", "this proves nothing: renamed calls the key, least"),
    "the key by another name": ("renamed", {"equals": "least"}, "unproven", "this proves nothing: the key, renamed, is nothing but least"),
    "special case": ("ridge", {"equals": "least_by_qr", "at": {"lam": 0}}, "proven", "(5 points)"),
    "no special case": ("ridge", {"equals": "least_by_qr", "at": {"lam": 0.5}}, "refuted", "of the key is"),
    "limit": ("ridge", {"equals": "least_by_qr", "limit": {"lam": 0}}, "proven", "the key tends to it, at"),
    "limit at infinity": ("ridge", {"equals": "zero", "limit": {"lam": "inf"}}, "proven", "the key tends to it, at"),
    "no limit": ("ridge", {"equals": "negated", "limit": {"lam": 0}}, "refuted", "times the size of its limit away from it"),
    "too slow": ("slowly", {"equals": "none", "limit": {"t": "inf"}}, "unproven", "nothing can be told at the stated sizes: it comes nearer too slowly, or too unsteadily, to tell"),
    "minimum": ("least", {"minimises": "loss", "wrt": "w"}, "proven", "loss is least at the key, as far as 10 times its size, at"),
    "no minimum": ("off", {"minimises": "loss", "wrt": "w"}, "refuted", "loss"),
    "maximum": ("1", {"maximises": "concave", "wrt": "t"}, "proven", "concave is greatest at the key"),
    "a maximum is no minimum": ("1", {"minimises": "concave", "wrt": "t"}, "refuted", "concave is 4 at the key, and"),
    "minimum at a kink": ("middle", {"minimises": "spread", "wrt": "a"}, "proven", "spread is least at the key"),
    "no minimum at a kink": ("mean", {"minimises": "spread", "wrt": "a"}, "refuted", "spread is"),
    "anything is a minimum": ("t", {"minimises": "flat", "wrt": "t"}, "unproven", "flat is the same all around"),
    "no value": ("nowhere", {"equals": "double"}, "unproven", "the key: there is no finite value"),
    "the model fails": ("w", {"equals": "fails"}, "unproven", f"the model: reference.py, line {LINE}, ValueError: no such thing"),
    "stated sizes alone": ("w + w", {"equals": "stated_only"}, "proven", f"at {STATED} (5 points), not told at"),
    "minimum under a large constant": ("1.005", {"minimises": "offset", "wrt": "t"}, "refuted", "offset is 1000000.000025 at the key, and"),
    "a saddle": ("zeros_of", {"minimises": "saddle", "wrt": "x"}, "refuted", "saddle is 0 at the key, and -"),
    "what turns has no limit": ("1", {"equals": "turning", "limit": {"t": "inf"}}, "refuted", "times the size of its limit away"),
    "what alternates has no limit": ("1", {"equals": "alternating", "limit": {"k": "inf"}}, "unproven", "too unsteadily"),
    "the other side": ("1", {"equals": "side", "limit": {"t": 0}}, "refuted", "the key stays 2 times the size of its limit away"),
    "cancellation near a limit": ("1/6", {"equals": "taylor", "limit": {"t": 0}}, "proven", "the key tends to it"),
    "cut off far away": ("t", {"equals": "clipped"}, "refuted", "the key is"),
    "a small entry beside a large one": ("mixed_wrong", {"equals": "mixed"}, "refuted", "entry (1,) of the key is"),
    "complex": ("t", {"equals": "imaginary"}, "unproven", "imaginary has complex values: compare np.real and np.imag of it"),
    "fixed does not make it another": ("concave", {"equals": "concave", "at": {"t": 1}}, "unproven", "this proves nothing: concave is the key itself"),
    "a fixed argument that nothing uses": ("least", {"equals": "least_by_qr", "at": {"lam": 1}}, "unproven", "neither the key nor least_by_qr depends on 'lam'"),
    "the most even": ("uniform", {"maximises": "entropy", "wrt": "s"}, "proven", "entropy is greatest at the key"),
    "not the most even": ("skewed", {"maximises": "entropy", "wrt": "s"}, "refuted", "entropy is"),
    "whole numbers": ("1", {"minimises": "parabola", "wrt": "k"}, "proven", "parabola is least at the key"),
    "other whole numbers": ("3", {"minimises": "parabola", "wrt": "k"}, "refuted", "parabola is 0 at the key, and -2 elsewhere"),
    "likelihood": ("3/10", {"maximises": "likelihood", "wrt": "q"}, "proven", "likelihood is greatest at the key"),
    "likelihood, smoothed": ("4/12", {"maximises": "likelihood", "wrt": "q"}, "refuted", "likelihood"),
    "one of several": ("twice", {"gradient": "several", "wrt": "w", "output": 1}, "proven", "the key is the derivative"),
    "a local name is no call": ("2 X^T X", {"equals": "local"}, "proven", "the key has the same value"),
    "another argument is no tautology": ("concave", {"equals": "shifted"}, "refuted", "the key is"),
    "further arguments": ("2 t", {"equals": "with_more"}, "proven", "the key has the same value"),
    "a single number as 1×1": ("y.T @ y", {"equals": "y^T y"}, "unproven", "is the key itself"),
    "lost in rounding": ("saturated_slope", {"gradient": "saturated", "wrt": "t"}, "proven", "the key is the derivative, at"),
    "small, and wrong": ("tenth_wrong", {"gradient": "tenth", "wrt": "t"}, "refuted", "the key is"),
    "unknown function": ("w", {"gradient": "los", "wrt": "w"}, "unproven", "reference.py has no function 'los'"),
    "unknown argument": ("w", {"gradient": "loss", "wrt": "v"}, "unproven", "loss has no argument 'v'"),
    "unknown fixed": ("ridge", {"equals": "least", "at": {"lamb": 0}}, "unproven", "'lamb' is no symbol"),
    "several values": ("1", {"equals": "pair"}, "unproven", "pair returns 2 values; say with `output` which is meant, from 0"),
}  # fmt: skip
SHAPES = {
    "argument": (["m", "d"], {"shape_of": "W", "in": "layer", "gives": ["m", 1]}, "proven", f"it is the only shape with which layer works, at {EVERYWHERE}"),
    "argument, swapped": (["d", "m"], {"shape_of": "W", "in": "layer", "gives": ["m", 1]}, "refuted", f"at {STATED}: with 3×2 it does not work; only 2×3 does"),
    "argument, open": (["m", "d"], {"shape_of": "W", "in": "layer"}, "unproven", "works too: say with `gives` what comes out, or name a smaller function"),
    "value": (["p", "p"], {"shape_of": "gram"}, "proven", f"the value has this shape, at {EVERYWHERE}"),
    "value, wrong": (["n", "n"], {"shape_of": "gram"}, "refuted", f"at {STATED}: the key is 7×7, and the model's value 5×5"),
    "value at stated sizes": ([5, 5], {"shape_of": "gram"}, "refuted", "at n = 8, p = 6, m = 3, d = 4: the key is 5×5, and the model's value 6×6"),
    "value, failing": (["p"], {"shape_of": "fails"}, "unproven", "ValueError: no such thing"),
}  # fmt: skip
NUMBERS = {
    "number": ("1/3", {"equals": "probability"}, "proven", "the model gives the number, at 1 point"),
    "rounded number": (
        "0.33",
        {"equals": "probability"},
        "refuted",
        "the key is 0.33, and the model's 0.333333",
    ),
    "no number": (
        "1",
        {"equals": "gram"},
        "unproven",
        "gram takes X: a number follows from a function without arguments",
    ),
}
STATEMENTS = {
    "depends on all": ({"vjp": "layer", "wrt": "x", "with": "g", "depends_on": "all of W"}, True, "6 of 6 elements of W move it"),
    "value depends on some": ({"value": "gram", "depends_on": "some of X"}, True, "35 of 35 elements of X move it"),
    "value depends on none": ({"value": "zero", "depends_on": "none of X"}, True, "0 of 35 elements of X move it"),
    "gradient does not depend on w": ({"gradient": "concave", "wrt": "t", "depends_on": "none of t"}, False, "1 of 1 elements of t move it"),
    "jacobian depends": ({"jacobian": "layer", "wrt": "x", "depends_on": "some of x"}, True, "3 of 3 elements of x move it"),
    "behind a kink": ({"value": "hidden", "depends_on": "all of W"}, True, "6 of 6 elements of W move it"),
    "behind a maximum": ({"value": "largest", "depends_on": "all of x"}, True, "3 of 3 elements of x move it"),
    "beside a large one": ({"value": "spread_out", "depends_on": "all of x"}, True, "3 of 3 elements of x move it"),
    "itself, wrapped": ({"equal": ["renamed", "least"]}, None, "this proves nothing: renamed is compared with itself"),
    "where it is fixed": ({"gradient": "bent", "wrt": "t", "depends_on": "some of a", "at": {"t": 0}}, False, "0 of 1 elements of a move it"),
    "differs with the sizes": ({"equal": ["counted", "none"]}, None, f"this differs with the sizes: the same at 5 points at {STATED}; counted and none differ at"),
    "equal": ({"equal": ["gram", "gram_transposed"]}, True, "the same at 5 points"),
    "different": ({"equal": ["gram", "zero"]}, False, "gram and zero differ"),
    "equal in the limit": ({"equal": ["ridge", "least"], "limit": {"lam": 0}}, True, "the same at 5 points"),
    "shape": ({"shape_of": "gram", "is": ["p", "p"]}, True, "it is 5×5"),
    "no such shape": ({"shape_of": "gram", "is": ["n", "n"]}, False, "it is 5×5"),
    "itself": ({"equal": ["gram", "gram"]}, None, "this proves nothing: gram is compared with itself"),
    "unknown": ({"value": "gram", "depends_on": "all of V"}, None, "'V' is no symbol"),
}  # fmt: skip
DOMAINS = {"lam": "pos", "s": "simplex", "k": "posint", "q": "prob"}
SYMBOLS = {
    "w": ["p"], "X": ["n", "p"], "y": ["n"], "W": ["m", "d"], "x": ["d", 1], "g": ["m", 1], "lam": [], "t": [], "a": [], "s": ["p"], "k": [], "q": [],
}  # fmt: skip


def address(table: str, name: str) -> str:
    return f"{table}_" + "".join(each if each.isalnum() else "_" for each in name)


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict[str, ClaimResult]:
    """Every proof by its blank, from one run over one problem."""
    blanks = {}
    for name, (key, claim, *_) in CLAIMS.items():
        blanks[address("claim", name)] = {"kind": "formula", "points": 1, "reference": key, "claim": claim}
    for name, (shape, claim, *_) in SHAPES.items():
        blanks[address("shape", name)] = {"kind": "dimensions", "points": 1, "shape": shape, "claim": claim}
    for name, (value, claim, *_) in NUMBERS.items():
        blanks[address("number", name)] = {"kind": "number", "points": 1, "value": value, "claim": claim}
    for name, (holds, true, _) in STATEMENTS.items():
        options = {"it": {"says": "It holds.", "correct": bool(true), "holds": holds}}
        blanks[address("holds", name)] = {"kind": "choices", "points": 1, "options": options}
    median = blanks[address("claim", "minimum at a kink")]  # It cannot be recorded, as a formula must be.
    median.update(kind="function", name="middle", parameters=["w"])
    problem = {
        "title": "Claims",
        "sizes": {"n": 7, "p": 5, "m": 2, "d": 3},
        "symbols": {
            name: {"shape": shape, **({"domain": DOMAINS[name]} if name in DOMAINS else {})}
            for name, shape in SYMBOLS.items()
        },
        "parts": [{"id": "a", "ask": "?", "blanks": blanks}],
    }
    folder = tmp_path_factory.mktemp("claims")
    (folder / "problem.yaml").write_text(json.dumps(problem), encoding="utf-8")
    (folder / "reference.py").write_text(REFERENCE, encoding="utf-8")
    opened = open_problem(folder)
    found = list(check_claims(opened, opened.problem.prepare()))
    return {each.blank.removeprefix("a."): each for each in found if isinstance(each, ClaimResult)}


ALL = [
    *((address("claim", name), *case[2:]) for name, case in CLAIMS.items()),
    *((address("shape", name), *case[2:]) for name, case in SHAPES.items()),
    *((address("number", name), *case[2:]) for name, case in NUMBERS.items()),
]


@pytest.mark.parametrize(("blank", "status", "evidence"), ALL, ids=[each[0] for each in ALL])
def test_a_claim_on_a_key(told, blank, status, evidence):
    assert (told[blank].status, evidence in told[blank].evidence) == (status, True), told[blank].evidence


@pytest.mark.parametrize(("name", "case"), STATEMENTS.items(), ids=STATEMENTS)
def test_the_truth_of_a_statement(told, name, case):
    _, true, evidence = case
    found = told[address("holds", name)]
    assert found.status == ("unproven" if true is None else "proven")
    assert evidence in found.evidence
    assert true is None or f"computed to be {str(true).lower()}" in found.evidence
