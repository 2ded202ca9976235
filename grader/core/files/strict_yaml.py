"""YAML without its traps: the 1.2 core schema, exact decimals, and a place for every value and every mistake.

The parser's events (libyaml's where PyYAML has it, eight times as fast) are composed here, so that what is
refused is refused before anything is built from it: endless brackets or an alias bomb cost next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn

import yaml

from grader.core.errors import Complaint, InputError
from grader.core.files.yaml_errors import explained

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 40

Position = tuple[int, int]
Path = tuple[str | int, ...]

NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ESCAPED_AWAY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ESCAPED_COMMAND = re.compile(
    r"\\(?:t(?:heta|au|imes|op|o|ext|ilde|frac|an|riangle)|n(?:abla|eq|ot|u|e))(?![A-Za-z])(?! *=)"
)

NULL = frozenset(("", "~", "null", "Null", "NULL"))
BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INT = re.compile(r"[-+]?[0-9]{1,4000}|0o[0-7]{1,1000}|0x[0-9a-fA-F]{1,1000}")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?")

NO_ANCHORS = "anchors and aliases (& and *) are not used here; a text that begins with one needs single quotes"
NO_TAGS = "tags (!) are not used here; put a text that begins with ! in single quotes"
ESCAPED = "a control character came out of a backslash in double quotes; write LaTeX in single quotes or after |"


class Spot(NamedTuple):
    """Where a value and its key stand, and the same for what is inside it."""

    value: Position
    key: Position
    inner: Mapping[str | int, Any] = {}


@dataclass(frozen=True)
class Document:
    """The plain data of a file (dict, list, str, int, Decimal, bool, None) and where each piece stands."""

    data: Any
    root: Spot

    def place(self, path: Path) -> Position:
        """Return line and column of the value at ``path``, or of the innermost value on the way there."""
        return self._spot(path).value

    def key_place(self, path: Path) -> Position:
        """Return line and column of the key of the value at ``path``; a list item is its own key."""
        return self._spot(path).key

    def _spot(self, path: Path) -> Spot:
        spot = self.root
        for step in path:
            if step not in spot.inner:
                break
            spot = spot.inner[step]
        return spot


def load(text: str, file: str, texts: bool = False) -> Document:
    """Return the one document in ``text``; ``file`` is named in the ``InputError`` if it is not to be had.

    With ``texts`` every scalar but null is the text that was typed: ``no``, ``010``, ``1e5``.
    """
    text = text.removeprefix("\ufeff")
    stray = NOT_TEXT.search(text)
    if stray:
        message = f"there is a control character here (U+{ord(stray[0]):04X}); remove it"
        _refuse(file, message, _position(text, stray.start()))
    parser = LOADER(text)
    try:
        data, spot = _Composer(parser, text, file, texts).document()
    except yaml.MarkedYAMLError as error:
        _refuse(file, *explained(error, text))
    finally:
        parser.dispose()
    return Document(data, spot)


def _refuse(file: str, message: str, position: Position) -> NoReturn:
    raise InputError(Complaint(file, message, *position))


def _position(text: str, index: int) -> Position:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _start(event: Any) -> Position:
    return event.start_mark.line + 1, event.start_mark.column + 1


class _Composer:
    """Turns the events of one parser into data and spots."""

    def __init__(self, parser: Any, text: str, file: str, texts: bool) -> None:
        self.next = parser.get_event
        self.text = text
        self.file = file
        self.texts = texts

    def document(self) -> tuple[Any, Spot]:
        self.next()  # The start of the stream.
        if isinstance(self.next(), yaml.StreamEndEvent):
            return None, Spot((1, 1), (1, 1))
        data, spot = self.value(self.next(), 0)
        self.next()  # The end of the document.
        after = self.next()
        if not isinstance(after, yaml.StreamEndEvent):
            self.refuse("a second document begins here; keep one in a file", after)
        return data, spot

    def refuse(self, message: str, event: Any) -> NoReturn:
        _refuse(self.file, message, _start(event))

    def value(self, event: Any, depth: int, key: Position | None = None) -> tuple[Any, Spot]:
        if event.anchor is not None:  # An alias has one too.
            self.refuse(NO_ANCHORS, event)
        if event.tag is not None:
            self.refuse(NO_TAGS, event)
        at = _start(event)
        inner: dict[str | int, Spot] = {}
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event), Spot(at, key or at)
        if depth == DEEPEST:
            self.refuse(f"this is nested deeper than {DEEPEST} levels", event)
        compose = self.mapping if isinstance(event, yaml.MappingStartEvent) else self.sequence
        return compose(inner, depth + 1), Spot(at, key or at, inner)

    def sequence(self, inner: dict[str | int, Spot], depth: int) -> list[Any]:
        data: list[Any] = []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            item, inner[len(data)] = self.value(event, depth)
            data.append(item)
        return data

    def mapping(self, inner: dict[str | int, Spot], depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            key = self.key(event)
            if key in data:
                self.refuse(f"the key {key!r} is here twice; the first is in line {inner[key].key[0]}", event)
            data[key], inner[key] = self.value(self.next(), depth, _start(event))
        return data

    def key(self, event: Any) -> str:
        if isinstance(event, yaml.CollectionStartEvent):
            self.refuse("a key must be a text, not a list or a mapping", event)
        key, _ = self.value(event, 0)
        if not isinstance(key, str):
            self.refuse("a key must be a text; put it in single quotes", event)
        if key == "<<" and not event.style:
            self.refuse("merge keys (<<) are not used here", event)
        return key

    def scalar(self, event: Any) -> Any:
        if not event.style:
            return self.plain(event.value)
        if event.style == '"':
            raw = self.text[event.start_mark.index : event.end_mark.index]
            escaped = any(char not in raw for char in ESCAPED_AWAY.findall(event.value))
            if escaped or ESCAPED_COMMAND.search(raw.replace("\\\\", "")):
                self.refuse(ESCAPED, event)
        return event.value

    def plain(self, value: str) -> Any:
        if value in NULL:
            return None
        return value if self.texts else resolved(value)


def resolved(value: str) -> str | bool | int | Decimal:
    """Return what a plain scalar other than null means in the core schema.

    Infinities, NaN and numbers of absurd length stay text: nothing here can use them.
    """
    if value in BOOL:
        return BOOL[value]
    if INT.fullmatch(value):
        return int(value, {"0o": 8, "0x": 16}.get(value[:2], 10))
    return Decimal(value) if FLOAT.fullmatch(value) else value
