"""The commands ``grader audit verify`` and ``head``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.web.options import DATABASE, SECRET, open_service

EXIT = """\
\b
Exit status:
  0  nothing was changed    1  something was    2  a call that is not understood    3  the database cannot be read
"""


@click.group()
def audit() -> None:
    """Check that nobody changed the log of who did what."""


@audit.command(epilog=EXIT)
@click.option("--head", metavar="HEAD", help="A head from before, kept elsewhere: shows what was cut off at the end.")
@DATABASE
@SECRET
def verify(head: str | None, database: str, secret_file: Path | None) -> None:
    """Compute the chain of the audit log anew with the service's secret, and compare.

    \b
    Examples:
      grader audit verify
      grader audit verify --head "$(cat kept-head.txt)"
    """
    from grader.web.domain import audit_chain

    try:
        kept = None if head is None else audit_chain.parse_head(head)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--head") from error
    with open_service(database, secret_file) as service, service.database.reading() as connection:
        report = audit_chain.verify(connection, service.settings.key(audit_chain.PURPOSE), kept)
    for problem in report.problems:
        click.echo(f"The audit log does not hold: {problem}.")
    if report.unlinked:
        click.echo(f"{report.unlinked} events are not linked yet.")
    if report.holds:
        click.echo(f"The audit log holds: {report.head.events} events, head {report.head}.")
    sys.exit(0 if report.holds else 1)


@audit.command("head")
@DATABASE
@SECRET
def head_(database: str, secret_file: Path | None) -> None:
    """Print the head of the audit log, to be kept where nobody who can write the database can write.

    \b
    Example:
      grader audit head > /media/safe/head.txt
    """
    from grader.web.domain import audit_chain

    with open_service(database, secret_file) as service, service.database.reading() as connection:
        click.echo(str(audit_chain.head(connection)))
