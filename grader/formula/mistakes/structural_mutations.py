"""Mutations of the structure of a formula: as a whole, axes, symbols, indices, brackets, operations taken apart."""

from __future__ import annotations

from collections.abc import Iterator

from grader.formula.evaluation.shapes import factors
from grader.formula.expression import SYMBOL, Expression, attributes, call, make, symbol
from grader.formula.mistakes.rule_context import (
    Mutation,
    RuleContext,
    is_entrywise_function,
    product_of,
    transposed,
)

ADDITIVE = frozenset(("add", "subtract"))
BINARY = frozenset(("add", "subtract", "multiply", "divide", "power"))


def mutate_whole_formula(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Change the formula as a whole: its sign, its shape, a factor too many."""
    shape = context.shapes[node]
    yield Mutation("sign-flipped", node.args[0] if node.op == "negative" else call("negative", node))
    if len(shape) == 2:
        yield Mutation("transposed-shape", transposed(node))
    others = (
        {(shape[0],)} if len(shape) == 2 and shape[1] == 1 else {(*shape, 1), (1, *shape)} if len(shape) == 1 else set()
    )
    for other in sorted(others):
        yield Mutation("flattened", call("reshape", node, shape=other))
    for name, size in context.symbols.items():
        if size in (shape, ()):
            yield Mutation("extra-factor", call("multiply", node, symbol(name)), (symbol(name),))


def mutate_reductions(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Put the sum for the mean, another axis, n for n − 1, or a function before a reduction instead of after it."""
    given = attributes(node)
    if node.op == "mean":
        yield Mutation("sum-instead-of-mean", make("sum", node.args, node.value), node.args)
    if node.op == "sum":
        yield Mutation("mean-instead-of-sum", make("mean", node.args, node.value), node.args)
    if isinstance(given.get("axis"), int) and len(context.shapes[node.args[0]]) == 2:
        other = 0 if given["axis"] in (1, -1) else 1
        yield Mutation("wrong-axis", call(node.op, *node.args, **{**given, "axis": other}), (node,))
    if node.op in ("var", "std"):
        ddof = 0 if given.get("ddof") else 1
        yield Mutation("wrong-divisor", call(node.op, *node.args, **{**given, "ddof": ddof}), (node,))
    if node.op in ("sum", "mean"):
        inside = node.args[0]
        if inside.op == "multiply":
            parts = [make(node.op, (part,), node.value) for part in inside.args]
            yield Mutation("split-apart", call("multiply", *parts), (node,))
        elif inside.op in ("square", "power") or is_entrywise_function(inside):
            moved = make(node.op, inside.args[:1], node.value)
            after = make(inside.op, (moved, *inside.args[1:]), inside.value)
            yield Mutation("other-order", after, (after, node))
    if (node.op in ("square", "power") or is_entrywise_function(node)) and node.args[0].op in ("sum", "mean"):
        inside = node.args[0]
        before = make(inside.op, (make(node.op, (inside.args[0], *node.args[1:]), node.value),), inside.value)
        yield Mutation("other-order", before, (before, node))


def mutate_symbols(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Put another symbol of the same shape."""
    if node.op == SYMBOL:
        for other in context.others_of_shape(node):
            yield Mutation("wrong-variable", other, (other, node))


def mutate_indices(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Move an index by one."""
    if node.op != "index":
        return
    at = attributes(node)["at"]
    for place, item in enumerate(at):
        for moved in _moved(item):
            yield Mutation("off-by-one", call("index", *node.args, at=(*at[:place], moved, *at[place + 1 :])), (node,))


def _moved(item: object) -> Iterator[object]:
    if isinstance(item, int) and not isinstance(item, bool):
        yield from (item + 1, item - 1)
    elif isinstance(item, tuple):
        for end, value in enumerate(item[:2]):
            if isinstance(value, int) and not isinstance(value, bool):
                yield from ((*item[:end], value + by, *item[end + 1 :]) for by in (1, -1))


def mutate_brackets(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Leave a bracket out, so that an operation takes the nearest part only, or put one too many."""
    if len(node.args) != 2 or node.op not in BINARY | {"matmul"}:
        if node.args and node.args[0].op in ADDITIVE and (is_entrywise_function(node) or node.op == "negative"):
            left, right = node.args[0].args
            made = call(node.args[0].op, make(node.op, (left,), node.value), right)
            yield Mutation("misplaced-bracket", made, (made, node))
        return
    left, right = node.args
    found = []
    if left.op in ADDITIVE and node.op not in ADDITIVE:
        found.append(call(left.op, left.args[0], call(node.op, left.args[1], right)))
    if left.op in ("multiply", "divide", "negative") and node.op == "power":
        found.append(make(left.op, (*left.args[:-1], call("power", left.args[-1], right))))
    if left.op in ("multiply", "matmul", "divide") and node.op in ADDITIVE:
        found.append(call(left.op, left.args[0], call(node.op, left.args[1], right)))
    if right.op in ADDITIVE and node.op != "add":
        found.append(call(right.op, call(node.op, left, right.args[0]), right.args[1]))
    if right.op in ("multiply", "divide") and node.op == "divide":
        found.append(call(right.op, call("divide", left, right.args[0]), right.args[1]))
    for made in found:
        yield Mutation("misplaced-bracket", made, (made, node))


def mutate_split_operations(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Take a function, a power or an inverse into a sum or a product term by term."""
    if node.op in ("transpose", "inv") and node.args[0].op == "matmul":
        parts = [make(node.op, (part,), node.value) for part in factors(node.args[0])]
        yield Mutation("split-apart", product_of(parts), (node,))
    at = 1 if node.op == "divide" else 0
    if (
        not (is_entrywise_function(node) or node.op in ("power", "divide", "inv", "norm", "det"))
        or len(node.args) <= at
    ):
        return
    inside = node.args[at]
    inner = ("add", "subtract", "multiply", "divide") if node.op not in ("power", "divide") else ("add", "subtract")
    if inside.op in inner and node.op != "abs":
        parts = [make(node.op, (*node.args[:at], part, *node.args[at + 1 :]), node.value) for part in inside.args]
        yield Mutation("split-apart", call(inside.op, *parts), (node,))
