"""What the service refuses, each with a word for programs, a status of HTTP and a sentence for people."""

from __future__ import annotations

from typing import ClassVar


class ServiceError(Exception):
    """A request that is not carried out; ``message`` is for whoever asked and says nothing that they may not know."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ValidationFailed(ServiceError):
    """What was sent makes no sense."""

    code = "invalid"
    status = 422


class NotFound(ServiceError):
    """There is no such thing, or whoever asks may not know that there is: the two look alike."""

    code = "not-found"
    status = 404

    def __init__(self, message: str = "There is nothing here.") -> None:
        super().__init__(message)


class Conflict(ServiceError):
    """It makes sense, but not as things stand."""

    code = "conflict"
    status = 409


class NotOpenYet(Conflict):
    """The exam has not begun."""

    code = "not-open-yet"

    def __init__(self) -> None:
        super().__init__("This exam is not open yet.")


class Closed(Conflict):
    """The exam is over, for this student."""

    code = "closed"

    def __init__(self) -> None:
        super().__init__("This exam is closed: no more answers are taken.")


class NoAttemptsLeft(Conflict):
    """Every attempt at this blank is used up."""

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
    """A request key came with another answer than the first time."""

    code = "request-reused"

    def __init__(self) -> None:
        super().__init__("This request was sent before with another answer.")


class TooLarge(ServiceError):
    """More than is taken at once."""

    code = "too-large"
    status = 413


class Unavailable(ServiceError):
    """Others write for so long that it is better to come back."""

    code = "busy"
    status = 503
    retry_after = 5

    def __init__(self) -> None:
        super().__init__("There is too much to do at the moment. Please try again in a few seconds.")


class RateLimited(ServiceError):
    """Too often; ``retry_after`` says in how many whole seconds it may be tried again, None if never."""

    code = "too-many"
    status = 429

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
