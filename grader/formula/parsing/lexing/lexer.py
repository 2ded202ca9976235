"""Cutting a typed formula into tokens: NumPy, ordinary maths typing and simple LaTeX, each with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from grader.core.errors import Unreadable
from grader.formula.functions.table import CONSTANTS, FOLDED_SPELLINGS, SPELLINGS
from grader.formula.parsing.lexing.patterns import (
    AROUND,
    ARRAYS,
    AS_FLOAT,
    ASSIGNED,
    ASSIGNS,
    BARS,
    CALLED,
    CLOSED_BARS,
    COMMAND,
    COMMANDS,
    DAGGER,
    DERIVATIVE,
    DIGITS,
    DIGITS_ABOVE,
    DOTTED,
    DUNDER,
    ENVIRONMENT,
    EQUALS,
    GIVEN,
    GLUED,
    GLUED_DIGITS,
    HEAVY,
    IDENTITY,
    KEYWORDS,
    LARGEST_EXPONENT,
    LOGARITHM,
    LONGEST,
    LONGEST_WORD,
    METHOD,
    MODULE,
    NORM,
    NUMBER,
    OPERATORS,
    OVER_AN_INDEX,
    PREFIX,
    PRIME,
    QUOTED,
    QUOTIENT,
    RAISED,
    RAISED_H,
    RAISED_MINUS_T,
    RAISED_SMALL_T,
    RAISED_T,
    REASON,
    ROWS_END,
    SCRIPTED,
    SIDED,
    SIGNS,
    SPACES,
    TEXT,
    TIMES,
    UPRIGHT,
    VULGAR,
    WORD,
    WORDS,
    WRAPPED,
)
from grader.formula.parsing.lexing.unknown_names import unknown
from grader.formula.parsing.lexing.vocabulary import GREEK, LONGEST_NAME, SUPERSCRIPTS, Vocabulary

Kind = Literal[
    "number",
    "symbol",
    "constant",
    "function",
    "defined",
    "size",
    "method",
    "word",
    "text",
    "frac",
    "identity",
    "transpose",
    "raised",
    "subscript",
    "operator",
    "end",
]


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``text`` is the symbol's name, the function's name, the operator or the digits."""

    kind: Kind
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Cut:
    """A text cut up: its tokens, what of it was dropped as prose, and why a person should look at the reading."""

    tokens: tuple[Token, ...]
    dropped: str
    review: str | None
    doubt: str | None


def cut(text: str, vocabulary: Vocabulary, begin: int = 0) -> Cut:
    """Cut a formula that begins at ``begin`` into tokens; raises Unreadable at the first place that is none."""
    if len(text) > LONGEST:
        raise Unreadable(f"This answer has {len(text):,} characters; at most {LONGEST:,} are read.")
    start, end = _inside(text, begin, _end(text))
    scanner = _Scanner(text, end, vocabulary, start)
    if "?" in text[end:]:
        scanner.review = "There is a question mark after this answer."
    elif HEAVY.search(text[end:]) or (
        not GIVEN.match(text, end) and any(map(vocabulary.named, WORD.findall(text[end:])))
    ):
        raise Unreadable(
            "The words after the formula hold more of a formula; write one formula alone.", (end, len(text))
        )
    tokens = tuple(scanner.tokens())
    return Cut(
        (*tokens, Token("end", "", end, end)),
        text[end:].strip(" .,;$`'\"\t\n"),
        scanner.review,
        scanner.doubt,
    )


def _end(text: str) -> int:
    """Return where the formula ends: before a reason in words, a full stop and white space."""
    reason = REASON.search(text)
    end = reason.start() if reason and text[: reason.start()].strip() else len(text)
    while end and (text[end - 1].isspace() or (text[end - 1] in ".;$,?" and text[: end - 1].strip())):
        end -= 1
    return end


