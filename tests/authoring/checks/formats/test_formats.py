"""The forms in which findings are told: documents that other programs read, and a table that fits a terminal."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from grader.authoring.checks.findings import CHECKS, CheckFinding, ClaimResult, Report, report_from_json
from grader.authoring.checks.formats import FORMATS, table
from grader.core.errors import Complaint

HOSTILE = "a < b & \"c\" ]]> 100% 'd', e: f::g\r\nzweite Zeile \x00\x1b[31m\x9b\ufffe\ud800 ﷽ 𝛁 [bold]x[/bold] [/] \\"
BAD = Report(
    "exam <1>",
    "bank/a,b:c%/exam <1>",
    (
        CheckFinding("spec", Complaint("bank/a,b:c%/problem.yaml", HOSTILE, 3, 7, "this, or: that 100%")),
        CheckFinding("sharpness", Complaint("bank/a,b:c%/problem.yaml", "plain", 4, 1), "warning"),
        CheckFinding("examples", Complaint("examples.yaml", "no place")),
        CheckFinding("examples", Complaint("examples.yaml", "another", 9)),
        CheckFinding("run", Complaint("problem.yaml", "the grader itself failed:\nTraceback"), grader_failed=True),
    ),
    (
        ClaimResult("a", "gradient: loss, wrt: x", "refuted", "at [m] = 3"),
        ClaimResult("b.x", "", "convention", "It is\n  so."),
    ),
    ("a: a note",),
)
GOOD = Report("good", "bank/good", (), (ClaimResult("a", "equals: f", "proven", "the same"),))


def written(form, *reports):
    return "\n".join(FORMATS[form](reports))


def test_junit_is_xml_whatever_is_told():
    root = ElementTree.fromstring(written("junit", BAD, GOOD).encode("utf-8"))
    assert root.attrib == {"name": "grader check", "tests": "14", "failures": "3", "errors": "1"}
    assert [suite.attrib for suite in root] == [
        {"name": BAD.path, "tests": "7", "failures": "3", "errors": "1"},
        {"name": GOOD.path, "tests": "7", "failures": "0", "errors": "0"},
    ]
    for suite, report in zip(root, (BAD, GOOD), strict=True):
        assert [(case.get("classname"), case.get("name")) for case in suite] == [
            (report.problem, name) for name in CHECKS
        ]
    assert root[1].findall(".//failure") == root[1].findall(".//error") == []


def test_junit_tells_every_finding_under_its_check():
    [suite] = ElementTree.fromstring(written("junit", BAD).encode("utf-8"))
    told = {case.get("name"): case[0] for case in suite if len(case)}
    assert {name: (each.tag, each.get("type")) for name, each in told.items()} == {
        "spec": ("failure", "error"),
        "examples": ("failure", "error"),
        "sharpness": ("failure", "warning"),
        "run": ("error", "error"),
    }
    assert told["examples"].text == "examples.yaml: no place\nexamples.yaml:9: another"
    assert told["sharpness"].text == "bank/a,b:c%/problem.yaml:4:1: plain"
    assert told["run"].get("message") == "the grader itself failed:\nTraceback"


def test_junit_replaces_what_xml_cannot_hold_and_nothing_else():
    [suite] = ElementTree.fromstring(written("junit", BAD).encode("utf-8"))
    message = suite[0][0].get("message")
    expected = re.sub("[\x00\x1b\ufffe\ud800]", "\ufffd", HOSTILE)
    assert message == expected
    assert suite[0][0].text == f"bank/a,b:c%/problem.yaml:3:7: {expected}; did you mean this, or: that 100%?".replace(
        "\r\n", "\n"
    )


def test_github_annotations_are_one_line_each_and_escaped():
    lines = written("github", BAD, GOOD).split("\n")
    assert lines == [
        "::error file=bank/a%2Cb%3Ac%25/problem.yaml,line=3,col=7,title=grader%3A spec::"
        + HOSTILE.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        + "; did you mean this, or: that 100%25?",
        "::warning file=bank/a%2Cb%3Ac%25/problem.yaml,line=4,col=1,title=grader%3A sharpness::plain",
        "::error file=examples.yaml,title=grader%3A examples::no place",
        "::error file=examples.yaml,line=9,title=grader%3A examples::another",
        "::error file=problem.yaml,title=grader%3A run::the grader itself failed:%0ATraceback",
        "2 problems, 1 clean: 4 errors, 1 warning; keys: 1 proven, 1 refuted, 0 unproven, 1 convention.",
    ]


def unescaped(text):
    """Undo what is escaped as GitHub's runner does."""
    for escape, plain in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, plain)
    return text


@pytest.mark.parametrize(
    "text",
    ["100%", "%0A", "%250A", "%25", "a\nb", "a\r\nb", "a,b", "a:b", "a::b", "::error::x", "", "%2C,%3A:"],
)
def test_github_reads_back_what_was_told(text):
    report = Report("p", "p", (CheckFinding("spec", Complaint(text, text, 1, 2)),))
    command = written("github", report).split("\n")[0]
    found = re.fullmatch(r"::error file=([^,:]*),line=1,col=2,title=grader%3A spec::(.*)", command)
    assert found
    assert [unescaped(each) for each in found.groups()] == [text, text]


