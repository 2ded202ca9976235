"""Mutations (mutants) of a formula, as in mutation testing: what one slip makes of it, each with the mistake's name and place.

The names are those of ``catalogue``. A rule sees one part at a time; ``matrix_mutations``, ``scalar_mutations`` and
``structural_mutations`` hold the rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from grader.formula.expression import LITERAL, Expression, make, postorder, rebuild
from grader.formula.mistakes.matrix_mutations import mutate_inverses, mutate_matrix_products, mutate_transposes
from grader.formula.mistakes.rule_context import Mutation, MutationRule, RuleContext
from grader.formula.mistakes.scalar_mutations import (
    mutate_complements,
    mutate_entrywise_products,
    mutate_functions,
    mutate_numbers,
    mutate_powers,
    mutate_terms,
)
from grader.formula.mistakes.structural_mutations import (
    mutate_brackets,
    mutate_indices,
    mutate_reductions,
    mutate_split_operations,
    mutate_symbols,
    mutate_whole_formula,
)
from grader.formula.symbols import Shape

RULES: tuple[MutationRule, ...] = (
    mutate_transposes, mutate_inverses, mutate_matrix_products, mutate_entrywise_products, mutate_terms, mutate_complements, mutate_powers,
    mutate_reductions, mutate_functions, mutate_numbers, mutate_symbols, mutate_indices, mutate_brackets, mutate_split_operations,
)  # fmt: skip
"""In an order that counts: only so many mutations of a key are tried, and of two that are alike the first is named."""


def mutations(
    expression: Expression, shapes: Mapping[Expression, Shape], symbols: Mapping[str, Shape]
) -> Iterator[Mutation]:
    """Yield the formulas that one slip makes of this one; of ``symbols`` a student may have taken any.

    A part that stands in several places is changed in all of them, and in each alone. Shapes need not fit.

    >>> from grader.formula.expression import call, canonical, symbol
    >>> a, b = symbol("a"), symbol("b")
    >>> difference = call("subtract", a, b)
    >>> found = mutations(difference, {a: (), b: (), difference: ()}, {"a": (), "b": ()})
    >>> [each.name for each in found if each.expression is call("subtract", b, a)]
    ['reversed-difference']
    """
    nodes = postorder(expression)
    inner_products = frozenset(arg for node in nodes if node.op == "matmul" for arg in node.args if arg.op == "matmul")
    context = RuleContext(shapes, symbols, inner_products)
    uses = Counter(arg for node in nodes for arg in node.args)
    yield from mutate_whole_formula(expression, context)
    for node in nodes:
        for mutation in (mutation for rule in RULES for mutation in rule(node, context)):
            if node.op != LITERAL or uses[node] == 1:  # Equal numbers in several places are not one thing.
                yield _with_expression(mutation, _replaced_everywhere(expression, node, mutation.expression))
            if uses[node] > 1:
                for parent in nodes:
                    for position, arg in enumerate(parent.args):
                        if arg is node:
                            changed = _replaced_once(expression, parent, position, mutation.expression)
                            yield _with_expression(mutation, changed)


def _with_expression(mutation: Mutation, expression: Expression) -> Mutation:
    return Mutation(mutation.name, expression, mutation.places)


def _replaced_everywhere(expression: Expression, old: Expression, new: Expression) -> Expression:
    return rebuild(expression, lambda node, args: new if node is old else make(node.op, args, node.value))


def _replaced_once(expression: Expression, parent: Expression, position: int, new: Expression) -> Expression:
    def change(node: Expression, args: tuple[Expression, ...]) -> Expression:
        changed = (*args[:position], new, *args[position + 1 :]) if node is parent else args
        return make(node.op, changed, node.value)

    return rebuild(expression, change)
