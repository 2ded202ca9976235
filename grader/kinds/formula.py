"""Kind ``formula``: an answer is a formula in the problem's symbols, equal to the reference or not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, ConfigDict, Field

from grader import wording
from grader.arrays import Value
from grader.blank import Context, Foreseen, Misspecified, Prepared, Preview, Public, Spec, Survivor, one_text
from grader.errors import Unreadable, nearest
from grader.formula import feedback, latex, shape
from grader.formula.equality import Decision, Space
from grader.formula.expression import Expression, canonical, expanded, names, resized
from grader.formula.functions import CONSTANTS
from grader.formula.key import Formulas, UpTo, starts
from grader.formula.mistakes import Mistakes, Slips, plainest
from grader.formula.notation import Reading, read
from grader.formula.numeric import TOLERANCE, Numbers, points
from grader.formula.sharpness import survivors
from grader.formula.symbols import Shape as Dims
from grader.formula.symbols import Sizes, Symbols, in_numbers, letters
from grader.formula.typed import typed
from grader.formula.using import Unknown, broken, resolved
from grader.formula.value import evaluate
from grader.formula.vocabulary import Star, Vocabulary
from grader.program import telling
from grader.program.alternative import Alternative, trials
from grader.program.signature import Program, Signature, is_program, program
from grader.program.trials import Trial, others
from grader.submission import Written
from grader.verdict import Finding, Mistake, Note, Verdict

FUNCTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
WRONG = "This formula is not equal to what is asked."
HERE_ONLY = "This is right for the sizes that are stated here ({0}), but not for others."
WRONG_SHAPE = "The shape of this formula is not that of what is asked."

Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(
        lambda value: (value,) if isinstance(value, str) else value,
        json_schema_input_type=str | tuple[str, ...],
    ),
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
    up_to: UpTo | None = Field(
        default=None, description="Accept the key up to its sign, or up to a constant."
    )
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

    def prepare(self, context: Context) -> Prepared[Reading | Program]:
        """Read the references and the foreseen mistakes."""
        return _Formula(self, context)

    def public(self, context: Context) -> Public:
        """Return the symbols and the author's names that may be used."""
        how = "Type a formula, in NumPy or as you write maths: W.T @ x, or W^T x."
        if self.function:
            how += f" A NumPy function def {self.function}: … is read too."
        if self.requires:
            how += f" Use {' and '.join(self.requires)}."
        if self.forbids:
            how += f" Do not use {' or '.join(self.forbids)}."
        words = self.words(context)
        named = {name: latex.latex(each.shown, words) for name, each in words.definitions.items()}
        return FormulaPublic(
            kind=self.kind, how=how, label=self.label, symbols=words.symbols, definitions=named, words=words, left=self.left,
            signature=self.function, everything=self.words(context, everything=True), shapes={name: each.shape for name, each in context.symbols.items()},
        )  # fmt: skip

    def keys(self, context: Context, points: Sequence[Mapping[str, Any]]) -> list[list[Value]]:
        """Return the values of the references: what their functions return as plain NumPy, or those of their formulas."""
        words = self.words(context, everything=True)
        found = []
        for text in self.reference:
            if is_function(text, words):
                found.append(context.run(text, points))
                continue
            try:
                formula = expanded(resized(read(text, words).expression, context.sizes))
                shape.shapes(formula, words.shapes, words.mixing)
            except (Unreadable, shape.Mismatch) as error:
                raise Misspecified(
                    f"{text!r} has no value at these sizes: {error}", ("reference",)
                ) from error
            found.append([evaluate(formula, point) for point in points])
        return found

    def uses(self, context: Context, formula: str) -> tuple[str, ...]:
        """Return the symbols in a formula."""
        try:
            return names([expanded(read(formula, self.words(context, everything=True)).expression)])
        except Unreadable:
            return ()

    def same(self, context: Context, reference: str, other: str) -> bool:
        """Whether two are one function, or the same formula but for its spelling and brackets."""
        words = self.words(context, everything=True)
        if is_function(reference, words) or is_function(other, words):
            return reference == other
        try:
            one, two = (plainest(expanded(read(text, words).expression)) for text in (reference, other))
        except Unreadable:
            return False
        return one is two

    @property
    def references(self) -> tuple[str, ...]:
        """The accepted formulas and functions of reference.py."""
        return self.reference

    @property
    def program(self) -> str | None:
        """The name of the function that may be handed in instead."""
        return self.function.name if self.function else None

    def rules(self, words: Vocabulary) -> tuple[list[str], list[str]]:
        """Return what an answer must and must not use; raises Misspecified."""
        found = []
        for place, given in (("requires", self.requires), ("forbids", self.forbids)):
            try:
                found.append([resolved(name, words) for name in given])
            except Unknown as error:
                raise Misspecified(
                    f"{error.name!r} is no name or function that an answer could use",
                    (place,),
                    error.suggestion,
                ) from error
        return found[0], found[1]

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


