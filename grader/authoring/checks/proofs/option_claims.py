"""Statements about the model whose truth is computed: what options say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.authoring.checks.proofs.agreement import (
    Observation,
    compare_at_point,
    rounding_error,
    shape_text,
    why_not_comparable,
)
from grader.authoring.checks.proofs.derivatives import jacobians
from grader.authoring.checks.proofs.extremes import clip_to_domain
from grader.authoring.checks.proofs.limits import approaches, join_observations, judge_limit
from grader.authoring.checks.proofs.model import ExecutableModel, Point, sizes_text, with_argument, with_elements_moved
from grader.core.errors import nearest
from grader.formula.symbols import Sizes, in_numbers
from grader.kinds.base.claims import DEPENDS_ON, OptionClaim, claim_text
from grader.kinds.base.context import BlankSpecError

MAX_ELEMENTS = 200
ROUNDED, SAFE = 1e-12, 10.0
"""An entry moves if it does so by more than this share of itself, and than so many times what is known of its error."""
FAR = 60.0
"""How far an element is moved, beside the largest one."""
Moves = dict[tuple[int, ...], Observation]


@dataclass(frozen=True)
class OptionTruth:
    """Whether a statement is true, None where that could not be told; ``evidence`` says on what that rests."""

    value: bool | None
    evidence: str


def prove_option_claim(model: ExecutableModel, holds: OptionClaim) -> OptionTruth:
    """Work out whether a statement is true, at all sizes; raises BlankSpecError where it makes no sense."""
    found = [_at(model, holds, sizes) for sizes in model.sizes]
    grouped: dict[str, list[str]] = {}
    for each, sizes in zip(found, model.sizes, strict=True):
        grouped.setdefault(each.evidence, []).append(sizes_text(sizes))
    where = "; ".join(f"{said} at {' and '.join(at)}" if any(at) else said for said, at in grouped.items())
    told = {each.value for each in found}
    if len(told) == 1:
        return OptionTruth(found[0].value, where)
    if None in told and found[0].value is not None and len(told - {None}) == 1:
        return OptionTruth(found[0].value, where)
    return OptionTruth(None, f"this differs with the sizes: {where}")


def _at(model: ExecutableModel, holds: OptionClaim, sizes: Sizes) -> OptionTruth:
    if holds.depends_on is not None:
        return _depends(model, holds, sizes)
    if holds.equal is not None:
        return _equal(model, holds, sizes)
    return _shape(model, holds, sizes)


def _equal(model: ExecutableModel, holds: OptionClaim, sizes: Sizes) -> OptionTruth:
    assert holds.equal is not None
    where = [{**each, **model.fixed_values(holds.at, sizes)} for each in model.sample_points(sizes, claim_text(holds))]
    one, other = holds.equal
    if one.split() == other.split() or model.source.is_same(one, other):
        raise BlankSpecError(f"this proves nothing: {one} is compared with itself")
    seen = []
    if holds.limit:
        sides = [_along(model, one, other, steps, where, sizes) for steps in approaches(model, holds.limit)]
        seen = [join_observations(each) for each in zip(*sides, strict=True)]
    if not holds.limit:
        both = [model.formula_values(name, where, sizes) for name in (one, other)]
        seen = [compare_at_point(*each) for each in zip(*both, where, strict=True)]
    if any(each.holds is False for each in seen):
        return OptionTruth(False, f"{one} and {other} differ")
    agreed = sum(each.holds is True for each in seen)
    return OptionTruth(True, f"the same at {agreed} points") if agreed else OptionTruth(None, seen[0].why)


def _along(
    model: ExecutableModel, one: str, other: str, steps: Sequence[Point], where: Sequence[Point], sizes: Sizes
) -> list[Observation]:
    near = [[{**each, **step} for each in where] for step in steps]
    moving = [
        zip(model.formula_values(one, each, sizes), model.formula_values(other, each, sizes), strict=True)
        for each in near
    ]
    return [judge_limit(pairs) for pairs in zip(*moving, strict=True)]


def _shape(model: ExecutableModel, holds: OptionClaim, sizes: Sizes) -> OptionTruth:
    assert holds.is_ is not None
    [value] = model.values(str(holds.shape_of), model.sample_points(sizes, claim_text(holds), 1))
    if isinstance(value, str):
        return OptionTruth(None, value)
    if isinstance(value, tuple):
        raise BlankSpecError(f"{holds.shape_of} returns several values, and only one has a shape")
    return OptionTruth(value.shape == in_numbers(holds.is_, sizes), f"it is {shape_text(value.shape)}")


def _depends(model: ExecutableModel, holds: OptionClaim, sizes: Sizes) -> OptionTruth:
    """Change one element of the argument after another, the others held, and look whether anything moves."""
    found = DEPENDS_ON.fullmatch(str(holds.depends_on))
    assert found is not None
    quantifier, name = found.groups()
    function = str(holds.leading_value)
    if name not in model.symbols:
        raise BlankSpecError(f"{name!r} is no symbol", (), nearest(name, model.symbols))
    points = [{**each, **model.fixed_values(holds.at, sizes)} for each in model.sample_points(sizes, function)]
    if name not in points[0]:
        raise BlankSpecError(f"{name} has no value at these sizes")
    count = int(np.prod(np.shape(points[0][name])))
    if count > MAX_ELEMENTS:
        raise BlankSpecError(f"{name} has {count} elements; at most {MAX_ELEMENTS} are tried")
    asked = (function, name, holds.form, holds.wrt, holds.with_, repr(holds.at), sizes_text(sizes))
    if asked not in model.known:
        model.known[asked] = _moves(model, holds, function, name, points)
    moves: Moves = model.known[asked]
    still = [each for each in moves.values() if each.holds is not True]
    unclear = next((each.why for each in still if each.holds is None), None)
    if unclear and (quantifier != "some" or len(still) == count):
        return OptionTruth(None, unclear)
    moving = count - len(still)
    value = {"all": moving == count, "some": moving > 0, "none": moving == 0}[quantifier]
    return OptionTruth(value, f"{moving} of {count} elements of {name} move it")


def _moves(model: ExecutableModel, holds: OptionClaim, function: str, name: str, points: Sequence[Point]) -> Moves:
    """Return for each element whether changing it moves what the statement speaks of.

    What has not moved is tried again at every point, and with values far to both sides: behind a maximum or a kink an element
    may show only there.
    """
    found: Moves = {place: Observation(None, "nothing was tried") for place in np.ndindex(np.shape(points[0][name]))}
    for point, other in zip(points, [*points[1:], points[0]], strict=True):
        far = FAR * max(1.0, float(np.max(np.abs(point[name]), initial=0.0)))
        domain = model.symbols[name].domain
        for moved in (
            other,
            *(
                with_argument(point, name, clip_to_domain(np.asarray(point[name]) + side * far, domain))
                for side in (1, -1)
            ),
        ):
            still = [place for place, each in found.items() if each.holds is not True]
            if not still:
                return found
            here, *there = _quantities(model, holds, function, [point, *with_elements_moved(point, moved, name, still)])
            for place, each in zip(still, there, strict=True):
                found[place] = _either(found[place], _moved(*here, *each))
    return found


def _quantities(
    model: ExecutableModel, holds: OptionClaim, function: str, where: Sequence[Point]
) -> list[tuple[Any, Any]]:
    """Return what a statement speaks of at each point, and how well each entry is known."""
    if holds.form == "value":
        values = model.values(function, where)
        return [(value, rounding_error(point)) for value, point in zip(values, where, strict=True)]
    found = jacobians(model, function, str(holds.wrt), where, holds.with_)
    first = next((each.jacobian for each in found if each.jacobian is not None), None)
    if holds.form == "gradient" and first is not None and first.size != max(1, np.size(where[0][str(holds.wrt)])):
        raise BlankSpecError(f"the value of {function} is no single number; use jacobian, or vjp with what is given")
    return [(each.why if each.jacobian is None else each.jacobian, each.spread) for each in found]


def _moved(here: Any, spread: Any, there: Any, other_spread: Any) -> Observation:
    for each in (here, there):
        if why := why_not_comparable(each):
            return Observation(None, why)
    if np.shape(here) != np.shape(there):
        return Observation(True)
    size = np.maximum(np.abs(here), np.abs(there))
    noise = ROUNDED * size + np.maximum(spread, other_spread) * SAFE
    return Observation(bool(np.any(np.abs(np.subtract(here, there)) > noise)))


def _either(old: Observation, new: Observation) -> Observation:
    """Join what two tries say of one element: it moves the value if it does so in any of them."""
    return old if new.holds is None and old.holds is not None else new
