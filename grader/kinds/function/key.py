"""What a function blank expects: its public example, its checks with hidden inputs, and what the author's wrong functions return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from grader.core.arrays import Array, Value, as_tuple
from grader.core.errors import nearest
from grader.core.seeds import HIDDEN_INPUTS
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decide import MAX_BASE_POINTS
from grader.formula.symbols import Sizes, in_numbers, letters
from grader.kinds.base.anticipated_mistakes import AnticipatedMistake
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.base.seed_text import fields_in_seed, symbols_in_seed
from grader.kinds.code.compare_outputs import Difference, OutputTolerance, difference
from grader.kinds.code.test_inputs import TestCase, as_input, hidden_inputs, other_sizes, public_inputs
from grader.kinds.function.options import CheckSpec, FunctionOptions, Values

TOLERANCE_IN_SEED = {"relative": "relative", "absolute": "absolute"}
CHECK_IN_SEED = {"says": "says", "weight": "weight", "trials": "trials", "sizes": "sizes", "values": "values"}
"""The words of the fields in the seed of the hidden inputs, in their order, and the fields: the words stay, fields may be renamed."""


@dataclass(frozen=True)
class HiddenCheck:
    """One check with its test cases."""

    spec: CheckSpec
    cases: tuple[TestCase, ...]


class FunctionKey:
    """All that is worked out once of one blank; raises BlankSpecError.

    ``cases`` are the public example and then those of all checks, in the order in which a program is run on them.
    """

    def __init__(self, spec: FunctionOptions, context: Context) -> None:
        self.spec = spec
        self.context = context
        self.tolerance = OutputTolerance(spec.tolerance.relative, spec.tolerance.absolute)
        for index, name in enumerate(spec.parameters):
            if name not in context.symbols:
                raise BlankSpecError(
                    f"{name!r} is no symbol of the problem",
                    ("parameters", index),
                    nearest(name, context.symbols),
                )
        self.symbols = {name: context.symbols[name] for name in spec.parameters}
        [self.example] = self._cases([self._example_inputs()])
        self.checks = [self._check(index, check) for index, check in enumerate(spec.checks or self._default_checks())]
        self.cases = [self.example, *(case for check in self.checks for case in check.cases)]
        self.anticipated = [
            pair for index, mistake in enumerate(spec.mistakes) for pair in self._anticipated(index, mistake)
        ]

    def _default_checks(self) -> tuple[CheckSpec, ...]:
        """Check at the stated sizes, and at others where the parameters have letters."""
        if not any(letters(symbol.shape) for symbol in self.symbols.values()):
            return (CheckSpec(says="with other inputs"),)
        stated = CheckSpec(says="with the sizes of the question")
        return stated, CheckSpec(says="with other sizes", sizes=other_sizes(self.context.sizes))

    def _space(self, sizes: Sizes, purpose: str) -> ComparisonSpace:
        """Return where inputs are drawn; everything in ``canonical`` decides which, so its text is the same in every version."""
        canonical = (
            self.spec.reference_name,
            symbols_in_seed(self.symbols),
            sorted(self.context.sizes.items()),
            purpose,
            fields_in_seed(self.spec.tolerance, TOLERANCE_IN_SEED),
            # The author's checks, none where they are the default ones: the sentences of those enter no seed.
            [fields_in_seed(check, CHECK_IN_SEED) for check in self.spec.checks],
        )
        return ComparisonSpace(self.symbols, sizes, self.context.secret.derive(repr(canonical).encode(), HIDDEN_INPUTS))

    def _fixed(self, values: Values, sizes: Sizes, field: tuple[str | int, ...]) -> dict[str, Array]:
        """Return the inputs that the author fixed in a field, by parameter; raises BlankSpecError."""
        arrays = {}
        for name, value in values.items():
            if name not in self.symbols:
                raise BlankSpecError(f"{name!r} is no parameter", (*field, name), nearest(name, self.symbols))
            try:
                arrays[name] = as_input(value, self.symbols[name])
            except (TypeError, ValueError) as error:
                raise BlankSpecError("these are no numbers", (*field, name)) from error
            declared = in_numbers(self.symbols[name].shape, sizes)
            if arrays[name].shape != declared:
                message = f"the shape is {arrays[name].shape}, and that of {name} is {declared}"
                raise BlankSpecError(message, (*field, name))
        return arrays

    def _example_inputs(self) -> dict[str, Array]:
        fixed = self._fixed(self.spec.example, self.context.sizes, ("example",))
        return public_inputs(self._space(self.context.sizes, "example"), self.spec.parameters, fixed)

    def _check(self, index: int, spec: CheckSpec) -> HiddenCheck:
        """Draw the inputs of a check, and work out what is expected."""
        field = ("checks", index)
        for letter in spec.sizes:
            if letter not in self.context.sizes:
                raise BlankSpecError(
                    f"{letter!r} is no size of the problem",
                    (*field, "sizes", letter),
                    nearest(letter, self.context.sizes),
                )
        sizes = {**self.context.sizes, **spec.sizes}
        fixed = self._fixed(spec.values, sizes, (*field, "values"))
        space = self._space(sizes, f"check {index}")
        # Where every input is fixed, each trial is the same.
        trials = 1 if len(fixed) == len(self.symbols) else spec.trials
        drawn = self._cases(list(hidden_inputs(space, self.spec.parameters, fixed, min(MAX_BASE_POINTS, 2 * trials))))
        finite = [case for case in drawn if all(np.isfinite(array).all() for array in as_tuple(case.expected[0]))]
        chosen = tuple(islice(finite or (drawn if fixed else ()), trials))
        if not chosen:
            raise BlankSpecError("the reference has no finite value at any of the inputs tried", field)
        return HiddenCheck(spec, chosen)

    def _cases(self, points: Sequence[dict[str, Array]]) -> list[TestCase]:
        """Return inputs together with what the reference returns there."""
        values = self.context.run(self.spec.reference_name, points)
        return [
            TestCase(tuple(point[name] for name in self.spec.parameters), (value,))
            for point, value in zip(points, values, strict=True)
        ]

    def _anticipated(self, index: int, mistake: AnticipatedMistake) -> list[tuple[AnticipatedMistake, list[Value]]]:
        """Return what each of the author's wrong functions returns on every case."""
        points = [dict(zip(self.spec.parameters, case.inputs, strict=True)) for case in self.cases]
        field = ("mistakes", index, "answer")
        anticipated = []
        for function in mistake.answers:
            try:
                values = self.context.run(function, points)
            except BlankSpecError as error:
                raise BlankSpecError(error.message, field, error.suggestion) from error
            if all(not self.difference(value, case) for value, case in zip(values, self.cases, strict=True)):
                raise BlankSpecError(f"{function} is no mistake: it returns what is expected", field)
            anticipated.append((mistake, values))
        return anticipated

    def difference(self, value: Value, case: TestCase) -> Difference | None:
        """Return in what a value differs from the expected one of a case."""
        return difference(value, case.expected[0], self.tolerance)
