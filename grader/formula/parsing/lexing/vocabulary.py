"""The names that an answer may use, found in a text however their scripts, braces and capitals are typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from grader.formula.functions.table import CONSTANTS
from grader.formula.parsing.lexing.definitions import Definition
from grader.formula.symbols import Shape, Symbol

MAX_NAME_CHARACTERS = 160
"""Characters of a name with all its dress."""
Star = Literal["elementwise", "product"]

GREEK = {
    name: chr(code)
    for name, code in zip(
        (
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
            "varsigma sigma tau upsilon phi chi psi omega"
        ).split(),
        range(0x3B1, 0x3CA),
        strict=True,
    )
}
VARIANTS = frozenset(("varphi", "varepsilon", "vartheta", "varrho", "varpi", "varkappa"))
_LAYER = re.compile(r"\^\s*\{\s*[(\[]\s*(\w+)\s*[)\]]\s*\}")
"""The number of a layer: ``W^{(2)}``, ``W^{[2]}``."""
_IDENTITY = re.compile(r"I(?:_\w+)?")
CAPITALS = frozenset("ΓΔΘΛΞΠΣΥΦΨΩ")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_FONTS = frozenset(
    ("mathrm mathbf mathit mathsf mathcal text textrm operatorname boldsymbol bm rm bf vec left right").split()
)
_SUBSCRIPTS = {
    ord(small): plain for small, plain in zip("₀₁₂₃₄₅₆₇₈₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼ", "0123456789aeoxhklmnpstij", strict=True)
}
_WORD = re.compile(r"[A-Za-z]+")
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
_DROPPED = "_^{} \t\u00a0"
_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u0307": "dot"}
_ACCENTED = re.compile(
    r"\\(hat|bar|tilde|dot|widehat|widetilde|overline)\s*"
    r"(?:\{\s*(?:\\(?:math[a-z]+|boldsymbol|bm|vec)\s*(?:\{\s*(?P<a>\\?[A-Za-z]+)\s*\}|\s(?P<b>[A-Za-z]))|(?P<c>\\?[A-Za-z]+))\s*\}|\s(?P<d>[A-Za-z]))"
)
_GROUP = r"\s*\{((?:[^{}]|\{[^{}]*\})*)\}"
_FRACTION = re.compile(r"\\[dt]?frac" + _GROUP + _GROUP)
_FONT_BEFORE = re.compile(r"\\(?:vec|mathbf|boldsymbol|bm|mathrm|rm|bf)$")
_SIGNS = {"∂": "d", "∇": "nabla", "∆": "Δ"}
SUPERSCRIPTS = "ᵀᵗ⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
_SCRIPTS_OF_LAST = re.compile(r"^(.*[A-Za-z])_?\^?\{?(\d{1,60})\}?_\{?(\w{1,60})\}?$")


def normalize(name: str) -> str:
    r"""Reduce a name to its letters: ``W^{sx}``, ``W_sx`` and ``Wsx`` are one, and so are ∂, ``\partial`` and d.

    >>> normalize("W^{sx}"), normalize("W_sx"), normalize("∂L/∂x")
    ('Wsx', 'Wsx', 'dL/dx')
    """
    name = _ACCENTED.sub(_accented, name.replace("\\_", "_"))
    name = _COMMAND.sub(lambda command: _letter(command[1]), name).translate(_SUBSCRIPTS)
    return name if name.isascii() and name.isalnum() else "".join(map(_letters, name))


def _letters(each: str) -> str:
    """The letters that one character adds to a name: of an accented letter, the accent's name behind it."""
    if each in _DROPPED:
        return ""
    base, *accents = list(unicodedata.normalize("NFD", _SIGNS.get(each, unicodedata.normalize("NFKC", each))))
    return _SIGNS.get(base, _ACCENTS.get(base, base)) + "".join(_ACCENTS.get(accent, accent) for accent in accents)


def _accented(found: re.Match[str]) -> str:
    accent = {"widehat": "hat", "widetilde": "tilde", "overline": "bar"}.get(found[1], found[1])
    letter = next(each for each in found.group("a", "b", "c", "d") if each)
    return letter.removeprefix("\\") + accent


def _greek(word: re.Match[str]) -> str:
    return greek_letter(word[0]) or word[0]


def greek_letter(name: str) -> str | None:
    """Return the letter that ``sigma`` or ``Sigma`` spells."""
    name = name.removeprefix("var") if name in VARIANTS else name
    letter = GREEK.get(name[:1].lower() + name[1:])
    return letter.upper() if letter and name[0].isupper() else letter


