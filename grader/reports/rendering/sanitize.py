"""The HTML sanitizer, against XSS: the only tags, attributes, styles and addresses that text written by people can bring onto a page."""

from __future__ import annotations

import re

import nh3

_MATHML = {
    "math": {"display"},
    "menclose": {"notation"},
    "mfrac": {"displaystyle", "linethickness"},
    "mi": {"mathvariant"},
    "mmultiscripts": set(),
    "mn": set(),
    "mo": {
        "accent",
        "form",
        "lspace",
        "maxsize",
        "minsize",
        "movablelimits",
        "rspace",
        "stretchy",
        "symmetric",
    },
    "mover": {"accent"},
    "mpadded": {"depth", "height", "style", "voffset", "width"},
    "mphantom": set(),
    "mprescripts": set(),
    "mroot": set(),
    "mrow": {"displaystyle", "scriptlevel", "style"},
    "mspace": {"height", "style", "width"},
    "msqrt": set(),
    "mstyle": {"displaystyle", "scriptlevel"},
    "msub": set(),
    "msubsup": set(),
    "msup": set(),
    "mtable": {"displaystyle", "scriptlevel", "style"},
    "mtd": {"columnspan", "style"},
    "mtext": set(),
    "mtr": set(),
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
}
_HTML = {
    "a": {"href"},
    "code": {"class"},
    "img": {"alt", "src"},
    "ol": {"start"},
}
_PLAIN = {"b", "bdi", "blockquote", "br", "em", "h3", "h4", "h5", "h6", "hr", "i", "li", "p", "pre", "strong"}
_PLAIN |= {"table", "tbody", "td", "th", "thead", "tr", "ul"}
_STYLES = {"color", "justify-items", "margin-left", "text-align", "width"}
_STYLES |= {f"{thing}-{side}" for thing in ("border", "padding") for side in ("bottom", "left", "right", "top")}
_FIGURE = re.compile(r"data:image/(?:png|svg\+xml|jpeg)[;,]")


_VALUES = {"class": re.compile("tex$"), "href": re.compile(r"(?:https?|mailto):", re.I), "src": _FIGURE}


def _allowed_value(tag: str, attribute: str, value: str) -> str | None:
    """Return the value where it may stay: figures come inside the page, links lead to other pages."""
    pattern = _VALUES.get(attribute)
    return value if pattern is None or pattern.match(value) else None


_SANITISER = nh3.Cleaner(
    tags={*_PLAIN, *_HTML, *_MATHML},
    attributes={"*": set(), **{tag: names for tag, names in {**_HTML, **_MATHML}.items() if names}},
    attribute_filter=_allowed_value,
    url_schemes={"http", "https", "mailto", "data"},
    filter_style_properties=_STYLES,
)


def clean(markup: str) -> str:
    """Return the markup without anything off the list, its MathML well-formed as XML too.

    A dropped tag leaves its text behind; a script or a style leaves nothing.
    """
    return _SANITISER.clean(markup).replace("&nbsp;", "\u00a0")
