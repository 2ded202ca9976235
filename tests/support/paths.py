"""Where things lie in a checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
PROBLEMS = ROOT / "problems"
TEST_PROBLEMS = ROOT / "tests" / "problems"
