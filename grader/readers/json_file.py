"""A JSON file: the record of one student, named in it or by the file, or a list of records."""

from __future__ import annotations

from grader.readers.json_text import Malformed, decoded, items
from grader.readers.margin import Origin
from grader.readers.pile import Pile
from grader.readers.text import Source, whole


def read(source: Source, pile: Pile) -> None:
    """Hand in every record of the file."""
    text, remark = whole(source)
    pile.remark(remark)
    if not text.strip():
        raise source.refusal("is empty")
    try:
        data = decoded(text)
    except Malformed as wrong:
        line = text.count("\n", 0, wrong.index) + 1
        raise source.refusal(wrong.message, line, wrong.index - text.rfind("\n", 0, wrong.index)) from wrong
    if not isinstance(data, list):
        pile.hand_in(data, Origin(source.name, stem=source.stem))
        return
    for item, line in items(text):
        pile.hand_in(item, Origin(source.name, line))
