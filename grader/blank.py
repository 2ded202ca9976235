"""The contract of an answer kind: what the author wrote, what is ready to grade, what may be known outside.

A kind is one module of ``grader.kinds``: a ``Spec`` that an author fills in, which prepares a ``Prepared`` that reads
and checks answers. Kinds speak data; who, where and in which file is added by the caller that knows it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Protocol, Self, TypeVar, runtime_checkable

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from grader.claims import Claims, Holds
from grader.errors import Unreadable, nearest
from grader.formula.symbols import Shape, Symbol
from grader.points import Credit, Points
from grader.sandbox import Sandbox, shared
from grader.secret import PUBLIC, Secret
from grader.submission import Written
from grader.verdict import NONE, Finding, Mistake, Verdict
from grader.wording import TABLES

if TYPE_CHECKING:
    from grader.arrays import Value
    from grader.formula.definitions import Definition
    from grader.formula.expression import Expression

A = TypeVar("A")
V = TypeVar("V")


class Misspecified(Exception):
    """An author's mistake that shows when a blank is prepared; ``field`` is where it stands within the blank."""

    def __init__(
        self, message: str, field: tuple[str | int, ...] = (), suggestion: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.suggestion = suggestion


class Record(Protocol):
    """Records a function of ``reference.py`` at the stated sizes, or at others; raises Misspecified."""

    def __call__(self, name: str, at: Mapping[str, int] | None = None, /) -> Expression:
        """Return the function's value as an expression."""


Run = Callable[[str, Sequence[Mapping[str, Any]]], "list[Value]"]
"""Runs a function of ``reference.py`` at points, each of which gives its parameters their values; raises Misspecified."""


def no_reference(name: str, sizes: Mapping[str, int] | None = None) -> NoReturn:
    """Stand in for ``record`` where a problem has no ``reference.py``."""
    raise Misspecified(
        f"there is no reference.py beside the problem, so no function {name!r}", ("reference",)
    )


def no_program(name: str, points: Sequence[Mapping[str, Any]]) -> NoReturn:
    """Stand in for ``run`` where a problem has no ``reference.py``."""
    no_reference(name)


@dataclass(frozen=True)
class Context:
    """All that a blank needs from its problem and from the run.

    ``record`` turns the name of a function in ``reference.py`` into an expression in the problem's symbols (the
    function's parameters are symbol names); it raises ``Misspecified``. ``budget`` is the number of elementary
    operations that one check may take, counted from nodes and sizes, not by a clock. ``run`` works out the numbers of a
    function that cannot be recorded. Students' programs are run in ``sandbox``.
    """

    address: str
    record: Record
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    secret: Secret = PUBLIC
    budget: int = 5_000_000
    run: Run = no_program
    sandbox: Sandbox = field(default_factory=shared)


class Frozen(BaseModel):
    """A value that is checked when it is made and never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def typed(value: Any) -> Any:
    """Return numbers as they would be typed: an answer is a text, and YAML makes a number of ``0.5``."""
    if isinstance(value, list | tuple):
        return tuple(typed(each) for each in value)
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


class Foreseen(Frozen):
    """A mistake that the author foresaw: answers that show it, what to say about it, and perhaps partial credit.

    ``hint`` may be shown before the key is released; ``says`` only with it. Without an ``answer`` these are the words, and
    this the credit, for every answer in which a mistake of this name is recognised.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")
    answer: Annotated[str | tuple[str, ...], BeforeValidator(typed)] = ()
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
        named = Mistake(id=self.id, sentence=self.says, hint=self.hint)
        return Verdict.partial(max(earned, self.credit), read_as, reason, (named, *findings))


def foreseen(
    mistakes: Iterable[Foreseen], read: Callable[[str], V], is_key: Callable[[V], bool]
) -> list[tuple[Foreseen, list[V]]]:
    """Read the answers of every foreseen mistake; one that cannot be read, or is right, is Misspecified."""
    known = []
    for index, mistake in enumerate(mistakes):
        try:
            values = [read(text) for text in mistake.answers]
        except Unreadable as error:
            raise Misspecified(error.message, ("mistakes", index, "answer")) from error
        if any(is_key(value) for value in values):
            raise Misspecified("this is no mistake: it is accepted", ("mistakes", index, "answer"))
        known.append((mistake, values))
    return known


@dataclass(frozen=True)
class Statement:
    """What an option says of the model, if that was written down, and whether the key calls it true."""

    holds: Holds | None
    true: bool


class Option(Frozen):
    """One option as a student sees it; ``letter`` follows the order of the spec."""

    id: str
    letter: str
    says: str


class Preview(Frozen):
    """How an answer is read, before anybody judges it: LaTeX between dollar signs or plain text, and its shape, in letters too.

    ``complaint`` is why it cannot be read, or what does not fit in it, at the characters of ``span``.
    """

    read_as: str | None = None
    shape: str | None = None
    letters: str | None = None
    complaint: str | None = None
    span: tuple[int, int] | None = None


class Public(Frozen):
    """All that a form, a paper exam or a preview may know of a blank; no key in it, never HTML.

    ``how`` tells a student in one sentence how to write an answer; ``definitions`` are names with the LaTeX of what they
    stand for.
    """

    kind: str
    how: str
    label: str | None = None
    options: tuple[Option, ...] = ()
    symbols: Mapping[str, Symbol] = Field(default_factory=dict)
    definitions: Mapping[str, str] = Field(default_factory=dict)

    def preview(self, written: Written) -> Preview:
        """Read an answer back without judging it, and without knowing the key."""
        try:
            return self.read_back(written)
        except Unreadable as error:
            return Preview(complaint=error.message, span=error.span)

    def read_back(self, written: Written) -> Preview:
        """Return how an answer is read; raises Unreadable. A kind overrides it where there is more to say."""
        return Preview(read_as=one_text(written))


class Prepared(Protocol[A]):
    """A blank ready to grade; lives in one process and is never pickled."""

    @abstractmethod
    def read(self, written: Written) -> A:
        """Return the answer that was written, or raise ``Unreadable``. Never called with a blank answer."""

    @abstractmethod
    def check(self, answer: A) -> Verdict:
        """Return the verdict: the same for the same answer. Raises ``Fault``, and ``Unreadable`` of what shows only here."""

    @abstractmethod
    def key(self) -> str:
        """Return the official answer as Markdown with LaTeX, for readers who may know it."""


@dataclass(frozen=True)
class Survivor:
    """A wrong way to an answer that is accepted all the same: ``answer`` as it would be written, the slip, and why.

    ``true`` says that the two are equal everywhere: then it is no wrong answer at all.
    """

    answer: str
    slip: str
    why: str
    true: bool = False


@runtime_checkable
class Checked(Protocol):
    """A prepared blank that the check of a bank can question further."""

    @abstractmethod
    def official(self) -> list[Written]:
        """Return every key as a student would write it; each must earn full marks."""

    @abstractmethod
    def survivors(self) -> list[Survivor]:
        """Return the answers with one slip in them that are accepted."""


@runtime_checkable
class Runs(Protocol):
    """A prepared blank whose answers may be programs: those are best judged several at a time."""

    @abstractmethod
    def runs(self, written: Written) -> bool:
        """Whether judging this answer runs a program; must not read it any closer."""


class Spec(Frozen, ABC):
    """What the author wrote for one blank; a subclass fixes ``kind`` to its own word."""

    kind: str
    points: Points
    label: str | None = Field(default=None, description="What stands before the blank, Markdown with LaTeX.")
    solution: str | None = Field(default=None, description="The official solution, Markdown with LaTeX.")
    mistakes: tuple[Foreseen, ...] = ()
    claim: Claims = Field(
        default=(), description="What the key is, to be proved from the model; one or a list."
    )
    acknowledged: Mapping[str, str] = Field(
        default_factory=dict,
        description="What `grader check` warns of and the author accepts, each with the reason why.",
    )

    @model_validator(mode="after")
    def _recognised(self) -> Self:
        names = TABLES.get(self.kind, {})
        for each in self.mistakes:
            if not each.answers and each.id not in names:
                near = nearest(each.id, names)
                hint = f"; did you mean {near!r}?" if near else ""
                raise ValueError(
                    f"the mistake {each.id!r} needs an answer: it is none that is recognised by itself{hint}"
                )
        return self

    @property
    def program(self) -> str | None:
        """The name of the function that may be handed in, where one may."""
        return None

    def wrong(
        self, found: Mistake | None, read_as: str, reason: str, findings: tuple[Finding, ...] = ()
    ) -> Verdict:
        """Return the verdict on a wrong answer in which a mistake was recognised, with the author's words in front."""
        if found is None:
            return Verdict.incorrect(read_as, reason, findings)
        for each in self.mistakes:
            if each.id == found.id and not each.answers:
                sentence = f"{each.says} {found.sentence}".strip()
                named = Mistake(id=found.id, sentence=sentence, hint=each.hint or found.hint)
                return Verdict.partial(each.credit, read_as, reason, (named, *findings))
        return Verdict.incorrect(read_as, reason, (found, *findings))

    @abstractmethod
    def prepare(self, context: Context) -> Prepared[Any]:
        """Resolve symbols, sizes, references and secret once; raises ``Misspecified``."""

    @abstractmethod
    def public(self, context: Context) -> Public:
        """Return what may be known of this blank without knowing its key."""

    def keys(self, context: Context, points: Sequence[Mapping[str, Any]]) -> list[list[Value]]:
        """Return the values of every accepted key at points, at the sizes of the context; raises Misspecified."""
        raise Misspecified(f"the key of a {self.kind} blank has no value that could be compared", ("claim",))

    @property
    def references(self) -> tuple[str, ...]:
        """The functions of reference.py, or the formulas, that the keys are."""
        return ()

    def uses(self, context: Context, formula: str) -> tuple[str, ...]:
        """Return the symbols that a formula of a claim depends on."""
        return ()

    def same(self, context: Context, reference: str, other: str) -> bool:
        """Whether a reference and what a claim names are one, however they are typed."""
        return reference == other

    @property
    def claimed_shape(self) -> Shape | None:
        """The shape that the key is, where the key is one."""
        return None

    @property
    def statements(self) -> Mapping[str, Statement]:
        """The options with what is said of the model, by their ids."""
        return {}


def one_text(written: Written) -> str:
    """Return the single text that most kinds expect; a list of several is Unreadable."""
    if isinstance(written, str):
        return written
    if len(written) == 1:
        return written[0]
    raise Unreadable("One answer is expected here, but a list was given.")
