"""Options that the commands of the service share: the database and the secret, times as people type them, an open service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.web.domain.exams.exams import Exam
    from grader.web.service import Service

MISSING_PACKAGES = (
    "The service needs packages that grading does not. They come with the extra `web`: run pip install '.[web]' in a checkout of the "
    "grader, or pip install 'FILE.whl[web]' with its wheel"
)
DATABASE = click.option(
    "--database",
    envvar="GRADER_DATABASE",
    default="sqlite:///grader.sqlite3",
    show_default=True,
    metavar="URL",
    help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
)
SECRET = click.option(
    "--secret-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The secret of the service  [default: $GRADER_SECRET, else grader.secret, which is made]",
)
TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?) ?(Z|[+-]\d\d:?\d\d)?)?")
EXAMPLE_TIME = "2027-01-15 12:00"


def parse_time(text: str) -> datetime:
    """Return the time that a text means, with its zone: this machine's unless it names one; a day is its first minute.

    Raises: BadParameter.
    """
    match = TIME.fullmatch(text.strip())
    if match is None:
        raise click.BadParameter(f"{text!r} is not a time such as {EXAMPLE_TIME!r}.")
    day, time, zone = match.groups()
    try:
        return datetime.fromisoformat(f"{day}T{time or '00:00'}{zone or ''}").astimezone()
    except (ValueError, OverflowError, OSError):
        raise click.BadParameter(f"There is no time {text!r}.") from None


def format_time(instant: datetime) -> str:
    """Return an instant in the time of this machine, with its zone, as the pages show it."""
    return instant.astimezone().strftime("%Y-%m-%d %H:%M %Z")


@contextmanager
def open_service(
    database: str, secret_file: Path | None, workers: int = 0, practice: bool = False, secure: bool = False
) -> Iterator[Service]:
    """Open a service, with its tables as this version needs them, and close its database afterwards.

    Raises: UsageError for what the service refuses, ClickException for a database that cannot be used.
    """
    service = _create_service(database, secret_file, workers, practice, secure)
    from sqlalchemy.exc import OperationalError

    from grader.web.errors import ServiceError

    try:
        service.database.upgrade()
        _check_secret(service)
        service.link_audit_log()
        yield service
        service.link_audit_log()
    except ServiceError as error:
        raise click.UsageError(error.message) from error
    except OperationalError as error:
        raise click.ClickException(f"The database cannot be used: {str(error.orig).strip()}") from error
    finally:
        service.database.close()


def _check_secret(service: Service) -> None:
    from grader.web.domain import secret_fingerprint

    with service.database.writing() as connection:
        if not secret_fingerprint.fits(connection, service.settings):
            click.echo(secret_fingerprint.CHANGED, err=True)


def find_exam(service: Service, slug: str) -> Exam:
    """Return the exam of a slug.

    Raises: UsageError, which names the exams that are open.
    """
    from grader.web.domain.exams import exams

    with service.database.reading() as connection:
        all_exams = exams.all_exams(connection)
    for exam in all_exams:
        if exam.slug == slug:
            return exam
    open_slugs = [exam.slug for exam in all_exams if exam.state == "open"]
    hint = f"Open exams: {', '.join(open_slugs)}." if open_slugs else "No exam is open."
    raise click.UsageError(f"There is no exam {slug}. {hint}")


def _create_service(database: str, secret_file: Path | None, workers: int, practice: bool, secure: bool) -> Service:
    try:
        from grader.web.service import Service
        from grader.web.settings import Settings, read_or_create_secret
    except ImportError as error:
        raise click.ClickException(f"{MISSING_PACKAGES}  ({error})") from error
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    from grader.core import seeds

    try:
        key = (
            seeds.find_secret(secret_file).key
            if secret_file
            else seeds.find_secret().key or read_or_create_secret(Path("grader.secret"))
        )
        return Service.of(Settings(secret=key, database=database, workers=workers, practice=practice), secure)
    except (ArgumentError, NoSuchModuleError) as error:
        message = f"{database!r} is no address of a database, such as sqlite:///grader.sqlite3"
        raise click.BadParameter(message, param_hint="--database") from error
    except (OSError, ValueError) as error:
        raise click.UsageError(str(error)) from error
