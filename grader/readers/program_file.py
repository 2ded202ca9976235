"""A Python file: the program of one student, named by the file, for one blank or for all whose functions it defines."""

from __future__ import annotations

from grader.readers.margin import Origin
from grader.readers.pile import Pile
from grader.readers.text import Source, whole


def read(source: Source, pile: Pile) -> None:
    """Attach the program to the answers of its student."""
    text, remark = whole(source)
    pile.remark(remark)
    pile.attach(text, Origin(source.name, stem=source.stem))
