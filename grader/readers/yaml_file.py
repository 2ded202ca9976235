"""A YAML file: the record of one student, named in it or by the file, or a list of records."""

from __future__ import annotations

from grader import strict_yaml
from grader.readers.margin import Origin
from grader.readers.pile import Pile
from grader.readers.text import Source, whole


def read(source: Source, pile: Pile) -> None:
    """Hand in every record of the file, with each answer as it was typed."""
    text, remark = whole(source)
    pile.remark(remark)
    document = strict_yaml.load(text, source.name, texts=True)
    if document.data is None:
        raise source.refusal("is empty")
    if not isinstance(document.data, list):
        pile.hand_in(document.data, Origin(source.name, stem=source.stem, document=document))
        return
    for number, item in enumerate(document.data):
        line, _ = document.place((number,))
        pile.hand_in(item, Origin(source.name, line, document=document, path=(number,)))
