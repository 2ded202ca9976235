"""Claims on keys, held against the model: from one claim to a tally of the points at which it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.bank import shapes
from grader.bank.agreement import Seen, Tally, alike, compared, countless, dims
from grader.bank.derivatives import Derivative, jacobians
from grader.bank.extremes import Extreme
from grader.bank.limits import approached, at_limit
from grader.bank.model import Model, Point, one
from grader.blank import Misspecified
from grader.claims import Claim, worded
from grader.formula.symbols import Sizes
from grader.grading import judge
from grader.problem import Blank, PreparedProblem


@dataclass(frozen=True)
class Keyed:
    """The key of one blank beside the model, and a claim that joins them. All of it may raise Misspecified."""

    model: Model
    prepared: PreparedProblem
    blank: Blank
    claim: Claim

    def points(self, sizes: Sizes) -> list[Point]:
        """Return the points at which the claim is tried, with what it fixes."""
        drawn = self.model.drawn(sizes, worded(self.claim))
        return [{**point, **self.model.fixed(self.claim.at, sizes)} for point in drawn]

    def keys(self, sizes: Sizes, where: Sequence[Point]) -> list[list[Any]]:
        """Return what each accepted key gives; at other sizes than the stated a text may say why there is no value."""
        problem = self.prepared.problem
        try:
            found = self.blank.spec.keys(problem.context(self.blank, sizes=sizes or None), where)
        except Misspecified as error:
            if sizes == problem.sizes:
                raise
            return [[error.message] * len(where)]
        return [[one(each, self.claim.output, "the key") for each in key] for key in found]

    def over(self, what: str, seen: Callable[[Sizes, Sequence[Point], list[Any]], list[Seen]]) -> Tally:
        """Look at every accepted key at points of every set of sizes, until one speaks against the claim."""
        tally = Tally(what)
        for sizes in self.model.sizes:
            where = self.points(sizes)
            for key in self.keys(sizes, where):
                tally.add(sizes, seen(sizes, where, key))
            if tally.against:
                break
        return tally


def proved(keyed: Keyed) -> Tally:
    """Hold a claim against the model; raises Misspecified where it makes no sense, or proves nothing."""
    if why := tautology(keyed):
        raise Misspecified(f"this proves nothing: {why}")
    return PROVERS[keyed.claim.form](keyed)


def tautology(keyed: Keyed) -> str | None:
    """Say where a claim holds the key against itself."""
    claim, model, spec = keyed.claim, keyed.model, keyed.blank.spec
    context = keyed.prepared.problem.context(keyed.blank)
    everywhere = claim.form == "equals" and not claim.limit and not claim.at
    named = str(getattr(claim, claim.place)) if claim.in_ is None else claim.in_
    for key in spec.references:
        if everywhere and spec.same(context, key, named):
            return f"{named} is the key itself"
        if key in model.functions and key != named and model.reaches(named, key):
            return f"{named} calls the key, {key}"
        if everywhere and model.returns(key) == named:
            return f"the key, {key}, is nothing but {named}"
    return None


def _derivative(keyed: Keyed) -> Tally:
    claim = keyed.claim
    function, wrt = str(getattr(claim, claim.place)), str(claim.wrt)

    def seen(sizes: Sizes, where: Sequence[Point], key: list[Any]) -> list[Seen]:
        found = jacobians(keyed.model, function, wrt, where, claim.with_)
        return [_slope(*each) for each in zip(key, found, where, strict=True)]

    def _slope(key: Any, found: Derivative, point: Point) -> Seen:
        if found.jacobian is None:
            return Seen(None, found.why)
        own = np.shape(point[wrt])
        if claim.form == "jacobian":
            return compared(key, _laid_out(found.jacobian, own, np.ndim(key)), floor=found.floor)
        if found.jacobian.size != max(1, int(np.prod(own))):
            raise Misspecified(
                f"the value of {function} is no single number; use jacobian, or vjp with what is given"
            )
        return compared(key, found.jacobian.reshape(own), floor=found.floor)

    return keyed.over("the key is the derivative", seen)


def _laid_out(jacobian: Any, own: tuple[int, ...], axes: int) -> Any:
    """Lay a Jacobian out as the matrix that a key of two axes is: the argument's entries along the rows."""
    return jacobian.reshape(-1, max(1, int(np.prod(own)))) if axes == 2 else jacobian


