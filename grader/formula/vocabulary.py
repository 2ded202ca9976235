"""The names that an answer may use, found in a text however their scripts, braces and capitals are typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from grader.formula.symbols import Shape, Symbol

Star = Literal["elementwise", "product"]

GREEK = {
    name: chr(code)
    for name, code in zip(
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "omicron",
            "pi",
            "rho",
            "varsigma",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
        ],
        range(0x3B1, 0x3CA),
        strict=True,
    )
}
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_FONTS = frozenset(
    [
        "mathrm",
        "mathbf",
        "mathit",
        "mathsf",
        "mathcal",
        "text",
        "textrm",
        "operatorname",
        "boldsymbol",
        "bm",
        "rm",
        "bf",
        "vec",
        "left",
        "right",
    ]
)
_SUBSCRIPTS = {
    ord(small): plain
    for small, plain in zip("₀₁₂₃₄₅₆₇₈₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼ", "0123456789aeoxhklmnpstij", strict=True)
}
_DROPPED = "_^{} \t\u00a0"
SUPERSCRIPTS = "ᵀᵗ⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
_SCRIPTS_OF_LAST = re.compile(r"^(.*[A-Za-z])_?\^?\{?(\d+)\}?_\{?(\w+)\}?$")


def plain(name: str) -> str:
    r"""Reduce a name to its letters: ``W^{sx}``, ``W_sx`` and ``Wsx`` are one, and so are ∂, ``\partial`` and d."""
    name = _COMMAND.sub(lambda command: _letter(command[1]), name).translate(_SUBSCRIPTS)
    return "".join("d" if each == "∂" else each for each in name if each not in _DROPPED)


def _letter(command: str) -> str:
    if command == "partial":
        return "d"
    if command == "frac":
        return ""
    return "" if command in _FONTS else GREEK.get(command, command)


@dataclass(frozen=True)
class Found:
    """A name found in a text: what it stands for, and where it ends."""

    name: str
    end: int


@dataclass(frozen=True)
class Vocabulary:
    """The symbols that an answer may use, their shapes in numbers, and what ``*`` means in it."""

    symbols: Mapping[str, Symbol]
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    star: Star = "product"

    @cached_property
    def exact(self) -> dict[str, str]:
        """Every spelling, reduced by ``plain``, with the symbol it names."""
        spelt: dict[str, str] = {}
        for name, symbol in self.symbols.items():
            for spelling in (name, *symbol.also):
                for each in {plain(spelling), plain(_SCRIPTS_OF_LAST.sub(r"\1_\3\2", spelling))}:
                    spelt.setdefault(each, name)
        return spelt

    @cached_property
    def folded(self) -> dict[str, str]:
        """The spellings without regard to case, as far as that is unambiguous."""
        found: dict[str, set[str]] = {}
        for spelling, name in self.exact.items():
            found.setdefault(spelling.casefold(), set()).add(name)
        return {spelling: next(iter(each)) for spelling, each in found.items() if len(each) == 1}

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """Every beginning of every spelling, without regard to case."""
        return frozenset(each[:end].casefold() for each in self.exact for end in range(len(each) + 1))

    def glued(self, text: str, start: int, end: int) -> Found | None:
        """Return the first of the names that make up a word without anything between them, as in ``W_oW_sx``."""
        first = found = self.longest(text, start, glued=True)
        while found is not None and found.end < end:
            found = self.longest(text, found.end, glued=True)
        return first if found is not None and found.end == end else None

    def named(self, text: str) -> str | None:
        """Return the symbol that a whole text names."""
        reduced = plain(text)
        return self.exact.get(reduced) or self.folded.get(reduced.casefold())

    def longest(self, text: str, start: int, glued: bool = False) -> Found | None:
        """Return the longest name that begins at ``start`` and does not end within a brace, nor, unless ``glued``, a word."""
        best: Found | None = None
        reduced, depth, at = "", 0, start
        while (piece := _piece(text, at, reduced)) is not None:
            end, letters = piece
            depth += (text[at] == "{") - (text[at] == "}")
            closed = text[at] not in "_^{ \t\u00a0/"
            reduced, at = reduced + letters, end
            if depth < 0 or reduced.casefold() not in self.beginnings:
                break
            name = self.exact.get(reduced) or self.folded.get(reduced.casefold())
            if name and closed and depth == 0 and (glued or _may_end(text[at : at + 1])):
                best = Found(name, at)
        return best


def _piece(text: str, at: int, reduced: str) -> tuple[int, str] | None:
    """Return where the next piece of a name ends and the letters it adds, or None where no name can go on."""
    each = text[at : at + 1]
    if each == "\\":
        command = _COMMAND.match(text, at)
        return (command.end(), _letter(command[1])) if command else None
    if each in ("_", "^", "{", "}"):
        return at + 1, ""
    if each == "/" and reduced:
        return at + 1, "/"
    if each in (" ", "\t", "\u00a0"):
        following = text[at : at + 20].lstrip()[:1]
        after_d = text[at - 1] == "∂" or text.startswith("\\partial", at - 8)
        return (at + 1, "") if after_d or following == "/" or reduced.endswith("/") else None
    return (at + 1, plain(each)) if each == "∂" or each.isalnum() else None


def _may_end(following: str) -> bool:
    """Whether a name may end before this character: not within a word, and not before a subscript."""
    return following in SUPERSCRIPTS or not (following.isalnum() or following == "_")
