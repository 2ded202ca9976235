"""What one running service is made of; ``app.state.service`` holds it, and every page and operation is given it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from grader.problem import Problem
from grader.web import exams
from grader.web.crew import Crew
from grader.web.database import Database
from grader.web.exams import Sheet
from grader.web.pace import Pace
from grader.web.settings import Settings
from grader.web.snapshots import Shelf


@dataclass
class Service:
    """The settings, the database, the processes that grade, and how fast anybody may ask."""

    settings: Settings
    database: Database
    crew: Crew
    secure: bool = False
    pace: Pace = field(default_factory=Pace)

    @classmethod
    def of(cls, settings: Settings, secure: bool = False) -> Service:
        """Make a service; ``secure`` says that it is reached by https alone."""
        return cls(settings, Database(settings.database), Crew(settings), secure)

    @cached_property
    def shelf(self) -> Shelf:
        """The problems that were read."""
        return Shelf(self.database)

    def warm(self) -> None:
        """Read the problems of all open exams, so that nobody waits for it."""
        with self.database.reading() as connection:
            open_ = [each for each in exams.all_exams(connection) if each.state == "open"]
            wanted = [sheet.snapshot for each in open_ for sheet in exams.sheets(connection, each)]
        for snapshot in dict.fromkeys(wanted):
            self.shelf.problem(snapshot)

    def problem(self, sheet: Sheet) -> Problem:
        """Return the problem of an exam as it was kept."""
        return self.shelf.problem(sheet.snapshot)
