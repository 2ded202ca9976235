"""Kind ``formula``: an answer is a formula in the problem's symbols, equal to the reference or not.

``options`` is what an author writes, ``key`` reads the references and the anticipated mistakes, ``prepared`` judges answers,
``findings`` makes the findings, ``requirements`` looks for names that an answer must or must not use, and ``spec`` joins them.
``public`` is what may be known without the key. The language itself, and equality, are the package ``grader.formula``.
"""

from __future__ import annotations

from grader.kinds.formula.public import FormulaPublic
from grader.kinds.formula.spec import FormulaSpec

__all__ = ["FormulaPublic", "FormulaSpec"]
