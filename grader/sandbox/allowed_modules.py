"""The modules that students' functions may import; everything is loaded before the locks are put on."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

ALLOWED = (
    "__future__", "abc", "array", "bisect", "builtins", "cmath", "collections", "contextlib", "copy", "dataclasses",
    "decimal", "enum", "fractions", "functools", "heapq", "itertools", "math", "numbers", "numpy", "operator", "random",
    "re", "statistics", "string", "sys", "textwrap", "time", "types", "typing", "warnings",
)  # fmt: skip
"""Top-level names; their submodules count as well, as far as they are loaded."""

SUBMODULES = (
    "collections.abc", "numpy.char", "numpy.fft", "numpy.lib.stride_tricks", "numpy.linalg", "numpy.ma",
    "numpy.polynomial", "numpy.random", "numpy.rec", "numpy.testing",
)  # fmt: skip
PYTHON_INTERNALS = (
    "_pylong", "_strptime", "encodings.ascii", "encodings.latin_1", "encodings.unicode_escape", "encodings.utf_16",
    "linecache", "secrets", "tokenize", "traceback", "unicodedata",
)  # fmt: skip
"""What Python itself imports only when it is first needed; not all of it exists in every version."""


def load(names: Iterable[str] = (*ALLOWED, *SUBMODULES, *PYTHON_INTERNALS)) -> None:
    """Import everything that code may need later, when no file can be opened any more."""
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            if name not in PYTHON_INTERNALS:
                raise


def is_allowed(name: str) -> bool:
    """True if student code may import a module."""
    return name.partition(".")[0] in ALLOWED
