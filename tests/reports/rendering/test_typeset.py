"""LaTeX, Markdown and raw text on a page: typeset where possible, shown where not, harmless always."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.rendering import typeset
from grader.reports.rendering.typeset import check_maths, font_face, maths, prose, prose_inline, raw

FORMULAS = {
    "course answer": r"{W^{sx}}^\top {W^{o}}^\top \, \frac{\partial \mathrm{Loss}}{\partial z^2_t}",
    "columns": r"\left(\begin{matrix}a\\b\\c\end{matrix}\right)\begin{bmatrix}1&2\\3&4\end{bmatrix}",
    "large brace": r"\left\{\begin{matrix}a\\b\\c\\d\\e\\f\\g\end{matrix}\right\}",
    "norms and floors": r"\lVert x\rVert_2 + |y| + \lfloor z\rfloor + \lceil w\rceil + \langle u, v\rangle",
    "cases": r"\begin{cases}1 & x>0\\0 & \text{otherwise}\end{cases}",
    "aligned": r"\begin{aligned}a &= b\\ &= c\end{aligned}",
    "sums": r"\sum_{i=1}^n x_i \prod_j y_j \int_0^\infty e^{-x^2}\,\mathrm{d}x \lim_{x\to 0} \max_\theta",
    "roots": r"\sqrt{x} + \sqrt[3]{\frac{a}{b}}",
    "accents": r"\hat y \bar x \tilde x \vec v \dot x \ddot x \widehat{xyz} \hat\jmath",
    "lines": r"\overline{x+y} \underline{ab}",
    "braces": r"\underbrace{a+b}_{n} \overbrace{x_1+\dots+x_n}^{m}",
    "bold": r"\mathbf{W}\mathbf{x} + \bm{b} + \boldsymbol{\theta\Sigma} + \mathbf{0}",
    "alphabets": r"\mathbb{R}^{n\times m}, \mathbb{E}, \mathbb{1}, \mathcal{L}, \mathcal{N}, x^{\mathsf{T}}",
    "small Greek": r"\alpha\beta\gamma\delta\epsilon\varepsilon\zeta\eta\theta\vartheta\iota\kappa\lambda\mu"
    r"\nu\xi\pi\rho\sigma\tau\upsilon\phi\varphi\chi\psi\omega",
    "capital Greek": r"\Gamma\Delta\Theta\Lambda\Xi\Pi\Sigma\Upsilon\Phi\Psi\Omega",
    "operators": r"a\circ b\times c\cdot d\odot e\otimes f\oplus g\pm h\mp i\div j",
    "relations": r"a\le b\ge c\ne d\approx e\equiv f\sim g\propto h\ll i\in j\notin k\subseteq l\to m",
    "signs": r"\infty\partial\nabla\forall\exists\neg\varnothing\ell\hbar\ldots\vdots\ddots\top\bot f' f''",
    "a space": r"a~b\ c",
}


@pytest.mark.parametrize("latex", FORMULAS.values(), ids=FORMULAS.keys())
@pytest.mark.parametrize("display", [False, True], ids=["in a line", "displayed"])
def test_maths_becomes_well_formed_mathml(latex: str, display: bool) -> None:
    tree = ElementTree.fromstring(maths(latex, display))
    assert tree.tag == "math"
    assert tree.get("display") == ("block" if display else None)


@pytest.mark.parametrize("latex", FORMULAS.values(), ids=FORMULAS.keys())
def test_maths_of_a_course_has_no_complaint(latex: str) -> None:
    assert check_maths(latex) is None


@pytest.mark.parametrize(
    ("latex", "mathml"),
    [
        ("x<y", "<math><mi>x</mi><mo>&lt;</mo><mi>y</mi></math>"),
        (r"\text{<b>x</b>}", "<math><mtext>&lt;b&gt;x&lt;/b&gt;</mtext></math>"),
        (r"\overline{x}", '<math><mover accent="true"><mi>x</mi><mo stretchy="true">‾</mo></mover></math>'),
        (
            r"\underline{x}",
            '<math><munder accentunder="true"><mi>x</mi><mo stretchy="true">_</mo></munder></math>',
        ),
    ],
    ids=["less than", "tags in a text stay text", "overline is a sign that spaces", "underline likewise"],
)
def test_maths_word_for_word(latex: str, mathml: str) -> None:
    assert maths(latex) == mathml


REFUSED = {
    "unknown command": (r"a\foo", 'Unknown command "\\foo", at character 2.'),
    "place counts letters, not bytes": (r"é\foo", 'Unknown command "\\foo", at character 2.'),
    "brace left open": (r"\frac{a", 'Expected closing token "}", but reached end of input, at character 8.'),
    "dollars in a text": (
        r"\text{a $x$}",
        "Math mode within text mode is not implemented yet, at character 9.",
    ),
    "substack": (r"\substack{a\\b}", 'Unknown command "\\substack", at character 1.'),
    "link": (r"\href{javascript:alert(1)}{x}", 'Unknown command "\\href", at character 1.'),
    "definition": (r"\newcommand{\a}{\a\a}\a", r"A formula cannot define commands (\newcommand)."),
    "short definition": (r"\def\a{x}\a", r"A formula cannot define commands (\def)."),
    "label": (r"\label{q}", r"\label is not available on the pages."),
    "control character": ("x\x1by", "The formula contains the invisible character U+001B."),
    "turned direction": ("x\u202ey", "The formula contains the invisible character U+202E."),
    "lone surrogate": ("x\ud800", "The formula contains the invisible character U+D800."),
    "10,000 characters": ("x+" * 5000, "The formula has 10,000 characters; at most 4,000 are typeset."),
    "open braces that would end the process": (
        "{" * 4000,
        "The formula has more than 1,000 commands and brackets.",
    ),
}


@pytest.mark.parametrize(("latex", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_maths_is_named_to_the_author_and_shown_as_source(latex: str, complaint: str) -> None:
    assert check_maths(latex) == complaint
    shown = maths(latex)
    assert shown.startswith('<code class="tex"><bdi>') and shown.endswith("</code>")
    assert len(shown) < 2200


def test_a_sign_that_the_font_lacks_is_named_and_typeset_all_the_same() -> None:
    assert check_maths(r"\mathfrak{g} + é") == "The maths font of the pages has no “é” (U+00E9), “𝔤” (U+1D524)."
    assert maths(r"\mathfrak{g}") == "<math><mi>𝔤</mi></math>"


@pytest.mark.parametrize("latex", ["{" * 499 + "x" + "}" * 499, r"\sqrt" * 790 + " x", r"\frac1" * 600 + "x"])
def test_the_deepest_maths_that_is_let_through_is_survived(latex: str) -> None:
    assert maths(latex).startswith("<math>")


@pytest.mark.parametrize(
    ("markdown", "page"),
    [
        ("the **loss** $L$", "<p>the <strong>loss</strong> <math><mi>L</mi></math></p>"),
        ("so $$x$$", '<p>so <math display="block"><mi>x</mi></math></p>'),
        ("$$\nx\n$$", '<math display="block"><mi>x</mi></math>'),
        ("costs $5 and $6", "<p>costs $5 and $6</p>"),
        ("unclosed $x and", "<p>unclosed $x and</p>"),
        (r"a $\foo$ b", r'<p>a <code class="tex"><bdi>\foo</bdi></code> b</p>'),
        ("`$x$`", "<p><code>$x$</code></p>"),
        ("```python\nx < 1\n```", "<pre><code>x &lt; 1\n</code></pre>"),
        ("# Hint", "<h3>Hint</h3>"),
        ("a\x00b\ud800", "<p>a␀b\ufffd</p>"),
        ("![f](data:image/svg+xml;base64,AA+/)", '<p><img src="data:image/svg+xml;base64,AA+/" alt="f"></p>'),
        ("[a](https://x.org)", '<p><a href="https://x.org" rel="noopener noreferrer">a</a></p>'),
    ],
    ids=[
        "maths in a line", "displayed in a line", "displayed alone", "dollars are money", "unclosed dollar",
        "maths that cannot be typeset", "code is no maths", "code block", "heading below the page's own",
        "what no file can hold", "figure inside the page", "link",
    ],
)  # fmt: skip
def test_prose_word_for_word(markdown: str, page: str) -> None:
    assert prose(markdown) == page


def test_prose_inline_has_no_paragraph() -> None:
    assert prose_inline("the *loss* $L$") == "the <em>loss</em> <math><mi>L</mi></math>"


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "script in maths": r"$\text{<script>alert(1)</script>}$",
    "handler": "<img src=x onerror=alert(1)>",
    "style": "<style>*{display:none}</style><p style='position:fixed'>x</p>",
    "iframe": '<iframe src="https://x.org"></iframe>',
    "script link": "[x](javascript:alert(1))",
    "script link in capitals": "[x](JaVaScRiPt:alert(1))",
    "script link with an entity": "[x](&#106;avascript:alert(1))",
    "autolink": "<javascript:alert(1)>",
    "page in a link": "[x](data:text/html;base64,AAAA)",
    "figure from the network": "![x](https://x.org/pixel.png)",
    "figure without a scheme": "![x](//x.org/pixel.png)",
    "page as a figure": "![x](data:text/html;base64,AAAA)",
    "quote in a figure's text": '![" onerror="alert(1)](data:image/png;base64,AAAA)',
    "quote in a title": "[x](https://x.org \"a' onclick='alert(1)\")",
    "language of a code block": '```"><script>\nx\n```',
    "svg": "<svg onload=alert(1)>",
    "mathml": "<math><maction actiontype='statusline' xlink:href='javascript:alert(1)'>x</maction></math>",
    "link reference": "[x][1]\n\n[1]: javascript:alert(1)",
}


class Tags(HTMLParser):
    """Every tag of a piece of HTML with its attributes, as a browser would read them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


