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
from grader.formula.symbols import Dim, bracketed, in_numbers, letters, summed, written
from grader.formula.symbols import Shape as Dims
from grader.kinds.base import mistake_messages
from grader.kinds.base.anticipated_mistakes import read_anticipated
from grader.kinds.base.context import AuthorMistake, Context
from grader.kinds.base.prepared import Prepared, SurvivingMutation
from grader.kinds.base.public import Preview, Public, single_text
from grader.kinds.base.spec import Spec

LONGEST = 200
LARGEST = 10**9
HEDGE = re.compile(r"\bor\b|\bmaybe\b|\?|\beither\b", re.IGNORECASE)
SECOND = re.compile(r"(\w+\s*[xX×*]\s*\w+)\s*[,;/]?\s+(?=\w+\s*[xX×*]\s*\w+)|(?<=\w)[,;/](?=\w+\s*[xX×*]\s*\w)")
SUM = re.compile(r"\(?\s*(\w+(?:\s*\+\s*\w+)+)\s*\)?")
WORDS = {
    word: str(number) for number, word in enumerate(("zero one two three four five six seven eight nine ten").split())
}
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ˣ", "0123456789x")
REAL = re.compile(r"(?:\\mathbb\s*\{?\s*R\s*\}?|ℝ|\bR)\s*(?:\^|(?=[⁰¹²³⁴⁵⁶⁷⁸⁹]))\s*")
WRAPPING = re.compile(
    r"\\(?:mathbb|mathrm|text|left|right)|[$\\{}^]|\b(?:a|an|the|in|is|shape|size|dimensions?|dim|matrix|vector)\b|ℝ|∈"
)
TIMES = re.compile(
    r"\s*(?:(?<![A-Za-z_])[xX](?![A-Za-z_])|[×✕✖✗⨯╳хΧχｘ*·∙⋅,;]|\bby\b|-by-|\btimes\b)\s*", re.IGNORECASE
)
ODD_TIMES = re.compile(r"(?<=\w)\s*([⇥⇤→\uf0b4\ufffd\t�])\s*(?=\w)")
ROWS_AND_COLUMNS = re.compile(r"(\w+)\s*rows?\s*(?:,|and|by|x|×|\s)\s*(\w+)\s*col(?:umn)?s?", re.IGNORECASE)
NUMBER = re.compile(r"\d+")
WRONG = "This is not the shape that is asked."
HEDGED = "This answer gives more than one shape, or is not sure."
HOW = "Write a shape as rows × columns, such as 3x2."


class DimensionsSpec(Spec):
    """A shape. ``kind: dimensions``, ``shape: [m, d]`` with letters of ``sizes``, numbers, or both."""

    kind: Literal["dimensions"] = "dimensions"
    shape: Annotated[tuple[Dim, ...], Field(min_length=1, max_length=4)]

    def prepare(self, context: Context) -> Prepared[Answer]:
        """Put the stated sizes for the letters, and read the foreseen mistakes."""
        return _Dimensions(self, context)

    @property
    def claimed_shape(self) -> Dims:
        """The shape itself."""
        return self.shape

    def public(self, context: Context) -> Public:
        """Return how to write a shape."""
        return DimensionsPublic(kind=self.kind, how=HOW, label=self.label, sizes=context.sizes)


class DimensionsPublic(Public):
    """How to write a shape, with the letters that may stand in it."""

    sizes: Mapping[str, int]

    def read_back(self, written: Written) -> Preview:
        """Return the shape as it is read."""
        return Preview(read_as=f"${tex(_Reader(self.sizes).read(written).shape)}$")


@dataclass(frozen=True)
class Answer:
    """A shape as it was read; ``review`` says what is odd about the reading."""

    shape: Dims
    review: str | None = None
    hedged: bool = False


