"""Which mistake a wrong formula shows: looked up by its fingerprint among the author's, then among slips, then recognised.

The road: key → ``edits`` → ``fingerprint`` → table; answer → fingerprint → table → ``equal`` → name. A name is given only where
the engine decides that the answer equals the formula with the slip in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import islice
from math import isfinite, nan

from grader.formula.equality.accepted_answers import Formulas
from grader.formula.equality.decide import REJECTING
from grader.formula.evaluation.evaluate import cost, in_floats
from grader.formula.evaluation.shapes import Mismatch, factors, shapes
from grader.formula.expression import (
    LITERAL,
    SYMBOL,
    Expression,
    call,
    expand_definitions,
    make,
    postorder,
    rebuild,
    symbol,
)
from grader.formula.mistakes.catalogue import FORMULAS
from grader.formula.mistakes.fingerprint import Fingerprint, Fingerprints, Key, digest
from grader.formula.mistakes.mutations import Edit, chain, edits, number
from grader.formula.symbols import Shape

KEPT = 3
"""Slips that are kept for one fingerprint, for the case that the simplest is not equal after all."""
MOST, MOST_PAIRS = 2_000, 4_000
"""Formulas with one slip, and with two, that are tried for a key."""
WORK, PAIRS_WORK = 400_000, 2_000_000
"""Operations at each of the four points that the fingerprints of these may take in all."""
LEAST_LEAVES = 3
"""Of a key with fewer symbols and numbers nearly anything is two slips away."""
COMMON = frozenset(
    (
        "sign-flipped transposed-shape missing-transpose extra-transpose order-swapped elementwise-instead-of-matmul term-sign missing-factor"
        " missing-divisor missing-square missing-complement inverse-instead-of-transpose sum-instead-of-mean mean-instead-of-sum"
    ).split()
)
"""Slips that come in pairs."""
FACTORS = (
    None,
    symbol("pi"),
    call("sqrt", number(Fraction(2))),
    call("log", number(Fraction(2))),
    call("log", number(Fraction(10))),
)
LARGEST_DENOMINATOR = 1_000
CLOSE = 1e-9
RANK = {name: place for place, name in enumerate(FORMULAS)}

Slips = tuple[Edit, ...]
"""One slip, or two of which the second was made after the first."""


@dataclass(frozen=True)
class Found:
    """What is known of a wrong answer: which of the author's formulas it equals, or else its slips.

    ``meaning`` is a text that is the same for every way of writing the answer.
    """

    foreseen: int | None = None
    slips: Slips = ()
    meaning: str | None = None


@dataclass(eq=False)
class Mistakes:
    """The mistakes of one key; ``foreseen`` are the author's formulas, ``symbols`` what a student may use, with shapes."""

    key: Formulas
    foreseen: Sequence[Expression]
    symbols: Mapping[str, Shape]
    budget: int

    def find(self, answer: Expression) -> Found:
        """Return what is known of a wrong answer whose shapes fit."""
        asked = self._fingerprint(self.key.form(answer))
        meaning = None if asked.key is None else digest(asked.key, self.key.space.seed)
        foreseen = self._authored_as(answer, asked.key)
        return Found(foreseen, self._slips(answer, asked) if foreseen is None else (), meaning)

    def _authored_as(self, answer: Expression, asked: Key | None) -> int | None:
        for place, formula in enumerate(self.foreseen):
            known = self._authored.get(formula)
            if (self.near or asked is None or known in (None, asked)) and self._equal(formula, answer):
                return place
        return None

    def _slips(self, answer: Expression, asked: Fingerprint) -> Slips:
        for slips in self._candidates(asked):
            if self._equal(slips[-1].expression, answer):
                return slips
        return ()

    def _candidates(self, asked: Fingerprint) -> Iterator[Slips]:
        """The simplest first: one slip, a constant too many, two slips."""
        if self.near:
            yield from self._nearby(asked.values)
            yield from self._beside(asked.values)
        elif asked.key is not None:
            single = self.singles.get(asked.key, ())
            yield from single
            yield from self._beside(asked.values)
            yield from () if single else self.pairs.get(asked.key, ())

    def _nearby(self, given: Sequence[float]) -> Iterator[Slips]:
        """The slips whose values are about those of an answer, where a tolerance makes neighbours equal."""
        for slips in sorted((each for alike in self.singles.values() for each in alike), key=rank):
            wanted = self._values(slips[-1].expression)
            if len(wanted) == len(given):
                most = max(map(abs, wanted), default=0.0)
                if all(abs(a - b) <= self.near * most for a, b in zip(given, wanted, strict=True)):
                    yield slips

    @property
    def near(self) -> float:
        """The relative tolerance of the key, 0 where equal means equal."""
        return self.key.space.tolerance or 0.0

    def misfitting(self, answer: Expression) -> Slips:
        """Return the slip that makes this answer, whose shapes do not fit, of a key: the same products are the same text."""
        found = self._misfits.get(associated(expand_definitions(answer)))
        return (found,) if found else ()

    def _equal(self, slipped: Expression, answer: Expression) -> bool:
        key = Formulas([slipped], self.key.space, self.key.up_to, self.key.varying)
        return bool(key.decide(answer, self.budget).equal)

    def _fingerprint(self, form: Expression) -> Fingerprint:
        """Return a fingerprint; up to a sign the one of the formula and its negative that comes first."""
        found = self._fingerprints.one(form)
        if self.key.up_to == "sign" and found.key is not None:
            other = self._fingerprints.one(call("negative", form))
            return found if other.key is None or repr(found.key) <= repr(other.key) else other
        return found

    def _prints(self, formulas: Iterable[Expression]) -> dict[Expression, Key]:
        forms = {each: self.key.form(each) for each in formulas}
        found = self._fingerprints.many(list(forms.values()))
        if self.key.up_to == "sign":
            others = self._fingerprints.many([call("negative", form) for form in forms.values()])
            found = {form: min(key, others.get(call("negative", form), key), key=repr) for form, key in found.items()}
        return {each: found[form] for each, form in forms.items() if form in found}

    @cached_property
    def _fingerprints(self) -> Fingerprints:
        forms = [self.key.form(each) for each in self.key.references]
        return Fingerprints(self.key.space, forms[0] if forms else None)

    @cached_property
    def _authored(self) -> dict[Expression, Key]:
        return self._prints(self.foreseen)

    @cached_property
    def _right(self) -> frozenset[Key]:
        return frozenset(self._prints(self.key.references).values())

    @cached_property
    def _edits(self) -> tuple[list[Edit], dict[Expression, Edit]]:
        """The slips whose shapes fit, the simplest first, and those whose shapes do not, by their text."""
        fitting: dict[Expression, Edit] = {}
        misfits: dict[Expression, Edit] = {}
        for reference in self.key.references:
            for edit in islice(self._made(reference), MOST):
                table, name = fitting, edit.expression
                if self._known(edit.expression) is None:
                    table, name = misfits, associated(expand_definitions(edit.expression))
                if name not in table or rank((edit,)) < rank((table[name],)):
                    table[name] = edit
        return sorted(fitting.values(), key=lambda edit: rank((edit,))), misfits

    @property
    def slips(self) -> Sequence[Edit]:
        """The formulas with one slip whose shapes fit, the simplest first."""
        return self._edits[0]

    @property
    def survivors(self) -> list[Edit]:
        """The slips whose shapes fit that the key accepts all the same, the simplest first; undecided ones are none."""
        prints = self._prints(edit.expression for edit in self.slips)
        seen = {plainest(each) for each in self.key.references}
        found = []
        for edit in self.slips:
            plain = plainest(edit.expression)
            if plain not in seen and (self.near or prints.get(edit.expression) in self._right):
                seen.add(plain)
                if self.key.decide(edit.expression, self.budget).equal:
                    found.append(edit)
        return found

    def _made(self, formula: Expression) -> Iterator[Edit]:
        known = self._known(formula)
        return edits(formula, known, self.symbols) if known else iter(())

    def _known(self, formula: Expression) -> Mapping[Expression, Shape] | None:
        try:
            return shapes(formula, self.key.space.shapes, self.key.space.mixing)
        except Mismatch:
            return None

    @property
    def _misfits(self) -> Mapping[Expression, Edit]:
        return self._edits[1]

    @cached_property
    def singles(self) -> Mapping[Key, list[Slips]]:
        """The formulas with one slip by their fingerprints; made when it is first asked for."""
        return self._table([(edit,) for edit in self._edits[0]], WORK)

    @cached_property
    def pairs(self) -> Mapping[Key, list[Slips]]:
        """The formulas with two slips by their fingerprints; made when it is first asked for."""
        if all(len(leaves(each)) < LEAST_LEAVES for each in self.key.references):
            return {}
        firsts = [edit for edit in self._edits[0] if edit.mistake in COMMON]
        made = (
            (first, second)
            for first in firsts
            for second in self._made(first.expression)
            if second.mistake in COMMON and self._known(second.expression)
        )
        found = sorted(islice(made, MOST_PAIRS), key=rank)
        return self._table(found, PAIRS_WORK)

    def _table(self, made: Iterable[Slips], work: int) -> Mapping[Key, list[Slips]]:
        """Return slips by the fingerprints of what they make, but for what a key accepts; the simplest first."""
        affordable: dict[Expression, Slips] = {}
        work *= REJECTING // max(1, len(self._fingerprints.points))
        for slips in made:
            formula = slips[-1].expression
            work -= cost(formula, self._known(formula) or {})
            if work < 0:
                break
            affordable.setdefault(formula, slips)
        table: dict[Key, list[Slips]] = {}
        prints = self._prints(affordable)
        for formula, slips in affordable.items():
            fingerprint = prints.get(formula)
            if fingerprint is not None and fingerprint not in self._right:
                known = table.setdefault(fingerprint, [])
                if len(known) < KEPT:
                    known.append(slips)
        return table

    def _beside(self, given: Sequence[float]) -> Iterator[Slips]:
        """A constant factor or an added constant: what the values seem to say, in floats."""
        for reference in self.key.references:
            wanted = self._values(reference)
            if len(wanted) != len(given):
                continue
            if ratio := _constant(a / b if b else nan for a, b in zip(given, wanted, strict=True)):
                yield from (
                    (Edit("extra-factor", call("multiply", each, reference), (each,)),) for each in _exact(ratio)
                )
            if difference := _constant(a - b for a, b in zip(given, wanted, strict=True)):
                yield from (
                    (Edit("extra-constant", call("add", reference, each), (each,)),) for each in _exact(difference)
                )

    @cached_property
    def _values(self) -> Callable[[Expression], Sequence[float]]:
        return cache(lambda reference: self._fingerprints.one(self.key.form(reference)).values)


