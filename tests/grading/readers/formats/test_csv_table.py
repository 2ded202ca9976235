"""CSV as spreadsheets write it: delimiters, quotes, headers, rows of the wrong length."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.errors import InputError
from grader.core.files.csv_escaping import escape_cell
from grader.grading.readers.formats.csv_columns import parse_cell

HEADER = "student,a.W_ss,a.W_sx,a.W_o,b,f\n"


def table(got: Any) -> list[tuple[str, str | None, dict[str, Any]]]:
    return [(each.student.id, each.student.name, dict(each.answers)) for each in got.submissions]


READ = [
    ("commas", "student,name,b\ns1,Ada,x\n"),
    ("Excel's semicolons", "student;name;b\ns1;Ada;x\n"),
    ("tabs", "student\tname\tb\ns1\tAda\tx\n"),
    ("Excel's first line", "sep=;\r\nstudent;name;b\r\ns1;Ada;x\r\n"),
    ("Excel's first line, quoted", '"sep=|"\nstudent|name|b\ns1|Ada|x\n'),
    ("other names", "ID,Student.Name,Part B\ns1,Ada,x\n"),
    ("other order", "b,Name,Student ID\nx,Ada,s1\n"),
    ("problem column", "student,name,problem,b\ns1,Ada,we_recur,x\ns2,Bo,,\ns3,Cy,dna,z\n"),
    ("all quoted", '"student","name","b"\n"s1","Ada","x"\n'),
    ("empty rows", "\n,,\nstudent,name,b\n\n,,\ns1,Ada,x\n , ,\n"),
    ("empty cells after the row", "student,name,b\ns1,Ada,x,,\n"),
    ("nameless columns", "student,name,b,,\ns1,Ada,x,,\n"),
    ("byte order mark", "\ufeffstudent,name,b\ns1,Ada,x\n"),
    ("a comma in a semicolon header", "student;name;b;Notes, if any\ns1;Ada;x;\n"),
]


@pytest.mark.parametrize("text", [each[1] for each in READ], ids=[each[0] for each in READ])
def test_tables_that_say_the_same(text: str, reading) -> None:
    got = reading({"t.csv": text})
    assert table(got)[0] == ("s1", "Ada", {"b": "x"})
    assert got.errors == ()


def test_cells_are_kept_as_they_are(reading) -> None:
    text = HEADER + 's1, 2x2 ,"a ""b""","one\r\ntwo, three",0010,"A, C"\ns2,[],[2],"[""x""]","[""x"", 1]",[]\n'
    assert table(reading({"t.csv": text})) == [
        (
            "s1",
            None,
            {"a.W_ss": " 2x2 ", "a.W_sx": 'a "b"', "a.W_o": "one\r\ntwo, three", "b": "0010", "f": "A, C"},
        ),
        ("s2", None, {"a.W_ss": (), "a.W_sx": "[2]", "a.W_o": ("x",), "b": '["x", 1]', "f": ()}),
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [("'=x", "=x"), ("'+1", "+1"), ("'@a", "@a"), ("''=x", "'=x"), ("'x", "'x"), ("=x", "=x"), ("'", "'")],
)
def test_the_guard_against_formulas_is_taken_off(cell: str, text: str, reading) -> None:
    [read] = reading({"t.csv": HEADER + f"{cell},,,,{cell},\n"}).submissions
    assert (read.student.id, read.answers["b"]) == (text, text)


def test_a_cell_of_brackets_stays_text() -> None:
    assert parse_cell('["' + "[" * 100_000) == '["' + "[" * 100_000
    assert parse_cell('["a",' + "[" * 100_000 + "]" * 100_000 + "]").__class__ is str


def test_rows_that_cannot_be_read_leave_the_others_alone(reading) -> None:
    text = HEADER + 's1,x\ns2,,,,x,,extra\ns3,,,,"x\ny",\ns4,,,,"a"b",\n,,,,lost,\ns5,,,,x,\n"s6,,,,x,\ns7,,,,x,\n'
    got = reading({"t.csv": text})
    assert [(each.student.id, each.source) for each in got.submissions] == [
        ("s3", "t.csv:4"),
        ("s5", "t.csv:8"),
    ]
    length = "a text that holds ',' or a line break stands in double quotes"
    assert [str(each) for each in got.errors] == [
        f"t.csv:2: this row has 2 cells and the header 6; {length}",
        f"t.csv:3: this row has 7 cells and the header 6; {length}",
        "t.csv:6: a quote stands inside a quoted cell; there it is written twice",
        "t.csv:7: the student's id is empty",
        "t.csv:9: a quote that opens in this row is never closed, so nothing from this line on was read",
    ]


