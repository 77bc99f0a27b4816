"""A clerk works his window from the console."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

ITEM = "id-card-lost-replacement"


@pytest.fixture
async def kiosk(staff: Any) -> Any:
    return await staff("kiosk")


@pytest.fixture
async def number(app: Any) -> str:
    """A window whose queue serves the item."""
    windows = app.ctx.guides.windows("municipal")
    return next(w.number for w in windows if w.queue == "public-security")


async def _ticket(kiosk: Any) -> str:
    reply = await kiosk.post("/hall/municipal/tickets", {"item": ITEM}, key=uuid4().hex)
    assert reply.status == 201, reply.text
    number: str = reply.json["number"]
    return number


@pytest.fixture
async def at_window(desks: Any, staff: Any, number: str) -> Any:
    """A clerk's browser, and the page of the window that he opened."""
    desk = desks(await staff("clerk"))
    page = await desk.submit(await desk.open("/console/windows"), "/windows", number=number)
    assert page.url == f"/console/windows/{number}"
    return desk, page


async def test_a_clerk_calls_serves_and_finishes(at_window: Any, kiosk: Any) -> None:
    desk, page = at_window
    first, second = await _ticket(kiosk), await _ticket(kiosk)
    page = await desk.submit(page, "/next")
    assert first in page.words
    assert "已叫号" in page.words
    assert "08:30到" in page.words  # the hall's time
    page = await desk.submit(page, "/start")
    assert "办理中" in page.words
    page = await desk.submit(page, "/next")  # finishes the one that is served
    assert second in page.words
    page = await desk.submit(await desk.submit(page, "/start"), "/finish")
    assert "手上没有号" in page.words
    assert "办了 2 人" in page.words


async def test_nobody_waiting_is_said_and_the_panel_stays(at_window: Any) -> None:
    desk, page = at_window
    refused = await desk.submit(page, "/next")
    assert refused.status == 404
    assert "现在没有人等候" in refused.words
    assert "手上没有号" in (await desk.open(page.url)).words


async def test_a_closed_window_says_why_and_has_no_next(
    at_window: Any, kiosk: Any, number: str, close_window: Any
) -> None:
    desk, page = at_window
    await _ticket(kiosk)
    await close_window(number, "打印机<坏>了")
    refused = await desk.submit(page, "/next")
    assert refused.status == 409
    assert "停办到11月24日 12:00" in refused.words
    panel = await desk.open(page.url)
    assert "这个窗口停办到11月24日（周二） 12:00：打印机&lt;坏&gt;了" in panel.words
    assert f'action="/console/windows/{number}/next"' not in panel.html
    assert f'action="/console/windows/{number}/pause"' in panel.html


async def test_a_ticket_is_put_aside_and_taken_up_again(at_window: Any, kiosk: Any) -> None:
    desk, page = at_window
    number = await _ticket(kiosk)
    page = await desk.submit(await desk.submit(page, "/next"), "/start")
    page = await desk.submit(page, "/hold")
    assert "手上没有号" in page.words
    assert number in page.words
    take = page.html.partition("/take/")[2].partition('"')[0]
    page = await desk.submit(page, f"/take/{take}")
    assert "办理中" in page.words


async def test_a_ticket_is_transferred_to_another_queue(at_window: Any, kiosk: Any) -> None:
    desk, page = at_window
    await _ticket(kiosk)
    page = await desk.submit(page, "/next")
    other = page.html.partition('<option value="')[2].partition('"')[0]
    page = await desk.submit(page, "/transfer", queue=other)
    assert page.status == 200, page.words
    assert "手上没有号" in page.words


async def test_a_paused_window_calls_nobody(at_window: Any) -> None:
    desk, page = at_window
    page = await desk.submit(page, "/pause")
    assert "叫下一个" not in page.words
    page = await desk.submit(page, "/resume")
    assert "叫下一个" in page.words


async def test_who_is_at_a_window_comes_back_to_it_and_leaves_it(at_window: Any) -> None:
    desk, page = at_window
    again = await desk.open("/console/windows")
    assert again.url == page.url
    left = await desk.submit(page, "/close")
    assert left.url == "/console/windows"
    assert "离岗了" in left.words


async def test_a_window_that_is_taken_is_refused(
    at_window: Any, desks: Any, staff: Any, number: str
) -> None:
    other = desks(await staff("clerk"))
    page = await other.submit(await other.open("/console/windows"), "/windows", number=number)
    assert page.status == 409
    assert (await other.open(f"/console/windows/{number}")).url == "/console/windows"


async def test_a_step_that_does_not_exist_is_refused(at_window: Any) -> None:
    desk, page = at_window
    fields = page.form("/next").fields
    reply = await desk.post(page.url + "/explode", fields)
    assert reply.status == 404
