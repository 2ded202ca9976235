"""The registry of kinds: every kind of answer that a problem may use, one line each."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from grader.kinds.choices.kind import ChoicesSpec
from grader.kinds.dimensions import DimensionsSpec
from grader.kinds.formula import FormulaSpec
from grader.kinds.function import FunctionSpec
from grader.kinds.number.kind import NumberSpec
from grader.kinds.word import WordSpec

AnySpec = Annotated[
    DimensionsSpec | ChoicesSpec | WordSpec | NumberSpec | FormulaSpec | FunctionSpec,
    Field(discriminator="kind"),
]
"""The spec of any kind, told apart by ``kind`` in the file. A new kind is added here, and to ``KINDS``."""
KINDS = (DimensionsSpec, ChoicesSpec, WordSpec, NumberSpec, FormulaSpec, FunctionSpec)
