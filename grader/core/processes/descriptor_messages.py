"""Messages with open files: JSON and descriptors on a Unix socket, first the length and the descriptors, then the text."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

MAX_DESCRIPTORS = 64
LENGTH = struct.Struct("!I")


def send(connection: socket.socket, message: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send a message with copies of the descriptors. Raises OSError if the other side has gone."""
    text = json.dumps(message).encode()
    socket.send_fds(connection, [LENGTH.pack(len(text))], descriptors)
    connection.sendall(text)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return the next message and the descriptors that came with it, None if the other side has gone. Raises OSError."""
    head, descriptors, _, _ = socket.recv_fds(connection, LENGTH.size, MAX_DESCRIPTORS)
    size = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else 0
    text = b""
    while len(text) < size and (part := connection.recv(size - len(text))):
        text += part
    if not text or len(text) < size:
        for each in descriptors:
            os.close(each)
        return None
    return json.loads(text), descriptors
