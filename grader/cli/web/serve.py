"""``grader serve`` and ``grader db``."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.web.options import DATABASE, SECRET, open_service

SERVE_EXAMPLES = """
\b
Examples:
  grader serve problems
  grader serve problems/we_recur --port 8080
  grader serve --database postgresql+psycopg://grader@localhost/grader --secure
"""


@click.command(epilog=SERVE_EXAMPLES)
@click.argument("problems", nargs=-1, type=click.Path(path_type=Path))
@DATABASE
@SECRET
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Processes that grade, and as many for programs  [default: the cores]"
)
@click.option("--secure", is_flag=True, help="Reached by https alone, through a proxy: cookies and headers say so.")
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

    from grader.authoring.checks.runner import discovery

    graders = workers or os.cpu_count() or 1
    with open_service(database, secret_file, graders, bool(problems), secure) as service:
        from grader.cli.web import server
        from grader.core import json_logging
        from grader.web.domain.exams import practice

        json_logging.start()
        address = server.Address(host, port)
        if problems:
            opened = practice.open_practice(service.database, discovery.find_problems(problems))
            with service.database.reading() as connection:
                for overlap in service.practice_lock.overlaps(connection, opened.slug):
                    click.echo(f"Note: {overlap}")
        click.echo(f"Staff enter once by {server.staff_link(service, address)}")
        server.run(service, address, click.echo)


@click.group()
def db() -> None:
    """Look after the database of the service."""


@db.command("accept-secret")
@DATABASE
@SECRET
def accept_secret(database: str, secret_file: Path | None) -> None:
    """Go on with a secret that is not the one of before, which was lost.

    
    Example:
      grader db accept-secret
    """
    with open_service(database, secret_file) as service:
        from grader.web.domain import secret_fingerprint

        with service.database.writing() as connection:
            secret_fingerprint.accept(connection, service.settings)
    click.echo("The database belongs to this secret now.")


@db.command()
@DATABASE
@SECRET
def upgrade(database: str, secret_file: Path | None) -> None:
    """Bring the tables to the form that this version needs.

    \b
    Example:
      grader db upgrade --database postgresql+psycopg://grader@localhost/grader
    """
    with open_service(database, secret_file):
        click.echo("The database is up to date.")
