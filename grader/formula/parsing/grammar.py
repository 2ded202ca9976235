"""The grammar that the parser's parts share: operator precedence (binding powers), what begins a value, and the recursion.

This is a Pratt parser cut by nouns. Each of ``atoms``, ``brackets``, ``calls`` and ``postfix`` is a set of
plain functions that take the parser and read one thing where it stands. What they contain is again any expression, so
they call back the four abstract methods of ``Grammar``; ``parser.Parser`` fills those in, which keeps imports one-way.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from grader.formula.expression import Expression
from grader.formula.parsing.cursor import Cursor
from grader.formula.parsing.lexing.tokens import Token
from grader.formula.parsing.lexing.vocabulary import Vocabulary

BARS = {"|": "abs", "‖": "norm", "||": "norm", "left|": "abs", "left‖": "norm"}
COMPARISON, SUM, HADAMARD, PRODUCT, JUXTAPOSITION, SIGN = 5, 10, 15, 20, 25, 30
"""Binding powers of operators: the larger, the more strongly they bind."""
OPENS = frozenset(("(", "{", "[", "⟦", "⌊", "⌈", "⟨", "√", *BARS))
"""Operators that begin a value."""
STARTS = frozenset(("number", "symbol", "constant", "function", "frac", "defined", "size", "identity"))
"""Kinds of tokens that begin a value."""
ONE_FACTOR = "A function without brackets was applied to the next factor only."


class Grammar(Cursor, ABC):
    """What reads a part of a formula needs of the whole parser.

    ``open_bars`` are the bars open in the innermost bracket, which tell a closing bar from an opening one;
    ``bracket_depth`` counts open brackets, where ``=`` is a comparison; ``space_separates`` is True in a matrix whose cells
    are parted by spaces; ``reduction_depth`` counts the sums, maxima, … around; ``fraction_end`` is the position behind the
    last ``\\frac``, whose bar leaves no doubt what stands below.
    """

    def __init__(self, text: str, tokens: tuple[Token, ...], vocabulary: Vocabulary) -> None:
        super().__init__(text, tokens, vocabulary)
        self.open_bars: list[str] = []
        self.bracket_depth = 0
        self.space_separates = False
        self.reduction_depth = 0
        self.fraction_end = -1

    @abstractmethod
    def expression(self, binding: int) -> Expression:
        """Read as much as binds more strongly than ``binding``."""

    @abstractmethod
    def value(self) -> Expression:
        """Read a number, a name, a function or a bracket with what is in it."""

    @abstractmethod
    def postfix(self, value: Expression, start: int) -> Expression:
        """Read all that follows a value that begins at ``start``: powers, transposes, methods, indices."""

    @abstractmethod
    def exponent(self) -> Expression:
        """Read what stands in a superscript."""

    def is_at_value(self) -> bool:
        """True if a value comes next."""
        return self.token.kind in STARTS or (self.token.kind == "operator" and self.token.text in OPENS)

    def doubt_reach_of_function(self) -> None:
        """Doubt where a function without brackets ends, unless nothing follows that could belong to it."""
        follows = self.token.kind in STARTS or self.peek(*OPENS, "*", "/", "@", "product", "elementwise")
        if follows and self.previous.text not in (")", "}", "]"):
            self.note_doubt(ONE_FACTOR)
