"""The lines of the log: their fields, and what is in none of them."""

from __future__ import annotations

import json
import logging
import re
import sys

from grader.core.json_logging import MAX_FRAMES, JsonFormatter


def line(message, *arguments, exc_info=None, **extra):
    record = logging.getLogger("grader.web").makeRecord(
        "grader.web", logging.WARNING, __file__, 1, message, arguments, exc_info, extra=extra
    )
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_the_fields_of_every_line():
    fields = line("%d answers", 3, route="/exams/{slug}", status=200)
    assert list(fields) == ["timestamp", "level", "logger", "event", "pid", "route", "status"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", fields["timestamp"])
    assert (fields["level"], fields["logger"], fields["event"]) == ("warning", "grader.web", "3 answers")


def fail(depth):
    if depth:
        fail(depth - 1)
    raise ValueError("the text quotes an answer")


def test_an_exception_shows_its_type_and_frames_but_not_its_text():
    try:
        fail(20)
    except ValueError:
        fields = line("request failed", exc_info=sys.exc_info())
    assert fields["exc_type"] == "ValueError"
    assert len(fields["exc_frames"]) == MAX_FRAMES == 8
    assert re.fullmatch(r".*test_json_logging\.py:\d+ fail", fields["exc_frames"][-1])
    assert "quotes" not in json.dumps(fields)


def test_what_json_does_not_know_is_written_as_text():
    assert line("x", path=ValueError)["path"] == "<class 'ValueError'>"
