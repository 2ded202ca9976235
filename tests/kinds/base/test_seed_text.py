"""The texts that seeds are derived from, letter for letter: a change of one draws other points, and moves results."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter

from grader.core.seeds import Secret
from grader.formula.symbols import Symbol
from grader.kinds.base.context import Context
from grader.kinds.registry import AnySpec

SIZES = {"n": 3, "m": 2}
SYMBOLS = {
    "A": Symbol(shape=("m", "n")),
    "v": Symbol(shape=("n",), domain=(0, 1.5)),
    "p": Symbol(domain={"range": (-1, 2)}),
    "k": Symbol(domain="posint"),
}
ALL_SYMBOLS = (
    """[('A', "('m', 'n')", 'real'), ('k', '()', 'posint'), ('p', '()', 'range=(-1.0, 2.0)'), """
    """('v', "('n',)", '(0.0, 1.5)')"""
)
DRAWN = (
    """('apply', [('A', "('m', 'n')", 'real'), ('v', "('n',)", '(0.0, 1.5)'), ('p', '()', 'range=(-1.0, 2.0)')], """
    """[('m', 2), ('n', 3)], '{purpose}', {{'relative': 1e-06, 'absolute': 1e-08}}, [])"""
)
CHECKED = (
    """('other', [('A', "('m', 'n')", 'real'), ('v', "('n',)", '(0.0, 1.5)')], [('m', 2), ('n', 3)], '{purpose}', """
    """{{'relative': 0.001, 'absolute': 1e-08}}, [{{'says': 'here', 'weight': 1, 'trials': 3, 'sizes': {{}}, 'values': {{}}}}, """
    """{{'says': 'elsewhere', 'weight': 2, 'trials': 1, 'sizes': {{'n': 4}}, 'values': {{'v': [0, 0.5, 1, 0]}}}}])"""
)
PURPOSES = ("example", "check 0", "check 1")
TEXTS = {
    "a function with the default checks": (
        {"kind": "function", "name": "apply", "parameters": ["A", "v", "p"]},
        "inputs",
        [DRAWN.format(purpose=purpose) for purpose in PURPOSES],
    ),
    "a function with checks of its own": (
        {
            "kind": "function",
            "name": "apply",
            "reference": "other",
            "parameters": ["A", "v"],
            "tolerance": {"relative": 0.001},
            "checks": [
                {"says": "here"},
                {"says": "elsewhere", "weight": 2, "trials": 1, "sizes": {"n": 4}, "values": {"v": [0, 0.5, 1, 0]}},
            ],
        },
        "inputs",
        [CHECKED.format(purpose=purpose) for purpose in PURPOSES],
    ),
    "a formula": (
        {"kind": "formula", "reference": "A @ v * p"},
        "points",
        [
            f"(['symbol [] A; symbol [] v; matmul [0, 1] None; symbol [] p; multiply [2, 3] None'], {ALL_SYMBOLS}], "
            "[('m', 2), ('n', 3)], (None, 'elementwise', False, None, 'exact'))"
        ],
    ),
    "a formula with every option that decides": (
        {
            "kind": "formula",
            "reference": ["p * k", "k*p"],
            "tolerance": 1e-6,
            "star": "product",
            "broadcast": "numpy",
            "up_to": "constant",
            "varying": ["p"],
        },
        "points",
        [
            "(['symbol [] p; symbol [] k; multiply [0, 1] None', 'symbol [] k; symbol [] p; multiply [0, 1] None'], "
            f"{ALL_SYMBOLS}, ('p°', '()', 'range=(-1.0, 2.0)')], [('m', 2), ('n', 3)], "
            "(1e-06, 'product', True, 'constant', 'exact'))"
        ],
    ),
    "numbers of a function": (
        {"kind": "formula", "reference": "f", "compare": "numeric"},
        "points",
        [f"(('f',), {ALL_SYMBOLS}], [('m', 2), ('n', 3)], (None, 'elementwise', False, None, 'numeric'))"],
    ),
}


class RecordedSecret(Secret):
    """Remembers what seeds were derived from."""

    def derive(self, canonical: bytes, purpose: str) -> int:
        TEXTS_SEEN.append((purpose, canonical.decode()))
        return super().derive(canonical, purpose)


TEXTS_SEEN: list[tuple[str, str]] = []


@pytest.mark.parametrize(("fields", "purpose", "expected"), TEXTS.values(), ids=TEXTS)
def test_a_seed_is_derived_from_the_same_text_in_every_version(fields, purpose, expected):
    def run(name, points):
        return [np.asarray(point["A"]) @ np.asarray(point["v"]) for point in points]

    TEXTS_SEEN.clear()
    spec = TypeAdapter(AnySpec).validate_python({"points": 1, **fields})
    spec.prepare(Context("a", None, SYMBOLS, SIZES, run=run, secret=RecordedSecret(b"key", "id")))
    assert list(dict.fromkeys(TEXTS_SEEN)) == [(purpose, text) for text in expected]
