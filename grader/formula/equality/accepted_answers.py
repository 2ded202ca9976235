"""What a blank accepts: the answer key as one of several formulas, perhaps up to a sign or a constant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.counterexample import CounterexampleValues, find_counterexample
from grader.formula.equality.decide import decide
from grader.formula.equality.decision import Decision
from grader.formula.evaluation.shapes import shapes
from grader.formula.expression import SYMBOL, Expression, call, make, rebuild, symbol
from grader.formula.symbols import Shape, Symbol, Symbols

UpTo = Literal["sign", "constant"]
FIRST_VALUE_MARK = "°"
"""Ends the name of a symbol's first value, where growth is compared; no declared name has it."""


class AcceptedAnswers(Protocol):
    """What an answer is compared with."""

    @property
    def shapes(self) -> list[Shape]:
        """The shapes that are accepted, in numbers; raises ShapeMismatch."""

    def decide(self, answer: Expression, budget: int) -> Decision:
        """Decide whether an answer is accepted."""

    def counterexample(self, answer: Expression, decision: Decision, budget: int) -> CounterexampleValues | None:
        """Return values that show why an answer of an accepted shape, which was decided wrong, is not accepted."""


@dataclass(eq=False)
class AcceptedFormulas:
    """Accepted formulas.

    Two formulas are equal up to a constant in ``varying`` if both grow alike between any two values of these symbols:
    f(x) − f(x°) = g(x) − g(x°), with ``first_value_symbols(…)`` among the symbols of ``space``.

    >>> accepted = AcceptedFormulas([symbol("x")], ComparisonSpace({"x": Symbol()}, {}, seed=1), up_to="sign")
    >>> accepted.decide(call("negative", symbol("x")), budget=10**6).equal
    True
    """

    references: Sequence[Expression]
    space: ComparisonSpace
    up_to: UpTo | None = None
    varying: Sequence[str] = ()

    @cached_property
    def shapes(self) -> list[Shape]:
        """The shapes of the references."""
        return [self._shape(formula) for formula in self.references]

    @cached_property
    def accepted(self) -> list[Expression]:
        """The formulas of which the form of an answer must equal one."""
        forms = [self.comparison_form(formula) for formula in self.references]
        return [*forms, *(call("negative", form) for form in forms)] if self.up_to == "sign" else forms

    def comparison_form(self, expression: Expression) -> Expression:
        """Return what is compared of a formula: itself, or its growth from the first values."""
        return growth(expression, self.varying) if self.up_to == "constant" else expression

    def decide(self, answer: Expression, budget: int) -> Decision:
        """Compare with each accepted formula; undecided if some comparison is, and none is equal."""
        decisions: list[Decision] = []
        for formula in self.accepted:
            decision = decide(formula, self.comparison_form(answer), self.space, budget)
            if decision.equal:
                return decision
            decisions.append(decision)
        return next((decision for decision in decisions if decision.equal is None), decisions[0])

    def counterexample(self, answer: Expression, decision: Decision, budget: int) -> CounterexampleValues | None:
        """Search values at which the answer differs from every reference of its shape."""
        form = self.comparison_form(answer)
        fitting = [formula for formula in self.accepted if self._shape(formula) == self._shape(form)]
        single = len(self.accepted) == 1
        decisions = [decision] if single else [decide(formula, form, self.space, budget) for formula in fitting]
        return find_counterexample(fitting, form, self.space, decisions)

    def _shape(self, formula: Expression) -> Shape:
        return shapes(formula, self.space.shapes, self.space.mixing)[formula]


def growth(expression: Expression, varying: Sequence[str]) -> Expression:
    """Return how much a formula grows while ``varying`` go from their first values to their values."""

    def with_first_values(node: Expression, args: tuple[Expression, ...]) -> Expression:
        varies = node.op == SYMBOL and node.value in varying
        return symbol(f"{node.value}{FIRST_VALUE_MARK}") if varies else make(node.op, args, node.value)

    return call("subtract", expression, rebuild(expression, with_first_values))


def first_value_symbols(symbols: Symbols, varying: Sequence[str]) -> dict[str, Symbol]:
    """Return the first values of symbols that vary, as symbols of their own."""
    return {f"{name}{FIRST_VALUE_MARK}": symbols[name] for name in varying}
