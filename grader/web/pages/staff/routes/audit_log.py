"""The audit log: searched by act and person, with the many acts of one list of students in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from grader.web.domain import audit_log
from grader.web.domain.accounts import people
from grader.web.domain.audit_log import AuditEvent
from grader.web.domain.exams import exams
from grader.web.http.auth import RequireGrader
from grader.web.pages.staff.rendering import address, show

router = APIRouter()
PAGE, READ = 100, 1_000
LISTS = ("person-added", "code-made")
"""What reading one list of students does for each of them."""
PAUSE = timedelta(seconds=1)
"""Between two acts of one list."""
FEW = 3


@dataclass(frozen=True)
class Line:
    """One line of the log: an act, or the many acts of one list, the newest first."""

    acts: tuple[AuditEvent, ...]

    @property
    def newest(self) -> AuditEvent:
        """The latest act."""
        return self.acts[0]

    @property
    def oldest(self) -> AuditEvent:
        """The first act, after which the next page begins."""
        return self.acts[-1]

    @property
    def counts(self) -> dict[str, int]:
        """How many acts there are of each kind."""
        return dict(sorted(Counter(each.action for each in self.acts).items(), reverse=True))

    @property
    def people(self) -> int:
        """How many people the acts of a list are on."""
        return len({each.subject for each in self.acts})


@router.get("/staff/audit")
def log(visitor: RequireGrader, before: str = "", action: str = "", who: str = "", each: str = "") -> Response:
    """Show the log, the newest first, a page at a time; with ``each`` the acts of a list stand one by one."""
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    with visitor.service.database.reading() as connection:
        someone = people.by_login(connection, who.strip()) if who.strip() else None
        nobody = bool(who.strip()) and someone is None
        found = () if nobody else _acts(connection, last, action or None, someone.id if someone else None)
        lines = list(islice(map(_alone, found) if each else together(found), PAGE + 1))
        names, known = _names(connection), audit_log.actions(connection)
        links = _links(connection, lines)
    kept = {key: value for key, value in {"action": action, "who": who, "each": each}.items() if value}
    return show(
        visitor,
        "staff/audit.html",
        lines=lines[:PAGE],
        names=names,
        links=links,
        older=len(lines) > PAGE,
        later=last is not None,
        actions=known,
        action=action,
        who=who,
        nobody=nobody,
        kept=urlencode(kept),
    )


def together(acts: Iterable[AuditEvent]) -> Iterator[Line]:
    """Yield the lines of acts: those of one list of students are one."""
    run: list[AuditEvent] = []
    for act in acts:
        if run and not _same_list(run[-1], act):
            yield from _lines(run)
            run = []
        run.append(act)
    yield from _lines(run)


def _same_list(later: AuditEvent, earlier: AuditEvent) -> bool:
    listed = later.action in LISTS and earlier.action in LISTS and later.actor == earlier.actor
    return listed and later.at - earlier.at <= PAUSE


def _lines(run: list[AuditEvent]) -> Iterable[Line]:
    return [Line(tuple(run))] if len(run) > FEW else map(_alone, run)


def _alone(act: AuditEvent) -> Line:
    return Line((act,))


def _acts(connection: Connection, before: int | None, action: str | None, person: str | None) -> Iterator[AuditEvent]:
    """Yield acts as long as anybody asks for more."""
    while found := audit_log.events(connection, before=before, limit=READ, action=action, person=person):
        yield from found
        before = found[-1].id


def _names(connection: Connection) -> dict[str, str]:
    """Return what ids in the log stand for: logins and exams; those of the erased stand for nobody."""
    listed = {each.id: each.login for each in people.everyone(connection)}
    return listed | {each.id: each.slug for each in exams.all_exams(connection)}


def _links(connection: Connection, lines: Iterable[Line]) -> dict[str, str]:
    """Return the addresses of what was acted on, by ids: exams, and the decisions in them."""
    slugs = {each.id: each.slug for each in exams.all_exams(connection)}
    links = {id: address(slug) for id, slug in slugs.items()}
    for act in (line.newest for line in lines):
        exam: Any = act.details.get("exam")
        if act.action == "decided" and exam in slugs:
            links[act.subject] = f"{address(slugs[exam], 'review')}?decision={act.subject}"
    return links
