"""Kind ``dimensions``: an answer is the shape of a matrix or vector, in numbers or in the problem's letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import Annotated, Literal

from pydantic import Field

from grader.core.errors import Unreadable, nearest
from grader.core.submission import Written
from grader.core.verdict import Finding, Mistake, Shape, Verdict
from grader.formula.symbols import Dim, format_dim, format_shape, in_numbers, letters, normalize_sum
from grader.formula.symbols import Shape as Dims
from grader.kinds.base import mistake_messages
from grader.kinds.base.anticipated_mistakes import read_anticipated
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.base.prepared import Prepared, SurvivingMutation
from grader.kinds.base.public import Preview, Public, single_text
from grader.kinds.base.spec import Spec

MAX_ANSWER_CHARACTERS = 200
MAX_AXIS_LENGTH = 10**9
DOUBT = re.compile(r"\bor\b|\bmaybe\b|\?|\beither\b", re.IGNORECASE)
_AXES = r"\w{1,40}\s*+[xX×*]\s*+\w"
SECOND_SHAPE = re.compile(rf"(\b{_AXES}{{1,40}}+)(?:\s*+[,;/])?+\s++(?={_AXES})|(?<=\w)[,;/](?={_AXES})")
SUM = re.compile(r"\(?\s*(\w+(?:\s*\+\s*\w+)+)\s*\)?")
NUMBER_WORDS = {
    word: str(number) for number, word in enumerate("zero one two three four five six seven eight nine ten".split())
}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ˣ", "0123456789x")
REAL_SPACE = re.compile(r"(?:\\mathbb\s*\{?\s*R\s*\}?|ℝ|\bR)\s*(?:\^|(?=[⁰¹²³⁴⁵⁶⁷⁸⁹]))\s*")
WRAPPING = re.compile(
    r"\\(?:mathbb|mathrm|text|left|right)|[$\\{}^]|\b(?:a|an|the|in|is|shape|size|dimensions?|dim|matrix|vector)\b|ℝ|∈"
)
TIMES = re.compile(
    r"(?:(?<!\s)\s++)?+(?:(?<![A-Za-z_])[xX](?![A-Za-z_])|[×✕✖✗⨯╳хΧχｘ*·∙⋅,;]|\bby\b|-by-|\btimes\b)\s*+", re.IGNORECASE
)
GARBLED_TIMES = re.compile(r"(?<=\w)(?:\s*+([⇥⇤→\uf0b4\ufffd])|[^\S\t]*+\t)\s*+(?=\w)")
ROWS_AND_COLUMNS = re.compile(r"(\w+)\s*+rows?(?:\s*+(?:,|and|by|x|×)\s*+|\s++)(\w+)\s*+col(?:umn)?s?", re.IGNORECASE)
NUMBER = re.compile(r"\d+")
WRONG_SHAPE = "That is not the expected shape."
SEVERAL_SHAPES = "This answer gives more than one shape, or is not sure."
INSTRUCTIONS = "Write a shape as rows × columns, such as 3x2."


class DimensionsSpec(Spec):
    """A shape. ``kind: dimensions``, ``shape: [m, d]`` with letters of ``sizes``, numbers, or both."""

    kind: Literal["dimensions"] = "dimensions"
    shape: Annotated[tuple[Dim, ...], Field(min_length=1, max_length=4)]

    def prepare(self, context: Context) -> Prepared[Answer]:
        """Put the stated sizes for the letters, and read the anticipated mistakes."""
        return PreparedDimensions(self, context)

    @property
    def claimed_shape(self) -> Dims:
        """The shape itself."""
        return self.shape

    def public(self, context: Context) -> Public:
        """Return how to write a shape."""
        return DimensionsPublic(kind=self.kind, instructions=INSTRUCTIONS, label=self.label, sizes=context.sizes)


class DimensionsPublic(Public):
    """How to write a shape, with the letters that may stand in it."""

    sizes: Mapping[str, int]

    def read_back(self, written: Written) -> Preview:
        """Return the shape as it is read."""
        return Preview(read_as=f"${tex(ShapeReader(self.sizes).read(written).shape)}$")


@dataclass(frozen=True)
class Answer:
    """A shape as it was read; ``review`` says what is odd about the reading, ``has_doubt`` that more than one may be meant."""

    shape: Dims
    review: str | None = None
    has_doubt: bool = False


class ShapeReader:
    """Reads shapes in numbers and in the letters of ``sizes``."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes

    def read(self, written: Written) -> Answer:
        """Read ``2x4``, ``(2, 4)``, ``2 by 4``, ``m × d`` and their like."""
        text = single_text(written, MAX_ANSWER_CHARACTERS, INSTRUCTIONS)
        first = DOUBT.split(SECOND_SHAPE.sub(r"\1 or ", text, count=1))[0].strip()
        has_doubt = bool(first) and first != text.strip()
        plain, oddity = _strip_wrapping(first if has_doubt else text, self.sizes)
        dims = tuple(self._dim(axis) for axis in self._split_axes(plain, text))
        return Answer(dims, SEVERAL_SHAPES if has_doubt else oddity, has_doubt)

    def _split_axes(self, plain: str, text: str) -> list[str]:
        """Return the text of each axis; raises Unreadable."""
        if match := ROWS_AND_COLUMNS.fullmatch(plain):
            return [match[1], match[2]]
        axes = self._split_letters(plain) or [re.sub(r"^\((\w+)\)$", r"\1", piece) for piece in TIMES.split(plain)]
        if any(not (re.fullmatch(r"\w+", axis) or SUM.fullmatch(axis)) for axis in axes):
            raise Unreadable(f"This is not a shape. {INSTRUCTIONS}", (0, len(text)))
        return axes

    def _split_letters(self, plain: str) -> list[str] | None:
        """Split ``mxd``, where nothing but the problem's letters stands beside the x."""
        match = re.fullmatch(r"(\w[^\WxX]*+)[xX](\w++)", plain)
        if match is None or plain in self.sizes:
            return None
        axes = [match[1], match[2]]
        return axes if all(axis in self.sizes or NUMBER.fullmatch(axis) for axis in axes) else None

    def _dim(self, piece: str) -> Dim:
        """Read the length of one axis: a number, a letter, or a sum of these; raises Unreadable."""
        if match := SUM.fullmatch(piece):
            terms = [self._dim(term.strip()) for term in match[1].split("+")]
            return (
                sum(map(int, terms)) if all(isinstance(term, int) for term in terms) else normalize_sum(map(str, terms))
            )
        piece = NUMBER_WORDS.get(piece.casefold(), piece)
        if NUMBER.fullmatch(piece):
            if len(piece) > 10 or not 0 < int(piece) <= MAX_AXIS_LENGTH:
                raise Unreadable(f"An axis has a length from 1 up, not {piece[:12]}. {INSTRUCTIONS}")
            return int(piece)
        if piece in self.sizes:
            return piece
        respelt = [letter for letter in self.sizes if without_case(letter) == without_case(piece)]
        if len(respelt) == 1:
            return respelt[0]
        similar = nearest(piece, self.sizes)
        letters = f" The letters here are {', '.join(self.sizes)}." if self.sizes and not similar else ""
        hint = f" Did you mean “{similar}”?" if similar else letters
        raise Unreadable(f"“{piece[:20]}” is not a number or a letter of this question.{hint} {INSTRUCTIONS}")


