"""The audit log page: searched by action and person, with the many events of one roster import in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from grader.web.domain import audit_log
from grader.web.domain.accounts import people
from grader.web.domain.audit_log import AuditEvent
from grader.web.domain.exams import exams
from grader.web.http.auth import RequireGrader
from grader.web.pages.staff.rendering import exam_url, render

router = APIRouter()
LINES_PER_PAGE, EVENTS_PER_QUERY = 100, 1_000
ROSTER_ACTIONS = ("person-added", "code-made")
"""What a roster import does for each student."""
MAX_ROSTER_PAUSE = timedelta(seconds=1)
"""Between two events of one import."""
MAX_SEPARATE_EVENTS = 3


@dataclass(frozen=True)
class LogLine:
    """One line of the log: an event, or the many events of one import, newest first."""

    events: tuple[AuditEvent, ...]

    @property
    def newest(self) -> AuditEvent:
        """The latest event."""
        return self.events[0]

    @property
    def oldest(self) -> AuditEvent:
        """The first event, before which the next page begins."""
        return self.events[-1]

    @property
    def counts(self) -> dict[str, int]:
        """The number of events by action."""
        return dict(sorted(Counter(event.action for event in self.events).items(), reverse=True))

    @property
    def people(self) -> int:
        """The number of people whom the events concern."""
        return len({event.subject for event in self.events})


@router.get("/staff/audit")
def show_log(visitor: RequireGrader, before: str = "", action: str = "", who: str = "", each: str = "") -> Response:
    """Show the log, newest first, a page at a time; with ``each`` the events of an import have a line of their own."""
    last_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    with visitor.service.database.reading() as connection:
        person = people.by_login(connection, who.strip()) if who.strip() else None
        is_unknown_login = bool(who.strip()) and person is None
        events = (
            iter(())
            if is_unknown_login
            else _events(connection, last_id, action or None, person.id if person else None)
        )
        lines = list(islice(map(_single_line, events) if each else group_events(events), LINES_PER_PAGE + 1))
        names, actions = _names(connection), audit_log.actions(connection)
        links = _links(connection, lines)
    search = {key: value for key, value in {"action": action, "who": who, "each": each}.items() if value}
    return render(
        visitor,
        "staff/audit_log.html",
        lines=lines[:LINES_PER_PAGE],
        names=names,
        links=links,
        has_older=len(lines) > LINES_PER_PAGE,
        has_newer=last_id is not None,
        actions=actions,
        action=action,
        who=who,
        is_unknown_login=is_unknown_login,
        search=urlencode(search),
    )


def group_events(events: Iterable[AuditEvent]) -> Iterator[LogLine]:
    """Yield the lines of events: those of one roster import are one."""
    run: list[AuditEvent] = []
    for event in events:
        if run and not _is_same_import(run[-1], event):
            yield from _lines(run)
            run = []
        run.append(event)
    yield from _lines(run)


def _is_same_import(later: AuditEvent, earlier: AuditEvent) -> bool:
    both_imported = later.action in ROSTER_ACTIONS and earlier.action in ROSTER_ACTIONS
    return both_imported and later.actor == earlier.actor and later.at - earlier.at <= MAX_ROSTER_PAUSE


def _lines(run: list[AuditEvent]) -> Iterable[LogLine]:
    return [LogLine(tuple(run))] if len(run) > MAX_SEPARATE_EVENTS else map(_single_line, run)


def _single_line(event: AuditEvent) -> LogLine:
    return LogLine((event,))


def _events(connection: Connection, before: int | None, action: str | None, person: str | None) -> Iterator[AuditEvent]:
    """Yield events, newest first, reading more of them only as they are needed."""
    while events := audit_log.events(connection, before=before, limit=EVENTS_PER_QUERY, action=action, person=person):
        yield from events
        before = events[-1].id


def _names(connection: Connection) -> dict[str, str]:
    """Return the logins of people and the slugs of exams by id; ids of erased people have none."""
    logins = {person.id: person.login for person in people.everyone(connection)}
    return logins | {exam.id: exam.slug for exam in exams.all_exams(connection)}


def _links(connection: Connection, lines: Iterable[LogLine]) -> dict[str, str]:
    """Return the addresses of what the events concern, by id: exams, and the decisions in them."""
    slugs = {exam.id: exam.slug for exam in exams.all_exams(connection)}
    links = {id: exam_url(slug) for id, slug in slugs.items()}
    for event in (line.newest for line in lines):
        slug = slugs.get(str(event.details.get("exam")))
        if event.action == "decided" and slug is not None:
            links[event.subject] = f"{exam_url(slug, 'review')}?decision={event.subject}"
    return links
