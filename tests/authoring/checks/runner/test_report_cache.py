"""Reports that are kept: the same as new ones, gone with any edit, and never in the way."""

from __future__ import annotations

import hmac
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import TEST_PROBLEMS

import grader
from grader.authoring.checks.findings import Report
from grader.authoring.checks.runner.report_cache import ReportCache, cache_folder
from grader.authoring.checks.runner.worker_pool import WorkerPool

pytestmark = pytest.mark.process

GOOD = TEST_PROBLEMS / "descent"


@pytest.fixture(scope="module")
def pool():
    """One process that checks, for all tests here; what it keeps is each test's own."""
    with WorkerPool(workers=1, seconds=30) as pool:
        yield pool


@pytest.fixture
def cache(tmp_path, pool):
    pool.cache = ReportCache(tmp_path / "kept")
    return pool.cache


@pytest.fixture
def folder(tmp_path):
    """A copy with an error, a warning, proofs and notes."""
    copy = tmp_path / "bank" / "descent"
    shutil.copytree(GOOD, copy)
    spec = copy / "problem.yaml"
    text = (
        spec.read_text(encoding="utf-8")
        .replace("scoring: balanced", "scoring: net-correct")
        .replace("(#part-b)", "(#part-h)")
    )
    spec.write_text(text, encoding="utf-8")
    return copy


def files(cache):
    return sorted(cache.folder.glob("*.json"))


def test_a_kept_report_is_the_new_one(pool, cache, folder):
    assert cache.find(folder) is None
    cold = pool.report(folder)
    assert [each.check for each in cold.findings] == ["policy", "presentation"]
    assert len(cold.claim_results) == 12
    assert cold.notes
    assert cache.find(folder) == cold == pool.report(folder)
    assert len(files(cache)) == 1


def test_a_good_problem_is_kept_too(pool, cache):
    cold = pool.report(GOOD)
    assert cold.findings == ()
    assert cache.find(GOOD) == cold


def longer(file):
    file.write_bytes(file.read_bytes() + b"\n")