@pytest.mark.parametrize("markdown", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("render", [prose, prose_inline])
def test_hostile_prose_cannot_act(markdown: str, render: Callable[[str], str]) -> None:
    page = Tags()
    page.feed(render(markdown))
    assert {tag for tag, _ in page.seen} <= {"a", "code", "img", "math", "mtext", "p", "pre"}
    attributes = [pair for _, pairs in page.seen for pair in pairs]
    assert {name for name, _ in attributes} <= {"alt", "class", "href", "rel", "src"}
    addresses = [value or "" for name, value in attributes if name in {"href", "src"}]
    assert all(re.match(r"https://x\.org$|data:image/png;", address) for address in addresses)


def test_sanitised_maths_keeps_its_alignment() -> None:
    assert 'style="text-align:right;justify-items:end;padding-right:0"' in prose("$$" + FORMULAS["aligned"] + "$$")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x & y < z", "<bdi>x &amp; y &lt; z</bdi>"),
        ("<script>alert(1)</script>", "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>"),
        ("a\x00b\x1bc\x7fd\x85e\rf", "<bdi>a␀b␛c␡d\ufffde␍f</bdi>"),
        ("two\r\nlines\tand a tab", "<bdi>two\nlines\tand a tab</bdi>"),
        ("abc\u202edef", "<bdi>abc\u202edef</bdi>"),
        ("\ud800", "<bdi>\ufffd</bdi>"),
        ("x" * 2000, f"<bdi>{'x' * 2000}</bdi>"),
        ("x" * 12345, f"<bdi>{'x' * 2000}</bdi>… (12,345 characters in all)"),
        ("<" * 2001, f"<bdi>{'&lt;' * 2000}</bdi>… (2,001 characters in all)"),
    ],
    ids=[
        "escaped", "script", "control characters", "lines and tabs stay", "turned direction is isolated",
        "lone surrogate", "2,000 fit", "cut", "an escape is never cut in two",
    ],
)  # fmt: skip
def test_raw_word_for_word(text: str, shown: str) -> None:
    assert raw(text) == shown


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_written_to_a_page(text: str) -> None:
    for shown in (raw(text), maths(text), prose(text)):
        shown.encode("utf-8")
        assert "<script" not in shown


