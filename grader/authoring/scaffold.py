"""New problems that pass the check, to be filled with a question of one's own.

Each kind has a file in ``templates``, ``question.txt`` is what they share: pieces of the three files of a problem, each
after a line ``=== problem.yaml``. A new kind needs one more file there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_lowercase

from grader.authoring.checks.rules.examples import EXAMPLES
from grader.authoring.loader import REFERENCE, SPEC
from grader.core.errors import nearest
from grader.core.files.atomic_write import write_atomically
from grader.kinds.registry import KINDS

TEMPLATES = Path(__file__).parent / "templates"
QUESTION = "question"
SCHEMA = "problem.schema.json"
FILES = {SPEC: "\n", REFERENCE: "", EXAMPLES: "\n"}
"""The files of a problem, and what stands between their pieces."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def write_problem(bank: Path, id_: str, kinds: Sequence[str]) -> Path:
    """Make the folder of a problem with a part of each kind; ValueError says what does not go."""
    _check_id(id_)
    _check_kinds(kinds)
    texts = _texts(id_, kinds)
    if (bank / SCHEMA).is_file():
        texts[SPEC] = f"# yaml-language-server: $schema=../{SCHEMA}\n{texts[SPEC]}"
    folder = bank / id_
    try:
        folder.mkdir(parents=True)
        for name, text in texts.items():
            write_atomically(folder / name, text)
    except FileExistsError:
        raise ValueError(f"{folder} is there already; nothing was written") from None
    except OSError as error:
        raise ValueError(f"{folder} cannot be made: {error.strerror}") from error
    return folder


def _check_id(id_: str) -> None:
    if NAME.fullmatch(id_):
        return
    near = re.sub(r"[\s.-]+", "_", id_.strip())
    hint = f"; did you mean {near}?" if NAME.fullmatch(near) else ""
    raise ValueError(f"{id_!r} is no name of a problem: a letter, then letters, digits and _{hint}")


def _check_kinds(kinds: Sequence[str]) -> None:
    """Refuse kinds that there are not, or that have no template."""
    known = [str(each.model_fields["kind"].default) for each in KINDS]
    ready = [each for each in known if _template(each).is_file()]
    if not kinds or "" in kinds:
        raise ValueError(f"name the kinds of the parts, separated by commas: {', '.join(ready)}")
    if len(kinds) > len(ascii_lowercase):
        raise ValueError(f"these are {len(kinds)} parts, and there are {len(ascii_lowercase)} letters for them")
    for kind in kinds:
        if kind not in known:
            near = nearest(kind, known)
            hint = f"; did you mean {near}?" if near else ""
            raise ValueError(f"there is no kind {kind!r}, only {', '.join(known)}{hint}")
        if kind not in ready:
            raise ValueError(f"there is no template for the kind {kind!r}, only for {', '.join(ready)}")


def _texts(id_: str, kinds: Sequence[str]) -> dict[str, str]:
    """Return the text of each file: what all problems share, then a piece for each part."""
    title = id_.replace("_", " ").strip()
    pieces = [_fill_template(QUESTION, {"title": title[:1].upper() + title[1:]})]
    pieces += [_fill_template(kind, {"part": letter}) for letter, kind in zip(ascii_lowercase, kinds, strict=False)]
    texts = {name: between.join(filter(None, (each.get(name) for each in pieces))) for name, between in FILES.items()}
    texts[SPEC] = texts[SPEC].replace("parts:\n\n", "parts:\n")
    return texts


def _fill_template(name: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return the pieces of a template by the file that they belong to, its «names» filled in."""
    text = _template(name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"«{key}»", value)
    parts = re.split(r"^=== (\S+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _template(name: str) -> Path:
    return TEMPLATES / f"{name}.txt"
