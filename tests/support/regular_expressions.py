"""The regular expressions of the project, and texts of their own letters on which they might take more than linear time."""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import random
import re
import re._constants as constants
import re._parser as parser
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import grader

METHODS = frozenset(("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"))
ANCHORED = frozenset(("match", "fullmatch"))
CATEGORIES = {
    constants.CATEGORY_DIGIT: "7", constants.CATEGORY_SPACE: " \n", constants.CATEGORY_WORD: "a_",
    constants.CATEGORY_NOT_DIGIT: "a", constants.CATEGORY_NOT_SPACE: "a", constants.CATEGORY_NOT_WORD: "- ",
}  # fmt: skip
ENDINGS = ("", "\x01", "!", "\n\n")
SHORT, LONG = 1_000, 8_000
"""Characters; eight times as many take eight times as long where time is linear, and 64 times where it is quadratic."""
MAX_RATIO = 24
FLOOR_SECONDS = 100e-6
"""What takes less is taken for this: the clock and the call of the pattern cost something too."""
STEPS = (16, 22, 28, 150, SHORT)
"""Lengths that come first: what is exponential never ends at the longer ones."""


@dataclass(frozen=True)
class Usage:
    """One pattern, where it stands, and how it is used."""

    place: str
    pattern: re.Pattern[str]
    method: str


@dataclass(frozen=True)
class _Module:
    """What one module says of names: which it assigns and imports, which methods it calls of them, which it uses otherwise."""

    name: str
    assigned: set[str]
    imported: set[tuple[str | None, str]]
    called: dict[str, set[str]]
    used_otherwise: set[str]
    written_in_calls: tuple[Usage, ...]


def usages() -> list[Usage]:
    """Return every pattern of the project with the freest way in which it is used: one that may begin anywhere, if there is one."""
    modules = [
        importlib.import_module(each.name)
        for each in pkgutil.walk_packages(grader.__path__, "grader.")
        if _is_ours(each.name)
    ]
    patterns = {module.__name__: list(_patterns(vars(module))) for module in modules}
    words = {"re.", *(name.partition("[")[0] for found in patterns.values() for name, _ in found)}
    known = [_read(module.__name__, source) for module in modules if _holds(source := _source(module), words)]
    found = []
    for names in known:
        for name, pattern in patterns[names.name]:
            variable = name.partition("[")[0]
            if variable in names.assigned:
                package, _, last = names.name.rpartition(".")
                importers = [each for each in known if each.imported & {(names.name, variable), (package, last)}]
                found.append(Usage(f"{names.name}.{name}", pattern, _freest(_methods(variable, [names, *importers]))))
        found += names.written_in_calls
    return found


def _methods(variable: str, modules: Iterable[_Module]) -> set[str]:
    """Return the methods that are called of a pattern; all of them where it is used in another way."""
    methods: set[str] = set()
    for each in modules:
        if variable in each.used_otherwise:
            return set(METHODS)
        methods |= each.called.get(variable, set())
    return methods or set(METHODS)


def _source(module: Any) -> str:
    return Path(module.__file__).read_text(encoding="utf-8")


def _holds(source: str, words: Iterable[str]) -> bool:
    return any(word in source for word in words)  # Most modules hold none, and to parse all takes seconds.


def _read(name: str, source: str) -> _Module:
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    called: dict[str, set[str]] = {}
    bases = set()
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in METHODS and (variable := _name(node.value)):
            called.setdefault(variable, set()).add(node.attr)
            bases.add(id(node.value))
    return _Module(
        name,
        {each for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) for each in _assigned(node)},
        {(node.module, alias.name) for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names},
        called,
        {_name(node) for node in nodes if _name(node) and isinstance(node.ctx, ast.Load) and id(node) not in bases},
        tuple(_written_in_calls(name, nodes)),
    )


def _name(node: ast.AST) -> str:
    """Return the name that an expression is, ``NAME`` or ``module.NAME``; nothing if it is none."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _assigned(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]


def _is_ours(name: str) -> bool:
    return "__main__" not in name and ".migrations" not in name


def _patterns(names: dict[str, Any]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield the patterns among the values of a module, those in a tuple or a mapping too."""
    for name, value in names.items():
        values = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else (value,)
        for number, each in enumerate(values):
            inner = each if isinstance(each, tuple) else (each,)
            for pattern in inner:
                if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                    yield (name if value is pattern else f"{name}[{number}]"), pattern


def _written_in_calls(module: str, nodes: Iterable[ast.AST]) -> Iterator[Usage]:
    for node in nodes:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
            continue
        place = f"{module}:{node.lineno}"
        pattern = node.args[0]
        assert isinstance(pattern, ast.Constant), f"{place}: compile this pattern as a constant of the module"
        flags = 0
        for word in node.keywords:
            if word.arg == "flags":
                flags = eval(ast.unparse(word.value), {"re": re})
        if node.func.attr not in ("sub", "subn", "split") and len(node.args) > 2:
            flags = eval(ast.unparse(node.args[2]), {"re": re})
        yield Usage(place, re.compile(pattern.value, flags), node.func.attr)


