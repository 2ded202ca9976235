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
from grader.core.text_limits import check_length
from grader.core.verdict import Verdict
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.base.prepared import Prepared, SurvivingMutation
from grader.kinds.base.public import Preview, Public, single_text
from grader.kinds.base.spec import Spec

MAX_ANSWER_CHARACTERS = 500
MAX_OTHER_WORDS = 6
"""Words beside the accepted one; with more of them a person looks."""
MISSPELT_LIKENESS = 0.75
"""From this likeness on, a word may be a misspelling of one that is listed."""
RIVAL_LIKENESS = 0.85
"""From this likeness on, a word beside a listed one may be a misspelling of another."""
MAX_COMPARED_CHARACTERS = 60
INSTRUCTIONS = "Write one word or name."
LATEX_MARKUP = re.compile(r"\\(?:text|mathrm|operatorname|textbf|mathbf|textit)\b|[${}\\]")
ARGUMENT = re.compile(r"(?<=\w)\s*\([^()]*\)\s*$")
FILLER_WORDS = frozenset(
    (
        "a an the of over on to for with in it is its be s function activation layer so i think would "
        "use we should answer use using apply applying choose a output outputs and"
    ).split()
)
DOUBT_OR_DENIAL = re.compile(
    r"\b(?:not|no|never|instead of|rather than|except|but|without|wrong|incorrect|could|might|maybe|perhaps|possibly)\b|n['’]t\b",
    re.IGNORECASE,
)
WRONG_WORD = "That is not the expected word."

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
        """Fold every word that an answer may name."""
        return PreparedWord(self)

    def public(self, context: Context) -> Public:
        """Return how to answer."""
        return WordPublic(kind=self.kind, instructions=INSTRUCTIONS, label=self.label)


class WordPublic(Public):
    """How to answer."""

    def read_back(self, written: Written) -> Preview:
        """Return the words as they are read."""
        return Preview(read_as=read_words(written).text)


@dataclass(frozen=True)
class Answer:
    """What was written, as a tidy ``text`` to show and as ``words`` in lower case; ``is_sure`` where no question mark stands."""

    text: str
    words: tuple[str, ...]
    is_sure: bool = True


def read_words(written: Written) -> Answer:
    """Strip quotes, LaTeX, an argument and punctuation; raises Unreadable if no letter is left."""
    text = single_text(written, MAX_ANSWER_CHARACTERS, INSTRUCTIONS)
    # NFKC may make one character eighteen.
    normal = check_length(unicodedata.normalize("NFKC", text), MAX_ANSWER_CHARACTERS, INSTRUCTIONS)
    text = " ".join(LATEX_MARKUP.sub(" ", normal).split()).strip(" .,;:!\"'`“”‘’„«»[]")
    name = ARGUMENT.sub("", text.rpartition("=")[2] or text)
    words = tuple(re.findall(r"[^\W_]+", name.casefold()))
    if not any(character.isalpha() for character in "".join(words)):
        raise Unreadable(f"There is no word in this answer. {INSTRUCTIONS}")
    return Answer(text, words, is_sure="?" not in normal)


