"""LaTeX as one line of plain text, for terminals: ``W^sxᵀ W^oᵀ ∂Loss/∂z²_t``. Read from the MathML of ``typeset``."""

from __future__ import annotations

import re
import xml.etree.ElementTree as Tree
from collections.abc import Callable, Mapping

from grader.reports.rendering import typeset

SPACED = frozenset("=+−-±·⋅×⊙∘<>≤≥≠≈∈→↦∝:")
RAISED = str.maketrans("0123456789+-−n()i⊤T", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ⁽⁾ⁱᵀᵀ")
ACCENTS = {
    "ˆ": "\u0302",
    "^": "\u0302",
    "¯": "\u0304",
    "‾": "\u0304",
    "―": "\u0304",
    "~": "\u0303",
    "˜": "\u0303",
    "˙": "\u0307",
    "→": "\u20d7",
}
OPENING, CLOSING = frozenset("([{⟨⌊⌈"), frozenset(")]}⟩⌋⌉")
_DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_INLINE = re.compile(r"\$([^$]+?)\$")


def maths(latex: str) -> str:
    """Return a formula as text; its source where it cannot be typeset. Several rows are several lines."""
    mathml = str(typeset.maths(latex))
    if not mathml.startswith("<math"):
        return latex
    return _tidy(_text(Tree.fromstring(mathml)))


def prose(markdown: str) -> str:
    """Return Markdown with its maths as text: between backquotes nothing is touched, formulas on a line of their own."""
    text = _DISPLAY.sub(lambda found: "\n\n" + _indented(maths(found[1].strip())) + "\n\n", markdown)
    return _INLINE.sub(lambda found: _escaped(maths(found[1].strip())), text)


def read_as(text: str) -> str:
    """Return the ``read_as`` of a verdict as text."""
    return maths(text[1:-1]) if len(text) > 2 and text[0] == text[-1] == "$" else text


def _indented(lines: str) -> str:
    return "\n".join("    " + line for line in lines.splitlines())


def _escaped(text: str) -> str:
    """Keep Markdown from reading a formula as its own marks."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)


def _tidy(text: str) -> str:
    text = re.sub(r"\(([^();]*+;[^()]*+)\)", r"[\1]", text)
    lines = (re.sub(r" {2,}", " ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _text(node: Tree.Element) -> str:
    if node.tag in _RULES:
        return _RULES[node.tag](node)
    return _row(list(node)) if len(node) else (node.text or "")


def _row(children: list[Tree.Element]) -> str:
    """Signs get spaces around them where they stand between two things; letters side by side are a product."""
    found = ""
    for child in children:
        text = _text(child).replace("\u2061", "")
        if (
            child.tag == "mo"
            and text in SPACED
            and found.strip()
            and found.rstrip()[-1] not in (*OPENING, *SPACED, ",")
        ):
            found = f"{found.rstrip()} {text} "
        elif child.tag == "mo" and text == "=":
            found += "= "
        elif child.tag == "mo" and text == ",":
            found = f"{found.rstrip()}, "
        elif text and found and _needs_space(found, text, child):
            found = f"{found} {text}"
        else:
            found += text
    return found


def _needs_space(before: str, text: str, child: Tree.Element) -> bool:
    """Whether two things side by side would run together."""
    scripted = re.search(r"[_^](?:[^\W_]++|\([^()]*\))$", before) is not None
    word = child.tag in ("mi", "msup", "msub", "msubsup", "mover", "mfrac") and text[0] != "("
    return (scripted and text[0] == "[") or (
        word and (scripted or (len(text) > 1 and text[0].isalpha() and before[-1].isalnum()))
    )


def _script(node: Tree.Element) -> str:
    """A base with what stands above and below it."""
    parts = [_text(child).strip() for child in node]
    base = f"({parts[0]})" if _compound(parts[0]) else parts[0]
    below = parts[1] if node.tag in ("msub", "msubsup", "munder", "munderover") else ""
    above = parts[-1] if node.tag in ("msup", "msubsup", "mover", "munderover") else ""
    if node.tag == "mover" and above in ACCENTS:
        return parts[0] + ACCENTS[above]
    return base + _above(above) + (f"_{_joined(below)}" if below else "")


def _above(text: str) -> str:
    if not text:
        return ""
    raised = text.translate(RAISED)
    simple = all(new != old or old in "⁰ⁿⁱ" for new, old in zip(raised, text, strict=True))
    return (
        raised if simple and text not in ("n", "i") else "′" * len(text) if set(text) == {"′"} else f"^{_joined(text)}"
    )


def _joined(text: str) -> str:
    """A script in brackets unless it is one word."""
    text = text.replace(" ", "") if len(text) < 6 else text
    return text if re.fullmatch(r"\w+", text) else f"({text})"


def _compound(text: str) -> bool:
    return bool(re.search(r"[\s+−/-]", text)) and not (text[0] in OPENING and text[-1] in CLOSING)


def _fraction(node: Tree.Element) -> str:
    above, below = (_text(child).strip() for child in node)
    if node.get("linethickness") == "0":
        return f"{above} over {below}"
    top = f"({above})" if re.search(r"[\s+−-]", above) else above
    return f"{top}/({below})" if re.search(r"[\s+−/·×-]", below) else f"{top}/{below}"


def _root(node: Tree.Element) -> str:
    inside = _row(list(node)[:1]) if node.tag == "mroot" else _row(list(node))
    index = _text(node[1]).translate(RAISED) if node.tag == "mroot" else ""
    return f"{index}√{inside}" if re.fullmatch(r"\w", inside) else f"{index}√({inside})"


def _table(node: Tree.Element) -> str:
    """A matrix on one line between brackets; lines of equations one below the other."""
    rows = [[_tidy(_text(cell)) for cell in row] for row in node]
    if node.get("displaystyle") == "true":
        pairs = [[" ".join(filter(None, row[at : at + 2])) for at in range(0, len(row), 2)] for row in rows]
        return "\n".join("\u2003\u2003".join(row) for row in pairs)
    return "; ".join(", ".join(row) for row in rows)


def _space(node: Tree.Element) -> str:
    return " " if node.get("width", "").lstrip("0.").startswith(tuple("123456789")) else ""


_RULES: Mapping[str, Callable[[Tree.Element], str]] = {
    "msup": _script, "msub": _script, "msubsup": _script, "mover": _script, "munder": _script, "munderover": _script,
    "mfrac": _fraction, "msqrt": _root, "mroot": _root, "mtable": _table, "mspace": _space,
}  # fmt: skip
