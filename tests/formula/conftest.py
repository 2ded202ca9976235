"""The vocabulary that the formula tests share."""

from __future__ import annotations

import pytest
from formula_words import vocabulary

from grader.formula.vocabulary import Vocabulary


@pytest.fixture
def words() -> Vocabulary:
    return vocabulary()
