"""The citizen's client (客户端) in Chromium: its first load, and how soon an answer is seen."""

from __future__ import annotations

from statistics import median

from playwright.async_api import Browser

from benchmarks.bench import Bench
from benchmarks.browser import SLOW_DOWN, Load, chromium, first_load, phone
from benchmarks.harness import CannotRunError, Row, benchmark, interleaved, row
from miniapp_api.client.wiring import BUILT

LOADS = 3  # a round
QUESTIONS = ("身份证丢了怎么办", "要带什么", "多少钱", "办护照去哪", "几天能下来")
BARE = (
    "<!doctype html><meta name=viewport content='width=device-width'><h1>沈办</h1><p>您要办什么事？"
)
# From the reply's last byte to the frame that shows what it says.
SEEN = """
() => {
  window.seen = [];
  const log = document.querySelector('[role=log]');
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
    const replies = performance.getEntriesByType('resource')
      .filter((e) => e.name.endsWith('/chat/messages'));
    if (replies.length > seen.length) seen.push(performance.now() - replies.at(-1).responseEnd);
  }))).observe(log, { childList: true, subtree: true });
}
"""


@benchmark("client")
async def client(bench: Bench) -> list[Row]:
    """Load the first page anew, and ask questions, on a phone whose processor is held back."""
    if not (BUILT / "index.html").is_file():
        raise CannotRunError("the client is not built: make client")
    async with bench.api() as api, chromium() as browser:
        base = f"http://127.0.0.1:{api.port}"
        await first_load(browser, base, "/")  # Chromium's own first start is not ours
        ours, floors = await interleaved(
            bench, lambda: _loads(browser, base, None), lambda: _loads(browser, base, BARE)
        )
        bench.step("asking")
        seen = await _answers(browser, base)
    return [
        _row("lcp", "ms", ours, floors, 2000),
        _row("fcp", "ms", ours, floors),
        _row("tbt", "ms", ours, floors, 200),
        _row("cls", "", ours, floors, 0.05),
        row(
            "client.bytes", "KB", [median(e.bytes for e in loads) / 1024 for loads in ours],
            at_most=250, detail="everything that the first page loads, as it comes over the wire",
        ),
        row("client.answer_seen", "ms", [median(seen)], at_most=150, detail=_told(seen)),
    ]  # fmt: skip


async def _loads(browser: Browser, base: str, html: str | None) -> list[Load]:
    return [await first_load(browser, base, "/", html) for _ in range(LOADS)]


async def _answers(browser: Browser, base: str) -> list[float]:
    """Ask in one conversation; milliseconds from each reply to the frame that shows it."""
    async with phone(browser, base) as page:
        await page.goto("/pages/assistant/index")
        await page.get_by_role("log").wait_for()
        await page.evaluate(SEEN)
        for number, question in enumerate(QUESTIONS, start=1):
            await page.get_by_role("textbox").fill(question)
            await page.get_by_role("textbox").press("Enter")
            await page.wait_for_function(f"() => window.seen.length >= {number}")
        seen: list[float] = await page.evaluate("() => window.seen")
    return seen


def _row(
    name: str,
    unit: str,
    ours: list[list[Load]],
    floors: list[list[Load]],
    most: float | None = None,
) -> Row:
    found, bare = ([median(getattr(e, name) for e in r) for r in side] for side in (ours, floors))
    detail = f"first page, empty cache, processor {SLOW_DOWN} times slower; the floor is bare HTML"
    return row(f"client.{name}", unit, found, bare, at_most=most, detail=detail)


def _told(seen: list[float]) -> str:
    return f"from the reply to its frame, {len(seen)} questions, at most {max(seen):.0f} ms"
