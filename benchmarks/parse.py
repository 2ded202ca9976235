"""Reading formulas: a parse with shapes beside ``ast.parse`` of the same text, texts made to be slow, and recording."""

from __future__ import annotations

import ast
import statistics
import timeit
from collections.abc import Callable
from pathlib import Path

from grader.authoring.loader import load_problem
from grader.authoring.reference_functions import ReferenceFunctions
from grader.core.errors import Unreadable
from grader.formula.evaluation.shapes import ShapeMismatch, shapes
from grader.formula.expression import call, symbol
from grader.formula.parsing.lexing.definitions import Definition
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Symbol
from grader.formula.writing.latex import latex

SEED = Path(__file__).parent.parent / "problems" / "we_recur"
TEXTS = ("W_sx.T @ W_o.T @ dLdz2", "np.dot(W_sx.T, np.dot(W_o.T, dLdz2))", "(W_o @ W_sx).T @ dLdz2 * 2 - x_t")
SLOW = {
    "brackets": "(" * 2_000, "bars": "||a" * 600, "indices": "a[" * 900, "conditions": "I(" * 900, "fractions": "\\frac{a}{" * 220,
    "groups": "\\text{" * 330, "matrix": "[" + "1;" * 390 + "1]", "names": "aab " * 500, "derivatives": "f'''(" * 55 + "a" + ")" * 55,
    "products": "a " * 1_000, "powers": "a^" * 1_000, "identities": "I S " * 90 + "I u", "a megabyte": "a + " * 250_000,
}  # fmt: skip


def fastest(run: Callable[[], object], number: int = 400) -> float:
    """Return seconds of one run: the fastest of several rounds, since others use the machine too."""
    return min(timeit.repeat(run, number=number, repeat=9)) / number


def parsing() -> None:
    """A text of the seed's part (b), read and with its shapes worked out, beside Python's own parser."""
    blank = next(blank for blank in load_problem(SEED).blanks if blank.address == "b")
    words = blank.spec.words(load_problem(SEED).context(blank))  # type: ignore[attr-defined]
    print("reading a formula and working out its shapes, against ast.parse (at most 20 times wanted)")
    for text in TEXTS:

        def ours(text: str = text) -> object:
            return shapes(parse(text, words).expression, words.shapes)

        floor = fastest(lambda text=text: ast.parse(text), 2_000)  # type: ignore[misc]
        taken = fastest(ours)
        print(f"  {text:40} {taken * 1e6:6.0f} µs, ast.parse {floor * 1e6:4.1f} µs: {taken / floor:4.1f} times")


def slow_texts() -> None:
    """Texts that would be slow for a careless reader: read, shaped and typeset, or refused."""
    z = symbol("z")
    shapes_of = {"a": (), "S": (3, 3), "u": (3, 1)}
    words = Vocabulary(
        {name: Symbol(shape=shape) for name, shape in shapes_of.items()},
        shapes_of,
        definitions={"f": Definition("f", call("multiply", call("tanh", z), z), "z")},
    )
    print("texts made to be slow, milliseconds of one reading with shapes and typesetting (at most 50 wanted)")
    for name, text in SLOW.items():
        text = text if name == "a megabyte" else text[:2_000]
        print(f"  {name:12} {1e3 * fastest(lambda text=text: _attempt(text, words), 3):6.1f}")  # type: ignore[misc]


def _attempt(text: str, words: Vocabulary) -> str:
    try:
        expression = parse(text, words).expression
        shapes(expression, words.shapes)
        return latex(expression, words)
    except (Unreadable, ShapeMismatch) as refused:
        return str(refused)


def recording() -> None:
    """The first function of a reference.py, with the start of its process, and each further one."""
    source = "import numpy as np\n" + "".join(
        f"def f{each}(A):\n    for row in range(4): A = np.tanh(A @ A.T @ A) + {each}\n    return A\n"
        for each in range(40)
    )
    references = ReferenceFunctions(source, {"A": Symbol(shape=(4, 3))}, {})
    first = timeit.timeit(lambda: references("f0"), number=1)
    others = [timeit.timeit(lambda each=each: references(f"f{each}"), number=1) for each in range(1, 40)]  # type: ignore[misc]
    print(
        f"recording a function: {first * 1e3:.0f} ms with its process, then {statistics.median(others) * 1e3:.1f} ms each"
    )


if __name__ == "__main__":
    parsing()
    slow_texts()
    recording()
