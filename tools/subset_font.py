"""Cut the maths font of the pages out of STIX Two Math (a development tool; needs ``fonttools[woff]``).

    python tools/subset_font.py STIXTwoMath-Regular.ttf grader/reports/rendering/fonts/grader-maths.woff2

Same input, same bytes. ``docs/decisions/0003-maths-in-pages.md`` says why each cut was made.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Grader Maths"
LARGEST_WITH_PARTS = 2400
"""Above this many thousandths of an em a fence that has an assembly is built from its parts."""
BRACES, BRACE_SIZES = {"braceleft", "braceright"}, {0, 1, 2, 3, 5, 7, 9, 12}
"""The parts of a brace are long, so ready-made sizes reach further up; these places of the list are kept."""
ANGLES, ANGLE_SIZES = {"uni27E8", "uni27E9"}, set(range(7))
"""Angle brackets have no parts: seven sizes, to 2.4 em."""
PARTS_ONLY = {"uni23DE", "uni23DF"}
"""Horizontal braces are always built from their parts."""
NEVER_STRETCHED = {
    "slash",
    "backslash",
    "uni0303",
    "uni0305",
    "uni030C",
    "uni20D7",
    "uni23B4",
    "uni23B5",
}
"""Glyphs whose larger forms no page asks for."""


def span(first: int, last: int) -> set[int]:
    """Every code point from ``first`` to ``last``."""
    return set(range(first, last + 1))


CAPITALS = (2, 3, 7, 10, 13, 15, 18, 20, 21, 23, 24)
"""Places in an alphabet of 25 Greek capitals (with the variant theta) that do not look Latin: ΓΔΘΛΞΠΣΥΦΨΩ."""


def capitals(alpha: int) -> set[int]:
    """The Greek capitals worth having from the mathematical alphabet that begins at ``alpha``."""
    return {alpha + place for place in CAPITALS}


def smalls(alpha: int) -> set[int]:
    """The small Greek letters and their variant forms from the alphabet whose capitals begin at ``alpha``."""
    return span(alpha + 26, alpha + 50) | span(alpha + 52, alpha + 57)


LETTERS = (
    span(0x1D400, 0x1D433)  # bold: matrices and vectors
    | span(0x1D434, 0x1D467) - {0x1D455}
    | {0x210E}  # italic, which <mi>x</mi> is shown in; its h lives elsewhere
    | span(0x1D468, 0x1D49B)  # bold italic
    | set(map(ord, "ΓΔΘΛΞΠΣΥΦΨΩ"))
    | capitals(0x1D6A8)  # bold
    | capitals(0x1D6E2)
    | smalls(0x1D6E2)  # italic
    | smalls(0x1D71C)  # bold italic
    | span(0x1D7CE, 0x1D7D7)  # bold digits
    | set(map(ord, "𝒜ℬ𝒞𝒟ℰℱ𝒢ℋℐ𝒦ℒℳ𝒩𝒪𝒫ℛ𝒮𝒯𝒰𝒱𝒲𝒳𝒴𝒵ℓ"))
    | set(map(ord, "ℂ𝔻𝔼𝔽𝕀ℕℙℚℝ𝕊ℤ𝟙𝖳ıȷ𝚤𝚥𝜕ℜℑℏħ"))
)
SIGNS = set(map(ord, "+−×÷⋅·∘∗⋆⊙⊗⊕⊖⊘±∓∂∇∑∏∫√∞=≠≈≡∼≃≅≤≥≪≫≺≻∝∈∉∋⊂⊆∪∩∅∖∀∃¬∧∨⊤⊥⟂⊺⊢†∙•°≔≜≐"))
ARROWS = set(map(ord, "←→↑↓↔↦⇐⇒⇔⟵⟶⟸⟹⟺"))
FENCES = set(map(ord, "()[]{}|‖∣∥⟨⟩⌈⌉⌊⌋/\\"))
ACCENTS = set(map(ord, "ˆ˜¯‾˙¨´`˘˚ˇ⏞⏟\u0302\u0332\u20d7"))
MARKS = set(map(ord, "′″‴‵…⋯⋮⋱□■△"))
SPACES = {0x00A0, 0x2061, 0x2062, 0x2063, 0x2064}
CHARACTERS = span(0x20, 0x7E) | LETTERS | SIGNS | ARROWS | FENCES | ACCENTS | MARKS | SPACES


def keep_sizes(glyph: str, construction: Any) -> None:
    """Drop the ready-made sizes of one glyph that its parts or the pages make unnecessary."""
    sizes = construction.MathGlyphVariantRecord
    if glyph in NEVER_STRETCHED:
        sizes, construction.GlyphAssembly = [], None
    elif glyph in PARTS_ONLY:
        sizes = []
    elif glyph in BRACES | ANGLES:
        kept = BRACE_SIZES if glyph in BRACES else ANGLE_SIZES
        sizes = [size for place, size in enumerate(sizes) if place in kept]
    elif construction.GlyphAssembly:
        sizes = [size for size in sizes if size.AdvanceMeasurement <= LARGEST_WITH_PARTS]
    construction.MathGlyphVariantRecord = sizes
    construction.VariantCount = len(sizes)


def slim(font: TTFont) -> None:
    """Take out of the MATH table what browsers do not read or the pages do not need.

    A browser makes a stretched fence as wide as the widest of its sizes, so fewer sizes also sit closer.
    """
    maths = font["MATH"].table
    maths.MathGlyphInfo.MathKernInfo = None
    variants = maths.MathVariants
    for coverage, constructions in (
        (variants.VertGlyphCoverage, variants.VertGlyphConstruction),
        (variants.HorizGlyphCoverage, variants.HorizGlyphConstruction),
    ):
        for glyph, construction in zip(coverage.glyphs, constructions, strict=True):
            keep_sizes(glyph, construction)


def rename(font: TTFont) -> None:
    """Give the cut font a name of its own; copyright and licence stay."""
    for record in list(font["name"].names):
        if record.nameID in (1, 3, 4, 6, 16):
            text = FAMILY.replace(" ", "") if record.nameID == 6 else FAMILY
            font["name"].setName(text, record.nameID, record.platformID, record.platEncID, record.langID)


def cut(source: Path, target: Path) -> None:
    """Write the subset of ``source`` to ``target`` as WOFF2, and its characters to a text file beside it."""
    options = Options()
    options.hinting, options.layout_features, options.flavor = False, ["dtls"], "woff2"
    options.name_IDs, options.drop_tables = (
        [0, 1, 2, 3, 4, 5, 6, 13, 14],
        [*options.drop_tables, "DSIG", "GPOS"],
    )
    font = TTFont(source, recalcTimestamp=False)
    slim(font)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    rename(font)
    characters = "".join(map(chr, sorted(font.getBestCmap())))
    target.with_suffix(".txt").write_text(characters + "\n", encoding="utf-8")
    font.flavor = "woff2"
    font.save(target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Cut the maths font of the pages out of STIX Two Math.")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    cut(arguments.source, arguments.target)
    print(f"{arguments.target}: {arguments.target.stat().st_size:,} bytes")
