"""Shapes: that of a value, and the only one that an argument can have, found by trying."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from grader.authoring.checks.proofs.agreement import Observation, Tally, shape_text
from grader.authoring.checks.proofs.model import ExecutableModel, with_argument
from grader.core.arrays import Value
from grader.formula.symbols import Shape, Sizes, in_numbers
from grader.kinds.base.context import BlankSpecError


def of_value(model: ExecutableModel, function: str, claimed: Shape) -> Tally:
    """Hold the shape of what a function returns against the claimed one, at all sizes."""
    tally = Tally("the value has this shape")
    for sizes in model.sizes:
        [value] = model.values(function, model.sample_points(sizes, function, 1))
        tally.add(sizes, [_same(value, in_numbers(claimed, sizes))])
    return tally


def _same(value: Value | str, wanted: tuple[int, ...]) -> Observation:
    if isinstance(value, str):
        return Observation(None, value)
    if isinstance(value, tuple):
        raise BlankSpecError("it returns several values, and only one has a shape")
    return Observation(
        value.shape == wanted, f"the key is {shape_text(wanted)}, and the model's value {shape_text(value.shape)}"
    )


def of_argument(model: ExecutableModel, name: str, function: str, claimed: Shape, gives: Shape | None) -> Tally:
    """Try every shape for an argument: the claimed one must be the only one with which the function works.

    Nothing is broadcast, and where ``gives`` is known the value must have that shape. The declared shape of the argument
    plays no part.
    """
    model.argument(function, name)
    tally = Tally(f"it is the only shape with which {function} works")
    for sizes in model.sizes:
        wanted = in_numbers(claimed, sizes)
        candidates = list(_candidates(sizes, len(wanted)))
        if wanted not in candidates:
            candidates.append(wanted)
        [point] = model.sample_points({**sizes}, function, 1)
        tried = model.values(function, [with_argument(point, name, np.ones(each)) for each in candidates], strict=True)
        asked = None if gives is None else in_numbers(gives, sizes)
        working = [
            shape
            for shape, value in zip(candidates, tried, strict=True)
            if not isinstance(value, str | tuple) and asked in (None, value.shape)
        ]
        said = next(
            (each for shape, each in zip(candidates, tried, strict=True) if shape == wanted and isinstance(each, str)),
            "",
        )
        tally.add(sizes, [_only(wanted, working, said)])
    return tally


def _candidates(sizes: Sizes, axes: int) -> Iterator[tuple[int, ...]]:
    """Yield shapes of all lengths that may occur: the sizes, one more and one less, sums and products of two."""
    own = {*sizes.values()}
    pairs = {a + b for a in own for b in own} | {a * b for a in own for b in own}
    lengths = sorted({1, *own, *pairs, *(each + 1 for each in own), *(each - 1 for each in own)} - {0})
    yield from product(lengths, repeat=axes)


def _only(wanted: tuple[int, ...], working: list[tuple[int, ...]], said: str) -> Observation:
    others = [each for each in working if each != wanted]
    if not working and said:
        return Observation(
            None, f"it works with no shape as long as nothing is broadcast ({said}): name a smaller function"
        )
    if wanted not in working:
        fits = f"only {shape_text(others[0])}" if others else "nothing that was tried"
        return Observation(False, f"with {shape_text(wanted)} it does not work; {fits} does")
    if others:
        return Observation(
            None, f"{shape_text(others[0])} works too: say with `gives` what comes out, or name a smaller function"
        )
    return Observation(True)