EDITS = {
    "the spec": lambda folder: longer(folder / "problem.yaml"),
    "the reference": lambda folder: longer(folder / "reference.py"),
    "the examples": lambda folder: longer(folder / "examples.yaml"),
    "a picture": lambda folder: longer(folder / "layer.svg"),
    "a new file": lambda folder: (folder / "notes.txt").write_text("new"),
    "a new file, deep": lambda folder: ((folder / "figures").mkdir(), (folder / "figures" / "a.png").write_bytes(b"")),
    "no examples": lambda folder: (folder / "examples.yaml").unlink(),
    "another name of a file": lambda folder: (folder / "layer.svg").rename(folder / "layers.svg"),
    "another name of the folder": lambda folder: folder.rename(folder.with_name("ascent")),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_is_checked_anew(cache, folder, edit):
    report = Report("descent", str(folder))
    cache.store(folder, report)
    assert cache.find(folder) == report
    edit(folder)
    [now] = folder.parent.iterdir()
    assert cache.find(now) is None


def test_what_was_edited_and_taken_back_is_still_known(pool, cache, folder):
    cold = pool.report(folder)
    spec = folder / "problem.yaml"
    text = spec.read_bytes()
    spec.write_bytes(text + b"# more\n")
    assert cache.find(folder) is None
    spec.write_bytes(text)
    assert cache.find(folder) == cold


def test_an_edit_that_mends_mends_the_report(pool, cache, folder):
    assert pool.report(folder).findings
    shutil.copy(GOOD / "problem.yaml", folder)
    assert pool.report(folder).findings == ()
    assert len(files(cache)) == 2


def test_a_report_follows_its_problem_to_another_place(pool, cache, folder, tmp_path):
    cold = pool.report(folder)
    there = tmp_path / "elsewhere" / folder.name
    shutil.copytree(folder, there)
    warm = cache.find(there)
    assert warm is not None
    assert warm.path == str(there)
    assert {each.complaint.file for each in warm.findings} == {str(there / "problem.yaml")}
    shutil.rmtree(cache.folder)
    assert pool.report(there) == warm != cold


def test_another_grader_keeps_its_own(cache, folder, tmp_path):
    cache.store(folder, Report("descent", str(folder)))
    shutil.copytree(
        Path(grader.__file__).parent,
        tmp_path / "other" / "grader",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    with (tmp_path / "other" / "grader" / "core" / "points.py").open("a") as file:
        file.write("# Another version.\n")
    program = f"from pathlib import Path; from grader.authoring.checks.runner.report_cache import ReportCache; print(ReportCache(Path({str(cache.folder)!r})).find(Path({str(folder)!r})))"
    for root, found in ((Path(grader.__file__).parents[1], False), (tmp_path / "other", True)):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(root)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout.strip() == "None") is found


GARBLED = {
    "empty": b"", "half": None, "no JSON": b"{", "not UTF-8": b"\xff\xfe", "null": b"null", "a list": b"[]", "a text": b'"problem"',
    "no fields": b"{}", "other fields": b'{"problem": "p", "path": "p", "findings": [{}], "proofs": [], "notes": []}',
    "a number for findings": b'{"problem": "p", "path": "p", "findings": 3, "proofs": [], "notes": []}',
    "an older layout": b'{"problem": "descent", "path": "p", "findings": [], "notes": []}',
    "a finding of an older layout": b'{"problem": "p", "path": "p", "findings": ["a text"], "proofs": [], "notes": [], "kept": true}',
    "deep": b"[" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("data", GARBLED.values(), ids=GARBLED)
def test_a_garbled_file_is_none(cache, folder, data):
    report = Report("descent", str(folder), notes=("a note",))
    cache.store(folder, report)
    [file] = files(cache)
    signed = signature(cache, file, data).encode() + b"\n" + data if data is not None else file.read_bytes()[:-20]
    file.write_bytes(signed)
    assert cache.find(folder) is None
    cache.store(folder, report)
    assert cache.find(folder) == report


def test_a_garbled_file_is_made_anew(pool, cache, folder):
    cold = pool.report(folder)
    [file] = files(cache)
    complete = file.read_bytes()
    file.write_bytes(complete[: len(complete) // 2])
    assert pool.report(folder) == cold
    assert file.read_bytes() == complete


def test_a_folder_in_place_of_the_file_does_not_matter(pool, cache, folder):
    cold = pool.report(folder)
    [file] = files(cache)
    file.unlink()
    file.mkdir()
    assert pool.report(folder) == cold


def test_a_folder_that_cannot_be_written_does_not_matter(pool, folder, tmp_path):
    (tmp_path / "file").write_text("in the way")
    pool.cache = ReportCache(tmp_path / "file" / "kept")
    first = pool.report(folder)
    assert pool.report(folder) == first
    assert (tmp_path / "file").read_text() == "in the way"


HANGING = {
    "the reference at import": ("import numpy as np", "while True:\n    pass"),
    "the key": ("    return W.T @ (W @ x - t)", "    while True:\n        pass"),
    "a function of the model": ("    return np.zeros((3, 2)).size", "    while True:\n        pass"),
    "everything": ("    return W @ x\n", "    while True:\n        pass\n"),
}


@pytest.mark.parametrize(("piece", "hangs"), HANGING.values(), ids=HANGING)
def test_what_ran_out_of_time_is_not_kept(folder, tmp_path, piece, hangs):
    source = (folder / "reference.py").read_text(encoding="utf-8")
    assert piece in source
    (folder / "reference.py").write_text(source.replace(piece, hangs), encoding="utf-8")
    cache = ReportCache(tmp_path / "kept")
    with WorkerPool(workers=1, seconds=4.5, cache=cache) as pool:
        report = pool.report(folder)
    assert any("long" in each.complaint.message for each in report.findings)
    assert cache.find(folder) is None
    assert not cache.folder.exists() or not files(cache)


def test_a_report_is_kept_as_one_whole_file(pool, cache, folder):
    pool.report(folder)
    [file] = files(cache)
    assert file.suffix == ".json"
    assert json.loads(file.read_text(encoding="utf-8").partition("\n")[2])["problem"] == "descent"


def signature(cache, file, data: bytes, key: bytes | None = None) -> str:
    """Return the authentication code of a report in a file, as whoever has the key would work it out."""
    key = (cache.folder / "key").read_bytes() if key is None else key
    return hmac.new(key, file.stem.encode() + b"\n" + data, "sha256").hexdigest()


CLEAN = b'{"problem": "descent", "path": "p", "findings": [], "proofs": [], "notes": ["forged"], "kept": true}'


@pytest.fixture
def honest(cache, folder):
    """The file of an honest report, which is found."""
    report = Report("descent", str(folder), notes=("honest",))
    cache.store(folder, report)
    assert cache.find(folder) == report
    [file] = files(cache)
    return file


FORGED = {
    "without a code": lambda cache, file: CLEAN,
    "with the code of the honest one": lambda cache, file: file.read_bytes().partition(b"\n")[0] + b"\n" + CLEAN,
    "by another key": lambda cache, file: signature(cache, file, CLEAN, b"k" * 32).encode() + b"\n" + CLEAN,
    "by an empty key": lambda cache, file: signature(cache, file, CLEAN, b"").encode() + b"\n" + CLEAN,
    "edited": lambda cache, file: file.read_bytes().replace(b"honest", b"forged"),
    "cut off": lambda cache, file: file.read_bytes()[:-1],
    "the code alone": lambda cache, file: file.read_bytes().partition(b"\n")[0],
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_report_is_none(cache, folder, honest, name):
    honest.write_bytes(FORGED[name](cache, honest))
    assert cache.find(folder) is None


def test_whoever_has_the_key_could_forge_one(cache, folder, honest):
    honest.write_bytes(signature(cache, honest, CLEAN).encode() + b"\n" + CLEAN)
    found = cache.find(folder)
    assert found is not None
    assert found.notes == ("forged",)


def test_a_report_on_another_problem_or_another_state_of_it_is_none(cache, folder, honest):
    (folder / "problem.yaml").write_text("title: other")
    cache.store(folder, Report("descent", str(folder), notes=("other",)))
    [other] = [file for file in files(cache) if file != honest]
    assert cache.find(folder).notes == ("other",)
    shutil.copyfile(honest, other)
    assert cache.find(folder) is None


def test_a_forged_report_is_made_anew(pool, cache, folder):
    cold = pool.report(folder)
    [file] = files(cache)
    file.write_bytes(CLEAN)
    assert pool.report(folder) == cold
    assert cache.find(folder) == cold


def test_the_key_is_private_and_random(cache, folder, honest, tmp_path):
    key = cache.folder / "key"
    assert (key.stat().st_mode & 0o777, len(key.read_bytes())) == (0o600, 32)
    other = ReportCache(tmp_path / "other")
    other.store(folder, Report("descent", str(folder)))
    assert (other.folder / "key").read_bytes() != key.read_bytes()


@pytest.mark.parametrize("name", ["others may read it", "a link", "short", "missing"])
def test_a_key_that_somebody_may_know_is_replaced(cache, folder, honest, name):
    key = cache.folder / "key"
    before = key.read_bytes()
    if name == "others may read it":
        key.chmod(0o644)
    else:
        key.rename(cache.folder / "elsewhere")
        if name == "a link":
            key.symlink_to("elsewhere")
        elif name == "short":
            key.write_bytes(b"")
            key.chmod(0o600)
    assert cache.find(folder) is None
    report = Report("descent", str(folder), notes=("new",))
    cache.store(folder, report)
    assert cache.find(folder) == report
    assert key.read_bytes() != before
    assert (key.is_symlink(), key.stat().st_mode & 0o777) == (False, 0o600)


PLACES = {
    "as XDG says": ("/var/tmp/x", "/var/tmp/x/grader/check"),
    "unset": (None, "~/.cache/grader/check"),
    "empty": ("", "~/.cache/grader/check"),
    "relative, which XDG forbids": ("cache", "~/.cache/grader/check"),
}


@pytest.mark.parametrize(("given", "expected"), PLACES.values(), ids=PLACES)
def test_where_reports_are_kept(monkeypatch, given, expected):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if given is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", given)
    assert cache_folder() == Path(expected).expanduser()
