"""Write docs/dev/where-things-are.md, the table of all modules, from the first lines of their docstrings.

python tools/where_things_are.py           write it
python tools/where_things_are.py --check   exit with 1 if it is not what would be written
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "dev" / "where-things-are.md"
ORDER = ("core", "formula", "sandbox", "kinds", "grading", "reports", "authoring", "api", "web", "cli")
HEAD = """\
# Where things are

Every module with the first line of its docstring; written by `python tools/where_things_are.py`, and `make test` fails when it is not up to
date. Search this page for the word that you have in mind: [the glossary](glossary.md) says which word is whose. Packages stand in the order of
imports: each uses only those above it.
"""


def summary(path: Path) -> str:
    """Return the first paragraph of a module's docstring as one line."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")


def rows(folder: Path) -> Iterator[str]:
    """Yield the table of a folder's modules, then those of its folders."""
    modules = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    if modules:
        yield f"\n{summary(folder / '__init__.py')}\n\n| module | what it is about |\n|---|---|\n"
        yield from (f"| `{path.relative_to(ROOT)}` | {summary(path)} |\n" for path in modules)
    elif summary(folder / "__init__.py"):
        yield f"\n{summary(folder / '__init__.py')}\n"
    for inner in sorted(path.parent for path in folder.glob("*/__init__.py")):
        yield f"\n### `{inner.relative_to(ROOT)}/`\n"
        yield from rows(inner)


def page() -> str:
    """Return the whole page."""
    package = ROOT / "grader"
    parts = [HEAD]
    for name in ORDER:
        if (package / name).is_dir():
            parts += [f"\n## `grader/{name}/`\n", *rows(package / name)]
        else:
            parts.append(f"\n## `grader/{name}.py`\n\n{summary(package / f'{name}.py')}\n")
    return "".join(parts)


def main() -> int:
    """Write the page, or check it."""
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        print(f"{PAGE.relative_to(ROOT)} is not up to date: run python tools/where_things_are.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
