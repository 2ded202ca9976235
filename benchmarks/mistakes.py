"""Naming mistakes: preparing the tables of a key, and looking answers up beside deciding them, in one run."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from grader.authoring.loader import load_problem
from grader.formula.equality.accepted_answers import AcceptedFormulas
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.expression import Expression, expand_definitions
from grader.formula.mistakes.diagnose import Diagnoser
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Symbol, in_numbers

SEED = Path(__file__).parent.parent / "problems" / "we_recur"
BUDGET, ROUNDS, REPEATED = 10**7, 9, 20
SIZES = {"n": 4, "d": 3, "m": 2}
SYMBOLS = {
    "X": Symbol(shape=("n", "d")), "y": Symbol(shape=("n",)), "w": Symbol(shape=("d",)), "A": Symbol(shape=("d", "d")),
    "B": Symbol(shape=("d", "d")), "a": Symbol(domain="pos"), "s": Symbol(domain="pos"), "m": Symbol(), "x": Symbol(),
}  # fmt: skip
KEYS = (
    "X.T @ (X @ w - y) / n",
    "inv(A.T @ A + a*eye(3)) @ A.T @ w",
    "softmax(A @ B.T / sqrt(d), axis=1) @ A",
    "exp(-(x - m)**2 / (2*s**2)) / (s*sqrt(2*pi))",
)


def fastest(run: object, *arguments: object) -> float:
    """Return seconds of one run, the fastest of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(REPEATED):
            run(*arguments)  # type: ignore[operator]
        rounds.append((time.perf_counter() - start) / REPEATED)
    return min(rounds)


def tables(name: str, make: object) -> Diagnoser:
    """Prepare the tables of one key, and print what they took."""
    start = time.perf_counter()
    mistakes: Diagnoser = make()  # type: ignore[operator]
    single = len(mistakes.table.first_order)
    first = time.perf_counter()
    pairs = len(mistakes.table.second_order)
    second = time.perf_counter()
    print(
        f"{name:50} one slip {1e3 * (first - start):5.0f} ms (150 wanted), {single:4} meanings; "
        f"two slips {1e3 * (second - first):5.0f} ms, {pairs:4} meanings"
    )
    return mistakes


def main() -> None:
    """Print the table."""
    problem = load_problem(SEED)
    blank = next(blank for blank in problem.blanks if blank.address == "b")
    ready = blank.spec.prepare(problem.context(blank))
    words: Vocabulary = ready.vocabulary
    shapes = {name: words.shapes[name] for name in words.symbols}
    anticipated = [each for _, each in ready.anticipated]
    mistakes = tables("We Recur! (b)", lambda: Diagnoser(ready.accepted, anticipated, shapes, BUDGET))
    known = {name: in_numbers(each.shape, SIZES) for name, each in SYMBOLS.items()}
    vocabulary = Vocabulary(SYMBOLS, known, "elementwise", sizes=SIZES)
    for text in KEYS:
        key = parse(text, vocabulary).expression

        def made(key: Expression = key) -> Diagnoser:
            return Diagnoser(AcceptedFormulas([key], ComparisonSpace(SYMBOLS, SIZES, 1)), [], known, BUDGET)

        tables(text, made)
    ratios = []
    for text in (
        "W_o^T W_sx^T dLdz2",
        "W_sx W_o dLdz2",
        "-W_sx^T W_o^T dLdz2",
        "3 W_sx^T W_o^T dLdz2 / 7",
        "W_sx^T W_ss^T dLdz2",
        "2 W_o^T dLdz2",
        "W_sx^T W_o^T dLdz2 * x_t",
        "-W_sx W_o^T dLdz2",
        "W_ss W_ss x_t",
        "W_sx x_t + dLdz2",
    ):
        answer = expand_definitions(parse(text, words).expression)
        decided = fastest(ready.accepted.decide, answer, BUDGET)
        looked = fastest(mistakes.diagnose, answer)
        found = mistakes.diagnose(answer)
        name = "+".join(each.name for each in found.mutations)
        shown = ready.anticipated[found.anticipated][0].id if found.anticipated is not None else name or "–"
        ratios.append(looked / decided)
        print(f"  {text:28} {shown:32} decided in {decided * 1e6:4.0f} µs, looked up in {looked * 1e6:4.0f} µs")
    print(
        f"looking up takes {statistics.median(ratios):.1f} decisions in the median, {max(ratios):.1f} at most (3 wanted)"
    )


if __name__ == "__main__":
    main()
