"""Preview pool: answers are read back in processes of their own, which are ended where an answer takes too long to read.

What somebody wrote is never parsed in the process that serves, where one expression or one call may keep every request waiting.
"""

from __future__ import annotations

import base64
import logging
import pickle
import queue
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from grader.core.processes.child_process import ChildProcess, DeadlineExceeded, ProcessEnded
from grader.core.submission import Written
from grader.kinds.base.public import Preview, Public
from grader.web.errors import Unavailable

PROCESSES = 2
MAX_WALL_SECONDS = 10.0
"""Seconds for one answer, on a machine with much else to do; the process itself ends after ``MAX_CPU_SECONDS``."""
MAX_QUEUE_SECONDS = 5.0
"""Seconds until a process is free."""
MAX_PREVIEWS = 4096
MAX_ERROR_CHARACTERS = 2000
TAKES_TOO_LONG = "This answer takes too long to read. Write it more simply, or in fewer steps."
log = logging.getLogger("grader.web.preview_pool")


class PreviewPool:
    """Preview processes, started when they are first needed; safe for several threads.

    ``public`` returns the public part of a blank by the hash of its snapshot and its address. The latest previews are kept: pages
    with many attempts ask again and again.
    """

    def __init__(self, public: Callable[[str, str], Public], processes: int = PROCESSES) -> None:
        self.public = public
        self._idle: queue.SimpleQueue[ChildProcess | None] = queue.SimpleQueue()
        for _ in range(processes):
            self._idle.put(None)
        self._processes = processes
        self._kept = lru_cache(MAX_PREVIEWS)(self._read)

    def preview(self, snapshot: str, address: str, written: Written) -> Preview:
        """Return how an answer is read in a blank. Raises NotFound, and Unavailable where too many wait."""
        try:
            return self._kept(snapshot, address, written)
        except (DeadlineExceeded, ProcessEnded) as ended:  # Not kept: on another day there may be time.
            errors = ended.errors if isinstance(ended, ProcessEnded) else ""
            log.warning(
                "a preview process was ended", extra={"blank": address, "error": errors[-MAX_ERROR_CHARACTERS:]}
            )
            return Preview(complaint=TAKES_TOO_LONG)

    def close(self) -> None:
        """End all processes that nobody uses; the others end with this process."""
        for _ in range(self._processes):
            try:
                process = self._idle.get_nowait()
            except queue.Empty:
                return
            if process is not None:
                process.close()

    def _read(self, snapshot: str, address: str, written: Written) -> Preview:
        public = self.public(snapshot, address)
        try:
            process = self._idle.get(timeout=MAX_QUEUE_SECONDS)
        except queue.Empty:
            raise Unavailable from None
        try:
            if process is None:
                process = ChildProcess("grader.web.domain.exams.preview_process")
            request = {"blank": f"{snapshot} {address}", "written": written}
            answer = process.ask(request, MAX_WALL_SECONDS)
            if "unknown" in answer:
                answer = process.ask(request | _pickled(public), MAX_WALL_SECONDS)
        except BaseException:  # One that has not answered would answer the next question with this preview.
            if process is not None:
                process.close()
            process = None
            raise
        finally:
            self._idle.put(process)
        return Preview.model_validate(answer)


def _pickled(public: Public) -> dict[str, Any]:
    return {"public": base64.b64encode(pickle.dumps(public)).decode()}
