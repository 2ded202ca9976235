"""A cache of prepared blanks, those that this process graded last."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from grader.core.seeds import Secret
from grader.kinds.base.prepared import Prepared
from grader.sandbox import Sandbox
from grader.web.domain.exams.snapshots import ProblemCache

MAX_BLANKS = 256


@dataclass
class PreparedCache:
    """Prepares blanks, each once as long as it is in use."""

    problem_cache: ProblemCache
    secret: Secret
    sandbox: Sandbox
    _blanks: OrderedDict[tuple[str, str], Prepared[Any]] = field(default_factory=OrderedDict)

    def blank(self, snapshot: str, address: str) -> Prepared[Any]:
        """Return a prepared blank; raises what reading the problem or preparing the blank raises."""
        key = (snapshot, address)
        if key not in self._blanks:
            problem = self.problem_cache.problem(snapshot)
            blank = next(blank for blank in problem.blanks if blank.address == address)
            self._blanks[key] = blank.spec.prepare(problem.context(blank, self.secret, self.sandbox))
            if len(self._blanks) > MAX_BLANKS:
                self._blanks.popitem(last=False)
        self._blanks.move_to_end(key)
        return self._blanks[key]
