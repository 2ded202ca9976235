"""Extremes: whether a function of the model is least, or greatest, where one argument has a given value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.bank.agreement import Seen, dims
from grader.bank.derivatives import jacobians
from grader.bank.model import Model, Point, changed
from grader.blank import Misspecified
from grader.formula.domains import interval, short
from grader.formula.symbols import Domain

DISTANCES = (1e-3, 1e-2, 0.1, 1.0, 10.0)
PROBES = 8
"""Directions that are tried at each distance."""
FLAT = 1e-5
"""A slope below this share of the slopes nearby is none."""
SLACK, TINY = 1e-10, 1e-300


def kept(value: Any, domain: Domain) -> Any:
    """Move what has left a domain of numbers to where it still is, as near as can be."""
    if ends := interval(domain):
        return np.clip(value, *ends)
    signs = {"pos": 1.0, "nonneg": 1.0, "neg": -1.0}
    return np.abs(value) * signs[short(domain)] if short(domain) in signs else value


def inside(value: Any, domain: Domain) -> bool:
    """Whether a value can move a little in every direction without leaving its domain."""
    if ends := interval(domain):
        return bool(np.all((value > ends[0]) & (value < ends[1])))
    return short(domain) == "real" or (short(domain) in ("pos", "nonneg", "neg") and bool(np.all(value != 0)))


@dataclass(frozen=True)
class Extreme:
    """A function of the model that should be least (or greatest) by one argument."""

    model: Model
    function: str
    wrt: str
    least: bool

    def at(self, point: Point, value: Any) -> Seen:
        """Look around a value of the argument, near and far, and at the slope there."""
        value = np.asarray(value, dtype=float)
        symbol = self.model.argument(self.function, self.wrt)
        if value.shape != np.shape(point[self.wrt]):
            return Seen(
                False,
                f"the key has the shape {dims(value.shape)}, and {self.wrt} {dims(np.shape(point[self.wrt]))}",
            )
        around = self.around(value)
        here, *there = self.values([changed(point, self.wrt, each) for each in (value, *around)])
        if not np.isfinite(here):
            return Seen(None, f"{self.function} has no value at the key")
        known = [each for each in there if np.isfinite(each)]
        slack = SLACK * max(abs(here), max(map(abs, known), default=0.0))
        better = min(known, default=np.inf)
        if better < here - slack:
            sign = 1 if self.least else -1
            return Seen(
                False,
                f"{self.function} is {sign * here:.6g} at the key, and {sign * better:.6g} elsewhere",
            )
        if not any(each > here + slack for each in known):
            return Seen(None, f"{self.function} is the same all around: anything would be its extreme")
        return self.flat(point, value, around) if inside(value, symbol.domain) else Seen(True)

    def around(self, value: Any) -> list[Any]:
        """Return values of the argument near and far, within its domain where that can be kept."""
        draw = np.random.default_rng(0)
        domain = self.model.symbols[self.wrt].domain
        scale = float(np.max(np.abs(value), initial=0.0)) or 1.0
        return [
            kept(value + scale * distance * draw.standard_normal(value.shape), domain)
            for distance in DISTANCES
            for _ in range(PROBES)
        ]

    def values(self, where: Sequence[Point]) -> list[float]:
        """Return the function's values, negated where it should be greatest, NaN where it has none."""
        found = []
        for each in self.model.values(self.function, where):
            if isinstance(each, str | tuple):
                found.append(np.nan)
            elif each.size != 1:
                raise Misspecified(f"the value of {self.function} is no single number")
            else:
                found.append(float(np.ravel(each)[0]) * (1 if self.least else -1))
        return found

    def flat(self, point: Point, value: Any, around: Sequence[Any]) -> Seen:
        """Look at the slope at the key, beside those a tenth of its size away; a kink has none."""
        near = [changed(point, self.wrt, each) for each in (value, *around[2 * PROBES : 3 * PROBES])]
        here, *there = jacobians(self.model, self.function, self.wrt, near)
        if here.jacobian is None:
            return Seen(True)
        slope = float(np.max(np.abs(here.jacobian), initial=0.0))
        others = [float(np.max(np.abs(each.jacobian))) for each in there if each.jacobian is not None]
        size = (float(np.max(np.abs(value), initial=0.0)) or 1.0) / max(abs(self.values([near[0]])[0]), TINY)
        if slope <= FLAT * max(others, default=0.0) or slope * size <= SLACK:
            return Seen(True)
        return Seen(
            False,
            f"the slope of {self.function} at the key is {slope:.3g}, not 0",
        )
