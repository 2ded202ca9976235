"""Which name is suggested for one that the question does not have."""

from __future__ import annotations

import pytest

from grader.formula.parsing.lexing.unknown_names import unknown_name
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.symbols import Symbol

SYMBOLS = {name: Symbol(shape=("n", "d_k")) for name in ("Q", "K", "W_o")}
VOCABULARY = Vocabulary(SYMBOLS, sizes={"n": 3, "d_k": 2})


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("dk", "Did you mean “d_k”?"),  # Not “K”, which is spelt more like it than it is.
        ("DK", "Did you mean “d_k”?"),
        ("wo", "Did you mean “W_o”?"),
        ("W_oo", "Did you mean “W_o”?"),
        ("zz", "You may use Q, K, W_o."),
        ("_", "You may use Q, K, W_o."),
    ],
)
def test_suggestions(name, says):
    assert (
        unknown_name(name, (0, len(name)), VOCABULARY).message
        == f"The name “{name}” is not known in this question. {says}"
    )
