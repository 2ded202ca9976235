"""Deciding the labelled public pairs, beside SymPy, sampling in floats, and a floor, in one run."""

from __future__ import annotations

import json
import signal
import statistics
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import sympy

from grader.cli.compare import compared
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.domains import interval, short_name
from grader.formula.evaluation.evaluate import in_floats, program
from grader.formula.expression import LITERAL, SYMBOL, Expression
from grader.formula.functions import numpy_values
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import read
from grader.formula.symbols import Symbol, in_numbers

PAIRS = Path(__file__).parent.parent / "tests" / "cases" / "equality.jsonl"
PATIENCE = 20
"""Seconds that SymPy may take for a pair; it is counted with these."""
ROUNDS = 3
TOLERANCE = 1e-9


def each(function: Any) -> Any:
    """Return a function of SymPy as one of arrays, entry by entry."""
    return np.frompyfunc(function, 1, 1)


def matrix(method: str) -> Callable[[Any], Any]:
    """Return a method of SymPy's matrices as a function of arrays."""

    def called(value: Any) -> Any:
        found = getattr(sympy.Matrix(value), method)()
        return np.array(found.tolist(), dtype=object) if hasattr(found, "tolist") else found

    return called


ENTRYWISE = {
    **{name: getattr(sympy, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sign", "floor")},
    "abs": sympy.Abs, "ceil": sympy.ceiling, "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan, "arcsinh": sympy.asinh,
    "arccosh": sympy.acosh, "arctanh": sympy.atanh, "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)), "relu": lambda x: sympy.Max(x, 0),
    "expm1": lambda x: sympy.exp(x) - 1, "log1p": lambda x: sympy.log(1 + x), "square": lambda x: x**2,
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)), "gamma": sympy.gamma, "factorial": sympy.factorial,
    "log2": lambda x: sympy.log(x, 2), "log10": lambda x: sympy.log(x, 10),
}  # fmt: skip
FUNCTIONS: dict[str, Any] = {
    **{name: each(function) for name, function in ENTRYWISE.items()},
    **{name: getattr(np, name) for name in ("add", "subtract", "multiply", "divide", "power", "negative", "matmul", "transpose",
       "sum", "mean", "prod", "trace", "dot", "outer", "kron", "diag", "reshape", "cumsum")},
    "inv": matrix("inv"), "det": matrix("det"), "maximum": np.frompyfunc(sympy.Max, 2, 1), "minimum": np.frompyfunc(sympy.Min, 2, 1),
    "norm": lambda x: sympy.sqrt(np.sum(x * x)), "inner": lambda a, b: np.sum(a * b), "ravel": np.ravel,
    "index": numpy_values.index, "eye": lambda shape: np.eye(*shape, dtype=int).astype(object),
}  # fmt: skip
POSITIVE = frozenset(("pos", "prob", "posint"))


def letters(name: str, symbol: Symbol) -> Any:
    """Return a symbol as SymPy knows it, entry by entry for an array."""
    domain = short_name(symbol.domain)
    ends = interval(symbol.domain)
    given = {
        "real": True,
        "positive": domain in POSITIVE or (ends is not None and ends[0] > 0) or None,
        "nonnegative": domain == "nonneg" or None,
        "negative": domain == "neg" or None,
        "integer": domain in ("int", "posint") or None,
    }
    assumed = {key: value for key, value in given.items() if value}
    if not symbol.shape:
        return sympy.Symbol(name, **assumed)
    made = np.empty(symbol.shape, dtype=object)
    for at in np.ndindex(*made.shape):
        made[at] = sympy.Symbol(f"{name}_{'_'.join(map(str, at))}", **assumed)
    return made + made.T if domain == "sym" else made


def in_sympy(expression: Expression, point: dict[str, Any]) -> Any:
    """Return the value in SymPy; KeyError for a function that has no counterpart here."""
    values: list[Any] = []
    for op, payload, args, given in program(expression):
        if op == SYMBOL:
            values.append(point[payload] if payload in point else {"pi": sympy.pi, "e": sympy.E}[payload])
        elif op == LITERAL:
            fraction = Fraction(payload)
            values.append(sympy.Rational(fraction.numerator, fraction.denominator))
        else:
            values.append(FUNCTIONS[op](*[values[arg] for arg in args], **given))
    return values[-1]


