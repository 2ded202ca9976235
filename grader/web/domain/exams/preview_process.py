"""A preview process: it reads answers back with the public parts of blanks, and has no key, no secret and no database.

Standard input brings one request a line, standard output takes one answer a line, both JSON: ``blank`` names a public part, which
comes pickled as ``public`` the first time, and ``written`` is the answer. Whoever starts it may end it at any time.
"""

from __future__ import annotations

import base64
import json
import pickle
from collections import OrderedDict
from typing import Any

from grader.core.processes.child_process import claim_standard_streams
from grader.core.processes.limits import end_process_after, limit_address_space
from grader.kinds import (
    registry as registry,
)  # What is unpickled is of one of the kinds: imported once, before the first copy.
from grader.kinds.base.public import Preview, Public

MAX_CPU_SECONDS = 2.0
"""CPU seconds for one answer; the worst that are known take 0.03."""
MAX_ADDRESS_SPACE_BYTES = 2**30
MAX_PUBLIC_PARTS = 256


def main() -> None:
    """Serve until standard input ends."""
    requests, answers = claim_standard_streams(silent=False)
    limit_address_space(MAX_ADDRESS_SPACE_BYTES)
    public_parts: OrderedDict[str, Public] = OrderedDict()
    for line in requests:
        request = json.loads(line)
        public = _public(public_parts, request)
        if public is None:
            answer: dict[str, Any] = {"unknown": True}
        else:
            with end_process_after(MAX_CPU_SECONDS, cpu=True):
                written = request["written"]
                answer = preview_json(public.preview(written if isinstance(written, str) else tuple(written)))
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _public(public_parts: OrderedDict[str, Public], request: dict[str, Any]) -> Public | None:
    blank = request["blank"]
    if "public" in request:
        public_parts[blank] = pickle.loads(base64.b64decode(request["public"]))
        if len(public_parts) > MAX_PUBLIC_PARTS:
            public_parts.popitem(last=False)
    return public_parts.get(blank)


def preview_json(preview: Preview) -> dict[str, Any]:
    """Return a preview as JSON, whether it is a program too."""
    return {**preview.model_dump(), "is_code": preview.is_code}
