"""Answers with one slip that an exam accepts: coincidences of sizes and of domains are told from other ways to write the key."""

from __future__ import annotations

import json

import pytest

from grader.authoring.checks.runner.check_problem import check_problem

FORMULA = {"kind": "formula", "points": 1}
CASES = {
    # name: (sizes, symbols, blank, notes and warnings that are expected, each a piece of it)
    "nothing survives": ({"m": 2, "d": 3}, {"W": (["m", "d"], "real"), "g": (["m", 1], "real")}, {**FORMULA, "reference": "W^T g"}, []),
    "one axis of length one": (
        {"m": 1}, {"W": (["m", "m"], "real"), "g": (["m", 1], "real")}, {**FORMULA, "reference": "W^T g"},
        ["the exam cannot tell 'W g' (missing-transpose) from the key: they are equal at the stated sizes only (m = 1)"],
    ),
    "a symmetric matrix": (
        {"n": 3}, {"S": (["n", "n"], "sym"), "x": (["n", 1], "real")}, {**FORMULA, "reference": "S x"},
        ["the exam cannot tell 'Sᵀ x' (extra-transpose) from the key: they are equal only because S is symmetric"],
    ),
    "an orthogonal matrix": (
        {"n": 3}, {"Q": (["n", "n"], "orth"), "x": (["n", 1], "real")}, {**FORMULA, "reference": "Q^T x"},
        ["'Q^-1 x' (inverse-instead-of-transpose) from the key: they are equal only because Q is orthogonal"],
    ),
    "a positive number": (
        {}, {"t": ([], "pos")}, {**FORMULA, "reference": "abs(t) + t"},
        ["the exam cannot tell 't + t' (missing-function) from the key: they are equal only because t is positive", "note a: |-t| + t is right too"],
    ),
    "an even function": (
        {}, {"t": ([], "real")}, {**FORMULA, "reference": "cos(2 t)"}, ["note a: cos(-2 t) is right too"],
    ),
    "within the tolerance": (
        {}, {"t": ([], [100, 200])}, {**FORMULA, "reference": "(t + 1)^2 + sqrt(t)", "tolerance": 0.2},
        ["the difference is within the tolerance"],
    ),
    "equal axes": (
        {"m": 2, "d": 2}, {}, {"kind": "dimensions", "points": 1, "shape": ["m", "d"]},
        ["the exam cannot tell '2x2' (rows and columns swapped) from the key: every axis has the length 2 at the stated sizes"],
    ),
    "different axes": ({"m": 2, "d": 3}, {}, {"kind": "dimensions", "points": 1, "shape": ["m", "d"]}, []),
    "one half": ({}, {}, {"kind": "number", "points": 1, "value": "1/2"}, ["the exam cannot tell '1/2' (complement) from the key: it is the same number"]),
    "zero": ({}, {}, {"kind": "number", "points": 1, "value": 0}, ["'0' (sign-flipped)", "'0' (percent)", "'0' (power-of-ten)"]),
    "one third": ({}, {}, {"kind": "number", "points": 1, "value": "1/3"}, []),
    "a wide tolerance": ({}, {}, {"kind": "number", "points": 1, "value": "0.9", "accept": {"absolute": "0.3"}}, ["'10/9' (reciprocal) from the key: it is within the tolerance"]),
    "an acknowledged one": (
        {"n": 3}, {"S": (["n", "n"], "sym"), "x": (["n", 1], "real")},
        {**FORMULA, "reference": "S x", "acknowledged": {"S.T @ x": "that is the point of the question."}},
        ["note a: Sᵀ x (extra-transpose) is accepted; that is the point of the question."],
    ),
    "a stale one": (
        {"m": 2, "d": 3}, {"W": (["m", "d"], "real"), "g": (["m", 1], "real")},
        {**FORMULA, "reference": "W^T g", "acknowledged": {"W g": "why not"}},
        ["a: 'W g' is acknowledged, and nothing like it is found"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sizes", "symbols", "blank", "expected"), CASES.values(), ids=CASES)
def test_survivors(tmp_path, sizes, symbols, blank, expected):
    declared = {name: {"shape": shape, "domain": domain} for name, (shape, domain) in symbols.items()}
    problem = {"title": "T", "sizes": sizes, "symbols": declared, "parts": [{"id": "a", "ask": "?", **blank}]}
    (tmp_path / "problem.yaml").write_text(json.dumps(problem), encoding="utf-8")
    report = check_problem(tmp_path)
    told = [str(each.complaint) for each in report.findings if each.check == "sharpness"]
    told += [f"note {each}" for each in report.notes]
    missed = [piece for piece in expected if not any(piece in each for each in told)]
    assert not missed, told
    assert expected or not told
