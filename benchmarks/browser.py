"""A Chromium that is held back like a phone, and what it measures of a page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from benchmarks.harness import CannotRunError
from miniapp_api.settings import ROOT

PHONE: ViewportSize = {"width": 390, "height": 844}
SLOW_DOWN = 4  # times slower than this machine's core: a middling phone
SETTLE_MS = 3_000
HTML = "text/html; charset=utf-8"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-sync", "--no-first-run"]
WATCH = """
window.measured = { fcp: 0, lcp: 0, cls: 0, tasks: [] };
new PerformanceObserver((list) => { for (const e of list.getEntries())
  if (e.name === 'first-contentful-paint') measured.fcp = e.startTime;
}).observe({ type: 'paint', buffered: true });
new PerformanceObserver((list) => { for (const e of list.getEntries()) measured.lcp = e.startTime;
}).observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver((list) => { for (const e of list.getEntries())
  if (!e.hadRecentInput) measured.cls += e.value;
}).observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver((list) => { for (const e of list.getEntries())
  measured.tasks.push([e.startTime, e.duration]);
}).observe({ type: 'longtask', buffered: true });
"""
# Blocking time as Lighthouse counts it: of each long task what is beyond 50 ms.
READ = """
() => ({ fcp: measured.fcp, lcp: measured.lcp, cls: measured.cls,
  tbt: measured.tasks.filter(([start, length]) => start + length > measured.fcp)
    .reduce((sum, [, length]) => sum + Math.max(0, length - 50), 0) })
"""


@dataclass(frozen=True)
class Load:
    """A page's first load; times in milliseconds, bytes as they came over the wire."""

    fcp: float
    lcp: float
    tbt: float
    cls: float
    bytes: float


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start the Chromium that scripts/find-chromium finds."""
    finding = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts" / "find-chromium"), stdout=asyncio.subprocess.PIPE
    )
    found, _ = await finding.communicate()
    if finding.returncode:
        raise CannotRunError("no Chromium: scripts/find-chromium says why")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found.decode().splitlines()[-1], args=FLAGS
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def phone(browser: Browser, base: str, *, slow: bool = True) -> AsyncIterator[Page]:
    """Open a phone with an empty cache whose processor is held back."""
    context = await browser.new_context(
        base_url=base, viewport=PHONE, device_scale_factor=2, is_mobile=True, locale="zh-CN"
    )
    page = await context.new_page()
    if slow:
        session = await context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
    yield page
    await context.close()


async def first_load(browser: Browser, base: str, path: str, html: str | None = None) -> Load:
    """Load a page once; with `html` that stands in for what the server would answer (the floor)."""
    async with phone(browser, base) as page:
        session = await page.context.new_cdp_session(page)
        sizes: list[float] = []
        session.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
        await session.send("Network.enable")
        if html is not None:
            await page.route("**/*", lambda route: route.fulfill(body=html, content_type=HTML))
        await page.add_init_script(WATCH)
        await page.goto(path)
        await page.get_by_role("heading").first.wait_for()
        await page.wait_for_timeout(SETTLE_MS)
        return Load(**await page.evaluate(READ), bytes=sum(sizes))
