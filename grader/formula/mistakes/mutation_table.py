"""The mutations of a key by their fingerprints, so that a wrong answer is looked up and not searched for.

In the words of mutation testing: a mutation of first order has one slip in it, one of second order has two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice

from grader.formula.equality.accepted_answers import AcceptedFormulas
from grader.formula.equality.decide import EXACT_POINTS
from grader.formula.evaluation.evaluate import cost
from grader.formula.evaluation.shapes import ShapeMismatch, shapes
from grader.formula.expression import Expression, call, expand_definitions, postorder
from grader.formula.mistakes.catalogue import FORMULAS
from grader.formula.mistakes.fingerprint import Fingerprint, FingerprintKey, Fingerprints
from grader.formula.mistakes.mutations import mutations
from grader.formula.mistakes.normal_form import leaves, left_associated
from grader.formula.mistakes.rule_context import Mutation
from grader.formula.symbols import Shape

MAX_MUTATIONS_PER_FINGERPRINT = 3
"""More than one, for the case that the simplest is not equal to the answer after all."""
MAX_FIRST_ORDER, MAX_SECOND_ORDER = 2_000, 4_000
"""Formulas with one slip, and with two, that are tried for a key."""
FIRST_ORDER_OPERATIONS, SECOND_ORDER_OPERATIONS = 400_000, 2_000_000
"""Operations at each of the four points that the fingerprints of these may take in all."""
MIN_LEAVES = 3
"""Of a key with fewer symbols and numbers nearly anything is two slips away."""
COMBINED = frozenset(
    (
        "sign-flipped transposed-shape missing-transpose extra-transpose order-swapped elementwise-instead-of-matmul term-sign missing-factor"
        " missing-divisor missing-square missing-complement inverse-instead-of-transpose sum-instead-of-mean mean-instead-of-sum"
    ).split()
)
"""Slips that come in pairs."""
RANKS = {name: rank for rank, name in enumerate(FORMULAS)}

MutationSequence = tuple[Mutation, ...]
"""One mutation, or two of which the second was made after the first; the last one has the formula."""


@dataclass(eq=False)
class MutationTable:
    """The mutations of one key; ``symbols`` are what a student may use, with shapes.

    The tables are made when they are first asked for: most keys never see an answer with two slips.
    """

    key: AcceptedFormulas
    symbols: Mapping[str, Shape]

    @property
    def fitting(self) -> Sequence[Mutation]:
        """The mutations whose shapes fit, the simplest first."""
        return self._by_fit[0]

    @property
    def misfits(self) -> Mapping[Expression, Mutation]:
        """The mutations whose shapes do not fit, by their text: they have no values to take a fingerprint of."""
        return self._by_fit[1]

    @cached_property
    def first_order(self) -> Mapping[FingerprintKey, list[MutationSequence]]:
        """The mutations with one slip by their fingerprints."""
        return self._by_fingerprint([(mutation,) for mutation in self.fitting], FIRST_ORDER_OPERATIONS)

    @cached_property
    def second_order(self) -> Mapping[FingerprintKey, list[MutationSequence]]:
        """The mutations with two slips by their fingerprints."""
        if all(len(leaves(reference)) < MIN_LEAVES for reference in self.key.references):
            return {}
        pairs = (
            (first, second)
            for first in self.fitting
            if first.name in COMBINED
            for second in self._mutations_of(first.expression)
            if second.name in COMBINED and self._shapes_of(second.expression)
        )
        return self._by_fingerprint(sorted(islice(pairs, MAX_SECOND_ORDER), key=rank), SECOND_ORDER_OPERATIONS)

    @cached_property
    def reference_fingerprints(self) -> frozenset[FingerprintKey]:
        """The fingerprints of what the key accepts."""
        return frozenset(self.fingerprint_keys(self.key.references).values())

    @cached_property
    def values(self) -> Callable[[Expression], Sequence[float]]:
        """Return the values that the fingerprint of a formula was taken of, as floats; each formula is read once."""
        return cache(lambda formula: self._fingerprints.fingerprint(self.key.comparison_form(formula)).values)

    def fingerprint(self, formula: Expression) -> Fingerprint:
        """Return a fingerprint; up to a sign the one of the formula and its negative that comes first."""
        form = self.key.comparison_form(formula)
        fingerprint = self._fingerprints.fingerprint(form)
        if self.key.up_to == "sign" and fingerprint.key is not None:
            negative = self._fingerprints.fingerprint(call("negative", form))
            return fingerprint if negative.key is None or repr(fingerprint.key) <= repr(negative.key) else negative
        return fingerprint

    def fingerprint_keys(self, formulas: Iterable[Expression]) -> dict[Expression, FingerprintKey]:
        """Return the keys of many fingerprints at once, of those formulas that have one; that is much cheaper."""
        forms = {formula: self.key.comparison_form(formula) for formula in formulas}
        keys = self._fingerprints.keys(list(forms.values()))
        if self.key.up_to == "sign":
            negatives = self._fingerprints.keys([call("negative", form) for form in forms.values()])
            keys = {form: min(key, negatives.get(call("negative", form), key), key=repr) for form, key in keys.items()}
        return {formula: keys[form] for formula, form in forms.items() if form in keys}

    @cached_property
    def _fingerprints(self) -> Fingerprints:
        forms = [self.key.comparison_form(reference) for reference in self.key.references]
        return Fingerprints(self.key.space, forms[0] if forms else None)

    @cached_property
    def _by_fit(self) -> tuple[list[Mutation], dict[Expression, Mutation]]:
        """The simplest mutation for each formula whose shapes fit, and for each text of one whose shapes do not."""
        fitting: dict[Expression, Mutation] = {}
        misfits: dict[Expression, Mutation] = {}
        for reference in self.key.references:
            for mutation in islice(self._mutations_of(reference), MAX_FIRST_ORDER):
                table, name = fitting, mutation.expression
                if self._shapes_of(mutation.expression) is None:
                    table, name = misfits, left_associated(expand_definitions(mutation.expression))
                if name not in table or rank((mutation,)) < rank((table[name],)):
                    table[name] = mutation
        return sorted(fitting.values(), key=lambda mutation: rank((mutation,))), misfits

    def _mutations_of(self, formula: Expression) -> Iterator[Mutation]:
        shapes_of_parts = self._shapes_of(formula)
        return mutations(formula, shapes_of_parts, self.symbols) if shapes_of_parts else iter(())

    def _shapes_of(self, formula: Expression) -> Mapping[Expression, Shape] | None:
        try:
            return shapes(formula, self.key.space.shapes, self.key.space.mixing)
        except ShapeMismatch:
            return None

    def _by_fingerprint(
        self, sequences: Iterable[MutationSequence], operations: int
    ) -> Mapping[FingerprintKey, list[MutationSequence]]:
        """Return mutations by the fingerprints of what they make, the simplest first; not those that the key accepts."""
        affordable: dict[Expression, MutationSequence] = {}
        operations *= EXACT_POINTS // max(1, len(self._fingerprints.points))
        for sequence in sequences:
            formula = sequence[-1].expression
            operations -= cost(formula, self._shapes_of(formula) or {})
            if operations < 0:
                break
            affordable.setdefault(formula, sequence)
        table: dict[FingerprintKey, list[MutationSequence]] = {}
        fingerprints = self.fingerprint_keys(affordable)
        for formula, sequence in affordable.items():
            fingerprint = fingerprints.get(formula)
            if fingerprint is not None and fingerprint not in self.reference_fingerprints:
                sequences_there = table.setdefault(fingerprint, [])
                if len(sequences_there) < MAX_MUTATIONS_PER_FINGERPRINT:
                    sequences_there.append(sequence)
        return table


def rank(sequence: MutationSequence) -> tuple[int, int]:
    """Return what orders mutations: the places of their names in the catalogue, then the length of the formula."""
    return sum(RANKS[mutation.name] for mutation in sequence), len(postorder(sequence[-1].expression))