def _inside(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out quotation marks or backticks around the whole."""
    start = len(text) - len(text[start:].lstrip())
    while end - start > 2 and WRAPPED.get(text[start]) == text[end - 1]:
        start, end = start + 1, end - 1
    return start, end


class _Scanner:
    """Walks one text from left to right."""

    def __init__(self, text: str, end: int, vocabulary: Vocabulary, start: int) -> None:
        self.text = text
        self.end = end
        self.vocabulary = vocabulary
        self.at = start
        self.owed: tuple[Token, ...] = ()
        self.last = ""
        self.review: str | None = None
        self.doubt: str | None = None

    def tokens(self) -> Iterator[Token]:
        while self.at < self.end:
            each = self.text[self.at]
            if each.isspace() or each in "$~\u200b\u2060\ufeff":
                self.at += 1
                continue
            token = self.token(each)
            if token is not None:
                self.last = token.text
                yield token
                yield from self.owed
                self.owed = ()

    def take(self, kind: Kind, text: str, end: int) -> Token:
        token = Token(kind, text, self.at, end)
        self.at = end
        return token

    def token(self, each: str) -> Token | None:
        if each in SUPERSCRIPTS:
            return self.superscript(each)
        if each == "𝟙":
            return self.word()
        if each.isdigit() or (each == "." and self.text[self.at + 1 : self.at + 2].isdigit()):
            return self.number()
        if each == "\\":
            return self.command()
        if each == "." and self.text[self.at + 1 : self.at + 2] in DOTTED:
            return self.take("operator", DOTTED[self.text[self.at + 1]], self.at + 2)
        if each == "." and not self.text.startswith("...", self.at):
            return self.method()
        if (
            each in "'\""
            and (quoted := QUOTED.match(self.text, self.at))
            and self.text[: self.at].rstrip()[-1:] in tuple("(,=")
        ):
            return self.take("text", quoted[2], quoted.end())
        if each in SIGNS:
            sign = SIGNS[each]
            return self.take("transpose" if sign == "transpose" else "operator", sign, self.at + 1)
        if each == "^":
            return self.caret()
        if each == "{" and (group := _group(self.text, self.at)) and self.text[group : group + 1] == "_":
            known = self.vocabulary.longest(self.text, self.at)
            if known and known.end > group:  # A name whose letter stands in braces: {W}_2.
                return self.known(known.name, known.end)
        if each in VULGAR:
            return self.take("number", VULGAR[each], self.at + 1)
        if each == "_" and self.last in CLOSED_BARS and (norm := NORM.match(self.text, self.at)):
            which = str(norm[norm.lastindex or 0])
            return self.take("subscript", "F" if which == "fro" else which, norm.end())
        if each == "_" and self.last in ("1", "𝟙") and self.text[self.at + 1 : self.at + 2] == "{":
            self.at += 1
            return self.token("{")
        if each.isalpha() or each in "∂∇_∆":
            return self.word()
        self.refuse_index()
        if assigns := ASSIGNS.match(self.text, self.at):
            return self.take("operator", "=", assigns.end())
        for operator in OPERATORS:
            if self.text.startswith(operator, self.at):
                return self.take("operator", operator, self.at + len(operator))
        name = unicodedata.name(each, f"U+{ord(each):04X}").lower()
        shown = f" “{each}”" if each.isprintable() else ""
        raise Unreadable(f"The character{shown} ({name}) is not part of a formula here.", (self.at, self.at + 1))

    def number(self) -> Token:
        found = NUMBER.match(self.text, self.at, self.end)
        if found is None:  # A digit of another script.
            raise Unreadable(
                f"Write numbers with the digits 0 to 9, not “{self.text[self.at]}”.", (self.at, self.at + 1)
            )
        digits, _, exponent = found[0].lower().partition("e")
        if len(digits) > DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > LARGEST_EXPONENT:
            raise Unreadable("This number is too large or too long to work with.", found.span())
        return self.take("number", found[0], found.end())

    def caret(self) -> Token:
        after = self.at + 1
        if prime := PRIME.match(self.text, after):
            return self.take("operator", "'", prime.end())
        if inverse := RAISED_MINUS_T.match(self.text, after):
            return self.take("transpose", "-T", inverse.end())
        raised = RAISED_T.match(self.text, after)
        if raised and not (raised[0].strip(" {}") == "T" and "T" in self.vocabulary.exact):
            return self.take("transpose", "^T", raised.end())
        if dagger := DAGGER.match(self.text, after):
            message = "† can mean a transpose or a pseudo-inverse; write X^T, or inv(X^T X) X^T."
            raise Unreadable(message, (self.at, dagger.end()))
        adjoint = RAISED_H.match(self.text, after)
        if adjoint and adjoint[0].strip(" {}") not in self.vocabulary.exact:
            return self.take("transpose", "^T", adjoint.end())
        small = RAISED_SMALL_T.match(self.text, after)
        if small and "t" not in self.vocabulary.exact:
            self.review = "A small t in a superscript was read as a transpose."
            return self.take("transpose", "^t", small.end())
        return self.take("operator", "^", after)

    def superscript(self, each: str) -> Token:
        if each in "ᵀᵗ":
            return self.take("transpose", each, self.at + 1)
        end = self.at
        while end < self.end and self.text[end] in RAISED:
            end += 1
        return self.take("raised", "".join(RAISED[digit] for digit in self.text[self.at : end]), end)

    def method(self) -> Token | None:
        found = METHOD.match(self.text, self.at, self.end)
        if found is None:
            raise Unreadable("There is a full stop here that belongs to nothing.", (self.at, self.at + 1))
        if found[1] in ("T", "mT", "H") or found[1] == "t":
            called = CALLED.match(self.text, found.end())
            if found[1] == "t" and not called:
                self.review = "A small t after a full stop was read as a transpose."
            return self.take("transpose", found[0], called.end() if called else found.end())
        if found[1] == "astype" and (behind := AS_FLOAT.match(self.text, found.end())):
            self.at = behind.end()
            return None
        return self.take("method", found[1], found.end())

    def command(self) -> Token | None:
        found = COMMAND.match(self.text, self.at, self.end)
        name = found[1] if found else ""
        if sided := SIDED.match(self.text, self.at, self.end):
            bar = sided[2] if len(sided[2]) == 1 else BARS[sided[2][1:]]
            return self.take("operator", f"{sided[1]}{bar}", sided.end())
        if found and name in BARS:
            return self.take("operator", BARS[name], found.end())
        if environment := ENVIRONMENT.match(self.text, self.at, self.end):
            return self.environment(environment)
        if rows := ROWS_END.match(self.text, self.at, self.end):
            return self.take("operator", ";", rows.end())
        if found and name in COMMANDS:
            return self.take("operator", COMMANDS[name], found.end())
        if found and name in ("frac", "dfrac", "tfrac", "cfrac"):
            return self.fraction(found.end())
        if found and name in ("binom", "dbinom", "tbinom"):
            return self.take("frac", "binomial", found.end())
        if found and name == "sqrt":
            return self.take("function", "sqrt", found.end())
        if found and name in ("top", "intercal"):
            return self.take("transpose", name, found.end())
        known = self.vocabulary.longest(self.text, self.at)
        if known:
            return self.known(known.name, known.end)
        if special := self.special():
            return special
        self.refuse_index()
        if text := TEXT.match(self.text, self.at, self.end):
            return self.take("text", text[1], text.end())
        upright = UPRIGHT.match(self.text, self.at, self.end)
        word = upright[1].replace("\\", "") if upright else ""
        if upright and (_function(word) or word in (*KEYWORDS, *WORDS, *ARRAYS)):
            return self.named(word, upright.end())
        if name == " " and self.text[self.at - 1].isspace() and self.text.count("\\") == 1:
            raise Unreadable("“\\” is not read here; write solve(A, b).", (self.at, self.at + 1))
        if found and (name in SPACES or name in ("mathrm", "operatorname", "text", "mathbf", "mathit")):
            self.at = found.end()
            return None
        if found and name.lower() in GREEK:
            letter = GREEK[name.lower()]
            return self.named(letter if name.islower() else letter.upper(), found.end())
        if found and name in (*SPELLINGS, *CONSTANTS):
            return self.named(name, found.end())
        raise Unreadable(f"The command “\\{name}” is not read here.", (self.at, found.end() if found else self.at + 1))

    def environment(self, found: re.Match[str]) -> Token:
        """The beginning or the end of a matrix; bars around it are a function that is applied to it."""
        end, begins = found.end(), "begin" in found.groups()
        around = AROUND.get(found[0].partition("{")[2].strip()[:1])
        if around and begins:
            self.owed = (Token("operator", "(", self.at, end), Token("operator", "⟦", self.at, end))
            return self.take("function", around, end)
        if around:
            self.owed = (Token("operator", ")", end, end),)
        return self.take("operator", "⟦" if begins else "⟧", end)

    def refuse_index(self) -> None:
        """Sums and integrals over a variable have no place here."""
        if (found := OVER_AN_INDEX.match(self.text, self.at)) and (
            found[0][0] != "\\" or self.text[found.end() :].lstrip()[:1] in tuple("_^")
        ):
            raise Unreadable(
                f"“{found[0]}” over an index is not read here; write sum(…), prod(…) or a product of matrices.",
                found.span(),
            )

    def fraction(self, after: int) -> Token:
        """A LaTeX fraction that spells one declared symbol, or else the beginning of a fraction."""
        if derivative := DERIVATIVE.match(self.text, after):
            raise Unreadable(
                "A derivative is not worked out here; write down what it comes to.",
                (self.at, derivative.end()),
            )
        top = _group(self.text, after)
        bottom = _group(self.text, top) if top else None
        if top and bottom:
            name = self.vocabulary.named(f"{self.text[after:top]}/{self.text[top:bottom]}")
            if name:
                return self.known(name, bottom)
        if digits := DIGITS_ABOVE.match(self.text, after):
            self.owed = tuple(Token("number", digits[each], *digits.span(each)) for each in (1, 2))
            return self.take("frac", "frac", digits.end())
        return self.take("frac", "frac", after)

    def known(self, name: str, end: int) -> Token:
        return self.take("defined" if name in self.vocabulary.definitions else "symbol", name, min(end, self.end))

    def special(self) -> Token | None:
        """An identity matrix, or a logarithm with its base."""
        if identity := IDENTITY.match(self.text, self.at, self.end):
            ones = "1" in identity[1] or "𝟙" in identity[1]
            return self.take("identity", "𝟙" if ones else identity[2] or identity[3] or "", identity.end())
        if logarithm := LOGARITHM.match(self.text, self.at, self.end):
            base = logarithm[1] or logarithm[2] or logarithm[3]
            return self.take("function", "log" if base == "e" else f"log{base}", logarithm.end())
        return None

    def word(self) -> Token:
        known = self.vocabulary.longest(self.text, self.at)
        if known is None and (prefix := PREFIX.match(self.text, self.at, self.end)):
            self.at = prefix.end()
            return self.word() if MODULE.match(self.text, self.at, self.end) else self.prefixed()
        if known:
            if self.at and TIMES.match(self.text, self.at) and self.text[self.at - 1] == " ":
                self.doubt = "The letter x may have been meant as a times sign."
            return self.known(known.name, known.end)
        if self.text[self.at] == "π":
            return self.take("constant", "pi", self.at + 1)
        if special := self.scripted() or self.special():
            return special
        if equals := EQUALS.match(self.text, self.at, self.end):
            return self.take("operator", "=", equals.end())
        found = WORD.match(self.text, self.at, self.end) or DUNDER.match(self.text, self.at, self.end)
        if found is None:
            raise Unreadable("This subscript belongs to no name of the question.", (self.at, self.at + 1))
        whole = (
            found[0] in SPELLINGS
            or found[0] in CONSTANTS
            or len(found[0]) > LONGEST_WORD
            or self.vocabulary.size(found[0])
        )
        return (None if whole else self.first_of(found)) or self.named(found[0], found.end())

    def prefixed(self) -> Token:
        """A name behind ``np.``: one that the table or Python has, never a symbol."""
        found = WORD.match(self.text, self.at, self.end)
        return self.named(found[0] if found else "", found.end() if found else self.at)

    def first_of(self, word: re.Match[str]) -> Token | None:
        """The first of the names, functions and numbers that make up a word, as in ``W_oW_sx``, ``xlogx``, ``λI``."""
        if first := self.vocabulary.glued(self.text, self.at, word.end()):
            if first.end - self.at == 1 and len(word[0]) > 2 and word[0].islower():
                self.doubt = f"“{word[0]}” was read as a product of single letters."
            return self.known(first.name, first.end)
        pieces = self.pieces(self.at, word.end())
        if not pieces:
            return None
        kind, name, end = pieces[0]
        if any(each[0] in ("function", "size") for each in pieces):
            self.doubt = self.doubt or f"“{word[0]}” was read as a product."
        return self.take(kind, name, end)

    def pieces(self, start: int, end: int) -> list[tuple[Kind, str, int]] | None:
        """Cut a word into names, sizes, well-known functions, ``e`` before a power and ``I``; None where that cannot be."""
        if start == end:
            return []
        options: list[tuple[Kind, str, int]] = []
        if known := self.vocabulary.longest(self.text, start, glued=True):
            kind: Kind = "defined" if known.name in self.vocabulary.definitions else "symbol"
            options.append((kind, known.name, known.end))
        if (glued := GLUED.match(self.text, start, end)) and self.text[glued.end() : glued.end() + 1] != "_":
            options.append(("function", SPELLINGS[glued[0]], glued.end()))
        if self.text[start] in self.vocabulary.sizes and self.text[start] != "d":  # dx is no product of a size.
            options.append(("size", self.text[start], start + 1))
        if self.text[start] == "e" and start + 1 == end and self.text[end : end + 1] == "^":
            options.append(("constant", "e", end))
        if digits := GLUED_DIGITS.match(self.text, start, end):
            options.append(("number", digits[0], digits.end()))
        if self.text[start] == "I" and not known:
            options.append(("identity", "", start + 1))
        for option in options:
            if option[2] <= end and (rest := self.pieces(option[2], end)) is not None:
                return [option, *rest]
        return None

    def scripted(self) -> Token | None:
        """A name with a transpose or a prime before its subscript, ``W^T_{sx}``: the name, and then the transpose."""
        found = SCRIPTED.match(self.text, self.at, self.end)
        name = self.vocabulary.named(found[1] + found[3]) if found else None
        if found is None or name is None:
            return None
        prime = found[2] in "'′’"
        self.owed = (Token("operator" if prime else "transpose", "'" if prime else "^T", found.end(), found.end()),)
        return self.known(name, found.end())

    def named(self, name: str, end: int) -> Token:
        if name == "choose" and self.text[end : end + 1] != "(":
            return self.take("operator", "choose", end)
        if name in ("C", "nCr") and self.text[end : end + 1] == "(":
            return self.take("function", "binomial", end)
        name = unicodedata.normalize("NFKC", name)
        if name in WORDS or (name in KEYWORDS and ASSIGNED.match(self.text, end)):
            return self.take("word", name, end)
        if size := self.vocabulary.size(name):
            return self.take("size", size, end)
        greek = name if name in SPELLINGS or self.text[end : end + 1] not in ("(", "'") else GREEK.get(name, name)
        if function := _function(greek):
            return self.take("function", function, end)
        if name in ARRAYS and self.text[end : end + 1] == "(":
            return self.take("function", name if name in ("block", "len") else "array", end)
        if name in CONSTANTS or name == "π":
            return self.take("constant", "pi" if name == "π" else name, end)
        quotient = QUOTIENT.match(self.text, self.at, self.end)
        raise unknown(name, (self.at, end), self.vocabulary, quotient[0] if quotient else None)


def _function(name: str) -> str | None:
    """Return the function of the table that a word spells."""
    return SPELLINGS.get(name) or (FOLDED_SPELLINGS.get(name.replace("_", "").casefold()) if name.isascii() else None)


def _group(text: str, at: int) -> int | None:
    """Return the end of the brace group that begins at or after ``at``, if it is as short as a name."""
    while text[at : at + 1].isspace():
        at += 1
    if text[at : at + 1] != "{" or text.find("}", at, at + LONGEST_NAME) < 0:
        return None
    depth = 0
    for index in range(at, min(at + LONGEST_NAME, len(text))):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return index + 1
    return None


def exact(digits: str) -> Fraction:
    """Return the number that a token's digits say: 0.1 is one tenth."""
    return Fraction(digits.removesuffix("."))
