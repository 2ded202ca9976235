"""A normal form of matrix products and transposes, by which formulas are compared as texts, and what a formula is made of."""

from __future__ import annotations

from grader.formula.evaluation.shapes import factors
from grader.formula.expression import LITERAL, SYMBOL, Expression, make, postorder, rebuilt
from grader.formula.mistakes.rule_context import product_of


def normal_form(formula: Expression) -> Expression:
    """Return a formula without transposes of transposes, with its matrix products taken from left to right.

    Formulas are shared nodes, so two of one normal form are the same object:

    >>> from grader.formula.expression import call, symbol
    >>> A, B, C = map(symbol, "ABC")
    >>> twice = call("transpose", call("transpose", A))
    >>> normal_form(call("matmul", twice, call("matmul", B, C))) is call("matmul", call("matmul", A, B), C)
    True
    """

    def without_double_transpose(node: Expression, args: tuple[Expression, ...]) -> Expression:
        is_double = node.op == "transpose" and node.value is None and args[0].op == "transpose"
        if is_double and args[0].value is None:
            return args[0].args[0]
        return make(node.op, args, node.value)

    return left_associated(rebuilt(formula, without_double_transpose))


def left_associated(formula: Expression) -> Expression:
    """Return a formula with all chains of matrix products taken from left to right."""

    def turned(node: Expression, args: tuple[Expression, ...]) -> Expression:
        if node.op != "matmul":
            return make(node.op, args, node.value)
        return product_of([*factors(args[0]), *factors(args[1])])

    return rebuilt(formula, turned)


def leaves(formula: Expression) -> list[Expression]:
    """Return the symbols and numbers of a formula, each as often as it is used."""
    nodes = postorder(formula)
    return [arg for node in nodes for arg in node.args if arg.op in (LITERAL, SYMBOL)] or nodes
