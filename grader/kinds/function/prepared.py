"""One function blank, ready to grade: a program is run on every case, and credit follows from the checks that it passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from grader.core.arrays import Array, Value, as_tuple
from grader.core.submission import Written
from grader.core.verdict import Check, Checks, Finding, Mistake, Note, PublicExample, Verdict
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.writing.latex import array_tex, name_tex
from grader.kinds.base import mistake_messages
from grader.kinds.base.prepared import SurvivingMutation
from grader.kinds.base.public import single_text
from grader.kinds.code import messages
from grader.kinds.code.compare_outputs import Difference, difference, run_meaning, simple_mistake
from grader.kinds.code.program import Program, parse_program
from grader.kinds.code.run import Cause, RunOutcome, run_program
from grader.kinds.function.key import FunctionKey, HiddenCheck
from grader.sandbox import NoSandbox, Run

MAX_ENTRIES_SHOWN = 36
"""Entries of an array that is shown; of a larger one the shape is."""
MAX_PRINTED_CHARACTERS = 1_000
Differences = Sequence[Difference | None]
"""In what the value of each case differs, the public example first; None where it is right."""


class PreparedFunction(FunctionKey):
    """Reads and checks programs."""

    def runs_code(self, written: Written) -> bool:
        """Every answer is a program."""
        return True

    def read(self, written: Written) -> Program:
        """Take a program as it is."""
        return parse_program(single_text(written))

    def check(self, answer: Program) -> Verdict:
        """Run the program, compare, and say what was seen."""
        signature = self.spec.signature
        read_as = messages.read_as_text(signature)
        try:
            run = run_program(self.context.sandbox, answer, signature, self.cases, public_cases=1)
        except NoSandbox as error:
            return messages.no_sandbox_verdict(error, read_as)
        if RunOutcome.parse(run.outcome).cause is Cause.WALL_TIME:
            return messages.timeout_verdict(run, self.context.sandbox.limits, read_as)
        return self._verdict(answer, run, read_as)

    def _verdict(self, answer: Program, run: Run, read_as: str) -> Verdict:
        differences = [
            Difference.NO_VALUE if trial.output is None else self.difference(trial.output, case)
            for trial, case in zip(run.trials, self.cases, strict=True)
        ]
        rows, passed, start = [], 0, 1  # Case 0 is the public example, which earns nothing.
        for check in self.checks:
            indices = range(start, start + len(check.cases))
            start += len(check.cases)
            failed = next((index for index in indices if differences[index]), None)
            passed += check.spec.weight if failed is None else 0
            rows.append(self._row(check, run, failed, differences))
        total = sum(check.spec.weight for check in self.checks)
        credit = Fraction(passed, total)
        example = self._example(run, differences)
        if credit == 1:
            return Verdict.correct(read_as, "", (example,))
        arithmetic = f"{passed} of {total}" if credit and total > 1 else ""
        findings = (example, Checks(tuple(rows), arithmetic), *_line_notes(answer, run))
        verdict = self._wrong_verdict(run, differences, credit, read_as, findings)
        return replace(verdict, meaning=run_meaning(run))

    def _wrong_verdict(
        self, run: Run, differences: Differences, credit: Fraction, read_as: str, findings: tuple[Finding, ...]
    ) -> Verdict:
        """Return the verdict on a program that did not pass every check, with its mistake named where there is one."""
        reason = messages.wrong_reason(run, self.context.sandbox.limits)
        review = messages.review_reason(run, reason)
        outputs = [trial.output for trial in run.trials if trial.output is not None]
        if len(outputs) == len(run.trials):
            for mistake, values in self.anticipated:
                if not any(difference(one, two, self.tolerance) for one, two in zip(outputs, values, strict=True)):
                    return mistake.verdict(read_as, reason, findings, credit)
        if credit:
            return Verdict.partial(credit, read_as, reason, findings, review)
        verdict = self.spec.incorrect_verdict(self._simple_mistake(outputs, differences), read_as, reason, findings)
        return verdict.reviewed(review) if review else verdict

    def _simple_mistake(self, outputs: list[Value], differences: Differences) -> Mistake | None:
        if len(outputs) < len(self.cases) or Difference.COUNT in differences:
            return None
        mistake = simple_mistake(outputs, [case.expected[0] for case in self.cases], self.tolerance)
        return mistake_messages.mistake_message("function", *mistake) if mistake else None

    def _row(self, check: HiddenCheck, run: Run, failed: int | None, differences: Differences) -> Check:
        """Return what became of a check; ``failed`` is the index of the first case that went wrong."""
        if failed is None:
            return Check(check.spec.says, True)
        trial = run.trials[failed]
        if trial.output is None:
            return Check(check.spec.says, False, messages.failure_clause(trial))
        differing, expected = differences[failed], self.cases[failed].expected[0]
        return Check(
            check.spec.says,
            False,
            messages.difference_clause(differing, trial.output),
            messages.expected_shape_clause(differing, expected),
        )

    def _example(self, run: Run, differences: Differences) -> PublicExample:
        trial = run.trials[0]
        sentence = "" if trial.output is not None else messages.failure_clause(trial)
        return PublicExample(
            tuple(
                (name_tex(parameter, self._vocabulary), value_latex(value))
                for parameter, value in zip(self.spec.parameters, self.example.inputs, strict=True)
            ),
            None if trial.output is None else value_latex(trial.output),
            value_latex(self.example.expected[0]),
            not differences[0],
            (run.loading.printed + trial.printed)[:MAX_PRINTED_CHARACTERS],
            sentence,
        )

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(
            symbols=self.symbols,
            shapes={},
            star="elementwise",
            left=(),
            definitions={},
            sizes=self.context.sizes,
            mixing=False,
        )

    def official_answers(self) -> list[Written]:
        """Return nothing: a program that is right stands among the examples."""
        return []

    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Return slips in what is returned that no case shows: a sign or a transpose that makes no difference."""
        expected = [case.expected[0] for case in self.cases]
        has_matrices = any(each.ndim > 1 for value in expected for each in as_tuple(value))
        changes: dict[str, Callable[[Array], Array]] = {
            "sign-flipped": np.negative,
            "transposed-shape": np.transpose,
            "zeros": np.zeros_like,
        }
        return [
            SurvivingMutation(slip, slip, "no input of the checks shows the difference")
            for slip, change in changes.items()
            if slip != "transposed-shape" or has_matrices
            if all(
                not self.difference(_changed(value, change), case)
                for value, case in zip(expected, self.cases, strict=True)
            )
        ]

    def key(self) -> str:
        """Return the name of the reference: a program is shown by the author's solution."""
        return f"`{self.spec.reference_name}` of reference.py"


def _line_notes(answer: Program, run: Run) -> tuple[Note, ...]:
    """Mark the line at which the function failed first."""
    span = answer.line_span(run.line)
    return (Note(f"Line {run.line}.", span),) if span else ()


def _changed(value: Value, change: Callable[[Array], Array]) -> Value:
    """Change every array of a value; truth values, for which NumPy has no minus, are negated whatever the change."""
    arrays = tuple(change(each) if each.dtype.kind != "b" else ~each for each in as_tuple(value))
    return arrays if isinstance(value, tuple) else arrays[0]


def value_latex(value: Value) -> str:
    """Return the LaTeX of a value, or its shape where it is too large to be shown."""
    return r",\quad ".join(_array_latex(each) for each in as_tuple(value))


def _array_latex(value: Array) -> str:
    if value.ndim > 2 or value.size > MAX_ENTRIES_SHOWN or value.size == 0:
        return rf"\text{{an array of shape {value.shape}}}"
    if value.dtype.kind == "c":
        return rf"\text{{{np.array2string(value, precision=4)}}}".replace("\n", " ")
    return array_tex(value.astype(float))
