"""Kind ``function``: an answer is a NumPy function, run on public and hidden inputs and compared with one of ``reference.py``.

``options`` is what an author writes, ``key`` chooses the inputs and works out what is expected, ``prepared`` judges answers, and
``spec`` joins them. Reading, running and comparing programs is ``kinds/code``'s.
"""

from __future__ import annotations

from grader.kinds.function.spec import FunctionPublic, FunctionSpec

__all__ = ["FunctionPublic", "FunctionSpec"]
