"""How each kind of blank is answered on a page: a block of ``piece_input.html``, its fields, and the answer in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from grader.core.submission import Written
from grader.kinds import dimensions
from grader.kinds.base.public import Public
from grader.web.errors import ValidationFailed

BOTH = "You ticked options and “none of these” as well: which of the two is meant?"
SIDES = re.compile(r"\(? ?([\w+ ]*\w) ?\)? ?[x×] ?\(? ?([\w+ ]*\w) ?\)?")
"""A shape as two boxes hold it, with single spaces."""
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Input:
    """A block of the template, the prefixes of its fields, how the answer is read from them, and how it fills them.

    ``echoed`` says that a reading is shown below it, ``told`` that it needs to be said how an answer is written.
    """

    block: str
    fields: tuple[str, ...]
    read: Callable[[FormData, str, Public], Written]
    fill: Callable[[Written, Public], Values]
    echoed: bool = True
    told: bool = True


def _text(fields: FormData, name: str) -> str:
    """Return one field; a form sends other ends of lines than a script does."""
    value = fields.get(name, "")
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else ""


def _read_text(fields: FormData, address: str, public: Public) -> Written:
    return _text(fields, f"text:{address}")


def _fill_text(written: Written, public: Public) -> Values:
    return {"text": written if isinstance(written, str) else ", ".join(written)}


def _read_code(fields: FormData, address: str, public: Public) -> Written:
    """Return a program; the line that stands there from the start is no answer."""
    text = _text(fields, f"text:{address}")
    return "" if text.strip() == _first_line(public) else text


def _fill_code(written: Written, public: Public) -> Values:
    return _fill_text(written or f"{_first_line(public)}\n    ", public)


def _first_line(public: Public) -> str:
    """Return the line that a program begins with."""
    return f"def {public.function_head}:" if public.accepts_code else ""


def _read_sides(fields: FormData, address: str, public: Public) -> Written:
    """Return both boxes as one shape; one box alone may hold a whole shape, or the one axis of a vector."""
    sides = [_text(fields, f"{side}:{address}").strip() for side in ("rows", "columns")]
    return " x ".join(side for side in sides if side)


def _fill_sides(written: Written, public: Public) -> Values:
    text = str(_fill_text(written, public)["text"])
    found = SIDES.fullmatch(" ".join(text.split())) if len(text) <= dimensions.MAX_ANSWER_CHARACTERS else None
    return {"rows": found[1], "columns": found[2]} if found else {"rows": text, "columns": ""}


def _read_ticks(fields: FormData, address: str, public: Public) -> Written:
    """Return the letters of the ticked options as they would be typed, or that none is meant; nothing without a tick."""
    ticked = fields.getlist(f"tick:{address}")
    none = f"none:{address}" in fields
    if ticked and none:
        raise ValidationFailed(BOTH)
    if none:
        return "[]" if any(each.id.casefold() == "none" for each in public.options) else "none"
    return ", ".join(each.letter for each in public.options if each.letter in ticked or each.id in ticked)


def _fill_ticks(written: Written, public: Public) -> Values:
    read_as = public.preview(written).read_as if written != "" else None
    return {"ticked": chosen(public, read_as or ""), "none": read_as == "none"}


LINE = Input("line", ("text",), _read_text, _fill_text)
GENERIC = Input("text", ("text",), _read_text, _fill_text)
INPUTS: Mapping[str, Input] = {
    "dimensions": Input("sides", ("rows", "columns"), _read_sides, _fill_sides),
    "formula": Input("formula", ("text",), _read_text, _fill_text),
    "function": Input("code", ("text",), _read_code, _fill_code, told=False),
    "choices": Input("ticks", ("tick", "none"), _read_ticks, _fill_ticks, echoed=False, told=False),
    "word": LINE,
    "number": LINE,
}
"""The kinds with an input of their own; every other kind has a field for text."""


def input_of(public: Public) -> Input:
    """Return the input of a blank."""
    return INPUTS.get(public.kind, GENERIC)


def filled(public: Public, written: Written | None) -> Values:
    """Return what stands in the fields of a blank."""
    return input_of(public).fill("" if written is None else written, public)


def chosen(public: Public, read_as: str) -> tuple[str, ...]:
    """Return the ids of the options whose letters an answer was read as."""
    letters = re.findall(r"\b[A-Z]\b", read_as)
    return tuple(each.id for each in public.options if each.letter in letters)
