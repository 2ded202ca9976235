"""A student's program as a text: the signature that is asked for, how an answer is read, and whether it is Python at all."""

from __future__ import annotations

import re
import threading
import warnings
from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field

from grader.core.errors import Unreadable, nearest
from grader.core.text_limits import MAX_TEXT_CHARACTERS, check_length

FUNCTION_DEFINITION = re.compile(
    r"^[^\S\n]*+(?:async[^\S\n]++)?+def[^\S\n]++(\w++)|^(\w++)[^\S\n]*+=[^\S\n]*+lambda\b", re.MULTILINE
)
PROGRAM_START = re.compile(r"\s*(?:#.*\n\s*|\"\"\"|import\s|from\s+\w+\s+import\s|def\s|class\s|@\w|async\s+def\s)")
CODE_FENCE = re.compile(r"\s*```[a-z]*\n(.*?)\n?```\s*", re.DOTALL)
MAX_COMPILED_CHARACTERS = 4_000
"""Longer programs are not compiled here: 20,000 characters can be nested so that it takes a second, in which nothing else runs."""
IDENTIFIER = r"^[A-Za-z_][A-Za-z0-9_]*$"
_compiler_lock = threading.Lock()
"""``warnings`` keeps one list of filters for all threads, so only one of them may change it at a time."""


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
        return clean_source(self.written)

    @property
    def function_names(self) -> list[str]:
        """The names of the functions that the text seems to define."""
        return [by_def or by_lambda for by_def, by_lambda in FUNCTION_DEFINITION.findall(self.source)]

    def nearest_function(self, name: str) -> str | None:
        """Return the function that may have been meant by a name."""
        names = self.function_names
        return nearest(name, names) or (names[0] if len(names) == 1 else None)

    def line_span(self, line: int | None) -> tuple[int, int] | None:
        """Return the characters of a line, counted from 1, in what was written; None where they cannot be told."""
        if self.source != self.written:
            return None
        lines = self.source.split("\n")
        if line is None or not 0 < line <= len(lines) or not lines[line - 1].strip():
            return None
        before = sum(len(previous) + 1 for previous in lines[: line - 1])
        text = lines[line - 1]
        return before + len(text) - len(text.lstrip()), before + len(text.rstrip())


def parse_program(text: str) -> Program:
    """Return a text as a program; raises Unreadable where it is too long."""
    return Program(check_length(text))


def is_program(text: str) -> bool:
    """True if a text looks like a program that defines a function, and not like a formula; its beginning decides."""
    source = clean_source(text[:MAX_TEXT_CHARACTERS])
    return PROGRAM_START.match(source) is not None or FUNCTION_DEFINITION.search(source) is not None


def clean_source(text: str) -> str:
    """Return a program without the fence of a chat, the byte order mark and the line ends of another system."""
    fenced = CODE_FENCE.fullmatch(text)
    source = fenced[1] if fenced else text
    return source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def missing_function(program: Program, signature: Signature) -> Unreadable:
    """Return the error for a program without the function that is asked for."""
    name = program.nearest_function(signature.name)
    hint = f" Did you mean {name}?" if name else ""
    return Unreadable(f"There is no function {signature} here.{hint}")


def check_syntax(program: Program) -> None:
    """Compile a program, of which nothing is run.

    Raises:
        Unreadable: it is not Python; in the words that the sandbox's report of the same error is put into.
    """
    if len(program.source) > MAX_COMPILED_CHARACTERS:
        return
    try:
        with _compiler_lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(program.source, "<answer>", "exec", dont_inherit=True)
    except SyntaxError as error:
        line = f"line {error.lineno}" if error.lineno else "the program"
        raise Unreadable(f"This is not Python, at {line}: {error.msg}.", program.line_span(error.lineno)) from None
    except (ValueError, MemoryError, RecursionError, OverflowError):
        return  # What is too deep for the compiler is left to the sandbox.
