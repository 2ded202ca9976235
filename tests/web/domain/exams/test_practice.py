"""What ``grader serve`` does before it serves: the practice exam of the problems that it is given."""

from __future__ import annotations

import pytest

from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Policy
from grader.web.domain.exams.practice import open_practice
from grader.web.service import Service
from grader.web.settings import Settings

pytestmark = pytest.mark.db


@pytest.fixture
def service(tmp_path):
    made = Service.of(
        Settings(secret=b"a secret of the tests", database=f"sqlite:///{tmp_path / 'grader.sqlite3'}", workers=0)
    )
    made.database.upgrade()
    yield made
    made.database.close()


def states(service):
    with service.database.reading() as connection:
        return {each.slug: each.state for each in exams.all_exams(connection)}


def change(folder):
    path = folder / "problem.yaml"
    path.write_text(path.read_text() + "\n# Changed.\n")


def test_the_practice_exam_is_made_once_and_anew_when_a_problem_changes(service, folder):
    assert open_practice(service.database, [folder]).slug == "practice"
    assert open_practice(service.database, [folder]).slug == "practice"
    change(folder)
    assert open_practice(service.database, [folder]).slug == "practice-2"
    assert states(service) == {"practice": "closed", "practice-2": "open"}


THEIRS = [
    ("practice-midterm", Policy("exam", 1)), ("practice-midterm", Policy(everyone=True)), ("practices", Policy(everyone=True)),
    ("practice-1b", Policy(everyone=True)), ("practice", Policy("exam", 1, everyone=True)), ("practice", Policy()), ("practice-2", Policy("exam", 1)),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "policy"), THEIRS)
def test_exams_of_staff_stay_open(service, folder, slug, policy):
    exams.open_exam(service.database, slug, "Theirs", [folder], policy)
    first = open_practice(service.database, [folder])
    change(folder)
    second = open_practice(service.database, [folder])
    assert states(service) == {slug: "open", first.slug: "closed", second.slug: "open"}
    assert len({slug, first.slug, second.slug}) == 3