def _freest(methods: Iterable[str]) -> str:
    found = set(methods)
    return (
        "findall"
        if found - ANCHORED - {"search"}
        else next(method for method in ("search", "match", "fullmatch") if method in found)
    )


def letters(pattern: re.Pattern[str]) -> list[str]:
    """Return letters that a pattern tells apart, and a few that every text has."""
    found: dict[str, None] = {}
    _collect(parser.parse(pattern.pattern, pattern.flags), found)
    return [*found, *(letter for letter in " \na7,(" if letter not in found)]


def _collect(parsed: Any, found: dict[str, None]) -> None:
    for operation, argument in parsed:
        if operation in (constants.LITERAL, constants.NOT_LITERAL):
            found[chr(argument)] = None
        elif operation is constants.IN:
            _collect(argument, found)
        elif operation is constants.RANGE:
            found[chr(argument[0])] = None
        elif operation is constants.CATEGORY:
            found.update(dict.fromkeys(CATEGORIES[argument]))
        elif isinstance(argument, tuple | list):
            for each in argument:
                if isinstance(each, parser.SubPattern):
                    _collect(each, found)
                elif isinstance(each, list):
                    for branch in each:
                        if isinstance(branch, parser.SubPattern):
                            _collect(branch, found)


def literal_runs(pattern: re.Pattern[str]) -> list[str]:
    """Return the words that stand in a pattern, such as ``import``: a text grows from them too."""
    return sorted(set(re.findall(r"(?<!\\)[A-Za-z]{2,}", pattern.pattern)))[:6]


def beginnings(pattern: re.Pattern[str]) -> list[str]:
    """Return shortest texts that a beginning of the pattern matches: what is slow may come after them."""
    parsed = list(parser.parse(pattern.pattern, pattern.flags))
    found = ["".join(map(_shortest, parsed[:count])) for count in range(len(parsed))]
    return list(dict.fromkeys(["", *found]))[:8]


def _shortest(item: Any) -> str:
    operation, argument = item
    match operation:
        case constants.LITERAL:
            return chr(argument)
        case constants.NOT_LITERAL | constants.ANY:
            return "a" if argument != ord("a") else "b"
        case constants.IN:
            first = argument[0]
            return "a" if first[0] is constants.NEGATE else _shortest(first)
        case constants.RANGE:
            return chr(argument[0])
        case constants.CATEGORY:
            return CATEGORIES[argument][0]
        case constants.MAX_REPEAT | constants.MIN_REPEAT | constants.POSSESSIVE_REPEAT:
            return "".join(map(_shortest, argument[2])) * max(argument[0], 1)
        case constants.SUBPATTERN:
            return "".join(map(_shortest, argument[3]))
        case constants.ATOMIC_GROUP:
            return "".join(map(_shortest, argument))
        case constants.BRANCH:
            return "".join(map(_shortest, argument[1][0]))
        case _:
            return ""  # A place, such as the end of a line.


def texts(pattern: re.Pattern[str]) -> Iterator[tuple[str, str, str]]:
    """Yield beginnings, what is repeated after them, and endings; the same ones in every run."""
    known = letters(pattern)
    words = literal_runs(pattern)
    chosen = random.Random(ascii(pattern.pattern))
    few = known if len(known) <= 7 else chosen.sample(known, 7)
    units = [*known, *words, *(f"{word} " for word in words)]
    units += ["".join(pair) for pair in itertools.permutations(few, 2)]
    units += ["".join(chosen.choices(known, k=chosen.randint(3, 5))) for _ in range(20)]
    for unit in dict.fromkeys(units):
        yield from (("", unit, ending) for ending in ENDINGS)
    for beginning in beginnings(pattern)[1:]:
        for unit in dict.fromkeys([*known, *words]):
            yield from ((beginning, unit, ending) for ending in ENDINGS[:2])
    yield from (("", beginning, "\x01") for beginning in beginnings(pattern) if beginning)


def slow_text(usage: Usage) -> str | None:
    """Return what a text is made of on which a pattern takes more than linear time, None if none was found."""
    for beginning, unit, ending in texts(usage.pattern):
        # What is odd once is looked at again with a better clock: machines are noisy.
        if _grows(usage, beginning, unit, ending, 1) and _grows(usage, beginning, unit, ending, 5):
            return f"{beginning!r} + {unit!r} * {LONG // len(unit)} + {ending!r}"
    return None


def _grows(usage: Usage, beginning: str, unit: str, ending: str, times: int) -> bool:
    """True if time grows faster than the text."""
    before = FLOOR_SECONDS
    for length in (*STEPS, LONG):
        took = _seconds(usage, beginning + unit * (length // len(unit)) + ending, times)
        if took > MAX_RATIO * before:
            return True
        if length == SHORT and took < FLOOR_SECONDS / 2:
            return False  # Quadratic time would be longer than this by far.
        before = max(took, FLOOR_SECONDS)
    return False


def _seconds(usage: Usage, text: str, times: int) -> float:
    """Return the least of some times of the processor: what else the machine does is not counted."""
    method = getattr(usage.pattern, usage.method)
    call = partial(method, "") if usage.method in ("sub", "subn") else method
    best = sys.float_info.max
    for _ in range(times):
        began = time.thread_time()
        call(text)
        best = min(best, time.thread_time() - began)
    return best
