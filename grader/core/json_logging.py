"""Structured logging: one line of JSON a record, with no answer, name or secret in it, not even in what an exception says."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

RECORD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""Attributes that every record has; all others are fields that were given as ``extra``."""
MAX_FRAMES = 8


class JsonFormatter(logging.Formatter):
    """Formats a record as ``timestamp``, ``level``, ``logger``, ``event``, ``pid`` and its extra fields.

    Of an exception it has the type and the innermost frames (``exc_type``, ``exc_frames``), never the text, which may quote an
    answer.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "pid": record.process,
        }
        fields |= {name: value for name, value in vars(record).items() if name not in RECORD_ATTRIBUTES}
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
            fields["exc_type"] = type(error).__name__
            fields["exc_frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(fields, default=str)


def start(level: int = logging.INFO) -> None:
    """Write the log of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
