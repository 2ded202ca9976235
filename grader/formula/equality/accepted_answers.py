"""What a blank accepts: one of several formulas, perhaps up to a sign or a constant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from grader.formula.equality.counterexample import Example, example
from grader.formula.equality.decide import Decision, Space, equal
from grader.formula.evaluation.shapes import shapes
from grader.formula.expression import SYMBOL, Expression, call, make, rebuild, symbol
from grader.formula.symbols import Shape, Symbol, Symbols

UpTo = Literal["sign", "constant"]
START = "°"
"""Ends the name of a symbol's first value, where growth is compared; no declared name has it."""


class Key(Protocol):
    """What an answer is compared with."""

    @property
    def shapes(self) -> list[Shape]:
        """The shapes that are accepted, in numbers; raises Mismatch."""

    def decide(self, answer: Expression, budget: int) -> Decision:
        """Decide whether an answer is accepted."""

    def example(self, answer: Expression, decision: Decision, budget: int) -> Example | None:
        """Return values that show why an answer of an accepted shape, which was decided wrong, is not accepted."""


@dataclass(eq=False)
class Formulas:
    """Accepted formulas.

    Two formulas are equal up to a constant in ``varying`` if both grow alike between any two values of these symbols:
    f(x) − f(x°) = g(x) − g(x°), with ``starts(…)`` among the symbols of ``space``.
    """

    references: Sequence[Expression]
    space: Space
    up_to: UpTo | None = None
    varying: Sequence[str] = ()

    @cached_property
    def shapes(self) -> list[Shape]:
        """The shapes of the references."""
        return [shapes(each, self.space.shapes, self.space.mixing)[each] for each in self.references]

    @cached_property
    def accepted(self) -> list[Expression]:
        """What the form of an answer may be equal to."""
        forms = [self.form(each) for each in self.references]
        return [*forms, *(call("negative", each) for each in forms)] if self.up_to == "sign" else forms

    def form(self, expression: Expression) -> Expression:
        """Return what is compared of a formula: itself, or its growth from the first values."""
        return grown(expression, self.varying) if self.up_to == "constant" else expression

    def decide(self, answer: Expression, budget: int) -> Decision:
        """Decide; undecided if some comparison is, and none is equal."""
        decisions: list[Decision] = []
        for each in self.accepted:
            decision = equal(each, self.form(answer), self.space, budget)
            if decision.equal:
                return decision
            decisions.append(decision)
        return next((each for each in decisions if each.equal is None), decisions[0])

    def example(self, answer: Expression, decision: Decision, budget: int) -> Example | None:
        """Search values at which the answer differs from every reference of its shape."""
        form = self.form(answer)
        dims = shapes(form, self.space.shapes, self.space.mixing)[form]
        fitting = [each for each in self.accepted if shapes(each, self.space.shapes, self.space.mixing)[each] == dims]
        single = len(self.accepted) == 1
        decisions = [decision] if single else [equal(each, form, self.space, budget) for each in fitting]
        return example(fitting, form, self.space, decisions)


def grown(expression: Expression, varying: Sequence[str]) -> Expression:
    """Return how much a formula grows while ``varying`` go from their first values to their values."""

    def started(node: Expression, args: tuple[Expression, ...]) -> Expression:
        moved = node.op == SYMBOL and node.value in varying
        return symbol(f"{node.value}{START}") if moved else make(node.op, args, node.value)

    return call("subtract", expression, rebuild(expression, started))


def starts(symbols: Symbols, varying: Sequence[str]) -> dict[str, Symbol]:
    """Return the first values of symbols that vary, as symbols of their own."""
    return {f"{name}{START}": symbols[name] for name in varying}
