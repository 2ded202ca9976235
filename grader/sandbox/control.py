"""The control protocol between grader and zygote: messages of fixed size on a socket that keeps them apart."""

from __future__ import annotations

import struct
from dataclasses import dataclass

INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
"""Environment variables without which a Python may not start."""
SET = (
    "PYTHONPATH",
    "PYTHONHASHSEED",
    "PYTHONDONTWRITEBYTECODE",
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
)
JOB, STOP, DONE = b"J", b"K", b"D"
COMMAND = struct.Struct("<cQ40s")
"""To the zygote: JOB or STOP, the number of the job, its limits."""
JOB_END = struct.Struct("<cQi?dd")
"""From the zygote: DONE, the number of the job, its wait status, whether its time ran out, CPU and wall-clock seconds."""
FAILED_STATUS = 70
"""The exit status of a job whose own machinery failed."""


@dataclass(frozen=True)
class Limits:
    """What one job may take: CPU and wall-clock seconds, bytes of memory and of output, and entries of what one call returns."""

    cpu_s: float = 2.0
    wall_s: float = 10.0
    memory: int = 512 * 2**20
    output: int = 16 * 2**20
    entries: int = 2**20

    PACKED = struct.Struct("<ddqqq")

    def pack(self) -> bytes:
        """Return them as bytes."""
        return self.PACKED.pack(self.cpu_s, self.wall_s, self.memory, self.output, self.entries)

    @classmethod
    def unpack(cls, data: bytes) -> Limits:
        """Read what ``pack`` returned."""
        return cls(*cls.PACKED.unpack(data))


@dataclass(frozen=True)
class JobEnd:
    """How a job ended: its wait status, whether its time had run out, CPU and wall-clock seconds."""

    status: int
    late: bool
    cpu_s: float
    wall_s: float
