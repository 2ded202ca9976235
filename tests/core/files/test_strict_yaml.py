"""The YAML that specs and submissions are read from: what scalars mean, where they stand, what is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from support.timing import at_most

from grader.core.errors import InputError
from grader.core.files import strict_yaml
from grader.core.files.strict_yaml import load

PARSERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]


def refusal(text: str, texts: bool = False) -> str:
    with pytest.raises(InputError) as caught:
        load(text, "f.yaml", texts)
    return str(caught.value).removeprefix("f.yaml:")


@pytest.fixture(params=PARSERS, ids=["pyyaml", "libyaml"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_yaml, "LOADER", request.param)


SCALARS = [
    ("true", True),
    ("False", False),
    ("yes", "yes"),
    ("no", "no"),
    ("on", "on"),
    ("y", "y"),
    ("", None),
    ("~", None),
    ("null", None),
    ("12", 12),
    ("-3", -3),
    ("010", 10),
    ("0o17", 15),
    ("0x10", 16),
    ("1_000", "1_000"),
    ("12:30:00", "12:30:00"),
    ("2024-01-31", "2024-01-31"),
    ("0.1", Decimal("0.1")),
    ("1.", Decimal(1)),
    (".5", Decimal("0.5")),
    ("1e5", Decimal("1e5")),
    ("-2.50E-3", Decimal("-0.0025")),
    ("1e999999999", "1e999999999"),
    (".inf", ".inf"),
    (".nan", ".nan"),
    ("1/3", "1/3"),
    ("'12'", "12"),
    ('"true"', "true"),
    ("'~'", "~"),
    ("=", "="),
    (r"'\frac{1}{2}'", r"\frac{1}{2}"),
    (r'"\\frac"', r"\frac"),
    (r'"\\theta"', r"\theta"),
    (r'"one\ntwo"', "one\ntwo"),
    (r'"a\tb = 1\nreturn a"', "a\tb = 1\nreturn a"),
]


@pytest.mark.parametrize(("written", "meant"), SCALARS, ids=[each[0] or "empty" for each in SCALARS])
def test_scalars_mean_what_yaml_1_2_says(written: str, meant: Any, parser: None) -> None:
    got = load(f"x: {written}\n", "f.yaml").data["x"]
    assert (got, type(got)) == (meant, type(meant))


@pytest.mark.parametrize(
    "written", ["no", "010", "1e5", "2x2", "true", "1_0", "0.10", "0x1F", "-", "\N{PARTIAL DIFFERENTIAL}L"]
)
def test_an_answer_stays_as_it_was_typed(written: str) -> None:
    if written == "-":
        written = "'-'"
    assert load(f"x: {written}\n", "f.yaml", texts=True).data == {"x": written.strip("'")}


def test_in_texts_only_null_is_missing_and_keys_are_texts() -> None:
    assert load("1: ~\nno: null\ntrue:\n'null': 'null'\n", "f.yaml", texts=True).data == {
        "1": None,
        "no": None,
        "true": None,
        "null": "null",
    }


REFUSED = [
    ("duplicate key", "a: 1\nb: 2\na: 3\n", "3:1: the key 'a' is here twice; the first is in line 1"),
    ("duplicate deep", "x:\n  - {a: 1, a: 1}\n", "2:12: the key 'a' is here twice; the first is in line 2"),
    (
        "anchor",
        "a: &x 1\n",
        ("1:4: anchors and aliases (& and *) are not used here; a text that begins with one needs single quotes"),
    ),
    (
        "alias",
        "a: *x\n",
        ("1:4: anchors and aliases (& and *) are not used here; a text that begins with one needs single quotes"),
    ),
    ("lone star", "a: * x\n", "1:4: a text cannot begin with '*' here; put it in single quotes"),
    ("merge", "a:\n  <<: {b: 1}\n", "2:3: merge keys (<<) are not used here"),
    (
        "tag",
        "a: !!str 1\n",
        "1:4: tags (!) are not used here; put a text that begins with ! in single quotes",
    ),
    ("tag handle", "a: !e!x 1\n", "1:4: a text cannot begin with '!' here; put it in single quotes"),
    (
        "object tag",
        "a: !!python/object/apply:os.system [x]\n",
        "1:4: tags (!) are not used here; put a text that begins with ! in single quotes",
    ),
    ("number as key", "1: x\n", "1:1: a key must be a text; put it in single quotes"),
    ("null as key", "~: x\n", "1:1: a key must be a text; put it in single quotes"),
    ("list as key", "[a]: x\n", "1:1: a key must be a text, not a list or a mapping"),
    ("two documents", "a: 1\n---\nb: 2\n", "2:1: a second document begins here; keep one in a file"),
    ("tab indents", "a:\n\tb: 1\n", "2:1: a tab stands where spaces are needed; indent with spaces"),
    ("tab in a block", "a: |\n  x\n\ty\n", "3:1: a tab stands where spaces are needed; indent with spaces"),
    ("two colons", "a: b: c\n", "1:5: a text that holds ': ' must be in single quotes"),
    (
        "no colon",
        "a: 1\nb\nc: 2\n",
        "2:1: there is no ': ' between a key and a value here; a text of several lines goes after |",
    ),
    (
        "open quote",
        "a: 'x\nb: 2\n",
        "1:4: the quote that opens here is never closed; inside single quotes a quote is written twice",
    ),
    (
        "open list",
        "a: [1, 2\nb: 3\n",
        "1:4: the bracket here is not closed, or a comma is missing; a text that begins with it needs quotes",
    ),
    (
        "open mapping",
        "a: {x: 1\nb: 3\n",
        "1:4: the bracket here is not closed, or a comma is missing; a text that begins with it needs quotes",
    ),
    ("open bracket last", "a: [", "1:5: a bracket was opened and never closed"),
    (
        "bracket, then text",
        "a: [W]^T\n",
        ("1:7: the value ends before this; put the whole text in single quotes, and write a quote inside it twice"),
    ),
    (
        "quote in quotes",
        "a: 'it's'\n",
        ("1:8: the value ends before this; put the whole text in single quotes, and write a quote inside it twice"),
    ),
    (
        "half indented",
        "a:\n  b: 1\n c: 2\n",
        "3:2: this line does not fit the lines above it; check its indentation",
    ),
    (
        "over-indented",
        "a: 1\n b: 2\n",
        "2:3: this line does not fit the lines above it; check its indentation",
    ),
    (
        "dedented root",
        "  a: 1\nb: 2\n",
        "2:1: this line does not fit the lines above it; check its indentation",
    ),
    (
        "key in a list",
        "a:\n  - 1\n  b: 2\n",
        "3:3: this line does not fit the lines above it; check its indentation",
    ),
    (
        "list on the key's line",
        "a: - b\n",
        "1:4: a list begins on the line after its key; put a text that begins with - in single quotes",
    ),
    ("at sign", "a: @x\n", "1:4: a text cannot begin with '@' here; put it in single quotes"),
    ("percent", "a: %x\n", "1:4: a text cannot begin with '%' here; put it in single quotes"),
    ("closing bracket", "a: ]\n", "1:4: a text cannot begin with ']' here; put it in single quotes"),
    (
        "greater than",
        "a: >= 3\n",
        "1:4: put a text that begins with | or > in single quotes; a long text begins on the line after |",
    ),
    ("form feed", 'a: "\\frac{1}{2}"\n', f"1:4: {strict_yaml.ESCAPED}"),
    ("tab and heta", 'a: "\\theta"\n', f"1:4: {strict_yaml.ESCAPED}"),
    ("newline and abla", 'a: "$\\nabla f$"\n', f"1:4: {strict_yaml.ESCAPED}"),
    ("line separator", 'a: "\\Lambda"\n', f"1:4: {strict_yaml.ESCAPED}"),
    ("NUL", "a: 1\nb: x\x00\n", "2:5: there is a control character here (U+0000); remove it"),
    ("half a surrogate pair", "a: \ud800\n", "1:4: there is a control character here (U+D800); remove it"),
    ("deep", "a: " + "[" * 100_000, "1:43: this is nested deeper than 40 levels"),
    ("deep block", "- " * 3000 + "x", "1:81: this is nested deeper than 40 levels"),
]


@pytest.mark.parametrize(("text", "message"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_what_is_refused_says_where_and_what_to_do(text: str, message: str, parser: None) -> None:
    if text == "a: [" and strict_yaml.LOADER is not yaml.SafeLoader:
        message = message.replace("1:5", "2:1")  # Where the text ends, libyaml counts one line more.
    assert refusal(text) == message


UNKNOWN_ESCAPE = "a backslash in double quotes makes a special character; write LaTeX in single quotes or after |"


@pytest.mark.parametrize("escape", [r"\partial", r"\xzz", r"\W"])
def test_an_unknown_escape_is_told_as_latex_in_the_wrong_quotes(escape: str, parser: None) -> None:
    assert refusal(f'a: "{escape}"\n').partition(": ")[2] == UNKNOWN_ESCAPE


def test_the_control_character_message_in_full() -> None:
    assert strict_yaml.ESCAPED == (
        "a control character came out of a backslash in double quotes; write LaTeX in single quotes or after |"
    )


GOOD = [
    ("forty levels", "[" * 40 + "]" * 40),
    ("one document with a marker", "---\na: 1\n"),
    ("quoted merge key", "'<<': 1\n"),
    ("quoted star", "a: '*x'\n"),
    ("tab inside a block's text", "a: |\n  def f():\n  \treturn 1\n"),
    ("same key in two mappings", "- {a: 1}\n- {a: 1}\n"),
    ("byte order mark", "\ufeffa: 1\n"),
    ("Windows line ends", "a: 1\r\nb: 2\r\n"),
]


@pytest.mark.parametrize("text", [each[1] for each in GOOD], ids=[each[0] for each in GOOD])
def test_what_is_close_to_refused_but_fine(text: str, parser: None) -> None:
    assert load(text, "f.yaml").data == yaml.safe_load(text)


PLACED = """\
title: One
parts:
  - id: a
    blanks: {z: {points: 1}}
  -
    id: b