class _Reader:
    """Reads shapes in numbers and in the letters of ``sizes``."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes

    def read(self, written: Written) -> Answer:
        """Read ``2x4``, ``(2, 4)``, ``2 by 4``, ``m × d`` and their like."""
        text = single_text(written)
        if len(text) > LONGEST:
            raise Unreadable(f"This answer has {len(text):,} characters; at most {LONGEST} are read. {HOW}")
        sure = HEDGE.split(SECOND.sub(r"\1 or ", text, count=1))[0].strip()
        hedged = bool(sure) and sure != text.strip()
        plain, odd = _plain(sure if hedged else text, self.sizes)
        dims = tuple(self._dim(piece) for piece in self._pieces(plain, text))
        return Answer(dims, HEDGED if hedged else odd, hedged)

    def _pieces(self, plain: str, text: str) -> list[str]:
        if found := ROWS_AND_COLUMNS.fullmatch(plain):
            return [found[1], found[2]]
        glued = self._glued(plain)
        pieces = glued or [re.sub(r"^\((\w+)\)$", r"\1", piece) for piece in TIMES.split(plain)]
        if any(not (re.fullmatch(r"\w+", piece) or SUM.fullmatch(piece)) for piece in pieces):
            raise Unreadable(f"This is not a shape. {HOW}", (0, len(text)))
        return pieces

    def _glued(self, plain: str) -> list[str] | None:
        """Split ``mxd``, where nothing but the problem's letters stands beside the x."""
        found = re.fullmatch(r"(\w+?)[xX](\w+)", plain)
        pieces = [found[1], found[2]] if found else []
        known = all(piece in self.sizes or NUMBER.fullmatch(piece) for piece in pieces)
        return pieces if pieces and known and plain not in self.sizes else None

    def _dim(self, piece: str) -> Dim:
        if found := SUM.fullmatch(piece):
            terms = [self._dim(term.strip()) for term in found[1].split("+")]
            return sum(map(int, terms)) if all(isinstance(each, int) for each in terms) else summed(map(str, terms))
        piece = WORDS.get(piece.casefold(), piece)
        if NUMBER.fullmatch(piece):
            if len(piece) > 10 or not 0 < int(piece) <= LARGEST:
                raise Unreadable(f"An axis has a length from 1 up, not {piece[:12]}. {HOW}")
            return int(piece)
        if piece in self.sizes:
            return piece
        same = [each for each in self.sizes if bare(each) == bare(piece)]
        if len(same) == 1:
            return same[0]
        near = nearest(piece, self.sizes)
        letters = f" The letters here are {', '.join(self.sizes)}." if self.sizes and not near else ""
        hint = f" Did you mean “{near}”?" if near else letters
        raise Unreadable(f"“{piece[:20]}” is not a number or a letter of this question.{hint} {HOW}")


