"""Whether what a key gives and what the model gives are the same numbers, point by point; and what that amounts to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from grader.bank.model import written
from grader.formula.symbols import Sizes

ROUNDING = 1e-11
Array = NDArray[np.float64]
NEAR = 1e-6
"""Entries may differ by this share of the largest one: a key is exact, the model's derivatives are known to 1e-7."""
Status = Literal["proven", "refuted", "unproven"]


@dataclass(frozen=True)
class Seen:
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

    def add(self, sizes: Sizes, seen: Iterable[Seen]) -> None:
        """Count what was seen at points of one set of sizes."""
        listed = list(seen)
        self.agreed.append((sizes, sum(each.holds is True for each in listed)))
        self.skipped += [each.why for each in listed if each.holds is None]
        against = next((each.why for each in listed if each.holds is False), None)
        if against and not self.against:
            self.against = f"at {written(sizes)}: {against}" if sizes else against

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
            return (
                f"nothing can be told at the stated sizes: {next(iter(self.skipped), 'no point was tried')}"
            )
        good = {written(sizes): count for sizes, count in self.agreed if count}
        missed = [written(sizes) for sizes, count in self.agreed if not count]
        places = f"{self.what}{self._counted(max(good.values()))}"
        places += f", at {'; '.join(good)}" if any(good) else ""
        left = f" ({self.skipped[0]})" if self.skipped else ""
        return places + (f", not told at {'; '.join(missed)}" if missed else "") + left

    def _counted(self, most: int) -> str:
        return f", {most} points each" if most > 1 else ""


def compared(key: Any, model: Any, near: float = NEAR, floor: float = 0.0) -> Seen:
    """Compare what the key and the model give at one point; a text is why there is no value."""
    for whose, value in (("the key", key), ("the model", model)):
        if why := countless(value):
            return Seen(None, f"{whose}: {why}")
    difference = differing(key, model, near)
    if difference is None or np.shape(key) != np.shape(model):
        return Seen(difference is None, difference or "")
    if 0 < np.max(np.abs(np.subtract(key, model))) <= floor:
        return Seen(None, f"the values are too small to be told apart (below {floor:.0e})")
    return Seen(False, difference)


def alike(key: Any, model: Any, point: Mapping[str, Any]) -> Seen:
    """Compare two values that were worked out at a point; what should be zero may be what rounding left of its arguments."""
    if countless(key) or countless(model) or np.shape(key) != np.shape(model):
        return compared(key, model)
    if np.any(key) and np.any(model):
        return compared(key, model)
    left = ROUNDING * rounding(point)
    return (
        Seen(True) if np.max(np.abs(np.subtract(key, model)), initial=0.0) <= left else compared(key, model)
    )


def rounding(point: Mapping[str, Any]) -> float:
    """Return the size of the arguments at a point, at least 1: of what rounding leaves where a value should be zero."""
    return max(1.0, *(float(np.max(np.abs(each), initial=0.0)) for each in point.values()), 1.0)


def differing(key: Any, model: Any, near: float = NEAR) -> str | None:
    """Say how two values differ, None where they agree; entries are compared with the largest one."""
    one, other = np.asarray(key, dtype=float), np.asarray(model, dtype=float)
    if one.shape != other.shape:
        return f"the key has the shape {dims(one.shape)}, and the model's is {dims(other.shape)}"
    scale = max(np.max(np.abs(one), initial=0.0), np.max(np.abs(other), initial=0.0))
    apart = np.abs(one - other)
    if not one.size or np.max(apart) <= near * scale:
        return None
    place = np.unravel_index(int(np.argmax(apart)), one.shape)
    entry = f"entry {tuple(int(each) for each in place)} of " if one.ndim else ""
    return f"{entry}the key is {float(one[place]):.6g}, and the model's {float(other[place]):.6g}"


def countless(value: Any) -> str | None:
    """Say why a value cannot be compared: a text is the reason why there is none, and it may not be finite."""
    if isinstance(value, str):
        return value
    return None if np.isfinite(np.asarray(value, dtype=float)).all() else "there is no finite value"


def dims(shape: Sequence[int]) -> str:
    """Write the shape of a value for people."""
    return (
        "×".join(map(str, shape)) if len(shape) > 1 else f"({shape[0]},)" if shape else "of a single number"
    )
