"""``Spec``, the first of a kind's three values: what the author wrote for one blank in ``problem.yaml``.

From it follow ``Prepared``, which reads and checks answers, and ``Public``, which may be known without the key. A kind
subclasses ``Spec``, fixes ``kind`` to its own word, and implements ``prepare`` and ``public``; the rest of ``Spec`` has defaults
for kinds that have nothing to say. Kinds speak data: who, where and in which file is added by the caller that knows it.
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
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.base.frozen import FrozenModel
from grader.kinds.base.mistake_messages import CATALOGUES
from grader.kinds.base.prepared import Prepared, Statement
from grader.kinds.base.public import Public

if TYPE_CHECKING:
    from grader.core.arrays import Value


class Spec(FrozenModel, ABC):
    """What the author wrote for one blank, checked: the base of all kinds."""

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
    def _mistakes_are_recognized(self) -> Self:
        names = CATALOGUES.get(self.kind, {})
        for mistake in self.mistakes:
            if not mistake.answers and mistake.id not in names:
                name = nearest(mistake.id, names)
                hint = f"; did you mean {name!r}?" if name else ""
                raise ValueError(
                    f"the mistake {mistake.id!r} needs an answer: it is none that is recognised by itself{hint}"
                )
        return self

    @property
    def function_name(self) -> str | None:
        """The name of the function that may be handed in, where one may."""
        return None

    def incorrect_verdict(
        self, mistake: Mistake | None, read_as: str, reason: str, findings: tuple[Finding, ...] = ()
    ) -> Verdict:
        """Return the verdict on a wrong answer in which the grader recognised a mistake, or none.

        Where the author has words or credit for a mistake of this name, the words go in front and the credit is earned.
        """
        if mistake is None:
            return Verdict.incorrect(read_as, reason, findings)
        for anticipated in self.mistakes:
            if anticipated.id == mistake.id and not anticipated.answers:
                sentence = f"{anticipated.says} {mistake.sentence}".strip()
                finding = Mistake(id=mistake.id, sentence=sentence, hint=anticipated.hint or mistake.hint)
                return Verdict.partial(anticipated.credit, read_as, reason, (finding, *findings))
        return Verdict.incorrect(read_as, reason, (mistake, *findings))

    @abstractmethod
    def prepare(self, context: Context) -> Prepared[Any]:
        """Return the blank ready to grade: symbols, sizes, references and secret are resolved here, once.

        Raises:
            BlankSpecError: the spec does not fit its problem; ``field`` is where in the blank.
        """

    @abstractmethod
    def public(self, context: Context) -> Public:
        """Return what may be known of this blank without its key; it must not depend on the key in any way."""

    def key_values(self, context: Context, points: Sequence[Mapping[str, Any]]) -> list[list[Value]]:
        """Return the values of every accepted key, ``keys × points``, at the sizes of the context; raises BlankSpecError.

        Claims are proved with them. A point gives every symbol its value.
        """
        raise BlankSpecError(f"the key of a {self.kind} blank has no value that could be compared", ("claim",))

    @property
    def references(self) -> tuple[str, ...]:
        """The functions of reference.py, or the formulas, that the keys are."""
        return ()

    def symbols_used(self, context: Context, formula: str) -> tuple[str, ...]:
        """Return the symbols that a formula of a claim depends on."""
        return ()

    def is_same(self, context: Context, reference: str, other: str) -> bool:
        """True if a reference and what a claim names are one, however they are typed: then the claim proves nothing."""
        return reference == other

    @property
    def claimed_shape(self) -> Shape | None:
        """The shape that the key is, where the key is a shape."""
        return None

    @property
    def statements(self) -> Mapping[str, Statement]:
        """What each option says of the model, by its id, where a kind has options."""
        return {}
