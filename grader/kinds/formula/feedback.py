"""What is said about a formula: how its shapes fit, values that show it wrong, and what the decision rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Literal

import numpy as np

from grader.core.verdict import Counterexample, Evidence, Shape
from grader.formula.equality.accepted_answers import FIRST_VALUE_MARK
from grader.formula.equality.counterexample import CounterexampleValues
from grader.formula.equality.decision import Decision
from grader.formula.evaluation import shapes
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import Reading
from grader.formula.symbols import Shape as Dims
from grader.formula.symbols import Sizes, written
from grader.formula.writing import latex

ENTRIES_SHOWN = 32
ENTRIES_KEPT = 400
GROWTH = "Shown is how much each formula grows from the first values, marked °, to the others."
NOTHING = r"\text{no value}"


def misfit(
    answer: Reading, mismatch: shapes.Mismatch, numbers: Mapping[str, Dims], letters: Mapping[str, Dims], mixing: bool
) -> Shape:
    """Show where shapes do not fit, in numbers and in letters."""
    around = shapes.misfit(mismatch, numbers, mixing) or None
    general = shapes.letters_check(answer.expression, letters, mixing) if around else None
    return Shape(got=None, check=around, letters=general or None, fits=False, span=answer.spans.get(mismatch.node))


def fitting(
    answer: Reading,
    dims: Dims,
    expected: Sequence[Dims],
    numbers: Mapping[str, Dims],
    letters: Mapping[str, Dims],
    mixing: bool,
) -> tuple[Shape, ...]:
    """Show the shape check of an answer that can be multiplied out; nothing where all is single numbers."""
    fits = dims in expected
    if fits and not dims:
        return ()
    general = shapes.letters_check(answer.expression, letters, mixing) or None
    check = shapes.check(answer.expression, numbers, mixing)
    got, wanted = written(dims), " or ".join(dict.fromkeys(written(each) for each in expected))
    sentence = "" if fits else f"Your answer is {got}; what is asked is {wanted}."
    hint = "" if fits else f"Your answer is {got}."
    return (Shape(got, wanted, check, general if general != check else None, fits, None, sentence, hint),)


def counterexample(found: CounterexampleValues | None, words: Vocabulary) -> tuple[Counterexample, ...]:
    """Show values by which an answer is seen to be wrong, with as many digits as it takes to see it."""
    if found is None or sum(np.size(each) for each in found.point.values()) > ENTRIES_SHOWN:
        return ()
    inputs = tuple((_name(name, words), latex.array(each)) for name, each in found.point.items())
    growth = GROWTH if any(name.endswith(FIRST_VALUE_MARK) for name in found.point) else ""
    for digits in (4, 8, 12, 17):
        expected = latex.array(found.reference, digits)
        yours = NOTHING if found.answer is None else latex.array(found.answer, digits)
        if yours != expected:
            return (Counterexample(inputs, yours, expected, growth),)
    return ()


def _name(name: str, words: Vocabulary) -> str:
    plain = latex.name(name.removesuffix(FIRST_VALUE_MARK), words)
    return rf"{plain}{{}}^{{\circ}}" if name.endswith(FIRST_VALUE_MARK) else plain


def evidence(decision: Decision, sizes: Sizes, shown: bool) -> Evidence:
    """Say what a decision rests on; ``shown`` is whether a counterexample is shown beside it."""
    found, point = decision.evidence, decision.point
    method: Literal["same formula", "balls", "floats"] = "same formula"
    if found.points or point is not None:
        method = "floats" if found.tolerance and not found.bits else "balls"
    values: tuple[tuple[str, tuple[float, ...]], ...] = ()
    if point is not None and not shown:
        values = tuple((name, tuple(np.ravel(each).tolist())) for name, each in sorted(point.floats.items()))
        if sum(len(each) for _, each in values) > ENTRIES_KEPT:
            values = ()
    return Evidence(
        sentence=_sentence(decision, shown),
        method=method,
        sizes=tuple(sorted(sizes.items())),
        points=found.points,
        bits=found.bits,
        screen=found.screened_points,
        cells=found.cells,
        bound=None if found.false_accept_log2 is None else round(found.false_accept_log2, 1),
        tolerance=found.tolerance,
        point=values,
    )


def _sentence(decision: Decision, shown: bool) -> str:
    found = decision.evidence
    if not decision.equal:
        proved = decision.point is not None and not decision.is_undefined and not shown
        return "Proved to differ from the key in ball arithmetic." if proved else ""
    if not found.points:
        return "The same formula as the key."
    if not found.bits:
        return f"Agrees with the key's numbers at {found.points} points to {found.tolerance:g}."
    exactly = f"to {found.bits:,} bits" if found.tolerance is None else f"within {found.tolerance:g}"
    more = found.screened_points + found.cells
    looked = f", and at {more} more where formulas like these may differ" if more else ""
    bound = (
        ""
        if found.false_accept_log2 is None
        else f"; different ones would do so with a chance below 2^{ceil(found.false_accept_log2)}"
    )
    return f"Agrees with the key at {found.points} secret points {exactly}{looked}{bound}."