class PreparedDimensions(ShapeReader):
    """One shape blank, ready to grade."""

    def __init__(self, spec: DimensionsSpec, context: Context) -> None:
        super().__init__(context.sizes)
        self.spec = spec
        axes = (in_numbers(symbol.shape, context.sizes) for symbol in context.symbols.values())
        self.axis_lengths = {*context.sizes.values(), *chain.from_iterable(axes)}
        for axis, dim in enumerate(spec.shape):
            for letter in letters((dim,)):
                if letter not in context.sizes:
                    message = f"the letter {letter!r} has no size; give it one under sizes"
                    raise BlankSpecError(message, ("shape", axis), nearest(letter, context.sizes))
        self.numbers = in_numbers(spec.shape, context.sizes)
        self.mistakes = read_anticipated(spec.mistakes, lambda text: self.read(text).shape, self._is_right)

    def check(self, answer: Answer) -> Verdict:
        """Compare axis by axis: letters with letters, numbers at the stated sizes."""
        read_as = f"${tex(answer.shape)}$"
        if answer.has_doubt:
            return Verdict.incorrect(read_as, SEVERAL_SHAPES, (), answer.review)
        if self._is_right(answer.shape):
            return Verdict.correct(read_as, "", (), answer.review)
        findings: tuple[Finding, ...] = (self._finding(answer.shape),)
        for mistake, shapes in self.mistakes:
            if any(self._same(answer.shape, shape) for shape in shapes):
                verdict = mistake.verdict(read_as, WRONG_SHAPE, findings)
                break
        else:
            verdict = self.spec.incorrect_verdict(self._recognize(answer.shape), read_as, WRONG_SHAPE, findings)
        return verdict.reviewed(answer.review) if answer.review else verdict

    def _is_right(self, shape: Dims) -> bool:
        return self._same(shape, self.spec.shape)

    def _same(self, shape: Dims, other: Dims) -> bool:
        """True if two shapes agree: as letters where both have one, otherwise both at the stated sizes."""
        if len(shape) != len(other):
            return False
        return all(
            a == b
            if isinstance(a, str) and isinstance(b, str) and ("+" in a) == ("+" in b)
            else in_numbers((a,), self.sizes) == in_numbers((b,), self.sizes)
            for a, b in zip(shape, other, strict=True)
        )

    def _recognize(self, shape: Dims) -> Mistake | None:
        """Return the mistake that leads to a wrong shape, if it is one that is made often."""
        lengths, expected = in_numbers(shape, self.sizes), self.numbers
        if len(shape) == 2 and self._same(shape[::-1], self.spec.shape):
            return mistake_messages.mistake_message("dimensions", "transposed-shape")
        if len(shape) == 1 < len(expected) and min(expected) > 1 and lengths[0] == prod(expected):
            return mistake_messages.mistake_message("dimensions", "counted-entries")
        if len(shape) != len(expected):
            return mistake_messages.mistake_message(
                "dimensions", "number-of-axes", _axes(len(expected)), _axes(len(shape))
            )
        differing = [
            axis
            for axis in range(len(shape))
            if not self._same(shape[axis : axis + 1], self.spec.shape[axis : axis + 1])
        ]
        [axis, *more] = differing
        if more:
            return None
        length, right = lengths[axis], expected[axis]
        if self._is_stacked(right) and right - length in self.axis_lengths and length in self.axis_lengths:
            return mistake_messages.mistake_message("dimensions", "ignored-stacking", str(right), str(length))
        if len(shape) == 2 and self._is_stacked(length) and length == expected[1 - axis]:
            return mistake_messages.mistake_message("dimensions", "square-of-stack", str(length), str(right))
        dim, right_dim = shape[axis], self.spec.shape[axis]
        if isinstance(dim, str) and isinstance(right_dim, str):
            return mistake_messages.mistake_message("dimensions", "wrong-variable", right_dim, dim)
        return None

    def _is_stacked(self, length: int) -> bool:
        """True if a length is no size of the problem, but the sum of two."""
        return length not in self.axis_lengths and any(length - size in self.axis_lengths for size in self.axis_lengths)

    def _finding(self, shape: Dims) -> Shape:
        got, expected = format_shape(shape), format_shape(self.spec.shape if letters(shape) else self.numbers)
        sentence = f"You wrote {got}; the shape is {expected}."
        return Shape(got, expected, fits=False, sentence=sentence)

    def official_answers(self) -> list[Written]:
        """Return the shape in numbers and in letters."""
        return ["x".join(map(str, self.numbers)), " x ".join(format_dim(dim) for dim in self.spec.shape)]

    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Return the shape in numbers where axes that have other letters have the same length."""
        shape = self.spec.shape
        swapped = shape[::-1] != shape and in_numbers(shape[::-1], self.sizes) == self.numbers
        if not swapped:
            return []
        why = f"every axis has the length {self.numbers[0]} at the stated sizes"
        return [SurvivingMutation("x".join(map(str, self.numbers)), "rows and columns swapped", why)]

    def key(self) -> str:
        """Return the shape in numbers, and in letters where it has any."""
        numbers, letters = f"${tex(self.numbers)}$", f"${tex(self.spec.shape)}$"
        return numbers if numbers == letters else f"{numbers}, in general {letters}"


def _strip_wrapping(text: str, letters: Iterable[str]) -> tuple[str, str | None]:
    """Strip what people put around a shape; return what is odd about the sign between the numbers besides."""
    text = text.rpartition("=")[2] or text
    if real := REAL_SPACE.search(text):
        text = text[real.end() :].translate(SUPERSCRIPTS)
    text = text.replace("\\times", "×").replace("\\cdot", "·").replace("\\,", " ")
    plain = WRAPPING.sub(lambda word: word[0] if word[0] in letters else " ", text)
    oddity = None
    if garbled := GARBLED_TIMES.search(plain):
        plain = GARBLED_TIMES.sub("×", plain)
        name = f"“{garbled[1]}”" if garbled[1] else "a tab"
        oddity = f"The times sign arrived as {name}, perhaps by copy and paste."
    plain = plain.strip(" \t\r\n.=:!\"'“”‘’`\u200b\u2060\ufeff\u00a0")
    while len(plain) > 1 and plain[0] + plain[-1] in ("()", "[]", "<>"):
        plain = plain[1:-1].strip(" ,")
    return "".join(_ascii_digit(character) for character in plain), oddity


def without_case(letter: str) -> str:
    """Reduce a letter to what is compared: d_v, dv and DV are one where that is unambiguous."""
    return letter.replace("_", "").casefold()


def _axes(count: int) -> str:
    return "one axis" if count == 1 else f"{count} axes"


def _ascii_digit(character: str) -> str:
    """Return a digit of any script in ASCII, and everything else as it is."""
    return str(int(character)) if character.isdecimal() else character


def tex(shape: Dims) -> str:
    """Write a shape in LaTeX."""
    if len(shape) == 1:
        return str(shape[0])
    return r" \times ".join(format_dim(dim) for dim in shape)
