"""Every example in a docstring is run."""

from __future__ import annotations

import doctest
import importlib

import pytest
from support.paths import ROOT

pytestmark = pytest.mark.process

PACKAGE = ROOT / "grader"
WITH_EXAMPLES = sorted(path for path in PACKAGE.rglob("*.py") if ">>> " in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: path.stem)
def test_docstrings(path, monkeypatch):
    monkeypatch.chdir(PACKAGE.parent)
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert (failed, tried > 0) == (0, True)
