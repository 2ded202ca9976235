"""`grader try` and `grader notation` as people use them: in a process of its own, with pipes and at a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys

import pytest
from support.commands import run_command
from support.paths import ROOT

pytestmark = pytest.mark.process

SEED = ROOT / "problems" / "we_recur"


def tried(lines, *arguments):
    """What is printed after the question when lines are piped in."""
    done = run_command(
        "try",
        SEED,
        *arguments,
        folder=ROOT,
        environment={**os.environ, "COLUMNS": "200"},
        typed="\n".join(lines) + "\n",
    )
    assert (done.returncode, done.stderr) == (0, "")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


RIGHT = """\
b> W_sx^T W_o^T dL/dz2
  read as  W^sxᵀ W^oᵀ ∂Loss/∂z²_t
  shape    (2×1) = (2×2)(2×2)(2×1), in general (d×1) = (d×m)(m×n)(n×1)
  ✓ correct, 3 of 3

3 of 3 points for what was answered."""
MISFIT = """\
b> W_sx^T (dL/dz2 W_o^T)
  read as  W^sxᵀ (∂Loss/∂z²_t W^oᵀ)
  shape    (2×1) ✗ (2×2), in general (n×1) ✗ (m×n)
  at       W_sx^T (dL/dz2 W_o^T)
                   ^^^^^^^^^^^^
  ✗ incorrect
    Shapes in this formula do not fit: in 2×1 times 2×2 the inner sizes 1 and 2 differ.
    Matrices cannot change places: check the order of the factors.

0 of 3 points for what was answered."""
WRONG = """\
b> W_o^T W_sx^T dLdz2
  read as  W^oᵀ W^sxᵀ ∂Loss/∂z²_t
  shape    (2×1) = (2×2)(2×2)(2×1), in general (m×n) ✗ (d×m)
  ✗ incorrect
    This formula is not equal to the right one.
    Which layer does the gradient meet first on its way back?
"""
UNREADABLE = """\
b> W_sx^T W_o^T dL/dy2
  at       W_sx^T W_o^T dL/dy2
                        ^^^^^^
  ? could not be read
    The name “dL/dy2” is not known in this question. Did you mean “dL/dz2”?

0 of 3 points for what was answered."""


@pytest.mark.parametrize("expected", [RIGHT, MISFIT, UNREADABLE], ids=["right", "misfit", "unreadable"])
def test_an_answer_is_shown_as_it_was_read_then_with_its_shape_then_judged(expected):
    answer = expected.splitlines()[0].removeprefix("b> ")
    assert tried([answer], "--part", "b").endswith(expected)


def test_a_wrong_answer_gets_a_hint_and_an_example_without_the_key():
    shown = tried(["W_o^T W_sx^T dLdz2"], "--part", "b")
    before, example = WRONG.split("    Try ")[0], shown.split("    Try ")[1]
    assert before in shown
    assert re.fullmatch(
        r"W\^sx = \[.*\], W\^o = \[.*\], ∂Loss/∂z²_t = \[.*\]: your answer gives\s+\[.*\]\.\n\n0 of 3 .*",
        re.sub(r"\n    ", " ", example),
    )


def test_every_blank_takes_one_line_and_an_empty_line_goes_on():
    shown = tried(["2x2", "2x2", "m x m", "", "2x4", "2x4", "softmx", "x2 = p1", "A, B, C"])
    assert shown.endswith("\n7 of 8 points for what was answered; 1 answer is for a person.")
    assert "d> softmx\n" in shown
    assert "… not decided: a person will look at this. " in shown
    assert "f> A, B, C\n  read as  A, B, C\n  ✓ correct, 2 of 2" in shown
    assert "b>\n\n(c)" in shown


def test_the_key_is_not_shown_at_hint():
    shown = tried(["2x3", "W_o W_sx dLdz2", "A"])
    assert "should be" not in shown
    assert "should be" in tried(["W_o W_sx dLdz2"], "--part", "b", "--reveal", "full")


def test_a_part_that_there_is_not():
    done = run_command("try", SEED, "-p", "z", folder=ROOT, environment=os.environ)
    assert done.returncode == 2
    assert "there is no part 'z'; there are a, b, c, d, e, f" in done.stderr


def test_at_a_terminal_a_wrong_answer_may_be_mended_and_q_ends():
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "try", str(SEED), "-p", "e"],
        stdin=child,
        stdout=child,
        stderr=child,
        cwd=ROOT,
        env={**os.environ, "TERM": "dumb", "COLUMNS": "100"},
    )
    os.close(child)
    seen = ""
    for answer in ("p2", "?", "p1"):
        seen += until(parent, "e> ")
        os.write(parent, f"{answer}\n".encode())
    seen += until(parent, "answered.")
    process.wait(timeout=30)
    os.close(parent)
    assert re.search(r"✗ incorrect[\s\S]*Write a formula[\s\S]*✓ correct, 1 of 1[\s\S]*1 of 1 points", seen)


def until(terminal, text):
    """Read from a terminal until a text has been printed behind what was read before."""
    seen = ""
    while text not in seen:
        ready, _, _ = select.select([terminal], [], [], 30)
        assert ready, f"nothing more after {seen!r}"
        seen += os.read(terminal, 65536).decode(errors="replace")
    return seen


def test_the_notation_sheet_in_the_terminal_and_as_a_page(tmp_path):
    environment = {**os.environ, "COLUMNS": "100"}
    done = run_command("notation", SEED, folder=ROOT, environment=environment)
    assert done.returncode == 0
    assert "Names in We Recur!" in done.stdout
    assert "sum(A, axis=0)" in done.stdout
    page = tmp_path / "notation.html"
    assert run_command("notation", SEED, "-o", page, folder=ROOT, environment=environment).returncode == 0
    assert "<code>A.T</code>" in page.read_text(encoding="utf-8")


def test_a_program_is_typed_until_two_empty_lines_or_taken_from_a_file(tmp_path):
    (tmp_path / "b.py").write_text("def part_b(W_sx, W_o, dLdz2):\n    return -W_sx.T @ W_o.T @ dLdz2\n")
    lines = ["def part_b(W_sx, W_o, dLdz2):", "    y = W_o.T @ dLdz2", "", "    return W_sx.T @ y", "", ""]
    assert "✓ correct, 3 of 3" in tried(lines, "--part", "b")
    from_file = tried([f"@{tmp_path / 'b.py'}"], "--part", "b")
    assert "✗ incorrect" in from_file
    assert "Does anything in the forward pass have a minus sign?" in from_file
    assert "cannot be read: No such file or directory" in tried(["@nowhere.py", "W_o"], "--part", "b")
