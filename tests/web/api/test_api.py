"""The API: requests that are answered beside requests that are refused, on both databases; and what it says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import strategies
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.exam_factory import TINY as TINY_YAML
from support.exam_factory import Hall

from grader.core.verdict import Verdict
from grader.formula.symbols import Symbol
from grader.kinds.base.public import Option, Public
from grader.web import app
from grader.web.api import router
from grader.web.api.serializers import public_json
from grader.web.domain.accounts import login_codes, people
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.exams import exams
from grader.web.http.rate_limits import RATES, Rate, RateLimiter
from grader.web.service import Service
from grader.web.settings import Settings

pytestmark = pytest.mark.db

SECRET = b"a secret of the tests' own"
TINY = "/exams/practice/problems/tiny"
BLANK = f"{TINY}/blanks/a"
LONG = "x" * 20_001
PEOPLE = (("prof", "Prof. Example", "instructor"), ("s1", "Ada"), ("s2", "Bob"))


@dataclass
class Api:
    """The application of a hall, and callers."""

    hall: Hall
    service: Service
    app: Any

    def caller(self, person: Person | None = None) -> Caller:
        made = Caller(TestClient(self.app, follow_redirects=False))
        if person is not None:
            made.enter(self.code(person))
        return made

    def code(self, person: Person) -> str:
        with self.service.database.writing() as connection:
            return login_codes.issue_code(connection, person, self.service.settings)


@dataclass
class Caller:
    """A program that may have entered."""

    http: TestClient
    csrf: str = ""

    def enter(self, code: str) -> None:
        answer = self.send("POST", "/session", {"code": code})
        assert answer.status_code == 200, answer.text
        self.csrf = answer.json()["csrf"]

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        told = {"x-csrf-token": self.csrf} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, "/api/v1" + path, json=body, headers=told)

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def hand_in(self, written: Any, blank: str = BLANK, key: str = "1") -> Any:
        return self.send("POST", f"{blank}/attempts", {"answer": written}, idempotency_key=key)


@pytest.fixture
def served(hall: Hall) -> Iterator[Api]:
    url = hall.database.url.render_as_string(hide_password=False)
    service = Service.of(Settings(secret=SECRET, database=url, workers=0))
    made = app.make(service)
    with TestClient(made):
        yield Api(hall, service, made)


@pytest.fixture
def ada(served: Api) -> Caller:
    return served.caller(served.hall.ada)


@pytest.fixture
def prof(served: Api) -> Caller:
    return served.caller(served.hall.staff)


def refused(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["type"] == f"urn:grader:{code}" and told["status"] == status and told["detail"]


READS = [
    ("/me", 200, 200, 401),
    ("/exams", 200, 200, 401),
    ("/exams/practice", 200, 200, 401),
    (TINY, 200, 200, 401),
    (f"{TINY}/attempts", 200, 200, 401),
    (f"{BLANK}/attempts", 200, 200, 401),
    ("/exams/none", 404, 404, 401),
    ("/exams/practice/problems/none", 404, 404, 401),
    (f"{TINY}/blanks/z/attempts", 404, 404, 401),
    ("/exams/%00", 404, 404, 401),
    ("/exams/practice/problems/%00", 404, 404, 401),
    ("/attempts/none", 404, 404, 401),
    ("/attempts/%00%ff", 404, 404, 401),
    ("/staff/exams", 404, 200, 401),
    ("/staff/exams/practice/results", 404, 200, 401),
    ("/staff/exams/practice/results?problem=tiny", 404, 200, 401),
    ("/staff/exams/practice/results?problem=none", 404, 404, 401),
    ("/staff/exams/none/results", 404, 404, 401),
    ("/staff/exams/practice/review", 404, 200, 401),
    ("/staff/audit", 404, 200, 401),
    ("/staff/audit?subject=none&before=5", 404, 200, 401),
    ("/staff/audit?before=0", 404, 422, 401),
    ("/staff/audit?before=99999999999999999999", 404, 422, 401),
    ("/staff/audit?subject=%00", 404, 422, 401),
    ("/nothing", 404, 404, 404),
]


def test_who_may_read_what(served: Api, ada: Caller, prof: Caller) -> None:
    nobody = served.caller()
    for path, *wanted in READS:
        for caller, status in zip((ada, prof, nobody), wanted, strict=True):
            answer = caller.get(path)
            assert answer.status_code == status, (path, answer.text)
            if status >= 400:
                assert answer.headers["content-type"] == "application/problem+json", path


def test_a_grader_reviews_but_does_not_release(served: Api) -> None:
    with served.service.database.writing() as connection:
        grader = people.add(connection, "tutor", None, "grader")
    tutor = served.caller(grader)
    assert tutor.get("/staff/exams/practice/review").status_code == 200
    refused(tutor.send("POST", "/staff/exams/practice/close"), 404, "not-found")
    assert tutor.get("/staff/audit").status_code == 200


WRITES: list[tuple[str, str, Any, int, str]] = [
    ("POST", f"{BLANK}/preview", {"answer": "5.86"}, 200, ""),
    ("POST", f"{BLANK}/preview", {"answer": ["5.86"]}, 200, ""),
    ("POST", f"{BLANK}/preview", {"answer": "???"}, 200, ""),
    ("POST", f"{BLANK}/preview", {"answer": ["1", "2"]}, 200, ""),
    ("POST", f"{BLANK}/preview", {"answer": LONG}, 413, "too-large"),
    ("POST", f"{BLANK}/preview", {"answer": ["x"] * 201}, 413, "too-large"),
    ("POST", f"{BLANK}/preview", {"answer": 5}, 422, "invalid"),
    ("POST", f"{BLANK}/preview", {"answer": None}, 422, "invalid"),
    ("POST", f"{BLANK}/preview", {"answer": "\ud800"}, 422, "invalid"),
    ("POST", f"{BLANK}/preview", {"answer": ["\ud800"]}, 422, "invalid"),
    ("POST", f"{BLANK}/preview", {"answer": "5", "more": 1}, 422, "invalid"),
    ("POST", f"{BLANK}/preview", {}, 422, "invalid"),
    ("POST", f"{BLANK}/preview", [], 422, "invalid"),
    ("POST", f"{TINY}/blanks/z/preview", {"answer": "5"}, 404, "not-found"),
    ("POST", "/exams/none/problems/tiny/blanks/a/preview", {"answer": "5"}, 404, "not-found"),
    ("PUT", f"{BLANK}/draft", {"answer": "5."}, 204, ""),
    ("PUT", f"{BLANK}/draft", {"answer": ""}, 204, ""),
    ("PUT", f"{BLANK}/draft", {"answer": []}, 204, ""),
    ("PUT", f"{BLANK}/draft", {"answer": LONG}, 413, "too-large"),
    ("PUT", f"{BLANK}/draft", {"answer": "\udfff"}, 422, "invalid"),
    ("PUT", f"{TINY}/blanks/z/draft", {"answer": "5"}, 404, "not-found"),
    ("POST", "/attempts/none/misread", None, 404, "not-found"),
    ("POST", "/staff/exams/practice/release", None, 404, "not-found"),
    ("POST", "/staff/exams/practice/close", None, 404, "not-found"),
    ("POST", "/staff/exams/practice/review", {}, 404, "not-found"),
    ("PATCH", "/me", None, 405, "method-not-allowed"),
    ("DELETE", BLANK, None, 404, "not-found"),
]


def test_what_is_written(ada: Caller) -> None:
    told = {"x-csrf-token": ada.csrf, "content-type": "application/json"}
    for method, path, body, status, code in WRITES:
        content = json.dumps(body) if body is not None else None
        answer = ada.http.request(method, "/api/v1" + path, content=content, headers=told)
        if code:
            refused(answer, status, code)
        else:
            assert answer.status_code == status, (path, body, answer.text)


BODIES = [
    (b'{"answer":', "application/json"),
    (b"", "application/json"),
    (b'{"answer": "5"}', "text/plain"),
    (b"answer=5", "application/x-www-form-urlencoded"),
    (b"\xff\xfe", "application/json"),
    (b"[" * 100_000, "application/json"),
]


def test_bodies_that_are_no_json(ada: Caller) -> None:
    for body, kind in BODIES:
        told = {"x-csrf-token": ada.csrf, "content-type": kind}
        answer = ada.http.post(f"/api/v1{BLANK}/preview", content=body, headers=told)
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_token_and_the_origin(ada: Caller) -> None:
    body, path = {"answer": "5"}, f"{BLANK}/preview"
    assert ada.send("POST", path, body).status_code == 200
    assert ada.send("POST", path, body, origin="http://testserver").status_code == 200
    assert ada.send("POST", path, body, sec_fetch_site="same-origin", x_csrf_token="").status_code == 200
    for headers in (
        {"x_csrf_token": ""},
        {"x_csrf_token": "0" * 64},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": "http://testserver"},
    ):
        refused(ada.send("POST", path, body, **headers), 403, "csrf-failed")


def test_entering_and_leaving(served: Api) -> None:
    caller, code = served.caller(), served.code(served.hall.ada)
    refused(caller.send("POST", "/session", {"code": "AAAA-AAAA-AAAA"}), 403, "sign-in-failed")
    refused(caller.send("POST", "/session", {"practice": True}), 404, "not-found")
    refused(caller.send("POST", "/session", {"code": code, "login": "s1"}), 422, "invalid")
    refused(caller.send("POST", "/session", {"code": code}, origin="https://evil.example"), 403, "csrf-failed")
    caller.enter(code)
    cookie = caller.http.cookies["grader"]
    assert caller.get("/me").json() == {"login": "s1", "name": "Ada", "role": "student", "csrf": caller.csrf}
    refused(served.caller().send("POST", "/session", {"code": code}), 403, "sign-in-failed")
    refused(caller.send("DELETE", "/session", x_csrf_token=""), 403, "csrf-failed")
    assert caller.send("DELETE", "/session").status_code == 204
    caller.http.cookies["grader"] = cookie
    refused(caller.get("/me"), 401, "not-authenticated")


def test_a_password_lets_staff_in(served: Api) -> None:
    with served.service.database.writing() as connection:
        people.set_password(connection, served.hall.staff, "correct horse battery")
    caller = served.caller()
    for login, password in (("prof", "wrong horse battery"), ("s1", ""), ("nobody", "x"), ("\0", "\0")):
        refused(caller.send("POST", "/session", {"login": login, "password": password}), 403, "sign-in-failed")
    answer = caller.send("POST", "/session", {"login": "prof", "password": "correct horse battery"})
    assert answer.json()["role"] == "instructor"


def test_an_answer_from_draft_to_verdict(served: Api, ada: Caller) -> None:
    assert ada.send("PUT", f"{BLANK}/draft", {"answer": "5.8"}).status_code == 204
    part = ada.get(TINY).json()["parts"][0]
    assert part["blanks"][0]["draft"] == "5.8" and part["blanks"][0]["public"]["kind"] == "number"
    made = ada.hand_in("5")
    assert made.status_code == 201 and made.json()["state"] == "waiting"
    assert made.headers["location"] == f"/api/v1/attempts/{made.json()['id']}"
    with served.service.database.reading() as connection:
        kept = attempts.by_id(connection, made.json()["id"])
    served.hall.mark(kept, Verdict.incorrect("5", "This is not the number."))
    told = ada.get(f"/attempts/{kept.id}").json()
    assert told["state"] == "graded" and told["verdict"]["outcome"] == "incorrect" and told["reveal_level"] == "hint"
    assert ada.get(f"{TINY}/attempts").json() == [told] == ada.get(f"{BLANK}/attempts").json()
    assert ada.get(f"{TINY}/blanks/b/attempts").json() == []
    assert ada.send("POST", f"/attempts/{kept.id}/misread").json()["reason"]


def test_the_same_request_is_taken_once(ada: Caller) -> None:
    first, again = ada.hand_in("5"), ada.hand_in("5")
    assert first.json()["id"] == again.json()["id"]
    refused(ada.hand_in("6"), 409, "idempotency-key-reused")
    assert ada.hand_in("6", key="2").json()["id"] != first.json()["id"]
    refused(ada.send("POST", f"{BLANK}/attempts", {"answer": "5"}), 422, "invalid")
    refused(ada.hand_in("5", key="x" * 201), 422, "invalid")
    refused(ada.hand_in(" ", key="3"), 422, "invalid")
    refused(ada.hand_in("5", f"{TINY}/blanks/z", key="4"), 404, "not-found")


def test_somebody_elses_attempt_is_none(served: Api, ada: Caller) -> None:
    bob, mine = served.caller(served.hall.bob), ada.hand_in("5").json()["id"]
    for method, path in (("GET", "/attempts/{}"), ("POST", "/attempts/{}/misread")):
        theirs, none = (bob.send(method, path.format(id)) for id in (mine, "0" * 24))
        assert theirs.status_code == 404 and theirs.content == none.content
    assert bob.get(f"{TINY}/attempts").json() == []
    assert ada.get(f"/attempts/{mine}").status_code == 200


def test_an_exam_until_its_release(served: Api, ada: Caller, prof: Caller) -> None:
    hall, blank = served.hall, "/exams/final/problems/tiny/blanks/a"
    exam = hall.open("final", mode="exam", attempts=3)
    right, wrong = (hall.submit(text, exam=exam) for text in ("5.86", "7"))
    hall.mark(right, Verdict.correct("5.86"))
    hall.mark(wrong, Verdict.incorrect("7", "This is not the number."))
    told = ada.get(f"{blank}/attempts").json()
    assert [each["state"] for each in told] == ["received"] * 2
    hidden = ("id", "number", "answer", "read_as", "submitted_at")
    first, second = ({name: each[name] for name in each if name not in hidden} for each in told)
    assert first == second and first["verdict"] is None
    refused(prof.send("POST", "/staff/exams/final/release"), 409, "conflict")
    assert prof.send("POST", "/staff/exams/final/close").json()["state"] == "closed"
    assert prof.send("POST", "/staff/exams/final/reopen").json()["state"] == "open"
    prof.send("POST", "/staff/exams/final/close")
    refused(ada.hand_in("5", blank), 409, "closed")
    assert prof.send("POST", "/staff/exams/final/release").json()["released_at"]
    refused(prof.send("POST", "/staff/exams/final/reopen"), 409, "conflict")
    assert [each["verdict"]["outcome"] for each in ada.get(f"{blank}/attempts").json()] == ["correct", "incorrect"]
    acts = prof.get(f"/staff/audit?subject={exam.id}").json()
    assert acts[0]["action"] == "exam-released"
    line = json.loads(prof.get("/staff/exams/final/results?problem=tiny").text.splitlines()[0])
    assert line["student"]["id"] == "s1" and line["parts"][0]["blanks"][0]["credit"] == "1"


def test_one_decision_for_a_group(served: Api, ada: Caller, prof: Caller) -> None:
    kept = served.hall.submit("about six")
    served.hall.mark(kept, Verdict.ungraded("This cannot be told."))
    [group] = prof.get("/staff/exams/practice/review").json()
    asked = {name: group[name] for name in ("problem", "blank", "group_key")}
    path, bad = (
        "/staff/exams/practice/review",
        [
            ({"credit": "2"}, 422),
            ({"credit": "1/0"}, 422),
            ({"credit": "-1"}, 422),
            ({"credit": "nan"}, 422),
            ({"blank": "z"}, 404),
            ({"problem": "none"}, 404),
            ({"problem": "\0"}, 404),
            ({"group_key": f"text:{'0' * 64}"}, 404),
            ({"group_key": "' OR 1=1"}, 422),
            ({"comment": "x" * 2_001}, 422),
            ({"comment": "\ud800"}, 422),
        ],
    )
    for change, status in bad:
        body = json.dumps(asked | {"credit": "1/2"} | change)
        told = {"x-csrf-token": prof.csrf, "content-type": "application/json"}
        assert prof.http.post("/api/v1" + path, content=body, headers=told).status_code == status, change
    assert ada.get(f"/attempts/{kept.id}").json()["state"] == "review"
    made = prof.send("POST", path, asked | {"credit": "1/2", "comment": "Half <b>right</b>."})
    assert made.json()["credit"] == "1/2"
    told = ada.get(f"/attempts/{kept.id}").json()
    assert (told["state"], told["verdict"]["credit"], told["comment"]) == ("decided", "1/2", "Half <b>right</b>.")
    assert prof.get(path).json() == [] and served.hall.again(kept).score == Fraction(1, 2)


def test_before_it_opens_and_for_others_there_is_nothing(served: Api, ada: Caller) -> None:
    served.hall.open("later", opens_at=datetime.now(UTC) + timedelta(days=1))
    exams.open_exam(served.service.database, "closed-shop", "For others", [served.hall.folder])
    for path in ("", "/problems/tiny", "/problems/tiny/attempts"):
        refused(ada.get(f"/exams/later{path}"), 409, "not-open-yet")
        refused(ada.get(f"/exams/closed-shop{path}"), 404, "not-found")
    refused(ada.hand_in("5", "/exams/later/problems/tiny/blanks/a"), 409, "not-open-yet")
    refused(ada.hand_in("5", "/exams/closed-shop/problems/tiny/blanks/a"), 404, "not-found")
    assert {each["slug"] for each in ada.get("/exams").json()} == {"practice", "later"}


def test_too_fast(served: Api, ada: Caller) -> None:
    served.app.state.rate_limits = RateLimiter(now=lambda: 0.0)
    *before, last = [ada.get("/exams") for _ in range(121)]
    assert {each.status_code for each in before} == {200}
    refused(last, 429, "rate-limited")
    assert last.headers["retry-after"] == "1"
    assert served.caller(served.hall.bob).get("/exams").status_code == 200


def test_odd_characters_are_kept_or_refused_as_a_whole(ada: Caller) -> None:
    for number, text in enumerate(("nul \0 nul", "\u202e", "é" * 100, "😀", "\x1b[31m", "'; DROP TABLE attempts;--")):
        made = ada.hand_in(text, key=str(number))
        assert made.status_code in (201, 422), made.text
        if made.status_code == 201:
            assert ada.get(f"/attempts/{made.json()['id']}").json()["answer"] == text
        assert ada.send("PUT", f"{BLANK}/draft", {"answer": text}).status_code in (204, 422)
        assert ada.get(TINY).status_code == 200


def test_every_operation_describes_its_refusals(served: Api) -> None:
    told = served.caller().http.get(router.OPENAPI_PATH).json()
    operations = [(path, method, each) for path, methods in told["paths"].items() for method, each in methods.items()]
    assert len(operations) >= 20 and all(path.startswith("/api/v1/") for path, _, _ in operations)
    for path, method, each in operations:
        refusals = {code: kind for code, kind in each["responses"].items() if code >= "400"}
        assert {"413", "422", "500"} <= set(refusals), (path, method)
        assert all(list(kind["content"]) == ["application/problem+json"] for kind in refusals.values())
        if method != "get" and not path.endswith("/session"):
            assert "x-csrf-token" in {one["name"] for one in each["parameters"]} and "403" in refusals
    assert len({each["operationId"] for _, _, each in operations}) == len(operations)


FIELDS = {
    "AnswerBody": "answer",
    "AnswerGroupView": "problem blank group_key reasons spellings read_as outcome credit review_requested people",
    "AttemptView": "id exam problem blank number answer submitted_at state message read_as verdict reason comment reveal_level",
    "AuditEventView": "id created_at actor action subject details",
    "BlankView": "blank kind points public draft attempts_used attempts_left",
    "CodeSignIn": "code",
    "DecisionBody": "problem blank group_key credit comment",
    "DecisionView": "id credit comment decided_at",
    "ExamSummary": "slug title mode attempts state opens_at closes_at released_at",
    "ExamView": "slug title mode attempts state opens_at closes_at released_at problems",
    "Me": "login name role csrf",
    "PartView": "part prompt solution blanks",
    "PasswordSignIn": "login password",
    "PracticeSignIn": "practice",
    "PreviewView": "read_as shape symbolic_shape error span",
    "ProblemSummary": "problem title points",
    "ProblemView": "exam problem title intro parts",
    "StaffExam": "slug title mode attempts credits reveal everyone state opens_at closes_at released_at problems groups_to_review",
    "VerdictView": "outcome credit reason findings",
}
"""The words of the wire, which programs depend on."""


def test_the_fields_of_every_schema_have_these_names(served: Api) -> None:
    schemas = served.caller().http.get(router.OPENAPI_PATH).json()["components"]["schemas"]
    assert {name: " ".join(schema["properties"]) for name, schema in schemas.items()} == FIELDS


def test_a_blank_and_a_preview_use_the_words_of_the_wire(ada: Caller) -> None:
    part = ada.get(TINY).json()["parts"][0]
    assert part["prompt"] == "How many?" and part["blanks"][0]["public"]["instructions"].startswith("Write one number")
    good, bad = (ada.send("POST", f"{BLANK}/preview", {"answer": text}).json() for text in ("5.86", "???"))
    assert good["read_as"] == "5.86" and good["error"] is None
    assert bad["read_as"] is None and bad["error"]


def test_options_have_texts_and_symbols_keep_their_names() -> None:
    public = Public(
        kind="choices",
        instructions="Tick what holds.",
        options=(Option(id="i", letter="A", says="One."),),
        symbols={"how": Symbol(shape=(), domain="real")},
    )
    assert public_json(public)["options"] == [{"id": "i", "letter": "A", "text": "One."}]
    assert public_json(public)["instructions"] == "Tick what holds." and "how" in public_json(public)["symbols"]


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
REAL = {"slug": "practice", "problem": "tiny", "blank": "a", "id": "none"}


@pytest.fixture(scope="module")
def open_hall(tmp_path_factory: pytest.TempPathFactory) -> Api:
    """A hall on SQLite in which nobody is too fast, with an attempt and something to review."""
    folder = tmp_path_factory.mktemp("described") / "tiny"
    folder.mkdir()
    (folder / "problem.yaml").write_text(TINY_YAML, encoding="utf-8")
    service = Service.of(Settings(secret=SECRET, database=f"sqlite:///{folder.parent / 'grader.sqlite3'}", workers=0))
    service.database.upgrade()
    with service.database.writing() as connection:
        staff, ada, bob = (people.add(connection, *each) for each in PEOPLE)
    hall = Hall(service.database, folder, staff, ada, bob, None)  # type: ignore[arg-type]
    hall.exam = hall.open("practice")
    hall.mark(hall.submit("about six"), Verdict.ungraded("This cannot be told."))
    service.worker_pool.start = service.worker_pool.stop = lambda: None  # type: ignore[assignment,method-assign]  # It is begun for every request.
    return Api(hall, service, app.make(service, RateLimiter({name: Rate(10**9, 10**9) for name in RATES})))


@pytest.mark.parametrize("role", ["student", "staff"])
def test_the_description_holds(open_hall: Api, role: str) -> None:
    """Requests are made up from the description: well formed and not, at what there is and at what there is not."""
    hall = open_hall.hall
    caller = open_hall.caller(hall.ada if role == "student" else hall.staff)
    description = schemathesis.openapi.from_asgi(router.OPENAPI_PATH, open_hall.app)
    operations = [each.ok() for each in description.get_all_operations()]
    assert len(operations) >= 20
    for operation in sorted(operations, key=lambda each: each.method == "delete"):
        for mode in GenerationMode:
            _try_out(operation.as_strategy(generation_mode=mode), caller)


def _try_out(cases: SearchStrategy[Any], caller: Caller) -> None:
    @hypothesis.settings(
        max_examples=8,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(cases, strategies.booleans())
    def one(case: Any, there: bool) -> None:
        if there:
            case.path_parameters = {name: REAL[name] for name in case.path_parameters or {}}
        headers = {"x-csrf-token": caller.csrf}
        case.call_and_validate(checks=CHECKS, headers=headers, cookies=dict(caller.http.cookies))

    one()
