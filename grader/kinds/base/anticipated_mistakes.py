"""Mistakes that the author anticipated: the answers that show them, what is said of them, and the credit they earn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field

from grader.core.errors import Unreadable
from grader.core.points import Credit
from grader.core.verdict import NONE, Finding, Mistake, Verdict
from grader.kinds.base.context import BlankSpecError
from grader.kinds.base.frozen import FrozenModel, numbers_as_text

V = TypeVar("V")


class AnticipatedMistake(FrozenModel):
    """A mistake that the author anticipates: answers that show it, what to say about it, and perhaps partial credit.

    ``hint`` may be shown before the key is released; ``says`` only with it. Without an ``answer`` these are the words, and
    this the credit, for every answer in which a mistake of this name is recognised.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")
    answer: Annotated[str | tuple[str, ...], BeforeValidator(numbers_as_text)] = ()
    credit: Credit = NONE
    hint: str = ""
    says: str = ""

    @property
    def answers(self) -> tuple[str, ...]:
        """The answers that show this mistake."""
        return (self.answer,) if isinstance(self.answer, str) else self.answer

    def verdict(
        self, read_as: str, reason: str, findings: tuple[Finding, ...] = (), earned: Fraction = NONE
    ) -> Verdict:
        """Return the verdict on an answer that shows this mistake, and has ``earned`` credit besides."""
        mistake = Mistake(id=self.id, sentence=self.says, hint=self.hint)
        return Verdict.partial(max(earned, self.credit), read_as, reason, (mistake, *findings))


def read_anticipated(
    mistakes: Iterable[AnticipatedMistake], read: Callable[[str], V], is_key: Callable[[V], bool]
) -> list[tuple[AnticipatedMistake, list[V]]]:
    """Return every mistake with its answers as they are read.

    Raises:
        BlankSpecError: an answer cannot be read, or is right.
    """
    anticipated = []
    for index, mistake in enumerate(mistakes):
        try:
            values = [read(text) for text in mistake.answers]
        except Unreadable as error:
            raise BlankSpecError(error.message, ("mistakes", index, "answer")) from error
        if any(is_key(value) for value in values):
            raise BlankSpecError("this is no mistake: it is accepted", ("mistakes", index, "answer"))
        anticipated.append((mistake, values))
    return anticipated
