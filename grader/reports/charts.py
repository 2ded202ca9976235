"""Charts as inline SVG with a title and a description: a histogram and one stacked bar."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT, FOOT, HEAD = 640, 200, 24, 18


def histogram(counts: Sequence[int], out_of: float) -> Markup:
    """Return a histogram of totals; each bar is labelled with its count, each edge with its points."""
    most = max([*counts, 1])
    width = WIDTH / max(len(counts), 1)
    edges = [out_of * number / len(counts) for number in range(len(counts) + 1)]
    bars = Markup("").join(
        Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            number * width + 2,
            HEAD + (HEIGHT - HEAD - FOOT) * (1 - count / most),
            width - 4,
            (HEIGHT - HEAD - FOOT) * count / most,
        )
        for number, count in enumerate(counts)
    )
    labels = Markup("").join(
        Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(
            (number + 0.5) * width, HEAD + (HEIGHT - HEAD - FOOT) * (1 - count / most) - 4, count
        )
        for number, count in enumerate(counts)
        if count
    )
    ticks = Markup("").join(
        Markup('<text class="tick" x="{:.1f}" y="{}">{:g}</text>').format(
            min(max(number * width, 8), WIDTH - 8), HEIGHT - 6, round(edge, 2)
        )
        for number, edge in enumerate(edges)
    )
    described = "; ".join(
        f"{a:g} to {b:g} points: {count}" for a, b, count in zip(edges, edges[1:], counts, strict=False)
    )
    return Markup(
        '<svg class="histogram" viewBox="0 0 {} {}" role="img" aria-labelledby="h-title h-desc">'
        '<title id="h-title">Distribution of totals</title><desc id="h-desc">{}</desc>{}{}{}'
        '<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/></svg>'
    ).format(WIDTH, HEIGHT, described, bars, labels, ticks, WIDTH, HEIGHT - FOOT, HEIGHT - FOOT)


def stacked(shares: Sequence[tuple[str, int]], label: str) -> Markup:
    """Return one bar split by outcome; each piece has a class, a pattern of its own in print, and its count if it fits."""
    total = sum(count for _, count in shares) or 1
    at, pieces = 0.0, []
    for name, count in shares:
        width = WIDTH * count / total
        if count:
            pieces.append(
                Markup('<rect class="{}" x="{:.1f}" y="0" width="{:.1f}" height="26"/>').format(
                    name, at, width
                )
            )
            if width > 22:
                pieces.append(
                    Markup('<text class="on" x="{:.1f}" y="18">{}</text>').format(at + width / 2, count)
                )
        at += width
    described = ", ".join(f"{name}: {count}" for name, count in shares if count)
    return Markup(
        '<svg class="stacked" viewBox="0 0 {} 26" preserveAspectRatio="none" role="img" aria-label="{}: {}">{}</svg>'
    ).format(WIDTH, label, described, Markup("").join(pieces))
