"""Which formulas are determined by their values on any small region, so that random points are all that is needed.

A quotient of functions that are real-analytic on a connected domain is: two of them that agree on an open set agree
wherever both are defined (the identity theorem). Everything else is looked at everywhere: see ``screen`` and ``kinks``.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from math import log2

from grader.formula.equality.domains import DISCRETE, RANDOM_BITS, short_name
from grader.formula.expression import DEFINED, LITERAL, SYMBOL, Expression, attributes, names, postorder
from grader.formula.functions.table import CONSTANTS
from grader.formula.symbols import Symbol

POLYNOMIAL, ENTIRE, QUOTIENT, OTHER = range(4)
RATIONAL = frozenset(
    (
        "add subtract multiply negative matmul square transpose sum mean prod var trace det dot inner outer kron diag reshape ravel stack"
        " concatenate hstack vstack column_stack index einsum eye ones zeros ones_like zeros_like onehot cumsum"
    ).split()
)
"""Polynomials in the entries of their arguments."""
ANALYTIC = frozenset("exp expm1 sin cos sinh cosh tanh sigmoid softplus arctan arcsinh softmax logsumexp".split())
"""Real-analytic on all real numbers."""


def is_determined_locally(expressions: tuple[Expression, ...], symbols: Mapping[str, Symbol]) -> bool:
    """Whether agreement on a small region proves agreement everywhere for these formulas on their domains."""
    if any(short_name(symbol.domain) in DISCRETE or short_name(symbol.domain) == "orth" for symbol in symbols.values()):
        return all(_analytic_class(each) == POLYNOMIAL for each in expressions) and not any(
            short_name(symbol.domain) in ("onehot", "binary", "orth") for symbol in symbols.values()
        )
    return all(_analytic_class(each) < OTHER for each in expressions)


@lru_cache(maxsize=4096)
def _saturates(expression: Expression) -> bool:
    return any(
        node.op not in RATIONAL | ALGEBRAIC or (_whole_power(node) and abs(node.args[1].value) > MAX_MODERATE_EXPONENT)  # type: ignore[arg-type]
        for node in postorder(expression)
    )


def may_saturate(expressions: tuple[Expression, ...]) -> bool:
    """Whether values may agree to very many digits where formulas differ, as those of ``tanh`` at large numbers do."""
    return any(map(_saturates, expressions))


ALGEBRAIC = frozenset((LITERAL, SYMBOL, DEFINED, "divide", "inv", "solve", "power", "matrix_power", "sqrt"))
MAX_MODERATE_EXPONENT = 64
BILINEAR = frozenset(("multiply", "matmul", "dot", "inner", "outer", "kron", "einsum"))
INDEPENDENT_ENTRIES = frozenset(("real", "pos", "neg", "nonneg", "prob", "unit", "range"))
"""Domains whose entries are drawn one by one, each with all random bits."""


def false_accept_log2(expressions: tuple[Expression, ...], symbols: Mapping[str, Symbol], points: int) -> float | None:
    """Return the base-2 logarithm of the bound on the chance that polynomials which differ agree at all points.

    J. T. Schwartz, Fast probabilistic algorithms for verification of polynomial identities, Journal of the ACM 27 (1980):
    at one point at most degree / 2^bits. None where a formula is no polynomial whose degree is read off its form.
    """
    degrees = [_degree(each) for each in expressions]
    known = [each for each in degrees if each is not None]
    if len(known) < len(degrees) or any(
        short_name(symbol.domain) not in INDEPENDENT_ENTRIES for symbol in symbols.values()
    ):
        return None
    return points * (log2(max(1, *known)) - RANDOM_BITS)


@lru_cache(maxsize=4096)
def _degree(expression: Expression) -> int | None:
    degrees: dict[Expression, int] = {}
    for node in postorder(expression):
        given = [degrees[arg] for arg in node.args]
        if node.op in (LITERAL, SYMBOL):
            degrees[node] = int(node.op == SYMBOL)
        elif node.op == DEFINED:
            degrees[node] = given[-1]
        elif node.op in BILINEAR:
            degrees[node] = sum(given)
        elif node.op in ("square", "var"):
            degrees[node] = 2 * given[0]
        elif _whole_power(node) and isinstance(node.args[1].value, Fraction) and node.args[1].value >= 0:
            degrees[node] = given[0] * int(node.args[1].value)
        elif node.op == "matrix_power" and attributes(node)["n"] >= 0:
            degrees[node] = given[0] * int(attributes(node)["n"])
        elif (node.op in RATIONAL and node.op not in ("det", "prod")) or (
            node.op == "divide" and node.args[1].op == LITERAL
        ):
            degrees[node] = max(given, default=0)
        else:
            return None
    return degrees[expression]


def _whole_power(node: Expression) -> bool:
    exponent = node.args[1] if node.op == "power" else None
    return exponent is not None and isinstance(exponent.value, Fraction) and exponent.value.denominator == 1


@lru_cache(maxsize=4096)
def _analytic_class(expression: Expression) -> int:
    kinds: dict[Expression, int] = {}
    for node in postorder(expression):
        kinds[node] = _class_of_node(node, [kinds[arg] for arg in node.args])
    return kinds[expression]


def _class_of_node(node: Expression, args: list[int]) -> int:
    if node.op in (LITERAL, SYMBOL) or not (set(names((node,))) - set(CONSTANTS)):
        return POLYNOMIAL
    worst = max(args, default=POLYNOMIAL)
    if node.op == DEFINED:
        return args[-1]
    if node.op in RATIONAL or _whole_power(node):
        return worst
    if node.op == "matrix_power" and attributes(node)["n"] >= 0:
        return worst
    if node.op == "divide" and node.args[1].op == LITERAL:
        return worst
    if node.op in ("divide", "inv", "solve", "matrix_power"):
        return QUOTIENT if worst < OTHER else OTHER
    if node.op == "tan":
        return QUOTIENT if worst <= ENTIRE else OTHER
    return ENTIRE if node.op in ANALYTIC and worst <= ENTIRE else OTHER
