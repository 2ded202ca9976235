"""The key of a formula blank: its references, where they are compared with answers, and the mistakes that are anticipated."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from grader.core.errors import Unreadable, nearest
from grader.formula.equality.accepted_answers import AcceptedFormulas, first_value_symbols
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.numeric_comparison import TOLERANCE, AcceptedNumbers, program_points
from grader.formula.evaluation import shapes
from grader.formula.expression import Expression, canonical, expand_definitions, symbol_names, with_sizes
from grader.formula.mistakes.diagnose import Diagnoser
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Shape as Dims
from grader.formula.symbols import Sizes, letters
from grader.kinds.base.anticipated_mistakes import AnticipatedMistake
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.base.seed_text import symbols_in_seed
from grader.kinds.code.test_inputs import other_sizes
from grader.kinds.formula.options import FormulaOptions, is_function


class FormulaKey:
    """All that is worked out once of one blank; raises BlankSpecError.

    ``everything`` is the vocabulary of all symbol_names of the problem, in which the author writes; ``vocabulary`` that of an answer.
    ``accepted`` decides answers, ``anticipated`` are the author's mistakes with their formulas, ``mistakes`` recognises these and
    formulas with a slip.
    """

    def __init__(self, spec: FormulaOptions, context: Context) -> None:
        self.spec = spec
        self.context = context
        self.letters: dict[str, Dims] = {name: each.shape for name, each in context.symbols.items()}
        self.everything = spec.words(context, everything=True)
        self.vocabulary = spec.words(context)
        self.mixing = self.vocabulary.mixing
        for one, other in self.vocabulary.clashes:
            raise BlankSpecError(f"{one!r} and {other!r} are one name when they are typed", ("symbols",))
        self.required, self.forbidden = spec.rules(self.vocabulary)
        self.references = [] if spec.compare == "numeric" else self._references()
        self.varying = self._find_varying()
        self.space = self._comparison_space()
        self.accepted = self._numeric_key() if spec.compare == "numeric" else self._formulas(self.references)
        self.shapes = self.accepted.shapes
        self.anticipated = [
            pair for index, mistake in enumerate(spec.mistakes) for pair in self._anticipated(index, mistake)
        ]
        self.mistakes = Diagnoser(
            AcceptedFormulas(self.references, self.space, spec.up_to, self.varying),
            [formula for _, formula in self.anticipated],
            {name: self.everything.shapes[name] for name in self.vocabulary.symbols},
            context.budget,
        )

    def _references(self) -> list[Expression]:
        return [self._reference(index, text) for index, text in enumerate(self.spec.reference)]

    def _reference_field(self, index: int) -> tuple[str | int, ...]:
        return ("reference",) if len(self.spec.reference) == 1 else ("reference", index)

    def _reference(self, index: int, text: str) -> Expression:
        field = self._reference_field(index)
        if is_function(text, self.everything):
            try:
                expression = self.context.record(text)
            except BlankSpecError as error:
                raise BlankSpecError(error.message, field, error.suggestion) from error
        else:
            expression = self._read(text, self.everything, field)
        return self._check_shapes(expression, field)

    def _read(self, text: str, vocabulary: Vocabulary, field: tuple[str | int, ...]) -> Expression:
        try:
            return expand_definitions(parse(text, vocabulary).expression, self.context.sizes)
        except Unreadable as error:
            raise BlankSpecError(f"{text!r} cannot be read: {error.message}", field) from error

    def _check_shapes(
        self, expression: Expression, field: tuple[str | int, ...], what: str = "the shapes"
    ) -> Expression:
        """Return a formula of the author's if its shapes fit; raises BlankSpecError."""
        numbers = self.everything.shapes
        try:
            shapes.shapes(expression, numbers, self.mixing)
        except shapes.ShapeMismatch as mismatch:
            hint = "; broadcast: numpy lets them go together as in NumPy" if self._fits_broadcast(expression) else ""
            raise BlankSpecError(f"{what} do not fit: {mismatch.sentence}{hint}", field) from mismatch
        return expression

    def _fits_broadcast(self, expression: Expression) -> bool:
        """True if the shapes of a formula fit as NumPy broadcasts them."""
        try:
            shapes.shapes(expression, self.everything.shapes, mixing=True)
        except shapes.ShapeMismatch:
            return False
        return True

    def _find_varying(self) -> tuple[str, ...]:
        """Return the symbols that a constant must not depend on."""
        if self.spec.up_to != "constant":
            return ()
        varying = symbol_names(self.references) if self.spec.varying is None else self.spec.varying
        for index, name in enumerate(varying):
            if name not in self.context.symbols:
                raise BlankSpecError(f"{name!r} is no symbol", ("varying", index), nearest(name, self.context.symbols))
        return tuple(varying)

    def _comparison_space(self) -> ComparisonSpace:
        """Return where answers are compared: with the symbols that they or the key can have.

        The points follow from every letter of ``canonical_text``: its order, and the author's words in it, are the same in every version.
        """
        spec, symbols = self.spec, self.context.symbols
        values = [each.value for each in self.vocabulary.definitions.values()]
        used = {*self.vocabulary.symbols, *symbol_names([*self.references, *values]), *self.varying} & set(symbols)
        if spec.compare == "numeric":
            used = set(symbols)
        compared = {name: symbols[name] for name in sorted(used)} | first_value_symbols(symbols, self.varying)
        canonical_text = (
            [canonical(each) for each in self.references] or spec.reference,
            symbols_in_seed(compared),
            sorted(self.context.sizes.items()),
            (spec.tolerance, spec.star, self.mixing, spec.up_to, spec.compare),
        )
        seed = self.context.secret.derive(repr(canonical_text).encode(), "points")
        return ComparisonSpace(compared, self.context.sizes, seed, spec.tolerance, self.mixing)

    def _formulas(self, references: list[Expression]) -> AcceptedFormulas:
        return AcceptedFormulas(references, self.space, self.spec.up_to, self.varying)

    def _numeric_key(self) -> AcceptedNumbers:
        if len(self.spec.reference) > 1 or not is_function(self.spec.reference[0], self.everything):
            raise BlankSpecError("compare: numeric needs one function of reference.py", ("reference",))
        if self.spec.up_to:
            raise BlankSpecError("compare: numeric accepts no more than the numbers themselves", ("up_to",))
        sample = program_points(self.space)
        values = self.context.run(self.spec.reference[0], [dict(point.floats) for point in sample])
        arrays = [np.asarray(value, dtype=float) for value in values if not isinstance(value, tuple)]
        if len(arrays) < len(values):
            raise BlankSpecError("it returns a tuple, and a formula has one value", ("reference",))
        numbers = AcceptedNumbers(list(zip(sample, arrays, strict=True)), self.space, self.spec.tolerance or TOLERANCE)
        if len({each.shape for each in arrays}) > 1:
            raise BlankSpecError("the shape of its value is not always the same", ("reference",))
        if not numbers.finite:
            raise BlankSpecError("it has no finite value at any of the points tried", ("reference",))
        return numbers

    def _anticipated(self, index: int, mistake: AnticipatedMistake) -> list[tuple[AnticipatedMistake, Expression]]:
        field = ("mistakes", index, "answer")
        anticipated = []
        for text in mistake.answers:
            expression = self._read(text, self.vocabulary, field)
            self._check_shapes(expression, field, f"the shapes of {text!r}")
            if self.accepted.decide(expression, self.context.budget).equal:
                raise BlankSpecError(f"{text!r} is no mistake: it equals the reference", field)
            anticipated.append((mistake, expression))
        return anticipated

    @property
    def _has_letters(self) -> bool:
        """True if a shape is in letters, so that the key may be asked for at other sizes."""
        return any(letters(symbol.shape) for symbol in self.space.symbols.values())

    @cached_property
    def key_at_other_sizes(self) -> AcceptedFormulas | None:
        """The key at other sizes, all different; None where it tells nothing of these, or holds for the stated ones alone."""
        spec = self.spec
        if (
            spec.compare == "numeric"
            or any(is_function(each, self.everything) for each in spec.reference)
            or not self._has_letters
        ):
            return None
        sizes = other_sizes(self.context.sizes)
        space = ComparisonSpace(self.space.symbols, sizes, self.space.seed, spec.tolerance, self.mixing)
        references = [with_sizes(each, sizes) for each in self.references]
        key = AcceptedFormulas(references, space, spec.up_to, self.varying)
        try:
            return key if key.shapes else None
        except shapes.ShapeMismatch:
            return None

    def _keys_at_other_sizes(self) -> list[AcceptedFormulas] | None:
        """Return the key at two sets of other sizes; None where it has no value there."""
        if not self._has_letters:
            return []
        second = other_sizes(self.context.sizes)
        try:
            return [self._key_at(sizes) for sizes in (second, other_sizes(second))]
        except (BlankSpecError, Unreadable):
            return None

    def _key_at(self, sizes: Sizes) -> AcceptedFormulas:
        """Return the key at other sizes: its functions recorded, and its formulas read, anew."""
        words = self.spec.words(replace(self.context, sizes=sizes), everything=True)
        references = [
            self.context.record(text, sizes)
            if is_function(text, words)
            else expand_definitions(with_sizes(parse(text, words).expression, sizes))
            for text in self.spec.reference
        ]
        space = ComparisonSpace(self.space.symbols, sizes, self.space.seed, self.spec.tolerance, self.mixing)
        return AcceptedFormulas(references, space, self.spec.up_to, self.varying)