class _Late(Exception):
    """SymPy has not decided in time."""


def _late(*_: object) -> None:
    raise _Late


def simplified(reference: Any, answer: Any) -> bool | None:
    """Decide with ``simplify``; None when it takes too long."""
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(PATIENCE)
    try:
        return all(sympy.simplify(entry) == 0 for entry in np.ravel(np.asarray(reference - answer)))
    except _Late:
        return None
    finally:
        signal.alarm(0)


def sampled(reference: Expression, answer: Expression, space: ComparisonSpace) -> bool:
    """Decide with floats at 16 random points, within a tolerance."""
    points = [space.sample_space.base_point(number).floats for number in range(16)]
    with np.errstate(all="ignore"):
        return all(
            np.allclose(in_floats(reference, point)[-1], in_floats(answer, point)[-1], rtol=TOLERANCE)
            for point in points
        )


def seconds(run: Callable[[], object]) -> float:
    """Return the least time of a few runs."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print the tables."""
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    times: dict[str, list[float]] = {"grader": [], "sympy": [], "floats": []}
    wrong = {"grader": [0, 0], "sympy": [0, 0], "floats": [0, 0]}
    alone: list[float] = []
    speed: dict[bool, list[float]] = {True: [], False: []}
    for pair in pairs:
        right = pair["equivalent"]
        ours = seconds(lambda pair=pair: list(compared([pair])))  # type: ignore[misc]
        decided = json.loads(next(compared([pair])).text)["equal"]
        speed[right].append(ours)
        symbols = {name: Symbol.model_validate(given) for name, given in pair["vars"].items()}
        shapes = {name: in_numbers(symbol.shape, {}) for name, symbol in symbols.items()}
        words = Vocabulary(symbols, shapes, "elementwise", mixing=True)
        both = [read(pair[which], words).expression for which in ("reference", "answer")]
        space = ComparisonSpace(symbols, {}, 1, mixing=True)
        start = time.perf_counter()
        try:
            point = {name: letters(name, symbol) for name, symbol in symbols.items()}
            values = [in_sympy(expression, point) for expression in both]
            if np.shape(values[0]) != np.shape(values[1]):
                raise KeyError("shape")
        except (KeyError, TypeError, ValueError, AttributeError):
            alone.append(ours)
            continue
        found = simplified(*values)
        times["sympy"].append(time.perf_counter() - start)
        times["grader"].append(ours)
        times["floats"].append(seconds(lambda both=both, space=space: sampled(*both, space)))  # type: ignore[misc]
        for name, verdict in (
            ("grader", decided),
            ("sympy", found),
            ("floats", sampled(both[0], both[1], space)),
        ):
            wrong[name][0] += verdict is True and not right
            wrong[name][1] += verdict is not True and right
    print(
        f"{len(times['sympy'])} of {len(pairs)} public pairs that SymPy can express (ours: parse, points and decision; SymPy: its expressions made, simplify)"
    )
    for name, label in (
        ("grader", "grader compare"),
        ("sympy", "SymPy simplify"),
        ("floats", "16 float points, 1e-9"),
    ):
        found = times[name]
        print(
            f"  {label:22} median {statistics.median(found) * 1e3:8.2f} ms, sum {sum(found):7.2f} s, at most {max(found):6.3f} s,"
            f" {wrong[name][0]} false accepts, {wrong[name][1]} right ones refused or not decided"
        )
    ratios = sorted(theirs / ours for theirs, ours in zip(times["sympy"], times["grader"], strict=True))
    print(
        f"SymPy takes {statistics.median(times['sympy']) / statistics.median(times['grader']):.0f} times ours in the median,"
        f" {sum(times['sympy']) / sum(times['grader']):.0f} times in all; pair by pair {ratios[len(ratios) // 10]:.1f} (10 %) to"
        f" {ratios[len(ratios) * 9 // 10]:.0f} (90 %), median {statistics.median(ratios):.0f}"
    )
    print(f"the other {len(alone)} pairs: ours median {statistics.median(alone) * 1e3:.2f} ms")
    print(
        f"right answers: median {statistics.median(speed[True]) * 1e3:.2f} ms; wrong ones: {statistics.median(speed[False]) * 1e3:.2f} ms"
    )


if __name__ == "__main__":
    main()
