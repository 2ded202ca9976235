"""Kind ``formula``: an answer is a formula in the problem's symbols, equal to the reference or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from grader.blank import Context, Foreseen, Misspecified, Prepared, Public, Spec, one_text
from grader.errors import Unreadable, nearest
from grader.formula import latex, shape
from grader.formula.equality import Space, counterexample, equal
from grader.formula.expression import Expression, canonical, expanded, names
from grader.formula.notation import Reading, read
from grader.formula.symbols import Shape as Dims
from grader.formula.symbols import in_numbers, written
from grader.formula.vocabulary import Star, Vocabulary
from grader.submission import Written
from grader.verdict import Counterexample, Finding, Mistake, Note, Shape, Verdict

FUNCTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ENTRIES_SHOWN = 32
WRONG = "This formula is not equal to what is asked."
WRONG_SHAPE = "The shape of this formula is not that of what is asked."

Texts = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]


class FormulaSpec(Spec):
    """A formula, compared with a reference.

    ``kind: formula``, ``reference: W @ x`` (a formula, a function of ``reference.py``, or a list of accepted ones).
    ``star`` is elementwise unless said otherwise, as in NumPy, in which the reference is written.
    """

    kind: Literal["formula"] = "formula"
    reference: Annotated[
        Texts, Field(min_length=1, description="A formula, a function of reference.py, or a list.")
    ]
    symbols: tuple[str, ...] | None = Field(
        default=None, description="What the student may use  [default: all]."
    )
    star: Star = Field(
        default="elementwise", description="What * means: elementwise, or a product of matrices."
    )
    left: Texts = Field(default=(), description="Names of the blank: `x2` lets a student write x2 = ….")
    broadcast: Literal["strict", "numpy"] = Field(
        default="strict", description="Whether arrays with different numbers of axes go together as in NumPy."
    )
    tolerance: float | None = Field(
        default=None, gt=0, lt=1, description="Relative tolerance of each entry  [default: exactly equal]."
    )
    claim: Mapping[str, str] | None = Field(
        default=None, description="What the key is, to be proved from the model."
    )

    def prepare(self, context: Context) -> Prepared[Reading]:
        """Read the references and the foreseen mistakes."""
        return _Formula(self, context)

    def public(self, context: Context) -> Public:
        """Return the symbols and the author's names that may be used."""
        how = "Type a formula, in NumPy or as you write maths: W.T @ x, or W^T x."
        words = self.words(context)
        named = {name: latex.latex(each.shown, words) for name, each in words.definitions.items()}
        return Public(kind=self.kind, how=how, label=self.label, symbols=words.symbols, definitions=named)

    def words(self, context: Context, everything: bool = False) -> Vocabulary:
        """Return what an answer may use, or all names of the problem; raises Misspecified for a name that is none."""
        names = {*context.symbols, *context.definitions, *context.sizes}
        for index, name in enumerate(self.symbols or ()):
            if name not in names:
                what = "symbol, definition or size"
                raise Misspecified(
                    f"{name!r} is no {what} of the problem", ("symbols", index), nearest(name, names)
                )
        kept = names if everything or self.symbols is None else set(self.symbols)
        return Vocabulary(
            symbols={name: each for name, each in context.symbols.items() if name in kept},
            shapes={name: in_numbers(each.shape, context.sizes) for name, each in context.symbols.items()},
            star=self.star,
            left=self.left,
            definitions={name: each for name, each in context.definitions.items() if name in kept},
            sizes={name: each for name, each in context.sizes.items() if name in kept},
            mixing=self.broadcast == "numpy",
        )


@dataclass(frozen=True)
class _Known:
    """A foreseen mistake, with one of the formulas that show it."""

    mistake: Foreseen
    expression: Expression


