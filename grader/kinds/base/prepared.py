"""``Prepared``, a blank ready to grade, and two protocols that it may fulfil besides: ``SelfChecking`` and ``RunsCode``."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from grader.core.submission import Written
from grader.core.verdict import Verdict
from grader.kinds.base.claims import OptionClaim

A = TypeVar("A")


@dataclass(frozen=True)
class Statement:
    """What an option says of the model, if that was written down, and whether the key calls it true."""

    holds: OptionClaim | None
    true: bool


class Prepared(Protocol[A]):
    """A blank ready to grade; ``A`` is the kind's own value of an answer that was read.

    It lives in one process and is never pickled. It has no state that answers change, so threads may share it.
    """

    @abstractmethod
    def read(self, written: Written) -> A:
        """Return the answer as it is read; raises Unreadable. Never called with an empty answer."""

    @abstractmethod
    def check(self, answer: A) -> Verdict:
        """Return the verdict, the same for the same answer.

        Raises:
            Unreadable: what shows only when the answer is worked out, such as a program that does not load.
            Fault: the grader failed, which says nothing of the answer.
        """

    @abstractmethod
    def key(self) -> str:
        """Return the official answer as Markdown with LaTeX, for readers who may know it."""


@dataclass(frozen=True)
class SurvivingMutation:
    """A wrong way to an answer that is accepted all the same: ``answer`` as it would be written, the slip, and why.

    ``equivalent`` says that the two are equal everywhere: then it is no wrong answer at all.
    """

    answer: str
    mutation: str
    why: str
    equivalent: bool = False


@runtime_checkable
class SelfChecking(Protocol):
    """A prepared blank that ``grader check`` can question further; found by ``isinstance``, so the names must match."""

    @abstractmethod
    def official_answers(self) -> list[Written]:
        """Return every key as a student would write it; each must earn full credit."""

    @abstractmethod
    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Return the answers with one slip in them that are accepted."""


@runtime_checkable
class RunsCode(Protocol):
    """A prepared blank whose answers may be programs: those are best judged several at a time; found by ``isinstance``."""

    @abstractmethod
    def runs_code(self, written: Written) -> bool:
        """True if judging this answer runs a program; must not read it any closer."""
