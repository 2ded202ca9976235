"""Kind ``formula``: what an author writes, made ready to grade, and what may be known of it."""

from __future__ import annotations

from grader.formula.parsing.parser import Reading
from grader.formula.writing import latex
from grader.kinds.base.context import Context
from grader.kinds.base.prepared import Prepared
from grader.kinds.base.public import Public
from grader.kinds.code.program import Program
from grader.kinds.formula.options import FormulaOptions
from grader.kinds.formula.prepared import PreparedFormula
from grader.kinds.formula.public import FormulaPublic


class FormulaSpec(FormulaOptions):
    """A formula, compared with a reference.

    ``kind: formula``, ``reference: W @ x`` (a formula, a function of ``reference.py``, or a list of accepted ones).
    ``star`` is elementwise unless said otherwise, as in NumPy, in which the reference is written.
    """

    def prepare(self, context: Context) -> Prepared[Reading | Program]:
        """Read the references and the anticipated mistakes."""
        return PreparedFormula(self, context)

    def public(self, context: Context) -> Public:
        """Return the symbols and the author's names that may be used."""
        instructions = "Write a formula, in NumPy or as you write maths: W.T @ x, or W^T x."
        if self.function:
            instructions += f" A NumPy function def {self.function}: … is read too."
        if self.requires:
            instructions += f" Use {' and '.join(self.requires)}."
        if self.forbids:
            instructions += f" Do not use {' or '.join(self.forbids)}."
        words = self.words(context)
        named = {name: latex.latex(each.value_as_written, words) for name, each in words.definitions.items()}
        return FormulaPublic(
            kind=self.kind,
            instructions=instructions,
            label=self.label,
            symbols=words.symbols,
            definitions=named,
            words=words,
            left=self.left,
            signature=self.function,
            everything=self.words(context, everything=True),
            shapes={name: each.shape for name, each in context.symbols.items()},
        )
