"""The commands of the service: ``serve``, ``db``, ``roster``, ``exam`` and ``staff``. Wiring only, as in ``cli``."""

from __future__ import annotations

from grader.web_cli.exam import exam
from grader.web_cli.roster import roster
from grader.web_cli.serve import db, serve
from grader.web_cli.staff import staff

COMMANDS = (serve, db, roster, exam, staff)
