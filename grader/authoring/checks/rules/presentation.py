"""Presentation: formulas that cannot be typeset, and references that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.authoring.checks.findings import CheckFinding
from grader.authoring.loader import ProblemFiles
from grader.authoring.schema import texts
from grader.authoring.schema_errors import SchemaError
from grader.formula.symbols import Symbol
from grader.reports.rendering.figures import IMAGE
from grader.reports.rendering.typeset import check_maths, dollars, formulas

LINK = re.compile(r"(?<!!)\[[^\[\]\n]*+\]\(\s{0,100}+<?([^)\s>]{0,300}+)>?+[^)\n]{0,300}+\)")
PARTS = re.compile(
    r"(?<![\w$\\])[Pp]arts?\s+(\([a-z][a-z0-9]{0,2}\)(?:(?:\s*(?:,|and|or|to|–|-)\s*)+\([a-z][a-z0-9]{0,2}\))*)"
)
PART = re.compile(r"\((\w+)\)")
EXTERNAL = re.compile(r"(?:https?|mailto):")


def check_presentation(opened: ProblemFiles) -> Iterator[CheckFinding]:
    """Yield everything in the texts that people would see go wrong."""
    for place, text in texts(opened.spec):
        for latex in formulas(text):
            if wrong := check_maths(latex):
                yield _finding(opened, place, f"${_abridge(latex)}$ cannot be typeset: {wrong}")
        if dollars(text):
            yield _finding(opened, place, "a $ opens no formula here, or closes none; write \\$ for the sign itself")
        for message in _dead_links(text, {part.id for part in opened.spec.parts}):
            yield _finding(opened, place, message)
    for section, symbols in (("symbols", opened.spec.symbols), ("model", opened.spec.model)):
        for name, symbol in symbols.items():
            yield from _check_symbol(opened, (section, name), symbol)
    for name, definition in opened.spec.definitions.items():
        if definition.tex and (wrong := check_maths(definition.tex)):
            place = ("definitions", name, "tex")
            yield _finding(opened, place, f"${_abridge(definition.tex)}$ cannot be typeset: {wrong}")


def _check_symbol(opened: ProblemFiles, place: tuple[str, ...], symbol: Symbol) -> Iterator[CheckFinding]:
    if symbol.tex and (wrong := check_maths(symbol.tex)):
        yield _finding(opened, (*place, "tex"), f"${_abridge(symbol.tex)}$ cannot be typeset: {wrong}")


def _dead_links(text: str, parts: set[str]) -> Iterator[str]:
    """Say which links and mentions of parts lead nowhere; pictures are looked at when a problem is loaded."""
    for target in LINK.findall(IMAGE.sub("", text)):
        anchor = target.removeprefix("#part-")
        if EXTERNAL.match(target):
            continue
        if not target.startswith("#part-"):
            yield f"the link to {target!r} leads nowhere: link to https://… or to a part, as #part-b"
        elif anchor not in parts:
            yield f"the link to {target!r} leads nowhere: there is no part ({anchor})"
    for named in (each for listed in PARTS.findall(text) for each in PART.findall(listed)):
        if named not in parts:
            yield f"part ({named}) is spoken of, and there is none"


def _abridge(latex: str) -> str:
    plain = " ".join(latex.split())
    return plain if len(plain) <= 60 else f"{plain[:59]}…"


def _finding(opened: ProblemFiles, place: tuple[str | int, ...], message: str) -> CheckFinding:
    return CheckFinding("presentation", opened.spec_file.complaint(SchemaError(place, message)))
