"""One formula blank, ready to grade: formulas, and functions in place of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.core.arrays import Value
from grader.core.errors import Unreadable, nearest
from grader.core.submission import Written
from grader.core.verdict import Finding, Mistake, Note, UngradedCause, Verdict
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decision import Decision, describe
from grader.formula.evaluation import shapes
from grader.formula.evaluation.value import evaluate
from grader.formula.expression import Expression, expanded, names, resized
from grader.formula.mistakes.mutation_table import MutationSequence
from grader.formula.mistakes.surviving_mutations import surviving_mutations
from grader.formula.parsing.parser import Reading, read
from grader.formula.symbols import Shape as Dims
from grader.formula.symbols import Symbols
from grader.formula.writing import latex
from grader.formula.writing.plain_text import typed
from grader.kinds.base import mistake_messages
from grader.kinds.base.context import AuthorMistake, Context
from grader.kinds.base.prepared import SurvivingMutation
from grader.kinds.base.public import single_text
from grader.kinds.code.code_for_formula import CodeForFormula, make_trials
from grader.kinds.code.signature import Program, Signature, is_program, parse_program
from grader.kinds.code.test_inputs import TestCase, others
from grader.kinds.formula import feedback
from grader.kinds.formula.key import FormulaKey
from grader.kinds.formula.options import FormulaOptions, is_function
from grader.kinds.formula.requirements import broken

WRONG = "This formula is not equal to what is asked."
HERE_ONLY = "This is right for the sizes that are stated here ({0}), but not for others."
WRONG_SHAPE = "The shape of this formula is not that of what is asked."


class Formula(FormulaKey):
    """Reads and checks answers; ``program`` is what judges functions, where they are read too."""

    def __init__(self, spec: FormulaOptions, context: Context) -> None:
        super().__init__(spec, context)
        self.program = None if spec.function is None else self._alternative(spec.function)

    def runs_code(self, written: Written) -> bool:
        """Whether a program was handed in."""
        return self.program is not None and isinstance(written, str) and is_program(written)

    def read(self, written: Written) -> Reading | Program:
        """Read the formula that was typed, or take a program as it is."""
        text = single_text(written)
        if self.runs_code(text):
            return parse_program(text)
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
            dims = shapes.shapes(answer.expression, numbers, self.mixing)[answer.expression]
        except shapes.Mismatch as mismatch:
            if mismatch.unsaid:
                raise Unreadable(
                    f"{mismatch.sentence[:1].upper()}{mismatch.sentence[1:]}.",
                    answer.spans.get(mismatch.node),
                ) from mismatch
            sentence = f"Shapes in this formula do not fit: {mismatch.sentence}."
            finding = feedback.misfit(answer, mismatch, numbers, self.letters, self.mixing)
            slips = self.mistakes.misfit_mutation(expanded(answer.expression))
            verdict = self.spec.incorrect_verdict(self._slipped(slips, True), read_as, sentence, (finding, *notes))
            return self._doubted(replace(verdict, meaning=read_as), answer)
        decision = self.accepted.decide(expanded(answer.expression), self.context.budget)
        if decision.equal is None:
            return Verdict.ungraded(describe(decision), read_as, notes, cause=UngradedCause.UNDECIDED)
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

    def _wrong(
        self, answer: Reading, dims: Dims, decision: Decision, read_as: str, notes: tuple[Finding, ...]
    ) -> Verdict:
        reason = WRONG if dims in self.shapes else WRONG_SHAPE
        meaning, budget = expanded(answer.expression), self.context.budget
        known = self.mistakes.diagnose(meaning)
        if dims in self.shapes:
            example = self.accepted.counterexample(meaning, decision, budget)
            shown = feedback.counterexample(example, self.everything)
            notes = (*notes, *shown, feedback.evidence(decision, self.context.sizes, bool(shown)))
        if known.anticipated is not None:
            verdict = self.foreseen[known.anticipated][0].verdict(read_as, reason, notes)
        else:
            verdict = self.spec.incorrect_verdict(self._slipped(known.mutations), read_as, reason, notes)
        return self._doubted(replace(verdict, meaning=known.meaning), answer)

    def _slipped(self, slips: MutationSequence, misfit: bool = False) -> Mistake | None:
        if not slips:
            return None
        named = [(each.name, [latex.latex(place, self.everything) for place in each.places]) for each in slips]
        return mistake_messages.formula_mistake_message(named, misfit)

    def _doubted(self, verdict: Verdict, answer: Reading) -> Verdict:
        doubt = answer.review or answer.doubt
        return verdict.reviewed(doubt) if doubt else verdict

    def _notes(self, answer: Reading) -> tuple[Finding, ...]:
        return (Note(f"The words “{answer.dropped}” were not read as part of the formula."),) if answer.dropped else ()

    def _equation(self, expression: Expression) -> str:
        return latex.equation(expression, self.spec.left, self.everything)

    def official_answers(self) -> list[Written]:
        """Return every accepted formula as it could be typed."""
        return [typed(each, self.everything) for each in self.references]

    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Return the formulas with one slip that equal the key here, though in general they do not."""
        if self.spec.compare == "numeric":
            return []
        return [
            SurvivingMutation(typed(edit.expression, self.everything), edit.name, why or "", equivalent=why is None)
            for edit, why in surviving_mutations(self.mistakes, self._at_all_sizes())
        ]

    def key(self) -> str:
        """Return the first reference, typeset; or the name of the program."""
        if not self.references:
            return f"`{self.spec.reference[0]}` of reference.py"
        return f"${self._equation(self.references[0])}$"

    def _alternative(self, signature: Signature) -> CodeForFormula:
        """Prepare for functions in place of a formula; raises Misspecified."""
        spec = self.spec
        if spec.compare == "numeric" or spec.up_to or spec.requires or spec.forbids:
            raise AuthorMistake("a function is compared with formulas only, and exactly these", ("function",))
        for index, name in enumerate(signature.parameters):
            if name not in self.context.symbols:
                near = nearest(name, self.context.symbols)
                raise AuthorMistake(f"{name!r} is no symbol of the problem", ("function", "parameters", index), near)
        missing = [name for name in names(self.references) if name not in signature.parameters]
        if missing:
            raise AuthorMistake(f"the reference uses {missing[0]!r}", ("function", "parameters"))
        symbols = {name: self.context.symbols[name] for name in signature.parameters}
        stated = make_trials(
            ComparisonSpace(symbols, self.context.sizes, self.space.seed), signature.parameters, self._values
        )
        if not stated:
            raise AuthorMistake("the reference has no finite value at any of the points tried", ("function",))
        found = [*stated, *self._at_other_sizes(symbols, signature)]
        return CodeForFormula(signature, found, len(stated), self._mistaken, self.context.sandbox)

    def _mistaken(self) -> list[Expression]:
        """The author's wrong formulas, then those with one slip."""
        return [formula for _, formula in self.foreseen] + [slip.expression for slip in self.mistakes.mutations]

    def _values(self, points: list[Mapping[str, Any]]) -> list[tuple[Value, ...]]:
        with np.errstate(all="ignore"):
            return [tuple(np.asarray(evaluate(each, point)) for each in self.references) for point in points]

    def _at_other_sizes(self, symbols: Symbols, signature: Signature) -> list[TestCase]:
        """Return trials at other sizes, where the key is one of letters or a program."""
        sizes = others(self.context.sizes)
        space = ComparisonSpace(symbols, sizes, self.space.seed)
        if key := self.elsewhere:
            resized = ComparisonSpace(symbols, key.space.sizes, self.space.seed)
            formulas = list(key.references)
            return make_trials(
                resized,
                signature.parameters,
                lambda points: [tuple(np.asarray(evaluate(each, point)) for each in formulas) for point in points],
            )
        if not self._lettered or not all(is_function(each, self.everything) for each in self.spec.reference):
            return []
        return make_trials(
            space,
            signature.parameters,
            lambda points: list(zip(*(self.context.run(name, points) for name in self.spec.reference), strict=True)),
        )

    def _wrong_program(
        self, place: int | None, found: Mistake | None, read_as: str, reason: str, findings: tuple[Finding, ...]
    ) -> Verdict:
        if place is not None and place < len(self.foreseen):
            return self.foreseen[place][0].verdict(read_as, reason, findings)
        if place is not None:
            found = self._slipped((self.mistakes.mutations[place - len(self.foreseen)],))
        return self.spec.incorrect_verdict(found, read_as, reason, findings)
