"""The manager's figures: what happened in the hall stands in the charts, and in their tables."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from miniapp_api.platform.database import fetch
from tests.miniapp_api.applications.conftest import (
    Office,
    fresh_code,
    office,
    real_name,
    real_name_server,
    verified,
    wang,
)
from tests.miniapp_api.console.conftest import Desk, Page

__all__ = ["fresh_code", "office", "real_name", "real_name_server", "verified", "wang"]

FIGURES = "/console/manager/figures"
ITEM, QUEUE = "id-card-lost-replacement", "public-security"
TOMORROW = "2026-11-25"


@pytest.fixture(autouse=True)
def no_past(app: Any) -> None:
    """Forget the days of other tests: for the API they are over."""
    app.ctx.hall_figures.__init__(app.ctx.guides, app.ctx.clock)
    app.ctx.case_figures.__init__(app.ctx.guides, app.ctx.clock)


@pytest.fixture
async def manager(desks: Any, staff: Any) -> Desk:
    desk: Desk = desks(await staff("hall_manager"))
    return desk


def _table(page: Page, title: str) -> list[list[str]]:
    """The rows of a panel's table."""
    body = page.html.partition(f"<caption>{title}</caption>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body.partition("<tbody>")[2])
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def _chart(page: Page, title: str) -> Any:
    """What is drawn of a panel."""
    after = page.html.partition(f">{title}</h2>")[2]
    return json.loads(html.unescape(after.partition('data-chart="')[2].partition('"')[0]))


async def _ticket(kiosk: Any) -> None:
    reply = await kiosk.post("/hall/municipal/tickets", {"item": ITEM}, key=uuid4().hex)
    assert reply.status == 201, reply.text


async def test_arrivals_and_waits_are_counted(
    manager: Desk, staff: Any, app: Any, clock: Any
) -> None:
    kiosk, clerk = await staff("kiosk"), await staff("clerk")
    window = app.ctx.guides.queue("municipal", QUEUE).windows[0]
    await clerk.post(f"/hall/municipal/windows/{window}/open")
    await _ticket(kiosk)
    clock.advance(timedelta(minutes=65))  # from 08:30 to 09:35
    await _ticket(kiosk)
    await _ticket(kiosk)
    await clerk.post(f"/hall/municipal/windows/{window}/next")
    page = await manager.open(FIGURES)
    title = "今天每半小时来了多少人"
    assert _table(page, title) == [["08:30", "1", "0"], ["09:00", "0", "0"], ["09:30", "2", "0"]]
    chart = _chart(page, title)
    assert chart["labels"] == ["08:30", "09:00", "09:30"]
    assert [each["values"] for each in chart["series"]] == [[0, 0, 0], [1, 0, 2]]
    assert _table(page, "等了多久才叫到") == [["市公安局", "1", "65.0", "65.0"]]


async def test_half_and_nine_of_ten_waits_are_told_apart(manager: Desk, api: Any) -> None:
    await fetch(
        "INSERT INTO ticket (id, hall, queue, day, first_queue, sequence, number, kind, status,"
        " arrived_at, booked_for, due_at, called_at, calls, requeues, warned)"
        " SELECT gen_random_uuid(), 'municipal', $1, '2026-11-24', $1, n, n::text, 'walk_in',"
        " 'finished', t.at, CASE n WHEN 11 THEN t.at + interval '2 hours' END, t.at,"
        " t.at + n * interval '10 minutes', 1, 0, false"
        " FROM generate_series(1, 11) n, (VALUES ('2026-11-24 09:00+08'::timestamptz)) t(at)",
        QUEUE,
    )
    page = await manager.open(FIGURES)
    # 10 to 100 minutes, and 0 of who came two hours before his time and was called before it.
    assert _table(page, "等了多久才叫到") == [["市公安局", "11", "50.0", "90.0"]]
    assert "等得最久的是市公安局，十个人里九个不超过90.0分钟" in page.words


async def test_bookings_are_counted_by_channel_and_who_missed_them(
    manager: Desk, citizen: Any, log_in: Any, app: Any, clock: Any, staff: Any
) -> None:
    reply = await citizen.get(f"/appointments/slots?item={ITEM}&from={TOMORROW}&to={TOMORROW}")
    slot = reply.json["days"][0]["slots"][0]["id"]
    for who, channel in ((citizen, "mini_program"), (await log_in("13700000001"), "web_phone")):
        body = {"slot": slot, "item": ITEM, "channel": channel}
        held = await who.post("/appointments/holds", body, key=channel)
        await who.post(f"/appointments/{held.json['id']}/confirm")
    clock.set(clock.now().replace(day=25, hour=8, minute=55))
    kiosk = await staff("kiosk")
    body = {"phone": "13800138000"}
    assert (await kiosk.post("/hall/municipal/check-ins", body, key="k")).status == 201
    clock.advance(timedelta(hours=2))
    assert await app.ctx.visits.miss_no_shows() == 1
    page = await manager.open(FIGURES)
    assert _table(page, "预约从哪来")[-1] == ["11月25日", "1", "1", "0"]
    assert _table(page, "约了没来的")[-1] == ["11月25日", "1", "1", "50.0%"]
    assert _table(page, "约了没来的")[0] == ["11月19日", "0", "0", "—"]
    assert _chart(page, "约了没来的")["series"][0]["values"] == [None] * 6 + [50.0]


async def test_cases_are_counted_by_day_and_the_overdue_by_department(
    manager: Desk, office: Office, wang: Any, staff: Any, clock: Any, desks: Any
) -> None:
    case = (await office.submitted(wang))["id"]
    clerk = await staff("clerk", departments=(QUEUE,))
    path = f"/applications/desk/cases/{case}"
    claimed = await clerk.post(f"{path}/claim")
    assert claimed.status < 300, claimed.text
    for action in ("accept", "start_review", "propose", "grant"):
        version = (await clerk.get(f"{path}?purpose=handling")).json["version"]
        body = {"action": action, "version": version, "note": "齐全"}
        done = await clerk.post(f"{path}/actions", body)
        assert done.status == 200, done.text
    page = await manager.open(FIGURES)
    assert _table(page, "受理了多少，决定了多少")[-1] == ["11月24日", "1", "1"]
    other: Desk = desks(await staff("hall_manager", hall="district"))
    elsewhere = await other.open(FIGURES)
    assert _table(elsewhere, "受理了多少，决定了多少")[-1] == ["11月24日", "0", "0"]
    assert "没有超期的办件" in page.words
    await fetch("UPDATE application SET state = 'review', due_on = '2026-11-24'")
    assert "没有超期的办件" in (await manager.open(FIGURES)).words  # today is in time
    clock.advance(timedelta(days=1))
    page = await manager.open(FIGURES)
    assert _table(page, "现在超期的办件") == [["市公安局", "1"]]


async def test_judgements_of_answers_are_counted(manager: Desk, api: Any) -> None:
    for helpful in (True, True, False):
        conversation = uuid4().hex
        asked = {"text": "身份证丢了怎么办", "conversation": conversation}
        answered = await api.post("/chat/messages", asked)
        judged = {"message": answered.json["id"], "helpful": helpful}
        inside = {"X-Conversation": conversation}
        assert (await api.post("/chat/feedback", judged, headers=inside)).status == 204
    page = await manager.open(FIGURES)
    assert _table(page, "助手答得好不好（全市）")[-1] == ["11月24日", "2", "1"]
    assert "评了3次，2次说有帮助" in page.words


async def test_another_halls_days_are_not_counted(desks: Any, staff: Any) -> None:
    await _ticket(await staff("kiosk"))
    other: Desk = desks(await staff("hall_manager", hall="district"))
    assert _table(await other.open(FIGURES), "今天每半小时来了多少人") == []


async def test_the_period_is_chosen_within_reason(manager: Desk) -> None:
    page = await manager.open(FIGURES, params={"days": "30"})
    assert len(_table(page, "预约从哪来")) == 30
    assert len(_table(await manager.open(FIGURES, params={"days": "1"}), "预约从哪来")) == 1
    for days in ("0", "31", "many"):
        assert (await manager.open(FIGURES, params={"days": days})).status == 422


async def test_an_empty_hall_has_figures_all_the_same(manager: Desk) -> None:
    page = await manager.open(FIGURES)
    assert page.status == 200
    assert "还没有数据" in page.words or "一共来了0人" in page.words


async def test_a_clerk_and_an_editor_are_told_that_it_is_not_theirs(desks: Any, staff: Any) -> None:
    for role in ("clerk", "editor"):
        assert (await desks(await staff(role)).open(FIGURES)).status == 403
