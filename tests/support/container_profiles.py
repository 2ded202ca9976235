"""The attacks again, from the situations in which a grader may find itself: another user, a container without Landlock.

A profile starts ``attacks`` as a program, through ``setpriv``; the one of a container installs a filter first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PLAIN = 65533
CONTAINER_CAPABILITIES = (
    "chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod audit_write setfcap"
).split()
"""What Docker leaves to root by default."""


def plain() -> list[str]:
    """A user without any privilege; reading what only root can read, if that is where this Python lies."""
    who = ["setpriv", f"--reuid={PLAIN}", f"--regid={PLAIN}", "--clear-groups"]
    try:
        subprocess.run(
            [*who, "--bounding-set=-all", sys.executable, "-c", "import numpy"],
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
        reached = subprocess.run(
            [*who, "sh", "-c", f"test -x {os.path.realpath(sys.executable)} -a -r {HERE}"], check=False
        )
    except (OSError, subprocess.CalledProcessError):
        reached = None
    if reached is not None and reached.returncode == 0:
        return [*who, "--inh-caps=-all", "--bounding-set=-all"]
    return [*who, "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]


def container() -> list[str]:
    """Root with the capabilities of a container, behind a filter that knows no Landlock and no namespaces."""
    left = ",".join(["-all", *(f"+{name}" for name in CONTAINER_CAPABILITIES)])
    return ["setpriv", "--inh-caps=-all", f"--bounding-set={left}", "--no-new-privs"]


def attacked(profile: str, attacks: list[dict], landlock: bool = True) -> dict:
    """Return what ``attacks`` reports from a profile."""
    prefix = {"root": list, "plain": plain, "container": container}[profile]()
    flags = ["--filtered"] if profile == "container" else []
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [*prefix, sys.executable, str(HERE / "attacks.py"), *flags],
        input=json.dumps({"attacks": attacks, "landlock": landlock}),
        capture_output=True,
        text=True,
        env=environment,
        cwd="/",
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)
