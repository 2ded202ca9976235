"""One decision on an answer to the seed's (b), beside the floor: batched NumPy, both formulas at 16 points, no more."""

from __future__ import annotations

import resource
import sys
import timeit
from collections.abc import Callable
from pathlib import Path

import numpy as np

from grader.authoring.loader import load_problem
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decide import decide
from grader.formula.expression import Expression
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import read

SEED = Path(__file__).parent.parent / "problems" / "we_recur"
ANSWERS = (
    "(W_o @ W_sx).T @ dLdz2",
    "W_sx.T @ (W_o.T @ dLdz2) * 1",
    "W_o.T @ W_sx.T @ dLdz2",
    "-W_sx.T @ W_o.T @ dLdz2",
)
DISTINCT = 10_000


def fastest(*runs: Callable[[], object], number: int = 100, rounds: int = 25) -> list[float]:
    """Return seconds of one run of each: the fastest of rounds in which all take turns, since others use the machine too."""
    taken = [[timeit.timeit(run, number=number) for run in runs] for _ in range(rounds)]
    return [min(times) / number for times in zip(*taken, strict=True)]


def main() -> None:
    """Print the table."""
    problem = load_problem(SEED)
    blank = next(blank for blank in problem.blanks if blank.address == "b")
    words = blank.spec.words(problem.context(blank))  # type: ignore[attr-defined]
    space = ComparisonSpace({name: problem.symbols[name] for name in words.symbols}, problem.sizes, 1)
    reference = read("W_sx.T @ W_o.T @ dLdz2", words).expression
    draw = np.random.default_rng(1)
    first, second, vector = (
        draw.normal(size=(16, 2, 2)),
        draw.normal(size=(16, 2, 2)),
        draw.normal(size=(16, 2, 1)),
    )

    def floor() -> object:
        one = np.swapaxes(first, 1, 2) @ np.swapaxes(second, 1, 2) @ vector
        other = np.swapaxes(second @ first, 1, 2) @ vector
        return np.abs(one - other).max()

    print(f"floor: both formulas at 16 points in batched NumPy {fastest(floor)[0] * 1e6:.1f} µs")
    for text in ANSWERS:
        answer = read(text, words).expression

        def decide(answer: Expression = answer) -> object:
            return decide(reference, answer, space, 10**7)

        def parse_too(text: str = text) -> object:
            return decide(reference, read(text, words).expression, space, 10**7)

        least, decided, whole = fastest(floor, decide, parse_too)
        verdict = decide(reference, answer, space, 10**7).equal
        print(
            f"  {text:32} {verdict!s:5} decided in {decided * 1e6:4.0f} µs, {decided / least:4.1f} floors (20 wanted); with parsing {whole * 1e6:4.0f} µs, {whole / least:4.1f} (35 wanted)"
        )
    for start in (0, DISTINCT):
        before = memory()
        taken = timeit.timeit(lambda start=start: distinct(words, reference, space, start), number=1)  # type: ignore[misc]
        grown = (memory() - before) / 2**20
        print(
            f"{DISTINCT:,} distinct answers: {taken / DISTINCT * 1e6:.0f} µs each with parsing, memory grown by {grown:.1f} MB"
        )


def distinct(words: Vocabulary, reference: Expression, space: ComparisonSpace, start: int) -> None:
    """Decide answers of which no two are alike."""
    for number in range(start + 2, start + DISTINCT + 2):
        decide(
            reference,
            read(f"{number} W_sx.T @ W_o.T @ dLdz2 / {number}", words).expression,
            space,
            10**7,
        )


def memory() -> float:
    """Return the most memory that the process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