class _Formula:
    """One formula blank, ready to grade."""

    def __init__(self, spec: FormulaSpec, context: Context) -> None:
        self.spec = spec
        self.budget = context.budget
        self.symbols = context.symbols
        self.sizes = context.sizes
        self.letters: dict[str, Dims] = {name: each.shape for name, each in context.symbols.items()}
        self.everything = spec.words(context, everything=True)
        self.vocabulary = spec.words(context)
        self.mixing = self.vocabulary.mixing
        for one, other in self.vocabulary.clashes:
            raise Misspecified(f"{one!r} and {other!r} are one name when they are typed", ("symbols",))
        self.references = [self._reference(index, text, context) for index, text in enumerate(spec.reference)]
        values = [each.value for each in self.vocabulary.definitions.values()]
        used = {*self.vocabulary.symbols, *names([*self.references, *values])} & set(context.symbols)
        self.deciding = {name: context.symbols[name] for name in sorted(used)}
        seed = context.secret.derive(self._canonical(), "points")
        self.space = Space(self.deciding, context.sizes, seed, spec.tolerance, self.mixing)
        self.shapes = [self._shape_of(index, each) for index, each in enumerate(self.references)]
        self.mistakes = [
            each for index, mistake in enumerate(spec.mistakes) for each in self._foreseen(index, mistake)
        ]

    def _reference(self, index: int, text: str, context: Context) -> Expression:
        place = ("reference",) if len(self.spec.reference) == 1 else ("reference", index)
        if FUNCTION.fullmatch(text) and self.everything.named(text) is None:
            try:
                return context.record(text)
            except Misspecified as error:
                raise Misspecified(error.message, place, error.suggestion) from error
        return self._read(text, self.everything, place)

    def _read(self, text: str, vocabulary: Vocabulary, place: tuple[str | int, ...]) -> Expression:
        try:
            return expanded(read(text, vocabulary).expression)
        except Unreadable as error:
            raise Misspecified(f"{text!r} cannot be read: {error.message}", place) from error

    def _canonical(self) -> bytes:
        symbols = [(name, str(each.shape), str(each.domain)) for name, each in self.deciding.items()]
        references = [canonical(each) for each in self.references]
        decides = (
            references,
            symbols,
            sorted(self.sizes.items()),
            self.spec.tolerance,
            self.spec.star,
            self.mixing,
        )
        return repr(decides).encode()

    def _shape_of(self, index: int, expression: Expression) -> Dims:
        try:
            return shape.shapes(expression, self.space.shapes, self.mixing)[expression]
        except shape.Mismatch as mismatch:
            place = ("reference",) if len(self.references) == 1 else ("reference", index)
            hint = "; broadcast: numpy lets them go together as in NumPy" if self._mixes(expression) else ""
            raise Misspecified(f"the shapes do not fit: {mismatch.sentence}{hint}", place) from mismatch

    def _mixes(self, expression: Expression) -> bool:
        """Whether the shapes of a formula fit as NumPy broadcasts them."""
        try:
            shape.shapes(expression, self.space.shapes, mixing=True)
        except shape.Mismatch:
            return False
        return True

    def _foreseen(self, index: int, mistake: Foreseen) -> list[_Known]:
        place = ("mistakes", index, "answer")
        known = []
        for text in mistake.answers:
            expression = self._read(text, self.vocabulary, place)
            try:
                shape.shapes(expression, self.space.shapes, self.mixing)
            except shape.Mismatch as mismatch:
                raise Misspecified(
                    f"the shapes of {text!r} do not fit: {mismatch.sentence}", place
                ) from mismatch
            if any(equal(each, expression, self.space, self.budget).equal for each in self.references):
                raise Misspecified(f"{text!r} is no mistake: it equals the reference", place)
            known.append(_Known(mistake, expression))
        return known

    def read(self, written: Written) -> Reading:
        """Read the formula that was typed."""
        return read(one_text(written), self.vocabulary)

    def check(self, answer: Reading) -> Verdict:
        """Compare with every accepted reference, then look for what went wrong."""
        read_as = f"${self._equation(answer.expression)}$"
        notes = self._notes(answer)
        try:
            dims = shape.shapes(answer.expression, self.space.shapes, self.mixing)[answer.expression]
        except shape.Mismatch as mismatch:
            return self._clash(answer, mismatch, read_as, notes)
        meaning = expanded(answer.expression)
        decisions = [equal(each, meaning, self.space, self.budget) for each in self.references]
        if any(each.equal for each in decisions):
            return Verdict.correct(read_as, "", (*self._fitting(answer, dims), *notes), answer.review)
        if any(each.equal is None for each in decisions):
            why = next(each.why for each in decisions if each.equal is None)
            return Verdict.undecided(why, read_as, notes)
        return self._wrong(answer, dims, read_as, notes)

    def _wrong(self, answer: Reading, dims: Dims, read_as: str, notes: tuple[Finding, ...]) -> Verdict:
        found: tuple[Finding, ...] = (*self._fitting(answer, dims), *notes)
        reason = WRONG if dims in self.shapes else WRONG_SHAPE
        meaning = expanded(answer.expression)
        known = next(
            (
                each
                for each in self.mistakes
                if equal(each.expression, meaning, self.space, self.budget).equal
            ),
            None,
        )
        if dims in self.shapes:
            found = (
                *found,
                *self._counterexample(meaning, self.references[self.shapes.index(dims)]),
            )
        if known is None:
            return Verdict.incorrect(read_as, reason, found, answer.review or answer.doubt)
        named = Mistake(id=known.mistake.id, sentence=known.mistake.says, hint=known.mistake.hint)
        return Verdict.partial(
            known.mistake.credit, read_as, reason, (named, *found), answer.review or answer.doubt
        )

    def _clash(
        self, answer: Reading, mismatch: shape.Mismatch, read_as: str, notes: tuple[Finding, ...]
    ) -> Verdict:
        sentence = f"Shapes in this formula do not fit: {mismatch.sentence}."
        span = answer.spans.get(mismatch.node)
        numbers = shape.misfit(mismatch, self.space.shapes, self.mixing) or None
        letters = shape.letters_check(answer.expression, self.letters, self.mixing) if numbers else None
        finding = Shape(got=None, check=numbers, letters=letters or None, fits=False, span=span)
        return Verdict.incorrect(read_as, sentence, (finding, *notes), answer.review or answer.doubt)

    def _fitting(self, answer: Reading, dims: Dims) -> tuple[Finding, ...]:
        """The shape check of an answer that can be multiplied out; nothing where all is single numbers."""
        fits = dims in self.shapes
        if fits and not dims:
            return ()
        letters = shape.letters_check(answer.expression, self.letters, self.mixing) or None
        numbers = shape.check(answer.expression, self.space.shapes, self.mixing)
        got, expected = written(dims), " or ".join(dict.fromkeys(written(each) for each in self.shapes))
        sentence = "" if fits else f"Your answer is {got}; what is asked is {expected}."
        hint = "" if fits else f"Your answer is {got}."
        return (
            Shape(
                got, expected, numbers, letters if letters != numbers else None, fits, None, sentence, hint
            ),
        )

    def _counterexample(self, answer: Expression, reference: Expression) -> tuple[Finding, ...]:
        point = counterexample(reference, answer, self.space)
        if point is None or sum(np.size(each) for each in point.point.values()) > ENTRIES_SHOWN:
            return ()
        inputs = tuple(
            (latex.name(name, self.everything), latex.array(each)) for name, each in point.point.items()
        )
        for digits in (4, 8, 12, 17):
            yours, expected = latex.array(point.answer, digits), latex.array(point.reference, digits)
            if yours != expected:
                return (Counterexample(inputs, yours, expected),)
        return ()

    def _notes(self, answer: Reading) -> tuple[Finding, ...]:
        return (
            (Note(f"The words “{answer.dropped}” were not read as part of the formula."),)
            if answer.dropped
            else ()
        )

    def _equation(self, expression: Expression) -> str:
        right = latex.latex(expression, self.everything)
        left = self.everything.named(self.spec.left[0]) if self.spec.left else None
        return f"{latex.name(left, self.everything)} = {right}" if left and left in self.symbols else right

    def key(self) -> str:
        """Return the first reference, typeset."""
        return f"${self._equation(self.references[0])}$"
