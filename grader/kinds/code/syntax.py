"""Whether a text is Python at all: it is compiled, and nothing of it is run."""

from __future__ import annotations

import threading
import warnings

from grader.core.errors import Unreadable
from grader.kinds.code.signature import Program

_one = threading.Lock()
"""Which warnings are ignored is one list for all threads."""
LONGEST = 4_000
"""Characters: 20,000 can be nested so that they are compiled for a second, and nothing else runs meanwhile."""


def check(program: Program) -> None:
    """Raise Unreadable, in the words of a program that does not load, where a program is no Python."""
    if len(program.source) > LONGEST:
        return
    try:
        with _one, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(program.source, "<answer>", "exec", dont_inherit=True)
    except SyntaxError as error:
        line = f"line {error.lineno}" if error.lineno else "the program"
        raise Unreadable(f"This is not Python, at {line}: {error.msg}.", program.span(error.lineno)) from None
    except (ValueError, MemoryError, RecursionError, OverflowError):
        return  # What is too deep for the compiler is left to the sandbox.
