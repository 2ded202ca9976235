"""Kind ``function``: an answer is a program whose function is run on public and hidden inputs, and compared with a reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from grader.core.arrays import Array, Value, several
from grader.core.errors import Unreadable, nearest
from grader.core.submission import Written
from grader.core.verdict import Check, Checks, Mistake, Note, PublicExample, Verdict
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decide import MAX_BASE_POINTS
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.symbols import Sizes, in_numbers, letters
from grader.formula.writing.latex import array, name
from grader.kinds.base import mistake_messages
from grader.kinds.base.anticipated_mistakes import AnticipatedMistake
from grader.kinds.base.context import AuthorMistake, Context
from grader.kinds.base.frozen import FrozenModel
from grader.kinds.base.prepared import Prepared, SurvivingMutation
from grader.kinds.base.public import Preview, Public, single_text
from grader.kinds.base.spec import Spec
from grader.kinds.code import messages, syntax
from grader.kinds.code.compare_outputs import Tolerance, difference, meaning, slip
from grader.kinds.code.run import run
from grader.kinds.code.signature import IDENTIFIER, Program, Signature, parse_program
from grader.kinds.code.test_inputs import TestCase, drawn, others, small, typed
from grader.sandbox import NoSandbox, Run

SHOWN = 36
"""Entries of an array that is shown."""
Values = Mapping[str, Any]


class CheckSpec(FrozenModel):
    """One check: trials with hidden inputs, all of which must be right; ``weight`` is its share of the points.

    ``sizes`` are other sizes than the stated ones, ``values`` fix some of the inputs.
    """

    says: str = Field(description="What is checked, in a few words for the student.")
    weight: int = Field(default=1, ge=1, le=100)
    trials: int = Field(default=3, ge=1, le=20)
    sizes: Mapping[str, Annotated[int, Field(ge=1, le=64)]] = Field(default_factory=dict)
    values: Values = Field(default_factory=dict, description="Inputs that are not drawn, by parameter.")


class ToleranceSpec(FrozenModel):
    """How near is near enough: an entry a is compared with the expected e by ``|a − e| ≤ absolute + relative · |e|``."""

    relative: float = Field(default=1e-6, ge=0, lt=1)
    absolute: float = Field(default=1e-8, ge=0)


class FunctionSpec(Spec):
    """A NumPy function, run on inputs drawn from the domains of its parameters.

    ``kind: function``, ``name: step``, ``parameters: [W, x]`` (symbols of the problem). ``reference`` is the function of
    reference.py whose values are expected; it runs in the grader, never beside a student's program.
    """

    kind: Literal["function"] = "function"
    name: str = Field(pattern=IDENTIFIER, description="The name that the function must have.")
    parameters: tuple[str, ...] = Field(
        min_length=1, max_length=32, description="Symbols, in the order of the parameters."
    )
    reference: str | None = Field(
        default=None, pattern=IDENTIFIER, description="A function of reference.py  [default: the same name]."
    )
    example: Values = Field(
        default_factory=dict, description="Inputs of the public example  [default: small whole numbers]."
    )
    checks: tuple[CheckSpec, ...] = Field(
        default=(), description="What is checked  [default: the stated sizes, and others]."
    )
    tolerance: ToleranceSpec = ToleranceSpec()

    def prepare(self, context: Context) -> Prepared[Program]:
        """Draw the inputs and work out what is expected."""
        return _Function(self, context)

    def public(self, context: Context) -> Public:
        """Return the signature, and the symbols that are its parameters."""
        how = f"Write a NumPy function def {self.signature}: … with what it needs, as text or as a .py file."
        symbols = {each: context.symbols[each] for each in self.parameters}
        return FunctionPublic(kind=self.kind, how=how, label=self.label, symbols=symbols, signature=self.signature)

    def key_values(self, context: Context, points: Sequence[Mapping[str, Any]]) -> list[list[Value]]:
        """Return what the function of reference.py returns."""
        return [context.run(self.reference or self.name, points)]

    @property
    def references(self) -> tuple[str, ...]:
        """The function of reference.py."""
        return (self.reference or self.name,)

    @property
    def program(self) -> str | None:
        """The name of the function."""
        return self.name

    @property
    def signature(self) -> Signature:
        """What the function is called, and what it is given."""
        return Signature(name=self.name, parameters=self.parameters)


class FunctionPublic(Public):
    """What the function is called, and what it is given."""

    signature: Signature

    def read_back(self, written: Written) -> Preview:
        """Say whether this is Python and seems to define the function; it is not run."""
        answer = parse_program(single_text(written))
        syntax.check(answer)
        if self.signature.name in answer.defined:
            return Preview(read_as=messages.read_as(self.signature))
        near = answer.near(self.signature.name)
        hint = f" Did you mean {near!r} to be it?" if near else ""
        raise Unreadable(f"This defines no function {self.signature.name!r}.{hint}")


@dataclass(frozen=True)
class Hidden:
    """One check with its trials."""

    spec: CheckSpec
    trials: tuple[TestCase, ...]


class _Function:
    """One function blank, ready to grade."""

    def __init__(self, spec: FunctionSpec, context: Context) -> None:
        self.spec = spec
        self.context = context
        self.reference = spec.reference or spec.name
        self.tolerance = Tolerance(spec.tolerance.relative, spec.tolerance.absolute)
        for index, each in enumerate(spec.parameters):
            if each not in context.symbols:
                raise AuthorMistake(
                    f"{each!r} is no symbol of the problem",
                    ("parameters", index),
                    nearest(each, context.symbols),
                )
        self.symbols = {each: context.symbols[each] for each in spec.parameters}
        [self.example] = self._expected([self._example()])
        self.checks = [self._check(index, each) for index, each in enumerate(spec.checks or self._defaults())]
        self.trials = [self.example, *(trial for check in self.checks for trial in check.trials)]
        self.foreseen = [each for index, mistake in enumerate(spec.mistakes) for each in self._foreseen(index, mistake)]

    def _defaults(self) -> tuple[CheckSpec, ...]:
        """Check at the stated sizes, and at others where the parameters have letters."""
        if not any(letters(each.shape) for each in self.symbols.values()):
            return (CheckSpec(says="with other inputs"),)
        stated = CheckSpec(says="with the sizes of the question")
        return stated, CheckSpec(says="with other sizes", sizes=others(self.context.sizes))

    def _space(self, sizes: Sizes, purpose: str) -> ComparisonSpace:
        decides = (
            self.reference,
            [(each, str(its.shape), str(its.domain)) for each, its in self.symbols.items()],
            sorted(self.context.sizes.items()),
            purpose,
            self.spec.tolerance.model_dump(),
            [each.model_dump() for each in self.spec.checks],
        )
        return ComparisonSpace(self.symbols, sizes, self.context.secret.derive(repr(decides).encode(), "inputs"))

    def _given(self, values: Values, sizes: Sizes, place: tuple[str | int, ...]) -> dict[str, Array]:
        """Read the inputs that the author fixed; raises Misspecified."""
        found = {}
        for each, value in values.items():
            if each not in self.symbols:
                raise AuthorMistake(f"{each!r} is no parameter", (*place, each), nearest(each, self.symbols))
            try:
                found[each] = typed(value, self.symbols[each])
            except (TypeError, ValueError) as error:
                raise AuthorMistake("these are no numbers", (*place, each)) from error
            wanted = in_numbers(self.symbols[each].shape, sizes)
            if found[each].shape != wanted:
                raise AuthorMistake(f"the shape is {found[each].shape}, and that of {each} is {wanted}", (*place, each))
        return found

    def _example(self) -> dict[str, Array]:
        given = self._given(self.spec.example, self.context.sizes, ("example",))
        return small(self._space(self.context.sizes, "example"), self.spec.parameters, given)

    def _check(self, index: int, spec: CheckSpec) -> Hidden:
        place = ("checks", index)
        for letter in spec.sizes:
            if letter not in self.context.sizes:
                raise AuthorMistake(
                    f"{letter!r} is no size of the problem",
                    (*place, "sizes", letter),
                    nearest(letter, self.context.sizes),
                )
        sizes = {**self.context.sizes, **spec.sizes}
        given = self._given(spec.values, sizes, (*place, "values"))
        space = self._space(sizes, f"check {index}")
        wanted = 1 if len(given) == len(self.symbols) else spec.trials
        tried = self._expected(list(drawn(space, self.spec.parameters, given, min(MAX_BASE_POINTS, 2 * wanted))))
        finite = [trial for trial in tried if all(np.isfinite(each).all() for each in several(trial.expected[0]))]
        chosen = tuple(islice(finite or (tried if given else ()), wanted))
        if not chosen:
            raise AuthorMistake("the reference has no finite value at any of the inputs tried", place)
        return Hidden(spec, chosen)

    def _expected(self, points: Sequence[dict[str, Array]]) -> list[TestCase]:
        values = self.context.run(self.reference, points)
        order = self.spec.parameters
        return [
            TestCase(tuple(point[each] for each in order), (value,))
            for point, value in zip(points, values, strict=True)
        ]

    def _foreseen(self, index: int, mistake: AnticipatedMistake) -> list[tuple[AnticipatedMistake, list[Value]]]:
        """Work out what the author's wrong functions return on every trial."""
        points = [dict(zip(self.spec.parameters, trial.inputs, strict=True)) for trial in self.trials]
        known = []
        for function in mistake.answers:
            try:
                values = self.context.run(function, points)
            except AuthorMistake as error:
                raise AuthorMistake(error.message, ("mistakes", index, "answer"), error.suggestion) from error
            if all(not self._how(value, trial) for value, trial in zip(values, self.trials, strict=True)):
                raise AuthorMistake(
                    f"{function} is no mistake: it returns what is asked", ("mistakes", index, "answer")
                )
            known.append((mistake, values))
        return known

    def _how(self, value: Value, trial: TestCase) -> Any:
        return difference(value, trial.expected[0], self.tolerance)

    def runs_code(self, written: Written) -> bool:
        """Every answer is a program."""
        return True

    def read(self, written: Written) -> Program:
        """Take a program as it is."""
        return parse_program(single_text(written))

    def check(self, answer: Program) -> Verdict:
        """Run the program, compare, and say what was seen."""
        signature = self.spec.signature
        read_as = messages.read_as(signature)
        try:
            done = run(self.context.sandbox, answer, signature, self.trials, public=1)
        except NoSandbox as error:
            return messages.no_sandbox(error, read_as)
        if done.outcome == "killed:wall":
            return messages.late(done, self.context.sandbox.limits, read_as)
        return self._verdict(answer, done, read_as)

    def _verdict(self, answer: Program, done: Run, read_as: str) -> Verdict:
        hows = [
            self._how(told.output, trial) if told.output is not None else "error"
            for told, trial in zip(done.trials, self.trials, strict=True)
        ]
        rows, passed, place = [], 0, 1
        for check in self.checks:
            span = range(place, place + len(check.trials))
            place += len(check.trials)
            failed = next((at for at in span if hows[at]), None)
            passed += 0 if failed is not None else check.spec.weight
            rows.append(self._row(check.spec, done, failed, hows))
        total = sum(check.spec.weight for check in self.checks)
        credit = Fraction(passed, total)
        if credit == 1:
            return Verdict.correct(read_as, "", (self._tried(done, hows),))
        arithmetic = f"{passed} of {total}" if credit and total > 1 else ""
        findings = (self._tried(done, hows), Checks(tuple(rows), arithmetic), *self._lines(answer, done))
        reason = messages.reason(done, self.context.sandbox.limits)
        review = messages.suspicion(done, reason)
        verdict = self._named(done, hows, credit, read_as, reason, findings, review)
        return replace(verdict, meaning=meaning(done))

    def _named(
        self,
        done: Run,
        hows: list[Any],
        credit: Fraction,
        read_as: str,
        reason: str,
        findings: tuple[Any, ...],
        review: str | None,
    ) -> Verdict:
        outputs = [told.output for told in done.trials]
        given = [each for each in outputs if each is not None]
        if len(given) == len(outputs):
            for mistake, values in self.foreseen:
                if not any(difference(one, other, self.tolerance) for one, other in zip(given, values, strict=True)):
                    return mistake.verdict(read_as, reason, findings, credit)
        if credit:
            return Verdict.partial(credit, read_as, reason, findings, review)
        verdict = self.spec.incorrect_verdict(self._slip(given, hows), read_as, reason, findings)
        return verdict.reviewed(review) if review else verdict

    def _slip(self, given: list[Value], hows: list[Any]) -> Mistake | None:
        if len(given) < len(self.trials) or "count" in hows:
            return None
        found, place = slip(given, [trial.expected[0] for trial in self.trials], self.tolerance)
        return mistake_messages.mistake_message("function", found, place) if found else None

    def _row(self, spec: CheckSpec, done: Run, failed: int | None, hows: list[Any]) -> Check:
        if failed is None:
            return Check(spec.says, True)
        told = done.trials[failed]
        if told.output is None:
            return Check(spec.says, False, messages.failure(told))
        how, expected = hows[failed], self.trials[failed].expected[0]
        return Check(spec.says, False, messages.differing(how, told.output), messages.asked(how, expected))

    def _tried(self, done: Run, hows: list[Any]) -> PublicExample:
        told = done.trials[0]
        sentence = "" if told.output is not None else messages.failure(told)
        return PublicExample(
            tuple(
                (name(each, self._words), shown(value))
                for each, value in zip(self.spec.parameters, self.example.inputs, strict=True)
            ),
            None if told.output is None else shown(told.output),
            shown(self.example.expected[0]),
            not hows[0],
            (done.loading.printed + told.printed)[:1_000],
            sentence,
        )

    def _lines(self, answer: Program, done: Run) -> tuple[Note, ...]:
        """Mark the line at which the function failed first."""
        span = answer.span(done.line)
        return (Note(f"Line {done.line}.", span),) if span else ()

    @cached_property
    def _words(self) -> Vocabulary:
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
        """Return slips in what is returned that no trial shows: a sign or a transpose that makes no difference."""
        expected = [trial.expected[0] for trial in self.trials]
        made: dict[str, Callable[[Array], Array]] = {
            "sign-flipped": np.negative,
            "transposed-shape": np.transpose,
            "zeros": np.zeros_like,
        }
        return [
            SurvivingMutation(f"{slip}", slip, "no input of the checks shows the difference")
            for slip, change in made.items()
            if slip != "transposed-shape" or any(each.ndim > 1 for value in expected for each in several(value))
            if all(
                not self._how(_changed(value, change), trial)
                for value, trial in zip(expected, self.trials, strict=True)
            )
        ]

    def key(self) -> str:
        """Return the name of the reference: a program is shown by the author's solution."""
        return f"`{self.reference}` of reference.py"


def _changed(value: Value, change: Callable[[Array], Array]) -> Value:
    made = tuple(change(each) if each.dtype.kind != "b" else ~each for each in several(value))
    return made if isinstance(value, tuple) else made[0]


def shown(value: Value) -> str:
    """Return the LaTeX of a value, or its shape where it is too large to be shown."""
    return r",\quad ".join(_shown(each) for each in several(value))


def _shown(value: Array) -> str:
    if value.ndim > 2 or value.size > SHOWN or value.size == 0:
        return rf"\text{{an array of shape {value.shape}}}"
    if value.dtype.kind == "c":
        return rf"\text{{{np.array2string(value, precision=4)}}}".replace("\n", " ")
    return array(value.astype(float))
