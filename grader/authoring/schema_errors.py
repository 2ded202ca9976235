"""What an author reads when ``problem.yaml`` does not fit the model: plain sentences and the nearest right word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from grader.authoring.schema import ProblemSpec
from grader.core.errors import nearest
from grader.kinds.registry import KINDS

Path = tuple[str | int, ...]
MESSAGES = {
    "string_type": "a text is needed here",
    "int_type": "a whole number is needed here",
    "int_parsing": "a whole number is needed here",
    "int_from_float": "a whole number is needed here",
    "bool_type": "true or false is needed here",
    "bool_parsing": "true or false is needed here",
    "tuple_type": "a list is needed here",
    "list_type": "a list is needed here",
    "mapping_type": "names with values are needed here",
    "dict_type": "names with values are needed here",
    "model_type": "names with values are needed here",
    "model_attributes_type": "names with values are needed here",
    "union_tag_not_found": "`kind` is missing; it is one of {kinds}",
    "too_short": "this must not be empty",
    "string_too_short": "this must not be empty",
    "is_instance_of": "a number is needed here, such as 2, 0.5 or 1/3",
    "decimal_parsing": "a number is needed here",
    "float_parsing": "a number is needed here",
    "greater_than_equal": "this must be at least {ge}",
    "less_than_equal": "this must be at most {le}",
    "string_pattern_mismatch": "{input!r} does not have the form that is needed here ({pattern})",
}


@dataclass(frozen=True)
class SchemaError:
    """Something wrong at a path of the file; ``at_key`` when the name there is wrong rather than its value."""

    path: Path
    message: str
    suggestion: str | None = None
    at_key: bool = False


def schema_errors(error: ValidationError, data: Any) -> Iterator[SchemaError]:
    """Turn everything that pydantic found into what an author should read."""
    told: set[Path] = set()
    for detail in error.errors():
        if detail["type"] == "too_short" and detail["input"]:
            continue  # Its items are wrong, and are complained about themselves.
        wrong = _schema_error(detail, data)
        if detail["type"] not in ("missing", "extra_forbidden"):
            place, _ = existing_path(data, wrong.path)
            if place in told:
                continue  # Of one value that may be this or that, pydantic says of each why it is not.
            told.add(place)
        yield wrong


def _schema_error(detail: ErrorDetails, data: Any) -> SchemaError:
    path, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return SchemaError(path[:-1], f"`{path[-1]}` is missing")
    if kind == "extra_forbidden":
        return SchemaError(path, f"`{path[-1]}` is not known here", _nearest_field(path, data), at_key=True)
    if kind == "union_tag_invalid":
        tag = str(context["tag"])
        return SchemaError((*path, "kind"), f"there is no kind {tag!r}", nearest(tag, _kinds()))
    if kind == "literal_error":
        expected = str(context["expected"])
        words = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]
        given = detail["input"]
        return SchemaError(path, f"{given!r} is none of {expected}", nearest(str(given), words))
    if kind == "value_error":
        return SchemaError(path, str(context["error"]))
    if kind not in MESSAGES:
        return SchemaError(path, detail["msg"][:1].lower() + detail["msg"][1:])
    filled = {**context, "kinds": ", ".join(_kinds()), "input": detail["input"]}
    return SchemaError(path, MESSAGES[kind].format(**filled))


def existing_path(data: Any, path: Path) -> tuple[Path, Any]:
    """Return the steps of a path that are in the data, and what they lead to.

    The other steps are the model's own: tags of a union, and the name of a single blank.
    """
    taken: list[str | int] = []
    for step in path:
        steps = data if isinstance(data, Mapping) else range(len(data)) if isinstance(data, list) else ()
        if step in steps:
            taken.append(step)
            data = data[step]
    return tuple(taken), data


def _kinds() -> list[str]:
    return [kind.model_fields["kind"].annotation.__args__[0] for kind in KINDS]  # type: ignore[union-attr]


def _nearest_field(path: Path, data: Any) -> str | None:
    """Suggest the nearest field of the model that shares most fields with what stands beside the unknown one."""
    _, data = existing_path(data, path[:-1])
    beside = set(data) if isinstance(data, Mapping) else set()
    most = max(len(fields & beside) for fields in _model_fields())
    best = frozenset().union(*(fields for fields in _model_fields() if len(fields & beside) == most))
    return nearest(str(path[-1]), best - beside)


@cache
def _model_fields() -> tuple[frozenset[str], ...]:
    schema = ProblemSpec.model_json_schema()
    models = [schema, *schema["$defs"].values()]
    part = frozenset(schema["$defs"]["PartSpec"]["properties"])
    fields = [frozenset(model.get("properties", ())) for model in models]
    return tuple(each | part if "kind" in each else each for each in fields)
