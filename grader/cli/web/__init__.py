"""The commands of the service: ``serve``, ``db``, ``roster``, ``exam``, ``staff`` and ``audit``. Wiring only, as in ``cli.main``."""

from __future__ import annotations

from grader.cli.web.audit import audit
from grader.cli.web.exam import exam
from grader.cli.web.roster import roster
from grader.cli.web.serve import db, serve
from grader.cli.web.staff import staff

COMMANDS = (serve, db, roster, exam, staff, audit)