"""


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), (1, 1), (1, 1)),
        (("title",), (1, 8), (1, 1)),
        (("parts", 0), (3, 5), (3, 5)),
        (("parts", 0, "blanks", "z", "points"), (4, 26), (4, 18)),
        (("parts", 1, "id"), (6, 9), (6, 5)),
        (("parts", 1, "ask"), (6, 5), (6, 5)),
        (("parts", 7), (3, 3), (2, 1)),
        (("nowhere", "at", "all"), (1, 1), (1, 1)),
    ],
)
def test_every_value_and_key_has_a_place(path: Any, value: Any, key: Any, parser: None) -> None:
    document = load(PLACED, "f.yaml")
    assert (document.place(path), document.key_place(path)) == (value, key)


def test_places_count_characters_not_bytes(parser: None) -> None:
    document = load("𝜕: {x: é, y: 1}\n", "f.yaml")
    assert document.key_place(("𝜕", "y")) == (1, 11)


@pytest.mark.parametrize("text", ["", "\n# nothing\n", "---\n"])
def test_an_empty_file_holds_none(text: str) -> None:
    document = load(text, "f.yaml")
    assert document.data is None
    assert document.place(("a",))[1] >= 1


@pytest.mark.bench
def test_a_million_brackets_cost_nothing() -> None:
    with at_most(2):
        refusal("[" * 1_000_000)


TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]) | st.sampled_from("\n\\\"'"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_json_is_read_as_the_yaml_it_is(value: Any) -> None:
    written = json.dumps(value, ensure_ascii=False)
    assume(not strict_yaml.ESCAPED_COMMAND.search(written.replace("\\\\", "")))
    assert load(written, "f.yaml").data == value


def mistold(text: str) -> str | None:
    """Return the message on a text if it has no place or is not in our own words."""
    try:
        load(text, "f.yaml")
    except InputError as error:
        complaint = error.complaint
        return None if complaint.line and "this is not YAML" not in complaint.message else str(complaint)
    return None


@given(st.text() | st.text("ab:- \n\t{}[],'\"&*!|>%@#?\\", max_size=40))
def test_any_text_is_read_or_refused_in_our_own_words(text: str) -> None:
    assert mistold(text) is None
