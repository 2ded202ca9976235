"""Style attributes to classes: the content security policy allows no style in a page, and typeset maths brings some."""

from __future__ import annotations

import re
from collections.abc import Iterator

STYLED_TAG = re.compile(r'(<m[a-z]+\b[^<>]*?) style="([^"<>]*)"')
"""A MathML tag with a style; sanitised text holds nothing that merely looks like one."""
SIDES = {"left": "l", "right": "r", "top": "t", "bottom": "b"}
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,20}")
WIDTH = re.compile(r"-?[0-9.]+em")


def styles_to_classes(html: str) -> str:
    """Return HTML whose maths has classes of ``web.css`` instead of styles; a style that has no class there is dropped."""
    return STYLED_TAG.sub(lambda match: match[1] + "".join(_attributes(match[2])), html)


def _attributes(style: str) -> Iterator[str]:
    classes = []
    for declaration in style.split(";"):
        name, _, value = (text.strip() for text in declaration.partition(":"))
        prefix, _, side = name.partition("-")
        if name == "text-align":
            classes.append(f"tex-{value}")
        elif prefix == "border" and side in SIDES:
            classes.append(f"tex-border-{SIDES[side]}")
        elif prefix == "padding" and side in SIDES:
            classes.append(f"tex-pad-{SIDES[side]}{value.removesuffix('em')}")
        elif name == "color" and COLOUR.fullmatch(value):
            yield f' mathcolor="{value}"'
        elif name == "width" and WIDTH.fullmatch(value):
            yield f' width="{value}"'
    if classes:
        yield f' class="{" ".join(classes)}"'
