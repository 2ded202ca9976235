"""What became of every claim of a problem: proven, refuted, unproven, or a convention with its reason."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from grader.authoring.checks.findings import Finding, Proof, Status
from grader.authoring.checks.proofs.key_claims import Keyed, proved
from grader.authoring.checks.proofs.model import Model, of
from grader.authoring.checks.proofs.option_claims import truth
from grader.authoring.loader import Opened
from grader.authoring.schema_errors import Problematic
from grader.grading.problem import Blank, PreparedProblem
from grader.kinds.base.claims import worded
from grader.kinds.base.context import AuthorMistake
from grader.kinds.base.prepared import Statement

NO_CLAIM = "nothing is claimed"
NO_MODEL = "there is no reference.py with a model that could bear this out"
NO_SCIPY = (
    "derivatives need SciPy, which comes with the extra `check`: pip install '.[check]' in a checkout of the grader"
)
DERIVED = ("gradient", "jacobian", "vjp", "minimises", "maximises")
Told = Finding | Proof


def proofs(opened: Opened, prepared: PreparedProblem) -> Iterator[Told]:
    """Hold every claim against the model: yields a proof for each, and a finding where someone must act."""
    model = of(opened)
    for blank in opened.problem.blanks:
        told = _Told(opened, prepared, model, blank)
        try:
            yield from _blank(told)
        except Exception as error:  # A failure of ours on one claim must not hide what became of the others.
            yield told.proof("", "unproven", "the grader itself failed")
            where = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
            found = told.finding((), f"the grader itself failed on this claim; please report this: {said}")
            yield replace(found, ours=True)


class _Told:
    """One blank with what is needed to speak of it."""

    def __init__(self, opened: Opened, prepared: PreparedProblem, model: Model | None, blank: Blank) -> None:
        self.opened = opened
        self.prepared = prepared
        self.model = model
        self.blank = blank

    def proof(self, claim: str, status: Status, evidence: str) -> Proof:
        return Proof(self.blank.address, claim, status, evidence)

    def finding(
        self, place: tuple[str | int, ...], message: str, suggestion: str | None = None, error: bool = True
    ) -> Finding:
        wrong = Problematic((*self.blank.place, *place), f"{self.blank.address}: {message}", suggestion)
        return Finding("proof", self.opened.file.complain(wrong), "error" if error else "warning")


def _blank(told: _Told) -> Iterator[Told]:
    spec = told.blank.spec
    if not spec.claim and not spec.statements:
        yield told.proof("", "unproven", NO_CLAIM)
    for number, claim in enumerate(spec.claim):
        place = ("claim",) if len(spec.claim) == 1 else ("claim", number)
        if claim.convention:
            yield told.proof("", "convention", claim.convention)
            continue
        if (model := _usable(told, claim.form)) is None:
            yield from _missing(told, worded(claim), place, claim.form)
            continue
        try:
            tally = proved(Keyed(model, told.prepared, told.blank, claim))
        except AuthorMistake as error:
            yield from _senseless(told, worded(claim), place, error)
            continue
        yield told.proof(worded(claim), tally.status, tally.evidence)
        if tally.status == "refuted":
            yield told.finding(place, f"the model does not bear this out: {tally.evidence}")
        elif tally.status == "unproven":
            yield told.finding(place, f"this could not be proved: {tally.evidence}", error=False)
    for option, statement in spec.statements.items():
        yield from _statement(told, option, statement)


def _statement(told: _Told, option: str, statement: Statement) -> Iterator[Told]:
    holds, place = statement.holds, ("options", option, "holds")
    if holds is None:
        if not told.blank.spec.claim:
            yield told.proof(option, "unproven", NO_CLAIM)
        return
    said = f"{option}: {worded(holds)}"
    if holds.convention:
        yield told.proof(option, "convention", holds.convention)
        return
    if (model := _usable(told, holds.form)) is None:
        yield from _missing(told, said, place, holds.form)
        return
    try:
        found = truth(model, holds)
    except AuthorMistake as error:
        yield from _senseless(told, said, place, error)
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


def _usable(told: _Told, form: str) -> Model | None:
    if form in DERIVED and find_spec("scipy") is None:
        return None
    return told.model


def _missing(told: _Told, said: str, place: tuple[str | int, ...], form: str) -> Iterator[Told]:
    why = NO_MODEL if told.model is None else NO_SCIPY
    yield told.proof(said, "unproven", why)
    yield told.finding(place, why, error=told.model is None)


def _senseless(told: _Told, said: str, place: tuple[str | int, ...], error: AuthorMistake) -> Iterator[Told]:
    yield told.proof(said, "unproven", error.message)
    yield told.finding(place, error.message, error.suggestion)
