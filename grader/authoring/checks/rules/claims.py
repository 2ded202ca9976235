"""What became of every claim of a problem: proven, refuted, unproven, or a convention with its reason."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from grader.authoring.checks.findings import CheckFinding, ClaimResult, Status
from grader.authoring.checks.proofs.key_claims import KeyClaim, prove_key_claim
from grader.authoring.checks.proofs.model import ExecutableModel, executable_model
from grader.authoring.checks.proofs.option_claims import prove_option_claim
from grader.authoring.loader import ProblemFiles
from grader.authoring.schema_errors import SchemaError
from grader.grading.problem import Blank, PreparedProblem
from grader.kinds.base.claims import claim_text
from grader.kinds.base.context import BlankSpecError
from grader.kinds.base.prepared import Statement

NO_CLAIM = "nothing is claimed"
NO_MODEL = "there is no reference.py with a model that could bear this out"
NO_SCIPY = (
    "derivatives need SciPy, which comes with the extra `check`: pip install '.[check]' in a checkout of the grader"
)
DERIVATIVE_FORMS = ("gradient", "jacobian", "vjp", "minimises", "maximises")
ClaimOutput = CheckFinding | ClaimResult


def check_claims(opened: ProblemFiles, prepared: PreparedProblem) -> Iterator[ClaimOutput]:
    """Hold every claim against the model: yields a proof for each, and a finding where someone must act."""
    model = executable_model(opened)
    for blank in opened.problem.blanks:
        told = _BlankContext(opened, prepared, model, blank)
        try:
            yield from _check_blank(told)
        except Exception as error:  # A failure of ours on one claim must not hide what became of the others.
            yield told.proof("", "unproven", "the grader itself failed")
            where = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
            found = told.finding((), f"the grader itself failed on this claim; please report this: {said}")
            yield replace(found, grader_failed=True)


class _BlankContext:
    """One blank with what is needed to speak of it."""

    def __init__(
        self, opened: ProblemFiles, prepared: PreparedProblem, model: ExecutableModel | None, blank: Blank
    ) -> None:
        self.opened = opened
        self.prepared = prepared
        self.model = model
        self.blank = blank

    def proof(self, claim: str, status: Status, evidence: str) -> ClaimResult:
        return ClaimResult(self.blank.address, claim, status, evidence)

    def finding(
        self, place: tuple[str | int, ...], message: str, suggestion: str | None = None, error: bool = True
    ) -> CheckFinding:
        wrong = SchemaError((*self.blank.place, *place), f"{self.blank.address}: {message}", suggestion)
        return CheckFinding("proof", self.opened.spec_file.complaint(wrong), "error" if error else "warning")


def _check_blank(told: _BlankContext) -> Iterator[ClaimOutput]:
    spec = told.blank.spec
    if not spec.claim and not spec.statements:
        yield told.proof("", "unproven", NO_CLAIM)
    for number, claim in enumerate(spec.claim):
        place = ("claim",) if len(spec.claim) == 1 else ("claim", number)
        if claim.convention:
            yield told.proof("", "convention", claim.convention)
            continue
        if (model := _usable_model(told, claim.form)) is None:
            yield from _without_model(told, claim_text(claim), place, claim.form)
            continue
        try:
            tally = prove_key_claim(KeyClaim(model, told.prepared, told.blank, claim))
        except BlankSpecError as error:
            yield from _author_mistake(told, claim_text(claim), place, error)
            continue
        yield told.proof(claim_text(claim), tally.status, tally.evidence)
        if tally.status == "refuted":
            yield told.finding(place, f"the model does not bear this out: {tally.evidence}")
        elif tally.status == "unproven":
            yield told.finding(place, f"this could not be proved: {tally.evidence}", error=False)
    for option, statement in spec.statements.items():
        yield from _check_statement(told, option, statement)


def _check_statement(told: _BlankContext, option: str, statement: Statement) -> Iterator[ClaimOutput]:
    holds, place = statement.holds, ("options", option, "holds")
    if holds is None:
        if not told.blank.spec.claim:
            yield told.proof(option, "unproven", NO_CLAIM)
        return
    said = f"{option}: {claim_text(holds)}"
    if holds.convention:
        yield told.proof(option, "convention", holds.convention)
        return
    if (model := _usable_model(told, holds.form)) is None:
        yield from _without_model(told, said, place, holds.form)
        return
    try:
        found = prove_option_claim(model, holds)
    except BlankSpecError as error:
        yield from _author_mistake(told, said, place, error)
        return
    word = {True: "true", False: "false", None: "not to be told"}[found.value]
    evidence = f"computed to be {word}: {found.evidence}"
    if found.value is None:
        yield told.proof(said, "unproven", evidence)
        yield told.finding(place, f"the truth of {option} could not be computed: {found.evidence}", error=False)
    elif found.value != statement.true:
        yield told.proof(said, "refuted", evidence)
        says = "true" if statement.true else "false"
        yield told.finding(
            ("options", option, "correct"), f"the key says that {option} is {says}, and it is {evidence}"
        )
    else:
        yield told.proof(said, "proven", evidence)


def _usable_model(told: _BlankContext, form: str) -> ExecutableModel | None:
    if form in DERIVATIVE_FORMS and find_spec("scipy") is None:
        return None
    return told.model


def _without_model(told: _BlankContext, said: str, place: tuple[str | int, ...], form: str) -> Iterator[ClaimOutput]:
    why = NO_MODEL if told.model is None else NO_SCIPY
    yield told.proof(said, "unproven", why)
    yield told.finding(place, why, error=told.model is None)


def _author_mistake(
    told: _BlankContext, said: str, place: tuple[str | int, ...], error: BlankSpecError
) -> Iterator[ClaimOutput]:
    yield told.proof(said, "unproven", error.message)
    yield told.finding(place, error.message, error.suggestion)
