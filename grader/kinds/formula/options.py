"""The fields that an author writes for a formula blank, and the names and values that follow from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from grader.core.arrays import Value
from grader.core.errors import Unreadable, nearest
from grader.formula.equality.accepted_answers import UpTo
from grader.formula.evaluation import shapes
from grader.formula.evaluation.evaluate import evaluate
from grader.formula.expression import expand_definitions, symbol_names, with_sizes
from grader.formula.functions.table import CONSTANTS
from grader.formula.mistakes.normal_form import normal_form
from grader.formula.parsing.lexing.vocabulary import Star, Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import in_numbers
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.base.spec import Spec
from grader.kinds.code.program import Signature
from grader.kinds.formula.requirements import UnknownName, resolve_name

FUNCTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(
        lambda value: (value,) if isinstance(value, str) else value,
        json_schema_input_type=str | tuple[str, ...],
    ),
]


class FormulaOptions(Spec):
    """The fields of a formula blank: a formula, compared with a reference."""

    kind: Literal["formula"] = "formula"
    reference: Annotated[Texts, Field(min_length=1, description="A formula, a function of reference.py, or a list.")]
    symbols: tuple[str, ...] | None = Field(default=None, description="What the student may use  [default: all].")
    star: Star = Field(default="elementwise", description="What * means: elementwise, or a product of matrices.")
    left: Texts = Field(default=(), description="Names of the blank: `x2` lets a student write x2 = ….")
    broadcast: Literal["strict", "numpy"] = Field(
        default="strict", description="Whether arrays with different numbers of axes go together as in NumPy."
    )
    tolerance: float | None = Field(
        default=None, gt=0, lt=1, description="Relative tolerance of each entry  [default: exactly equal]."
    )
    up_to: UpTo | None = Field(default=None, description="Accept the key up to its sign, or up to a constant.")
    varying: tuple[str, ...] | None = Field(
        default=None, description="What a constant must not depend on  [default: the reference's symbols]."
    )
    requires: Texts = Field(default=(), description="Names and functions that an answer must use.")
    forbids: Texts = Field(default=(), description="Names and functions that an answer must not use.")
    compare: Literal["exact", "numeric"] = Field(
        default="exact",
        description="numeric: compare with the numbers of a function that cannot be recorded.",
    )
    function: Signature | None = Field(
        default=None,
        description="A NumPy function that may be handed in instead: {name: f, parameters: [W, x]}.",
    )

    def key_values(self, context: Context, points: Sequence[Mapping[str, Any]]) -> list[list[Value]]:
        """Return the values of the references: what their functions return as plain NumPy, or those of their formulas."""
        words = self.words(context, everything=True)
        values = []
        for text in self.reference:
            if is_function(text, words):
                values.append(context.run(text, points))
                continue
            try:
                formula = expand_definitions(with_sizes(parse(text, words).expression, context.sizes))
                shapes.shapes(formula, words.shapes, words.mixing)
            except (Unreadable, shapes.ShapeMismatch) as error:
                raise BlankSpecError(f"{text!r} has no value at these sizes: {error}", ("reference",)) from error
            values.append([evaluate(formula, point) for point in points])
        return values

    def symbols_used(self, context: Context, formula: str) -> tuple[str, ...]:
        """Return the symbols in a formula."""
        try:
            return symbol_names([expand_definitions(parse(formula, self.words(context, everything=True)).expression)])
        except Unreadable:
            return ()

    def is_same(self, context: Context, reference: str, other: str) -> bool:
        """True if two are one function, or the same formula but for its spelling and brackets."""
        words = self.words(context, everything=True)
        if is_function(reference, words) or is_function(other, words):
            return reference == other
        try:
            one, two = (normal_form(expand_definitions(parse(text, words).expression)) for text in (reference, other))
        except Unreadable:
            return False
        return one is two

    @property
    def references(self) -> tuple[str, ...]:
        """The accepted formulas and functions of reference.py."""
        return self.reference

    @property
    def function_name(self) -> str | None:
        """The name of the function that may be handed in instead."""
        return self.function.name if self.function else None

    def rules(self, words: Vocabulary) -> tuple[list[str], list[str]]:
        """Return the names and functions that an answer must use, and those that it must not; raises BlankSpecError."""
        resolved: list[list[str]] = []
        for field, texts in (("requires", self.requires), ("forbids", self.forbids)):
            try:
                resolved.append([resolve_name(name, words) for name in texts])
            except UnknownName as error:
                raise BlankSpecError(
                    f"{error.name!r} is no name or function that an answer could use",
                    (field,),
                    error.suggestion,
                ) from error
        return resolved[0], resolved[1]

    def words(self, context: Context, everything: bool = False) -> Vocabulary:
        """Return the vocabulary of an answer, or of all names of the problem; raises BlankSpecError for an unknown name."""
        names = {*context.symbols, *context.definitions, *context.sizes}
        for index, name in enumerate(self.symbols or ()):
            if name not in names:
                what = "symbol, definition or size"
                raise BlankSpecError(f"{name!r} is no {what} of the problem", ("symbols", index), nearest(name, names))
        allowed = names if everything or self.symbols is None else set(self.symbols)
        return Vocabulary(
            symbols={name: each for name, each in context.symbols.items() if name in allowed},
            shapes={name: in_numbers(each.shape, context.sizes) for name, each in context.symbols.items()},
            star=self.star,
            left=self.left,
            definitions={name: each for name, each in context.definitions.items() if name in allowed},
            sizes={name: each for name, each in context.sizes.items() if name in allowed},
            mixing=self.broadcast == "numpy",
        )


def is_function(text: str, words: Vocabulary) -> bool:
    """True if a reference names a function of reference.py rather than something that could be typed."""
    if FUNCTION_NAME.fullmatch(text) is None or words.lookup(text) is not None:
        return False
    return text not in words.sizes and text not in CONSTANTS and text.removeprefix("I_") not in words.sizes
