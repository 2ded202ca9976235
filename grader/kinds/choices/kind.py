"""Kind ``choices`` (multiple choice): an answer is a set of options, "none" included, scored by a policy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, model_validator

from grader.core.errors import Unreadable, nearest
from grader.core.submission import Written
from grader.core.text_limits import check_length
from grader.core.verdict import Finding, Mistake, Options, Verdict
from grader.kinds.base import mistake_messages
from grader.kinds.base.anticipated_mistakes import read_anticipated
from grader.kinds.base.claims import OptionClaim
from grader.kinds.base.context import Context
from grader.kinds.base.frozen import FrozenModel
from grader.kinds.base.prepared import Prepared, Statement, SurvivingMutation
from grader.kinds.base.public import Option, Preview, Public
from grader.kinds.base.spec import Spec
from grader.kinds.choices.scoring import Policy, arithmetic, credit

MAX_ANSWER_CHARACTERS = 2_000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NONE_OF_THEM = re.compile(r"none(?: of (?:these|them|the above))?|nothing|\[\]|\{\}|∅", re.IGNORECASE)
ALL_OF_THEM = re.compile(r"all(?: of (?:these|them|the above|the options))?|all options|everything", re.IGNORECASE)
SEPARATORS = re.compile(r"\s*(?:[,;/&+|\n]|\band\b|\s)\s*")
SURROUNDING_CHARACTERS = " \t\r\n.()[]{}'\"`“”‘’"
WRONG_OPTIONS = "Those are not exactly the options that are true."
INSTRUCTIONS = "Tick the options, or write their letters, such as A, C; write “none” for none of them."


class OptionSpec(FrozenModel):
    """One option: what it says, whether it is true, and for readers of the key why."""

    says: str
    correct: bool
    why: str = ""
    weight: Fraction | None = Field(default=None, description="With scoring: weights; may be negative.")
    holds: OptionClaim | None = Field(
        default=None, description="The statement about the model that makes the option true."
    )


class ChoicesSpec(Spec):
    """Options to tick. ``kind: choices``, ``options: {id: {says: …, correct: true}}``, ``scoring: balanced``."""

    kind: Literal["choices"] = "choices"
    options: Annotated[
        Mapping[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")], OptionSpec],
        Field(min_length=1, max_length=26),
    ]
    scoring: Policy = "all-or-nothing"

    @model_validator(mode="after")
    def _names_are_distinct(self) -> ChoicesSpec:
        folded: dict[str, str] = {}
        for index, id_ in enumerate(self.options):
            if other := folded.get(id_.casefold()):
                raise ValueError(f"the options {other!r} and {id_!r} are one name to a student")
            folded[id_.casefold()] = id_
            if len(id_) == 1 and id_.upper() in LETTERS[: len(self.options)] and LETTERS.index(id_.upper()) != index:
                raise ValueError(f"the option {id_!r} has the letter of another option")
            if id_.casefold() == "and":
                raise ValueError("an option cannot be called 'and'")
        return self

    @model_validator(mode="after")
    def _weights_fit_the_scoring(self) -> ChoicesSpec:
        weighted = [option for option in self.options.values() if option.weight is not None]
        if self.scoring == "weights" and len(weighted) != len(self.options):
            raise ValueError("with scoring: weights every option needs a weight")
        true = [option.weight or 0 for option in self.options.values() if option.correct]
        if self.scoring == "weights" and true and sum(true) < 1:
            raise ValueError("the weights of the true options must add up to 1 at least")
        if self.scoring != "weights" and weighted:
            raise ValueError("an option has a weight only with scoring: weights")
        return self

    @property
    def statements(self) -> Mapping[str, Statement]:
        """The options with what their truth follows from."""
        return {id_: Statement(option.holds, option.correct) for id_, option in self.options.items()}

    def prepare(self, context: Context) -> Prepared[Answer]:
        """Read the anticipated mistakes."""
        return PreparedChoices(self)

    def public(self, context: Context) -> Public:
        """Return the options with their letters, not which are true."""
        options = tuple(
            Option(id=id_, letter=letter, says=option.says)
            for letter, (id_, option) in zip(LETTERS, self.options.items(), strict=False)
        )
        return ChoicesPublic(kind=self.kind, instructions=INSTRUCTIONS, label=self.label, options=options)


class ChoicesPublic(Public):
    """The options, and how they are named in an answer."""

    def read_back(self, written: Written) -> Preview:
        """Return the letters of the options that are named."""
        reader = ChoicesReader([option.id for option in self.options])
        return Preview(read_as=reader.letters_of(reader.read(written).chosen))


@dataclass(frozen=True)
class Answer:
    """The ids of the chosen options, and why a person should look at the reading, if at all."""

    chosen: frozenset[str]
    review: str | None = None


class ChoicesReader:
    """Reads sets of options, by their ids or by the letters that follow from their order."""

    def __init__(self, order: Iterable[str]) -> None:
        self.order = tuple(order)
        self.letters = dict(zip(LETTERS, self.order, strict=False))
        self.ids = {id_.casefold(): id_ for id_ in self.order}

    def read(self, written: Written) -> Answer:
        """Read ids, letters, ``all`` and ``none``, as a list or as a text."""
        check_length(written if isinstance(written, str) else "".join(written), MAX_ANSWER_CHARACTERS, INSTRUCTIONS)
        if isinstance(written, str):
            listed = _json_list(written)
            if listed is None:
                return self._text(written.strip().strip(SURROUNDING_CHARACTERS) or written.strip())
            written = listed
        if len(written) == 1 and written[0].casefold() not in self.ids:
            return self._text(written[0].strip().strip(SURROUNDING_CHARACTERS) or written[0].strip())
        return self._words([word.strip(SURROUNDING_CHARACTERS) for word in written], listed=True)

    def _text(self, text: str) -> Answer:
        if NONE_OF_THEM.fullmatch(text) and text.casefold() not in self.ids:
            return Answer(frozenset())
        if ALL_OF_THEM.fullmatch(text) and text.casefold() not in self.ids:
            return Answer(frozenset(self.order))
        letters = text.upper()
        if (
            letters.isalpha()
            and len(letters) > 1
            and text.casefold() not in self.ids
            and set(letters) <= set(self.letters)
        ):
            return Answer(frozenset(self.letters[letter] for letter in letters))
        return self._words([word.strip(SURROUNDING_CHARACTERS) for word in SEPARATORS.split(text)], listed=False)

    def _words(self, words: list[str], listed: bool) -> Answer:
        chosen: set[str] = set()
        review = None
        words = [word for word in words if word]
        if not words and not listed:
            raise Unreadable(f"This names no option. {INSTRUCTIONS}")
        for word in words:
            if ALL_OF_THEM.fullmatch(word) and word.casefold() not in self.ids:
                review = (
                    f"“{word}” beside other options may mean one option or every option." if len(words) > 1 else None
                )
                chosen.update(self.order if len(words) == 1 else ())
            elif NONE_OF_THEM.fullmatch(word) and word.casefold() not in self.ids:
                review = f"“{word}” stands beside other options." if len(words) > 1 else None
            else:
                chosen.add(self._option(word))
        return Answer(frozenset(chosen), review)

    def _option(self, word: str) -> str:
        if word.casefold() in self.ids:
            return self.ids[word.casefold()]
        if word.upper() in self.letters:
            return self.letters[word.upper()]
        last = LETTERS[len(self.order) - 1]
        similar = nearest(word, self.order) if len(word) > 1 else None
        hint = f" Did you mean “{similar}”?" if similar else ""
        options = "the only option is A" if last == "A" else f"the options are A to {last}"
        raise Unreadable(f"There is no option “{word[:40]}”; {options}.{hint}")

    def letters_of(self, chosen: frozenset[str]) -> str:
        """Write a set of options by their letters."""
        return ", ".join(letter for letter, id_ in self.letters.items() if id_ in chosen) or "none"


class PreparedChoices(ChoicesReader):
    """One set of options, ready to grade."""

    def __init__(self, spec: ChoicesSpec) -> None:
        super().__init__(spec.options)
        self.spec = spec
        self.true = frozenset(id_ for id_, option in spec.options.items() if option.correct)
        self.mistakes = read_anticipated(spec.mistakes, lambda text: self.read(text).chosen, self.true.__eq__)

    def check(self, answer: Answer) -> Verdict:
        """Score the set by the policy; an anticipated mistake is named besides, and may add to the credit."""
        read_as = self.letters_of(answer.chosen)
        if answer.review:
            return Verdict.incorrect(read_as, "This answer can be read in more than one way.", (), answer.review)
        weights = {id_: option.weight or Fraction(0) for id_, option in self.spec.options.items()}
        earned = credit(self.spec.scoring, self.true, answer.chosen, self.order, weights)
        if answer.chosen == self.true and earned == 1:
            return Verdict.correct(read_as, "", (self._finding(answer.chosen),))
        findings: tuple[Finding, ...] = (self._finding(answer.chosen),)
        for mistake, sets in self.mistakes:
            if answer.chosen in sets:
                return mistake.verdict(read_as, WRONG_OPTIONS, findings, earned)
        verdict = self.spec.incorrect_verdict(self._recognize(answer.chosen), read_as, WRONG_OPTIONS, findings)
        return Verdict.partial(max(earned, verdict.credit or Fraction(0)), read_as, WRONG_OPTIONS, verdict.findings)

    def _recognize(self, chosen: frozenset[str]) -> Mistake | None:
        missing, extra = self.true - chosen, chosen - self.true
        if chosen and missing == self.true and not set(self.order) - self.true - chosen:
            return mistake_messages.mistake_message("choices", "opposite-options")
        if len(missing) == 1 and not extra:
            return mistake_messages.mistake_message("choices", "missed-option", self.letters_of(missing))
        if len(extra) == 1 and not missing:
            return mistake_messages.mistake_message("choices", "extra-option", self.letters_of(extra))
        return None

    def _finding(self, chosen: frozenset[str]) -> Options:
        in_order = [id_ for id_ in self.order if id_ in chosen]
        missing = [id_ for id_ in self.order if id_ in self.true - chosen]
        extra = [id_ for id_ in self.order if id_ in chosen - self.true]
        sentences = [self._sentence("is true and was not chosen", id_) for id_ in missing]
        sentences += [self._sentence("was chosen and is not true", id_) for id_ in extra]
        calculation = arithmetic(self.spec.scoring, self.true, chosen, self.order)
        return Options(tuple(in_order), tuple(missing), tuple(extra), calculation, " ".join(sentences))

    def _sentence(self, what: str, id_: str) -> str:
        option = self.spec.options[id_]
        letter = LETTERS[self.order.index(id_)]
        return f"{letter} {what}.{' ' + option.why if option.why else ''}"

    def official_answers(self) -> list[Written]:
        """Return the letters of the true options."""
        return [self.key()]

    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Every other set is another answer: nothing survives."""
        return []

    def key(self) -> str:
        """Return the letters of the true options."""
        return self.letters_of(self.true)


def _json_list(text: str) -> tuple[str, ...] | None:
    """Return the texts of a list such as ``["wox", "wssx"]`` typed as text."""
    stripped = text.strip()
    if not (stripped.startswith("[") and stripped.endswith("]")):
        return None
    try:
        data = json.loads(stripped.replace("'", '"'))
    except (ValueError, RecursionError):
        return None
    return tuple(data) if isinstance(data, list) and all(isinstance(item, str) for item in data) else None
