"""Charts without a library: a histogram as inline SVG with title and description, and a stacked bar in HTML."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from grader.grading.statistics import Bin

WIDTH, HEIGHT, FOOT, HEAD = 640, 210, 26, 20


def label(each: Bin) -> str:
    """Say in words what a bin holds."""
    return f"{each.low:g}" if each.high is None else f"{each.low:g} to less than {each.high:g}"


def histogram(bins: Sequence[Bin]) -> Markup:
    """Return a histogram of totals; each bar has its count above and its lowest total below."""
    most = max([*(each.count for each in bins), 1])
    width = WIDTH / max(len(bins), 1)
    room = HEIGHT - HEAD - FOOT
    pieces = []
    for number, each in enumerate(bins):
        high, middle = room * each.count / most, (number + 0.5) * width
        bar = Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
        pieces.append(bar.format(number * width + 2, HEIGHT - FOOT - high, width - 4, high))
        if each.count:
            pieces.append(
                Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(middle, HEIGHT - FOOT - high - 5, each.count)
            )
        below = f"{each.low:g}" if each.high is None else f"{each.low:g}–"
        pieces.append(Markup('<text class="tick" x="{:.1f}" y="{}">{}</text>').format(middle, HEIGHT - 7, below))
    described = "; ".join(f"{label(each)} points: {each.count}" for each in bins)
    return Markup(
        '<svg class="histogram" viewBox="0 0 {} {}" role="img" aria-labelledby="h-title h-desc">'
        '<title id="h-title">Distribution of totals</title><desc id="h-desc">{}</desc>{}'
        '<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/></svg>'
    ).format(WIDTH, HEIGHT, described, Markup("").join(pieces), WIDTH, HEIGHT - FOOT, HEIGHT - FOOT)


def stacked_bar(counts: Sequence[tuple[str, int]], label: str) -> Markup:
    """Return one bar split by outcome, each segment with its pattern and its count.

    How wide a segment is stands in the two digits of its percentage, which ``class.css`` adds up: the service's policy allows no
    style in an attribute.
    """
    total = sum(count for _, count in counts)
    segments = Markup("").join(
        Markup('<span class="{}" data-tens="{}" data-ones="{}">{}</span>').format(
            name, *divmod(min(99, max(1, round(100 * count / total))), 10), count
        )
        for name, count in counts
        if count
    )
    described = ", ".join(f"{name}: {count}" for name, count in counts if count)
    return Markup('<div class="stacked" role="img" aria-label="{}: {}">{}</div>').format(label, described, segments)