@given(st.text(alphabet=r"\{}[]()^_&$%#~' abx01<>\"", max_size=60))
def test_any_maths_is_well_formed(latex: str) -> None:
    assert ElementTree.fromstring(maths(latex)).tag in ("math", "code")


def test_the_font_is_small_and_can_stretch() -> None:
    assert typeset.FONT.stat().st_size <= 45_000
    variants = TTFont(typeset.FONT)["MATH"].table.MathVariants
    upwards = dict(zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True))
    named = TTFont(typeset.FONT).getBestCmap()
    for sign in "()[]{}|‖√⌊⌋⌈⌉":
        assert upwards[named[ord(sign)]].GlyphAssembly, f"{sign} cannot grow without end"
    for sign in "∑∏∫⟨⟩":
        assert upwards[named[ord(sign)]].VariantCount > 1, f"{sign} has no larger form"


def test_the_font_has_what_course_maths_needs_and_the_list_beside_it_is_true() -> None:
    drawn = set(map(chr, TTFont(typeset.FONT).getBestCmap()))
    assert drawn == set(typeset.FONT.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n"))
    assert drawn >= set("0123456789abcxyzABCXYZ𝑊𝑥ℎ𝐖𝐱𝒙𝛼𝜃𝜕𝜽ΓΣ𝚺ℝ𝔼𝟙ℒ𝒩⊙∘×·⋅⊤∂∇∑∏√∞≤≥≠≈∈∝±−→‖|ˆ¯˜˙⃗′″‾_ȷ𝚥")


def test_the_font_keeps_its_licence() -> None:
    name = TTFont(typeset.FONT)["name"]
    assert "SIL Open Font License, Version 1.1" in name.getDebugName(13)
    assert name.getDebugName(1) == typeset.FAMILY  # an altered font must not go by the name of the original
    assert "SIL OPEN FONT LICENSE Version 1.1" in typeset.FONT.with_name("OFL.txt").read_text(encoding="utf-8")


def test_the_font_travels_inside_the_page_or_beside_it() -> None:
    inside = font_face()
    assert 'src:url("data:font/woff2;base64,d09GMg' in inside and "http" not in inside
    assert len(inside) < 60_500
    assert font_face("../assets/m.woff2") == (
        '@font-face{font-family:"Grader Maths";src:url("../assets/m.woff2") format("woff2")}'
    )


def drawn(browser: Any) -> tuple[dict[str, str], float]:
    """What a real browser drew with another font, and the height of a large brace."""
    formulas = "".join(f"<p>{maths(latex, display=True)}</p>" for latex in FORMULAS.values())
    page = browser.new_page()
    page.set_content(f"<style>{font_face()}{typeset.STYLE}</style>{formulas}")
    page.evaluate("document.fonts.ready")
    brace = page.locator("math").nth(list(FORMULAS).index("large brace")).locator("mo").first.bounding_box()
    devtools = page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        devtools.send(f"{domain}.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    foreign = {}
    for leaf in devtools.send("DOM.querySelectorAll", {"nodeId": root, "selector": "mi,mo,mn"})["nodeIds"]:
        for font in devtools.send("CSS.getPlatformFontsForNode", {"nodeId": leaf})["fonts"]:
            if not font["isCustomFont"]:
                html = devtools.send("DOM.getOuterHTML", {"nodeId": leaf})["outerHTML"]
                foreign[html] = font["familyName"]
    page.close()
    assert brace is not None
    return foreign, brace["height"]


@pytest.mark.browser
def test_a_browser_draws_everything_with_the_shipped_font_and_brackets_stretch(browser: Any) -> None:
    foreign, height_of_a_large_brace = drawn(browser)
    assert foreign == {}
    assert height_of_a_large_brace > 100
