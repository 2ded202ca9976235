"""Rewriting a formula leaves it equal; changing it makes it different wherever mpmath finds a difference."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decide import decide
from grader.formula.equality.decision import Reason
from grader.formula.expression import (
    LITERAL,
    SYMBOL,
    Expression,
    call,
    literal,
    make,
    postorder,
    rebuild,
    symbol,
)
from grader.formula.symbols import Symbol

SYMBOLS = {"x": Symbol(), "y": Symbol(), "p": Symbol(domain="pos")}
BUDGET = 50_000_000
ONE = {
    "exp": mp.exp,
    "sin": mp.sin,
    "tanh": mp.tanh,
    "abs": abs,
    "negative": lambda a: -a,
    "arctan": mp.atan,
    "relu": lambda a: max(a, mp.mpf(0)),
}
TWO = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "maximum": max,
}


def grown(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    one = st.builds(call, st.sampled_from(sorted(ONE)), inner)
    return st.one_of(one, st.builds(call, st.sampled_from(sorted(TWO)), inner, inner))


leaves = st.sampled_from([*map(symbol, SYMBOLS), literal(2), literal(3), literal(Fraction(1, 10))])
formulas = st.recursive(leaves, grown, max_leaves=6)


def rewritten(node: Expression, args: tuple[Expression, ...], kind: int) -> Expression:
    """One algebraic rule wherever it applies."""
    if node.op in ("add", "multiply", "maximum") and kind == 0:
        return make(node.op, args[::-1])
    if node.op == "subtract" and kind == 1:
        return call("add", args[0], call("negative", args[1]))
    if node.op == "divide" and kind == 2:
        return call("multiply", args[0], call("divide", literal(1), args[1]))
    if node.op == "multiply" and args[1].op == "add" and kind == 3:
        return call("add", *(call("multiply", args[0], each) for each in args[1].args))
    if node.op == "abs" and kind == 4:
        return call("maximum", args[0], call("negative", args[0]))
    if node.op == "exp" and kind == 5:
        return call("divide", literal(1), call("exp", call("negative", args[0])))
    return make(node.op, args, node.value)


def value(expression: Expression, point: dict[str, mp.mpf]) -> mp.mpf:
    found: dict[Expression, mp.mpf] = {}
    for node in postorder(expression):
        if node.op == LITERAL:
            found[node] = mp.mpf(node.value.numerator) / node.value.denominator
        elif node.op == SYMBOL:
            found[node] = point[str(node.value)]
        else:
            found[node] = {**ONE, **TWO}[node.op](*(found[arg] for arg in node.args))
    return found[expression]


def differs(one: Expression, other: Expression) -> bool:
    """Whether high precision finds a point at which both have values that differ."""
    with mp.workdps(60):
        for number in range(24):
            draw = [mp.mpf(7 * number % 11 - 5) / 3 + mp.mpf(step) / 7 for step in (1, 2)]
            point = {"x": draw[0], "y": draw[1], "p": mp.mpf(number + 1) / 5}
            try:
                off = abs(value(one, point) - value(other, point))
            except (ZeroDivisionError, OverflowError):
                continue
            if off > mp.mpf(10) ** -40 * (1 + abs(value(one, point))):
                return True
    return False


def space() -> ComparisonSpace:
    return ComparisonSpace(SYMBOLS, {}, 5)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(formulas, st.integers(0, 5))
@example(
    call("exp", call("exp", symbol("y"))), 5
)  # exp(-exp(8190)) is a ball around 0, which is no value of 1 over it.
def test_a_rewritten_formula_is_equal(formula, kind):
    other = rebuild(formula, lambda node, args: rewritten(node, args, kind))
    decision = decide(formula, other, space(), BUDGET)
    assert decision.equal or decision.reason is Reason.REFERENCE_WITHOUT_VALUE, decision


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(formulas, st.data())
def test_a_changed_formula_is_different_where_mpmath_sees_a_difference(formula, data):
    nodes = postorder(formula)
    chosen = data.draw(st.sampled_from(nodes))
    instead = (
        data.draw(leaves)
        if not chosen.args
        else make(data.draw(st.sampled_from(sorted(ONE if len(chosen.args) == 1 else TWO))), chosen.args)
    )
    mutant = rebuild(formula, lambda node, args: instead if node is chosen else make(node.op, args, node.value))
    assume(differs(formula, mutant))
    assert decide(formula, mutant, space(), BUDGET).equal is False


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(formulas, formulas)
def test_a_decision_depends_on_nothing_but_the_two_formulas_and_the_seed(one, other):
    alone = decide(one, other, space(), BUDGET)
    shared = space()
    decide(one, symbol("x"), shared, BUDGET)
    again = decide(one, other, shared, BUDGET)
    assert (alone.equal, alone.reason, alone.evidence) == (again.equal, again.reason, again.evidence)
