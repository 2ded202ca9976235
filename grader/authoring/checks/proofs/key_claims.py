"""Claims on keys, held against the model: from one claim to a tally of the points at which it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.authoring.checks.proofs import shapes
from grader.authoring.checks.proofs.agreement import (
    Observation,
    Tally,
    compare_at_point,
    compare_values,
    is_lost_in_rounding,
    shape_text,
    why_not_comparable,
)
from grader.authoring.checks.proofs.derivatives import Derivative, jacobians
from grader.authoring.checks.proofs.extremes import DISTANCES, Extreme
from grader.authoring.checks.proofs.limits import approaches, join_observations, judge_limit
from grader.authoring.checks.proofs.model import ExecutableModel, Point, select_output
from grader.core.errors import nearest
from grader.formula.symbols import Sizes
from grader.grading.grade import judge
from grader.grading.problem import Blank, PreparedProblem
from grader.kinds.base.claims import Claim, claim_text
from grader.kinds.base.context import BlankSpecError


@dataclass(frozen=True)
class KeyClaim:
    """The key of one blank beside the model, and a claim that joins them. All of it may raise BlankSpecError."""

    model: ExecutableModel
    prepared: PreparedProblem
    blank: Blank
    claim: Claim

    def points(self, sizes: Sizes) -> list[Point]:
        """Return the points at which the claim is tried, with what it fixes."""
        drawn = self.model.sample_points(sizes, claim_text(self.claim))
        return [{**point, **self.model.fixed_values(self.claim.at, sizes)} for point in drawn]

    def keys(self, sizes: Sizes, where: Sequence[Point]) -> list[list[Any]]:
        """Return what each accepted key gives; at other sizes than the stated a text may say why there is no value."""
        problem = self.prepared.problem
        try:
            found = self.blank.spec.key_values(problem.context(self.blank, sizes=sizes or None), where)
        except BlankSpecError as error:
            if sizes == problem.sizes:
                raise
            return [[error.message] * len(where)]
        return [[select_output(each, self.claim.output, "the key") for each in key] for key in found]

    def arguments(self, name: str) -> tuple[str, ...]:
        """Return what a function of reference.py, or a formula, depends on."""
        if name in self.model.functions:
            return self.model.functions[name]
        return self.blank.spec.symbols_used(self.prepared.problem.context(self.blank), name)

    def tally(self, what: str, seen: Callable[[Sizes, Sequence[Point], list[Any]], list[Observation]]) -> Tally:
        """Look at every accepted key at points of every set of sizes, until one speaks against the claim."""
        tally = Tally(what)
        for sizes in self.model.sizes:
            where = self.points(sizes)
            for key in self.keys(sizes, where):
                tally.add(sizes, seen(sizes, where, key))
            if tally.against:
                break
        return tally


def prove_key_claim(keyed: KeyClaim) -> Tally:
    """Hold a claim against the model; raises BlankSpecError where it makes no sense, or proves nothing."""
    _check_output_number(keyed)
    if why := tautology(keyed):
        raise BlankSpecError(f"this proves nothing: {why}")
    return PROVERS[keyed.claim.form](keyed)


def _check_output_number(keyed: KeyClaim) -> None:
    """Refuse the number of an output where neither the key nor the function has several; raises BlankSpecError."""
    claim, sizes = keyed.claim, keyed.model.problem.sizes
    if claim.output is None:
        return
    where = keyed.points(sizes)[:1]
    named = str(claim.leading_value)
    values: list[Any] = [
        key[0] for key in keyed.blank.spec.key_values(keyed.prepared.problem.context(keyed.blank), where)
    ]
    if named in keyed.model.functions:
        values += keyed.model.values(named, where)
    if not any(isinstance(each, tuple) for each in values):
        raise BlankSpecError(f"the key returns 1 value, so there is no output {claim.output}")


def tautology(keyed: KeyClaim) -> str | None:
    """Say where a claim holds the key against itself; a fixed argument does not change that, nor a limit that the key does not have."""
    claim, source, spec = keyed.claim, keyed.model.source, keyed.blank.spec
    context = keyed.prepared.problem.context(keyed.blank)
    named = str(claim.leading_value) if claim.in_ is None else claim.in_
    for key in spec.references:
        moving = claim.form == "equals" and any(each in keyed.arguments(key) for each in claim.limit)
        if claim.form == "equals" and not moving and spec.is_same(context, key, named):
            return f"{named} is the key itself"
        calls = source.forwards_to if claim.form == "equals" else source.calls_indirectly
        if key != named and calls(named, key):
            return f"{named} calls the key, {key}"
        if claim.form == "equals" and not moving and source.is_same(key, named):
            return f"the key, {key}, is nothing but {named}"
    return None


def _derivative(keyed: KeyClaim) -> Tally:
    claim = keyed.claim
    function, wrt = str(claim.leading_value), str(claim.wrt)

    def seen(sizes: Sizes, where: Sequence[Point], key: list[Any]) -> list[Observation]:
        found = jacobians(keyed.model, function, wrt, where, claim.with_, claim.output)
        return [_slope(*each) for each in zip(key, found, where, strict=True)]

    def _slope(key: Any, found: Derivative, point: Point) -> Observation:
        if found.jacobian is None:
            return Observation(None, found.why)
        if not np.any(found.jacobian) and is_lost_in_rounding(key, found.spread):
            return Observation(None, "the values are too small to be told from 0")
        own = np.shape(point[wrt])
        if claim.form == "jacobian":
            return compare_values(
                key, _laid_out(found.jacobian, own, np.ndim(key)), _laid_out(found.spread, own, np.ndim(key))
            )
        if found.jacobian.size != max(1, int(np.prod(own))):
            raise BlankSpecError(
                f"the value of {function} is no single number; use jacobian, or vjp with what is given"
            )
        return compare_values(key, found.jacobian.reshape(own), found.spread.reshape(own))

    return keyed.tally("the key is the derivative", seen)


def _laid_out(jacobian: Any, own: tuple[int, ...], axes: int) -> Any:
    """Lay a Jacobian out as the matrix that a key of two axes is: the argument's entries along the rows."""
    return jacobian.reshape(-1, max(1, int(np.prod(own)))) if axes == 2 else jacobian


