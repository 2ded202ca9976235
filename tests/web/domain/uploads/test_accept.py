"""Careless and hostile uploads: who is put on the list, what stands twice, and what an archive may hold."""

from __future__ import annotations

import io
import itertools
import json
import re
import struct
import tracemalloc
import zipfile

import pytest
from support.exam_factory import TINY
from support.staff_client import SUBMISSIONS, WE_RECUR, running

from grader.web.domain import audit_log
from grader.web.domain.accounts import people
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.uploads import archives
from grader.web.domain.uploads.report import UploadedFile, UploadReport

pytestmark = pytest.mark.process

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    with running(tmp_path_factory.mktemp("intake")) as made:
        yield made


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("problems") / "tiny"
    folder.mkdir()
    (folder / "problem.yaml").write_text(TINY, encoding="utf-8")
    return folder


@pytest.fixture
def exam(hall, tiny):
    return hall.open(f"exam-{next(NUMBERS)}", tiny)


def sent(hall, exam, *files, enrol=False, problem="tiny"):
    """Upload files, and return the page on which all of it is told, without its markup."""
    prof = hall.browser("prof")
    given = [("files", file) for file in files]
    more = {"enrol": "1"} if enrol else {}
    answer = prof.post(f"/staff/exams/{exam.slug}/uploads", files=given, problem=problem, **more)
    assert answer.status_code in (303, 422)
    page = prof.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text
    main = page[page.index("<main") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#39;", "'")


def lines(**students):
    """JSON Lines of students' answers to the word."""
    return "".join(json.dumps({"student": id, "answers": {"c": word}}) + "\n" for id, word in students.items())


def listed(hall, exam):
    with hall.service.database.reading() as connection:
        return [who.login for who, _ in enrolments.enrolled(connection, exam)]


def logins(hall):
    with hall.service.database.reading() as connection:
        return {each.login for each in people.everyone(connection)}


# Who is put on the list


def test_who_is_not_on_the_list_is_named_and_taken_only_when_that_is_confirmed(hall, exam):
    before = logins(hall)
    told = sent(hall, exam, ("a.jsonl", lines(s1="canary", x1="canary", x2="sparrow")))
    assert "1 submission with 1 new answer was added" in told
    assert "2 of 3 are not on the roster: x1, x2 Their answers were not added." in told
    assert (listed(hall, exam), logins(hall)) == (["s1", "s2"], before)
    told = sent(hall, exam, ("a.jsonl", lines(s1="canary", x1="canary", x2="sparrow")), enrol=True)
    assert "3 submissions with 2 new answers were added" in told
    assert "Students added to the roster x1, x2" in told
    assert listed(hall, exam) == ["s1", "s2", "x1", "x2"]
    assert "not on the roster" not in sent(hall, exam, ("a.jsonl", lines(x1="robin")))


def test_nothing_at_all_is_taken_of_a_class_that_is_not_on_the_list(hall, exam):
    files = [(path.name, path.read_bytes()) for path in sorted(SUBMISSIONS.iterdir())]
    recur = hall.open("recur", WE_RECUR)
    before = logins(hall)
    told = sent(hall, recur, *files, problem="we_recur")
    assert re.search(r"4\d of (4\d) are not on the roster: s001, s002,", told)
    assert "Nothing in these files could be added." in told
    assert (listed(hall, recur), logins(hall)) == (["s1", "s2"], before)
    with hall.service.database.reading() as connection:
        assert [each.action for each in audit_log.events(connection, recur.id)] == ["exam-opened"]


def test_in_an_exam_for_everyone_all_who_are_known_are_on_the_list(hall, tiny):
    exam = exams.open_exam(hall.service.database, "everyone", "Everyone", [tiny], exams.Policy(everyone=True))
    told = sent(hall, exam, ("a.jsonl", lines(s1="canary", unknown1="canary")))
    assert "1 submission with 1 new answer was added" in told
    assert "1 of 2 is not on the roster: unknown1" in told


WRONG_KEY = {"matriculation": "s1", "answers": {"c": "canary"}}


@pytest.mark.parametrize("enrol", [False, True])
@pytest.mark.parametrize("name", ["answers-final.json", "s1.json", "s1.yaml"])
def test_a_file_without_a_student_is_not_taken_whatever_it_is_called(hall, exam, name, enrol):
    before = logins(hall)
    told = sent(hall, exam, (name, json.dumps(WRONG_KEY)), enrol=enrol)
    assert f"{name}: names no student; write their id in it, under the key student, and upload it again" in told
    assert "Nothing in these files could be added." in told
    assert (logins(hall), listed(hall, exam)) == (before, ["s1", "s2"])
    right = {"student": "s1", "answers": {"c": "canary"}}
    assert "1 submission with 1 new answer" in sent(hall, exam, (name, json.dumps(right)), enrol=enrol)


# What stands twice


TABLE = "student,c\ns1,canary\ns2,canary\ns1,sparrow\n"
TWO = [
    ("one.json", json.dumps({"student": "s1", "answers": {"c": "canary"}})),
    ("two.yaml", "student: s1\nanswers: {c: sparrow}\n"),
]


@pytest.mark.parametrize(
    ("files", "where", "taken"),
    [([("class.csv", TABLE)], "class.csv:2 and class.csv:4", 1), (TWO, "one.json and two.yaml", 0)],
    ids=["rows", "files"],
)
def test_a_student_who_stands_twice_is_named_and_not_taken(hall, exam, files, where, taken):
    told = sent(hall, exam, *files)
    assert f"Read, but not added s1 stands twice, in {where}; keep one and upload again" in told
    assert ("1 submission with 1 new answer" if taken else "Nothing in these files could be added.") in told
    hall.graded(exam)
    assert "Nothing to review." in hall.browser("tutor").get(f"/staff/exams/{exam.slug}/review").text
    mended = sent(hall, exam, ("class.csv", "student,c\ns1,sparrow\ns2,canary\n"))
    assert "2 submissions with " + ("1 new answer" if taken else "2 new answers") in mended
    assert "stands twice" not in mended


def test_the_same_row_twice_is_one(hall, exam):
    told = sent(hall, exam, ("class.csv", "student,c\ns1,canary\ns1,canary\n"))
    assert "1 submission with 1 new answer" in told
    assert "handed in the same answers more than once" in told


HELD = {"student": "s1", "answers": {"c": ["canary", 2], "a": "5.86"}}


@pytest.mark.parametrize(
    "file",
    [("a.jsonl", lines(s1="canary", s2="a\u0000b")), ("a.csv", "student,a,c\ns1, 5.86 ,canary\n"), ("a.json", json.dumps(HELD))],
    ids=["lines", "table", "held"],
)  # fmt: skip
def test_the_same_file_again_takes_nothing_and_another_answer_is_taken(hall, exam, file):
    assert "0 new answers" not in sent(hall, exam, file)
    again = sent(hall, exam, file)
    assert "with 0 new answers" in again
    assert "are here already and were not taken again" in again
    assert "with 1 new answer" in sent(hall, exam, ("b.jsonl", lines(s1="robin")))
    assert "with 1 new answer" in sent(hall, exam, ("c.jsonl", lines(s1="canary")))  # The newest counts.
    assert "with 0 new answers" in sent(hall, exam, ("c.jsonl", lines(s1="canary")))


# Archives


def zipped(*entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in entries:
            made.writestr(name, data)
    return out.getvalue()


S1 = json.dumps({"student": "s1", "answers": {"c": "canary"}})
S2 = json.dumps({"student": "s2", "answers": {"c": "sparrow"}})


def test_an_archive_is_read_as_the_files_in_it(hall, exam):
    inside = [
        ("Ada_1_file/s1.json", S1),
        ("Bob_2_file/deep/s2.json", S2),
        ("__MACOSX/._s1.json", "x"),
        (".DS_Store", "x"),
        ("Empty/", ""),
    ]
    told = sent(hall, exam, ("export.zip", zipped(*inside)), ("more.jsonl", lines(s3="robin")))
    assert "2 submissions with 2 new answers were added" in told
    assert "1 of 3 is not on the roster: s3" in told
    assert "MACOSX" not in told
    hall.graded(exam)


def test_paths_in_an_archive_lead_nowhere(hall, exam, tmp_path):
    inside = [
        ("../../../etc/s1.json", S1),
        ("/tmp/s2.json", S2),
        ("C:\\windows\\photo.jpg", b"\xff"),
        ("other/s1.json", S2),
    ]
    told = sent(hall, exam, ("export.zip", zipped(*inside)))
    assert "2 submissions with 2 new answers were added" in told
    assert "photo.jpg: is none of" in told
    assert "s1.json: there are several files of this name; only the first was read" in told
    assert "etc" not in told
    assert not list(tmp_path.iterdir())


def locked():
    data = bytearray(zipped(("s1.json", S1)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def lying(size):
    """An archive of 60 MB of zeros that says it holds fewer bytes."""
    data = bytearray(zipped(("s1.json", b" " * 60_000_000)))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", size)
    return bytes(data)


def overlapping(many):
    """An archive whose list names one file many times, as the best bombs do."""
    data = zipped(("s1.json", b" " * 1_000_000))
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = data[start:end] * many
    tail = bytearray(data[end:])
    tail[8:16] = struct.pack("<HHI", many & 0xFFFF, many & 0xFFFF, len(entries))
    return data[:start] + entries + bytes(tail)


REFUSED = [
    (lambda: zipped(("s1.json", b" " * 51_000_000)), "unpacked, this is more than 50 MB; upload it in parts"),
    (lambda: zipped(*((f"{n}.json", b" " * 1_000_000) for n in range(51))), "unpacked, this is more than 50 MB"),
    (lambda: zipped(*((f"{n}.json", b"") for n in range(5_001))), "this archive holds more than 5,000 files"),
    (lambda: zipped(("s1.json", S1), ("inner.ZIP", zipped(("s2.json", S2)))), "'inner.ZIP' is an archive inside this archive; unpack it"),
    (lambda: zipped(("s1.json", S1), ("all.tar.gz", b"")), "'all.tar.gz' is an archive inside this archive"),
    (lambda: locked(), "'s1.json' in this archive is locked by a password; upload it unlocked"),
    (lambda: zipped(("s1.json", S1), method=zipfile.ZIP_LZMA), "this archive is packed in a way that is not read here; make it anew as a common .zip"),
    (lambda: lying(1_000), "this archive is damaged; make it anew, or upload the files in it"),
    (lambda: overlapping(100), "unpacked, this is more than 50 MB"),
    (lambda: overlapping(30_000), "this archive holds more than 5,000 files"),
    (lambda: zipped(("s1.json", S1))[:-30], "this archive is damaged"),
    (lambda: zipped(("s1.json", S1)).replace(b"PK\x03\x04", b"PK\x03\x05"), "this archive is damaged"),
    (lambda: b"no archive at all", "this archive is damaged"),
    (lambda: b"", "this archive is damaged"),
    (lambda: zipped(), "there are no files in this archive"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "says"), REFUSED, ids=[each[1][:40] for each in REFUSED])
def test_archives_that_are_refused_stop_no_other_file(data, says):
    report = UploadReport()
    files = [UploadedFile("bad.zip", io.BytesIO(data())), UploadedFile("b.zip", io.BytesIO(zipped(("in/s2.json", S2))))]
    found = list(archives.unpack([UploadedFile("a.json", io.BytesIO(b"x")), *files], report))
    assert [(each.name, each.data.read()) for each in found] == [("a.json", b"x"), ("s2.json", S2.encode())]
    (told,) = report.broken
    assert told.startswith(f"bad.zip: {says}")


def test_an_archive_that_lies_about_its_size_takes_no_memory():
    data = lying(1_000)
    tracemalloc.start()
    try:
        assert not list(archives.unpack([UploadedFile("bad.zip", io.BytesIO(data))], UploadReport()))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_several_archives_share_what_may_be_unpacked():
    report = UploadReport()
    large = zipped(("s1.json", b" " * 30_000_000))
    found = list(archives.unpack([UploadedFile(name, io.BytesIO(large)) for name in ("a.zip", "b.zip")], report))
    assert len(found) == 1
    assert report.broken == ["b.zip: unpacked, this is more than 50 MB; upload it in parts"]


def test_a_bomb_is_told_on_the_page(hall, exam):
    told = sent(hall, exam, ("bomb.zip", REFUSED[0][0]()))
    assert "bomb.zip: unpacked, this is more than 50 MB; upload it in parts" in told
    assert "Nothing in these files could be added." in told
    assert listed(hall, exam) == ["s1", "s2"]
