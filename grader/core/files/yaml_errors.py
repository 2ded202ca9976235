"""What went wrong in a YAML file, in a sentence that says what to do; libyaml and PyYAML differ in words."""

from __future__ import annotations

import yaml

Position = tuple[int, int]

INDENTATION = "this line does not fit the lines above it; check its indentation"
ENDED = "the value ends before this; put the whole text in single quotes, and write a quote inside it twice"
TAB = "a tab stands where spaces are needed; indent with spaces"
SECOND_COLON = "a text that holds ': ' must be in single quotes"
OPEN = "a bracket was opened and never closed"

UNCLOSED = "the quote that opens here is never closed; inside single quotes a quote is written twice"
NO_COLON = "there is no ': ' between a key and a value here; a text of several lines goes after |"
BRACKET = "the bracket here is not closed, or a comma is missing; a text that begins with it needs quotes"
BLOCK = "put a text that begins with | or > in single quotes; a long text begins on the line after |"
LIST = "a list begins on the line after its key; put a text that begins with - in single quotes"
ESCAPE = "a backslash in double quotes makes a special character; write LaTeX in single quotes or after |"
COLON_INSIDE = "inside [ ] or { } a text that holds : must be in single quotes"
DIRECTIVE = "a line cannot begin with % here"

AT_ITS_START = {
    "unexpected end of stream": UNCLOSED,
    "could not find expected ':'": NO_COLON,
    "',' or ']'": BRACKET,
    "',' or '}'": BRACKET,
    "comment or line break": BLOCK,
    "comment or a line break": BLOCK,
    "chomping or indentation": BLOCK,
}
WHERE_IT_BROKE = {
    "unknown escape": ESCAPE,
    "hexadecimal": ESCAPE,
    "hexdecimal": ESCAPE,  # As libyaml spells it.
    "Unicode character escape": ESCAPE,
    "sequence entries are not allowed": LIST,
    "directive": DIRECTIVE,
    "unexpected ':'": COLON_INSIDE,
}
MISFITS = ("expected key", "<block end>", "'-' indicator", "<document start>")
BAD_STARTS = ("start any token", "keys are not allowed", "node content")
SIGILS = ("alias", "anchor", "tag")


def explained(error: yaml.MarkedYAMLError, text: str) -> tuple[str, Position]:
    """Return one sentence on a syntax error, and the line and column it is about."""
    broke = error.problem_mark
    assert broke is not None, "a syntax error has a place"
    began = error.context_mark or broke
    problem = str(error.problem)
    if text[broke.index : broke.index + 1] == "\t" or "tab character" in problem:
        return TAB, _position(broke)
    for words, message in AT_ITS_START.items():
        if words in problem:
            return message, _position(began)
    for words, message in WHERE_IT_BROKE.items():
        if words in problem:
            return message, _position(broke)
    if "scanning a directive" in str(error.context):
        return DIRECTIVE, _position(began)
    if any(word in str(error.context).split() for word in SIGILS):
        return _bad_start(text, began), _position(began)
    return _told_by_line(problem, text, broke), _position(broke)


def _told_by_line(problem: str, text: str, broke: yaml.Mark) -> str:
    before = text[text.rfind("\n", 0, broke.index) + 1 : broke.index]
    if "values are not allowed" in problem:
        return SECOND_COLON if ": " in before else INDENTATION
    if any(words in problem for words in MISFITS):
        return ENDED if before.strip() else INDENTATION
    if "node content" in problem and not text[broke.index :].strip():
        return OPEN
    if any(words in problem for words in (*BAD_STARTS, "tag handle")):
        return _bad_start(text, broke)
    return f"this is not YAML: {problem}"


def _bad_start(text: str, mark: yaml.Mark) -> str:
    return f"a text cannot begin with {text[mark.index : mark.index + 1]!r} here; put it in single quotes"


def _position(mark: yaml.Mark) -> Position:
    return mark.line + 1, mark.column + 1
