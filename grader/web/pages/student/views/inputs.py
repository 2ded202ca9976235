"""Input widgets: for each kind of blank a macro of ``_inputs.html``, its fields, and how the answer is read from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from grader.core.submission import Written
from grader.kinds import dimensions
from grader.kinds.base.public import Preview, Public
from grader.web.errors import ValidationFailed

TICKED_BOTH = "You ticked options and also “none of these”. Untick one or the other."
SHAPE = re.compile(r"\(? ?([\w+ ]{0,60}\w) ?\)? ?[x×] ?\(? ?([\w+ ]{0,60}\w) ?\)?")
"""A shape for two boxes, rows × columns, with single spaces."""
Values = Mapping[str, Any]
ReadBack = Callable[[Written], Preview]
"""How an answer is read in a blank: what ``Service.preview`` tells."""


@dataclass(frozen=True)
class InputWidget:
    """A macro of the template, the prefixes of its fields, and functions that read the answer from them and fill them.

    ``has_reading``: the page shows below it how the answer is read; ``needs_instructions``: it says how to write an answer.
    """

    block: str
    fields: tuple[str, ...]
    read: Callable[[FormData, str, Public], Written]
    fill: Callable[[Written, Public, ReadBack], Values]
    has_reading: bool = True
    needs_instructions: bool = True


def _text(fields: FormData, name: str) -> str:
    """Return one field; a form sends other line ends than a script does."""
    value = fields.get(name, "")
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else ""


def _read_text(fields: FormData, address: str, public: Public) -> Written:
    return _text(fields, f"text:{address}")


def _fill_text(written: Written, public: Public, read_back: ReadBack) -> Values:
    return {"text": written if isinstance(written, str) else ", ".join(written)}


def _read_code(fields: FormData, address: str, public: Public) -> Written:
    """Return a program; its first line alone, which the page puts there, is no answer."""
    text = _text(fields, f"text:{address}")
    return "" if text.strip() == _first_line(public) else text


def _fill_code(written: Written, public: Public, read_back: ReadBack) -> Values:
    return _fill_text(written or f"{_first_line(public)}\n    ", public, read_back)


def _first_line(public: Public) -> str:
    """Return the line that the page puts into an empty program."""
    return f"def {public.function_head}:" if public.accepts_code else ""


def _read_sides(fields: FormData, address: str, public: Public) -> Written:
    """Return both boxes as one shape; one box alone may hold a whole shape, or the one axis of a vector."""
    sides = [_text(fields, f"{side}:{address}").strip() for side in ("rows", "columns")]
    return " x ".join(side for side in sides if side)


def _fill_sides(written: Written, public: Public, read_back: ReadBack) -> Values:
    text = str(_fill_text(written, public, read_back)["text"])
    match = SHAPE.fullmatch(" ".join(text.split())) if len(text) <= dimensions.MAX_ANSWER_CHARACTERS else None
    return {"rows": match[1], "columns": match[2]} if match else {"rows": text, "columns": ""}


def _read_ticks(fields: FormData, address: str, public: Public) -> Written:
    """Return the letters of the ticked options as they would be typed, ``none`` for “none of these”, or nothing without a tick."""
    ticked = fields.getlist(f"tick:{address}")
    none = f"none:{address}" in fields
    if ticked and none:
        raise ValidationFailed(TICKED_BOTH)
    if none:
        return "[]" if any(option.id.casefold() == "none" for option in public.options) else "none"
    return ", ".join(option.letter for option in public.options if option.letter in ticked or option.id in ticked)


def _fill_ticks(written: Written, public: Public, read_back: ReadBack) -> Values:
    read_as = read_back(written).read_as if written != "" else None
    return {"ticked": ticked_ids(public, read_as or ""), "none": read_as == "none"}


LINE = InputWidget("line", ("text",), _read_text, _fill_text)
GENERIC = InputWidget("text", ("text",), _read_text, _fill_text)
WIDGETS: Mapping[str, InputWidget] = {
    "dimensions": InputWidget("sides", ("rows", "columns"), _read_sides, _fill_sides),
    "formula": InputWidget("formula", ("text",), _read_text, _fill_text),
    "function": InputWidget("code", ("text",), _read_code, _fill_code, needs_instructions=False),
    "choices": InputWidget(
        "ticks", ("tick", "none"), _read_ticks, _fill_ticks, has_reading=False, needs_instructions=False
    ),
    "word": LINE,
    "number": LINE,
}
"""The kinds with a widget of their own; every other kind has a field for text."""


def widget_of(public: Public) -> InputWidget:
    """Return the input widget of a blank."""
    return WIDGETS.get(public.kind, GENERIC)


def field_values(public: Public, written: Written | None, read_back: ReadBack) -> Values:
    """Return the values of a blank's fields."""
    return widget_of(public).fill("" if written is None else written, public, read_back)


def ticked_ids(public: Public, read_as: str) -> tuple[str, ...]:
    """Return the ids of the options whose letters an answer was read as."""
    letters = re.findall(r"\b[A-Z]\b", read_as)
    return tuple(option.id for option in public.options if option.letter in letters)
