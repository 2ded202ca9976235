"""Attacks below HTTP: too much, too slowly, broken off, too often. Others are served meanwhile."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from support.live_server import Browser, Server, canary, server

from grader.web.domain.attempts.attempts import attempts_of
from grader.web.domain.exams import exams
from grader.web.http.middleware.header_timeout import HeaderTimeoutProtocol
from grader.web.http.middleware.request_limits import MAX_BODY_BYTES, MAX_UPLOAD_BYTES, RequestLimits
from grader.web.http.middleware.security_headers import SecurityHeaders

pytestmark = pytest.mark.process

BIRDS = "/exams/final/problems/birds"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("wire")
    with server(folder) as made:
        for login in ("ada", "bob", "eve", "flood"):
            made.add(login, login.title())
        made.add("head", "Head", "instructor")
        made.open("final", canary(folder), mode="exam", attempts=1_000, everyone=True)
        yield made


def headers_of(browser: Browser, **more: str) -> dict[str, str]:
    cookie = f"grader={browser.http.cookies['grader']}"
    return {
        "cookie": cookie,
        "x-csrf-token": browser.csrf,
        "content-type": "application/json",
        "idempotency-key": "k",
    } | more


TARGETS = [
    ("POST", f"/api/v1{BIRDS}/blanks/n/preview", "application/json", 300_000),
    ("PUT", f"/api/v1{BIRDS}/blanks/n/draft", "application/json", 300_000),
    ("POST", "/exams/final/birds/submit", "application/x-www-form-urlencoded", MAX_BODY_BYTES),
    ("POST", "/staff/exams/final/uploads", "multipart/form-data; boundary=x", MAX_BODY_BYTES),
    ("POST", "/enter", "multipart/form-data; boundary=x", 10_000),
    ("DELETE", "/api/v1/session", "application/json", 10_000),
]
"""With the most bytes that each takes from a student."""


@pytest.mark.parametrize("chunked", [False, True])
def test_oversized_bodies(hall: Server, chunked: bool) -> None:
    for method, path, kind, most in TARGETS:
        for size, refused in [(most * 4 // 5, False), (most + 50_001, True), (20 * most + 50_001, True)]:
            browser = hall.browser("bob")
            told = headers_of(browser, **{"content-type": kind})
            status = _large(hall, method, path, size, told, chunked)
            assert (status == 413) is refused or (refused and status == 0), (method, path, size, status)
            assert status < 500
    assert hall.browser("ada").api("GET", "/me").status_code == 200


def _large(hall: Server, method: str, path: str, size: int, told: dict[str, str], chunked: bool) -> int:
    """Return the status, 0 if the connection was closed in our face."""
    wire = http.client.HTTPConnection("127.0.0.1", hall.port, timeout=20)
    try:
        if chunked:
            pieces = (b"x" * min(5_000, size - start) for start in range(0, size, 5_000))
            wire.request(method, path, body=pieces, headers=told, encode_chunked=True)
        else:
            wire.request(method, path, body=b"x" * size, headers=told)
        return wire.getresponse().status
    except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
        return 0
    finally:
        wire.close()


def test_a_lie_about_the_length(hall: Server) -> None:
    for told in ("-1", "1e9", "5, 6", "5\r\ncontent-length: 6", "99999999999999999999", "x"):
        answer = _talk(hall.port, f"POST /enter HTTP/1.1\r\nhost: x\r\ncontent-length: {told}\r\n\r\nabcde".encode())
        assert answer.split(b" ")[1:2] in ([b"400"], [b"413"], []), (told, answer[:100])
    assert b"alive" in _talk(hall.port, b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")


def _talk(port: int, said: bytes, wait: float = 3) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as wire:
        wire.sendall(said)
        heard = b""
        try:
            while piece := wire.recv(65536):
                heard += piece
        except (TimeoutError, ConnectionResetError):
            pass
        return heard


def test_the_longest_answer_is_taken(hall: Server) -> None:
    """20,000 characters that JSON writes with 12 bytes each."""
    browser = hall.browser("bob")
    body = json.dumps({"answer": "\U0001f426" * 20_000})
    assert len(body) > 240_000
    told = headers_of(browser, **{"content-type": "application/json"})
    answer = browser.http.post(f"/api/v1{BIRDS}/blanks/n/preview", content=body, headers=told)
    assert answer.status_code == 200, answer.text[:200]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"answer": [1] * 90_000}),
        json.dumps({"answer": "1"} | {f"a{number}": 1 for number in range(20_000)}),
    ],
)
def test_a_refusal_does_not_repeat_what_was_sent(hall: Server, body: str) -> None:
    browser = hall.browser("bob")
    told = headers_of(browser, **{"content-type": "application/json"})
    answer = browser.http.post(f"/api/v1{BIRDS}/blanks/n/preview", content=body, headers=told)
    assert answer.status_code == 422
    assert 1 <= len(answer.json()["fields"]) <= 20
    assert len(answer.content) < 3_000


def test_nobody_but_staff_has_room_or_a_turn_for_an_upload(hall: Server) -> None:
    """Four that send slowly would keep staff from uploading if anybody had a turn."""
    lines = "POST /staff/exams/final/uploads HTTP/1.1\r\nhost: x\r\ncookie: grader=x\r\ncontent-length: {}\r\n\r\nx"
    assert b" 413 " in _talk(hall.port, lines.format(MAX_UPLOAD_BYTES // 10).encode())
    slow = [socket.create_connection(("127.0.0.1", hall.port)) for _ in range(8)]
    try:
        for wire in slow:
            wire.sendall(lines.format(MAX_BODY_BYTES - 1).encode())
        staff = hall.browser("head")
        answer = staff.http.post(
            "/staff/exams/final/uploads",
            content=b"x" * (2 * MAX_BODY_BYTES),
            headers={"content-type": "text/plain", "x-csrf-token": staff.csrf},
            timeout=20,
        )
        assert answer.status_code in (404, 422)
    finally:
        for wire in slow:
            wire.close()


class HastyProtocol(HeaderTimeoutProtocol):
    header_seconds = 0.4


def _one_answer(wire: socket.socket) -> bytes:
    heard = b""
    while not heard.endswith(b"\r\n\r\n0"):  # The length of what the small server was sent.
        piece = wire.recv(4096)
        assert piece, heard
        heard += piece
    return heard


WHOLE = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.mark.parametrize("half", [b"", b"GET / HTTP/1.1\r\nhost: x\r\nx-more: "])
@pytest.mark.parametrize("before", [0, 2])
def test_slow_heads(before: int, half: bytes) -> None:
    """Silence and half a head end the connection, at first and after whole requests; who is done with one may be silent."""
    with (
        small_server(chunk_seconds=5, body_seconds=5, protocol=HastyProtocol) as port,
        socket.create_connection(("127.0.0.1", port), timeout=3) as wire,
    ):
        for _ in range(before):
            wire.sendall(WHOLE)
            assert _one_answer(wire).startswith(b"HTTP/1.1 200")
            time.sleep(2 * HastyProtocol.header_seconds)
        if before and not half:
            wire.sendall(WHOLE)  # The control.
            assert _one_answer(wire).startswith(b"HTTP/1.1 200")
            return
        wire.sendall(half)
        assert wire.recv(4096) == b""


@contextmanager
def small_server(
    chunk_seconds: float, body_seconds: float, protocol: type[HeaderTimeoutProtocol] = HeaderTimeoutProtocol
) -> Iterator[int]:
    """An application behind the two layers alone, which are less patient here."""

    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive() if scope["method"] == "POST" else {}
        await PlainTextResponse(str(len(message.get("body", b""))))(scope, receive, send)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        SecurityHeaders(RequestLimits(echo, chunk_seconds=chunk_seconds, body_seconds=body_seconds)),
        port=port,
        log_config=None,
        lifespan="off",
        http=protocol,
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(running.serve()))
    thread.start()
    while not running.started:
        time.sleep(0.01)
    try:
        yield port
    finally:
        running.should_exit = True
        thread.join()


@pytest.mark.parametrize(("pause", "status"), [(0.02, 200), (0.25, 408), (5, 408)])
def test_slow_bodies(pause: float, status: int) -> None:
    """Bytes that trickle in, and bytes that do not come at all; quick ones are taken."""
    with (
        small_server(chunk_seconds=0.4, body_seconds=1.0) as port,
        socket.create_connection(("127.0.0.1", port), timeout=5) as wire,
    ):
        begun = time.monotonic()
        wire.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n")
        for _ in range(10):
            try:
                wire.sendall(b"x")
            except OSError:
                break
            wire.settimeout(pause)
            try:
                answer = wire.recv(4096)
                break
            except TimeoutError:
                continue
        else:
            wire.settimeout(3)
            answer = wire.recv(4096)
        assert answer.split(b" ")[1] == str(status).encode() and time.monotonic() - begun < 1.5


def test_others_are_served_while_many_are_slow(hall: Server) -> None:
    browser, told = hall.browser("ada"), []
    slow = [socket.create_connection(("127.0.0.1", hall.port)) for _ in range(200)]
    try:
        for number, wire in enumerate(slow):
            wire.sendall(
                b"POST /enter HTTP/1.1\r\nhost: x\r\n" + (b"content-length: 10\r\n\r\nx" if number % 2 else b"x-more: ")
            )
        for _ in range(20):
            begun = time.monotonic()
            assert browser.api("GET", "/me").status_code == 200
            told.append(time.monotonic() - begun)
    finally:
        for wire in slow:
            wire.close()
    assert statistics.median(told) < 0.5, told


@pytest.mark.parametrize("kind", ["form", "json"])
def test_a_request_that_breaks_off_is_not_taken(hall: Server, kind: str) -> None:
    """The beginning of an answer is not the answer; the control is the whole of it."""
    browser = hall.browser("eve")
    if kind == "form":
        path, told = "/exams/final/birds/submit", {"content-type": "application/x-www-form-urlencoded"}
        body = f"csrf={browser.csrf}&blank=n&key%3An=1234567890&text%3An=1234"
    else:
        path, told, body = f"/api/v1{BIRDS}/blanks/n/attempts", {}, json.dumps({"answer": "4321"})
    lines = [f"{name}: {value}" for name, value in headers_of(browser, **told).items()]
    head = "\r\n".join([f"POST {path} HTTP/1.1", "host: x", *lines, f"content-length: {len(body)}"])
    for cut in (1, 2, 3):
        with socket.create_connection(("127.0.0.1", hall.port)) as wire:
            wire.sendall(f"{head}\r\n\r\n{body[:-cut]}".encode())
            time.sleep(0.1)
    time.sleep(0.5)
    assert written(hall, "eve") in ([], ["1234"])
    assert _talk(hall.port, f"{head}\r\nconnection: close\r\n\r\n{body}".encode(), 5).split(b" ")[1] in (
        b"303",
        b"201",
    )
    assert written(hall, "eve")[-1] == ("1234" if kind == "form" else "4321")


def written(hall: Server, login: str) -> list[object]:
    with hall.service.database.reading() as connection:
        exam = exams.find(connection, "final")
        return [each.written for each in attempts_of(connection, exam, hall.people[login])]


@pytest.mark.parametrize("total", [1_000, pytest.param(10_000, marks=pytest.mark.soak)])
def test_thousands_of_attempts_by_one_student(hall: Server, total: int) -> None:
    """Most are refused, with how long to wait; another student is served meanwhile, and nothing is lost."""
    flood, other = hall.browser("flood"), hall.browser("ada")
    path, told = f"/api/v1{BIRDS}/blanks/n/attempts", headers_of(flood)
    statuses: dict[int, int] = {}
    waits: set[int] = set()

    def many(start: int) -> None:
        wire = http.client.HTTPConnection("127.0.0.1", hall.port, timeout=60)
        for number in range(start, start + total // 4):
            wire.request(
                "POST",
                path,
                json.dumps({"answer": f"{total}.{number}"}),
                told | {"idempotency-key": f"{total}-{number}"},
            )
            answer = wire.getresponse()
            answer.read()
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            if answer.status == 429:
                waits.add(int(answer.headers["retry-after"]))
        wire.close()

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(many, total // 4 * each) for each in range(4)]
        took = []
        while not all(each.done() for each in running):
            begun = time.monotonic()
            made = other.hand_in("final", "birds", "w", f"word {total} {len(took)}", f"other-{total}-{len(took)}")
            took.append(time.monotonic() - begun)
            assert made.status_code == 201 or len(took) > 50, made.text
            time.sleep(0.5)
        for each in running:
            each.result()
    assert (
        set(statuses) <= {201, 429}
        and statuses[429] > total // 2
        and statuses.get(201, 0) <= 130
        and sum(statuses.values()) == total
    ), statuses
    assert (waits and min(waits) >= 1 and len(written(hall, "flood")) >= statuses.get(201, 0) > 0) or total > 1_000
    assert statistics.median(took) < 1, took
