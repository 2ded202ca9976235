"""Every kind fulfils the contract: protocols are found by isinstance, so a method under another name would go unnoticed."""

from __future__ import annotations

from typing import get_args

import pytest
from support.paths import PROBLEMS

from grader.authoring.loader import load_problem
from grader.kinds.base.prepared import RunsCode, SelfChecking
from grader.kinds.registry import KINDS, AnySpec

BLANKS = {
    blank.spec.kind: (prepared.prepared_blanks[blank.address], problem.public(blank))
    for problem in (load_problem(PROBLEMS / name) for name in ("we_recur", "rnn_step", "projection"))
    for prepared in (problem.prepare(),)
    for blank in problem.blanks
}


def test_the_kinds_of_the_union_are_those_of_the_list():
    assert get_args(get_args(AnySpec)[0]) == KINDS


@pytest.mark.parametrize("kind", sorted(BLANKS))
def test_a_prepared_blank_can_check_itself(kind):
    blank, _ = BLANKS[kind]
    assert isinstance(blank, SelfChecking)
    assert blank.key()


@pytest.mark.parametrize("kind", sorted(BLANKS))
def test_a_blank_that_accepts_code_runs_it(kind):
    blank, public = BLANKS[kind]
    assert isinstance(blank, RunsCode) or not public.accepts_code
    if public.accepts_code:
        assert blank.runs_code(f"def {public.function_head}:\n    return 0")


def test_every_kind_has_an_example_here():
    assert set(BLANKS) == {kind.model_fields["kind"].default for kind in KINDS}