def _letter(command: str) -> str:
    if command in ("partial", "ell"):
        return "d" if command == "partial" else "l"
    if command == "frac":
        return ""
    return "" if command in _FONTS else greek_letter(command) or command


@dataclass(frozen=True)
class NameMatch:
    """A name that was recognized in a text: what it stands for, and where it ends."""

    name: str
    end: int


@dataclass(frozen=True)
class Vocabulary:
    """The symbols that an answer may use, their shapes in numbers, and what ``*`` means in it.

    ``definitions`` are the author's names for formulas, functions among them; ``sizes`` are letters that stand for whole
    numbers, read as whole words only. ``mixing`` allows NumPy's broadcasting between different numbers of axes. ``left`` are names of the blank itself, which may stand on the other side of an
    equation.
    """

    symbols: Mapping[str, Symbol]
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    star: Star = "product"
    left: tuple[str, ...] = ()
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    mixing: bool = False

    @cached_property
    def names_by_spelling(self) -> dict[str, str]:
        """Every spelling, reduced by ``plain``, with the symbol it names."""
        spelt: dict[str, str] = {}
        for name, spelling in (*self.spellings, *self.typeset):
            for each in (
                spelling,
                _SCRIPTS_OF_LAST.sub(r"\1_\3\2", spelling),
                _WORD.sub(_greek, spelling, count=1),
            ):
                spelt.setdefault(normalize(each), name)
        return spelt

    @property
    def spellings(self) -> Iterator[tuple[str, str]]:
        """Every symbol with each way in which its author writes it, and the names of the blank."""
        for name, symbol in self.symbols.items():
            yield name, name
            yield from ((name, spelling) for spelling in symbol.also)
        for name, definition in self.definitions.items():
            yield name, name
            yield from ((name, spelling) for spelling in definition.also)
        yield from ((name, name) for name in self.left)

    @property
    def typeset(self) -> Iterator[tuple[str, str]]:
        """Names as their author has them typeset, which is how they are shown and so how they may come back."""
        for names in (self.symbols, self.definitions):
            yield from ((name, _FRACTION.sub(r"\1/\2", each.tex)) for name, each in names.items() if each.tex)

    @property
    def clashes(self) -> Iterator[tuple[str, str]]:
        """Pairs of different symbols that are one name to whoever types them."""
        first: dict[str, str] = {}
        for name, spelling in self.spellings:
            other = first.setdefault(normalize(spelling), name)
            if other != name and name not in self.left:
                yield other, name

    @cached_property
    def names_by_folded_spelling(self) -> dict[str, str]:
        """The spellings without regard to case, as far as that is unambiguous."""
        found: dict[str, set[str]] = {}
        for spelling, name in self.names_by_spelling.items():
            if spelling.casefold() not in CONSTANTS:
                found.setdefault(spelling.casefold(), set()).add(name)
        return {spelling: next(iter(each)) for spelling, each in found.items() if len(each) == 1}

    @cached_property
    def spelling_prefixes(self) -> frozenset[str]:
        """Every beginning of every spelling, without regard to case."""
        return frozenset(each[:end].casefold() for each in self.names_by_spelling for end in range(len(each) + 1))

    @cached_property
    def superscripted(self) -> frozenset[str]:
        """Names that their author typesets with something above: ``z^2`` for the second layer."""
        return frozenset(name for name, tex in self.typeset if "^" in tex)

    def first_of_glued(self, text: str, start: int, end: int) -> NameMatch | None:
        """Return the first of the names that make up a word without anything between them, as in ``W_oW_sx``, ``λI``."""
        first = found = self.longest_name(text, start, glued=True)
        while found is not None and found.end < end and not _IDENTITY.fullmatch(text, found.end, end):
            found = self.longest_name(text, found.end, glued=True)
        return first if found is not None else None

    def lookup_size(self, name: str) -> str | None:
        """Return the letter of the problem's sizes that a whole word is, in its own case or the other."""
        if name in self.sizes:
            return name
        alike = [each for each in self.sizes if each.casefold() == name.casefold()]
        return alike[0] if len(alike) == 1 else None

    def lookup(self, text: str) -> str | None:
        """Return the symbol that a whole text names."""
        reduced = normalize(text)
        return self.names_by_spelling.get(reduced) or self.names_by_folded_spelling.get(_folded(reduced))

    def longest_name(self, text: str, start: int, glued: bool = False) -> NameMatch | None:
        """Return the longest name that begins at ``start`` and does not end within a brace, nor, unless ``glued``, a word.

        >>> vocabulary = Vocabulary({"W": Symbol(), "W_sx": Symbol(), "x": Symbol()})
        >>> vocabulary.longest_name("W_{sx} x", 0)
        NameMatch(name='W_sx', end=6)
        >>> vocabulary.longest_name("Wx", 0), vocabulary.longest_name("Wx", 0, glued=True)
        (None, NameMatch(name='W', end=1))
        """
        best: NameMatch | None = None
        reduced, depth, at, raised = "", 0, start, 0
        while (piece := _piece(text, at, reduced, depth)) is not None:
            end, letters = piece
            depth += (text[at] == "{") - (text[at] == "}")
            if best is not None and text[at] == "^" and not raised and not letters:
                raised = len(reduced)
            ends = text[at] not in "_^{ \t\u00a0/" or (text[at] == "^" and bool(letters))
            closed = ends and bool(letters or text[at] == "}") and text[at:end] != "\\_"
            reduced, at = reduced + letters, end
            if depth < 0 or at - start > MAX_NAME_CHARACTERS or reduced.casefold() not in self.spelling_prefixes:
                break
            exactly = bool(raised) or reduced == "I" or (glued and len(reduced) < 3)
            name = self.names_by_spelling.get(reduced) or (
                None if exactly else self.names_by_folded_spelling.get(_folded(reduced))
            )
            above = reduced[raised:]
            if raised and (above.isdigit() or len(above) == 1) and name not in self.superscripted:
                name = None  # x^2 and x^n are powers of x, even where there is an x_2 or an x_n.
            if (
                name
                and closed
                and depth == 0
                and (
                    glued
                    or text[at - 1] == "}"
                    or _may_end(text[at : at + 1])
                    or (text[start] == "\\" and text[at - 2] == "_")
                )
            ):
                best = NameMatch(name, at)
        return best


