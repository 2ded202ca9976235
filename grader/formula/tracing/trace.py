"""The entry points of tracing: an author's NumPy function, called once with traced arrays, becomes an expression."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.formula.evaluation.exact_numbers import Untraceable, traced_symbols
from grader.formula.expression import Expression, symbol
from grader.formula.symbols import Shape
from grader.formula.tracing.traced_array import TracedArray, as_expression


def trace(function: Callable[..., Any], symbols: Mapping[str, Shape]) -> Expression:
    """Return what ``function`` computes, in the symbols that its parameters name; raises Untraceable.

    ``symbols`` gives each symbol's shape in numbers. Any other exception is the function's own.

    >>> import numpy as np
    >>> trace(lambda W, x: np.tanh(W @ x) / 2, {"W": (2, 3), "x": (3,)})  # (2×3)(3,) is (2,); 1/2 stays exact.
    divide(tanh(matmul(W, x)), 2)
    >>> trace(lambda x: sum(x[i] for i in range(len(x))), {"x": (2,)})  # Loops unroll, since sizes are known.
    add(add(0, index(x, at=(0,))), index(x, at=(1,)))
    """
    signature = inspect.signature(function).parameters
    parameters = [name for name, each in signature.items() if name in symbols or each.default is each.empty]
    unknown = [name for name in parameters if name not in symbols]
    if unknown:
        raise Untraceable(f"its parameter {unknown[0]!r} is none of the problem's symbols")
    reset = traced_symbols.set(frozenset(symbols))
    try:
        value = function(**{name: TracedArray(symbol(name), symbols[name]) for name in parameters})
        return as_expression(value, {})
    finally:
        traced_symbols.reset(reset)


def trace_scalar_function(function: Callable[..., Any], arguments: Sequence[Expression]) -> Expression:
    """Return what a function of single numbers computes."""
    return as_expression(function(*(TracedArray(argument, ()) for argument in arguments)), {})
