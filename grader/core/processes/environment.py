"""How a Python process of ours is started: the command, and what it inherits."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection

from grader.core.seeds import SECRET_VARIABLE

PASSED_VARIABLES = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR")
"""What a process that may run an author's program inherits."""


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours; with ``-P`` nothing in the working directory is imported by its name."""
    return [sys.executable, "-P", "-m", module, *arguments]


def python_environment(inherited: Collection[str] | None = None) -> dict[str, str]:
    """Return the environment of a Python process of ours: the same import path, one thread of BLAS, never the secret.

    ``inherited`` names the variables to pass on; by default all are.
    """
    passed = {
        name: value
        for name, value in os.environ.items()
        if name != SECRET_VARIABLE and (inherited is None or name in inherited)
    }
    return passed | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}
