"""The command line: wiring only. Heavy modules are imported where they are used, so that ``--help`` is quick."""

from __future__ import annotations

import io
import sys
import traceback
from typing import NoReturn

import click

from grader.cli import author, formulas, grade, web
from grader.core.version import VERSION

FAILED = 3
"""The exit code of a run that could not go on."""
BAD_INPUT = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="grader")
def cli() -> None:
    """Grade exam questions with mathematics in them.

    \b
    Start here:
      grader grade problems/we_recur submissions/we_recur -o out
      grader check problems
      grader COMMAND --help
    """


DOCTOR_EXAMPLES = """
\b
Examples:
  grader doctor
  grader doctor --json

\b
Exit status:
  0  students' programs can be run    3  a layer that they need is missing
"""


@cli.command(epilog=DOCTOR_EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each layer.")
def doctor(as_json: bool) -> NoReturn:
    """Try the sandbox for students' programs, layer by layer.

    What is said to hold was tried from inside a locked process a moment ago.
    """
    from grader.reports.terminal import doctor
    from grader.sandbox import probe_layers

    lines, ready = doctor.report_lines(probe_layers(), as_json)
    for line in lines:
        click.echo(line)
    sys.exit(0 if ready else FAILED)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script that completes grader's commands and options in SHELL.

    \b
    Example:
      grader completion bash >> ~/.bash_completion
    """
    from click.shell_completion import get_completion_class

    complete = get_completion_class(shell)
    if complete is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(complete(cli, {}, "grader", "_GRADER_COMPLETE").source())


COMMANDS = (
    grade.grade, grade.try_, author.check, author.new, author.show, author.schema, formulas.compare, formulas.notation, *web.COMMANDS,
)  # fmt: skip
for command in COMMANDS:
    cli.add_command(command)


def main() -> NoReturn:
    """Run the command line; its exit codes are listed in ``grader grade --help``."""
    from grader.core.errors import InputError, SpecError

    for stream in (sys.stdout, sys.stderr):  # A terminal that is not UTF-8 shows what it can.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        cli(prog_name="grader")
    except SpecError as error:
        click.echo(f"The problem cannot be used ({len(error.complaints)} found):\n{error}", err=True)
        sys.exit(BAD_INPUT)
    except InputError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_INPUT)
    except OSError as error:
        click.echo(f"The run could not go on: {error.strerror or error}: {error.filename or ''}", err=True)
        sys.exit(FAILED)
    except Exception:  # Whatever it is, it is our own failure: say so, and keep it apart from a bad input.
        click.echo(f"The grader itself failed; please report this:\n{traceback.format_exc()}", err=True)
        sys.exit(FAILED)
    sys.exit(0)
