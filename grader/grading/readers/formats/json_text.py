"""JSON as it was typed: numbers stay texts, a key that is there twice is refused, errors say what to do."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from grader.grading.readers.values import quoted

SENTENCES = {
    "Invalid \\": "a backslash in JSON is written twice, as in '\\\\frac'",
    "Invalid control character": "a line break or a tab stands inside a text; write it as \\n or \\t",
    "Unterminated string": "the text that opens here is never closed",
    "Extra data": "there is more after the end; one record per line belongs in a .jsonl file",
    "Expecting property name": "a key in double quotes belongs here; a comma before } is one too many",
    "Illegal trailing comma": "a comma before } or ] is one too many",
    "Expecting ',' delimiter": "a comma is missing before this, or a bracket is not closed",
    "Expecting ':' delimiter": "a colon is missing before this",
    "Expecting value": "a value is missing here; a text stands in double quotes",
}


class Malformed(Exception):
    """A text that is not JSON: a sentence on what is wrong, and at which character."""

    def __init__(self, message: str, index: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.index = index


class _DuplicateKey(Exception):
    """A key that is there twice."""


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        key, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise _DuplicateKey(key)
    return data


DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicates, parse_float=str, parse_int=str, parse_constant=str
)


def decode(text: str) -> Any:
    """Return the value that is written in a text, or raise ``Malformed``."""
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Malformed(_sentence(error.msg), error.pos) from None
    except _DuplicateKey as duplicate:
        raise Malformed(f"the key {quoted(duplicate.args[0])} is here twice") from None
    except RecursionError:
        raise Malformed("brackets are nested far too deeply") from None


def items_with_lines(text: str) -> list[tuple[Any, int]]:
    """Return the items of a text that holds a list, each with the line it begins in."""
    found: list[tuple[Any, int]] = []
    index, line, counted = text.index("[") + 1, 1, 0
    while True:
        while text[index] in " \t\r\n,":
            index += 1
        if text[index] == "]":
            return found
        line += text.count("\n", counted, index)
        counted = index
        item, index = DECODER.raw_decode(text, index)
        found.append((item, line))


def _sentence(problem: str) -> str:
    return next(
        (sentence for words, sentence in SENTENCES.items() if problem.startswith(words)),
        f"this is not JSON: {problem}",
    )