class PreparedWord:
    """One word blank, ready to grade; ``listed`` are all words that it knows, right and wrong, folded."""

    def __init__(self, spec: WordSpec) -> None:
        self.spec = spec
        self.accepted = {fold(word) for word in spec.accept}
        self.ambiguous = {fold(word): why for word, why in spec.ambiguous.items()}
        anticipated = [answer for mistake in spec.mistakes for answer in mistake.answers]
        self.others = {fold(word) for word in (*spec.candidates, *anticipated)} - self.accepted
        self.listed = self.accepted | self.others
        for index, mistake in enumerate(spec.mistakes):
            if any(fold(answer) in self.accepted for answer in mistake.answers):
                raise BlankSpecError("this is no mistake: it is accepted", ("mistakes", index, "answer"))

    def read(self, written: Written) -> Answer:
        """Read the words."""
        return read_words(written)

    def check(self, answer: Answer) -> Verdict:
        """Compare with the listed words: right if exactly one accepted word is named and no other; doubts go to a person."""
        whole = "".join(answer.words)
        if ambiguous := next((word for word in (whole, *answer.words) if word in self.ambiguous), None):
            return Verdict.incorrect(answer.text, WRONG_WORD, (), self.ambiguous[ambiguous])
        occurrences = [(0, whole)] if whole in self.listed else self._find_listed(answer.words)
        named = {word for _, word in occurrences}
        right, wrong = named & self.accepted, named - self.accepted
        if occurrences and (doubt := self._doubt(answer, whole, occurrences[0][0])):
            return Verdict.incorrect(answer.text, WRONG_WORD, (), doubt)
        if (right and wrong) or len(right) > 1 or (wrong and not self._is_one_mistake(wrong)):
            return Verdict.incorrect(
                answer.text, WRONG_WORD, (), "This answer names more than one of the words to choose from."
            )
        if right:
            return Verdict.correct(answer.text, review=self._too_many_words(answer))
        if wrong:
            return self._wrong_verdict(answer, next(iter(wrong)))
        return self._unlisted_verdict(answer, whole)

    def _find_listed(self, words: tuple[str, ...]) -> list[tuple[int, str]]:
        """Return the listed words that occur, each with the index at which it begins.

        The longest counts where one holds another ("leaky relu" is not "relu"), and so does one in pieces ("soft max").
        """
        occurrences: list[tuple[int, str]] = []
        index = 0
        while index < len(words):
            for length in (3, 2, 1):
                joined = "".join(words[index : index + length])
                spellings = (joined, joined.removesuffix("function"))
                listed = next((word for word in spellings if word in self.listed), None)
                if listed:
                    occurrences.append((index, listed))
                    index += length - 1
                    break
            index += 1
        return occurrences

    def _is_one_mistake(self, wrong: set[str]) -> bool:
        """True if the words are one, or names of one and the same anticipated mistake ("logistic sigmoid")."""
        names = ({fold(answer) for answer in mistake.answers} for mistake in self.spec.mistakes)
        return len(wrong) == 1 or any(wrong <= answers for answers in names)

    def _doubt(self, answer: Answer, whole: str, first: int) -> str | None:
        """Return why a person should judge an answer that names a listed word: the same for right and wrong ones.

        ``first`` is the index of the word at which the first listed one begins.
        """
        if not answer.is_sure:
            return "There is a question mark in this answer."
        if whole in self.listed:
            return None
        if DOUBT_OR_DENIAL.search(answer.text):
            return "A word of doubt or denial stands beside it, such as “not”, “but” or “maybe”."
        if re.search(r"\bor\b", answer.text, re.IGNORECASE):
            return "There is an “or” in this answer."
        if any(self._is_rival(word) for word in answer.words):
            return "Another word here may be a misspelt one."
        if first and answer.words[first - 1] not in FILLER_WORDS:  # As in "log softmax".
            return "Another word stands right before the known one."
        return None

    def _is_slip(self, word: str) -> bool:
        """True if a misspelling is a slip of the pen: it begins like an accepted word and is about as long."""
        return any(word[:1] == accepted[:1] and abs(len(word) - len(accepted)) <= 2 for accepted in self.accepted)

    def _is_rival(self, word: str) -> bool:
        """True if a word is not listed, but is spelt much like one that is."""
        return (
            len(word) > 3
            and word not in self.listed | FILLER_WORDS
            and 1 > likeness(word, self.listed) >= RIVAL_LIKENESS
        )

    def _other_words(self, words: tuple[str, ...]) -> list[str]:
        return [word for word in words if word not in FILLER_WORDS and word not in self.accepted]

    def _too_many_words(self, answer: Answer) -> str | None:
        """Return why a person should look at an answer that says more than a word."""
        return "There is more here than a word." if len(self._other_words(answer.words)) > MAX_OTHER_WORDS else None

    def _wrong_verdict(self, answer: Answer, word: str) -> Verdict:
        review = self._too_many_words(answer)
        for mistake in self.spec.mistakes:
            if word in {fold(wrong) for wrong in mistake.answers}:
                verdict = mistake.verdict(answer.text, WRONG_WORD)
                return verdict.reviewed(review) if review else verdict
        return Verdict.incorrect(answer.text, WRONG_WORD, (), review)

    def _unlisted_verdict(self, answer: Answer, whole: str) -> Verdict:
        """Return the verdict on an answer that names no listed word: a person looks where it may be misspelt."""
        right, wrong = likeness(whole, self.accepted), likeness(whole, self.others)
        if self.spec.misspelt == "accept" and right >= MISSPELT_LIKENESS and right > wrong and self._is_slip(whole):
            return Verdict.correct(answer.text, "The spelling is not quite right.")
        # The same words for near misses of right and wrong answers: they must not tell which it was.
        if max(right, wrong) >= MISSPELT_LIKENESS:
            return Verdict.incorrect(answer.text, WRONG_WORD, (), "This word may be misspelt.")
        if not whole.isascii():
            return Verdict.incorrect(answer.text, WRONG_WORD, (), "This is in letters that are not read here.")
        if len(self._other_words(answer.words)) > 1:
            return Verdict.incorrect(
                answer.text, WRONG_WORD, (), "There are several words here, and none of them is known."
            )
        return Verdict.incorrect(answer.text, WRONG_WORD)

    def official_answers(self) -> list[Written]:
        """Return every accepted word."""
        return list(self.spec.accept)

    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Return the other candidates that are spelt so alike that they are taken for an accepted word."""
        verdicts = ((word, self.check(self.read(word))) for word in self.spec.candidates)
        return [
            SurvivingMutation(word, "another candidate", "it is taken for an accepted word")
            for word, verdict in verdicts
            if verdict.outcome == "correct"
        ]

    def key(self) -> str:
        """Return the first accepted word."""
        return self.spec.accept[0]


def fold(word: str) -> str:
    """Reduce a word to its letters and digits, without regard to case, spaces and hyphens."""
    return "".join(re.findall(r"[^\W_]+", word.casefold()))


def likeness(word: str, listed: Iterable[str]) -> float:
    """Return how alike the spelling of a word is to that of the nearest listed one, from 0 to 1."""
    ratios = (SequenceMatcher(None, word[:MAX_COMPARED_CHARACTERS], other).ratio() for other in listed)
    return max(ratios, default=0.0)
