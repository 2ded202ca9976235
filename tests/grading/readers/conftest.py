"""A problem shaped like We Recur!, whose blanks nobody grades, and a way to read files from a folder."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import pytest

from grader.grading.problem import Blank, Part, Problem
from grader.grading.readers import ReadResult, read
from grader.kinds.base.context import Context
from grader.kinds.base.prepared import Prepared
from grader.kinds.base.public import Public
from grader.kinds.base.spec import Spec

Read = Callable[..., ReadResult]


class Untouched(Spec):
    """A blank of which a reader needs no more than the address."""

    kind: Literal["untouched"] = "untouched"

    def prepare(self, context: Context) -> Prepared[Any]:
        raise NotImplementedError("readers do not prepare blanks")

    def public(self, context: Context) -> Public:
        return Public(kind=self.kind, instructions="Write anything.")


def part(name: str, *blanks: str) -> Part:
    addresses = [f"{name}.{blank}" for blank in blanks] or [name]
    return Part(name, "?", tuple(Blank(address, Untouched(points=Fraction(1))) for address in addresses))


@pytest.fixture
def problem() -> Problem:
    parts = (part("a", "W_ss", "W_sx", "W_o"), part("b"), part("f"))
    return Problem("we_recur", "We Recur!", parts)


@pytest.fixture
def reading(problem: Problem, tmp_path: Path) -> Read:
    """Write files (texts as UTF-8, or bytes) into a folder and read the folder, or the only file of it."""

    def write_and_read(files: dict[str, str | bytes], encoding: str | None = None, only: str = "") -> ReadResult:
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return read(folder / only, problem, encoding)

    return write_and_read