def test_columns_that_are_odd_are_remarked_once(reading) -> None:
    text = "id,nmae,When,a.W_xs,b,f,,a.W_ss\ns1,Ada,noon,1x1,x,y,z,2x2\ns2,Bo,noon,1x1,x,y,z,2x2\n"
    got = reading({"t.csv": text})
    assert table(got)[0] == ("s1", None, {"a.W_xs": "1x1", "b": "x", "f": "y", "a.W_ss": "2x2"})
    assert [str(each) for each in got.remarks] == [
        "t.csv:1: the column 'nmae' is not known and was not read; did you mean name?",
        "t.csv:1: the column 'When' is not known and was not read",
        "t.csv:1: there is no column for a.W_sx, a.W_o, so nobody is taken to have answered there",
        "t.csv:2: column 7 has no name, so what stands in it was not read (and 1 more like it)",
        (
            "t.csv:2: there is no blank 'a.W_xs' in we_recur, so what was written there is not "
            "graded (and 1 more like it); did you mean a.W_sx?"
        ),
    ]


REFUSED = [
    ("empty", "", "t.csv: is empty"),
    ("only Excel's first line", "sep=;\n", "t.csv: is empty"),
    (
        "no student",
        "name,b\nAda,x\n",
        "t.csv:1: no column holds the student's id; its header is 'student' or 'id'",
    ),
    (
        "no header",
        "s1,x\ns2,y\n",
        "t.csv:1: no column holds the student's id; its header is 'student' or 'id'",
    ),
    (
        "a blank twice",
        "\nid,b,(B)\ns1,x,y\n",
        "t.csv:2: two columns hold the same, 'b' and '(B)'; remove one",
    ),
    (
        "the student twice",
        "id,student,b\ns1,s1,y\n",
        "t.csv:1: two columns hold the same, 'id' and 'student'; remove one",
    ),
    (
        "broken header",
        'id,"b"x\ns1,x\n',
        "t.csv:1: a quote stands inside a quoted cell; there it is written twice",
    ),
    (
        "open header",
        'id,"b\ns1,x\n',
        "t.csv:1: a quote that opens in this row is never closed, so nothing from this line on was read",
    ),
]


@pytest.mark.parametrize(("text", "message"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_tables_that_cannot_be_read(text: str, message: str, reading) -> None:
    with pytest.raises(InputError) as caught:
        reading({"t.csv": text})
    assert str(caught.value) == message


def test_large_cells(reading) -> None:
    before = csv.field_size_limit()
    text = HEADER + f"s1,,,,{'x' * 1_000_000},\ns2,,,,{'y' * 2**24}{'y' * 2**20},\ns3,,,,z,\n"
    got = reading({"t.csv": text})
    assert [(each.student.id, len(each.answers["b"])) for each in got.submissions] == [("s1", 1_000_000)]
    assert [str(each) for each in got.errors] == [
        "t.csv:3: a cell here is larger than 16 MiB, so nothing from this line on was read"
    ]
    assert csv.field_size_limit() == before


def test_a_header_with_a_large_cell_is_read(reading) -> None:
    """The csv module's own limit, 131,072 characters, was no limit of ours and looked like a failure of ours."""
    got = reading({"t.csv": f"student,b,{'h' * 200_000}\ns1,x,y\n"})
    assert [(each.student.id, each.answers["b"]) for each in got.submissions] == [("s1", "x")]


def test_a_large_cell_of_many_lines_does_not_hide_a_forged_row(reading) -> None:
    text = HEADER + 's1,,,,"' + ("x" * 1023 + "\n") * 2**14 + "xx\ns2,,,,forged,\n" + '",\ns3,,,,z,\ns4,,,,z,\n'
    with pytest.raises(InputError) as caught:
        reading({"t.csv": text})
    assert str(caught.value) == ("t.csv:2: a cell here is larger than 16 MiB, so nothing from this line on was read")


def test_a_nul_byte_is_kept_and_remarked(reading) -> None:
    got = reading({"t.csv": HEADER + "s1,,,,x\x00y,\n"})
    assert table(got) == [("s1", None, {"b": "x\x00y"})]
    assert [str(each) for each in got.remarks] == ["t.csv:2: the answer to b holds a control character (U+0000)"]


CELLS = st.text(st.characters(exclude_categories=["C"]) | st.sampled_from("=+-@\t\r\n',\";"), min_size=1)


@given(CELLS.filter(lambda cell: not cell.strip().startswith("[")))
def test_what_a_guarded_writer_writes_is_read_back(cell: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow([escape_cell(cell)])
    [[back]] = csv.reader(io.StringIO(out.getvalue(), newline=""), strict=True)
    assert parse_cell(back) == cell
