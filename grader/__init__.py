"""Auto-grading of exam questions with mathematics in them.

``load_problem(path)`` reads a problem and raises ``SpecError``, whose ``complaints`` say all that is wrong with it;
``grade(problem, answers)`` grades one student's answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.core.version import VERSION

__version__ = VERSION
__all__ = ["SpecError", "__version__", "grade", "load_problem"]

if TYPE_CHECKING:
    from grader.api import grade, load_problem
    from grader.core.errors import SpecError


def __getattr__(name: str) -> Any:
    """Import the interface when it is first used, so that ``grader --help`` stays quick."""
    if name in ("grade", "load_problem"):
        from grader import api

        return getattr(api, name)
    if name == "SpecError":
        from grader.core.errors import SpecError

        return SpecError
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
