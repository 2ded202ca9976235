"""The modules that ``reference.py`` may import: they are imported before its process is locked in, and opens no file any more."""

from __future__ import annotations

import ast
import contextlib
import importlib
import site
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder

from grader.sandbox import allowed_modules

LIBRARIES = frozenset(("numpy", "scipy", "sympy", "mpmath", "flint"))
RUNS_WHEN_IMPORTED = frozenset(
    ("antigravity", "ensurepip", "idlelib", "lib2to3", "test", "this", "tkinter", "turtledemo")
)
"""Packages of Python with modules that are programs."""
PROGRAMS = frozenset(("__main__", "conftest", "test", "tests"))
"""Names of modules that are programs: ``unittest.__main__`` imports whatever it finds in the working directory."""
MAX_MODULES = 500
"""Modules of one file that are looked for."""

# Whoever imports this module is copied for each recorder, which then has these for nothing.
allowed_modules.load(
    [
        *(name for name in allowed_modules.SUBMODULES if name != "numpy.testing"),
        *allowed_modules.ALLOWED,
        *allowed_modules.PYTHON_INTERNALS,
    ]
)


def is_allowed(name: str) -> bool:
    """True if a reference may import a module."""
    root, *inner = name.split(".")
    known = root in LIBRARIES or (root in sys.stdlib_module_names and root not in RUNS_WHEN_IMPORTED)
    return known and not PROGRAMS & {root, *inner}


def load_modules(source: str) -> None:
    """Import what a program mentions and may import, from Python's own libraries alone, and refuse all others from now on.

    Raises nothing: what fails here fails again where the program asks for it.
    """
    folders = {sysconfig.get_path(each) for each in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {*site.getsitepackages(), f"{sysconfig.get_path('platstdlib')}/lib-dynload"}
    # Elsewhere, such as in the folder where a check runs, may be files of whoever wrote the program.
    sys.path[:] = [each for each in sys.path if each in folders]
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, PathFinder, _Refusal()]
    for name in _mentioned(source)[:MAX_MODULES]:
        if name not in sys.modules and is_allowed(name):
            with contextlib.suppress(Exception, SystemExit):
                importlib.import_module(name)


class _Refusal:
    """The last finder of modules, which says what may be imported."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        """Raise ModuleNotFoundError for what may not be imported."""
        if is_allowed(name):
            return None
        raise ModuleNotFoundError(
            f"no module {name!r} for reference.py, which may import NumPy, SciPy, SymPy, mpmath and Python's own",
            name=name,
        )


def _mentioned(source: str) -> list[str]:
    """Return the names in a program that may be modules, as `scipy` and `scipy.special` of `scipy.special.erf`."""
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        return list(dict.fromkeys(_names(ast.parse(source))))
    return []


def _names(tree: ast.AST) -> Iterator[str]:
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield each.name
                root = each.name.partition(".")[0]
                aliases[each.asname or root] = each.name if each.asname else root
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            for each in node.names:
                yield f"{node.module}.{each.name}"
                aliases[each.asname or each.name] = f"{node.module}.{each.name}"
    for node in ast.walk(tree):
        # What NumPy imports when it is first named is among the modules above.
        if (chain := _chain(node)) and not (base := aliases.get(chain[0], "numpy")).startswith("numpy"):
            yield ".".join((base, *chain[1:]))


def _chain(node: ast.AST) -> list[str]:
    """Return the names of ``a.b.c``, or nothing for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if names and isinstance(node, ast.Name) else []
