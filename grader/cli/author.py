"""The commands for authors and for CI: ``check``, ``show``, ``new`` and ``schema``. Wiring only, as in ``main``."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click

CHECK_EXAMPLES = """
\b
Examples:
  grader check
  grader check problems/we_recur --verbose
  grader check --changed origin/main --format github
  grader check --format junit -o report.xml
  grader check --untrusted --changed origin/main --format github

\b
Exit status:
  0  nothing to mend    1  findings, also of a spec that cannot be read
  2  the command was called wrongly    3  the grader itself failed
"""
LOCK_REMEDY = "It needs Linux with seccomp filters, on x86-64 or 64-bit ARM; `grader doctor` says more."


@click.command(epilog=CHECK_EXAMPLES)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "junit", "github", "json"]),
    default="table",
    show_default=True,
    help="For people, JUnit XML, annotations of GitHub Actions, or JSON.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write  [default: print]")
@click.option("--changed", metavar="REV", help="Only problems with files that differ from this revision of git.")
@click.option("-j", "--jobs", type=click.IntRange(1, 64), help="Problems checked at a time  [default: the cores]")
@click.option(
    "--timeout",
    type=click.FloatRange(1),
    default=60,
    show_default=True,
    help="Seconds that one problem may take.",
)
@click.option("--no-cache", is_flag=True, help="Check everything anew, and keep nothing.")
@click.option(
    "--untrusted",
    is_flag=True,
    help="Problems of strangers, as in a pull request: refuse where reference.py cannot be locked in. Implies --no-cache.",
)
@click.option("-v", "--verbose", is_flag=True, help="List every claim with its evidence, and what guessing pays.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def check(
    paths: tuple[Path, ...],
    form: str,
    output: Path | None,
    changed: str | None,
    jobs: int | None,
    timeout: float,
    no_cache: bool,
    untrusted: bool,
    verbose: bool,
    quiet: bool,
) -> NoReturn:
    """Check the problems in PATHS: their specs, examples, keys, policies and looks.

    PATHS are folders of problems, single problems, or files of them  [default: problems, else here]. A problem's
    reference.py is run, locked in where the kernel can: check what strangers wrote with --untrusted.
    """
    from grader.authoring.checks import formats
    from grader.authoring.checks.formats import table
    from grader.authoring.checks.runner import discovery
    from grader.authoring.checks.runner.report_cache import ReportCache, cache_folder
    from grader.authoring.checks.runner.worker_pool import WorkerPool, flag_duplicate_ids
    from grader.authoring.reference_functions import missing_lock
    from grader.core.files.atomic_write import write_atomically
    from grader.reports.terminal.summary import progress_bar

    if output and form == "table":
        raise click.UsageError("--output goes with --format junit, github or json; the table is for the terminal")
    signal.signal(signal.SIGTERM, _exit_on_signal)  # As after Ctrl-C nothing that was started here is left.
    folders = discovery.find_problems(paths or (Path("problems") if Path("problems").is_dir() else Path(),))
    if changed is not None:
        folders = discovery.changed_problems(folders, changed)
    if untrusted and (missing := missing_lock()):
        raise click.UsageError(f"--untrusted: reference.py cannot be locked in here: {missing}. {LOCK_REMEDY}")
    cache = None if no_cache or untrusted else ReportCache(cache_folder())
    workers = jobs or os.cpu_count() or 1
    with (
        WorkerPool(workers, timeout, cache, untrusted=untrusted) as pool,
        progress_bar(len(folders), quiet or form != "table", "Checking") as step,
    ):
        reports = flag_duplicate_ids(folders, pool.check(folders, step))
    if pool.started and not untrusted and (missing := missing_lock()):
        click.echo(f"warning: reference.py was run without being locked in: {missing}. {LOCK_REMEDY}", err=True)
    if form == "table":
        table.show(reports, verbose)
    else:
        text = "\n".join(formats.FORMATS[form](reports)) + "\n"
        write_atomically(output, text) if output else click.echo(text, nl=False)
    failed = any(finding.grader_failed for report in reports for finding in report.findings)
    sys.exit(3 if failed else 1 if any(report.findings for report in reports) else 0)


def _exit_on_signal(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


SHOW_EXAMPLES = """
\b
Examples:
  grader show problems/we_recur
  grader show problems/we_recur --solutions -o solutions.html
  grader show problems/we_recur --watch
"""


@click.command(epilog=SHOW_EXAMPLES)
@click.argument("problem", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="HTML page to write  [default: out/ID.html]",
)
@click.option("--solutions", is_flag=True, help="With the official solutions instead of room to answer.")
@click.option("--watch", is_flag=True, help="Write the page anew whenever a file is saved; end with Ctrl-C.")
def show(problem: Path, output: Path | None, solutions: bool, watch: bool) -> None:
    """Write PROBLEM as an exam on paper: with room to answer, or with its solutions."""
    from grader.authoring import preview

    ending = "-solutions.html" if solutions else ".html"
    page = output or Path("out") / f"{preview.problem_folder(problem).resolve().name}{ending}"
    if not watch:
        preview.write_preview(problem, page, solutions)
        click.echo(f"written {page}")
        return
    click.echo(f"Open {page} in a browser: it follows what you save. Ctrl-C ends.")
    try:
        preview.watch_preview(problem, page, solutions, click.echo, _ticks())
    except KeyboardInterrupt:
        click.echo("")


def _ticks() -> Iterator[None]:
    while True:
        time.sleep(0.3)
        yield


NEW_EXAMPLES = """
\b
Examples:
  grader new heat_equation
  grader new heat_equation --kinds formula,choices,function --folder problems
"""


@click.command(epilog=NEW_EXAMPLES)
@click.argument("id_", metavar="ID")
@click.option("--kinds", default="formula,choices", show_default=True, help="Kinds of the parts, in order, by commas.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("problems"),
    show_default=True,
    help="Folder of the bank.",
)
def new(id_: str, kinds: str, folder: Path) -> None:
    """Make a problem named ID that passes `grader check`, to be filled with a question of your own."""
    from grader.authoring import scaffold

    try:
        created = scaffold.write_problem(folder, id_, [kind.strip() for kind in kinds.split(",")])
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"made {created}: problem.yaml, reference.py, examples.yaml")
    click.echo(f"next: grader check {created}    grader show {created} --watch    grader try {created}")


@click.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write  [default: print]")
def schema(output: Path | None) -> None:
    """Print the JSON Schema of problem.yaml, from which editors complete and check.

    \b
    Example:
      grader schema -o problems/problem.schema.json
    """
    from grader.authoring.schema import json_schema
    from grader.core.files.atomic_write import write_atomically

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(output, text)
    else:
        click.echo(text, nl=False)
