"""The ``answers`` of one record: flat or nested, by blank address; what fits none is kept and remarked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.core.files.strict_yaml import Path
from grader.core.submission import Written, is_blank
from grader.grading.readers.addresses import Addresses
from grader.grading.readers.remarks import RemarkSink
from grader.grading.readers.values import DEEPEST, nested, shown, too_deep, typed


@dataclass(frozen=True)
class Answers:
    """What was written, by address; ``held`` says what a person must decide before anything is graded."""

    addresses: Addresses
    margin: RemarkSink
    problem: str
    written: dict[str, Written] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    _keys: dict[str, str] = field(default_factory=dict)

    def read(self, answers: Any) -> None:
        """Take every answer of the record."""
        if not isinstance(answers, Mapping):
            self.margin.refuse("answers is a mapping from blanks to what was written in them", ("answers",))
        for key, value in answers.items():
            path: Path = ("answers", key)
            if isinstance(value, Mapping) and self.addresses.find(typed(key)) is None:
                for name, inner in value.items():
                    self._take(f"{typed(key)}.{typed(name)}", inner, (*path, name))
            else:
                self._take(typed(key), value, path)

    def _take(self, key: str, value: Any, path: Path) -> None:
        if value is None:
            return
        address = self.addresses.find(key)
        written = self._written(value, f"the answer to {address or shown(key)}", path)
        if address is None:
            self._stray(key, written, path)
        elif address in self.written and not is_blank(self.written[address]):
            self._again(address, key, written)
        else:
            self.written[address] = written
            self._keys[address] = key

    def _stray(self, key: str, written: Written, path: Path) -> None:
        self.written[key] = written
        if is_blank(written):
            return
        if inside := self.addresses.inside(key):
            several = f"part {key} has several blanks ({', '.join(inside)})"
            self.margin.remark(f"{several}, so what was written for all of them is not graded", path)
            return
        message = f"there is no blank {shown(key)} in {self.problem}, so what was written there is not graded"
        self.margin.remark(message, path, self.addresses.nearest(key))

    def _again(self, address: str, key: str, written: Written) -> None:
        if is_blank(written) or written == self.written[address]:
            return
        self.written[key if key != address else f"{address} (again)"] = written
        which = f"Two different answers to {address} in {self.margin.origin}"
        keys = f"under {shown(self._keys[address])} and {shown(key)}"
        self.held.append(f"{which}: {keys}. Keep one and grade again.")

    def _written(self, value: Any, what: str, path: Path) -> Written:
        if isinstance(value, (list, tuple)) and not any(item is None or nested(item) for item in value):
            return tuple(self.margin.text(item, what, path) for item in value)
        if not nested(value):
            return self.margin.text(value, what, path)
        if too_deep(value):
            self.margin.refuse(f"{what} is nested deeper than {DEEPEST} levels", path)
        text = typed(value)
        self.margin.remark(f"{what} should be one text or a list of texts; it was kept as {shown(text)}", path)
        return text
