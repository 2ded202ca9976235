"""Exceptions of the service: each has a code for programs, an HTTP status and a message for people."""

from __future__ import annotations

from typing import ClassVar


class ServiceError(Exception):
    """Base of all: a request that is refused; ``message`` is for the visitor and tells nothing that they may not know."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ValidationFailed(ServiceError):
    """The request is not valid."""

    code = "invalid"
    status = 422


class NotAuthenticated(ServiceError):
    """Nobody has signed in yet; the pages lead to the sign-in page."""

    code = "not-authenticated"
    status = 401

    def __init__(self) -> None:
        super().__init__("Please sign in first.")


class SignInFailed(ServiceError):
    """The login code or the password is not the right one."""

    code = "sign-in-failed"
    status = 403


class CsrfFailed(ServiceError):
    """The request did not come from one of our pages."""

    code = "csrf-failed"
    status = 403


class NotFound(ServiceError):
    """It does not exist, or the visitor may not know that it does: the two look alike."""

    code = "not-found"
    status = 404

    def __init__(self, message: str = "There is nothing here.") -> None:
        super().__init__(message)


class Conflict(ServiceError):
    """The request is valid, but not in the present state."""

    code = "conflict"
    status = 409


class NotOpenYet(Conflict):
    """The exam has not opened yet."""

    code = "not-open-yet"

    def __init__(self) -> None:
        super().__init__("This exam is not open yet.")


class ShutInPractice(Conflict):
    """The problem is in an exam whose results are not out: practice would tell its verdicts."""

    code = "shut-in-practice"

    def __init__(self) -> None:
        super().__init__("This problem cannot be practised at the moment.")


class Closed(Conflict):
    """The exam is closed for this student."""

    code = "closed"

    def __init__(self) -> None:
        super().__init__("This exam is closed: no more answers are taken.")


class NoAttemptsLeft(Conflict):
    """All attempts at this blank are used up."""

    code = "no-attempts-left"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"You have used {'your one attempt' if limit == 1 else f'all {limit} attempts'} at this question."
        )


class StillGrading(Conflict):
    """Earlier answers may yet use up the attempts that are left."""

    code = "still-grading"

    def __init__(self) -> None:
        super().__init__("Your earlier answers are still being graded. Please try again in a moment.")


class RequestReused(Conflict):
    """An idempotency key came with another answer than the first time."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__("This request was already sent with another answer.")


class TooLarge(ServiceError):
    """More than the service accepts."""

    code = "too-large"
    status = 413


class Unavailable(ServiceError):
    """The database is busy with other writers for too long."""

    code = "unavailable"
    status = 503
    retry_after = 5

    def __init__(self) -> None:
        super().__init__("The server is busy. Try again in a few seconds.")


class RateLimited(ServiceError):
    """Too many requests; ``retry_after`` is the whole seconds until the next may succeed, None if it never will."""

    code = "rate-limited"
    status = 429

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
