"""The house stays in order: small folders and modules, imports one way, a page that says where things are, words that are found."""

from __future__ import annotations

import graphlib
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import grimp
import pytest
from support.paths import ROOT

PACKAGE = ROOT / "grader"
MAX_MODULES = 12
MAX_LINES = 350
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)


def test_no_folder_holds_more_than_twelve_modules():
    held = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {str(folder): count for folder, count in held.items() if count > MAX_MODULES} == {}


def test_no_module_is_longer_than_350_lines():
    lines = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: count for path, count in lines.items() if count > MAX_LINES} == {}


def test_there_is_no_import_cycle():
    """Late imports inside functions and those for types alone count too."""
    graph = grimp.build_graph("grader", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    order = list(graphlib.TopologicalSorter(imports).static_order())  # Raises CycleError, which names the cycle.
    assert len(order) > 200


def test_a_cycle_would_be_found():
    with pytest.raises(graphlib.CycleError):
        list(graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())


@pytest.mark.process
def test_the_page_that_says_where_things_are_is_up_to_date():
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "where_things_are.py", "--check"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_every_package_has_a_contract_of_its_own():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    containers = re.findall(r'^containers = \["grader\.?([a-z.]*)"\]$', project, re.MULTILINE)
    packages = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert packages <= {each.partition(".")[0] for each in containers}


DOCUMENTS = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_modules_that_a_document_names_are_there(document):
    named = set(
        re.findall(r"`((?:grader|tests|benchmarks|tools)/[\w/.-]+\.\w+)`", document.read_text(encoding="utf-8"))
    )
    assert {name for name in named if not (ROOT / name).exists()} == set()


WORDS = {
    "rate limit": "grader/web/http/rate_limits.py",
    "sign-in": "grader/web/http/sign_in.py",
    "authentication": "grader/web/http/auth.py",
    "lexer": "grader/formula/parsing/lexing/",
    "job queue": "grader/web/domain/grading/job_queue.py",
    "worker pool": "grader/web/domain/grading/worker_pool.py",
    "mutation testing": "grader/authoring/checks/rules/mutation_testing.py",
    "gradebook": "grader/web/domain/attempts/gradebook.py",
    "visibility": "grader/web/domain/attempts/visibility.py",
    "roster import": "grader/web/domain/exams/roster_import.py",
    "CSV injection": "grader/core/files/csv_escaping.py",
    "seccomp filter": "grader/sandbox/lockdown/seccomp.py",
    "LaTeX output": "grader/formula/writing/latex.py",
    "flash message": "grader/web/pages/student/flash.py",
    "middleware": "grader/web/http/middleware/",
    "pagination": "grader/web/pages/staff/pagination.py",
    "authorization": "grader/web/http/auth.py",
    "CSRF": "grader/web/http/csrf.py",
    "idempotency": "grader/web/domain/grading/submit.py",
    "audit log": "grader/web/domain/audit_log.py",
    "database migration": "grader/web/db/migrations/",
    "feedback page": "grader/reports/pages/feedback_page.py",
    "cache of check reports": "grader/authoring/checks/runner/report_cache.py",
    "class statistics": "grader/grading/statistics.py",
    "shape inference": "grader/formula/evaluation/shapes.py",
    "operator precedence": "grader/formula/parsing/grammar.py",
    "symbolic derivative": "grader/formula/differentiate.py",
    "regular expression": "grader/formula/parsing/lexing/patterns.py",
    "serializer": "grader/core/verdict_json.py",
    "ball arithmetic": "grader/formula/equality/",
    "manual grading": "grader/web/domain/review/queue.py",
    "multiple choice": "grader/kinds/choices/kind.py",
    "upload limit": "grader/web/http/middleware/request_limits.py",
    "unit parsing": "grader/kinds/number/kind.py",
    "health check": "grader/web/http/monitoring.py",
    "XSS": "grader/reports/rendering/sanitize.py",
    "extra time": "grader/web/domain/exams/enrolments.py",
    "autosave": "grader/web/domain/attempts/drafts.py",
    "password reset": "grader/web/domain/accounts/staff_accounts.py",
    "memory limit": "grader/sandbox/lockdown/apply.py",
    "brute force": "grader/web/http/rate_limits.py",
    "connection pool": "grader/web/db/engine.py",
    "did you mean": "grader/core/errors.py",
}


@pytest.mark.parametrize(("word", "place"), WORDS.items(), ids=WORDS)
def test_the_fields_word_leads_to_the_place(word, place):
    """A search for the word finds it in the file, or in the folder's own docstring, whatever the capitals."""
    target = ROOT / place
    file = target if target.is_file() else target / "__init__.py"
    head = Path(file).read_text(encoding="utf-8").partition('"""\n\n')[0]
    assert word.casefold() in head.casefold().replace("\n", " ")
