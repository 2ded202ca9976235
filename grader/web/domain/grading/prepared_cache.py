"""Blanks of kept problems that one process has made ready to be graded, those used last."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from grader.core.seeds import Secret
from grader.kinds.base.prepared import Prepared
from grader.sandbox import Sandbox
from grader.web.domain.exams.snapshots import ProblemCache

KEPT = 256
"""Blanks that are kept ready."""


@dataclass
class Ready:
    """Makes blanks ready, each once as long as it is in use."""

    shelf: ProblemCache
    secret: Secret
    sandbox: Sandbox
    _blanks: OrderedDict[tuple[str, str], Prepared[Any]] = field(default_factory=OrderedDict)

    def blank(self, snapshot: str, address: str) -> Prepared[Any]:
        """Return a blank made ready; raises what reading the problem or preparing the blank raises."""
        key = (snapshot, address)
        if key not in self._blanks:
            problem = self.shelf.problem(snapshot)
            blank = next(each for each in problem.blanks if each.address == address)
            self._blanks[key] = blank.spec.prepare(problem.context(blank, self.secret, self.sandbox))
            if len(self._blanks) > KEPT:
                self._blanks.popitem(last=False)
        self._blanks.move_to_end(key)
        return self._blanks[key]