def _equals(keyed: KeyClaim) -> Tally:
    name = str(keyed.claim.equals)
    used = [each for key in (*keyed.blank.spec.references, name) for each in keyed.arguments(key)]
    for each in (*keyed.claim.at, *keyed.claim.limit):
        if each not in keyed.model.symbols:
            raise BlankSpecError(f"{each!r} is no symbol", (), nearest(each, keyed.model.symbols))
        if keyed.blank.spec.references and each not in used:
            raise BlankSpecError(f"neither the key nor {name} depends on {each!r}", (), nearest(each, used))
    if keyed.claim.limit:
        return _limit(keyed, name)
    if keyed.blank.spec.kind == "number":
        return _number(keyed, name)
    up_to = getattr(keyed.blank.spec, "up_to", None)

    def seen(sizes: Sizes, where: Sequence[Point], key: list[Any]) -> list[Observation]:
        model = keyed.model.formula_values(name, where, sizes, keyed.claim.output)
        if up_to == "constant":
            return _grown(keyed, sizes, where, key, model)
        found = [compare_at_point(mine, its, at) for mine, its, at in zip(key, model, where, strict=True)]
        if up_to == "sign":
            turned = [
                compare_at_point(_negative(mine), its, at) for mine, its, at in zip(key, model, where, strict=True)
            ]
            found = [
                straight if straight.holds is not False else turn for straight, turn in zip(found, turned, strict=True)
            ]
        return found

    return keyed.tally("the key has the same value", seen)


def _negative(value: Any) -> Any:
    return value if isinstance(value, str) else -np.asarray(value)


