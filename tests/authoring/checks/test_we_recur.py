"""The seed problem under the check: what is proven, what is a convention, and what would be true if it were asked otherwise."""

from __future__ import annotations

import pytest
from support.paths import PROBLEMS

from grader.authoring.checks.findings import blank_statuses
from grader.authoring.checks.proofs.model import ExecutableModel
from grader.authoring.checks.proofs.option_claims import prove_option_claim
from grader.authoring.checks.runner.check_problem import check_problem
from grader.authoring.reference_functions import ReferenceFunctions
from grader.formula.symbols import Symbol
from grader.grading.problem import Problem
from grader.kinds.base.claims import OptionClaim

pytestmark = pytest.mark.process

FOLDER = PROBLEMS / "we_recur"
SOURCE = (
    (FOLDER / "reference.py").read_text(encoding="utf-8")
    + '''

def loss_b(W_ssx, W_ox, s_prev, x_t, y):
    """RNN-B with softmax and cross-entropy written out."""
    z = z2_b(W_ssx, W_ox, s_prev, x_t)
    return np.log(np.sum(np.exp(z))) - np.sum(y * z)
'''
)


@pytest.fixture(scope="module")
def report():
    return check_problem(FOLDER)


def test_it_is_clean(report):
    assert report.findings == ()


def test_the_keys_are_proven_and_conventions_are_called_so(report):
    assert blank_statuses(report) == {
        "a.W_ss": "proven",
        "a.W_sx": "proven",
        "a.W_o": "proven",
        "b": "proven",
        "c.W_ssx": "proven",
        "c.W_ox": "proven",
        "d": "convention",
        "e": "convention",
        "f": "proven",
    }


def test_b_is_proven_at_two_by_two_and_in_general(report):
    [evidence] = [each.evidence for each in report.claim_results if each.blank == "b"]
    sizes = "d = 2, m = 2, n = 2 (5 points); d = 3, m = 4, n = 5 (3 points); d = 2, m = 3, n = 4 (3 points)"
    assert evidence == f"the key is the derivative, at {sizes}"


def test_the_four_truths_are_computed(report):
    told = {
        each.claim.partition(":")[0]: each.evidence.partition(":")[0]
        for each in report.claim_results
        if each.blank == "f"
    }
    true, false = "computed to be true", "computed to be false"
    assert told == {"wox": true, "wox_all": true, "wssx": true, "wssx_all": false}


@pytest.mark.parametrize("option", ["some of W_ox", "all of W_ox", "some of W_ssx", "all of W_ssx"])
def test_with_the_loss_written_out_every_option_would_be_true(option):
    sizes = {"d": 2, "m": 2, "n": 2}
    symbols = {
        "W_ssx": Symbol(shape=("m", "d+m")),
        "W_ox": Symbol(shape=("n", "d+m")),
        "s_prev": Symbol(shape=("m", 1)),
        "x_t": Symbol(shape=("d", 1)),
        "y": Symbol(shape=("n", 1), domain="onehot"),
    }
    model = ExecutableModel(
        Problem("written_out", "", (), symbols=symbols, sizes=sizes), ReferenceFunctions(SOURCE, symbols, sizes)
    )
    holds = OptionClaim.model_validate({"gradient": "loss_b", "wrt": "x_t", "depends_on": option})
    assert prove_option_claim(model, holds).value is True