def _piece(text: str, at: int, reduced: str, depth: int) -> tuple[int, str] | None:
    """Return where the next piece of a name ends and the letters it adds, or None where no name can go on."""
    each = text[at : at + 1]
    if each.isascii() and each.isalnum():
        return at + 1, each
    if each == "\\":
        if text.startswith("\\_", at):
            return at + 2, ""
        if accented := _ACCENTED.match(text, at):
            return accented.end(), normalize(accented[0])
        command = _COMMAND.match(text, at)
        known = command and (
            command[1] in ("partial", "nabla", "ell") or command[1] in _FONTS or greek_letter(command[1])
        )
        return (command.end(), _letter(command[1])) if command and known else None
    if each == "^" and (layer := _LAYER.match(text, at)):
        return layer.end(), layer[1]
    if each in ("_", "^", "{", "}"):
        return at + 1, ""
    if each in "+-−" and each and depth > 0 and reduced:
        return at + 1, "-" if each == "−" else each
    if each == "/" and reduced:
        return at + 1, "/"
    if each in (" ", "\t", "\u00a0"):
        following = text[at : at + 20].lstrip()[:1]
        if text[at - 1].isspace() and text[at - 2].isspace():
            return None
        after_d = (
            text[at - 1] == "∂"
            or text.startswith("\\partial", at - 8)
            or _FONT_BEFORE.search(text, max(at - 12, 0), at)
        )
        return (at + 1, "") if after_d or following == "/" or reduced.endswith("/") else None
    if each in _RAISED and "/" in reduced:  # ∂L/∂z² is z_2's; elsewhere a raised digit is a power.
        return at + 1, _RAISED[each]
    return (at + 1, normalize(each)) if each in _SIGNS or each in _ACCENTS or each.isalnum() else None


def _folded(reduced: str) -> str:
    """Without regard to case; but a capital Greek letter never stands for a small one."""
    if reduced[:1].isupper() and reduced[1:].islower() and reduced.lower() in GREEK:
        return reduced
    return (
        reduced.casefold()
        if reduced.isascii()
        else "".join(each if each in CAPITALS else each.casefold() for each in reduced)
    )


def _may_end(following: str) -> bool:
    """True if a name may end before this character: not within a word, and not before a subscript."""
    return following in SUPERSCRIPTS or not (following.isalnum() or following == "_")