def test_json_holds_everything():
    data = json.loads(written("json", BAD, GOOD))
    assert data == {
        "problems": [BAD.to_json(), GOOD.to_json()],
        "summary": {
            "problems": 2,
            "clean": 1,
            "errors": 4,
            "warnings": 1,
            "proven": 1,
            "refuted": 1,
            "unproven": 0,
            "convention": 1,
        },
    }
    assert data["problems"][0]["findings"][0] == {
        "check": "spec",
        "level": "error",
        "ours": False,
        "file": "bank/a,b:c%/problem.yaml",
        "message": HOSTILE,
        "line": 3,
        "column": 7,
        "suggestion": "this, or: that 100%",
    }
    assert data["problems"][0]["proofs"][1] == {
        "blank": "b.x",
        "claim": "",
        "status": "convention",
        "evidence": "It is\n  so.",
    }
    assert [report_from_json(each) for each in data["problems"]] == [BAD, GOOD]


@pytest.mark.parametrize(("form", "expected"), [
    ("junit", '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="grader check" tests="0" failures="0" errors="0" />'),
    ("github", "0 problems, 0 clean: 0 errors, 0 warnings; keys: 0 proven, 0 refuted, 0 unproven, 0 conventions."),
])  # fmt: skip
def test_of_no_problem(form, expected):
    assert written(form) == expected


def shown(monkeypatch, capsys, reports, verbose=False, columns=80):
    """Return what the table prints to something that is no terminal."""
    monkeypatch.setenv("COLUMNS", str(columns))
    table.show(reports, verbose)
    return capsys.readouterr().out


MANY = tuple(ClaimResult(f"{letter}.a_long_name", "equals: f", "proven", "the same") for letter in "abcdefgh")
BANK = [
    Report("we_recur", "problems/we_recur", (), (*(ClaimResult(each, "equals: f", "proven", "the same") for each in "abc"), ClaimResult("d", "", "convention", "A name."))),
    Report("ridge", "problems/ridge", (
        CheckFinding("examples", Complaint("problems/ridge/examples.yaml", "a: there is no right answer among the examples")),
        CheckFinding("proof", Complaint("problems/ridge/problem.yaml", "a: this could not be proved: why", 7, 5, "this"), "warning"),
    ), (ClaimResult("a", "equals: f", "unproven", "why"), ClaimResult("b", "equals: f", "refuted", "no"))),
    Report("many", "problems/many", (CheckFinding("sharpness", Complaint("problems/many/problem.yaml", "b: the exam cannot tell", 9, 5), "warning"),), MANY),
]  # fmt: skip


def test_the_table_at_80_columns(monkeypatch, capsys):
    assert (
        shown(monkeypatch, capsys, BANK)
        == """\
┏━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━━━┓
┃ Problem  ┃ Findings              ┃ Proven ┃ Refuted ┃ Unproven ┃ Convention ┃
┡━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━━━┩
│ we_recur │ ✓                     │ a b c  │         │          │ d          │
│ ridge    │ ✗ 1 examples, 1 proof │        │ b       │ a        │            │
│ many     │ ✗ 1 sharpness         │ 8      │         │          │            │
└──────────┴───────────────────────┴────────┴─────────┴──────────┴────────────┘
error examples problems/ridge/examples.yaml: a: there is no right answer among the examples
warning proof problems/ridge/problem.yaml:7:5: a: this could not be proved: why; did you mean this?
warning sharpness problems/many/problem.yaml:9:5: b: the exam cannot tell
convention we_recur d A name.

3 problems, 1 clean: 1 error, 2 warnings; keys: 11 proven, 1 refuted, 1 unproven, 1 convention.
"""
    )


LONG = Report(
    "a_problem_with_a_name_that_is_far_longer_than_any_that_people_would_choose",
    "bank/long",
    tuple(
        CheckFinding(check, Complaint("bank/long/problem.yaml", f"{check} {'word ' * 40}", 1, 1)) for check in CHECKS
    ),
    MANY,
)


def test_a_table_of_much_still_fits_80_columns(monkeypatch, capsys):
    out = shown(monkeypatch, capsys, [LONG, GOOD, BAD])
    framed = [line for line in out.splitlines() if line[:1] in "┏┃┡│└├"]
    assert framed
    assert max(map(len, framed)) <= 80
    names = "".join(re.findall(r"^│ ([^│]*?) *│", "\n".join(framed), re.M))
    assert LONG.problem in names
    assert GOOD.problem in names


def test_a_finding_is_one_line_however_long_so_that_its_place_can_be_copied(monkeypatch, capsys):
    out = shown(monkeypatch, capsys, [LONG], columns=40)
    for check in CHECKS:
        assert f"error {check} bank/long/problem.yaml:1:1: {check} {'word ' * 40}".rstrip() in [
            line.rstrip() for line in out.splitlines()
        ]


def test_nothing_that_is_told_moves_the_cursor_or_is_taken_for_markup(monkeypatch, capsys):
    out = shown(monkeypatch, capsys, [BAD], verbose=True)
    assert "[bold]x[/bold] [/] \\" in out
    assert "refuted exam <1> a gradient: loss, wrt: x: at [m] = 3" in out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", out)


def test_conventions_are_always_told_and_the_rest_with_verbose(monkeypatch, capsys):
    brief = shown(monkeypatch, capsys, [BAD, GOOD])
    assert "convention exam <1> b.x It is so.\n" in brief
    assert "a note" not in brief and "proven good" not in brief
    verbose = shown(monkeypatch, capsys, [BAD, GOOD], verbose=True)
    assert "note exam <1> a: a note\n" in verbose
    assert "proven good a equals: f: the same\n" in verbose
