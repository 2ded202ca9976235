"""``grader exam``."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.web.opened import DATABASE, SECRET, known_exam, opened
from grader.cli.web.options import EARLY, moment, told
from grader.web.domain.exams import schedule

if TYPE_CHECKING:
    from grader.core.verdict import Reveal
    from grader.web.domain.exams.exams import Exam, Mode


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
@click.option("--opens", type=moment, metavar="TIME", help="When answers are taken from, in the time of this machine.")
@click.option("--closes", type=moment, metavar="TIME", help="Until when; a day alone is its first minute.")
@click.option("--everyone", is_flag=True, help="For all who are known here, enrolled or not.")
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
    database: str,
    secret_file: Path | None,
) -> None:
    """Keep PROBLEMS as they are now, and open an exam with them under the name SLUG.

    \b
    Examples:
      grader exam open midterm problems/we_recur --closes '2027-01-15 12:00' --attempts 2 --credits 1,1/2
      grader exam open resit problems/we_recur --opens 2027-02-01T09:00 --closes '2027-02-01 11:00 +01:00'
    """
    with opened(database, secret_file) as service:
        from grader.authoring.checks.runner import discovery
        from grader.web.domain.exams import exams

        try:
            paid = tuple(Fraction(each.strip()) for each in credits.split(","))
        except (ValueError, ZeroDivisionError) as error:
            raise click.UsageError(str(error)) from error
        policy = exams.Policy(mode, attempts, paid, reveal, everyone, opens, closes)
        made = exams.open_exam(service.database, slug, title or slug, discovery.problems(problems), policy)
    click.echo(f"Exam {made.slug} is open.{_times(made)}")
    if closes is not None and closes <= datetime.now(UTC):
        click.echo(EARLY.format(told(closes)), err=True)


def _times(exam: Exam) -> str:
    """Say from when until when an exam takes answers, if it has any times."""
    opens, closes = exam.policy.opens_at, exam.policy.closes_at
    since = f" from {told(opens)}" if opens else ""
    until = f" until {told(closes)}" if closes else ""
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
    with opened(database, secret_file) as service:
        from grader.web.domain.exams import exams

        with service.database.reading() as connection:
            found = exams.all_exams(connection)
    for each in found:
        state = "released" if each.released_at else each.state
        times = _times(each) if state == "open" else ""
        click.echo(f"{each.slug}: {each.title}, {each.policy.mode}, {state}.{times}")
    if not found:
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
    with opened(database, secret_file) as service:
        found = known_exam(service, slug)
        if found.state == "open":
            with service.database.writing() as connection:
                schedule.close(connection, found)
    click.echo(f"Exam {slug} is closed.")
