"""Untrusted NumPy programs behind a locked door: ``Sandbox(...).run(source, function, inputs)``."""

from __future__ import annotations

from grader.sandbox.control import Limits
from grader.sandbox.pool import Layer, NoSandbox, Run, Sandbox, Trial

__all__ = ["Layer", "Limits", "NoSandbox", "Run", "Sandbox", "Trial"]
