"""The wire format (serializer) between the grader and a job: frames of plain bytes, never a pickle.

A frame is a length of 32 bits and a body. To the job: the program once, then the inputs of one trial after another. From
the job: one claim when the program has been loaded, then one for each trial. A claim is what untrusted code says about
itself: every size in it is checked before anything is made of it, and nothing but arrays and names is believed.

Numbers are little-endian. An array is its dtype (one letter), its number of axes, its dimensions (64 bits each) and its
entries in C order.
"""

from __future__ import annotations

import builtins
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
DTYPES: Mapping[str, np.dtype[Any]] = {
    "f": np.dtype("<f4"),
    "d": np.dtype("<f8"),
    "D": np.dtype("<c16"),
    "q": np.dtype("<i8"),
    "?": np.dtype("?"),
}
LETTERS = {dtype: letter for letter, dtype in DTYPES.items()}
MAX_AXES, MAX_ARRAYS = 8, 64
MAX_TEXT_CHARACTERS = 4_000
"""Characters of a message, or of what was printed, that are kept."""
LENGTH = struct.Struct("<I")
ERROR_NAMES = frozenset(
    name for name, each in vars(builtins).items() if isinstance(each, type) and issubclass(each, BaseException)
)
DETAILS = (
    "",
    "no-function",
    "not-callable",
    "returned-none",
    "not-numbers",
    "too-large",
    "too-many-axes",
    "import-refused",
)
"""What a job may say about an error in a word of ours, beside the name of a built-in exception."""


class Malformed(Exception):
    """Bytes that are no frame of this protocol."""


@dataclass(frozen=True)
class Claim:
    """What a job says of one trial: arrays (``several`` if it returned a tuple), or the error that ended it.

    ``line`` is a line of the source, from 1; ``message`` and ``printed`` are texts of the student's own making.
    """

    arrays: tuple[Array, ...] = ()
    several: bool = False
    error: str = ""
    detail: str = ""
    line: int | None = None
    message: str = ""
    printed: str = ""


def frame(body: bytes) -> bytes:
    """Return a frame."""
    return LENGTH.pack(len(body)) + body


def encode_program(source: str, function: str) -> bytes:
    """Return the body that brings a program."""
    name = function.encode("utf-8", "surrogatepass")
    return LENGTH.pack(len(name)) + name + source.encode("utf-8", "surrogatepass")


def decode_program(body: bytes) -> tuple[str, str]:
    """Return the source and the name of the function."""
    (size,) = LENGTH.unpack_from(body)
    name, source = body[4 : 4 + size], body[4 + size :]
    return source.decode("utf-8", "surrogatepass"), name.decode("utf-8", "surrogatepass")


def encode_trial(inputs: Sequence[Array], printing: bool) -> bytes:
    """Return the body that brings the inputs of one trial; ``printing`` lets what is printed come back."""
    return bytes([printing, len(inputs)]) + b"".join(map(_encode_array, inputs))


def decode_trial(body: bytes) -> tuple[list[Array], bool]:
    """Return the inputs of one trial, and whether texts come back."""
    reader = BodyReader(body)
    printing, count = reader.byte(), reader.byte()
    return [reader.array() for _ in range(count)], bool(printing)


def encode_claim(claim: Claim) -> bytes:
    """Return the body of a claim."""
    detail = DETAILS.index(claim.detail)
    head = struct.pack("<BBBi", len(claim.arrays), claim.several, detail, claim.line or 0)
    texts = (_encode_text(each) for each in (claim.error, claim.message, claim.printed))
    return head + b"".join(texts) + b"".join(map(_encode_array, claim.arrays))


def decode_claim(body: bytes, max_entries: int = 2**31) -> Claim:
    """Return what a body claims, with at most so many entries in its arrays; raises Malformed, and nothing else."""
    reader = BodyReader(body, max_entries)
    count, several, detail = reader.byte(), reader.byte(), reader.byte()
    line = reader.integer()
    error, message, printed = (reader.text() for _ in range(3))
    if several > 1 or detail >= len(DETAILS) or count > MAX_ARRAYS or (count != 1 and not several and not error):
        raise Malformed("no such claim")
    if error and (error not in ERROR_NAMES or count or several):
        raise Malformed("no such error")
    arrays = tuple(reader.array() for _ in range(count))
    if reader.bytes_left:
        raise Malformed("something follows")
    return Claim(arrays, bool(several), error, DETAILS[detail], line if line > 0 else None, message, printed)


class BodyReader:
    """Takes one value after another from a body; raises Malformed where it does not hold what it says."""

    def __init__(self, body: bytes, max_entries: int = 2**31) -> None:
        self.body = memoryview(body)
        self.entries_left = max_entries

    @property
    def bytes_left(self) -> int:
        """The number of bytes that were not read yet."""
        return len(self.body)

    def take(self, size: int) -> memoryview:
        """Return the next bytes."""
        if not 0 <= size <= len(self.body):
            raise Malformed("cut short")
        data, self.body = self.body[:size], self.body[size:]
        return data

    def byte(self) -> int:
        """Return the next byte."""
        return self.take(1)[0]

    def integer(self) -> int:
        """Return the next 32 bits, with their sign."""
        return int.from_bytes(self.take(4), "little", signed=True)

    def text(self) -> str:
        """Return the next text."""
        data = self.take(int.from_bytes(self.take(4), "little"))
        if len(data) > 4 * MAX_TEXT_CHARACTERS:
            raise Malformed("a text is too long")
        try:
            return str(data, "utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("a text is not UTF-8") from error

    def array(self) -> Array:
        """Return the next array: a copy, with the bytes that its dimensions say."""
        letter, axes = chr(self.byte()), self.byte()
        if letter not in DTYPES or axes > MAX_AXES:
            raise Malformed("no such array")
        shape = tuple(int.from_bytes(self.take(8), "little") for _ in range(axes))
        # An empty array may claim any length for its other axes: they too are held to what could be sent.
        self.entries_left -= prod(shape)
        if prod(max(dim, 1) for dim in shape) > 2**31 or self.entries_left < 0:
            raise Malformed("an array is too large")
        data = self.take(prod(shape) * DTYPES[letter].itemsize)
        if letter == "?" and any(each > 1 for each in bytes(data).translate(None, b"\0\1")):
            raise Malformed("no such truth value")
        return np.frombuffer(data, DTYPES[letter]).reshape(shape).copy()


def _encode_text(text: str) -> bytes:
    data = text[:MAX_TEXT_CHARACTERS].encode("utf-8", "replace")
    return LENGTH.pack(len(data)) + data


def _encode_array(array: Array) -> bytes:
    letter = LETTERS[array.dtype.newbyteorder("<")]
    return (
        letter.encode()
        + bytes([array.ndim])
        + b"".join(dim.to_bytes(8, "little") for dim in array.shape)
        + array.tobytes()
    )
