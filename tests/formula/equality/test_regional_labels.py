"""The labels of our own pairs, checked with mpmath: it shares no code with the engine that is judged by them."""

from __future__ import annotations

import json
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from support.paths import CASES

PAIRS = [json.loads(line) for line in (CASES / "regional.jsonl").read_text().splitlines()]
POINTS = 60


def entrywise(function: Any, count: int = 1) -> Any:
    return np.frompyfunc(function, count, 1)


def real(function: Any) -> Any:
    """A function that is undefined where mpmath leaves the real numbers."""

    def at(*args: Any) -> Any:
        try:
            value = function(*args)
        except (ValueError, ZeroDivisionError, TypeError):
            return mp.nan
        return mp.nan if isinstance(value, mp.mpc) else mp.mpf(value)

    return at


class Number(mp.mpf):
    """Dividing by 0 is NaN, and powers stay real."""


def matrix(values: Any) -> Any:
    return mp.matrix(values.tolist())


def array(values: Any) -> Any:
    return np.array(values.tolist(), dtype=object).reshape(values.rows, values.cols)


def softmax(x: Any) -> Any:
    powers = [mp.exp(each) for each in x]
    return np.array([each / mp.fsum(powers) for each in powers], dtype=object)


def argmax(x: Any) -> Any:
    return mp.mpf(max(range(len(x)), key=lambda at: (x[at], -at)))


def fold(function: Any) -> Any:
    return lambda x, **_: function(list(np.ravel(x)))


NAMES: dict[str, Any] = {
    **{name: entrywise(real(getattr(mp, other))) for name, other in (
        ("exp", "exp"), ("log", "log"), ("sqrt", "sqrt"), ("sin", "sin"), ("cos", "cos"), ("tan", "tan"), ("arcsin", "asin"), ("arccos", "acos"),
        ("arctan", "atan"), ("sinh", "sinh"), ("cosh", "cosh"), ("tanh", "tanh"), ("arcsinh", "asinh"), ("arccosh", "acosh"), ("arctanh", "atanh"),
        ("floor", "floor"), ("ceil", "ceil"), ("sign", "sign"), ("expm1", "expm1"), ("log1p", "log1p"), ("gamma", "gamma"), ("factorial", "factorial"),
    )},
    "log2": entrywise(real(lambda x: mp.log(x, 2))), "log10": entrywise(real(mp.log10)), "abs": entrywise(abs),
    "arctan2": entrywise(mp.atan2, 2), "binomial": entrywise(mp.binomial, 2), "sigmoid": entrywise(lambda x: 1 / (1 + mp.exp(-x))),
    "softplus": entrywise(lambda x: mp.log1p(mp.exp(x))), "relu": entrywise(lambda x: max(x, mp.mpf(0))),
    "leaky_relu": entrywise(lambda x, slope: x if x > 0 else slope * x, 2), "maximum": entrywise(lambda a, b: max(a, b), 2),
    "minimum": entrywise(lambda a, b: min(a, b), 2), "clip": entrywise(lambda x, low, high: min(max(x, low), high), 3),
    "where": entrywise(lambda condition, yes, no: yes if condition else no, 3),
    "sum": fold(mp.fsum), "max": fold(max), "prod": fold(mp.fprod), "mean": fold(lambda x: mp.fsum(x) / len(x)),
    "var": fold(lambda x: mp.fsum((each - mp.fsum(x) / len(x)) ** 2 for each in x) / len(x)),
    "norm": fold(lambda x: mp.sqrt(mp.fsum(each**2 for each in x))), "logsumexp": fold(lambda x: mp.log(mp.fsum(map(mp.exp, x)))),
    "softmax": softmax, "argmax": argmax, "trace": lambda a: mp.fsum(np.diagonal(a)),
    "det": lambda a: mp.det(matrix(a)), "inv": lambda a: array(mp.inverse(matrix(a))), "solve": lambda a, b: array(mp.inverse(matrix(a)) * matrix(b)),
    "eye": lambda n: np.vectorize(mp.mpf, otypes=[object])(np.eye(n)), "zeros": lambda shape: np.vectorize(mp.mpf, otypes=[object])(np.zeros(shape)),
    "pi": None, "e": None,
}  # fmt: skip