def _grown(
    keyed: KeyClaim, sizes: Sizes, where: Sequence[Point], key: list[Any], model: list[Any]
) -> list[Observation]:
    """Compare how much both grow from point to point, where the key is meant up to a constant."""
    spec = keyed.blank.spec
    varying = getattr(spec, "varying", None) or keyed.arguments(spec.references[0])
    moved = [
        {**point, **{name: other[name] for name in varying}}
        for point, other in zip(where, [*where[1:], where[0]], strict=True)
    ]
    later = (
        keyed.keys(sizes, moved)[0],
        keyed.model.formula_values(str(keyed.claim.equals), moved, sizes, keyed.claim.output),
    )
    return [_growth(*each) for each in zip(key, later[0], model, later[1], strict=True)]


def _growth(key: Any, key_there: Any, model: Any, model_there: Any) -> Observation:
    for each in (key, key_there, model, model_there):
        if why := why_not_comparable(each):
            return Observation(None, why)
    return compare_values(key_there - key, model_there - model)


def _limit(keyed: KeyClaim, name: str) -> Tally:
    found = approaches(keyed.model, keyed.claim.limit)

    def seen(sizes: Sizes, where: Sequence[Point], key: list[Any]) -> list[Observation]:
        return [join_observations(each) for each in zip(*(_along(steps, sizes, where) for steps in found), strict=True)]

    def _along(steps: Sequence[Point], sizes: Sizes, where: Sequence[Point]) -> list[Observation]:
        near = [[{**point, **step} for point in where] for step in steps]
        goals = [keyed.model.formula_values(name, each, sizes, keyed.claim.output) for each in near]
        values = [keyed.keys(sizes, each) for each in near]
        moving = [zip(mine[0], goal, strict=True) for mine, goal in zip(values, goals, strict=True)]
        return [judge_limit(pairs) for pairs in zip(*moving, strict=True)]

    return keyed.tally("the key tends to it", seen)


def _number(keyed: KeyClaim, name: str) -> Tally:
    """A number: what the model gives must itself be accepted."""
    if name in keyed.model.functions and (given := keyed.model.parameters(name)):
        raise BlankSpecError(f"{name} takes {', '.join(given)}: a number follows from a function without arguments")
    [found] = keyed.model.formula_values(name, [{}], {})
    if why := why_not_comparable(found):
        raise BlankSpecError(f"{name} has no value: {why}")
    if np.size(found) != 1:
        raise BlankSpecError(f"the value of {name} has the shape {shape_text(np.shape(found))}; one number is needed")
    number, key = float(np.ravel(found)[0]), float(keyed.keys({}, [{}])[0][0])
    accepted = judge(keyed.prepared.prepared_blanks[keyed.blank.address], repr(number)).outcome == "correct"
    exact = bool(np.isclose(key, number, rtol=1e-12, atol=0))
    tally = Tally("the model gives the number")
    tally.add({}, [Observation(accepted or exact, f"the key is {key:.6g}, and the model's {number:.6g}")])
    return tally


def _shape(keyed: KeyClaim) -> Tally:
    claim, claimed = keyed.claim, keyed.blank.spec.claimed_shape
    if claimed is None:
        raise BlankSpecError(f"the key of a {keyed.blank.spec.kind} blank is no shape")
    if claim.in_ is None:
        return shapes.of_value(keyed.model, str(claim.shape_of), claimed)
    return shapes.of_argument(keyed.model, str(claim.shape_of), claim.in_, claimed, claim.gives)


def _extreme(keyed: KeyClaim) -> Tally:
    claim = keyed.claim
    function, least = str(claim.minimises or claim.maximises), claim.form == "minimises"
    extreme = Extreme(keyed.model, function, str(claim.wrt), least, claim.output)

    def seen(sizes: Sizes, where: Sequence[Point], key: list[Any]) -> list[Observation]:
        return [
            Observation(None, why) if (why := why_not_comparable(value)) else extreme.at(point, value)
            for point, value in zip(where, key, strict=True)
        ]

    return keyed.tally(
        f"{function} is {'least' if least else 'greatest'} at the key, as far as {DISTANCES[-1]:g} times its size",
        seen,
    )


PROVERS: Mapping[str, Callable[[KeyClaim], Tally]] = {
    "gradient": _derivative, "jacobian": _derivative, "vjp": _derivative, "equals": _equals, "shape_of": _shape,
    "minimises": _extreme, "maximises": _extreme,
}  # fmt: skip
