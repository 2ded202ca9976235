"""The command line: wiring only. Heavy modules are imported where they are used, so that ``--help`` is quick."""

from __future__ import annotations

import io
import sys
import traceback
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import click

from grader.cli import author, web
from grader.core.version import VERSION

FAILED = 3
BAD_INPUT = 2

GRADE_EXAMPLES = """
\b
Examples:
  grader grade problems/we_recur submissions/we_recur -o out
  grader grade problems/we_recur answers.csv -o out --shared-assets
  grader grade problems/we_recur answers.jsonl -o out --reveal verdict

\b
Exit status:
  0  every mark stands
  1  some marks are provisional or missing: a person should look
  2  the problem, or some of the submissions, cannot be read
  3  the run itself could not go on
"""


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


@cli.command(epilog=GRADE_EXAMPLES)
@click.argument("problem", type=click.Path(path_type=Path))
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for results.jsonl, marks.csv, index.html and students/.",
)
@click.option(
    "--reveal",
    type=click.Choice(["verdict", "hint", "full"]),
    help="How much the students' pages say  [default: as the problem says]",
)
@click.option("--shared-assets", is_flag=True, help="Small pages that share one style sheet and font: large classes.")
@click.option(
    "--secret-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Secret from which sample points derive  [default: $GRADER_SECRET, else none]",
)
@click.option("--encoding", help="Encoding of the submissions  [default: found out]")
@click.option(
    "--unsafe-no-sandbox", is_flag=True,
    help="Run students' programs without the sandbox: they can then do whatever you can. Stamped on every result.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but what went wrong.")
def grade(
    problem: Path,
    submissions: Path,
    output: Path,
    reveal: str | None,
    shared_assets: bool,
    secret_file: Path | None,
    encoding: str | None,
    unsafe_no_sandbox: bool,
    quiet: bool,
) -> NoReturn:
    """Grade SUBMISSIONS to PROBLEM and write marks and pages.

    PROBLEM is a problem's folder. SUBMISSIONS is a folder with a YAML or JSON file for each student, or a JSON Lines
    or CSV file with a row for each.
    """
    from grader.authoring.loader import load_problem
    from grader.core import seeds
    from grader.grading.readers import read
    from grader.grading.results import exit_code
    from grader.reports.batch import Batch, run
    from grader.reports.terminal import summary
    from grader.sandbox import Sandbox

    try:
        key = seeds.find_secret(secret_file)
    except (OSError, ValueError) as error:
        raise click.BadParameter(str(error), param_hint="--secret-file") from error
    spec = load_problem(problem)
    reading = read(submissions, spec, encoding)
    with closing(Sandbox(unsafe=unsafe_no_sandbox)) as sandbox:  # Nothing is started until a program is to be run.
        batch = Batch(spec, reading, output, key, shared_assets, reveal, sandbox)  # type: ignore[arg-type]
        with summary.progress(len(reading.submissions), quiet) as step:
            results = run(batch, step)
    if unsafe_no_sandbox:
        click.echo("Students' programs were run without a sandbox.", err=True)
    summary.remarks(reading.errors, reading.remarks)
    if not quiet:
        summary.summary(spec, results, output)
    sys.exit(BAD_INPUT if reading.errors else exit_code(results))


TRY_EXAMPLES = """
\b
Examples:
  grader try problems/we_recur
  grader try problems/we_recur --part b
  printf 'W_sx^T W_o^T dL/dz2\\n' | grader try problems/we_recur --part b
"""


