"""A NumPy function in place of a formula: it is run where the key has a value, at the stated sizes and at others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from grader.core.arrays import Value, as_tuple
from grader.core.verdict import Finding, Mistake, Note, Shape, Verdict
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.evaluation.evaluate import evaluate
from grader.formula.expression import Expression
from grader.kinds.base import mistake_messages
from grader.kinds.code import messages
from grader.kinds.code.compare_outputs import Difference, OutputTolerance, difference, simple_mistake
from grader.kinds.code.program import Program, Signature
from grader.kinds.code.run import Cause, RunOutcome, run_program
from grader.kinds.code.test_inputs import TestCase, as_input, ordinary_points
from grader.sandbox import NoSandbox, Run, Sandbox

CASES_PER_SIZES = 4
POINTS_TRIED = 20
"""Of these, the first at which every accepted formula has a finite value become cases."""
TOLERANCE = OutputTolerance(relative=1e-7, absolute=1e-10)
Findings = tuple[Finding, ...]


@dataclass(frozen=True)
class CodeForFormula:
    """Judges functions in place of a formula, for one blank.

    The first ``stated_cases`` of the ``cases`` are at the stated sizes, the others at other sizes; each expects the values of
    all accepted formulas. ``wrong_formulas`` returns formulas that are known to be wrong, those of the author first.
    A program that agrees within a tolerance of floats is right: balls cannot decide it.
    """

    signature: Signature
    cases: Sequence[TestCase]
    stated_cases: int
    wrong_formulas: Callable[[], Sequence[Expression]]
    sandbox: Sandbox

    def check(
        self,
        answer: Program,
        incorrect: Callable[[int | None, Mistake | None, str, str, Findings], Verdict],
    ) -> Verdict:
        """Run a program, and compare what it returns.

        ``incorrect`` makes the verdict from the index of the wrong formula that it agrees with, or else from a mistake that was
        recognised; then how it was read, the reason and the findings.
        """
        read_as, limits = messages.read_as_text(self.signature), self.sandbox.limits
        try:
            run = run_program(self.sandbox, answer, self.signature, self.cases)
        except NoSandbox as error:
            return messages.no_sandbox_verdict(error, read_as)
        if RunOutcome.parse(run.outcome).cause is Cause.WALL_TIME:
            return messages.timeout_verdict(run, limits, read_as)
        outputs = [trial.output for trial in run.trials]
        if any(agree(outputs, self._expected(key)) for key in range(len(self.cases[0].expected))):
            return Verdict.correct(read_as)
        reason = messages.wrong_reason(run, limits)
        verdict = incorrect(*self._recognize(outputs), read_as, reason, self._findings(answer, run))
        review = messages.review_reason(run, reason)
        return verdict.reviewed(review) if review else verdict

    def _recognize(self, outputs: list[Value | None]) -> tuple[int | None, Mistake | None]:
        """Return the index of the wrong formula that the outputs agree with, or a simple mistake that explains them."""
        stated = outputs[: self.stated_cases]
        if not any(output is None for output in stated):
            for index, formula in enumerate(self.wrong_formulas()):
                values = self._values(formula)
                if values and agree(stated, values):
                    return index, None
        returned = [output for output in outputs if output is not None]
        if len(returned) < len(outputs):
            return None, None
        mistake = simple_mistake(returned, self._expected(0), TOLERANCE)
        return None, mistake_messages.mistake_message("function", *mistake) if mistake else None

    def _values(self, formula: Expression) -> list[Value]:
        """Return the values of a wrong formula at the stated sizes; none where it uses what the function is not given."""
        names = self.signature.parameters
        try:
            with np.errstate(all="ignore"):
                return [
                    np.asarray(evaluate(formula, dict(zip(names, case.inputs, strict=True))))
                    for case in self.cases[: self.stated_cases]
                ]
        except (KeyError, np.linalg.LinAlgError):  # It uses another symbol, or has no value.
            return []

    def _expected(self, key: int) -> list[Value]:
        return [case.expected[key] for case in self.cases]

    def _findings(self, answer: Program, run: Run) -> Findings:
        """Return what the first case that went wrong shows."""
        for trial, case in zip(run.trials, self.cases, strict=True):
            if RunOutcome.parse(trial.outcome).is_error:
                span = answer.line_span(run.line)
                line = (Note(f"Line {run.line}.", span),) if span else ()
                return (Note(messages.as_sentence(messages.failure_clause(trial))), *line)
            if trial.output is None:
                return ()
            differing = difference(trial.output, case.expected[0], TOLERANCE)
            if differing in (Difference.COUNT, Difference.SHAPE):
                clause = messages.difference_clause(differing, trial.output)
                expected = messages.expected_shape_clause(differing, case.expected[0])
                sentence, hint = messages.as_sentence(clause + expected), messages.as_sentence(clause)
                return (Shape(None, fits=False, sentence=sentence, hint=hint),)
        return ()


def choose_cases(
    space: ComparisonSpace,
    parameters: Sequence[str],
    values: Callable[[list[Mapping[str, Any]]], list[tuple[Value, ...]]],
) -> list[TestCase]:
    """Return a few cases in a space where all accepted formulas have values; ``values`` works these out."""
    points = [point.floats for point in ordinary_points(space, POINTS_TRIED)]
    inputs = [tuple(as_input(point[name], space.symbols[name]) for name in parameters) for point in points]
    cases = map(TestCase, inputs, values([dict(point) for point in points]))
    finite = (
        case for case in cases if all(np.isfinite(array).all() for value in case.expected for array in as_tuple(value))
    )
    return list(islice(finite, CASES_PER_SIZES))


def agree(outputs: Sequence[Value | None], expected: Sequence[Value]) -> bool:
    """True if every value is what was expected."""
    return all(
        output is not None and not difference(output, wanted, TOLERANCE)
        for output, wanted in zip(outputs, expected, strict=True)
    )
