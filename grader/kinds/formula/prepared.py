"""One formula blank, ready to grade: formulas, and functions in place of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.core.arrays import Value
from grader.core.errors import Unreadable, nearest
from grader.core.seeds import HIDDEN_INPUTS
from grader.core.submission import Written
from grader.core.text_limits import MAX_TEXT_CHARACTERS
from grader.core.verdict import Finding, Mistake, Note, UngradedCause, Verdict
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decision import Decision, describe
from grader.formula.evaluation import shapes
from grader.formula.evaluation.evaluate import evaluate
from grader.formula.expression import Expression, expand_definitions, symbol_names, with_sizes
from grader.formula.mistakes.mutation_table import MutationSequence
from grader.formula.mistakes.surviving_mutations import surviving_mutations
from grader.formula.parsing.parser import MAX_FORMULA_CHARACTERS, Reading, parse
from grader.formula.symbols import Shape as Dims
from grader.formula.symbols import Symbols
from grader.formula.writing import latex
from grader.formula.writing.plain_text import plain_text
from grader.kinds.base import mistake_messages
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.base.prepared import SurvivingMutation
from grader.kinds.base.public import single_text
from grader.kinds.code.code_for_formula import CodeForFormula, choose_cases
from grader.kinds.code.program import Program, Signature, is_program, parse_program
from grader.kinds.code.test_inputs import TestCase, other_sizes
from grader.kinds.formula import findings
from grader.kinds.formula.key import FormulaKey
from grader.kinds.formula.options import FormulaOptions, is_function
from grader.kinds.formula.requirements import broken_requirement

NOT_EQUAL = "This formula is not equal to the right one."
WRONG_SHAPE = "This formula does not have the right shape."
RIGHT_AT_STATED_SIZES = "This is right for the sizes that are stated here ({0}), but not for others."


class PreparedFormula(FormulaKey):
    """Reads and checks answers; ``code`` judges functions, where they may be handed in instead."""

    def __init__(self, spec: FormulaOptions, context: Context) -> None:
        super().__init__(spec, context)
        self.code = None if spec.function is None else self._prepare_code(spec.function)

    def runs_code(self, written: Written) -> bool:
        """True if a program was handed in."""
        return self.code is not None and isinstance(written, str) and is_program(written)

    def read(self, written: Written) -> Reading | Program:
        """Read the formula that was typed, or take a program as it is."""
        text = single_text(written, MAX_TEXT_CHARACTERS if self.code else MAX_FORMULA_CHARACTERS)
        if self.runs_code(text):
            return parse_program(text)
        return parse(text, self.vocabulary)

    def check(self, answer: Reading | Program) -> Verdict:
        """Compare with everything that is accepted, then look for what went wrong."""
        if isinstance(answer, Program):
            assert self.code is not None
            return self.code.check(answer, self._wrong_code_verdict)
        read_as = f"${self._equation(answer.expression)}$"
        notes = self._notes(answer)
        numbers = self.space.shapes
        try:
            dims = shapes.shapes(answer.expression, numbers, self.mixing)[answer.expression]
        except shapes.ShapeMismatch as mismatch:
            if mismatch.unsaid:
                raise Unreadable(
                    f"{mismatch.sentence[:1].upper()}{mismatch.sentence[1:]}.",
                    answer.spans.get(mismatch.node),
                ) from mismatch
            sentence = f"Shapes in this formula do not fit: {mismatch.sentence}."
            finding = findings.misfit_finding(answer, mismatch, numbers, self.letters, self.mixing)
            mutations = self.mistakes.misfit_mutation(expand_definitions(answer.expression))
            verdict = self.spec.incorrect_verdict(
                self._mutation_mistake(mutations, True), read_as, sentence, (finding, *notes)
            )
            return self._with_doubt(replace(verdict, meaning=read_as), answer)
        decision = self.accepted.decide(expand_definitions(answer.expression), self.context.budget)
        if decision.equal is None:
            return Verdict.ungraded(describe(decision), read_as, notes, cause=UngradedCause.UNDECIDED)
        notes = (*findings.shape_findings(answer, dims, self.shapes, numbers, self.letters, self.mixing), *notes)
        if not decision.equal:
            return self._wrong_verdict(answer, dims, decision, read_as, notes)
        notes = (*notes, findings.evidence_finding(decision, self.context.sizes, has_counterexample=False))
        if reason := broken_requirement(answer.expression, self.required, self.forbidden):
            return Verdict.incorrect(read_as, reason, notes, answer.review)
        return Verdict.correct(read_as, "", (*notes, *self._other_sizes_notes(answer)), answer.review)

    def _other_sizes_notes(self, answer: Reading) -> tuple[Note, ...]:
        """Note of a right answer that it is right for the stated sizes alone."""
        key = self.key_at_other_sizes
        if not key:
            return ()
        decision = key.decide(expand_definitions(with_sizes(answer.expression, key.space.sizes)), self.context.budget)
        stated = ", ".join(f"{letter} = {size}" for letter, size in self.context.sizes.items())
        return (Note(RIGHT_AT_STATED_SIZES.format(stated)),) if decision.equal is False else ()

    def _wrong_verdict(
        self, answer: Reading, dims: Dims, decision: Decision, read_as: str, notes: tuple[Finding, ...]
    ) -> Verdict:
        reason = NOT_EQUAL if dims in self.shapes else WRONG_SHAPE
        formula, budget = expand_definitions(answer.expression), self.context.budget
        diagnosis = self.mistakes.diagnose(formula)
        if dims in self.shapes:
            example = self.accepted.counterexample(formula, decision, budget)
            values = findings.counterexample_findings(example, self.everything)
            notes = (*notes, *values, findings.evidence_finding(decision, self.context.sizes, bool(values)))
        if diagnosis.anticipated is not None:
            verdict = self.anticipated[diagnosis.anticipated][0].verdict(read_as, reason, notes)
        else:
            verdict = self.spec.incorrect_verdict(self._mutation_mistake(diagnosis.mutations), read_as, reason, notes)
        return self._with_doubt(replace(verdict, meaning=diagnosis.meaning), answer)

    def _mutation_mistake(self, mutations: MutationSequence, shapes_misfit: bool = False) -> Mistake | None:
        """Return one or two mutations of the key as one mistake, in the words of the catalogue."""
        if not mutations:
            return None
        details = [
            (mutation.name, [latex.latex(place, self.everything) for place in mutation.places])
            for mutation in mutations
        ]
        return mistake_messages.formula_mistake_message(details, shapes_misfit)

    def _with_doubt(self, verdict: Verdict, answer: Reading) -> Verdict:
        doubt = answer.review or answer.doubt
        return verdict.reviewed(doubt) if doubt else verdict

    def _notes(self, answer: Reading) -> tuple[Finding, ...]:
        return (Note(f"The words “{answer.dropped}” were not read as part of the formula."),) if answer.dropped else ()

    def _equation(self, expression: Expression) -> str:
        return latex.equation_tex(expression, self.spec.left, self.everything)

    def official_answers(self) -> list[Written]:
        """Return every accepted formula as it could be typed."""
        return [plain_text(reference, self.everything) for reference in self.references]

    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Return the formulas with one slip that equal the key here, though in general they do not."""
        if self.spec.compare == "numeric":
            return []
        return [
            SurvivingMutation(
                plain_text(mutation.expression, self.everything), mutation.name, why or "", equivalent=why is None
            )
            for mutation, why in surviving_mutations(self.mistakes, self._keys_at_other_sizes())
        ]

    def key(self) -> str:
        """Return the first reference, typeset; or the name of the program."""
        if not self.references:
            return f"`{self.spec.reference[0]}` of reference.py"
        return f"${self._equation(self.references[0])}$"

    def _prepare_code(self, signature: Signature) -> CodeForFormula:
        """Prepare for functions in place of a formula; raises BlankSpecError."""
        spec = self.spec
        if spec.compare == "numeric" or spec.up_to or spec.requires or spec.forbids:
            raise BlankSpecError("a function is compared with formulas only, and exactly these", ("function",))
        for index, name in enumerate(signature.parameters):
            if name not in self.context.symbols:
                similar = nearest(name, self.context.symbols)
                raise BlankSpecError(
                    f"{name!r} is no symbol of the problem", ("function", "parameters", index), similar
                )
        missing = [name for name in symbol_names(self.references) if name not in signature.parameters]
        if missing:
            raise BlankSpecError(f"the reference uses {missing[0]!r}", ("function", "parameters"))
        symbols = {name: self.context.symbols[name] for name in signature.parameters}
        stated = choose_cases(
            ComparisonSpace(symbols, self.context.sizes, self._input_seed), signature.parameters, self._values
        )
        if not stated:
            raise BlankSpecError("the reference has no finite value at any of the points tried", ("function",))
        cases = [*stated, *self._cases_at_other_sizes(symbols, signature)]
        return CodeForFormula(signature, cases, len(stated), self._wrong_formulas, self.context.sandbox)

    @property
    def _input_seed(self) -> int:
        """What the inputs of programs derive from: in a batch the seed of the points, in an exam of the service another one."""
        secret = self.context.secret
        return secret.derive(str(self.space.seed).encode(), HIDDEN_INPUTS) if secret.exam else self.space.seed

    def _wrong_formulas(self) -> list[Expression]:
        """Return the author's wrong formulas, then those with one slip."""
        return [formula for _, formula in self.anticipated] + [
            mutation.expression for mutation in self.mistakes.mutations
        ]

    def _values(self, points: list[Mapping[str, Any]]) -> list[tuple[Value, ...]]:
        with np.errstate(all="ignore"):
            return [tuple(np.asarray(evaluate(each, point)) for each in self.references) for point in points]

    def _cases_at_other_sizes(self, symbols: Symbols, signature: Signature) -> list[TestCase]:
        """Return test cases at other sizes, where the key is one of letters or a program."""
        if key := self.key_at_other_sizes:
            formulas = list(key.references)
            return choose_cases(
                ComparisonSpace(symbols, key.space.sizes, self._input_seed),
                signature.parameters,
                lambda points: [tuple(np.asarray(evaluate(each, point)) for each in formulas) for point in points],
            )
        if not self._has_letters or not all(is_function(each, self.everything) for each in self.spec.reference):
            return []
        return choose_cases(
            ComparisonSpace(symbols, other_sizes(self.context.sizes), self._input_seed),
            signature.parameters,
            lambda points: list(zip(*(self.context.run(name, points) for name in self.spec.reference), strict=True)),
        )

    def _wrong_code_verdict(
        self, index: int | None, mistake: Mistake | None, read_as: str, reason: str, findings: tuple[Finding, ...]
    ) -> Verdict:
        """Return the verdict on a program that agrees with a wrong formula, or shows a mistake, or neither."""
        if index is not None and index < len(self.anticipated):
            return self.anticipated[index][0].verdict(read_as, reason, findings)
        if index is not None:
            mistake = self._mutation_mistake((self.mistakes.mutations[index - len(self.anticipated)],))
        return self.spec.incorrect_verdict(mistake, read_as, reason, findings)
