"""Attacks on a sandbox: each is run, and then everything is looked at that it must not have reached.

Run as a program it attacks from whatever profile it was started in, and prints what was breached, as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
from support.paths import CASES

from grader.sandbox import Limits, Sandbox
from grader.sandbox.lockdown import seccomp
from grader.sandbox.lockdown.seccomp import JOB_FD
from grader.sandbox.lockdown.syscalls import architecture

ROWS = CASES
KEY, ENVIRONMENT, EARLIER = (
    "TOP" + "SECRET-KEY-" + "9f3a",
    "ENV" + "SECRET-" + "71c2",
    "PREV" + "SUB-TOKEN-" + "55e1",
)
LIMITS = Limits(cpu_s=0.6, wall_s=2.0, memory=256 * 2**20, output=8 * 2**20)
X = np.arange(12.0).reshape(4, 3) / 7
HONEST = "def f(x):\n    return x.T @ x"
BOUND = 25.0
"""Seconds within which any attack must be over, on however slow a machine."""


def rows(*names):
    return [json.loads(line) for name in names for line in (ROWS / name).read_text().splitlines()]


def right(output) -> bool:
    expected = X.T @ X
    return (
        isinstance(output, np.ndarray) and output.shape == expected.shape and np.allclose(output, expected, rtol=1e-9)
    )


@dataclass
class Ground:
    """What an attack is after: a key in a file, in the environment and in memory; a folder; a port."""

    folder: Path
    secret: Path
    canary: Path
    port: int
    visits: list[str] = field(default_factory=list)

    def filled(self, code: str) -> str:
        found = {"SECRET": self.secret, "CANARY": self.canary, "PORT": self.port, "FD": JOB_FD}
        for name, value in found.items():
            code = code.replace("{" + name + "}", str(value))
        return code

    def changed(self) -> bool:
        return (
            sorted(each.name for each in self.canary.iterdir()) != ["keep"]
            or (self.canary / "keep").read_text() != "kept"
        )


@contextlib.contextmanager
def ground() -> Iterator[Ground]:
    with (
        tempfile.TemporaryDirectory(prefix="ground") as name,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "secret").write_text(KEY)
        (folder / "secret").chmod(0o644)
        canary = folder / "canary"
        canary.mkdir()
        (canary / "keep").write_text("kept")
        canary.chmod(0o777)
        (canary / "keep").chmod(0o666)
        made = Ground(folder, folder / "secret", canary, server.getsockname()[1])

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    accepted, _ = server.accept()
                    made.visits.append("a connection")
                    accepted.close()

        threading.Thread(target=listen, daemon=True).start()
        os.environ["GRADER_SECRET"] = ENVIRONMENT
        try:
            yield made
        finally:
            del os.environ["GRADER_SECRET"]
            server.shutdown(socket.SHUT_RDWR)


def breaches(sandbox: Sandbox, row: dict, where: Ground) -> list[str]:
    """Run one attack and one honest submission after it; returns everything that went wrong."""
    started = time.monotonic()
    run = sandbox.run(where.filled(row["code"]), row["entry"], [(X,)], public=1)
    found = []
    if run.outcome == "error:SystemError":
        said = " ".join(each.message for each in (run.loading, *run.trials))
        found.append(f"breached: {said[:200]}")
    if not any(fnmatch(run.outcome, allowed) for allowed in row["must"]):
        found.append(f"{run.outcome}, not one of {row['must']}")
    if time.monotonic() - started > BOUND:
        found.append("it took too long")
    back = repr(run) + "".join(each.tobytes().decode("latin-1") for each in run.outputs if isinstance(each, np.ndarray))
    found += [
        f"{token} came back" for token in (KEY, ENVIRONMENT, EARLIER) if token in back and token not in row["code"]
    ]
    if where.changed():
        found.append("the folder was changed")
    found += where.visits
    scored = run.outcome == "ok" and right(run.outputs[0])
    if scored != bool(row.get("score", 0)):
        found.append(f"scored {scored}")
    after = sandbox.run(HONEST, "f", [(X,)])
    if after.outcome != "ok" or not right(after.outputs[0]):
        found.append(f"the honest submission after it: {after.outcome}")
    return found


def attack(sandbox: Sandbox, attacks: list[dict]) -> dict[str, list[str]]:
    """Return what each attack breached, by its name; an earlier submission with a secret of its own goes first."""
    with ground() as where:
        sandbox.run(f"token = '{EARLIER}'\n{HONEST}", "f", [(X,)])
        return {row["id"]: breaches(sandbox, row, where) for row in attacks}


def scanned(process: int, *tokens: str) -> list[str]:
    """Return which tokens lie in the memory of a process; needs to be root."""
    regions = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) rw", Path(f"/proc/{process}/maps").read_text(), re.M)
    found = set()
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for start, end in regions:
            memory.seek(int(start, 16))
            with contextlib.suppress(OSError):
                data = memory.read(int(end, 16) - int(start, 16))
                found |= {token for token in tokens if token.encode() in data}
    return sorted(found)


def without_landlock() -> None:
    """Refuse what an older container refuses: Landlock, namespaces, io_uring."""
    machine = architecture()
    refused = {
        "create_ruleset": 444,
        "add_rule": 445,
        "restrict_self": 446,
        "io_uring_setup": 425,
        "unshare": {0xC000003E: 272, 0xC00000B7: 97}[machine.audit],
    }
    code = [(seccomp.LOAD, 0, 0, seccomp.NUMBER)]
    for number in refused.values():
        code += [(seccomp.EQUAL, 0, 1, number), (seccomp.RETURN, 0, 0, seccomp.REFUSE)]
    code.append((seccomp.RETURN, 0, 0, seccomp.ALLOW))
    seccomp.install(b"".join(struct.pack("=HBBI", *each) for each in code))


def main() -> None:
    if "--filtered" in sys.argv:
        without_landlock()
    wanted = json.loads(sys.stdin.read())
    with Sandbox(1, LIMITS, landlock=wanted["landlock"]) as sandbox:
        held = {each.name: each.holds for each in sandbox.layers}
        user = next(each.detail for each in sandbox.layers if each.name == "user")
        found = attack(sandbox, wanted["attacks"])
    print(json.dumps({"layers": held, "user": user, "breaches": {name: each for name, each in found.items() if each}}))


if __name__ == "__main__":
    main()
