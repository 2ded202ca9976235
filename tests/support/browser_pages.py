"""Pages in a real browser: open them, and look for what nobody should meet."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

COLOUR_RULES = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
OTHER = {"light": "dark", "dark": "light"}
SCHEME = "matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'"


def open_page(browser: Any, address: str, width: int = 1280, scheme: str = "light") -> Any:
    """Open a page; ``asked`` has the addresses that it asks for, ``said`` what the browser complains of."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.asked, page.said = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.goto(address)
    page.evaluate("document.fonts.ready")
    return page


def assert_accessible(page: Any) -> None:
    """Assert that axe finds nothing in the colours of now."""
    _assert_no_violations(page, Axe().run(page))


def assert_other_colours_accessible(page: Any) -> None:
    """Assert that axe finds nothing in dark colours, or in light ones where they are dark; only two rules depend on that."""
    scheme = page.evaluate(SCHEME)
    page.emulate_media(color_scheme=OTHER[scheme])
    _assert_no_violations(page, Axe().run(page, options=COLOUR_RULES))
    page.emulate_media(color_scheme=scheme)


def _assert_no_violations(page: Any, found: Any) -> None:
    assert found.violations_count == 0, (page.url, page.evaluate(SCHEME), page.viewport_size, found.generate_report())


def assert_no_sideways_scrolling(page: Any, *widths: int) -> None:
    """Assert that a page fits on screens of these widths, in CSS pixels; it keeps the last one."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
