"""The hall live: who sits where, who waits for how long, and what a manager should see to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from miniapp_api.console.manager.live import problems_of
from miniapp_api.hall.schemas import QueueState
from miniapp_api.platform.database import fetch
from tests.miniapp_api.console.conftest import Desk, Page

LIVE = "/console/manager/live"
ITEM, QUEUE = "id-card-lost-replacement", "public-security"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def manager(desks: Any, staff: Any) -> Desk:
    desk: Desk = desks(await staff("hall_manager"))
    return desk


@pytest.fixture
async def clerk(staff: Any) -> Any:
    return await staff("clerk")


@pytest.fixture
async def window(app: Any, clerk: Any) -> str:
    """An open window of the queue."""
    number: str = app.ctx.guides.queue("municipal", QUEUE).windows[0]
    assert (await clerk.post(f"/hall/municipal/windows/{number}/open")).status == 200
    return number


async def _ticket(staff: Any) -> str:
    kiosk = await staff("kiosk")
    reply = await kiosk.post("/hall/municipal/tickets", {"item": ITEM}, key=uuid4().hex)
    assert reply.status == 201, reply.text
    number: str = reply.json["number"]
    return number


def _of(page: Page, window: str) -> str:
    """What the page says of a window."""
    cells = re.findall(r'<li class="at .*?</li>', page.html, flags=re.DOTALL)
    (cell,) = [each for each in cells if f"<strong>{window}</strong>" in each]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip()


def _next(page: Page) -> str:
    """Where the page asks for itself anew."""
    return page.html.partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")


def _worrying(page: Page) -> str:
    """What the page says of queues that a manager should see to."""
    return page.html.partition('aria-live="polite">')[2].partition("</ul>")[0]


async def test_every_window_stands_in_its_zone(manager: Desk) -> None:
    page = await manager.open(LIVE)
    assert page.html.count('<li class="at closed') == 163
    assert "一楼 A区 综合服务区" in page.words
    assert page.words.index("一楼 B区") < page.words.index("四楼 H区")


async def test_who_serves_whom_and_for_how_long_is_shown(
    manager: Desk, clerk: Any, window: str, staff: Any, clock: Any
) -> None:
    first, _ = await _ticket(staff), await _ticket(staff)
    await clerk.post(f"/hall/municipal/windows/{window}/next")
    clock.advance(timedelta(minutes=7))
    said = _of(await manager.open(LIVE), window)
    assert f"{window} 开着 市公安局 工作人员 {first} 叫了 7分钟 1人等，最久7分钟" in said
    await clerk.post(f"/hall/municipal/windows/{window}/start")
    await clerk.post(f"/hall/municipal/windows/{window}/pause")
    said = _of(await manager.open(LIVE), window)
    assert f"暂停 市公安局 工作人员 {first} 在办 0分钟" in said


async def test_a_refresh_is_empty_until_something_changes(
    manager: Desk, clerk: Any, window: str, staff: Any
) -> None:
    page = await manager.open(LIVE)
    same = await manager.open(_next(page), headers={"HX-Request": "true"})
    assert (same.status, same.html) == (204, "")
    number = await _ticket(staff)
    await clerk.post(f"/hall/municipal/windows/{window}/next")
    changed = await manager.open(_next(page), headers={"HX-Request": "true"})
    assert number in _of(changed, window)
    assert "<html" not in changed.html


async def test_who_waits_where_nobody_serves_is_found(
    manager: Desk, staff: Any, clerk: Any, window: str
) -> None:
    await _ticket(staff)
    unserved = {"problem": "unserved"}
    assert "没有这样的窗口" in (await manager.open(LIVE, params=unserved)).words
    await clerk.post(f"/hall/municipal/windows/{window}/pause")
    page = await manager.open(LIVE, params=unserved)
    assert "市公安局 有人等没人办 1人在等，最久0分钟，开着0个窗口" in page.words
    assert "市公安局" in _of(page, window)
    assert page.html.count('<li class="at ') == 8  # the queue's windows, and no other
    assert "problem=unserved" in _next(page)


async def test_who_waits_too_long_is_found(
    manager: Desk, staff: Any, window: str, clock: Any
) -> None:
    await _ticket(staff)
    long = {"problem": "long"}
    clock.advance(timedelta(minutes=29))
    assert "没有这样的窗口" in (await manager.open(LIVE, params=long)).words
    clock.advance(timedelta(minutes=1))
    page = await manager.open(LIVE, params=long)
    assert "等得太久 1人在等，最久30分钟" in page.words
    assert _of(page, window)


async def test_the_hall_is_read_with_a_few_queries_however_many_windows(
    manager: Desk, monkeypatch: pytest.MonkeyPatch, window: str
) -> None:
    from miniapp_api.hall import window_store

    asked: list[str] = []

    async def counted(sql: str, *values: Any, **options: Any) -> Any:
        asked.append(sql)
        return await fetch(sql, *values, **options)

    monkeypatch.setattr(window_store, "fetch", counted)
    await manager.open(LIVE)
    assert len(asked) == 2  # the windows, and the queues


async def test_a_script_in_a_clerks_name_is_shown_as_text(
    manager: Desk, window: str, api: Any
) -> None:
    await fetch("UPDATE staff_account SET name = $1", SCRIPT)
    page = await manager.open(LIVE)
    assert SCRIPT not in page.html
    assert "&lt;script&gt;" in page.html


async def test_an_unknown_problem_is_refused(manager: Desk) -> None:
    assert (await manager.open(LIVE, params={"problem": "none"})).status == 422


async def test_a_clerk_is_told_that_it_is_not_his(desks: Any, clerk: Any) -> None:
    assert (await desks(clerk).open(LIVE)).status == 403


@pytest.mark.parametrize(
    ("waiting", "longest", "windows", "found"),
    [
        (0, None, 0, []),
        (1, 0, 0, ["unserved"]),
        (1, 29, 1, []),
        (1, 30, 1, ["long"]),
        (9, 45, 0, ["unserved", "long"]),
    ],
)
def test_what_a_manager_should_see_to(
    waiting: int, longest: int | None, windows: int, found: list[str]
) -> None:
    queue = QueueState(queue="a", name="A", waiting=waiting, longest_minutes=longest, served=0)
    assert problems_of(queue, windows, 30) == found


async def test_a_closed_window_is_shown_and_serves_nobody(
    manager: Desk, staff: Any, window: str, close_window: Any
) -> None:
    await _ticket(staff)
    before = await manager.open(LIVE)
    assert "个窗口" not in _worrying(before)
    await close_window(window, "停电")
    page = await manager.open(_next(before))
    assert f"{window} 开着 停办 市公安局 停办到11月24日（周二） 12:00：停电" in _of(page, window)
    assert "停办1个" in page.words
    assert "市公安局" in _worrying(page)
    assert "有人等没人办" in _worrying(page)
    assert "开着0个窗口" in _worrying(page)
