"""What an author's program sees of NumPy and math while it is recorded: the same, but exact on plain numbers.

``np.sqrt(3)`` and ``2 * np.pi`` stay what they are instead of becoming floats, and ``np.array`` takes symbols.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from grader.formula.evaluation.exact_numbers import NUMBER_TYPES, Untraceable, constant_expression
from grader.formula.functions.table import FUNCTIONS, SPELLINGS
from grader.formula.tracing.numpy_arguments import is_float_dtype
from grader.formula.tracing.traced_array import TracedArray, apply, constant

RATIONAL_FUNCTIONS = frozenset(("abs", "sign", "floor", "ceil", "square"))
IRRATIONAL_FUNCTIONS = frozenset(
    spelling
    for spelling, name in SPELLINGS.items()
    if FUNCTIONS[name].group == "Elementary" and name not in RATIONAL_FUNCTIONS
)
"""Functions whose value at a plain number is kept as what it is."""
WRAPPED_MODULES = {np.__name__: np, math.__name__: math}


class TracingModule(ModuleType):
    """A module as a recorded program sees it."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module.__name__, module.__doc__)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name in ("pi", "e") and self._module in (np, math):
            return TracedArray(constant_expression(name), ())
        found = getattr(self._module, name)
        if isinstance(found, ModuleType) and found.__name__.startswith("numpy."):
            return TracingModule(found)
        if self._module is np and name in ARRAY_MAKERS:
            return ARRAY_MAKERS[name]
        if name in IRRATIONAL_FUNCTIONS or (self._module is math and name in SPELLINGS and callable(found)):
            return _exact_function(name, found)
        return found


def _exact_function(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is recorded at symbols, and at plain numbers too if its value there is irrational."""

    def keeping(*args: Any, **keywords: Any) -> Any:
        if any(isinstance(each, TracedArray) for each in args) and not isinstance(function, np.ufunc):
            return apply(name, args, keywords)
        if (
            name in IRRATIONAL_FUNCTIONS
            and args
            and not keywords
            and all(isinstance(each, NUMBER_TYPES) for each in args)
        ):
            return apply(name, [constant(each) for each in args], {})
        return function(*args, **keywords)

    return keeping


def _array(value: Any, *args: Any, **keywords: Any) -> Any:
    """``np.array`` of lists in which symbols stand."""
    if isinstance(value, TracedArray) or _contains_traced(value):
        dtype = args[0] if args else keywords.get("dtype")
        if not is_float_dtype(dtype) or keywords.get("ndmin"):
            raise Untraceable("it makes an array of another type or with further axes out of symbols")
    if isinstance(value, TracedArray):
        return value.copy()
    if not _contains_traced(value):
        return np.array(value, *args, **keywords)
    return apply("stack", [list(value)], {})


def _as_array(value: Any, *args: Any, **keywords: Any) -> Any:
    return value if isinstance(value, TracedArray) else _array(value, *args, **keywords)


def _block(value: Any) -> Any:
    """``np.block`` of lists of lists in which symbols stand."""
    if not _contains_traced(value):
        return np.block(value)
    nested = all(isinstance(row, list) for row in value)
    if not nested:
        value = [value]
    rows = [[each if isinstance(each, TracedArray) else constant(np.asarray(each)) for each in row] for row in value]
    rank = (
        max(2, *(each.ndim for row in rows for each in row))
        if nested
        else max(each.ndim for row in rows for each in row)
    )
    lifted = [
        [each.reshape((1,) * (rank - each.ndim) + tuple(each.shape)) if each.ndim < rank else each for each in row]
        for row in rows
    ]
    wide = [row[0] if len(row) == 1 else apply("concatenate", [row], {"axis": rank - 1}) for row in lifted]
    return wide[0] if len(wide) == 1 else apply("concatenate", [wide], {"axis": max(rank - 2, 0)})


def _contains_traced(value: Any) -> bool:
    return isinstance(value, TracedArray) or (isinstance(value, list | tuple) and any(map(_contains_traced, value)))


ARRAY_MAKERS: Mapping[str, Callable[..., Any]] = {
    "array": _array,
    "asarray": _as_array,
    "asanyarray": _as_array,
    "block": _block,
}


def import_for_tracing(
    name: str, globals: Any = None, locals: Any = None, fromlist: Sequence[str] | None = (), level: int = 0
) -> ModuleType:
    """Import a module for a recorded program."""
    module = builtins.__import__(name, globals, locals, fromlist or (), level)
    root = name.partition(".")[0]
    return TracingModule(module) if root in WRAPPED_MODULES else module


def tracing_globals() -> dict[str, Any]:
    """Return the globals in which a program is run to be recorded."""
    return {"__name__": "reference", "__builtins__": {**vars(builtins), "__import__": import_for_tracing}}