def _constant(values: Iterable[float]) -> float | None:
    """Return the value that all entries have, as far as floats tell; looks no further than the first that differs."""
    found: float | None = None
    for value in values:
        if isfinite(value):
            if found is None:
                found = value
            elif abs(value - found) > CLOSE * abs(found):
                return None
    return found


def _exact(value: float) -> Iterator[Expression]:
    """Return what a float may stand for: a fraction, or one times a constant that is met often."""
    for constant in FACTORS:
        part = value / float(in_floats(constant, {})[-1]) if constant else value
        fraction = Fraction(part).limit_denominator(LARGEST_DENOMINATOR)
        if fraction and abs(float(fraction) / part - 1) < CLOSE:
            exact = number(fraction)
            yield (exact if constant is None else constant if fraction == 1 else call("multiply", exact, constant))
            return


def rank(slips: Slips) -> tuple[int, int]:
    """Return what orders slips: the places of their names in the table, then the length of the formula."""
    return sum(RANK[edit.mistake] for edit in slips), len(postorder(slips[-1].expression))


def leaves(formula: Expression) -> list[Expression]:
    """Return the symbols and numbers of a formula, each as often as it is used."""
    nodes = postorder(formula)
    return [arg for node in nodes for arg in node.args if arg.op in (LITERAL, SYMBOL)] or nodes


def plainest(formula: Expression) -> Expression:
    """Return a formula without transposes of transposes, with its matrix products taken from left to right."""

    def single(node: Expression, args: tuple[Expression, ...]) -> Expression:
        twice = node.op == "transpose" and node.value is None and args[0].op == "transpose"
        if twice and args[0].value is None:
            return args[0].args[0]
        return make(node.op, args, node.value)

    return associated(rebuild(formula, single))


def associated(formula: Expression) -> Expression:
    """Return a formula with all chains of matrix products taken from left to right."""

    def turned(node: Expression, args: tuple[Expression, ...]) -> Expression:
        if node.op != "matmul":
            return make(node.op, args, node.value)
        return chain([*factors(args[0]), *factors(args[1])])

    return rebuild(formula, turned)
