"""The function that a blank asks for: its name and its parameters, which are symbols of the problem."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field

from grader.core.errors import Unreadable, nearest

DEFINED = re.compile(r"^\s*(?:async\s+)?def\s+(\w+)|^(\w+)\s*=\s*lambda\b", re.MULTILINE)
BEGINS = re.compile(r"\s*(?:#.*\n\s*|\"\"\"|import\s|from\s+\w+\s+import\s|def\s|class\s|@\w|async\s+def\s)")
FENCE = re.compile(r"\s*```[a-z]*\n(.*?)\n?```\s*", re.DOTALL)
LONGEST = 50_000
"""Characters of a program."""
IDENTIFIER = r"^[A-Za-z_][A-Za-z0-9_]*$"


class Signature(BaseModel):
    """``{name: part_b, parameters: [W, x]}``: what a student's function is called, and which symbols it is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(pattern=IDENTIFIER, description="The name of the function.")
    parameters: tuple[str, ...] = Field(
        min_length=1, max_length=32, description="Symbols, in the order of the parameters."
    )

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.parameters)})"


@dataclass(frozen=True)
class Program:
    """A student's program as it was ``written``, and its ``source`` without what an editor or a chat put around it."""

    written: str

    @cached_property
    def source(self) -> str:
        """The program itself."""
        return bare(self.written)

    @property
    def defined(self) -> list[str]:
        """The names of the functions that the text seems to define."""
        return [one or other for one, other in DEFINED.findall(self.source)]

    def near(self, name: str) -> str | None:
        """Return the function that may have been meant by a name."""
        return nearest(name, self.defined) or (self.defined[0] if len(self.defined) == 1 else None)

    def span(self, line: int | None) -> tuple[int, int] | None:
        """Return where a line, counted from 1, stands in what was written."""
        if self.source != self.written:
            return None
        lines = self.source.split("\n")
        if line is None or not 0 < line <= len(lines) or not lines[line - 1].strip():
            return None
        before = sum(len(each) + 1 for each in lines[: line - 1])
        text = lines[line - 1]
        return before + len(text) - len(text.lstrip()), before + len(text.rstrip())


def parse_program(text: str) -> Program:
    """Take a text as a program; one that is too long is Unreadable."""
    if len(text) > LONGEST:
        raise Unreadable(f"This program has {len(text):,} characters; at most {LONGEST:,} are read.")
    return Program(text)


def is_program(text: str) -> bool:
    """Whether a text looks like a program that defines a function, and not like a formula."""
    return BEGINS.match(bare(text)) is not None or DEFINED.search(bare(text)) is not None


def bare(text: str) -> str:
    """Return a program without the fence of a chat, the byte order mark and the line ends of another system."""
    fenced = FENCE.fullmatch(text)
    plain = fenced[1] if fenced else text
    return plain.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
