"""Encodings: what a byte order mark says is believed, what must be guessed is remarked."""

from __future__ import annotations

import codecs

import pytest

from grader.core.errors import InputError

YAML = "answers: {b: 'é ∂ 𝜕'}\n"
LATIN = "answers: {b: 'é'}\n"
GUESS = "s1.yaml: is not UTF-8, so it was read as {}; if letters look wrong, name the right one with --encoding"

ENCODINGS = [
    ("UTF-8", YAML.encode(), None, "é ∂ 𝜕", []),
    ("UTF-8 with its mark", YAML.encode("utf-8-sig"), None, "é ∂ 𝜕", []),
    ("UTF-16", YAML.encode("utf-16"), None, "é ∂ 𝜕", []),
    ("UTF-16 big end first", codecs.BOM_UTF16_BE + YAML.encode("utf-16-be"), None, "é ∂ 𝜕", []),
    ("UTF-32", YAML.encode("utf-32"), None, "é ∂ 𝜕", []),
    ("UTF-16 without its mark", YAML.encode("utf-16-le"), None, "é ∂ 𝜕", [GUESS.format("UTF-16")]),
    ("UTF-16 big, without its mark", YAML.encode("utf-16-be"), None, "é ∂ 𝜕", [GUESS.format("UTF-16")]),
    ("Latin-1", LATIN.encode("latin-1"), None, "é", [GUESS.format("Windows-1252")]),
    ("Latin-1, said so", LATIN.encode("latin-1"), "latin-1", "é", []),
    ("old DOS, said so", LATIN.encode("cp437"), "cp437", "é", []),
    ("a mark beats what was said", LATIN.encode("utf-8-sig"), "latin-1", "é", []),
]


@pytest.mark.parametrize(
    ("data", "encoding", "answer", "remarks"),
    [each[1:] for each in ENCODINGS],
    ids=[each[0] for each in ENCODINGS],
)
def test_encodings(data: bytes, encoding: str | None, answer: str, remarks: list[str], reading) -> None:
    got = reading({"s1.yaml": data}, encoding)
    assert [each.answers["b"] for each in got.submissions] == [answer]
    assert [str(each) for each in got.remarks] == remarks


REFUSED = [
    (
        "neither",
        b"answers: {b: '\x81\xff'}",
        None,
        "is neither UTF-8 nor Windows-1252 text; name its encoding with --encoding",
    ),
    ("not what was said", LATIN.encode("latin-1"), "utf-8", "is not UTF-8 text, or was cut off"),
    ("half a letter missing", YAML.encode("utf-16")[:-1], None, "is not UTF-16 text, or was cut off"),
    (
        "zip",
        b"PK\x03\x04....",
        None,
        "is a zip archive or a spreadsheet, not text; unpack it, or save the sheet as CSV (UTF-8)",
    ),
]


@pytest.mark.parametrize(
    ("data", "encoding", "message"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_what_is_not_text(data: bytes, encoding: str | None, message: str, reading) -> None:
    with pytest.raises(InputError) as caught:
        reading({"s1.yaml": data}, encoding)
    assert str(caught.value) == f"s1.yaml: {message}"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
def test_long_files_in_every_encoding_and_with_every_line_end(encoding: str, end: str, reading) -> None:
    lines = ['{"student": "é1", "answers": {"b": "x"}}', '{"student": "é2", "answers": {"b": "y"}}', ""]
    table = ["student,a.W_ss,a.W_sx,a.W_o,b,f", "é3,,,,z,", ""]
    got = reading({"a.jsonl": end.join(lines).encode(encoding), "b.csv": end.join(table).encode(encoding)})
    assert [(each.student.id, each.source) for each in got.submissions] == [
        ("é1", "a.jsonl:1"),
        ("é2", "a.jsonl:2"),
        ("é3", "b.csv:2"),
    ]
    assert len(got.remarks) == (2 if encoding == "latin-1" else 0) - (encoding == "latin-1")