class FormulaPublic(Public):
    """The names that may be used, and what is needed to read a formula in them."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    left: tuple[str, ...] = ()
    signature: Signature | None = None
    words: Vocabulary = Field(exclude=True, repr=False)
    everything: Vocabulary = Field(exclude=True, repr=False)
    shapes: Mapping[str, Dims] = Field(exclude=True, repr=False)

    def read_back(self, written: Written) -> Preview:
        """Return the formula typeset, with the shapes of its factors written out, or the first that does not fit."""
        text = one_text(written)
        if self.signature and is_program(text):
            return Preview(read_as=telling.read_as(self.signature))
        answer = read(text, self.words)
        numbers, mixing = self.words.shapes, self.words.mixing
        read_as = f"${latex.equation(answer.expression, self.left, self.everything)}$"
        try:
            dims = shape.shapes(answer.expression, numbers, mixing)[answer.expression]
        except shape.Mismatch as mismatch:
            found = feedback.misfit(answer, mismatch, numbers, self.shapes, mixing)
            sentence = f"Shapes in this formula do not fit: {mismatch.sentence}."
            return Preview(
                read_as=read_as, shape=found.check, letters=found.letters, complaint=sentence, span=found.span
            )
        [found] = feedback.fitting(answer, dims, (), numbers, self.shapes, mixing)
        return Preview(read_as=read_as, shape=found.check or found.got, letters=found.letters)


def is_function(text: str, words: Vocabulary) -> bool:
    """Whether a reference names a function of reference.py rather than something that could be typed."""
    if FUNCTION.fullmatch(text) is None or words.named(text) is not None:
        return False
    return text not in words.sizes and text not in CONSTANTS and text.removeprefix("I_") not in words.sizes


class _Formula:
    """One formula blank, ready to grade."""

    def __init__(self, spec: FormulaSpec, context: Context) -> None:
        self.spec = spec
        self.context = context
        self.letters: dict[str, Dims] = {name: each.shape for name, each in context.symbols.items()}
        self.everything = spec.words(context, everything=True)
        self.vocabulary = spec.words(context)
        self.mixing = self.vocabulary.mixing
        for one, other in self.vocabulary.clashes:
            raise Misspecified(f"{one!r} and {other!r} are one name when they are typed", ("symbols",))
        self.required, self.forbidden = spec.rules(self.vocabulary)
        self.references = [] if spec.compare == "numeric" else self._references()
        self.varying = self._varying()
        self.space = self._space()
        self.accepted = self._numbers() if spec.compare == "numeric" else self._formulas(self.references)
        self.shapes = self.accepted.shapes
        self.foreseen = [
            each for index, mistake in enumerate(spec.mistakes) for each in self._foreseen(index, mistake)
        ]
        self.mistakes = Mistakes(
            Formulas(self.references, self.space, spec.up_to, self.varying), [each for _, each in self.foreseen],
            {name: self.everything.shapes[name] for name in self.vocabulary.symbols}, context.budget,
        )  # fmt: skip
        self.program = None if spec.function is None else self._alternative(spec.function)

    def _references(self) -> list[Expression]:
        return [self._reference(index, text) for index, text in enumerate(self.spec.reference)]

    def _place(self, index: int) -> tuple[str | int, ...]:
        return ("reference",) if len(self.spec.reference) == 1 else ("reference", index)

    def _reference(self, index: int, text: str) -> Expression:
        place = self._place(index)
        if is_function(text, self.everything):
            try:
                expression = self.context.record(text)
            except Misspecified as error:
                raise Misspecified(error.message, place, error.suggestion) from error
        else:
            expression = self._read(text, self.everything, place)
        return self._fitting(expression, place)

    def _read(self, text: str, vocabulary: Vocabulary, place: tuple[str | int, ...]) -> Expression:
        try:
            return expanded(read(text, vocabulary).expression, self.context.sizes)
        except Unreadable as error:
            raise Misspecified(f"{text!r} cannot be read: {error.message}", place) from error

    def _fitting(
        self, expression: Expression, place: tuple[str | int, ...], what: str = "the shapes"
    ) -> Expression:
        """Return a formula of the author's whose shapes fit; raises Misspecified."""
        numbers = self.everything.shapes
        try:
            shape.shapes(expression, numbers, self.mixing)
        except shape.Mismatch as mismatch:
            hint = "; broadcast: numpy lets them go together as in NumPy" if self._mixes(expression) else ""
            raise Misspecified(f"{what} do not fit: {mismatch.sentence}{hint}", place) from mismatch
        return expression

    def _mixes(self, expression: Expression) -> bool:
        """Whether the shapes of a formula fit as NumPy broadcasts them."""
        try:
            shape.shapes(expression, self.everything.shapes, mixing=True)
        except shape.Mismatch:
            return False
        return True

    def _varying(self) -> tuple[str, ...]:
        if self.spec.up_to != "constant":
            return ()
        given = names(self.references) if self.spec.varying is None else self.spec.varying
        for index, name in enumerate(given):
            if name not in self.context.symbols:
                raise Misspecified(
                    f"{name!r} is no symbol", ("varying", index), nearest(name, self.context.symbols)
                )
        return tuple(given)

    def _space(self) -> Space:
        """Where answers are compared: with the symbols that they or the key can have."""
        spec, symbols = self.spec, self.context.symbols
        values = [each.value for each in self.vocabulary.definitions.values()]
        used = {*self.vocabulary.symbols, *names([*self.references, *values]), *self.varying} & set(symbols)
        if spec.compare == "numeric":
            used = set(symbols)
        deciding = {name: symbols[name] for name in sorted(used)} | starts(symbols, self.varying)
        decides = (
            [canonical(each) for each in self.references] or spec.reference,
            [(name, str(each.shape), str(each.domain)) for name, each in deciding.items()],
            sorted(self.context.sizes.items()),
            (spec.tolerance, spec.star, self.mixing, spec.up_to, spec.compare),
        )
        seed = self.context.secret.derive(repr(decides).encode(), "points")
        return Space(deciding, self.context.sizes, seed, spec.tolerance, self.mixing)

    def _formulas(self, references: list[Expression]) -> Formulas:
        return Formulas(references, self.space, self.spec.up_to, self.varying)

    def _numbers(self) -> Numbers:
        if len(self.spec.reference) > 1 or not is_function(self.spec.reference[0], self.everything):
            raise Misspecified("compare: numeric needs one function of reference.py", ("reference",))
        if self.spec.up_to:
            raise Misspecified("compare: numeric accepts no more than the numbers themselves", ("up_to",))
        where = points(self.space)
        values = self.context.run(self.spec.reference[0], [dict(each.floats) for each in where])
        arrays = [np.asarray(each, dtype=float) for each in values if not isinstance(each, tuple)]
        if len(arrays) < len(values):
            raise Misspecified("it returns a tuple, and a formula has one value", ("reference",))
        numbers = Numbers(list(zip(where, arrays, strict=True)), self.space, self.spec.tolerance or TOLERANCE)
        if len({each.shape for each in arrays}) > 1:
            raise Misspecified("the shape of its value is not always the same", ("reference",))
        if not numbers.finite:
            raise Misspecified("it has no finite value at any of the points tried", ("reference",))
        return numbers

    def _foreseen(self, index: int, mistake: Foreseen) -> list[tuple[Foreseen, Expression]]:
        place = ("mistakes", index, "answer")
        known = []
        for text in mistake.answers:
            expression = self._read(text, self.vocabulary, place)
            self._fitting(expression, place, f"the shapes of {text!r}")
            if self.accepted.decide(expression, self.context.budget).equal:
                raise Misspecified(f"{text!r} is no mistake: it equals the reference", place)
            known.append((mistake, expression))
        return known

    def _alternative(self, signature: Signature) -> Alternative:
        """Prepare for functions in place of a formula; raises Misspecified."""
        spec = self.spec
        if spec.compare == "numeric" or spec.up_to or spec.requires or spec.forbids:
            raise Misspecified("a function is compared with formulas only, and exactly these", ("function",))
        for index, name in enumerate(signature.parameters):
            if name not in self.context.symbols:
                near = nearest(name, self.context.symbols)
                raise Misspecified(
                    f"{name!r} is no symbol of the problem", ("function", "parameters", index), near
                )
        missing = [name for name in names(self.references) if name not in signature.parameters]
        if missing:
            raise Misspecified(f"the reference uses {missing[0]!r}", ("function", "parameters"))
        symbols = {name: self.context.symbols[name] for name in signature.parameters}
        stated = trials(
            Space(symbols, self.context.sizes, self.space.seed), signature.parameters, self._values
        )
        if not stated:
            raise Misspecified("the reference has no finite value at any of the points tried", ("function",))
        found = [*stated, *self._at_other_sizes(symbols, signature)]
        return Alternative(signature, found, len(stated), self._mistaken, self.context.sandbox)

    def _mistaken(self) -> list[Expression]:
        """The author's wrong formulas, then those with one slip."""
        return [formula for _, formula in self.foreseen] + [slip.expression for slip in self.mistakes.slips]

    def _values(self, points: list[Mapping[str, Any]]) -> list[tuple[Value, ...]]:
        with np.errstate(all="ignore"):
            return [tuple(np.asarray(evaluate(each, point)) for each in self.references) for point in points]

    def _at_other_sizes(self, symbols: Symbols, signature: Signature) -> list[Trial]:
        """Return trials at other sizes, where the key is one of letters or a program."""
        sizes = others(self.context.sizes)
        space = Space(symbols, sizes, self.space.seed)
        if key := self.elsewhere:
            resized = Space(symbols, key.space.sizes, self.space.seed)
            formulas = list(key.references)
            return trials(
                resized,
                signature.parameters,
                lambda points: [
                    tuple(np.asarray(evaluate(each, point)) for each in formulas) for point in points
                ],
            )
        if not self._lettered or not all(is_function(each, self.everything) for each in self.spec.reference):
            return []
        return trials(
            space,
            signature.parameters,
            lambda points: list(
                zip(*(self.context.run(name, points) for name in self.spec.reference), strict=True)
            ),
        )

    def _wrong_program(
        self, place: int | None, found: Mistake | None, read_as: str, reason: str, findings: tuple[Finding, ...]
    ) -> Verdict:  # fmt: skip
        if place is not None and place < len(self.foreseen):
            return self.foreseen[place][0].verdict(read_as, reason, findings)
        if place is not None:
            found = self._slipped((self.mistakes.slips[place - len(self.foreseen)],))
        return self.spec.wrong(found, read_as, reason, findings)

    def runs(self, written: Written) -> bool:
        """Whether a program was handed in."""
        return self.program is not None and isinstance(written, str) and is_program(written)

    def read(self, written: Written) -> Reading | Program:
        """Read the formula that was typed, or take a program as it is."""
        text = one_text(written)
        if self.runs(text):
            return program(text)
        return read(text, self.vocabulary)

    def check(self, answer: Reading | Program) -> Verdict:
        """Compare with everything that is accepted, then look for what went wrong."""
        if isinstance(answer, Program):
            assert self.program is not None
            return self.program.check(answer, self._wrong_program)
        read_as = f"${self._equation(answer.expression)}$"
        notes = self._notes(answer)
        numbers = self.space.shapes
        try:
            dims = shape.shapes(answer.expression, numbers, self.mixing)[answer.expression]
        except shape.Mismatch as mismatch:
            if mismatch.unsaid:
                raise Unreadable(
                    f"{mismatch.sentence[:1].upper()}{mismatch.sentence[1:]}.",
                    answer.spans.get(mismatch.node),
                ) from mismatch
            sentence = f"Shapes in this formula do not fit: {mismatch.sentence}."
            finding = feedback.misfit(answer, mismatch, numbers, self.letters, self.mixing)
            slips = self.mistakes.misfitting(expanded(answer.expression))
            verdict = self.spec.wrong(self._slipped(slips, True), read_as, sentence, (finding, *notes))
            return self._doubted(replace(verdict, meaning=read_as), answer)
        decision = self.accepted.decide(expanded(answer.expression), self.context.budget)
        if decision.equal is None:
            return Verdict.undecided(decision.why, read_as, notes)
        notes = (*feedback.fitting(answer, dims, self.shapes, numbers, self.letters, self.mixing), *notes)
        if not decision.equal:
            return self._wrong(answer, dims, decision, read_as, notes)
        notes = (*notes, feedback.evidence(decision, self.context.sizes, shown=False))
        if refused := broken(answer.expression, self.required, self.forbidden):
            return Verdict.incorrect(read_as, refused, notes, answer.review)
        return Verdict.correct(read_as, "", (*notes, *self._here_only(answer)), answer.review)

    def _here_only(self, answer: Reading) -> tuple[Note, ...]:
        """Say of a right answer that it is right for the stated sizes alone."""
        if not self.elsewhere:
            return ()
        there = resized(answer.expression, self.elsewhere.space.sizes)
        decision = self.elsewhere.decide(expanded(there), self.context.budget)
        stated = ", ".join(f"{letter} = {size}" for letter, size in self.context.sizes.items())
        return (Note(HERE_ONLY.format(stated)),) if decision.equal is False else ()

    @property
    def _lettered(self) -> bool:
        return any(letters(symbol.shape) for symbol in self.space.symbols.values())

    @cached_property
    def elsewhere(self) -> Formulas | None:
        """The key at other sizes, all different; None where it says nothing about these, or holds for no others."""
        spec = self.spec
        if (
            spec.compare == "numeric"
            or any(is_function(each, self.everything) for each in spec.reference)
            or not self._lettered
        ):
            return None
        sizes = others(self.context.sizes)
        space = Space(self.space.symbols, sizes, self.space.seed, spec.tolerance, self.mixing)
        references = [resized(each, sizes) for each in self.references]
        key = Formulas(references, space, spec.up_to, self.varying)
        try:
            return key if key.shapes else None
        except shape.Mismatch:
            return None

    def _wrong(
        self, answer: Reading, dims: Dims, decision: Decision, read_as: str, notes: tuple[Finding, ...]
    ) -> Verdict:
        reason = WRONG if dims in self.shapes else WRONG_SHAPE
        meaning, budget = expanded(answer.expression), self.context.budget
        known = self.mistakes.find(meaning)
        if dims in self.shapes:
            example = self.accepted.example(meaning, decision, budget)
            shown = feedback.counterexample(example, self.everything)
            notes = (*notes, *shown, feedback.evidence(decision, self.context.sizes, bool(shown)))
        if known.foreseen is not None:
            verdict = self.foreseen[known.foreseen][0].verdict(read_as, reason, notes)
        else:
            verdict = self.spec.wrong(self._slipped(known.slips), read_as, reason, notes)
        return self._doubted(replace(verdict, meaning=known.meaning), answer)

    def _slipped(self, slips: Slips, misfit: bool = False) -> Mistake | None:
        if not slips:
            return None
        named = [
            (each.mistake, [latex.latex(place, self.everything) for place in each.places]) for each in slips
        ]
        return wording.slips(named, misfit)

    def _doubted(self, verdict: Verdict, answer: Reading) -> Verdict:
        doubt = answer.review or answer.doubt
        return verdict.reviewed(doubt) if doubt else verdict

    def _notes(self, answer: Reading) -> tuple[Finding, ...]:
        return (
            (Note(f"The words “{answer.dropped}” were not read as part of the formula."),)
            if answer.dropped
            else ()
        )

    def _equation(self, expression: Expression) -> str:
        return latex.equation(expression, self.spec.left, self.everything)

    def official(self) -> list[Written]:
        """Return every accepted formula as it could be typed."""
        return [typed(each, self.everything) for each in self.references]

    def survivors(self) -> list[Survivor]:
        """Return the formulas with one slip that equal the key here, though in general they do not."""
        if self.spec.compare == "numeric":
            return []
        return [
            Survivor(typed(edit.expression, self.everything), edit.mistake, why or "", true=why is None)
            for edit, why in survivors(self.mistakes, self._at_all_sizes())
        ]

    def _at_all_sizes(self) -> list[Formulas] | None:
        """Return the key at two sets of other sizes; None where it has no value there."""
        if not self._lettered:
            return []
        second = others(self.context.sizes)
        try:
            return [self._at(sizes) for sizes in (second, others(second))]
        except (Misspecified, Unreadable):
            return None

    def _at(self, sizes: Sizes) -> Formulas:
        """Return the key at other sizes: its functions recorded, and its formulas read, anew."""
        words = self.spec.words(replace(self.context, sizes=sizes), everything=True)
        references = [
            self.context.record(text, sizes)
            if is_function(text, words)
            else expanded(resized(read(text, words).expression, sizes))
            for text in self.spec.reference
        ]
        space = Space(self.space.symbols, sizes, self.space.seed, self.spec.tolerance, self.mixing)
        return Formulas(references, space, self.spec.up_to, self.varying)

    def key(self) -> str:
        """Return the first reference, typeset; or the name of the program."""
        if not self.references:
            return f"`{self.spec.reference[0]}` of reference.py"
        return f"${self._equation(self.references[0])}$"
