"""JSON Lines: each line for itself."""

from __future__ import annotations

import json

import pytest
from support.timing import at_most

from grader.grading.readers.formats.encoding import MAX_LINE_CHARACTERS


def test_each_line_for_itself(reading) -> None:
    lines = [
        '{"student": "s1", "answers": {"b": 1.50, "f": ["wox"]}}',
        "",
        '{"student": "s2"',
        "[" * 100_000,
        '{"student": "s3", "answers": {"b": "x\ty"}}',
        '["s4"]',
        '{"answers": {}}',
        '{"student": "s5", "answers": {"b": NaN}}',
        '{"student": "s6", "student": "s7"}',
        "{'student': 's8'}",
        '{"student": "s10"} # fine',
        '{"student": "s11, "answers": {}}',
        '{"student": "s12", "answers": {"b": 1 2}}',
        '{"student": "s13", "answers": {"b": "x}}',
        '{"student" "s14"}',
        '{"student": "s15", "answers": }',
    ]
    got = reading({"a.jsonl": "\n".join(lines)})
    assert [(each.source, each.student.id, dict(each.answers)) for each in got.submissions] == [
        ("a.jsonl:1", "s1", {"b": "1.50", "f": ("wox",)}),
        ("a.jsonl:8", "s5", {"b": "NaN"}),
    ]
    assert [str(each).removeprefix("a.jsonl:") for each in got.errors] == [
        "3:17: a comma is missing before this, or a bracket is not closed",
        "4:1: brackets are nested far too deeply",
        "5:38: a line break or a tab stands inside a text; write it as \\n or \\t",
        "6: this is not a record with the keys student and answers",
        "7: no student is named here",
        "9:1: the key 'student' is here twice",
        "10:2: a key in double quotes belongs here; a comma before } is one too many",
        "11:20: there is more after the end; one record per line belongs in a .jsonl file",
        "12:20: a comma is missing before this, or a bracket is not closed",
        "13:39: a comma is missing before this, or a bracket is not closed",
        "14:37: the text that opens here is never closed",
        "15:12: a colon is missing before this",
        "16:31: a value is missing here; a text stands in double quotes",
    ]


def test_a_comma_too_many(reading) -> None:
    """Python 3.13 has a message of its own for this."""
    [broken] = reading({"a.jsonl": '{"student": "s1"}\n{"student": "s9",}\n'}).errors
    assert broken.line == 2
    assert broken.message.endswith("is one too many")


def test_a_line_that_is_too_long_is_broken_and_the_next_is_read(reading) -> None:
    long = '{"student": "s1", "answers": {"b": "' + "x" * (MAX_LINE_CHARACTERS + 2**20) + '"}}'
    got = reading({"a.jsonl": f'{long}\n{{"student": "s2"}}\n'})
    assert [(each.student.id, each.source) for each in got.submissions] == [("s2", "a.jsonl:2")]
    assert [str(each) for each in got.errors] == ["a.jsonl:1: this line is longer than 16 MiB"]


@pytest.mark.bench
def test_ten_thousand_lines_read_in_less_than_a_second(reading) -> None:
    answers = {"a": {"W_ss": "2x2", "W_sx": "2x2", "W_o": "2x2"}, "b": "W_sx.T @ W_o.T @ dLdz2", "f": ["wox"]}
    rows = [json.dumps({"student": {"id": f"s{n}"}, "answers": answers}) for n in range(10_000)]
    files = {"a.jsonl": "\n".join(rows)}
    reading(files)
    with at_most(1):
        assert len(reading(files).submissions) == 10_000