def exactly(text: str) -> str:
    """Wrap the numbers of a formula, so that Python makes no floats of them; indices stay whole numbers."""
    import re

    number = re.compile(r"(?<![\w.])(\d+\.?\d*(?:e-?\d+)?)(?![\w.,]*\])")
    return number.sub(lambda found: f"N('{found[1]}')", text)


def value(text: str, point: dict[str, Any]) -> Any:
    names = {**NAMES, "pi": +mp.pi, "e": +mp.e, "N": mp.mpf, **point}
    names["eye"] = lambda n: NAMES["eye"](int(n))
    names["zeros"] = lambda shape: NAMES["zeros"](tuple(int(each) for each in shape))
    try:
        found = eval(exactly(text), names)
    except ZeroDivisionError:
        return np.array([mp.nan], dtype=object)
    entries = np.ravel(np.array(found, dtype=object))
    return np.array([mp.nan if isinstance(each, mp.mpc) else mp.mpf(each) for each in entries], dtype=object)


def drawn(given: dict[str, Any], draw: np.random.Generator, scale: float) -> Any:
    shape, domain = tuple(given["shape"]), given["domain"]
    size = int(np.prod(shape))
    normal = scale * draw.normal(size=size)
    if isinstance(domain, list):
        flat = draw.uniform(*domain, size)
    elif domain in ("orth", "skew", "sym", "spd"):
        square = draw.normal(size=shape)
        if domain == "orth":
            return orthogonal(square, draw)
        flat = {
            "skew": square - square.T,
            "sym": square + square.T,
            "spd": square @ square.T + np.eye(shape[0]),
        }[domain].ravel()
    else:
        whole = np.round(np.abs(normal) * 3)
        flat = {
            "real": normal,
            "pos": np.abs(normal) + 1e-9,
            "neg": -np.abs(normal) - 1e-9,
            "int": np.round(3 * normal),
            "posint": whole + 1,
            "prob": draw.uniform(0, 1, size),
            "unit": draw.uniform(-1, 1, size),
            "binary": draw.integers(0, 2, size),
            "onehot": np.eye(size)[draw.integers(size)] if size else 0,
            "simplex": None,
        }[domain]
        if flat is None:
            parts = [mp.mpf(float(each)) for each in draw.uniform(0.1, 1, size)]
            flat = [each / mp.fsum(parts) for each in parts]
    entries = np.array(
        [mp.mpf(each if isinstance(each, mp.mpf) else float(each)) for each in np.ravel(flat)], dtype=object
    )
    return entries.reshape(shape) if shape else entries[0]


def orthogonal(square: Any, draw: np.random.Generator) -> Any:
    """By Gram and Schmidt in high precision; the sign of the first column is drawn."""
    columns: list[Any] = []
    for column in np.vectorize(mp.mpf, otypes=[object])(square.T):
        for other in columns:
            column = column - mp.fdot(column, other) * other
        columns.append(column / mp.sqrt(mp.fdot(column, column)))
    columns[0] = columns[0] * int(draw.choice([-1, 1]))
    return np.array(columns, dtype=object).T


def differ(pair: dict[str, Any], point: dict[str, Any]) -> bool | None:
    """Whether the two formulas differ at a point; None where the reference is undefined."""
    reference, answer = value(pair["reference"], point), value(pair["answer"], point)
    if any(mp.isnan(each) or mp.isinf(each) for each in reference):
        return None
    if any(mp.isnan(each) or mp.isinf(each) for each in answer):
        return True
    return any(abs(a - b) > mp.mpf(10) ** -900 * max(1, abs(a)) for a, b in np.broadcast(reference, answer))


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["id"] for pair in PAIRS])
def test_a_label_is_right(pair):
    with mp.workdps(1000):
        if not pair["equivalent"]:
            at = pair["differs_at"]
            point = {}
            for name, given in pair["vars"].items():
                entries = np.array([mp.mpf(each) for each in at[name]], dtype=object)
                point[name] = entries.reshape(given["shape"]) if given["shape"] else entries[0]
            assert differ(pair, point) is True
            return
        draw = np.random.default_rng(int(pair["id"][1:]))
        found = []
        for number in range(POINTS):
            scale = 10.0 ** (number % 6 - 2)
            found.append(differ(pair, {name: drawn(given, draw, scale) for name, given in pair["vars"].items()}))
        assert found.count(False) >= 15
        assert True not in found