class _Dimensions(_Reader):
    """One shape blank, ready to grade."""

    def __init__(self, spec: DimensionsSpec, context: Context) -> None:
        super().__init__(context.sizes)
        self.spec = spec
        axes = (in_numbers(symbol.shape, context.sizes) for symbol in context.symbols.values())
        self.lengths = {*context.sizes.values(), *chain.from_iterable(axes)}
        for axis, dim in enumerate(spec.shape):
            for letter in letters((dim,)):
                if letter not in context.sizes:
                    message = f"the letter {letter!r} has no size; give it one under sizes"
                    raise AuthorMistake(message, ("shape", axis), nearest(letter, context.sizes))
        self.numbers = in_numbers(spec.shape, context.sizes)
        self.mistakes = read_anticipated(spec.mistakes, lambda text: self.read(text).shape, self._right)

    def check(self, answer: Answer) -> Verdict:
        """Compare axis by axis: letters with letters, numbers at the stated sizes."""
        read_as = f"${tex(answer.shape)}$"
        if answer.hedged:
            return Verdict.incorrect(read_as, HEDGED, (), answer.review)
        if self._right(answer.shape):
            return Verdict.correct(read_as, "", (), answer.review)
        findings: tuple[Finding, ...] = (self._finding(answer.shape),)
        for mistake, shapes in self.mistakes:
            if any(self._same(answer.shape, shape) for shape in shapes):
                verdict = mistake.verdict(read_as, WRONG, findings)
                break
        else:
            verdict = self.spec.incorrect_verdict(self._named(answer.shape), read_as, WRONG, findings)
        return verdict.reviewed(answer.review) if answer.review else verdict

    def _right(self, shape: Dims) -> bool:
        return self._same(shape, self.spec.shape)

    def _same(self, shape: Dims, other: Dims) -> bool:
        """Letters are compared as letters where both have one, otherwise both at the stated sizes."""
        if len(shape) != len(other):
            return False
        return all(
            a == b
            if isinstance(a, str) and isinstance(b, str) and ("+" in a) == ("+" in b)
            else in_numbers((a,), self.sizes) == in_numbers((b,), self.sizes)
            for a, b in zip(shape, other, strict=True)
        )

    def _named(self, shape: Dims) -> Mistake | None:
        given, asked = in_numbers(shape, self.sizes), self.numbers
        if len(shape) == 2 and self._same(shape[::-1], self.spec.shape):
            return mistake_messages.mistake_message("dimensions", "transposed-shape")
        if len(shape) == 1 < len(asked) and min(asked) > 1 and given[0] == prod(asked):
            return mistake_messages.mistake_message("dimensions", "counted-entries")
        if len(shape) != len(asked):
            return mistake_messages.mistake_message(
                "dimensions", "number-of-axes", _axes(len(asked)), _axes(len(shape))
            )
        differing = [
            axis
            for axis in range(len(shape))
            if not self._same(shape[axis : axis + 1], self.spec.shape[axis : axis + 1])
        ]
        [axis, *more] = differing
        if more:
            return None
        written, wanted = shape[axis], self.spec.shape[axis]
        if self._stacked(asked[axis]) and asked[axis] - given[axis] in self.lengths and given[axis] in self.lengths:
            return mistake_messages.mistake_message(
                "dimensions", "ignored-stacking", str(asked[axis]), str(given[axis])
            )
        if len(shape) == 2 and self._stacked(given[axis]) and given[axis] == asked[1 - axis]:
            return mistake_messages.mistake_message("dimensions", "square-of-stack", str(given[axis]), str(asked[axis]))
        if isinstance(written, str) and isinstance(wanted, str):
            return mistake_messages.mistake_message("dimensions", "wrong-variable", wanted, written)
        return None

    def _stacked(self, length: int) -> bool:
        """Whether a length is no size of the problem, but the sum of two."""
        return length not in self.lengths and any(length - each in self.lengths for each in self.lengths)

    def _finding(self, shape: Dims) -> Shape:
        got, expected = written(shape), written(self.spec.shape if letters(shape) else self.numbers)
        sentence = f"You wrote {got}; the shape is {expected}."
        return Shape(got, expected, fits=False, sentence=sentence)

    def official_answers(self) -> list[Written]:
        """Return the shape in numbers and in letters."""
        return ["x".join(map(str, self.numbers)), " x ".join(bracketed(dim) for dim in self.spec.shape)]

    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Return the shape in numbers where axes that have other letters have the same length."""
        shape = self.spec.shape
        swapped = shape[::-1] != shape and in_numbers(shape[::-1], self.sizes) == self.numbers
        if not swapped:
            return []
        same = f"every axis has the length {self.numbers[0]} at the stated sizes"
        return [SurvivingMutation("x".join(map(str, self.numbers)), "rows and columns swapped", same)]

    def key(self) -> str:
        """Return the shape in numbers, and in letters where it has any."""
        numbers, letters = f"${tex(self.numbers)}$", f"${tex(self.spec.shape)}$"
        return numbers if numbers == letters else f"{numbers}, in general {letters}"


def _plain(text: str, letters: Iterable[str]) -> tuple[str, str | None]:
    """Strip what people put around a shape; says so when the sign between the numbers is odd."""
    text = text.rpartition("=")[2] or text
    if real := REAL.search(text):
        text = text[real.end() :].translate(RAISED)
    text = text.replace("\\times", "×").replace("\\cdot", "·").replace("\\,", " ")
    plain = WRAPPING.sub(lambda word: word[0] if word[0] in letters else " ", text)
    odd = None
    if found := ODD_TIMES.search(plain):
        plain = ODD_TIMES.sub("×", plain)
        name = "a tab" if found[1] == "\t" else f"“{found[1]}”"
        odd = f"The times sign arrived as {name}, perhaps by copy and paste."
    plain = plain.strip(" \t\r\n.=:!\"'“”‘’`\u200b\u2060\ufeff\u00a0")
    while len(plain) > 1 and plain[0] + plain[-1] in ("()", "[]", "<>"):
        plain = plain[1:-1].strip(" ,")
    return "".join(_digit(each) for each in plain), odd


def bare(letter: str) -> str:
    """Reduce a letter to what is compared: d_v, dv and DV are one where that is unambiguous."""
    return letter.replace("_", "").casefold()


def _axes(count: int) -> str:
    return "one axis" if count == 1 else f"{count} axes"


def _digit(each: str) -> str:
    """Digits of every script count as digits."""
    return str(int(each)) if each.isdecimal() else each


def tex(shape: Dims) -> str:
    """Write a shape in LaTeX."""
    if len(shape) == 1:
        return str(shape[0])
    return r" \times ".join(bracketed(dim) for dim in shape)
