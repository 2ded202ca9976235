"""What every command of the service needs: its database and its secret, and plain words for what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.web.domain.exams.exams import Exam
    from grader.web.service import Service

MISSING = "The service needs more packages than grading does: pip install 'grader[web]'"
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


@contextmanager
def opened(
    database: str, secret_file: Path | None, workers: int = 0, practice: bool = False, secure: bool = False
) -> Iterator[Service]:
    """Give a service whose tables are as this version needs them; what it refuses is the user's to mend."""
    made = _service(database, secret_file, workers, practice, secure)
    from sqlalchemy.exc import OperationalError

    from grader.web.errors import ServiceError

    try:
        made.database.upgrade()
        yield made
    except ServiceError as error:
        raise click.UsageError(error.message) from error
    except OperationalError as error:
        raise click.ClickException(f"The database cannot be used: {str(error.orig).strip()}") from error
    finally:
        made.database.close()


def known_exam(service: Service, slug: str) -> Exam:
    """Return the exam of a slug; raises UsageError with the exams that are open."""
    from grader.web.domain.exams import exams

    with service.database.reading() as connection:
        known = exams.all_exams(connection)
    for each in known:
        if each.slug == slug:
            return each
    names = [each.slug for each in known if each.state == "open"]
    others = f"Open exams: {', '.join(names)}." if names else "No exam is open."
    raise click.UsageError(f"There is no exam {slug}. {others}")


def _service(database: str, secret_file: Path | None, workers: int, practice: bool, secure: bool) -> Service:
    try:
        from grader.web.service import Service
        from grader.web.settings import Settings, own_secret
    except ImportError as error:
        raise click.ClickException(f"{MISSING}  ({error})") from error
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    from grader.core import seeds

    try:
        key = (
            seeds.find_secret(secret_file).key
            if secret_file
            else seeds.find_secret().key or own_secret(Path("grader.secret"))
        )
        return Service.of(Settings(key, database, workers=workers, practice=practice), secure)
    except (ArgumentError, NoSuchModuleError) as error:
        message = f"{database!r} is no address of a database, such as sqlite:///grader.sqlite3"
        raise click.BadParameter(message, param_hint="--database") from error
    except (OSError, ValueError) as error:
        raise click.UsageError(str(error)) from error
