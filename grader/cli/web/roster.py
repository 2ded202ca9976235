"""``grader roster``."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.web.options import DATABASE, SECRET, find_exam, open_service


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
def import_(file: Path, slug: str | None, codes: Path | None, database: str, secret_file: Path | None) -> None:
    """Read students from FILE, a CSV with the columns id and name.

    \b
    Example:
      grader roster import class.csv --exam midterm --codes codes.csv
    """
    with open_service(database, secret_file) as service:
        from grader.web.domain.exams import roster_import

        if slug is not None:
            find_exam(service, slug)
        done = roster_import.import_file(service.database, service.settings, file, slug, codes)
    days = service.settings.limits.code_days
    click.echo(
        f"{done.students} students, {done.new} of them new"
        + (f"; codes in {codes}, each good for one time within {days:g} days" if codes else "")
    )
    for each in done.remarks:
        click.echo(f"Note: {each}", err=True)
