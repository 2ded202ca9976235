"""Numerical comparison: whether key and model give the same numbers, point by point; and what that amounts to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from grader.authoring.checks.proofs.model import sizes_text
from grader.formula.symbols import Sizes

ROUNDING, LOST = 1e-11, 1e-15
Array = NDArray[np.float64]
NEAR, EXACT, BLURRED = 1e-6, 1e-12, 1e-9
"""Entries may differ by the first share of their own size, and by the second of the largest one's; what differs by less than the third of
that may be rounding, and does not count."""
Status = Literal["proven", "refuted", "unproven"]


@dataclass(frozen=True)
class Observation:
    """What was seen at one point: the claim holds there, or not and why, or None and why it cannot be told."""

    holds: bool | None
    why: str = ""


@dataclass
class Tally:
    """At how many points of each set of sizes a claim holds, and why others do not count; one against it settles it."""

    what: str
    agreed: list[tuple[Sizes, int]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    against: str | None = None

    def add(self, sizes: Sizes, seen: Iterable[Observation]) -> None:
        """Count what was seen at points of one set of sizes."""
        listed = list(seen)
        self.agreed.append((sizes, sum(each.holds is True for each in listed)))
        self.skipped += [each.why for each in listed if each.holds is None]
        against = next((each.why for each in listed if each.holds is False), None)
        if against and not self.against:
            self.against = f"at {sizes_text(sizes)}: {against}" if sizes else against

    @property
    def status(self) -> Status:
        """Proven needs agreement at the first, the stated sizes."""
        if self.against:
            return "refuted"
        return "proven" if self.agreed and self.agreed[0][1] else "unproven"

    @property
    def evidence(self) -> str:
        """Say on what the status rests."""
        if self.against:
            return self.against
        if self.status == "unproven":
            return f"nothing can be told at the stated sizes: {next(iter(self.skipped), 'no point was tried')}"
        good = [_at(sizes, count) for sizes, count in self.agreed if count]
        missed = [sizes_text(sizes) for sizes, count in self.agreed if not count]
        left = f" ({self.skipped[0]})" if missed and self.skipped else ""
        return f"{self.what}, at {'; '.join(good)}" + (f", not told at {'; '.join(missed)}" if missed else "") + left


def _at(sizes: Sizes, count: int) -> str:
    points = f"{count} point{'s' if count > 1 else ''}"
    if not sizes:
        return points
    return f"{sizes_text(sizes)} ({points})" if count > 1 else sizes_text(sizes)


def compare_values(key: Any, model: Any, spread: Any = 0.0) -> Observation:
    """Compare what the key and the model give at one point, entry by entry; a text is why there is no value.

    ``spread`` is how well each entry of the model's is known.
    """
    for whose, value in (("the key", key), ("the model", model)):
        if why := why_not_comparable(value):
            return Observation(None, f"{whose}: {why}")
    one, other = np.asarray(key, dtype=float), np.asarray(model, dtype=float)
    if one.size == other.size == 1:
        one = one.reshape(other.shape)
    if one.shape != other.shape:
        return Observation(
            False, f"the key has the shape {shape_text(one.shape)}, and the model's is {shape_text(other.shape)}"
        )
    size = np.maximum(np.abs(one), np.abs(other))
    apart, largest = np.abs(one - other), float(np.max(size, initial=0.0))
    excess = apart - (NEAR * size + EXACT * largest + spread)
    if not one.size or np.max(excess) <= 0:
        return Observation(True)
    place = np.unravel_index(int(np.argmax(excess)), one.shape)
    entry = f"entry {tuple(int(each) for each in place)} of " if one.ndim else ""
    said = f"{entry}the key is {float(one[place]):.6g}, and the model's {float(other[place]):.6g}"
    if apart[place] <= BLURRED * largest or apart[place] <= 100 * np.max(spread):
        return Observation(None, f"{said}: too near to be told apart beside an entry of {largest:.3g}")
    return Observation(False, said)


def compare_at_point(key: Any, model: Any, point: Mapping[str, Any]) -> Observation:
    """Compare two values that were worked out at a point; what should be zero may be what rounding left of its arguments."""
    if why_not_comparable(key) or why_not_comparable(model) or np.size(key) != np.size(model):
        return compare_values(key, model)
    if np.any(key) and np.any(model):
        return compare_values(key, model)
    return compare_values(key, model, rounding_error(point))


def is_lost_in_rounding(key: Any, spread: Any) -> bool:
    """Whether a key is not 0, and yet so small that a model worked out in floats may have lost it."""
    if why_not_comparable(key):
        return False
    largest = float(np.max(np.abs(key), initial=0.0))
    return 0 < largest <= max(float(np.max(spread, initial=0.0)), LOST)


def rounding_error(point: Mapping[str, Any]) -> float:
    """Return what rounding may leave at a point where a value should be zero: a share of the largest argument, at least of 1."""
    return ROUNDING * max([1.0, *(float(np.max(np.abs(each), initial=0.0)) for each in point.values())])


def why_not_comparable(value: Any) -> str | None:
    """Say why a value cannot be compared: a text is the reason why there is none, and it may not be finite."""
    if isinstance(value, str):
        return value
    return None if np.isfinite(np.asarray(value, dtype=float)).all() else "there is no finite value"


def shape_text(shape: Sequence[int]) -> str:
    """Write the shape of a value for people."""
    return "×".join(map(str, shape)) if len(shape) > 1 else f"({shape[0]},)" if shape else "of a single number"
