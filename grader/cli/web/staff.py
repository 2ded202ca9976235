"""``grader staff``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.web.options import DATABASE, SECRET, open_service

if TYPE_CHECKING:
    from grader.web.domain.accounts.people import Role

ROLES = ("grader", "instructor", "admin")
URL = click.option(
    "--url", default="http://127.0.0.1:8000", show_default=True, help="Where browsers reach the service."
)


@click.group()
def staff() -> None:
    """Let members of staff in, by links or by passwords.

    A service that is running on the same database knows of them at once.
    """


@staff.command()
@click.argument("login")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    required=True,
    help="A grader reviews; an instructor runs exams too; an admin erases too.",
)
@click.option("--name", help="What others read  [default: the LOGIN]")
@click.option("--password", "asks", is_flag=True, help="Ask for a password, instead of making a link.")
@URL
@DATABASE
@SECRET
def add(
    login: str, role: Role, name: str | None, asks: bool, url: str, database: str, secret_file: Path | None
) -> None:
    """Add a member of staff, and print a link by which they enter once, within a day.

    \b
    Examples:
      grader staff add rivera --role instructor --name 'Ana Rivera'
      grader staff add kim --role grader --password
    """
    with open_service(database, secret_file) as service:
        from grader.web.domain.accounts import staff_accounts

        password = _password() if asks else None
        link = staff_accounts.add(service.database, service.settings, login, role, name, password)
    click.echo(f"{login} is {'an' if role[0] in 'aeiou' else 'a'} {role}.")
    click.echo("They enter by their name and this password." if link is None else _by(login, url, link))


@staff.command()
@click.argument("login")
@URL
@DATABASE
@SECRET
def link(login: str, url: str, database: str, secret_file: Path | None) -> None:
    """Print a new link for a member of staff; those before it are worthless.

    \b
    Example:
      grader staff link rivera
    """
    with open_service(database, secret_file) as service:
        from grader.web.domain.accounts import staff_accounts

        made = staff_accounts.new_link(service.database, service.settings, login)
    click.echo(_by(login, url, made))


@staff.command()
@click.argument("login")
@DATABASE
@SECRET
def password(login: str, database: str, secret_file: Path | None) -> None:
    """Ask for a new password of a member of staff; wherever they are in now, they must enter anew.

    \b
    Example:
      grader staff password rivera
    """
    with open_service(database, secret_file) as service:
        from grader.web.domain.accounts import staff_accounts

        staff_accounts.find(service.database, login)
        staff_accounts.set_password(service.database, login, _password())
    click.echo(f"{login} enters by their name and this password.")


@staff.command("list")
@DATABASE
@SECRET
def list_(database: str, secret_file: Path | None) -> None:
    """List all members of staff.

    \b
    Example:
      grader staff list
    """
    with open_service(database, secret_file) as service:
        from grader.web.domain.accounts import staff_accounts

        found = staff_accounts.all_staff(service.database)
    for each, has in found:
        click.echo(f"{each.login}: {each.name or each.login}, {each.role}, {'password' if has else 'links only'}")
    if not found:
        click.echo("There are no members of staff yet.")


def _password() -> str:
    """Ask for a password twice; it is seen nowhere, and never stands in a command."""
    return str(click.prompt("Password", hide_input=True, confirmation_prompt="Once more"))


def _by(login: str, url: str, link: str) -> str:
    return f"{login} enters once by {url.rstrip('/')}/enter/{link}"
