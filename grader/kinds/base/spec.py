"""The contract of an answer kind: what the author wrote, what is ready to grade, what may be known outside.

A kind is one module of ``grader.kinds``: a ``Spec`` that an author fills in, which prepares a ``Prepared`` that reads
and checks answers. Kinds speak data; who, where and in which file is added by the caller that knows it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from grader.core.errors import nearest
from grader.core.points import Points
from grader.core.verdict import Finding, Mistake, Verdict
from grader.formula.symbols import Shape
from grader.kinds.base.anticipated_mistakes import AnticipatedMistake
from grader.kinds.base.claims import Claims
from grader.kinds.base.context import AuthorMistake, Context
from grader.kinds.base.frozen import FrozenModel
from grader.kinds.base.mistake_messages import CATALOGUES
from grader.kinds.base.prepared import Prepared, Statement
from grader.kinds.base.public import Public

if TYPE_CHECKING:
    from grader.core.arrays import Value


class Spec(FrozenModel, ABC):
    """What the author wrote for one blank; a subclass fixes ``kind`` to its own word."""

    kind: str
    points: Points
    label: str | None = Field(default=None, description="What stands before the blank, Markdown with LaTeX.")
    solution: str | None = Field(default=None, description="The official solution, Markdown with LaTeX.")
    mistakes: tuple[AnticipatedMistake, ...] = ()
    claim: Claims = Field(default=(), description="What the key is, to be proved from the model; one or a list.")
    acknowledged: Mapping[str, str] = Field(
        default_factory=dict,
        description="What `grader check` warns of and the author accepts, each with the reason why.",
    )

    @model_validator(mode="after")
    def _recognised(self) -> Self:
        names = CATALOGUES.get(self.kind, {})
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

    def incorrect_verdict(
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

    def key_values(self, context: Context, points: Sequence[Mapping[str, Any]]) -> list[list[Value]]:
        """Return the values of every accepted key at points, at the sizes of the context; raises Misspecified."""
        raise AuthorMistake(f"the key of a {self.kind} blank has no value that could be compared", ("claim",))

    @property
    def references(self) -> tuple[str, ...]:
        """The functions of reference.py, or the formulas, that the keys are."""
        return ()

    def symbols_used(self, context: Context, formula: str) -> tuple[str, ...]:
        """Return the symbols that a formula of a claim depends on."""
        return ()

    def is_same(self, context: Context, reference: str, other: str) -> bool:
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
