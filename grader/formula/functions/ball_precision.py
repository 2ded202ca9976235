"""The precision of ball arithmetic in bits: one setting of python-flint for the whole process, set and read here only.

Balls are worked out at whatever precision is set at that moment, so every computation stands within ``working_precision``.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from flint import ctx


def working_precision(bits: int) -> AbstractContextManager[object]:
    """Set the precision within a ``with`` block; the one before comes back after it.

    >>> with working_precision(640):
    ...     precision()
    640
    """
    manager: AbstractContextManager[object] = ctx.workprec(bits)
    return manager


def precision() -> int:
    """Return the precision that is set."""
    return int(ctx.prec)
