"""A function in place of a formula: run at points where the key has a value, at the stated sizes and at others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from grader.core.arrays import Value, several
from grader.core.verdict import Finding, Mistake, Note, Shape, Verdict
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.evaluation.value import evaluate
from grader.formula.expression import Expression
from grader.kinds.base import mistake_messages
from grader.kinds.code import messages
from grader.kinds.code.compare_outputs import Tolerance, difference, slip
from grader.kinds.code.run import run
from grader.kinds.code.signature import Program, Signature
from grader.kinds.code.test_inputs import TestCase, points, typed
from grader.sandbox import NoSandbox, Run, Sandbox

TRIALS, TRIED = 4, 20
"""Points at each of the sizes, and how many are looked at for them."""
NEAR = Tolerance(relative=1e-7, absolute=1e-10)
Findings = tuple[Finding, ...]


@dataclass(frozen=True)
class CodeForFormula:
    """``trials`` are inputs with the values of all accepted formulas, the first ``stated`` at the stated sizes; ``mistaken``
    returns formulas that are known to be wrong.

    A program that agrees within a tolerance of floats is right: it cannot be decided in balls.
    """

    signature: Signature
    trials: Sequence[TestCase]
    stated: int
    mistaken: Callable[[], Sequence[Expression]]
    sandbox: Sandbox

    def check(
        self,
        answer: Program,
        wrong: Callable[[int | None, Mistake | None, str, str, Findings], Verdict],
    ) -> Verdict:
        """Run a program, and compare what it returns.

        ``wrong`` makes the verdict from the place of a formula known to be wrong, or else a mistake that was recognised.
        """
        read_as, limits = messages.read_as(self.signature), self.sandbox.limits
        try:
            done = run(self.sandbox, answer, self.signature, self.trials)
        except NoSandbox as error:
            return messages.no_sandbox(error, read_as)
        if done.outcome == "killed:wall":
            return messages.late(done, limits, read_as)
        outputs = [told.output for told in done.trials]
        if any(agree(outputs, self._expected(key)) for key in range(len(self.trials[0].expected))):
            return Verdict.correct(read_as)
        reason = messages.reason(done, limits)
        verdict = wrong(*self._mistake(outputs), read_as, reason, self._findings(answer, done))
        review = messages.suspicion(done, reason)
        return verdict.reviewed(review) if review else verdict

    def _mistake(self, outputs: list[Value | None]) -> tuple[int | None, Mistake | None]:
        stated = outputs[: self.stated]
        if not any(each is None for each in stated):
            for place, formula in enumerate(self.mistaken()):
                values = self._values(formula)
                if values and agree(stated, values):
                    return place, None
        given = [each for each in outputs if each is not None]
        if len(given) < len(outputs):
            return None, None
        found, what = slip(given, self._expected(0), NEAR)
        return None, mistake_messages.mistake_message("function", found, what) if found else None

    def _values(self, formula: Expression) -> list[Value]:
        """Return the values of a wrong formula at the stated sizes; none where it uses what the function is not given."""
        names = self.signature.parameters
        try:
            with np.errstate(all="ignore"):
                return [
                    np.asarray(evaluate(formula, dict(zip(names, trial.inputs, strict=True))))
                    for trial in self.trials[: self.stated]
                ]
        except (KeyError, np.linalg.LinAlgError):  # It uses another symbol, or has no value.
            return []

    def _expected(self, key: int) -> list[Value]:
        return [trial.expected[key] for trial in self.trials]

    def _findings(self, answer: Program, done: Run) -> Findings:
        """Say how the first trial that went wrong went wrong."""
        for told, trial in zip(done.trials, self.trials, strict=True):
            if told.outcome.startswith("error:"):
                span = answer.span(done.line)
                marked = (Note(f"Line {done.line}.", span),) if span else ()
                return (Note(messages.sentence(messages.failure(told))), *marked)
            if told.output is None:
                return ()
            how = difference(told.output, trial.expected[0], NEAR)
            if how in ("count", "shape"):
                got, asked = messages.differing(how, told.output), messages.asked(how, trial.expected[0])
                return (Shape(None, fits=False, sentence=messages.sentence(got + asked), hint=messages.sentence(got)),)
        return ()


def make_trials(
    space: ComparisonSpace,
    parameters: Sequence[str],
    values: Callable[[list[Mapping[str, Any]]], list[tuple[Value, ...]]],
) -> list[TestCase]:
    """Return a few trials of a space where all accepted formulas have values; ``values`` works these out."""
    found = [point.floats for point in points(space, TRIED)]
    given = [tuple(typed(point[name], space.symbols[name]) for name in parameters) for point in found]
    made = map(TestCase, given, values([dict(point) for point in found]))
    finite = (
        trial for trial in made if all(np.isfinite(each).all() for value in trial.expected for each in several(value))
    )
    return list(islice(finite, TRIALS))


def agree(outputs: Sequence[Value | None], expected: Sequence[Value]) -> bool:
    """Whether every value is what was expected."""
    return all(
        given is not None and not difference(given, wanted, NEAR)
        for given, wanted in zip(outputs, expected, strict=True)
    )
