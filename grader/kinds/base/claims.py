"""What an author says a key is, so that ``grader check`` can hold it against the model in ``reference.py``.

A claim on a blank speaks of its key; a claim on an option (``holds``) is a statement that is true or false. Both name
functions of ``reference.py``, whose parameters are symbols of the problem or of its ``model``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from grader.formula.symbols import Shape

DEPENDS_ON = re.compile(r"(all|some|none) of ([A-Za-z][A-Za-z0-9_]*)")
Values = Mapping[str, Any]


class _ClaimForm(BaseModel):
    """A claim in one of several forms, told apart by the word that leads it.

    ``FORMS`` gives for each leading word the fields that it needs, and those that may go with it, as authors write them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    FORMS: ClassVar[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]]

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        present = [self._yaml_name(field) for field in self.model_fields_set]
        leading = [name for name in self.FORMS if name in present]
        forms = ", ".join(self.FORMS)
        if len(leading) != 1:
            many = f"{' and '.join(leading)} are several" if leading else "this is none"
            raise ValueError(f"a claim is one of {forms}; {many}")
        required, optional = self.FORMS[leading[0]]
        for name in required:
            if name not in present:
                raise ValueError(f"with `{leading[0]}`, `{name}` is needed")
        for name in present:
            if name not in (leading[0], *required, *optional):
                raise ValueError(f"`{name}` does not go with `{leading[0]}`")
        return self

    @property
    def form(self) -> str:
        """The word that leads this claim."""
        return next(name for name in self.FORMS if name in map(self._yaml_name, self.model_fields_set))

    @classmethod
    def _yaml_name(cls, field: str) -> str:
        return cls.model_fields[field].alias or field

    @property
    def leading_field(self) -> str:
        """The field of this model that holds the leading word's value."""
        return next(field for field in self.model_fields_set if self._yaml_name(field) == self.form)

    @property
    def leading_value(self) -> Any:
        """What the author wrote behind the leading word."""
        return getattr(self, self.leading_field)


class Derived(_ClaimForm):
    """What claims on keys and on options can speak of: a derivative of a function of the model, or the shape of a value."""

    gradient: str | None = Field(default=None, description="A function with one number as its value.")
    jacobian: str | None = Field(default=None, description="A function; rows are entries of its value.")
    vjp: str | None = Field(default=None, description="A function, whose Jacobian is taken from the left `with`.")
    wrt: str | None = Field(default=None, description="The argument to differentiate by; the others are held.")
    with_: str | None = Field(default=None, alias="with", description="The symbol whose value is the given gradient.")
    shape_of: str | None = Field(default=None, description="A function, or with `in` one of its arguments.")
    at: Values = Field(default_factory=dict, description="Arguments that have a fixed value: {gamma: 0}.")
    limit: Values = Field(default_factory=dict, description="An argument that tends to a value: {lam: inf}.")


class Claim(Derived):
    """What a key is. A ``convention`` is a reason why it follows from no model."""

    FORMS = {
        "gradient": (("wrt",), ("at", "output")),
        "jacobian": (("wrt",), ("at", "output")),
        "vjp": (("wrt", "with"), ("at", "output")),
        "equals": ((), ("at", "limit", "output")),
        "shape_of": ((), ("in", "gives")),
        "minimises": (("wrt",), ("at", "output")),
        "maximises": (("wrt",), ("at", "output")),
        "convention": ((), ()),
    }
    equals: str | None = Field(default=None, description="A function, or a formula, of the same value.")
    minimises: str | None = Field(default=None, description="A function that is least where `wrt` is the key.")
    maximises: str | None = Field(default=None, description="A function that is greatest where `wrt` is the key.")
    convention: str | None = Field(default=None, min_length=1, description="Why this follows from no model.")
    in_: str | None = Field(default=None, alias="in", description="The function whose argument is meant.")
    gives: Shape | None = Field(default=None, description="The shape of the function's value, as the paper says.")
    output: int | None = Field(default=None, ge=0, description="Which value of a tuple is meant, from 0.")


class OptionClaim(Derived):
    """A statement about the model that is true or false."""

    FORMS = {
        "gradient": (("wrt", "depends_on"), ("at",)),
        "jacobian": (("wrt", "depends_on"), ("at",)),
        "vjp": (("wrt", "with", "depends_on"), ("at",)),
        "value": (("depends_on",), ("at",)),
        "equal": ((), ("at", "limit")),
        "shape_of": (("is",), ()),
        "convention": ((), ()),
    }
    value: str | None = Field(default=None, description="A function whose value may depend on an argument.")
    equal: tuple[str, str] | None = Field(default=None, description="Two functions, or formulas.")
    is_: Shape | None = Field(default=None, alias="is", description="The shape that the value would have.")
    depends_on: str | None = Field(default=None, description="`all of W`, `some of W` or `none of W`: elements.")
    convention: str | None = Field(default=None, min_length=1, description="Why this follows from no model.")

    @model_validator(mode="after")
    def _depends_on_is_readable(self) -> Self:
        if self.depends_on is not None and not DEPENDS_ON.fullmatch(self.depends_on):
            raise ValueError(f"`depends_on` is `all of W`, `some of W` or `none of W`, not {self.depends_on!r}")
        return self


Claims = Annotated[
    tuple[Claim, ...],
    BeforeValidator(
        lambda value: value if isinstance(value, list | tuple) else (value,),
        json_schema_input_type=Claim | tuple[Claim, ...],
    ),
]
"""One claim, or a list of them."""


def claim_text(claim: _ClaimForm) -> str:
    """Write a claim as its author did, in one line.

    The points at which a claim is tested are derived from this text: the names and the order of the fields decide them.
    """
    parts = []
    for field in [
        claim.leading_field,
        *(name for name in type(claim).model_fields if name in claim.model_fields_set),
    ]:
        parts.append(f"{claim._yaml_name(field)}: {_yaml_text(getattr(claim, field))}")
    return ", ".join(dict.fromkeys(parts))


def _yaml_text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {item}' for name, item in value.items())}}}"
    return str(value)
