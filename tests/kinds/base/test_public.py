"""Reading an answer back from what is public of a blank alone: what a form shows while a student types."""

from __future__ import annotations

import pytest
from support.paths import PROBLEMS

from grader.authoring.loader import load_problem
from grader.grading.grade import judge
from grader.kinds.base.public import Preview

pytestmark = pytest.mark.process

ROOT = PROBLEMS
PROBLEM = load_problem(ROOT / "we_recur")
STEP = load_problem(ROOT / "rnn_step")
PUBLIC = {blank.address: PROBLEM.public(blank) for blank in PROBLEM.blanks}
UNFIT = "Shapes in this formula do not fit: in 2×1 times 2×1 the inner sizes 1 and 2 differ."
READ = [
    ("a.W_ss", "2 by 4", Preview(read_as=r"$2 \times 4$")),
    ("a.W_ss", "two", Preview(read_as="$2$")),
    ("a.W_ss", "?", None),
    ("b", "W_o^T dL/dz2", Preview(
        read_as=r"${W^{o}}^\top \, \frac{\partial \mathrm{Loss}}{\partial z^2_t}$", shape="(2×1) = (2×2)(2×1)", letters="(m×1) = (m×n)(n×1)")),
    ("b", "x_t dLdz2", Preview(
        read_as=r"$x_t \, \frac{\partial \mathrm{Loss}}{\partial z^2_t}$", shape="(2×1) ✗ (2×1)", letters="(d×1) ✗ (n×1)", complaint=UNFIT,
        span=(0, 9))),
    ("b", "W_sx (", Preview(complaint="The formula breaks off at the end.", span=(6, 6))),
    ("b", "def part_b(W_sx, W_o, dLdz2): return 0", Preview(read_as="a program with the function part_b(W_sx, W_o, dLdz2)", is_code=True)),
    ("d", "Softmax!", Preview(read_as="Softmax")),
    ("e", "x2 = y_1", Preview(read_as="$x_2 = y_1$", shape="(2×1)", letters="(d×1)")),
    ("f", "C, A", Preview(read_as="A, C")),
    ("f", ("wox",), Preview(read_as="A")),
    ("f", (), Preview(read_as="none")),
    ("f", "E", Preview(complaint="There is no option “E”; the options are A to D.")),
]  # fmt: skip


@pytest.mark.parametrize(("address", "written", "expected"), READ, ids=[f"{a} {w}" for a, w, _ in READ])
def test_reading_back(address, written, expected):
    found = PUBLIC[address].preview(written)
    if expected is None:
        assert (found.read_as, bool(found.complaint)) == (None, True)
    else:
        assert found == expected


def test_a_preview_reads_as_the_grader_does():
    ready = PROBLEM.prepare().prepared_blanks
    for address, written, _ in READ:
        verdict = judge(ready[address], written)
        assert PUBLIC[address].preview(written).read_as == verdict.read_as


def test_a_program_that_defines_another_function():
    public = STEP.public(STEP.blanks[0])
    assert (
        public.preview("def stepp(W): pass").complaint
        == "There is no function step(W_ss, W_sx, b, x, s) here. Did you mean stepp?"
    )
    assert public.preview("def step(W): pass").complaint is None


@pytest.mark.parametrize(
    "folder", sorted(each.parent for each in ROOT.glob("*/problem.yaml")), ids=lambda each: each.name
)
def test_what_is_public_holds_no_key(folder):
    problem = load_problem(folder)
    for blank in problem.blanks:
        told = problem.public(blank).model_dump_json()
        for reference in blank.spec.references:
            assert reference not in told or reference in problem.symbols or blank.spec.function_name == reference
        for mistake in blank.spec.mistakes:
            assert mistake.says == "" or mistake.says not in told
