"""The program that checks problems, one after another: a process of its own, since a check may crash or hang.

Standard input brings one request a line, standard output takes one answer a line, both JSON. Run as ``python -m grader.checker``.
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

from grader.authoring import reference_functions
from grader.authoring.checks.runner.check_problem import check
from grader.core.child_process import claim_standard_streams, exit_with_parent


def main() -> None:
    """Serve until standard input ends, or until told to end: then everything that was started here ends too."""
    requests, answers = claim_standard_streams(silent=False)
    signal.signal(signal.SIGTERM, _leave)
    following = False
    for line in requests:
        asked = json.loads(line)
        if not following:
            exit_with_parent(asked["parent"])
            following = True
        reference_functions.DEADLINE = min(reference_functions.DEADLINE, asked["seconds"] / 3)
        try:
            answer = check(Path(asked["path"])).plain()
        except Exception:  # Our own failure on one problem must not end the check of the others.
            answer = {"failed": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
