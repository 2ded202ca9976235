"""Kind ``word``: an answer is one of a few accepted words, however it is spelt, spaced and dressed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Annotated, Literal

from pydantic import Field

from grader.core.errors import Unreadable
from grader.core.submission import Written
from grader.core.verdict import Verdict
from grader.kinds.base.context import AuthorMistake, Context
from grader.kinds.base.prepared import Prepared, SurvivingMutation
from grader.kinds.base.public import Preview, Public, single_text
from grader.kinds.base.spec import Spec

LONGEST = 500
OTHER_WORDS = 6
NEAR = 0.75
RIVAL = 0.85
HOW = "Write one word or name."
DRESSING = re.compile(r"\\(?:text|mathrm|operatorname|textbf|mathbf|textit)\b|[${}\\]")
ARGUMENT = re.compile(r"(?<=\w)\s*\([^()]*\)\s*$")
SMALL = frozenset(
    (
        "a an the of over on to for with in it is its be s function activation layer so i think would "
        "use we should answer use using apply applying choose a output outputs and"
    ).split()
)
NEGATION = re.compile(
    r"\b(?:not|no|never|instead of|rather than|except|but|without|wrong|incorrect|could|might|maybe|perhaps|possibly)\b|n['’]t\b",
    re.IGNORECASE,
)
WRONG = "This is not the word that is asked."

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class WordSpec(Spec):
    """A word. ``kind: word``, ``accept: [softmax]``; ``candidates`` are other words that an answer may name.

    ``ambiguous`` are spellings that a person must judge, each with the reason.
    """

    kind: Literal["word"] = "word"
    accept: Words = Field(description="Accepted words; the first is shown as the key.")
    candidates: tuple[str, ...] = ()
    ambiguous: Mapping[str, str] = Field(default_factory=dict)
    misspelt: Literal["review", "accept"] = "review"

    def prepare(self, context: Context) -> Prepared[Answer]:
        """Fold every word that may be met."""
        return _Word(self)

    def public(self, context: Context) -> Public:
        """Return how to answer."""
        return WordPublic(kind=self.kind, how=HOW, label=self.label)


class WordPublic(Public):
    """How to answer."""

    def read_back(self, written: Written) -> Preview:
        """Return the words as they are read."""
        return Preview(read_as=read(written).shown)


@dataclass(frozen=True)
class Answer:
    """What was written, tidied for showing, and folded into plain words."""

    shown: str
    words: tuple[str, ...]
    sure: bool = True


def read(written: Written) -> Answer:
    """Strip quotes, LaTeX dressing, an argument and punctuation; Unreadable if no letter is left."""
    text = unicodedata.normalize("NFKC", single_text(written)[: LONGEST + 1])
    if len(text) > LONGEST:
        raise Unreadable(f"This answer has more than {LONGEST} characters. {HOW}")
    shown = " ".join(DRESSING.sub(" ", text).split()).strip(" .,;:!\"'`“”‘’„«»[]")
    bare = ARGUMENT.sub("", shown.rpartition("=")[2] or shown)
    words = tuple(re.findall(r"[^\W_]+", bare.casefold()))
    if not any(each.isalpha() for each in "".join(words)):
        raise Unreadable(f"There is no word in this answer. {HOW}")
    return Answer(shown, words, sure="?" not in text)


class _Word:
    """One word blank, ready to grade."""

    def __init__(self, spec: WordSpec) -> None:
        self.spec = spec
        self.accepted = {folded(word) for word in spec.accept}
        self.ambiguous = {folded(word): why for word, why in spec.ambiguous.items()}
        foreseen = [answer for mistake in spec.mistakes for answer in mistake.answers]
        self.others = {folded(word) for word in (*spec.candidates, *foreseen)} - self.accepted
        self.known = self.accepted | self.others
        for index, mistake in enumerate(spec.mistakes):
            if any(folded(answer) in self.accepted for answer in mistake.answers):
                raise AuthorMistake("this is no mistake: it is accepted", ("mistakes", index, "answer"))

    def read(self, written: Written) -> Answer:
        """Read the words."""
        return read(written)

    def check(self, answer: Answer) -> Verdict:
        """Correct when exactly one accepted word is named and no other candidate; doubts go to a person."""
        whole = "".join(answer.words)
        if unclear := next((word for word in (whole, *answer.words) if word in self.ambiguous), None):
            return Verdict.incorrect(answer.shown, WRONG, (), self.ambiguous[unclear])
        found = [(0, whole)] if whole in self.known else self._found(answer.words)
        named = {word for _, word in found}
        right, wrong = named & self.accepted, named - self.accepted
        if found and (doubt := self._doubt(answer, whole, found[0][0])):
            return Verdict.incorrect(answer.shown, WRONG, (), doubt)
        if (right and wrong) or len(right) > 1 or (wrong and not self._one_mistake(wrong)):
            return Verdict.incorrect(
                answer.shown, WRONG, (), "This answer names more than one of the words to choose from."
            )
        if right:
            return self._accepted(answer)
        if wrong:
            return self._foreseen(answer, next(iter(wrong)))
        return self._unknown(answer, whole)

    def _found(self, words: tuple[str, ...]) -> list[tuple[int, str]]:
        """Return the known words that occur, each with where it begins.

        The longest counts where one holds another ("leaky relu" is no "relu"), and so does one in pieces ("soft max").
        """
        found: list[tuple[int, str]] = []
        at = 0
        while at < len(words):
            for length in (3, 2, 1):
                glued = "".join(words[at : at + length])
                hit = next((each for each in (glued, glued.removesuffix("function")) if each in self.known), None)
                if hit:
                    found.append((at, hit))
                    at += length - 1
                    break
            at += 1
        return found

    def _one_mistake(self, wrong: set[str]) -> bool:
        """Whether the words are one, or names of one and the same foreseen mistake ("logistic sigmoid")."""
        same = ({folded(answer) for answer in mistake.answers} for mistake in self.spec.mistakes)
        return len(wrong) == 1 or any(wrong <= answers for answers in same)

    def _accepted(self, answer: Answer) -> Verdict:
        if len(self._rest(answer.words)) > OTHER_WORDS:
            return Verdict.correct(answer.shown, review="There is more here than a word.")
        return Verdict.correct(answer.shown)

    def _doubt(self, answer: Answer, whole: str, first: int) -> str | None:
        """Why a person should judge an answer that names a known word, right or wrong: the same for both."""
        if not answer.sure:
            return "There is a question mark in this answer."
        if whole in self.known:
            return None
        if NEGATION.search(answer.shown):
            return "A word of doubt or denial stands beside it, such as “not”, “but” or “maybe”."
        if re.search(r"\bor\b", answer.shown, re.IGNORECASE):
            return "There is an “or” in this answer."
        if any(self._rival(word) for word in answer.words):
            return "Another word here may be a misspelt one."
        if first and answer.words[first - 1] not in SMALL:  # As in "log softmax".
            return "Another word stands right before the known one."
        return None

    def _slip(self, word: str) -> bool:
        """Whether a misspelling is a slip of the pen: it begins like an accepted word and is about as long."""
        return any(word[:1] == each[:1] and abs(len(word) - len(each)) <= 2 for each in self.accepted)

    def _rival(self, word: str) -> bool:
        """Whether a word is none that is known, but is spelt much like one."""
        return len(word) > 3 and word not in self.known | SMALL and 1 > nearness(word, self.known) >= RIVAL

    def _rest(self, words: tuple[str, ...]) -> list[str]:
        return [word for word in words if word not in SMALL and word not in self.accepted]

    def _foreseen(self, answer: Answer, word: str) -> Verdict:
        review = "There is more here than a word." if len(self._rest(answer.words)) > OTHER_WORDS else None
        for mistake in self.spec.mistakes:
            if word in {folded(each) for each in mistake.answers}:
                verdict = mistake.verdict(answer.shown, WRONG)
                return verdict.reviewed(review) if review else verdict
        return Verdict.incorrect(answer.shown, WRONG, (), review)

    def _unknown(self, answer: Answer, whole: str) -> Verdict:
        likeness, other = nearness(whole, self.accepted), nearness(whole, self.others)
        if self.spec.misspelt == "accept" and likeness >= NEAR and likeness > other and self._slip(whole):
            return Verdict.correct(answer.shown, "The spelling is not quite right.")
        if max(likeness, other) >= NEAR:  # The same words for near misses of wrong answers: nothing leaks.
            return Verdict.incorrect(answer.shown, WRONG, (), "This word may be misspelt.")
        if not whole.isascii():
            return Verdict.incorrect(answer.shown, WRONG, (), "This is in letters that are not read here.")
        if len(self._rest(answer.words)) > 1:
            return Verdict.incorrect(
                answer.shown, WRONG, (), "There are several words here, and none of them is known."
            )
        return Verdict.incorrect(answer.shown, WRONG)

    def official_answers(self) -> list[Written]:
        """Return every accepted word."""
        return list(self.spec.accept)

    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Return the other candidates that are spelt so alike that they are taken for an accepted word."""
        judged = ((word, self.check(self.read(word))) for word in self.spec.candidates)
        return [
            SurvivingMutation(word, "another candidate", "it is taken for an accepted word")
            for word, verdict in judged
            if verdict.outcome == "correct"
        ]

    def key(self) -> str:
        """Return the first accepted word."""
        return self.spec.accept[0]


def folded(word: str) -> str:
    """Reduce a word to its letters and digits, without regard to case, spaces and hyphens."""
    return "".join(re.findall(r"[^\W_]+", word.casefold()))


def nearness(word: str, known: Iterable[str]) -> float:
    """Return how alike the spelling of a word is to the nearest known one, from 0 to 1."""
    return max((SequenceMatcher(None, word[:60], each).ratio() for each in known), default=0.0)
