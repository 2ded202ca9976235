"""Slips: the formulas that one small change makes of another, each with the name of the mistake and its place.

A rule takes a part of a formula and gives what people write in its stead. Names are those of ``grader.wording``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from grader.formula.evaluation.shapes import factors
from grader.formula.expression import (
    LITERAL,
    SYMBOL,
    Expression,
    attributes,
    call,
    literal,
    make,
    postorder,
    rebuild,
    symbol,
)
from grader.formula.functions.table import FUNCTIONS
from grader.formula.symbols import Shape
from grader.formula.tracing.differentiate import NotDifferentiable, partial_derivative

LONGEST_CHAIN, MOST_ORDERED = 6, 4
"""Factors of a chain that is changed at all, and of one of which every order is tried."""
ALTERNATIVES: Mapping[str, tuple[str, ...]] = {
    "sin": ("cos", "tan"), "cos": ("sin",), "tan": ("sin",), "sinh": ("cosh", "sin"), "cosh": ("sinh", "cos"),
    "tanh": ("sigmoid", "tan"), "sigmoid": ("tanh", "relu"), "relu": ("sigmoid", "tanh", "softplus"), "softplus": ("relu",),
    "arcsin": ("arccos", "sin"), "arccos": ("arcsin", "cos"), "arctan": ("tan",), "log": ("log10", "log2", "exp"), "log2": ("log",),
    "log10": ("log",), "exp": ("log",), "maximum": ("minimum",), "minimum": ("maximum",), "max": ("min", "sum"),
    "min": ("max",), "argmax": ("max", "argmin"), "argmin": ("min", "argmax"), "var": ("std",), "std": ("var",), "floor": ("ceil",),
    "ceil": ("floor",), "det": ("trace",), "trace": ("det", "sum"), "prod": ("sum",), "cumsum": ("sum",), "outer": ("inner",),
    "inner": ("outer",), "less": ("greater",), "greater": ("less",), "less_equal": ("greater_equal",),
    "greater_equal": ("less_equal",), "factorial": ("gamma",), "gamma": ("factorial",),
}  # fmt: skip
"""Functions that are taken for each other."""
ADDITIVE = frozenset(("add", "subtract"))
BINARY = frozenset(("add", "subtract", "multiply", "divide", "power"))


@dataclass(frozen=True)
class Edit:
    """A formula with one slip in it; ``places`` are the parts that its wording speaks of."""

    mistake: str
    expression: Expression
    places: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Around:
    """What a rule may know besides the part itself: the shapes of all parts, and the symbols of each shape."""

    shapes: Mapping[Expression, Shape]
    symbols: Mapping[str, Shape]
    chained: frozenset[Expression]

    def alike(self, node: Expression) -> list[Expression]:
        """Return the other symbols of the shape that a symbol has."""
        wanted = self.shapes[node]
        return [symbol(name) for name, shape in self.symbols.items() if shape == wanted and name != node.value]


Rule = Callable[[Expression, Around], Iterator[Edit]]


def transposed(node: Expression) -> Expression:
    """Return the transpose of a part, or what it is the transpose of."""
    return node.args[0] if node.op == "transpose" and node.value is None else call("transpose", node)


def number(value: Fraction) -> Expression:
    """Return an exact number as it is read: a sign is an operation."""
    return literal(value) if value >= 0 else call("negative", literal(-value))


def chain(parts: Sequence[Expression]) -> Expression:
    """Return a product of matrices, from left to right."""
    made = parts[0]
    for part in parts[1:]:
        made = call("matmul", made, part)
    return made


def whole(node: Expression, around: Around) -> Iterator[Edit]:
    """The formula as a whole: its sign, its shape, a factor too many."""
    shape = around.shapes[node]
    yield Edit("sign-flipped", node.args[0] if node.op == "negative" else call("negative", node))
    if len(shape) == 2:
        yield Edit("transposed-shape", transposed(node))
    others = (
        {(shape[0],)} if len(shape) == 2 and shape[1] == 1 else {(*shape, 1), (1, *shape)} if len(shape) == 1 else set()
    )
    for other in sorted(others):
        yield Edit("flattened", call("reshape", node, shape=other))
    for name, size in around.symbols.items():
        if size in (shape, ()):
            yield Edit("extra-factor", call("multiply", node, symbol(name)), (symbol(name),))


def transposes(node: Expression, around: Around) -> Iterator[Edit]:
    """A transpose dropped or added; an inverse for it."""
    shape = around.shapes[node]
    if node.op == "transpose" and node.value is None:
        yield Edit("missing-transpose", node.args[0], node.args)
        if len(shape) == 2 and shape[0] == shape[1]:
            yield Edit("inverse-instead-of-transpose", call("inv", node.args[0]), node.args)
    elif len(shape) == 2 and (node.op == SYMBOL or node.op == "inv"):
        yield Edit("extra-transpose", transposed(node), (node,))


def inverses(node: Expression, around: Around) -> Iterator[Edit]:
    """An inverse dropped, or a transpose for it."""
    if node.op == "inv":
        yield Edit("missing-inverse", node.args[0], node.args)
        yield Edit("transpose-instead-of-inverse", transposed(node.args[0]), node.args)
    if node.op == "solve":
        yield Edit("missing-inverse", call("matmul", *node.args), node.args[:1])


def products(node: Expression, around: Around) -> Iterator[Edit]:
    """Factors of a chain of matrices: swapped, dropped, added, or multiplied entry by entry."""
    if node.op != "matmul" or node in around.chained:
        return
    parts = list(factors(node))
    if len(parts) > LONGEST_CHAIN:
        return
    # Of a vector v with one axis, v A is Aᵀ v: what looks like another order is a transpose.
    matrices = [len(around.shapes[part]) > 1 for part in parts]
    for i, part in enumerate(parts):
        yield Edit("missing-factor", chain(parts[:i] + parts[i + 1 :]), (part,))
        for j in range(i + 1, len(parts)):
            swapped = [*parts]
            swapped[i], swapped[j] = parts[j], parts[i]
            if matrices[i] and matrices[j]:
                yield Edit("order-swapped", chain(swapped), (part, parts[j]))
    if all(matrices) and 2 < len(parts) <= MOST_ORDERED:
        for order in permutations(parts):
            yield Edit("order-changed", chain(order), (node,))
    for i in range(len(parts) - 1):
        pair = call("multiply", parts[i], parts[i + 1])
        yield Edit(
            "elementwise-instead-of-matmul",
            chain([*parts[:i], pair, *parts[i + 2 :]]),
            (parts[i], parts[i + 1]),
        )
        parted = call("multiply", chain(parts[: i + 1]), chain(parts[i + 1 :]))
        yield Edit("elementwise-instead-of-matmul", parted, (chain(parts[: i + 1]), chain(parts[i + 1 :])))
    for name, shape in around.symbols.items():
        if len(shape) == 2 and 1 not in shape:
            for more in (symbol(name), call("transpose", symbol(name))):
                for i in range(len(parts) + 1):
                    yield Edit("extra-factor", chain([*parts[:i], more, *parts[i:]]), (more,))


def entrywise(node: Expression, around: Around) -> Iterator[Edit]:
    """Products and quotients entry by entry: a factor dropped, the other operation, the quotient upside down."""
    if node.op not in ("multiply", "divide"):
        return
    left, right = node.args
    if node.op == "multiply":
        yield Edit("missing-factor", left, (right,))
        yield Edit("missing-factor", right, (left,))
        if around.shapes[left] and around.shapes[right]:
            yield Edit("matmul-instead-of-elementwise", call("matmul", left, right), (left, right))
        yield Edit("divided-instead-of-multiplied", call("divide", left, right), (right,))
        yield Edit("divided-instead-of-multiplied", call("divide", right, left), (left,))
    else:
        yield Edit("missing-divisor", left, (right,))
        yield Edit("upside-down", call("divide", right, left), (node,))
        yield Edit("multiplied-instead-of-divided", call("multiply", left, right), (right,))


def terms(node: Expression, around: Around) -> Iterator[Edit]:
    """A sign flipped, a term dropped, a difference the wrong way round."""
    if node.op == "negative":
        yield Edit("term-sign", node.args[0], node.args)
    elif node.op == "add":
        left, right = node.args
        yield Edit("term-sign", call("subtract", left, right), (right,))
        yield Edit("term-sign", call("subtract", right, left), (left,))
        yield Edit("missing-term", left, (right,))
        yield Edit("missing-term", right, (left,))
    elif node.op == "subtract":
        left, right = node.args
        yield Edit("term-sign", call("add", left, right), (right,))
        yield Edit("reversed-difference", call("subtract", right, left), (node,))
        yield Edit("missing-term", left, (right,))
        yield Edit("missing-term", call("negative", right), (left,))
        if left is literal(1):
            yield Edit("missing-complement", right, (right, node))
    elif (
        node.op in FUNCTIONS
        and FUNCTIONS[node.op].elementwise
        and len(node.args) == 1
        and node.args[0].op != "negative"
    ):
        yield Edit("term-sign", make(node.op, (call("negative", node.args[0]),), node.value), node.args)


def complements(node: Expression, around: Around) -> Iterator[Edit]:
    """1 − x for x."""
    if node.op in (SYMBOL, "sigmoid") and around.shapes.get(node) is not None:
        yield Edit("extra-complement", call("subtract", literal(1), node), (node,))


def powers(node: Expression, around: Around) -> Iterator[Edit]:
    """A square or a root dropped or added, another exponent."""
    exponent = node.args[1].value if node.op == "power" and node.args[1].op == LITERAL else None
    if node.op == "square" or exponent == 2:
        yield Edit("missing-square", node.args[0], node.args[:1])
    if node.op == "matrix_power":
        times = int(attributes(node)["n"])
        if times == 2:
            yield Edit("missing-square", node.args[0], node.args[:1])
        for more in {times + 1, times - 1, -times} - {0, 1}:
            yield Edit("wrong-exponent", call("matrix_power", node.args[0], n=more), (node,))
    if node.op == "sqrt" or exponent == Fraction(1, 2):
        yield Edit("missing-root", node.args[0], node.args[:1])
    if node.op == "norm":
        yield Edit("extra-square", call("power", node, literal(2)), (node,))
    if isinstance(exponent, Fraction):
        others = {exponent - 1, exponent + 1, -exponent, 1 / exponent if exponent else Fraction(1)} - {exponent}
        for other in sorted(others):
            yield Edit("wrong-exponent", call("power", node.args[0], number(other)), (node,))
    if node.op == SYMBOL or node.op == "subtract":
        yield Edit("extra-square", call("power", node, literal(2)), (node,))
    if node.op == SYMBOL:
        yield Edit("extra-root", call("sqrt", node), (node,))


def reductions(node: Expression, around: Around) -> Iterator[Edit]:
    """Sum for mean, another axis, n for n − 1; a function before instead of after."""
    given = attributes(node)
    if node.op == "mean":
        yield Edit("sum-instead-of-mean", make("sum", node.args, node.value), node.args)
    if node.op == "sum":
        yield Edit("mean-instead-of-sum", make("mean", node.args, node.value), node.args)
    if isinstance(given.get("axis"), int) and len(around.shapes[node.args[0]]) == 2:
        other = 0 if given["axis"] in (1, -1) else 1
        yield Edit("wrong-axis", call(node.op, *node.args, **{**given, "axis": other}), (node,))
    if node.op in ("var", "std"):
        ddof = 0 if given.get("ddof") else 1
        yield Edit("wrong-divisor", call(node.op, *node.args, **{**given, "ddof": ddof}), (node,))
    if node.op in ("sum", "mean"):
        inside = node.args[0]
        if inside.op == "multiply":
            parts = [make(node.op, (part,), node.value) for part in inside.args]
            yield Edit("split-apart", call("multiply", *parts), (node,))
        elif inside.op in ("square", "power") or _unary(inside):
            moved = make(node.op, inside.args[:1], node.value)
            after = make(inside.op, (moved, *inside.args[1:]), inside.value)
            yield Edit("other-order", after, (after, node))
    if (node.op in ("square", "power") or _unary(node)) and node.args[0].op in ("sum", "mean"):
        inside = node.args[0]
        before = make(inside.op, (make(node.op, (inside.args[0], *node.args[1:]), node.value),), inside.value)
        yield Edit("other-order", before, (before, node))


def _unary(node: Expression) -> bool:
    return node.op in FUNCTIONS and FUNCTIONS[node.op].elementwise and len(node.args) == 1 and node.op != "negative"


def functions(node: Expression, around: Around) -> Iterator[Edit]:
    """Another function, the function left out, or its derivative for it and the other way round."""
    if node.op == "where":
        condition, left, right = node.args
        yield Edit("swapped-branches", call("where", condition, right, left), (node,))
    for other in ALTERNATIVES.get(node.op, ()):
        made = make(other, node.args, node.value)
        yield Edit("wrong-function", made, (made, node))
    if _unary(node):
        yield Edit("missing-function", node.args[0], (node.args[0], node))
        with suppress(NotDifferentiable):
            yield Edit("extra-derivative", partial_derivative(node, 0), (node,))
    if before := _antiderivative(node):
        yield Edit("missing-derivative", before, (before,))


def _antiderivative(node: Expression) -> Expression | None:
    """Return f(z) where a part is f′(z) as it is written for the activations of networks."""
    one = literal(1)
    if node.op == "multiply":
        for s, rest in (node.args, node.args[::-1]):
            if s.op == "sigmoid" and rest is call("subtract", one, s):
                return s
    if node.op == "subtract" and node.args[0] is one:
        square = node.args[1]
        base = square.args[0] if square.args else None
        squares = base is not None and square in (
            call("power", base, literal(2)),
            call("square", base),
            call("multiply", base, base),
        )
        if base is not None and base.op == "tanh" and squares:
            return base
    if node.op == "greater" and node.args[1] is literal(0):
        return call("relu", node.args[0])
    return None


def numbers(node: Expression, around: Around) -> Iterator[Edit]:
    """Another number: twice or half of it, one more or less, its negative or reciprocal."""
    if node.op != LITERAL or not isinstance(node.value, Fraction):
        return
    value = node.value
    others = {value * 2, value / 2, value + 1, value - 1, -value, 1 / value if value else Fraction(1)} - {value}
    for other in sorted(others):
        yield Edit("wrong-number", number(other), (number(other), node))


def symbols(node: Expression, around: Around) -> Iterator[Edit]:
    """Another symbol of the same shape."""
    if node.op == SYMBOL:
        for other in around.alike(node):
            yield Edit("wrong-variable", other, (other, node))


def indices(node: Expression, around: Around) -> Iterator[Edit]:
    """An index off by one."""
    if node.op != "index":
        return
    at = attributes(node)["at"]
    for place, item in enumerate(at):
        for moved in _moved(item):
            yield Edit("off-by-one", call("index", *node.args, at=(*at[:place], moved, *at[place + 1 :])), (node,))


def _moved(item: object) -> Iterator[object]:
    if isinstance(item, int) and not isinstance(item, bool):
        yield from (item + 1, item - 1)
    elif isinstance(item, tuple):
        for end, value in enumerate(item[:2]):
            if isinstance(value, int) and not isinstance(value, bool):
                yield from ((*item[:end], value + by, *item[end + 1 :]) for by in (1, -1))


def brackets(node: Expression, around: Around) -> Iterator[Edit]:
    """A bracket left out, so that an operation takes the nearest part only, or one too many."""
    if len(node.args) != 2 or node.op not in BINARY | {"matmul"}:
        if node.args and node.args[0].op in ADDITIVE and (_unary(node) or node.op == "negative"):
            left, right = node.args[0].args
            made = call(node.args[0].op, make(node.op, (left,), node.value), right)
            yield Edit("misplaced-bracket", made, (made, node))
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
        yield Edit("misplaced-bracket", made, (made, node))


def splits(node: Expression, around: Around) -> Iterator[Edit]:
    """A function, a power or an inverse taken into a sum or a product term by term."""
    if node.op in ("transpose", "inv") and node.args[0].op == "matmul":
        parts = [make(node.op, (part,), node.value) for part in factors(node.args[0])]
        yield Edit("split-apart", chain(parts), (node,))
    at = 1 if node.op == "divide" else 0
    if not (_unary(node) or node.op in ("power", "divide", "inv", "norm", "det")) or len(node.args) <= at:
        return
    inside = node.args[at]
    inner = ("add", "subtract", "multiply", "divide") if node.op not in ("power", "divide") else ("add", "subtract")
    if inside.op in inner and node.op != "abs":
        parts = [make(node.op, (*node.args[:at], part, *node.args[at + 1 :]), node.value) for part in inside.args]
        yield Edit("split-apart", call(inside.op, *parts), (node,))


RULES: tuple[Rule, ...] = (
    transposes, inverses, products, entrywise, terms, complements, powers, reductions, functions, numbers, symbols, indices,
    brackets, splits,
)  # fmt: skip


def edits(expression: Expression, shapes: Mapping[Expression, Shape], symbols: Mapping[str, Shape]) -> Iterator[Edit]:
    """Return the formulas that one slip makes of this one; of ``symbols`` a student may have taken any.

    A part that stands in several places is changed in all of them, and in each alone. Shapes need not fit.
    """
    nodes = postorder(expression)
    inside = frozenset(arg for node in nodes if node.op == "matmul" for arg in node.args if arg.op == "matmul")
    around = Around(shapes, symbols, inside)
    uses = Counter(arg for node in nodes for arg in node.args)
    yield from whole(expression, around)
    for node in nodes:
        for edit in (edit for rule in RULES for edit in rule(node, around)):
            if node.op != LITERAL or uses[node] == 1:  # Equal numbers in several places are not one thing.
                yield Edit(edit.mistake, _everywhere(expression, node, edit.expression), edit.places)
            if uses[node] > 1:
                for parent in nodes:
                    for place, arg in enumerate(parent.args):
                        if arg is node:
                            yield Edit(edit.mistake, _there(expression, parent, place, edit.expression), edit.places)


def _everywhere(expression: Expression, old: Expression, new: Expression) -> Expression:
    return rebuild(expression, lambda node, args: new if node is old else make(node.op, args, node.value))


def _there(expression: Expression, parent: Expression, place: int, new: Expression) -> Expression:
    def change(node: Expression, args: tuple[Expression, ...]) -> Expression:
        kept = (*args[:place], new, *args[place + 1 :]) if node is parent else args
        return make(node.op, kept, node.value)

    return rebuild(expression, change)
