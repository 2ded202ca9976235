"""Names that an author gives to formulas, and that answers may use: ``z1`` for a value, ``f1(z)`` for a function."""

from __future__ import annotations

from dataclasses import dataclass

from grader.formula.differentiate import derivative
from grader.formula.expression import DEFINED, SYMBOL, Expression, call, literal, make, rebuild, symbol, symbol_names


@dataclass(frozen=True)
class Definition:
    """A name and what it stands for: a value, or a function of one ``parameter`` that works entry by entry.

    The parameter is a symbol of its own, which no other formula holds; its author calls it ``argument``.
    """

    name: str
    value: Expression
    parameter: str | None = None
    argument: str | None = None
    tex: str | None = None
    also: tuple[str, ...] = ()

    @property
    def value_as_written(self) -> Expression:
        """The value as its author wrote it."""
        if self.parameter is None or self.argument is None:
            return self.value
        return substitute(self.value, self.parameter, symbol(self.argument))

    def as_expression(self) -> Expression:
        """Return the value under its name."""
        return make(DEFINED, (self.value,), self.name)

    def apply(self, argument: Expression, primes: int = 0) -> Expression:
        """Return the function, or its derivative, applied to an argument; raises NotDifferentiable."""
        body, parameter = self.value, str(self.parameter)
        for _ in range(primes):
            body = derivative(body, parameter)
        if parameter not in symbol_names((body,)):  # The derivative of f(z) = z is an array of ones, as large as z.
            ones = call("ones_like", argument)
            body = ones if body is literal(1) else call("multiply", body, ones)
        return make(DEFINED, (argument, substitute(body, parameter, argument)), self.name + "'" * primes)


def size_definition(letter: str, length: int) -> Definition:
    """Return a letter of the problem's sizes as the number that it stands for."""
    return Definition(letter, literal(length))


def substitute(expression: Expression, name: str, value: Expression) -> Expression:
    """Return the expression with a symbol replaced by a value."""
    return rebuild(
        expression,
        lambda node, args: value if node.op == SYMBOL and node.value == name else make(node.op, args, node.value),
    )
