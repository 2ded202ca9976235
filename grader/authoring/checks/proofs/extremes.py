"""Optimality (argmin, argmax): whether a function of the model is least, or greatest, where one argument has a given value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.authoring.checks.proofs.agreement import Observation, shape_text
from grader.authoring.checks.proofs.derivatives import jacobians
from grader.authoring.checks.proofs.model import ExecutableModel, Point, select_output, with_argument
from grader.formula.equality.sampling.domains import DISCRETE, STRUCTURED, interval, sample, short_name, to_floats
from grader.formula.symbols import Domain
from grader.kinds.base.context import BlankSpecError

DISTANCES = (1e-3, 1e-2, 0.1, 1.0, 10.0)
PROBES, MAX_AXES = 8, 32
"""Random directions that are tried at each distance, and the most entries along which it is tried one by one."""
STEP, STEEP = 1e-4, 0.02
"""How far a kink is looked for, as a share of the argument's size, and how steep it is beside the slopes nearby."""
FLAT = 1e-5
"""A slope below this share of the slopes nearby is none."""
SLACK, TINY = 1e-14, 1e-300
"""The share of a value that rounding may make of a difference."""
INTEGER_DOMAINS = frozenset(("int", "posint"))
CONVEX = frozenset(("sym", "spd", "diagm", "skew", "simplex", "rowstoch"))
"""Domains in which the way between two values stays inside."""


def clip_to_domain(value: Any, domain: Domain) -> Any:
    """Move what has left a domain of numbers to where it still is, as near as can be."""
    if ends := interval(domain):
        return np.clip(value, *ends)
    signs = {"pos": 1.0, "nonneg": 1.0, "neg": -1.0}
    return np.abs(value) * signs[short_name(domain)] if short_name(domain) in signs else value


def is_interior(value: Any, domain: Domain) -> bool:
    """Whether a value can move a little in every direction without leaving its domain."""
    if ends := interval(domain):
        return bool(np.all((value > ends[0]) & (value < ends[1])))
    return short_name(domain) == "real" or (short_name(domain) in ("pos", "nonneg", "neg") and bool(np.all(value != 0)))


def distinct_texts(one: float, other: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart."""
    for digits in (6, 10, 14, 17):
        texts = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


@dataclass(frozen=True)
class Extreme:
    """A function of the model that should be least (or greatest) by one argument; ``output`` is the place in a tuple."""

    model: ExecutableModel
    function: str
    wrt: str
    least: bool
    output: int | None = None

    @property
    def domain(self) -> Domain:
        """Where the argument lives."""
        return self.model.argument(self.function, self.wrt).domain

    def at(self, point: Point, value: Any) -> Observation:
        """Look around a value of the argument, near and far, and at the slope there."""
        value = np.asarray(value, dtype=float)
        own = np.shape(point[self.wrt])
        self.model.argument(self.function, self.wrt)
        if value.size != np.prod(own):
            return Observation(
                False, f"the key has the shape {shape_text(value.shape)}, and {self.wrt} {shape_text(own)}"
            )
        value = value.reshape(own)
        around = list(self.around(value))
        here, *there = self.values([with_argument(point, self.wrt, each) for each in (value, *around)])
        if not np.isfinite(here):
            return Observation(None, f"{self.function} has no value at the key")
        known = [each for each in there if np.isfinite(each)]
        slack = SLACK * max(abs(here), *map(abs, known), TINY)
        better = min(known, default=np.inf)
        if better < here - slack:
            sign = 1 if self.least else -1
            mine, other = distinct_texts(sign * here, sign * better)
            said = f"{self.function} is {mine} at the key, and {other} elsewhere"
            return Observation(False, said)
        if not any(each > here + slack for each in known):
            return Observation(None, f"{self.function} is the same all around: anything would be its extreme")
        return self.flat(point, value) if is_interior(value, self.domain) else Observation(True)

    def around(self, value: Any) -> Iterator[Any]:
        """Yield values of the argument near and far, within its domain: along each entry, in random directions, and drawn anew."""
        draw, word = np.random.default_rng(0), short_name(self.domain)
        scale = float(np.max(np.abs(value), initial=0.0)) or 1.0
        if word in DISCRETE | STRUCTURED:
            for _ in range(len(DISTANCES) * PROBES):
                yield from self._within(value, to_floats(sample(self.domain, value.shape, draw)))
            return
        axes = np.eye(value.size).reshape(value.size, *value.shape) if value.size <= MAX_AXES else ()
        for distance in DISTANCES:
            for direction in (*axes, *draw.standard_normal((PROBES, *value.shape))):
                for side in (1, -1):
                    yield clip_to_domain(value + side * scale * distance * direction, self.domain)

    def _within(self, value: Any, other: Any) -> Iterator[Any]:
        """Yield another value of a domain and, where the domain has no holes, those between."""
        word = short_name(self.domain)
        if word in INTEGER_DOMAINS:
            steps = np.sign(other - value)
            yield from (np.maximum(value + step * steps, 1 if word == "posint" else -np.inf) for step in (1, 2))
        if word in CONVEX:
            yield from (value + distance * (other - value) for distance in DISTANCES if distance <= 1)
        yield other

    def values(self, where: Sequence[Point]) -> list[float]:
        """Return the function's values, negated where it should be greatest, NaN where it has none."""
        found = []
        for each in self.model.values(self.function, where):
            value = np.asarray(np.nan) if isinstance(each, str) else select_output(each, self.output, self.function)
            if value.size != 1:
                raise BlankSpecError(f"the value of {self.function} is no single number")
            found.append(float(np.ravel(value)[0]) * (1 if self.least else -1))
        return found

    def flat(self, point: Point, value: Any) -> Observation:
        """Look at the slope at the key, beside those a tenth of its size away."""
        draw = np.random.default_rng(1)
        scale = float(np.max(np.abs(value), initial=0.0)) or 1.0
        near = [
            clip_to_domain(value + 0.1 * scale * draw.standard_normal(value.shape), self.domain) for _ in range(PROBES)
        ]
        where = [with_argument(point, self.wrt, each) for each in (value, *near)]
        here, *there = jacobians(self.model, self.function, self.wrt, where, None, self.output)
        others = max((float(np.max(np.abs(each.jacobian))) for each in there if each.jacobian is not None), default=0.0)
        if here.jacobian is None or float(np.max(here.spread, initial=0.0)) > FLAT * others:
            if self.kink(point, value, scale, others):
                return Observation(True)
            return Observation(None, f"the slope of {self.function} at the key cannot be told from 0")
        slope = float(np.max(np.abs(here.jacobian), initial=0.0))
        return Observation(slope <= FLAT * others, f"the slope of {self.function} at the key is {slope:.3g}, not 0")

    def kink(self, point: Point, value: Any, scale: float, others: float) -> bool:
        """Whether the function rises steeply to both sides along an entry: there it has no slope."""
        axes = np.eye(value.size).reshape(value.size, *value.shape)[:MAX_AXES]
        step = STEP * scale
        sides = [value, *(value + side * step * axis for axis in axes for side in (1, -1))]
        here, *there = self.values([with_argument(point, self.wrt, each) for each in sides])
        rises = [(each - here) / step for each in there]
        steep = STEEP * others
        return any(up > steep and down > steep for up, down in zip(rises[::2], rises[1::2], strict=True))
