"""The diagnosis: which mistake a wrong formula shows, looked up by its fingerprint among the author's, then among mutations.

The way: key → ``mutations`` → ``fingerprint`` → ``mutation_table``; answer → fingerprint → table → ``decide`` → name. A
fingerprint only proposes: a name is given only where the engine decides that the answer equals the mutation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite, nan

from grader.formula.equality.accepted_answers import AcceptedFormulas
from grader.formula.evaluation.evaluate import in_floats
from grader.formula.expression import Expression, call, expanded, symbol
from grader.formula.mistakes.fingerprint import Fingerprint, FingerprintKey, fingerprint_digest
from grader.formula.mistakes.mutation_table import MutationSequence, MutationTable, rank
from grader.formula.mistakes.normal_form import left_associated, normal_form
from grader.formula.mistakes.rule_context import Mutation, signed_literal
from grader.formula.symbols import Shape

CONSTANT_FACTORS = (
    None,
    symbol("pi"),
    call("sqrt", signed_literal(Fraction(2))),
    call("log", signed_literal(Fraction(2))),
    call("log", signed_literal(Fraction(10))),
)
"""Constants that are often forgotten or added; None stands for a plain fraction."""
MAX_DENOMINATOR = 1_000
RELATIVE_CLOSENESS = 1e-9
"""How well floats must agree to propose a constant, which balls then decide on."""


@dataclass(frozen=True)
class Diagnosis:
    """What is known of a wrong answer: the place of the author's formula that it equals, or else its mutations.

    ``meaning`` is a text that is the same for every way of writing the answer.
    """

    anticipated: int | None = None
    mutations: MutationSequence = ()
    meaning: str | None = None


@dataclass(eq=False)
class Diagnoser:
    """The mistakes of one key; ``anticipated`` are the author's formulas, ``symbols`` what a student may use, with shapes."""

    key: AcceptedFormulas
    anticipated: Sequence[Expression]
    symbols: Mapping[str, Shape]
    budget: int

    def diagnose(self, answer: Expression) -> Diagnosis:
        """Return what is known of a wrong answer whose shapes fit."""
        fingerprint = self.table.fingerprint(answer)
        meaning = None if fingerprint.key is None else fingerprint_digest(fingerprint.key, self.key.space.seed)
        anticipated = self._anticipated_as(answer, fingerprint.key)
        return Diagnosis(anticipated, self._mutated_as(answer, fingerprint) if anticipated is None else (), meaning)

    def misfit_mutation(self, answer: Expression) -> MutationSequence:
        """Return the mutation of the key that an answer is whose shapes do not fit, by its text up to brackets of products."""
        mutation = self.table.misfits.get(left_associated(expanded(answer)))
        return (mutation,) if mutation else ()

    @cached_property
    def table(self) -> MutationTable:
        """The mutations of the key."""
        return MutationTable(self.key, self.symbols)

    @property
    def mutations(self) -> Sequence[Mutation]:
        """The formulas with one slip whose shapes fit, the simplest first."""
        return self.table.fitting

    @property
    def surviving(self) -> list[Mutation]:
        """The mutations whose shapes fit that the key accepts all the same, the simplest first; undecided ones are none."""
        fingerprints = self.table.fingerprint_keys(mutation.expression for mutation in self.mutations)
        forms = {normal_form(reference) for reference in self.key.references}
        surviving = []
        for mutation in self.mutations:
            form = normal_form(mutation.expression)
            accepted = self.table.reference_fingerprints
            if form not in forms and (self.tolerance or fingerprints.get(mutation.expression) in accepted):
                forms.add(form)
                if self.key.decide(mutation.expression, self.budget).equal:
                    surviving.append(mutation)
        return surviving

    @property
    def tolerance(self) -> float:
        """The relative tolerance of the key, 0 where equal means equal."""
        return self.key.space.tolerance or 0.0

    def _anticipated_as(self, answer: Expression, key: FingerprintKey | None) -> int | None:
        """Return the place of the author's formula that the answer equals.

        Different fingerprints rule a formula out, but not where a tolerance makes neighbours equal, nor where one is open.
        """
        for place, formula in enumerate(self.anticipated):
            formula_key = self._anticipated_keys.get(formula)
            if (self.tolerance or key is None or formula_key in (None, key)) and self._equals(answer, formula):
                return place
        return None

    @cached_property
    def _anticipated_keys(self) -> dict[Expression, FingerprintKey]:
        return self.table.fingerprint_keys(self.anticipated)

    def _mutated_as(self, answer: Expression, fingerprint: Fingerprint) -> MutationSequence:
        for sequence in self._candidates(fingerprint):
            if self._equals(answer, sequence[-1].expression):
                return sequence
        return ()

    def _candidates(self, fingerprint: Fingerprint) -> Iterator[MutationSequence]:
        """Yield the simplest first: one slip, a constant too many, two slips."""
        if self.tolerance:
            yield from self._within_tolerance(fingerprint.values)
            yield from self._off_by_a_constant(fingerprint.values)
        elif fingerprint.key is not None:
            single = self.table.first_order.get(fingerprint.key, ())
            yield from single
            yield from self._off_by_a_constant(fingerprint.values)
            # The larger table is not even made for an answer that one slip seems to explain.
            yield from () if single else self.table.second_order.get(fingerprint.key, ())

    def _within_tolerance(self, actual: Sequence[float]) -> Iterator[MutationSequence]:
        """Yield the mutations whose values are about those of an answer, where a tolerance makes neighbours equal."""
        sequences = (sequence for alike in self.table.first_order.values() for sequence in alike)
        for sequence in sorted(sequences, key=rank):
            expected = self.table.values(sequence[-1].expression)
            if len(expected) == len(actual):
                bound = self.tolerance * max(map(abs, expected), default=0.0)
                if all(abs(a - b) <= bound for a, b in zip(actual, expected, strict=True)):
                    yield sequence

    def _off_by_a_constant(self, actual: Sequence[float]) -> Iterator[MutationSequence]:
        """Yield the key with a constant factor or an added constant: what the values seem to say, in floats."""
        for reference in self.key.references:
            expected = self.table.values(reference)
            if len(expected) != len(actual):
                continue
            if ratio := _constant(a / b if b else nan for a, b in zip(actual, expected, strict=True)):
                for factor in _exact_constants(ratio):
                    yield (Mutation("extra-factor", call("multiply", factor, reference), (factor,)),)
            if difference := _constant(a - b for a, b in zip(actual, expected, strict=True)):
                for term in _exact_constants(difference):
                    yield (Mutation("extra-constant", call("add", reference, term), (term,)),)

    def _equals(self, answer: Expression, formula: Expression) -> bool:
        """True if the answer equals a formula in the sense of the key: within its tolerance, up to its sign or constant."""
        key = AcceptedFormulas([formula], self.key.space, self.key.up_to, self.key.varying)
        return bool(key.decide(answer, self.budget).equal)


def _constant(values: Iterable[float]) -> float | None:
    """Return the value that all entries have, as far as floats tell; reads no further than the first that differs.

    >>> _constant([2.0, 2.0 + 1e-12, nan]), _constant([2.0, 3.0])
    (2.0, None)
    """
    constant: float | None = None
    for value in values:
        if isfinite(value):
            if constant is None:
                constant = value
            elif abs(value - constant) > RELATIVE_CLOSENESS * abs(constant):
                return None
    return constant


def _exact_constants(value: float) -> Iterator[Expression]:
    """Yield what a float may stand for: a fraction, or one times a constant that is met often."""
    for constant in CONSTANT_FACTORS:
        part = value / float(in_floats(constant, {})[-1]) if constant else value
        fraction = Fraction(part).limit_denominator(MAX_DENOMINATOR)
        if fraction and abs(float(fraction) / part - 1) < RELATIVE_CLOSENESS:
            exact = signed_literal(fraction)
            yield (exact if constant is None else constant if fraction == 1 else call("multiply", exact, constant))
            return
