"""Attempt limits as a student sees them: which answers use up an attempt, how many are left, and what the next one earns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.core.points import format_points
from grader.core.submission import Written
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams.attempt_rules import attempt_weight
from grader.web.domain.exams.exams import Policy
from grader.web.pages.student.views.problem_context import ProblemContext

FREE_ATTEMPTS = "Answers that cannot be read, or that equal an earlier one, do not count."
OF_IMPROVEMENT = "of what it improves"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
CREDIT_WORDS = {Fraction(0): "nothing", Fraction(1, 2): "half", Fraction(1): "full credit"}
NOT_COUNTED = "not counted"
COUNTED_IF_READABLE = "counts unless it cannot be read"


@dataclass(frozen=True)
class AttemptUse:
    """For each answer in a blank, in their order, whether it uses up an attempt, None while that is not known."""

    uses: tuple[bool | None, ...]
    limit: int | None

    @property
    def used(self) -> int:
        """The number of attempts that are used up for sure."""
        return self.uses.count(True)

    @property
    def uncertain(self) -> int:
        """The number of attempts that may be used up besides."""
        return self.uses.count(None)

    @property
    def is_used_up(self) -> bool:
        """True if no attempt is left."""
        return self.limit is not None and self.used >= self.limit

    def position(self, index: int) -> int:
        """Return the 1-based position of this attempt among those that count."""
        return self.uses[: index + 1].count(True)


def attempt_use(context: ProblemContext, address: str, attempts: Sequence[Attempt]) -> AttemptUse:
    """Return which answers in one blank count: by their verdicts or, while those are hidden, by the public reading."""
    limit = context.exam.policy.attempts
    if context.reveal_level is not None:
        return AttemptUse(tuple(map(_use_by_verdict, attempts)), limit)
    return AttemptUse(tuple(_uses_by_reading(context, address, attempts)), limit)


def _use_by_verdict(attempt: Attempt) -> bool | None:
    if attempt.outcome == "unreadable":
        return False  # Whatever a person decides on it.
    is_open = attempt.state == "waiting" or (attempt.needs_review and attempt.decision is None)
    return None if is_open else attempt.uses_attempt


def _uses_by_reading(context: ProblemContext, address: str, attempts: Sequence[Attempt]) -> Iterator[bool | None]:
    """Yield whether each answer counts; nothing here depends on a verdict, nor on whether there is one."""
    seen: set[Written | None] = set()
    for attempt in attempts:
        if attempt.written is None or attempt.written in seen:
            yield False
        else:
            yield _use_of_text(context, address, attempt.written)
        seen.add(attempt.written)


def _use_of_text(context: ProblemContext, address: str, written: Written) -> bool | None:
    """Return whether a text counts, that is, can be read; None where only grading will show."""
    preview = context.preview(address, written)
    if preview.read_as is None:
        return False
    # A program may not load, which shows only in the sandbox.
    return None if preview.complaint or preview.is_code else True


def attempt_rule(policy: Policy) -> str:
    """Say how many attempts there are at each blank, and what they earn: the same for everybody."""
    sentences = []
    if policy.attempts is not None:
        sentences.append(f"You have {_attempts(policy.attempts)} at each answer. {FREE_ATTEMPTS}")
    credits = list(policy.credits[: policy.attempts])
    while len(credits) > 1 and credits[-1] == credits[-2]:  # The last one holds for all further attempts.
        credits.pop()
    if len(credits) > 1:
        last_repeats = policy.attempts is None or policy.attempts > len(credits)
        sentences.append(f"The first attempt earns {', '.join(_credit_clauses(credits, last_repeats))}.")
    elif credits != [1]:
        sentences.append(f"Every attempt earns {_improvement_text(credits[0])}.")
    return " ".join(sentences)


def _credit_clauses(credits: list[Fraction], last_repeats: bool) -> Iterator[str]:
    """Yield what each attempt earns; with ``last_repeats`` the last credit is that of all later ones."""
    for index, credit in enumerate(credits):
        which = f"the {ORDINALS[index]}" if index < len(ORDINALS) else f"attempt {index + 1}"
        if last_repeats and index + 1 == len(credits):
            which = "every later one"
        yield f"{which} {_improvement_text(credit)}" if index else _improvement_text(credit)


def attempts_left_text(policy: Policy, use: AttemptUse) -> str:
    """Say how many attempts at a blank are used up, and what the next one earns; nothing before the first answer."""
    if use.is_used_up:
        all_attempts = "your only attempt" if use.limit == 1 else f"all {use.limit} attempts"
        return f"You have used {all_attempts} here and cannot submit again."
    if not use.uses:
        return ""
    sentences = []
    if use.limit is not None:
        sentences.append(_used_text(use, use.limit))
    if use.used and not use.uncertain and len(set(policy.credits)) > 1:
        sentences.append(f"The next one earns {_improvement_text(attempt_weight(policy.credits, use.used))}.")
    return " ".join(sentences)


def _used_text(use: AttemptUse, limit: int) -> str:
    if use.uncertain:
        return f"{use.used} to {min(use.used + use.uncertain, limit)} of {_attempts(limit)} used."
    left = limit - use.used
    return f"{use.used} of {_attempts(limit)} used: {'one is' if left == 1 else f'{left} are'} left."


def use_text(policy: Policy, use: AttemptUse, index: int, hidden: bool) -> str:
    """Say whether one answer uses up an attempt, which one, and what that earns; nothing where it makes no difference."""
    if policy.attempts is None and len(set(policy.credits)) == 1:
        return ""
    if use.uses[index] is None:
        return COUNTED_IF_READABLE if hidden else ""
    if not use.uses[index]:
        return NOT_COUNTED
    if None in use.uses[:index]:
        return "counts"
    position = use.position(index)
    of_limit = "" if policy.attempts is None else f" of {policy.attempts}"
    credit = attempt_weight(policy.credits, position - 1)
    return f"counts as attempt {position}{of_limit}" + ("" if credit == 1 else f", earns {credit_text(credit)}")


def credit_text(credit: Fraction) -> str:
    """Return a credit in words: all, half, a percentage, the fraction itself, or nothing."""
    if credit in CREDIT_WORDS:
        return CREDIT_WORDS[credit]
    percent = credit * 100
    return f"{format_points(percent)}\u202f%" if percent.denominator == 1 else str(credit)


def _improvement_text(credit: Fraction) -> str:
    """Return a credit in words, with what it is a share of."""
    return credit_text(credit) if credit in (0, 1) else f"{credit_text(credit)} {OF_IMPROVEMENT}"


def _attempts(count: int) -> str:
    return "one attempt" if count == 1 else f"{count} attempts"