@cli.command("try", epilog=TRY_EXAMPLES)
@click.argument("problem", type=click.Path(path_type=Path))
@click.option("-p", "--part", help="Ask only this part.")
@click.option(
    "--reveal",
    type=click.Choice(["verdict", "hint", "full"]),
    default="hint",
    show_default=True,
    help="How much is said about an answer; full gives the key away.",
)
def try_(problem: Path, part: str | None, reveal: str) -> None:
    """Answer PROBLEM in the terminal, part by part.

    Every answer is shown as it was read, with its shape, and then judged. Lines can be piped in, one for each blank.
    """
    from grader.authoring.loader import load_problem
    from grader.cli.practice import Practice, asked, piped
    from grader.core import seeds
    from grader.core.errors import nearest
    from grader.reports.terminal import attempt

    spec = load_problem(problem)
    ids = [each.id for each in spec.parts]
    if part is not None and part not in ids:
        near = nearest(part, ids)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(ids)}"
        raise click.BadParameter(f"there is no part {part!r}; {hint}", param_hint="--part")
    person = sys.stdin.isatty()
    prepared = spec.prepare(seeds.find_secret())
    practice = Practice(prepared, asked if person else piped, attempt.console(), reveal, person)  # type: ignore[arg-type]
    practice.run(part)


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
    from grader.reports.terminal import sandbox_layers
    from grader.sandbox import found

    lines, ready = sandbox_layers.lines(found(), as_json)
    for line in lines:
        click.echo(line)
    sys.exit(0 if ready else FAILED)


COMPARE_EXAMPLES = """
\b
Examples:
  grader compare '(x+y)^2' 'x^2+2xy+y^2' -s x -s y
  grader compare 'W.T @ g' 'g @ W' -s W=2x3 -s g=2
  grader compare 'log(x^2)' '2 log(x)' -s x=:pos
  grader compare --jsonl pairs.jsonl

\b
A symbol is NAME, NAME=SHAPE (3, 2x3) or NAME=SHAPE:DOMAIN. A row of the file is
  {"id": "p1", "vars": {"x": {"shape": [], "domain": "real"}}, "reference": "2*x", "answer": "x+x"}

\b
Exit status:
  0  every pair was decided    1  some were not    2  a formula cannot be read
"""


@cli.command(epilog=COMPARE_EXAMPLES)
@click.argument("formulas", nargs=-1)
@click.option(
    "-s",
    "--symbol",
    "symbols",
    multiple=True,
    metavar="NAME[=SHAPE][:DOMAIN]",
    help="A symbol of the formulas.",
)
@click.option("--jsonl", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Pairs, one a line.")
@click.option(
    "--secret-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Secret from which the points derive  [default: $GRADER_SECRET, else none]",
)
def compare(
    formulas: tuple[str, ...], symbols: tuple[str, ...], jsonl: Path | None, secret_file: Path | None
) -> NoReturn:
    """Decide whether two FORMULAS are equal, with NumPy's broadcasting and * entry by entry.

    Prints one line of JSON for each pair: id, equal (true, false or null), reason, micros.
    """
    from grader.cli import compare as comparing
    from grader.core import seeds

    if (jsonl is None) == (len(formulas) != 2):
        raise click.UsageError("give two formulas, or --jsonl FILE")
    try:
        key = seeds.find_secret(secret_file)
        rows = comparing.rows(jsonl) if jsonl else [comparing.row(formulas, symbols)]
    except (OSError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    worst = 0
    for line in comparing.compared(rows, key):
        click.echo(line.text)
        worst = max(worst, line.status)
    sys.exit(worst)


NOTATION_EXAMPLES = """
\b
Examples:
  grader notation
  grader notation problems/we_recur
  grader notation problems/we_recur -o notation.html
"""


@cli.command(epilog=NOTATION_EXAMPLES)
@click.argument("problem", type=click.Path(path_type=Path), required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="HTML page to write  [default: print]",
)
def notation(problem: Path | None, output: Path | None) -> None:
    """Show how formulas may be typed, and the names that PROBLEM declares."""
    from grader.authoring.loader import load_problem
    from grader.core.files.atomic_write import write_atomically
    from grader.reports.pages import notation as notation_sheet
    from grader.reports.terminal import attempt

    spec = load_problem(problem) if problem else None
    if output:
        write_atomically(output, notation_sheet.page(spec))
    else:
        notation_sheet.terminal(attempt.console(), spec)


@cli.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write  [default: print]")
def schema(output: Path | None) -> None:
    """Print the JSON Schema of problem.yaml, from which editors complete and check.

    \b
    Example:
      grader schema -o problems/problem.schema.json
    """
    import json

    from grader.authoring.schema import json_schema
    from grader.core.files.atomic_write import write_atomically

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(output, text)
    else:
        click.echo(text, nl=False)


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


for each in (author.check, author.new, author.show, *web.COMMANDS):
    cli.add_command(each)


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
