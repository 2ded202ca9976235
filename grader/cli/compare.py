"""Decide whether pairs of formulas are equal, one by one, as ``grader compare`` prints them."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.core.errors import Unreadable
from grader.core.seeds import PUBLIC, Secret
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decide import decide
from grader.formula.equality.decision import describe
from grader.formula.expression import canonical
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Symbol, in_numbers

BUDGET = 50_000_000
"""Operations that one decision may take."""
DECLARATION = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:=([0-9x, ()]*))?(?::(\w+))?")


@dataclass(frozen=True)
class Comparison:
    """The line of JSON that is printed for a pair, and its part in the exit code: 0 decided, 1 undecided, 2 not read."""

    json: str
    status: int


def pair_from_arguments(formulas: Sequence[str], declarations: Iterable[str]) -> dict[str, Any]:
    """Return a pair as a row of a file.

    Raises: ValueError for a symbol that cannot be read.
    """
    symbols: dict[str, Any] = {}
    for declaration in declarations:
        match = DECLARATION.fullmatch(declaration.strip())
        if match is None:
            raise ValueError(f"{declaration!r} is not a symbol such as x, W=2x3 or p=:prob")
        symbols[match[1]] = {
            "shape": [int(size) for size in re.findall(r"\d+", match[2] or "")],
            "domain": match[3] or "real",
        }
    return {"id": "1", "vars": symbols, "reference": formulas[0], "answer": formulas[1]}


def read_pairs(path: Path) -> Iterator[dict[str, Any]]:
    """Read the pairs of a file, one JSON object a line.

    Raises: ValueError, which names the line that is none.
    """
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise ValueError(f"{path}:{number}: {error}") from error


def compare_pairs(pairs: Iterable[dict[str, Any]], secret: Secret = PUBLIC) -> Iterator[Comparison]:
    """Decide every pair; unknown keys of a row are ignored."""
    for pair in pairs:
        start = time.perf_counter_ns()
        equals, reason, status = _decide(pair, secret)
        micros = (time.perf_counter_ns() - start) // 1000
        row = {"id": pair.get("id"), "equal": equals, "reason": reason, "micros": micros}
        yield Comparison(json.dumps(row, ensure_ascii=False), status)


def _decide(pair: dict[str, Any], secret: Secret) -> tuple[bool | None, str, int]:
    try:
        symbols = {name: Symbol.model_validate(given) for name, given in pair.get("vars", {}).items()}
        shapes = {name: in_numbers(symbol.shape, {}) for name, symbol in symbols.items()}
        words = Vocabulary(symbols, shapes, "elementwise", mixing=True)
        reference, answer = (parse(str(pair[which]), words).expression for which in ("reference", "answer"))
    except (Unreadable, ValidationError, KeyError, AttributeError) as error:
        return None, getattr(error, "message", None) or f"This row cannot be read: {error}", 2
    seed = secret.derive(repr((canonical(reference), sorted(pair["vars"].items(), key=str))).encode(), "points")
    try:
        decision = decide(reference, answer, ComparisonSpace(symbols, {}, seed, mixing=True), BUDGET)
    except Exception as error:  # Our own failure on one pair must not end the others.
        logging.getLogger("grader").exception("the decision on a pair failed")
        return None, f"The grader failed on this pair: {type(error).__name__}: {error}", 1
    return decision.equal, describe(decision), 0 if decision.equal is not None else 1
