"""The author's file as data: what ``problem.yaml`` may say, and the JSON Schema that editors complete from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from grader.core.points import Points
from grader.core.verdict import Reveal
from grader.formula.symbols import Symbol
from grader.kinds.base.frozen import FrozenModel
from grader.kinds.registry import AnySpec

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Size = Annotated[int, Field(ge=1, le=64)]
PART_FIELDS = frozenset({"id", "ask", "solution", "out_of", "blanks"})
FIELDS_WITH_TEXTS = {"label", "solution", "mistakes", "options", "checks"}
TEXT_FIELDS = frozenset(("label", "solution", "says", "hint", "why"))
SpecPath = tuple[str | int, ...]
SINGLE_BLANK = ""
"""The name under which the single blank of a part is kept."""


def _texts(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_texts, json_schema_input_type=str | tuple[str, ...])]


class PartSpec(FrozenModel):
    """One part; a single blank may stand in the part itself, without ``blanks``."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,7}$", description="The part's letter: a, b, …")]
    ask: str = Field(description="The question, Markdown with LaTeX.")
    solution: str | None = Field(default=None, description="The official solution, Markdown with LaTeX.")
    out_of: Points | None = Field(default=None, description="What the points of the blanks must add up to.")
    blanks: Annotated[Mapping[str, AnySpec], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _single_blank(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or "blanks" in value:
            return value
        own = {key: each for key, each in value.items() if key in PART_FIELDS}
        return {
            **own,
            "blanks": {SINGLE_BLANK: {key: each for key, each in value.items() if key not in PART_FIELDS}},
        }


class DefinitionSpec(FrozenModel):
    """A name for a formula; written ``z1: W x`` or ``z1: {is: W x, tex: z_1}``."""

    is_: str = Field(alias="is", description="The formula.")
    tex: str | None = None
    also: Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _formula_alone(cls, value: Any) -> Any:
        return {"is": str(value)} if isinstance(value, str | int | float | Decimal) else value


class ProblemSpec(FrozenModel):
    """A whole problem as its author writes it."""

    title: str
    topics: Texts = ()
    difficulty: Literal["easy", "medium", "hard"] | None = None
    intro: str = Field(default="", description="What stands before the parts, Markdown with LaTeX.")
    out_of: Points | None = Field(default=None, description="What all points must add up to.")
    sizes: Mapping[Name, Size] = Field(
        default_factory=dict, description="The axis lengths that the paper states, by letter."
    )
    other_sizes: tuple[Mapping[Name, Size], ...] = Field(
        default=(),
        description="Sizes at which `grader check` proves claims too  [default: two sets, all different].",
    )
    symbols: Mapping[Name, Symbol] = Field(default_factory=dict, description="Every symbol, declared once.")
    model: Mapping[Name, Symbol] = Field(
        default_factory=dict,
        description="Arguments of the functions of reference.py that are no symbols of the question.",
    )
    definitions: Mapping[str, DefinitionSpec] = Field(
        default_factory=dict,
        description="Names for formulas that answers may use: z1, or f1(z) and so f1'(z).",
    )
    reveal: Reveal = Field(default="full", description="How much a student's page of a batch says.")
    parts: Annotated[tuple[PartSpec, ...], Field(min_length=1)]


def texts(spec: ProblemSpec) -> Iterator[tuple[SpecPath, str]]:
    """Yield every text in Markdown that people will read, with its place in the file."""
    yield ("title",), spec.title
    yield ("intro",), spec.intro
    for number, part in enumerate(spec.parts):
        place: SpecPath = ("parts", number)
        yield (*place, "ask"), part.ask
        yield (*place, "solution"), part.solution or ""
        for name, blank in part.blanks.items():
            own = place if name == SINGLE_BLANK else (*place, "blanks", name)
            yield from _texts_of(blank.model_dump(include=FIELDS_WITH_TEXTS), own)


def _texts_of(data: Any, place: SpecPath) -> Iterator[tuple[SpecPath, str]]:
    """Yield the texts of a blank: its label and solution, and what its mistakes, options and checks say."""
    inside = data.items() if isinstance(data, Mapping) else enumerate(data)
    for key, value in inside:
        if isinstance(value, str) and key in TEXT_FIELDS:
            yield (*place, key), value
        elif isinstance(value, Mapping | list | tuple):
            yield from _texts_of(value, (*place, key))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``problem.yaml``, with the single-blank form of a part spelt out for each kind."""
    schema = ProblemSpec.model_json_schema()
    defs = schema["$defs"]
    schema["properties"]["definitions"]["additionalProperties"] = {
        "anyOf": [{"type": ["string", "number"]}, {"$ref": "#/$defs/DefinitionSpec"}]
    }
    part = defs.pop("PartSpec")
    shared = {key: part["properties"][key] for key in ("id", "ask", "solution", "out_of")}
    kinds = part["properties"]["blanks"]["additionalProperties"]["discriminator"]["mapping"].values()
    singles = []
    for reference in kinds:
        kind = defs[reference.rpartition("/")[2]]
        properties = {**kind["properties"], **shared}
        required = ["id", "ask", *kind.get("required", [])]
        if "kind" not in required:
            required.append("kind")
        singles.append(
            {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": False,
                "title": f"a part that is one {kind['properties']['kind']['const']}",
            }
        )
    defs["PartSpec"] = {"anyOf": [part, *singles]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
