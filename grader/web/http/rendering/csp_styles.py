"""Style attributes as classes: the policy of the pages lets no style stand inside a page, and typeset maths brings some."""

from __future__ import annotations

import re
from collections.abc import Iterator

STYLED = re.compile(r'(<m[a-z]+\b[^<>]*?) style="([^"<>]*)"')
"""A tag of MathML with a style; sanitised text holds no such tag that is none."""
SIDES = {"left": "l", "right": "r", "top": "t", "bottom": "b"}
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,20}")
WIDTH = re.compile(r"-?[0-9.]+em")


def classed(html: str) -> str:
    """Return HTML whose maths has classes of ``web.css`` instead of styles; what has no class there is left out."""
    return STYLED.sub(lambda found: found[1] + "".join(_attributes(found[2])), html)


def _attributes(style: str) -> Iterator[str]:
    classes = []
    for each in style.split(";"):
        name, _, value = (part.strip() for part in each.partition(":"))
        thing, _, side = name.partition("-")
        if name == "text-align":
            classes.append(f"tex-{value}")
        elif thing == "border" and side in SIDES:
            classes.append(f"tex-border-{SIDES[side]}")
        elif thing == "padding" and side in SIDES:
            classes.append(f"tex-pad-{SIDES[side]}{value.removesuffix('em')}")
        elif name == "color" and COLOUR.fullmatch(value):
            yield f' mathcolor="{value}"'
        elif name == "width" and WIDTH.fullmatch(value):
            yield f' width="{value}"'
    if classes:
        yield f' class="{" ".join(classes)}"'
