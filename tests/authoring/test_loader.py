"""An author's mistakes: each at its place, all at once, with the nearest right word."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import jsonschema_rs
import pytest
from support.paths import ROOT

from grader.authoring.loader import load_problem
from grader.authoring.schema import json_schema
from grader.core.errors import SpecError
from grader.core.files import strict_yaml

GOOD = """\
title: One
sizes: {m: 2, d: 3}
symbols:
  W: {shape: [m, d]}
  x: {shape: [d, 1]}
parts:
  - id: a
    ask: How big is $W$?
    kind: dimensions
    shape: [m, d]
    points: 1
  - id: b
    ask: What is $z$?
    blanks:
      z: {kind: formula, reference: W @ x, points: 1/3}
"""


def write(folder: Path, text: str, reference: str | None = None) -> Path:
    (folder / "problem.yaml").write_text(text, encoding="utf-8")
    if reference is not None:
        (folder / "reference.py").write_text(reference, encoding="utf-8")
    return folder


def complaints(folder: Path) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load_problem(folder)
    return [str(each).removeprefix(f"{folder}/problem.yaml:") for each in caught.value.complaints]


def test_a_good_file_loads(tmp_path):
    problem = load_problem(write(tmp_path, GOOD))
    assert [blank.address for blank in problem.blanks] == ["a", "b.z"]
    assert [str(part.out_of) for part in problem.parts] == ["1", "1/3"]
    assert len(problem.hash) == 64


BAD = [
    ("title: One", "titel: One", ["1:1: `title` is missing", "1:1: `titel` is not known here; did you mean title?"]),
    ("kind: dimensions", "kind: dimension", ["9:11: there is no kind 'dimension'; did you mean dimensions?"]),
    ("    kind: dimensions\n", "", ["7:5: `kind` is missing; it is one of dimensions, choices, word, number, formula, function"]),
    ("points: 1\n", "pionts: 1\n", ["7:5: `points` is missing", "11:5: `pionts` is not known here; did you mean points?"]),
    ("points: 1\n", "points: one\n", ["11:13: 'one' is not a number such as 2, 0.5 or 1/3"]),
    ("points: 1\n", "points: true\n", ["11:13: a number is needed here, not yes or no"]),
    ("points: 1\n", "points: -1\n", ["11:13: this must be at least 0"]),
    ("points: 1/3", "points: 1/0", ["15:52: a fraction over zero"]),
    ("id: b", "id: total", ["12:9: a part cannot be called 'total': tables have that column"]),
    ("id: b", "id: a", ["12:9: there are two parts 'a'"]),
    ("W: {shape: [m, d]}", "W: {shape: [m, dd]}", ["4:18: the letter 'dd' has no size; give it one under sizes; did you mean d?"]),
    ("W @ x", "W @ q", None),
    ("reference: W @ x", "reference: gradient", None),
    ("      z: {kind", "      z!: {kind", ["15:7: a blank is named with letters, digits and _, not 'z!'"]),
    ("ask: What is $z$?", "ask: 'What ![](no.png)'", [
        "13:10: the picture 'no.png' needs a text for those who cannot see it",
        "13:10: there is no picture 'no.png' in the problem's folder"]),
    ("ask: What is $z$?", "ask: '![key](../../key.png)'", ["13:10: the picture '../../key.png' must lie in the problem's own folder"]),
    ("ask: What is $z$?", "ask: '![key](http://h/k.png)'", ["13:10: the picture 'http://h/k.png' must lie in the problem's own folder"]),
]  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "expected"), BAD, ids=[bad.strip() or "no kind" for _, bad, _ in BAD])
def test_one_mistake(tmp_path, good, bad, expected):
    assert good in GOOD
    found = complaints(write(tmp_path, GOOD.replace(good, bad, 1)))
    if expected is None:
        assert len(found) == 1
        assert found[0].startswith("15:")
    else:
        assert found == expected


def test_every_mistake_at_once_in_the_order_of_the_file(tmp_path):
    text = GOOD.replace("points: 1\n", "points: x\n").replace("kind: formula", "kind: formla").replace("title", "titel")
    assert [line.partition(": ")[0] for line in complaints(write(tmp_path, text))] == [
        "1:1",
        "1:1",
        "11:13",
        "15:17",
    ]


REFERENCES = [
    ("def f(W, x):\n    return W @ x\n", None),
    (
        "def f(W, x)\n    return W @ x\n",
        "this is no Python: expected ':'",
    ),
    (
        "import nothing_like_it\n",
        "reference.py, line 1, fails: ModuleNotFoundError: no module 'nothing_like_it' for reference.py, which may import NumPy, SciPy, SymPy, mpmath and Python's own",
    ),
    ("def g(W, x):\n    return W @ x\n", "reference.py has no function 'f'"),
]


@pytest.mark.process
@pytest.mark.parametrize(("source", "message"), REFERENCES, ids=["good", "syntax", "import", "missing"])
def test_a_reference_that_cannot_be_used(tmp_path, source, message):
    folder = write(tmp_path, GOOD.replace("W @ x", "f"), source)
    if message is None:
        assert load_problem(folder).blanks
    else:
        assert [line.partition(": ")[2].partition(";")[0] for line in complaints(folder)] == [message]


DEFINITIONS = [
    ("z: W x", []),
    ("z: {is: W x, tex: z_t, also: [z_t]}", []),
    ("f(t): tanh(t)\n  h: f(W x)", []),
    ("half: 0.5", []),
    ("z: x W", ["7:3: the shapes do not fit: in 3×1 times 2×3 the inner sizes 1 and 2 differ"]),
    ("z: W y", ["7:6: The name “y” is not known in this question. You may use W, x."]),
    ("h: f(W x)\n  f(t): tanh(t)", ["7:6: The name “f” is not known in this question. You may use W, x."]),
    ("W: x", ["7:3: 'W' is a symbol or a size already"]),
    ("f(t): sum(t)", ["7:3: a function works entry by entry, and 'sum' does not"]),
    ("z: {is: W x, text: z_t}", ["7:16: `text` is not known here; did you mean tex?"]),
]


@pytest.mark.parametrize(("text", "expected"), DEFINITIONS, ids=[text for text, _ in DEFINITIONS])
def test_definitions(tmp_path, text, expected):
    source = GOOD.replace("parts:\n", f"definitions:\n  {text}\nparts:\n")
    if expected:
        assert complaints(write(tmp_path, source)) == expected
    else:
        assert load_problem(write(tmp_path, source)).definitions


def test_no_folder_suggests_a_neighbour(tmp_path):
    write_to = tmp_path / "we_recur"
    write_to.mkdir()
    write(write_to, GOOD)
    with pytest.raises(SpecError) as caught:
        load_problem(tmp_path / "we_recurr")
    assert str(caught.value) == f"{tmp_path}/we_recurr: there is no problem.yaml here; did you mean we_recur?"


def test_not_utf8(tmp_path):
    (tmp_path / "problem.yaml").write_bytes(b"title: Stra\xdfe\n")
    with pytest.raises(SpecError, match=r"problem.yaml: is not UTF-8 text \(byte 11\)"):
        load_problem(tmp_path)


def test_the_hash_moves_with_the_files(tmp_path):
    first = load_problem(write(tmp_path, GOOD)).hash
    assert load_problem(write(tmp_path, GOOD)).hash == first
    assert load_problem(write(tmp_path, GOOD, "pass\n")).hash != first


def test_the_published_schema_is_current():
    published = json.loads((ROOT / "problems" / "problem.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(json_schema())), "run: grader schema -o problems/problem.schema.json"


@pytest.mark.process
def test_the_seed_problem_is_worth_twelve_points():
    problem = load_problem(ROOT / "problems" / "we_recur")
    assert {part.id: int(part.out_of) for part in problem.parts} == {
        "a": 3,
        "b": 3,
        "c": 2,
        "d": 1,
        "e": 1,
        "f": 2,
    }
    assert problem.out_of == 12


def as_json(data):
    if isinstance(data, dict):
        return {key: as_json(value) for key, value in data.items()}
    if isinstance(data, list):
        return [as_json(value) for value in data]
    return float(data) if isinstance(data, Decimal) else data


@pytest.mark.parametrize("file", sorted(ROOT.glob("problems/*/problem.yaml")), ids=lambda file: file.parent.name)
def test_what_editors_check_accepts_the_problems_of_the_bank(file):
    validator = jsonschema_rs.validator_for(json_schema())
    data = as_json(strict_yaml.load(file.read_text(encoding="utf-8"), str(file)).data)
    assert [(list(each.instance_path), each.message) for each in validator.iter_errors(data)] == []
    del data["title"]
    assert not validator.is_valid(data)
