"""The commands about formulas: ``compare`` two of them, and the ``notation`` in which they are typed. Wiring only, as in ``main``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

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


@click.command(epilog=COMPARE_EXAMPLES)
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
    from grader.cli.compare import compare_pairs, pair_from_arguments, read_pairs
    from grader.core import seeds

    if (jsonl is None) == (len(formulas) != 2):
        raise click.UsageError("give two formulas, or --jsonl FILE")
    try:
        secret = seeds.find_secret(secret_file)
        pairs = read_pairs(jsonl) if jsonl else [pair_from_arguments(formulas, symbols)]
    except (OSError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    exit_code = 0
    for result in compare_pairs(pairs, secret):
        click.echo(result.json)
        exit_code = max(exit_code, result.status)
    sys.exit(exit_code)


NOTATION_EXAMPLES = """
\b
Examples:
  grader notation
  grader notation problems/we_recur
  grader notation problems/we_recur -o notation.html
"""


@click.command(epilog=NOTATION_EXAMPLES)
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
    from grader.reports.pages.notation import notation_page, print_notation
    from grader.reports.terminal import practice

    spec = load_problem(problem) if problem else None
    if output:
        write_atomically(output, notation_page(spec))
    else:
        print_notation(practice.console(), spec)
