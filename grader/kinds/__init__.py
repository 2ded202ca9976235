"""The kinds of answer, one module each, named by the word in the spec; a new kind is one file and one line here."""

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
KINDS = (DimensionsSpec, ChoicesSpec, WordSpec, NumberSpec, FormulaSpec, FunctionSpec)
