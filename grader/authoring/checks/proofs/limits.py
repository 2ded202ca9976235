"""Limits: whether values tend to a goal while one argument tends to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from grader.authoring.checks.proofs.agreement import Observation, compare_values, why_not_comparable
from grader.authoring.checks.proofs.model import ExecutableModel, Point
from grader.core.errors import nearest
from grader.formula.equality.sampling.domains import interval, short_name
from grader.formula.symbols import Symbol
from grader.kinds.base.context import BlankSpecError
from grader.kinds.code.test_inputs import as_input

STEPS = (1.3e-1, 1.7e-2, 2.3e-3, 1.9e-4, 1.1e-6)
"""How near its end the argument is looked at; the reciprocals on the way to infinity. No powers of ten: what oscillates would seem to
stand still."""
INTEGER_DOMAINS = frozenset(("int", "posint"))
REACHED, MISSED = 1e-4, 1e-2
"""Shares of the goal's largest entry: how near the last value must be, and how far off speaks against a limit."""
TINY = 1e-9
STUCK = 0.95
"""Values that come nearer by less than this in two steps are not on their way; a logarithm still is."""


def approaches(model: ExecutableModel, limit: Mapping[str, Any]) -> list[list[Point]]:
    """Return the argument's values on its ways to the end: from both sides where its domain allows; raises BlankSpecError."""
    if len(limit) != 1:
        raise BlankSpecError("one argument tends to a limit at a time: {lam: 0}")
    [(name, given)] = limit.items()
    if name not in model.symbols:
        raise BlankSpecError(f"{name!r} is no symbol", (), nearest(name, model.symbols))
    try:
        end = float(str(given))
    except ValueError:
        raise BlankSpecError(f"{given!r} is no number that {name} could tend to, such as 0 or inf") from None
    symbol = model.symbols[name]
    if symbol.shape:
        raise BlankSpecError(f"{name} is no single number")
    if np.isinf(end):
        sides = [[np.copysign(stretch / step, end) for step in STEPS] for stretch in (1.0, 1.37)]
    elif short_name(symbol.domain) in INTEGER_DOMAINS:
        raise BlankSpecError(f"{name} takes whole numbers: it can tend to inf only")
    else:
        sides = [[end + side * step for step in STEPS] for side in (1, -1)]
        sides = [each for each in sides if all(_allowed(value, symbol) for value in each)]
    if not sides:
        raise BlankSpecError(f"{name} cannot tend to {given} within its domain")
    return [[{name: as_input(_whole(value, symbol), symbol)} for value in side] for side in sides]


def _allowed(value: float, symbol: Symbol) -> bool:
    if ends := interval(symbol.domain):
        return bool(ends[0] <= value <= ends[1])
    word = short_name(symbol.domain)
    return value > 0 if word in ("pos", "nonneg") else value < 0 if word == "neg" else True


def _whole(value: float, symbol: Symbol) -> float:
    return float(round(value)) if short_name(symbol.domain) in INTEGER_DOMAINS else value


def join_observations(seen: Sequence[Observation]) -> Observation:
    """Join what was seen on all ways to a limit: it must be reached on each."""
    return next((each for each in seen if each.holds is False), None) or next(
        (each for each in seen if each.holds is None), Observation(True)
    )


def judge_limit(pairs: Sequence[tuple[Any, Any]]) -> Observation:
    """Judge whether two values, the pair nearest to the end last, tend to each other; either of them may move.

    They need not stay together to the very end, where one may be what rounding leaves of it.
    """
    for value in (each for pair in pairs for each in pair):
        if why := why_not_comparable(value):
            return Observation(None, why)
    last, goal = pairs[-1]
    if np.size(last) != np.size(goal):
        return compare_values(last, goal)
    scale = float(np.max(np.abs(goal), initial=0.0)) or 1.0
    apart = [float(np.max(np.abs(np.ravel(one) - np.ravel(two)), initial=0.0)) / scale for one, two in pairs]
    for place in range(2, len(apart)):
        falling = all(later <= earlier or later <= TINY for earlier, later in pairwise(apart[: place + 1]))
        if apart[place] <= REACHED and falling:
            return Observation(True)
    if min(apart) > MISSED and apart[-1] > STUCK * apart[-2]:
        return Observation(False, f"the key stays {apart[-1]:.2g} times the size of its limit away from it")
    return Observation(None, "it comes nearer too slowly, or too unsteadily, to tell")