def _equals(keyed: Keyed) -> Tally:
    name, limit = str(keyed.claim.equals), keyed.claim.limit
    if keyed.blank.spec.kind == "number":
        return _number(keyed, name)
    if limit:
        return _limit(keyed, name)

    def seen(sizes: Sizes, where: Sequence[Point], key: list[Any]) -> list[Seen]:
        model = keyed.model.named(name, where, sizes, keyed.claim.output)
        return [alike(*each) for each in zip(key, model, where, strict=True)]

    return keyed.over("the key has the same value", seen)


def _limit(keyed: Keyed, name: str) -> Tally:
    steps = at_limit(keyed.model, keyed.claim.limit)
    tally = Tally("the key tends to it")
    for sizes in keyed.model.sizes:
        where = keyed.points(sizes)
        near = [[{**point, **step} for point in where] for step in steps]
        goals = [keyed.model.named(name, each, sizes, keyed.claim.output) for each in near]
        along = [keyed.keys(sizes, each) for each in near]
        for key in range(len(along[0])):
            moving = [
                list(zip(values[key], goal, strict=True)) for values, goal in zip(along, goals, strict=True)
            ]
            tally.add(sizes, [approached(pairs) for pairs in zip(*moving, strict=True)])
    return tally


def _number(keyed: Keyed, name: str) -> Tally:
    """A number: what the model gives must itself be accepted."""
    if name in keyed.model.functions and (given := keyed.model.parameters(name)):
        raise Misspecified(
            f"{name} takes {', '.join(given)}: a number follows from a function without arguments"
        )
    [found] = keyed.model.named(name, [{}], {})
    if why := countless(found):
        raise Misspecified(f"{name} has no value: {why}")
    if np.size(found) != 1:
        raise Misspecified(f"the value of {name} has the shape {dims(np.shape(found))}; one number is needed")
    number, key = float(np.ravel(found)[0]), float(keyed.keys({}, [{}])[0][0])
    accepted = judge(keyed.prepared.ready[keyed.blank.address], repr(number)).outcome == "correct"
    exact = compared(key, number, 1e-12).holds
    tally = Tally("the model gives the number")
    tally.add({}, [Seen(accepted or exact, f"the key is {key:.6g}, and the model's {number:.6g}")])
    return tally


def _shape(keyed: Keyed) -> Tally:
    claim, claimed = keyed.claim, keyed.blank.spec.claimed_shape
    if claimed is None:
        raise Misspecified(f"the key of a {keyed.blank.spec.kind} blank is no shape")
    if claim.in_ is None:
        return shapes.of_value(keyed.model, str(claim.shape_of), claimed)
    return shapes.of_argument(keyed.model, str(claim.shape_of), claim.in_, claimed, claim.gives)


def _extreme(keyed: Keyed) -> Tally:
    claim = keyed.claim
    function, least = str(claim.minimises or claim.maximises), claim.form == "minimises"
    extreme = Extreme(keyed.model, function, str(claim.wrt), least)

    def seen(sizes: Sizes, where: Sequence[Point], key: list[Any]) -> list[Seen]:
        return [
            Seen(None, why) if (why := countless(value)) else extreme.at(point, value)
            for point, value in zip(where, key, strict=True)
        ]

    return keyed.over(f"{function} is {'least' if least else 'greatest'} at the key", seen)


PROVERS: Mapping[str, Callable[[Keyed], Tally]] = {
    "gradient": _derivative, "jacobian": _derivative, "vjp": _derivative, "equals": _equals, "shape_of": _shape,
    "minimises": _extreme, "maximises": _extreme,
}  # fmt: skip
