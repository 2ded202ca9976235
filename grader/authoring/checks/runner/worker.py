"""The program that checks problems, one after another: a process of its own, since a check may crash or hang.

Standard input brings one request a line, standard output takes one answer a line, both JSON. Run as ``python -m grader.checker``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import TextIO

from grader.authoring import reference_functions
from grader.authoring.checks.runner.check_problem import check_problem
from grader.core.child_process import exit_with_parent


def main() -> None:
    """Serve until standard input ends, or until told to end: then everything that was started here ends too."""
    answers = _take_standard_output()
    signal.signal(signal.SIGTERM, _exit_on_signal)
    following = False
    for line in sys.stdin:
        asked = json.loads(line)
        if not following:
            exit_with_parent(asked["parent"])
            following = True
        reference_functions.MAX_REFERENCE_SECONDS = min(reference_functions.MAX_REFERENCE_SECONDS, asked["seconds"] / 3)
        try:
            answer = check_problem(Path(asked["path"])).to_json()
        except Exception:  # Our own failure on one problem must not end the check of the others.
            answer = {"failed": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _take_standard_output() -> TextIO:
    """Keep standard output for the answers."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _exit_on_signal(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
