"""The commands of the service: ``serve``, ``db``, ``roster`` and ``exam``. Wiring only, as in ``cli``."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.web.service import Service

MISSING = "The service needs more packages than grading does: pip install 'grader[web]'"
DATABASE = click.option("--database", envvar="GRADER_DATABASE", default="sqlite:///grader.sqlite3", show_default=True, metavar="URL",
                        help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.")  # fmt: skip
SECRET = click.option("--secret-file", type=click.Path(dir_okay=False, path_type=Path),
                      help="The secret of the service  [default: $GRADER_SECRET, else grader.secret, which is made]")  # fmt: skip
SERVE_EXAMPLES = """
\b
Examples:
  grader serve problems
  grader serve problems/we_recur --port 8080
  grader serve --database postgresql+psycopg://grader@localhost/grader --secure
"""


def _service(
    database: str, secret_file: Path | None, workers: int = 0, practice: bool = False, secure: bool = False
) -> Service:
    try:
        from grader.web.service import Service
        from grader.web.settings import Settings, own_secret
    except ImportError as error:
        raise click.ClickException(f"{MISSING}  ({error})") from error
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    from grader import secret

    try:
        key = (
            secret.find(secret_file).key
            if secret_file
            else secret.find().key or own_secret(Path("grader.secret"))
        )
        return Service.of(Settings(key, database, workers=workers, practice=practice), secure)
    except (ArgumentError, NoSuchModuleError) as error:
        message = f"{database!r} is no address of a database, such as sqlite:///grader.sqlite3"
        raise click.BadParameter(message, param_hint="--database") from error
    except (OSError, ValueError) as error:
        raise click.UsageError(str(error)) from error


@click.command(epilog=SERVE_EXAMPLES)
@click.argument("problems", nargs=-1, type=click.Path(path_type=Path))
@DATABASE
@SECRET
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on."
)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that grade  [default: the cores]")
@click.option(
    "--secure", is_flag=True, help="Reached by https alone, through a proxy: cookies and headers say so."
)
def serve(
    problems: tuple[Path, ...],
    database: str,
    secret_file: Path | None,
    host: str,
    port: int,
    workers: int | None,
    secure: bool,
) -> None:
    """Serve exams in a browser; with PROBLEMS anybody who reaches the address may practise them.

    PROBLEMS are folders of problems, or banks of them. Without any, the exams are served that `grader exam open` opened.
    """
    import os

    from grader.bank import folders

    service = _service(database, secret_file, workers or os.cpu_count() or 1, bool(problems), secure)
    from grader.web import logs, serving

    logs.start()
    service.database.upgrade()
    address = serving.Address(host, port)
    if problems:
        serving.practice(service, folders.problems(problems))
    click.echo(f"Staff enter once by {serving.staff_link(service, address)}")
    serving.run(service, address, click.echo)


@click.group()
def db() -> None:
    """Look after the database of the service."""


@db.command()
@DATABASE
@SECRET
def upgrade(database: str, secret_file: Path | None) -> None:
    """Bring the tables to the form that this version needs.

    \b
    Example:
      grader db upgrade --database postgresql+psycopg://grader@localhost/grader
    """
    _service(database, secret_file).database.upgrade()
    click.echo("The database is up to date.")


@click.group()
def roster() -> None:
    """Look after the list of students."""


@roster.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--exam", "slug", help="Enrol everybody in this exam.")
@click.option(
    "--codes",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a code to enter for each student, as CSV.",
)
@DATABASE
@SECRET
def import_(
    file: Path, slug: str | None, codes: Path | None, database: str, secret_file: Path | None
) -> None:
    """Read students from FILE, a CSV with the columns id and name.

    \b
    Example:
      grader roster import class.csv --exam midterm --codes codes.csv
    """
    service = _service(database, secret_file)
    from grader.web import rosters

    done = rosters.import_file(service, file, slug, codes)
    click.echo(f"{done.students} students, {done.new} of them new" + (f"; codes in {codes}" if codes else ""))
    for each in done.remarks:
        click.echo(f"Note: {each}", err=True)


@click.group()
def exam() -> None:
    """Open exams, and look after them."""


@exam.command("open")
@click.argument("slug")
@click.argument("problems", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--title", help="What students read  [default: the SLUG]")
@click.option(
    "--mode",
    type=click.Choice(["practice", "exam"]),
    default="exam",
    show_default=True,
    help="Whether verdicts come at once, or with the release.",
)
@click.option(
    "--attempts", type=click.IntRange(1), default=1, show_default=True, help="Attempts at each blank."
)
@click.option("--credits", default="1", show_default=True, help="What each attempt pays, by commas: 1,1/2.")
@click.option(
    "--reveal",
    type=click.Choice(["verdict", "hint", "full"]),
    default="full",
    show_default=True,
    help="What is shown after the release.",
)
@click.option(
    "--opens", type=click.DateTime(), help="When answers are taken from, in the time of this machine."
)
@click.option("--closes", type=click.DateTime(), help="Until when.")
@click.option("--everyone", is_flag=True, help="For all who are known here, enrolled or not.")
@DATABASE
@SECRET
def open_(slug: str, problems: tuple[Path, ...], title: str | None, mode: str, attempts: int, credits: str, reveal: str, opens: datetime | None,
          closes: datetime | None, everyone: bool, database: str, secret_file: Path | None) -> None:  # fmt: skip
    """Keep PROBLEMS as they are now, and open an exam with them under the name SLUG.

    \b
    Example:
      grader exam open midterm problems/we_recur --closes '2027-01-15 12:00' --attempts 2 --credits 1,1/2
    """
    service = _service(database, secret_file)
    from grader.bank import folders
    from grader.web import exams
    from grader.web.refusals import Refused

    service.database.upgrade()
    try:
        paid = tuple(Fraction(each.strip()) for each in credits.split(","))
        policy = exams.Policy(mode, attempts, paid, reveal, everyone, _local(opens), _local(closes))  # type: ignore[arg-type]
        made = exams.open_exam(service.database, slug, title or slug, folders.problems(problems), policy)
    except (Refused, ValueError, ZeroDivisionError) as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"Exam {made.slug} is open.")


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone()


COMMANDS = (serve, db, roster, exam)
