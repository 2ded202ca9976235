"""What ``grader doctor`` prints: the layers of the sandbox, what was tried, and how to get what is missing."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence

from grader.sandbox import Layer

REMEDIES = {
    "user": "run as an ordinary user, or as a root that may become user 65534 (in a container: with a range of user ids)",
    "privileges": "needs Linux 3.5 or later",
    "system calls": "needs Linux with seccomp filters, on x86-64 or 64-bit ARM; in a container let seccomp(2) through",
    "landlock": "needs Linux 5.13 or later with landlock among its security modules (lsm= at boot), and a container that lets it through",
}
WITHOUT_SANDBOX = (
    "Formulas and all other kinds of answer are graded; programs are marked as not graded, and never with 0 points."
)
NOT_ON_LINUX = "There is a sandbox on Linux only; elsewhere run grader in a Linux container or virtual machine."


def report_lines(selftest: tuple[Sequence[Layer], str], as_json: bool = False) -> tuple[list[str], bool]:
    """Return the lines to print, and whether programs can be run."""
    layers, why_not = selftest
    if as_json:
        return [json.dumps(_to_json(each)) for each in layers], not why_not
    lines = [
        f"{sys.implementation.name} {platform.python_version()}, {platform.system()} {platform.release()}, {platform.machine()}"
    ]
    for each in layers:
        sign = "✓" if each.holds else "✗" if each.required else "–"
        lines.append(
            f"{sign} {each.name:14} {each.detail}{'' if each.holds or each.required else ' (recommended, not required)'}"
        )
        if not each.holds and each.name in REMEDIES:
            lines.append(f"  {'':14} → {REMEDIES[each.name]}")
    if not why_not:
        return [*lines, "Students' programs can be run."], True
    if not layers:
        lines.append(f"✗ {why_not}")
    return [*lines, *([] if sys.platform == "linux" else [NOT_ON_LINUX]), WITHOUT_SANDBOX], False


def _to_json(layer: Layer) -> dict[str, str | bool]:
    """Return a layer as ``grader doctor --json`` writes it."""
    return {"name": layer.name, "held": layer.holds, "required": layer.required, "said": layer.detail}
