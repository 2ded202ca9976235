"""The key of a formula blank: its references, where it is compared with answers, and the mistakes that were foreseen."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from grader.core.errors import Unreadable, nearest
from grader.formula.equality.accepted_answers import AcceptedFormulas, first_value_symbols
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.numeric_comparison import TOLERANCE, AcceptedNumbers, program_points
from grader.formula.evaluation import shapes
from grader.formula.expression import Expression, canonical, expanded, names, resized
from grader.formula.mistakes.diagnose import Diagnoser
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import read
from grader.formula.symbols import Shape as Dims
from grader.formula.symbols import Sizes, letters
from grader.kinds.base.anticipated_mistakes import AnticipatedMistake
from grader.kinds.base.context import AuthorMistake, Context
from grader.kinds.code.test_inputs import others
from grader.kinds.formula.options import FormulaOptions, is_function


class FormulaKey:
    """All that is worked out once of one blank; raises Misspecified."""

    def __init__(self, spec: FormulaOptions, context: Context) -> None:
        self.spec = spec
        self.context = context
        self.letters: dict[str, Dims] = {name: each.shape for name, each in context.symbols.items()}
        self.everything = spec.words(context, everything=True)
        self.vocabulary = spec.words(context)
        self.mixing = self.vocabulary.mixing
        for one, other in self.vocabulary.clashes:
            raise AuthorMistake(f"{one!r} and {other!r} are one name when they are typed", ("symbols",))
        self.required, self.forbidden = spec.rules(self.vocabulary)
        self.references = [] if spec.compare == "numeric" else self._references()
        self.varying = self._varying()
        self.space = self._space()
        self.accepted = self._numbers() if spec.compare == "numeric" else self._formulas(self.references)
        self.shapes = self.accepted.shapes
        self.foreseen = [each for index, mistake in enumerate(spec.mistakes) for each in self._foreseen(index, mistake)]
        self.mistakes = Diagnoser(
            AcceptedFormulas(self.references, self.space, spec.up_to, self.varying),
            [each for _, each in self.foreseen],
            {name: self.everything.shapes[name] for name in self.vocabulary.symbols},
            context.budget,
        )

    def _references(self) -> list[Expression]:
        return [self._reference(index, text) for index, text in enumerate(self.spec.reference)]

    def _place(self, index: int) -> tuple[str | int, ...]:
        return ("reference",) if len(self.spec.reference) == 1 else ("reference", index)

    def _reference(self, index: int, text: str) -> Expression:
        place = self._place(index)
        if is_function(text, self.everything):
            try:
                expression = self.context.record(text)
            except AuthorMistake as error:
                raise AuthorMistake(error.message, place, error.suggestion) from error
        else:
            expression = self._read(text, self.everything, place)
        return self._fitting(expression, place)

    def _read(self, text: str, vocabulary: Vocabulary, place: tuple[str | int, ...]) -> Expression:
        try:
            return expanded(read(text, vocabulary).expression, self.context.sizes)
        except Unreadable as error:
            raise AuthorMistake(f"{text!r} cannot be read: {error.message}", place) from error

    def _fitting(self, expression: Expression, place: tuple[str | int, ...], what: str = "the shapes") -> Expression:
        """Return a formula of the author's whose shapes fit; raises Misspecified."""
        numbers = self.everything.shapes
        try:
            shapes.shapes(expression, numbers, self.mixing)
        except shapes.Mismatch as mismatch:
            hint = "; broadcast: numpy lets them go together as in NumPy" if self._mixes(expression) else ""
            raise AuthorMistake(f"{what} do not fit: {mismatch.sentence}{hint}", place) from mismatch
        return expression

    def _mixes(self, expression: Expression) -> bool:
        """Whether the shapes of a formula fit as NumPy broadcasts them."""
        try:
            shapes.shapes(expression, self.everything.shapes, mixing=True)
        except shapes.Mismatch:
            return False
        return True

    def _varying(self) -> tuple[str, ...]:
        if self.spec.up_to != "constant":
            return ()
        given = names(self.references) if self.spec.varying is None else self.spec.varying
        for index, name in enumerate(given):
            if name not in self.context.symbols:
                raise AuthorMistake(f"{name!r} is no symbol", ("varying", index), nearest(name, self.context.symbols))
        return tuple(given)

    def _space(self) -> ComparisonSpace:
        """Where answers are compared: with the symbols that they or the key can have."""
        spec, symbols = self.spec, self.context.symbols
        values = [each.value for each in self.vocabulary.definitions.values()]
        used = {*self.vocabulary.symbols, *names([*self.references, *values]), *self.varying} & set(symbols)
        if spec.compare == "numeric":
            used = set(symbols)
        deciding = {name: symbols[name] for name in sorted(used)} | first_value_symbols(symbols, self.varying)
        decides = (
            [canonical(each) for each in self.references] or spec.reference,
            [(name, str(each.shape), str(each.domain)) for name, each in deciding.items()],
            sorted(self.context.sizes.items()),
            (spec.tolerance, spec.star, self.mixing, spec.up_to, spec.compare),
        )
        seed = self.context.secret.derive(repr(decides).encode(), "points")
        return ComparisonSpace(deciding, self.context.sizes, seed, spec.tolerance, self.mixing)

    def _formulas(self, references: list[Expression]) -> AcceptedFormulas:
        return AcceptedFormulas(references, self.space, self.spec.up_to, self.varying)

    def _numbers(self) -> AcceptedNumbers:
        if len(self.spec.reference) > 1 or not is_function(self.spec.reference[0], self.everything):
            raise AuthorMistake("compare: numeric needs one function of reference.py", ("reference",))
        if self.spec.up_to:
            raise AuthorMistake("compare: numeric accepts no more than the numbers themselves", ("up_to",))
        where = program_points(self.space)
        values = self.context.run(self.spec.reference[0], [dict(each.floats) for each in where])
        arrays = [np.asarray(each, dtype=float) for each in values if not isinstance(each, tuple)]
        if len(arrays) < len(values):
            raise AuthorMistake("it returns a tuple, and a formula has one value", ("reference",))
        numbers = AcceptedNumbers(list(zip(where, arrays, strict=True)), self.space, self.spec.tolerance or TOLERANCE)
        if len({each.shape for each in arrays}) > 1:
            raise AuthorMistake("the shape of its value is not always the same", ("reference",))
        if not numbers.finite:
            raise AuthorMistake("it has no finite value at any of the points tried", ("reference",))
        return numbers

    def _foreseen(self, index: int, mistake: AnticipatedMistake) -> list[tuple[AnticipatedMistake, Expression]]:
        place = ("mistakes", index, "answer")
        known = []
        for text in mistake.answers:
            expression = self._read(text, self.vocabulary, place)
            self._fitting(expression, place, f"the shapes of {text!r}")
            if self.accepted.decide(expression, self.context.budget).equal:
                raise AuthorMistake(f"{text!r} is no mistake: it equals the reference", place)
            known.append((mistake, expression))
        return known

    @property
    def _lettered(self) -> bool:
        return any(letters(symbol.shape) for symbol in self.space.symbols.values())

    @cached_property
    def elsewhere(self) -> AcceptedFormulas | None:
        """The key at other sizes, all different; None where it says nothing about these, or holds for no others."""
        spec = self.spec
        if (
            spec.compare == "numeric"
            or any(is_function(each, self.everything) for each in spec.reference)
            or not self._lettered
        ):
            return None
        sizes = others(self.context.sizes)
        space = ComparisonSpace(self.space.symbols, sizes, self.space.seed, spec.tolerance, self.mixing)
        references = [resized(each, sizes) for each in self.references]
        key = AcceptedFormulas(references, space, spec.up_to, self.varying)
        try:
            return key if key.shapes else None
        except shapes.Mismatch:
            return None

    def _at_all_sizes(self) -> list[AcceptedFormulas] | None:
        """Return the key at two sets of other sizes; None where it has no value there."""
        if not self._lettered:
            return []
        second = others(self.context.sizes)
        try:
            return [self._at(sizes) for sizes in (second, others(second))]
        except (AuthorMistake, Unreadable):
            return None

    def _at(self, sizes: Sizes) -> AcceptedFormulas:
        """Return the key at other sizes: its functions recorded, and its formulas read, anew."""
        words = self.spec.words(replace(self.context, sizes=sizes), everything=True)
        references = [
            self.context.record(text, sizes)
            if is_function(text, words)
            else expanded(resized(read(text, words).expression, sizes))
            for text in self.spec.reference
        ]
        space = ComparisonSpace(self.space.symbols, sizes, self.space.seed, self.spec.tolerance, self.mixing)
        return AcceptedFormulas(references, space, self.spec.up_to, self.varying)
