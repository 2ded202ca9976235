"""The vocabulary that the formula tests share."""

from __future__ import annotations

import pytest
from support.formula_strategies import vocabulary

from grader.formula.parsing.lexing.vocabulary import Vocabulary


@pytest.fixture
def words() -> Vocabulary:
    return vocabulary()
