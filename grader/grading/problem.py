"""A problem and its parts: immutable, and named by the hash of its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from grader.core.errors import Complaint, SpecError
from grader.core.seeds import PUBLIC, Secret
from grader.core.verdict import Reveal
from grader.formula.symbols import Symbol
from grader.kinds.base.context import BlankSpecError, Context, RunFunction, no_program, no_reference
from grader.kinds.base.prepared import Prepared
from grader.kinds.base.public import Public
from grader.kinds.base.spec import Spec
from grader.sandbox import Sandbox, process_sandbox

if TYPE_CHECKING:
    from grader.formula.expression import Expression
    from grader.formula.parsing.lexing.definitions import Definition


@dataclass(frozen=True)
class Blank:
    """The unit of grading: an address (``b``, ``a.W_ss``) and what the author wrote for it.

    ``place`` is where it stands in ``problem.yaml``, for messages to the author.
    """

    address: str
    spec: Spec
    place: tuple[str | int, ...] = ()

    @property
    def name(self) -> str | None:
        """The blank's own name within its part, None for the single blank of a part."""
        return self.address.partition(".")[2] or None


@dataclass(frozen=True)
class Part:
    """One part of a problem, (a), (b), …, with one or several blanks; texts are Markdown with LaTeX."""

    id: str
    ask: str
    blanks: tuple[Blank, ...]
    solution: str | None = None

    @cached_property
    def out_of(self) -> Fraction:
        """The points of all its blanks."""
        return sum((blank.spec.points for blank in self.blanks), Fraction(0))


@dataclass(frozen=True)
class Problem:
    """A whole exam question. ``hash`` names what decides marks and what is shown; ``figures`` are file contents.

    ``model`` are further arguments of the functions of ``reference.py``, which no student meets; ``other_sizes`` are those at
    which claims are proved besides ``sizes``. ``record`` turns a function of ``reference.py`` into an expression, ``run`` works out its numbers.
    """

    id: str
    title: str
    parts: tuple[Part, ...]
    intro: str = ""
    topics: tuple[str, ...] = ()
    difficulty: str | None = None
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    reveal: Reveal = "full"
    figures: Mapping[str, bytes] = field(default_factory=dict)
    model: Mapping[str, Symbol] = field(default_factory=dict)
    other_sizes: tuple[Mapping[str, int], ...] = ()
    record: Callable[[str, Mapping[str, int] | None], Expression] = no_reference
    run: RunFunction = no_program
    hash: str = ""

    @cached_property
    def blanks(self) -> tuple[Blank, ...]:
        """All blanks in exam order."""
        return tuple(blank for part in self.parts for blank in part.blanks)

    @cached_property
    def out_of(self) -> Fraction:
        """The points of the whole problem."""
        return sum((part.out_of for part in self.parts), Fraction(0))

    def context(
        self,
        blank: Blank,
        secret: Secret = PUBLIC,
        sandbox: Sandbox | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> Context:
        """Return what a blank needs to be prepared, at the stated sizes unless others are given."""
        return Context(
            blank.address,
            lambda name, at=None: self.record(name, at or sizes),
            self.symbols,
            sizes or self.sizes,
            self.definitions,
            secret,
            run=self.run,
            sandbox=sandbox or process_sandbox(),
        )

    def public(self, blank: Blank) -> Public:
        """Return what a form or a page may know of a blank."""
        return blank.spec.public(self.context(blank))

    def prepare(self, secret: Secret = PUBLIC, sandbox: Sandbox | None = None) -> PreparedProblem:
        """Make every blank ready to grade; an author's mistake in any of them is a SpecError with all of them.

        Programs are run in ``sandbox``, or else in the one of this process.
        """
        sandbox = sandbox or process_sandbox()
        ready: dict[str, Prepared[Any]] = {}
        complaints: list[Complaint] = []
        for blank in self.blanks:
            try:
                ready[blank.address] = blank.spec.prepare(self.context(blank, secret, sandbox))
            except BlankSpecError as error:
                where = ".".join([blank.address, *(str(step) for step in error.field)])
                complaints.append(Complaint(self.id, f"{where}: {error.message}", suggestion=error.suggestion))
        if complaints:
            raise SpecError(complaints)
        return PreparedProblem(self, ready, secret, sandbox)


@dataclass(frozen=True)
class PreparedProblem:
    """A problem with every blank ready to grade; lives in one process."""

    problem: Problem
    prepared_blanks: Mapping[str, Prepared[Any]]
    secret: Secret
    sandbox: Sandbox
