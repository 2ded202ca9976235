"""The commands that grade answers: ``grade`` a class, ``try`` one problem in the terminal. Wiring only, as in ``main``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from grader.core.verdict import Reveal

UNREADABLE_SUBMISSIONS = 2
"""The exit code of a run in which some submissions could not be read."""

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


@click.command(epilog=GRADE_EXAMPLES)
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
    reveal: Reveal | None,
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
        batch = Batch(spec, reading, output, key, shared_assets, reveal, sandbox)
        with summary.progress_bar(len(reading.submissions), quiet) as step:
            results = run(batch, step)
    if unsafe_no_sandbox:
        click.echo("Students' programs were run without a sandbox.", err=True)
    summary.print_remarks(reading.errors, reading.remarks)
    if not quiet:
        summary.print_summary(spec, results, output)
    sys.exit(UNREADABLE_SUBMISSIONS if reading.errors else exit_code(results))


TRY_EXAMPLES = """
\b
Examples:
  grader try problems/we_recur
  grader try problems/we_recur --part b
  printf 'W_sx^T W_o^T dL/dz2\\n' | grader try problems/we_recur --part b
"""


@click.command("try", epilog=TRY_EXAMPLES)
@click.argument("problem", type=click.Path(path_type=Path))
@click.option("-p", "--part", help="Ask only this part.")
@click.option(
    "--reveal",
    type=click.Choice(["verdict", "hint", "full"]),
    default="hint",
    show_default=True,
    help="How much is said about an answer; full gives the key away.",
)
def try_(problem: Path, part: str | None, reveal: Reveal) -> None:
    """Answer PROBLEM in the terminal, part by part.

    Every answer is shown as it was read, with its shape, and then judged. Lines can be piped in, one for each blank.
    """
    from grader.authoring.loader import load_problem
    from grader.cli.practice import Practice, ask_at_terminal, read_piped
    from grader.core import seeds
    from grader.core.errors import nearest
    from grader.reports.terminal import practice

    spec = load_problem(problem)
    ids = [each.id for each in spec.parts]
    if part is not None and part not in ids:
        near = nearest(part, ids)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(ids)}"
        raise click.BadParameter(f"there is no part {part!r}; {hint}", param_hint="--part")
    is_terminal = sys.stdin.isatty()
    prepared = spec.prepare(seeds.find_secret())
    read_line = ask_at_terminal if is_terminal else read_piped
    Practice(prepared, read_line, practice.console(), reveal, may_retry=is_terminal).run(part)
