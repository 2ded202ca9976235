"""What mutation rules have in common: the mutation, the context of a rule, and how formulas are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.formula.expression import Expression, call, literal, symbol
from grader.formula.functions.table import FUNCTIONS
from grader.formula.symbols import Shape


@dataclass(frozen=True)
class Mutation:
    """A formula with one slip in it: the name of the mistake, the formula, and the parts that its message speaks of."""

    name: str
    expression: Expression
    places: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class RuleContext:
    """What a rule may know besides the part itself: the shapes of all parts, and the symbols of each shape.

    ``inner_products`` are the matrix products that are a factor of another one: a chain is changed once, at its outermost.
    """

    shapes: Mapping[Expression, Shape]
    symbols: Mapping[str, Shape]
    inner_products: frozenset[Expression]

    def others_of_shape(self, node: Expression) -> list[Expression]:
        """Return the other symbols of the shape that a symbol has."""
        shape = self.shapes[node]
        return [symbol(name) for name, other in self.symbols.items() if other == shape and name != node.value]


MutationRule = Callable[[Expression, RuleContext], Iterator[Mutation]]
"""Takes a part of a formula and yields what people write in its stead, not the whole formula."""


def transposed(node: Expression) -> Expression:
    """Return the transpose of a part, or what it is the transpose of."""
    return node.args[0] if node.op == "transpose" and node.value is None else call("transpose", node)


def signed_literal(value: Fraction) -> Expression:
    """Return an exact number as the parser reads it: a sign is an operation."""
    return literal(value) if value >= 0 else call("negative", literal(-value))


def product_of(factors: Sequence[Expression]) -> Expression:
    """Return a product of matrices, taken from left to right."""
    product = factors[0]
    for factor in factors[1:]:
        product = call("matmul", product, factor)
    return product


def is_entrywise_function(node: Expression) -> bool:
    """True for a function of one argument that works entry by entry, other than a sign."""
    return node.op in FUNCTIONS and FUNCTIONS[node.op].elementwise and len(node.args) == 1 and node.op != "negative"
