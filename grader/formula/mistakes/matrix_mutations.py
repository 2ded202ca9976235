"""Mutations of matrix operations: transposes, inverses, and chains of products."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from grader.formula.evaluation.shapes import factors
from grader.formula.expression import SYMBOL, Expression, call, symbol
from grader.formula.mistakes.rule_context import (
    Mutation,
    RuleContext,
    product_of,
    transposed,
)

MAX_CHAIN_FACTORS, MAX_PERMUTED_FACTORS = 6, 4
"""Factors of a chain that is changed at all, and of one of which every order is tried."""


def mutate_transposes(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Drop or add a transpose, or put an inverse for it."""
    shape = context.shapes[node]
    if node.op == "transpose" and node.value is None:
        yield Mutation("missing-transpose", node.args[0], node.args)
        if len(shape) == 2 and shape[0] == shape[1]:
            yield Mutation("inverse-instead-of-transpose", call("inv", node.args[0]), node.args)
    elif len(shape) == 2 and (node.op == SYMBOL or node.op == "inv"):
        yield Mutation("extra-transpose", transposed(node), (node,))


def mutate_inverses(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Drop an inverse, or put a transpose for it."""
    if node.op == "inv":
        yield Mutation("missing-inverse", node.args[0], node.args)
        yield Mutation("transpose-instead-of-inverse", transposed(node.args[0]), node.args)
    if node.op == "solve":
        yield Mutation("missing-inverse", call("matmul", *node.args), node.args[:1])


def mutate_matrix_products(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Swap, drop or add factors of a chain of matrices, or multiply them entry by entry."""
    if node.op != "matmul" or node in context.inner_products:
        return
    parts = list(factors(node))
    if len(parts) > MAX_CHAIN_FACTORS:
        return
    # Of a vector v with one axis, v A is Aᵀ v: what looks like another order is a transpose.
    matrices = [len(context.shapes[part]) > 1 for part in parts]
    for i, part in enumerate(parts):
        yield Mutation("missing-factor", product_of(parts[:i] + parts[i + 1 :]), (part,))
        for j in range(i + 1, len(parts)):
            swapped = [*parts]
            swapped[i], swapped[j] = parts[j], parts[i]
            if matrices[i] and matrices[j]:
                yield Mutation("order-swapped", product_of(swapped), (part, parts[j]))
    if all(matrices) and 2 < len(parts) <= MAX_PERMUTED_FACTORS:
        for order in permutations(parts):
            yield Mutation("order-changed", product_of(order), (node,))
    for i in range(len(parts) - 1):
        pair = call("multiply", parts[i], parts[i + 1])
        yield Mutation(
            "elementwise-instead-of-matmul",
            product_of([*parts[:i], pair, *parts[i + 2 :]]),
            (parts[i], parts[i + 1]),
        )
        parted = call("multiply", product_of(parts[: i + 1]), product_of(parts[i + 1 :]))
        yield Mutation(
            "elementwise-instead-of-matmul", parted, (product_of(parts[: i + 1]), product_of(parts[i + 1 :]))
        )
    for name, shape in context.symbols.items():
        if len(shape) == 2 and 1 not in shape:
            for more in (symbol(name), call("transpose", symbol(name))):
                for i in range(len(parts) + 1):
                    yield Mutation("extra-factor", product_of([*parts[:i], more, *parts[i:]]), (more,))
