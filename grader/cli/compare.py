"""Pairs of formulas, decided one by one, as ``grader compare`` prints them."""

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
from grader.formula.parsing.parser import read
from grader.formula.symbols import Symbol, in_numbers

BUDGET = 50_000_000
DECLARED = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:=([0-9x, ()]*))?(?::(\w+))?")


@dataclass(frozen=True)
class Line:
    """One printed line, and its part in the exit status: 0 decided, 1 undecided, 2 not read."""

    text: str
    status: int


def row(formulas: Sequence[str], declared: Iterable[str]) -> dict[str, Any]:
    """Return a pair as a row of a file; ValueError for a symbol that cannot be read."""
    symbols: dict[str, Any] = {}
    for each in declared:
        found = DECLARED.fullmatch(each.strip())
        if found is None:
            raise ValueError(f"{each!r} is no symbol such as x, W=2x3 or p=:prob")
        symbols[found[1]] = {
            "shape": [int(size) for size in re.findall(r"\d+", found[2] or "")],
            "domain": found[3] or "real",
        }
    return {"id": "1", "vars": symbols, "reference": formulas[0], "answer": formulas[1]}


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Read the pairs of a file, one JSON object a line; ValueError names the line that is none."""
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise ValueError(f"{path}:{number}: {error}") from error


def compared(pairs: Iterable[dict[str, Any]], secret: Secret = PUBLIC) -> Iterator[Line]:
    """Decide every pair; unknown keys of a row are ignored."""
    for pair in pairs:
        start = time.perf_counter_ns()
        decided, reason, status = _decided(pair, secret)
        micros = (time.perf_counter_ns() - start) // 1000
        found = {"id": pair.get("id"), "equal": decided, "reason": reason, "micros": micros}
        yield Line(json.dumps(found, ensure_ascii=False), status)


def _decided(pair: dict[str, Any], secret: Secret) -> tuple[bool | None, str, int]:
    try:
        symbols = {name: Symbol.model_validate(given) for name, given in pair.get("vars", {}).items()}
        shapes = {name: in_numbers(symbol.shape, {}) for name, symbol in symbols.items()}
        words = Vocabulary(symbols, shapes, "elementwise", mixing=True)
        reference, answer = (read(str(pair[which]), words).expression for which in ("reference", "answer"))
    except (Unreadable, ValidationError, KeyError, AttributeError) as error:
        return None, getattr(error, "message", None) or f"This row cannot be read: {error}", 2
    seed = secret.derive(repr((canonical(reference), sorted(pair["vars"].items(), key=str))).encode(), "points")
    try:
        decision = decide(reference, answer, ComparisonSpace(symbols, {}, seed, mixing=True), BUDGET)
    except Exception as error:  # Our own failure on one pair must not end the others.
        logging.getLogger("grader").exception("the decision on a pair failed")
        return None, f"The grader failed on this pair: {type(error).__name__}: {error}", 1
    return decision.equal, describe(decision), 0 if decision.equal is not None else 1
