"""Arguments as NumPy takes them, sorted for the table of functions, and where NumPy means something else than a formula."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.formula.evaluation.exact_numbers import Untraceable
from grader.formula.expression import Expression, attributes
from grader.formula.functions.table import FUNCTIONS, SPELLINGS
from grader.formula.symbols import Shape
from grader.formula.tracing.numpy_overrides import OVERRIDES


def is_float_dtype(dtype: Any) -> bool:
    """True if a type is that of ordinary floats."""
    return dtype in (None, float, np.float64, "float", "float64", "f8", "d")


def index_item(item: Any) -> Any:
    """Return one item of an index as a formula holds it: a whole number, a slice as a triple, None or ``...``."""
    if item is None or item is Ellipsis:
        return "..." if item is Ellipsis else None
    if isinstance(item, slice):
        return tuple(None if each is None else int(each) for each in (item.start, item.stop, item.step))
    if isinstance(item, int | np.integer) and not isinstance(item, bool):
        return int(item)
    raise Untraceable("it uses an index that is neither a whole number nor a slice")


def bind_arguments(
    function: Any, name: str, args: tuple[Any, ...], attributes: dict[str, Any]
) -> tuple[Any, Mapping[str, Any]]:
    """Sort the arguments of a NumPy function into positional ones and keywords, by its own signature."""
    row = FUNCTIONS.get(FORMULA_NAMES.get(name, ""))
    try:
        bound = inspect.signature(function).bind(*args, **attributes)
    except (TypeError, ValueError):  # Functions in C have no signature; their arguments come as they are written.
        return args, attributes
    given: list[Any] = []
    keywords = dict(bound.arguments)
    for key, parameter in inspect.signature(function).parameters.items():
        if key in keywords and parameter.kind is parameter.VAR_POSITIONAL:
            given += keywords.pop(key)
        elif key in keywords and len(given) < (
            row.arity[1] if row and row.form == "values" and name not in OVERRIDES else 1
        ):
            given.append(keywords.pop(key))
    return given, keywords


def has_no_effect(key: str, value: Any) -> bool:
    """True if a keyword changes nothing: left at its default, or of no meaning for a formula."""
    if value is None or value is np._NoValue or key in WITHOUT_EFFECT:
        return True
    return (key == "dtype" and value in (float, np.float64)) or (key == "order" and value == "C")


def difference_from_numpy(expression: Expression, known: Mapping[Expression, Shape]) -> str | None:
    """Return how a formula differs from what NumPy does with the same arguments, for its author; None where it does not."""
    ranks = [len(known[arg]) for arg in expression.args if arg in known]
    shape = known[expression.args[0]] if ranks else ()
    if expression.op == "diag" and len(shape) == 2 and shape[0] != shape[1]:
        return "np.diag of a column is its first entry"
    if expression.op == "dot" and max(ranks) > 2:
        return "write @ for stacks of matrices"
    if expression.op in ("cumsum", "softmax") and max(ranks) > 1 and not attributes(expression):
        return "say the axis"
    return None


WITHOUT_EFFECT = frozenset(("optimize", "casting", "subok", "copy"))
FORMULA_NAMES = {**SPELLINGS, "index": "index"}


VIEWS = frozenset(("transpose", "index", "reshape", "ravel", "diag"))
"""What may look at the same memory as its argument: neither of the two can be changed in place any more."""
LOGICAL_FUNCTIONS = frozenset(("logical_and", "bitwise_and", "logical_or", "bitwise_or", "logical_not", "invert"))
REDUCTIONS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
