"""The sandbox for untrusted NumPy programs: ``Sandbox(...).run(source, function, inputs)``.

Three kinds of process: the grader, which holds keys; a zygote, which has imported NumPy, holds nothing and forks a locked
process for each job; and the job, which runs one program. ``pool`` lends zygotes to threads, ``zygote_process`` starts and
ends one, ``job_client`` talks to one job. On the other side are ``zygote`` and ``job``. Between them are ``control`` (grader
and zygote) and ``wire`` (grader and job). ``lockdown`` has the locks: seccomp filter, Landlock, resource limits.
"""

from __future__ import annotations

import atexit
from functools import cache

from grader.sandbox.control import Limits
from grader.sandbox.pool import Sandbox, probe_layers
from grader.sandbox.runs import Layer, NoSandbox, Run, Trial

__all__ = ["Layer", "Limits", "NoSandbox", "Run", "Sandbox", "Trial", "probe_layers", "process_sandbox"]


@cache
def process_sandbox() -> Sandbox:
    """Return the one sandbox of this process; its zygotes are started when a program first runs."""
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox
