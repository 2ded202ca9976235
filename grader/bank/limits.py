"""Limits: whether values tend to a goal while one argument tends to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.bank.agreement import Seen, compared, countless
from grader.bank.model import Model, Point
from grader.blank import Misspecified
from grader.errors import nearest
from grader.formula.domains import interval, short

STEPS = (1e-2, 1e-4, 1e-6)
"""How near its end the argument is looked at; the reciprocals on the way to infinity."""
REACHED, MISSED = 1e-4, 1e-2
"""Shares of the goal's largest entry: how near the last value must be, and how far off speaks against a limit."""
STUCK = 0.95
"""Values that come nearer by less than this in two steps are not on their way; a logarithm still is."""


def at_limit(model: Model, limit: Mapping[str, Any]) -> list[Point]:
    """Return the argument's values on the way to its end; raises Misspecified."""
    if len(limit) != 1:
        raise Misspecified("one argument tends to a limit at a time: {lam: 0}")
    [(name, given)] = limit.items()
    if name not in model.symbols:
        raise Misspecified(f"{name!r} is no symbol", (), nearest(name, model.symbols))
    try:
        end = float(str(given))
    except ValueError:
        raise Misspecified(f"{given!r} is no number that {name} could tend to, such as 0 or inf") from None
    if model.symbols[name].shape:
        raise Misspecified(f"{name} is no single number")
    ends = interval(model.symbols[name].domain)
    below = short(model.symbols[name].domain) == "neg" or (ends is not None and end >= ends[1])
    along = [
        np.copysign(1 / step, end) if np.isinf(end) else end - step if below else end + step for step in STEPS
    ]
    return [{name: np.asarray(each)} for each in along]


def approached(pairs: Sequence[tuple[Any, Any]]) -> Seen:
    """Judge whether two values, the pair nearest to the end last, tend to each other; either of them may move."""
    for value in (each for pair in pairs for each in pair):
        if why := countless(value):
            return Seen(None, why)
    last, goal = pairs[-1]
    if np.shape(last) != np.shape(goal):
        return compared(last, goal)
    scale = float(np.max(np.abs(goal), initial=0.0)) or 1.0
    apart = [float(np.max(np.abs(np.subtract(*pair)), initial=0.0)) / scale for pair in pairs]
    if apart[-1] <= REACHED and apart[-1] <= max(apart[0], REACHED**2):
        return Seen(True)
    if apart[-1] > MISSED and apart[-1] > STUCK * apart[-2]:
        return Seen(False, f"the key stays {apart[-1]:.2g} times the size of its limit away from it")
    return Seen(None, "it comes nearer too slowly to tell")
