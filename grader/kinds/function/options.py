"""The fields that an author writes for a function blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from grader.core.arrays import Value
from grader.kinds.base.context import Context
from grader.kinds.base.frozen import FrozenModel
from grader.kinds.base.spec import Spec
from grader.kinds.code.program import IDENTIFIER, Signature

Values = Mapping[str, Any]


class CheckSpec(FrozenModel):
    """One check: trials with hidden inputs, all of which must be right; ``weight`` is its share of the points.

    ``sizes`` are other sizes than the stated ones, ``values`` fix some of the inputs.
    """

    says: str = Field(description="What is checked, in a few words for the student.")
    weight: int = Field(default=1, ge=1, le=100)
    trials: int = Field(default=3, ge=1, le=20)
    sizes: Mapping[str, Annotated[int, Field(ge=1, le=64)]] = Field(default_factory=dict)
    values: Values = Field(default_factory=dict, description="Inputs that are not drawn, by parameter.")


class ToleranceSpec(FrozenModel):
    """How near is near enough: an entry a is compared with the expected e by ``|a − e| ≤ absolute + relative · |e|``."""

    relative: float = Field(default=1e-6, ge=0, lt=1)
    absolute: float = Field(default=1e-8, ge=0)


class FunctionOptions(Spec):
    """The fields of a function blank: a signature, a reference, and how the two are compared."""

    kind: Literal["function"] = "function"
    name: str = Field(pattern=IDENTIFIER, description="The name that the function must have.")
    parameters: tuple[str, ...] = Field(
        min_length=1, max_length=32, description="Symbols, in the order of the parameters."
    )
    reference: str | None = Field(
        default=None, pattern=IDENTIFIER, description="A function of reference.py  [default: the same name]."
    )
    example: Values = Field(
        default_factory=dict, description="Inputs of the public example  [default: small whole numbers]."
    )
    checks: tuple[CheckSpec, ...] = Field(
        default=(), description="What is checked  [default: the stated sizes, and others]."
    )
    tolerance: ToleranceSpec = ToleranceSpec()

    def key_values(self, context: Context, points: Sequence[Values]) -> list[list[Value]]:
        """Return what the function of reference.py returns."""
        return [context.run(self.reference_name, points)]

    @property
    def reference_name(self) -> str:
        """The name of the function of reference.py."""
        return self.reference or self.name

    @property
    def references(self) -> tuple[str, ...]:
        """The function of reference.py."""
        return (self.reference_name,)

    @property
    def function_name(self) -> str | None:
        """The name of the function."""
        return self.name

    @property
    def signature(self) -> Signature:
        """What the function is called, and what it is given."""
        return Signature(name=self.name, parameters=self.parameters)
