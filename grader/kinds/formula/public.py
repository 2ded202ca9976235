"""What may be known of a formula blank without its key, and how a formula is read back."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ConfigDict, Field

from grader.core.submission import Written
from grader.core.text_limits import MAX_TEXT_CHARACTERS
from grader.formula.evaluation import shapes as evaluation_shapes
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import MAX_FORMULA_CHARACTERS, parse
from grader.formula.symbols import Shape as Dims
from grader.formula.writing import latex
from grader.kinds.base.public import Preview, Public, single_text
from grader.kinds.code import messages
from grader.kinds.code.program import Signature, check_syntax, is_program, parse_program
from grader.kinds.formula import findings


class FormulaPublic(Public):
    """The names that may be used, and what is needed to read a formula in them."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    left: tuple[str, ...] = ()
    signature: Signature | None = None
    words: Vocabulary = Field(exclude=True, repr=False)
    everything: Vocabulary = Field(exclude=True, repr=False)
    shapes: Mapping[str, Dims] = Field(exclude=True, repr=False)

    @property
    def function_head(self) -> str | None:
        """The function that may be handed in instead of a formula."""
        return None if self.signature is None else str(self.signature)

    def read_back(self, written: Written) -> Preview:
        """Return the formula typeset, with the shapes of its factors written out, or the first that does not fit."""
        text = single_text(written, MAX_TEXT_CHARACTERS if self.signature else MAX_FORMULA_CHARACTERS)
        if self.signature and is_program(text):
            check_syntax(parse_program(text))
            return Preview(read_as=messages.read_as_text(self.signature), is_code=True)
        answer = parse(text, self.words)
        numbers, mixing = self.words.shapes, self.words.mixing
        read_as = f"${latex.equation_tex(answer.expression, self.left, self.everything)}$"
        try:
            dims = evaluation_shapes.shapes(answer.expression, numbers, mixing)[answer.expression]
        except evaluation_shapes.ShapeMismatch as mismatch:
            misfit = findings.misfit_finding(answer, mismatch, numbers, self.shapes, mixing)
            sentence = f"Shapes in this formula do not fit: {mismatch.sentence}."
            return Preview(
                read_as=read_as, shape=misfit.check, letters=misfit.letters, complaint=sentence, span=misfit.span
            )
        [fit] = findings.shape_findings(answer, dims, (), numbers, self.shapes, mixing)
        return Preview(read_as=read_as, shape=fit.check or fit.got, letters=fit.letters)
