"""The commands ``grader exam open``, ``list`` and ``close``."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.web.options import DATABASE, SECRET, find_exam, format_time, open_service, parse_time

if TYPE_CHECKING:
    from grader.core.verdict import Reveal
    from grader.web.domain.exams.exams import Exam, Mode

CLOSES_IN_THE_PAST = "Warning: {} is in the past: no answers are taken."


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
@click.option("--attempts", type=click.IntRange(1), default=1, show_default=True, help="Attempts at each blank.")
@click.option("--credits", default="1", show_default=True, help="What each attempt pays, by commas: 1,1/2.")
@click.option(
    "--reveal",
    type=click.Choice(["verdict", "hint", "full"]),
    default="full",
    show_default=True,
    help="What is shown after the release.",
)
@click.option(
    "--opens", type=parse_time, metavar="TIME", help="When answers are taken from, in the time of this machine."
)
@click.option("--closes", type=parse_time, metavar="TIME", help="Until when; a day alone is its first minute.")
@click.option("--everyone", is_flag=True, help="For all who are known here, enrolled or not.")
@click.option(
    "--guests-may-practise",
    is_flag=True,
    help="Guests may practise the same problems elsewhere before the release; students on the list may not.",
)
@DATABASE
@SECRET
def open_(
    slug: str,
    problems: tuple[Path, ...],
    title: str | None,
    mode: Mode,
    attempts: int,
    credits: str,
    reveal: Reveal,
    opens: datetime | None,
    closes: datetime | None,
    everyone: bool,
    guests_may_practise: bool,
    database: str,
    secret_file: Path | None,
) -> None:
    """Keep PROBLEMS as they are now, and open an exam with them under the name SLUG.

    \b
    Examples:
      grader exam open midterm problems/we_recur --closes '2027-01-15 12:00' --attempts 2 --credits 1,1/2
      grader exam open resit problems/we_recur --opens 2027-02-01T09:00 --closes '2027-02-01 11:00 +01:00'
    """
    with open_service(database, secret_file) as service:
        from grader.authoring.checks.runner import discovery
        from grader.web.domain.exams import exams

        try:
            paid = tuple(Fraction(each.strip()) for each in credits.split(","))
        except (ValueError, ZeroDivisionError) as error:
            raise click.UsageError(str(error)) from error
        policy = exams.Policy(mode, attempts, paid, reveal, everyone, opens, closes, guests_may_practise)
        opened_exam = exams.open_exam(service.database, slug, title or slug, discovery.find_problems(problems), policy)
        with service.database.reading() as connection:
            overlaps = service.practice_lock.overlaps(connection, slug)
    click.echo(f"Exam {opened_exam.slug} is open.{_times(opened_exam)}")
    if closes is not None and closes <= datetime.now(UTC):
        click.echo(CLOSES_IN_THE_PAST.format(format_time(closes)), err=True)
    for overlap in overlaps:
        click.echo(f"Note: {overlap}", err=True)


def _times(exam: Exam) -> str:
    """Say from when until when an exam takes answers, if it has any times."""
    opens, closes = exam.policy.opens_at, exam.policy.closes_at
    since = f" from {format_time(opens)}" if opens else ""
    until = f" until {format_time(closes)}" if closes else ""
    return f" Answers are taken{since}{until}." if since or until else ""


@exam.command("list")
@DATABASE
@SECRET
def list_(database: str, secret_file: Path | None) -> None:
    """List all exams, the newest first.

    \b
    Example:
      grader exam list
    """
    with open_service(database, secret_file) as service:
        from grader.web.domain.exams import exams

        with service.database.reading() as connection:
            all_exams = exams.all_exams(connection)
    for found in all_exams:
        state = "released" if found.released_at else found.state
        times = _times(found) if state == "open" else ""
        click.echo(f"{found.slug}: {found.title}, {found.policy.mode}, {state}.{times}")
    if not all_exams:
        click.echo("There are no exams yet.")


@exam.command()
@click.argument("slug")
@DATABASE
@SECRET
def close(slug: str, database: str, secret_file: Path | None) -> None:
    """Take no more answers in the exam SLUG, whatever its times are; staff may reopen it on its page.

    \b
    Example:
      grader exam close midterm
    """
    with open_service(database, secret_file) as service:
        from grader.web.domain.exams import schedule

        found = find_exam(service, slug)
        if found.state == "open":
            with service.database.writing() as connection:
                schedule.close(connection, found)
    click.echo(f"Exam {slug} is closed.")
