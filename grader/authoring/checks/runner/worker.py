"""A worker of the check: a process that checks problems one after another, since a check may crash or hang.

Standard input brings one request a line, standard output takes one answer a line, both JSON.
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

from grader.authoring.checks.runner.check_problem import check_problem
from grader.authoring.reference_functions import ReferenceRuns
from grader.core.processes.child_process import claim_standard_streams


def main() -> None:
    """Serve until standard input ends, or until told to end: then everything that was started here ends too."""
    requests, answers = claim_standard_streams(silent=False)
    signal.signal(signal.SIGTERM, _exit_on_signal)
    runs: ReferenceRuns | None = None
    for line in requests:
        request = json.loads(line)
        if runs is None:
            runs = ReferenceRuns(request["reference_seconds"], locked_only=request["untrusted"])
        try:
            answer = check_problem(Path(request["path"]), runs).to_json()
        except Exception:  # Our own failure on one problem must not end the check of the others.
            answer = {"failed": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _exit_on_signal(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
