"""Kind ``formula``: an answer is a formula in the problem's symbols, equal to the reference or not."""

from __future__ import annotations

from grader.kinds.formula.public import FormulaPublic
from grader.kinds.formula.spec import FormulaSpec

__all__ = ["FormulaPublic", "FormulaSpec"]
