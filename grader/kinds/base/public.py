"""What may be known of a blank without its key, by forms, paper exams and the JSON API, and how answers are read back.

The field names of these models are the API's: ``model_dump`` goes out as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from grader.core.errors import Unreadable
from grader.core.submission import Written
from grader.core.text_limits import MAX_TEXT_CHARACTERS, check_length
from grader.formula.symbols import Symbol
from grader.kinds.base.frozen import FrozenModel


class Option(FrozenModel):
    """One option as a student sees it; ``letter`` follows the order of the spec, and ``says`` is Markdown with LaTeX."""

    id: str
    letter: str
    says: str


class Preview(FrozenModel):
    """How an answer is read, before anybody judges it: LaTeX between dollar signs or plain text, and its shape, in letters too.

    ``complaint`` is why it cannot be read, or what does not fit in it, at the characters of ``span``. ``is_code`` is true of an
    answer that was read as a program; it stays inside the service.
    """

    read_as: str | None = None
    shape: str | None = None
    letters: str | None = None
    complaint: str | None = None
    span: tuple[int, int] | None = None
    is_code: bool = Field(default=False, exclude=True)


class Public(FrozenModel):
    """All that a form, a paper exam or a preview may know of a blank; no key in it, never HTML.

    ``instructions`` tells a student in one sentence how to write an answer; ``definitions`` are names with the LaTeX of what
    they stand for.
    """

    kind: str
    instructions: str
    label: str | None = None
    options: tuple[Option, ...] = ()
    symbols: Mapping[str, Symbol] = Field(default_factory=dict)
    definitions: Mapping[str, str] = Field(default_factory=dict)

    @property
    def function_head(self) -> str | None:
        """The NumPy function that may be handed in, such as ``step(W, x)``; None where the blank takes no programs."""
        return None

    @property
    def accepts_code(self) -> bool:
        """True if an answer may be a program."""
        return self.function_head is not None

    def preview(self, written: Written) -> Preview:
        """Return how an answer is read, or why it cannot be; nothing is judged, and no key is known."""
        try:
            return self.read_back(written)
        except Unreadable as error:
            return Preview(complaint=error.message, span=error.span)

    def read_back(self, written: Written) -> Preview:
        """Return how an answer is read; raises Unreadable.

        A kind overrides it where there is more to say: the form shows it while a student types.
        """
        return Preview(read_as=single_text(written))


def single_text(written: Written, most: int = MAX_TEXT_CHARACTERS, hint: str = "") -> str:
    """Return the single text that most kinds expect; raises Unreadable for a list of several, and for a longer text."""
    if isinstance(written, str):
        return check_length(written, most, hint)
    if len(written) == 1:
        return check_length(written[0], most, hint)
    raise Unreadable("One answer is expected here, but a list was given.")
