"""Findings about a formula: how its shapes fit, values that show it wrong, and what the decision rests on."""

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
from grader.formula.symbols import Sizes, format_shape
from grader.formula.writing import latex

MAX_COUNTEREXAMPLE_ENTRIES = 32
MAX_EVIDENCE_ENTRIES = 400
GROWTH_NOTE = "Shown is how much each formula grows from the first values, marked °, to the others."
NO_VALUE = r"\text{no value}"


def misfit_finding(
    answer: Reading,
    mismatch: shapes.ShapeMismatch,
    numbers: Mapping[str, Dims],
    letters: Mapping[str, Dims],
    mixing: bool,
) -> Shape:
    """Show where shapes do not fit, in numbers and in letters."""
    check = shapes.format_mismatch(mismatch, numbers, mixing) or None
    general = shapes.shape_equation_in_letters(answer.expression, letters, mixing) if check else None
    return Shape(got=None, check=check, letters=general or None, fits=False, span=answer.spans.get(mismatch.node))


def shape_findings(
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
    general = shapes.shape_equation_in_letters(answer.expression, letters, mixing) or None
    check = shapes.shape_equation(answer.expression, numbers, mixing)
    got, wanted = format_shape(dims), " or ".join(dict.fromkeys(format_shape(each) for each in expected))
    sentence = "" if fits else f"Your answer is {got}; the expected answer is {wanted}."
    hint = "" if fits else f"Your answer is {got}."
    return (Shape(got, wanted, check, general if general != check else None, fits, None, sentence, hint),)


def counterexample_findings(example: CounterexampleValues | None, words: Vocabulary) -> tuple[Counterexample, ...]:
    """Show values by which an answer is seen to be wrong, with as many digits as it takes to see it."""
    if example is None or sum(np.size(each) for each in example.point.values()) > MAX_COUNTEREXAMPLE_ENTRIES:
        return ()
    inputs = tuple((_name(name, words), latex.array_tex(each)) for name, each in example.point.items())
    growth = GROWTH_NOTE if any(name.endswith(FIRST_VALUE_MARK) for name in example.point) else ""
    for digits in (4, 8, 12, 17):
        expected = latex.array_tex(example.reference, digits)
        yours = NO_VALUE if example.answer is None else latex.array_tex(example.answer, digits)
        if yours != expected:
            return (Counterexample(inputs, yours, expected, growth),)
    return ()


def _name(name: str, words: Vocabulary) -> str:
    plain = latex.name_tex(name.removesuffix(FIRST_VALUE_MARK), words)
    return rf"{plain}{{}}^{{\circ}}" if name.endswith(FIRST_VALUE_MARK) else plain


def evidence_finding(decision: Decision, sizes: Sizes, has_counterexample: bool) -> Evidence:
    """Return what a decision rests on; where a counterexample is shown beside it, its point is not repeated."""
    evidence, point = decision.evidence, decision.point
    method: Literal["same formula", "balls", "floats"] = "same formula"
    if evidence.points or point is not None:
        method = "floats" if evidence.tolerance and not evidence.bits else "balls"
    values: tuple[tuple[str, tuple[float, ...]], ...] = ()
    if point is not None and not has_counterexample:
        values = tuple((name, tuple(np.ravel(each).tolist())) for name, each in sorted(point.floats.items()))
        if sum(len(each) for _, each in values) > MAX_EVIDENCE_ENTRIES:
            values = ()
    return Evidence(
        sentence=_evidence_sentence(decision, has_counterexample),
        method=method,
        sizes=tuple(sorted(sizes.items())),
        points=evidence.points,
        bits=evidence.bits,
        screen=evidence.screened_points,
        cells=evidence.cells,
        bound=None if evidence.false_accept_log2 is None else round(evidence.false_accept_log2, 1),
        tolerance=evidence.tolerance,
        point=values,
    )


def _evidence_sentence(decision: Decision, has_counterexample: bool) -> str:
    evidence = decision.evidence
    if not decision.equal:
        proved = decision.point is not None and not decision.is_undefined and not has_counterexample
        return "Proved to differ from the key in ball arithmetic." if proved else ""
    if not evidence.points:
        return "The same formula as the key."
    if not evidence.bits:
        return f"Agrees with the key's numbers at {evidence.points} points to {evidence.tolerance:g}."
    exactly = f"to {evidence.bits:,} bits" if evidence.tolerance is None else f"within {evidence.tolerance:g}"
    more = evidence.screened_points + evidence.cells
    looked = f", and at {more} more where formulas like these may differ" if more else ""
    log2 = evidence.false_accept_log2
    bound = "" if log2 is None else f"; different ones would do so with a chance below 2^{ceil(log2)}"
    return f"Agrees with the key at {evidence.points} secret points {exactly}{looked}{bound}."
