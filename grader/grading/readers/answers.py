"""The ``answers`` of one record: flat or nested, by blank address; what fits none is kept and remarked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.core.files.strict_yaml import Path
from grader.core.submission import Written, is_blank
from grader.grading.readers.addresses import Addresses
from grader.grading.readers.remarks import RemarkSink
from grader.grading.readers.values import MAX_NESTING, as_text, is_nested, is_too_deep, quoted


@dataclass(frozen=True)
class Answers:
    """What was written, by address; ``held_reasons`` say what a person must decide before anything is graded."""

    addresses: Addresses
    remarks: RemarkSink
    problem: str
    written: dict[str, Written] = field(default_factory=dict)
    held_reasons: list[str] = field(default_factory=list)
    _keys: dict[str, str] = field(default_factory=dict)

    def read(self, answers: Any) -> None:
        """Read every answer of the record."""
        if not isinstance(answers, Mapping):
            self.remarks.refuse("answers is a mapping from blanks to what was written in them", ("answers",))
        for key, value in answers.items():
            path: Path = ("answers", key)
            if isinstance(value, Mapping) and self.addresses.find(as_text(key)) is None:
                for name, inner in value.items():
                    self._add(f"{as_text(key)}.{as_text(name)}", inner, (*path, name))
            else:
                self._add(as_text(key), value, path)

    def _add(self, key: str, value: Any, path: Path) -> None:
        if value is None:
            return
        address = self.addresses.find(key)
        written = self._text_or_list(value, f"the answer to {address or quoted(key)}", path)
        if address is None:
            self._add_unmatched(key, written, path)
        elif address in self.written and not is_blank(self.written[address]):
            self._add_repeated(address, key, written)
        else:
            self.written[address] = written
            self._keys[address] = key

    def _add_unmatched(self, key: str, written: Written, path: Path) -> None:
        self.written[key] = written
        if is_blank(written):
            return
        if inside := self.addresses.inside(key):
            several = f"part {key} has several blanks ({', '.join(inside)})"
            self.remarks.add(f"{several}, so what was written for all of them is not graded", path)
            return
        message = f"there is no blank {quoted(key)} in {self.problem}, so what was written there is not graded"
        self.remarks.add(message, path, self.addresses.nearest(key))

    def _add_repeated(self, address: str, key: str, written: Written) -> None:
        if is_blank(written) or written == self.written[address]:
            return
        self.written[key if key != address else f"{address} (again)"] = written
        which = f"Two different answers to {address} in {self.remarks.origin}"
        keys = f"under {quoted(self._keys[address])} and {quoted(key)}"
        self.held_reasons.append(f"{which}: {keys}. Keep one and grade again.")

    def _text_or_list(self, value: Any, what: str, path: Path) -> Written:
        if isinstance(value, (list, tuple)) and not any(item is None or is_nested(item) for item in value):
            return tuple(self.remarks.text(item, what, path) for item in value)
        if not is_nested(value):
            return self.remarks.text(value, what, path)
        if is_too_deep(value):
            self.remarks.refuse(f"{what} is nested deeper than {MAX_NESTING} levels", path)
        text = as_text(value)
        self.remarks.add(f"{what} should be one text or a list of texts; it was kept as {quoted(text)}", path)
        return text
