"""A real Chromium as citizens and staff hold it, and what every page has to bear."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, Page, expect

from miniapp_api.settings import ROOT

AXE = ROOT / "miniapp" / "node_modules" / "axe-core" / "axe.min.js"
IMAGES = ROOT / "docs" / "images"
# What WCAG A and AA ask, and the conventions that axe knows beside them.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE_MS = 45_000  # what a page may take on a machine that has other things to do
expect.set_options(timeout=PATIENCE_MS)
NORMAL, ELDER = 44, 60  # the smallest target, in CSS pixels, of each view
# How a citizen looks at the pages, as options of `phone()`.
IN_EACH_VIEW = pytest.mark.parametrize(
    "view", [{}, {"elder": True}, {"desktop": True}], ids=["phone", "elder", "desktop"]
)
# A link within a running text may be of any height; what is hidden has none.
SIZES = """
() => [...document.querySelectorAll('button, a[href], input, select, textarea, [role=button]')]
  .filter((e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .filter((e) => getComputedStyle(e).display !== 'inline' && !e.closest('p'))
  .map((e) => (e.matches('[type=radio], [type=checkbox]') && e.closest('label')) || e)
  .map((e) => ({ box: e.getBoundingClientRect(), words: e.innerText || e.ariaLabel || e.tagName }))
  .filter(({ box }) => box.width > 1 && box.height > 1 && box.bottom > 0)
  .map(({ box, words }) => [words.trim().slice(0, 40), box.width, box.height])
"""


@dataclass
class Heard:
    """What a browser said that nobody should have to hear."""

    home: str
    faults: list[str] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)  # where a test means to go: a cashier
    # Refusals that a test provokes are logged by Chromium as failed loads.
    expected: tuple[str, ...] = (
        "Failed to load resource: the server responded with a status of 4",
    )

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", lambda line: self._console(line.type, line.text))
        page.on("request", lambda request: self._request(request.url))

    def _console(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith(self.expected):
            self.faults.append(f"console: {text}")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.netloc not in {self.home, *self.elsewhere}:
            self.faults.append(f"a request left the house: {url}")


async def listening(context: BrowserContext, heard: Heard) -> Page:
    """Open a page of a context whose faults are heard."""
    page = await context.new_page()
    heard.listen(page)
    return page


async def press(page: Page, key: str) -> None:
    """Press a key once the page listens: one that is loaded anew shows its words before."""
    await page.wait_for_load_state()
    await page.keyboard.press(key)


async def assert_accessible(page: Page, *, without: Sequence[str] = ()) -> None:
    """Assert that axe-core finds no violation on the page as it stands; `without` names rules."""
    if not await page.evaluate("() => 'axe' in window"):
        # By evaluation and not by a script element: the pages' policy allows none of others.
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {
        "runOnly": {"type": "tag", "values": RULES},
        "rules": {rule: {"enabled": False} for rule in without},
        "resultTypes": ["violations"],
    }
    found = await page.evaluate("(options) => axe.run(document, options)", options)
    assert [_told(violation) for violation in found["violations"]] == []


async def assert_targets(page: Page, *, elder: bool = False) -> None:
    """Assert that what can be tapped is large enough for the view (44, in the elder view 60)."""
    smallest = ELDER if elder else NORMAL
    sizes: list[Any] = await page.evaluate(SIZES)
    assert sizes, "nothing can be tapped here"
    small = [s for s in sizes if min(s[1], s[2]) < smallest - 0.5]
    assert small == []


async def assert_usable(page: Page, *, elder: bool = False) -> None:
    """Assert that a page is accessible, its targets large enough, and nothing off its side."""
    await assert_accessible(page)
    await assert_targets(page, elder=elder)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def keep_picture(page: Page, name: str, *, full: bool = False) -> None:
    """Keep a screenshot as docs/images/NAME.png, when PICTURES=1 asks for new ones."""
    if os.environ.get("PICTURES"):
        await page.screenshot(path=IMAGES / f"{name}.png", full_page=full)


def _told(violation: dict[str, Any]) -> str:
    where = [node["html"][:160] + " → " + _why(node) for node in violation["nodes"][:3]]
    return f"{violation['id']}: {violation['help']}: {json.dumps(where, ensure_ascii=False)}"


def _why(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return "; ".join(check["message"] for check in checks)[:200]
