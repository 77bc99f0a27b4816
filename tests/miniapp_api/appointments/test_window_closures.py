"""Closing single windows: the share of the seats, who gives way, and opening them again."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from miniapp_api.platform.database import fetch
from tests.miniapp_api.appointments.test_schedules import (
    every_seat_is_accounted_for,  # noqa: F401 - a fixture that looks after every test
)

ITEM, QUEUE, WINDOWS = "labour-capacity-assessment", "hrss", ["038", "039", "040"]
DAY = "2026-11-25"
MANAGE = "/appointments/manage/municipal"
CLOSURES = f"{MANAGE}/closures"
TOTAL = """
SELECT to_char(s.starts_at AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') AS start,
       COALESCE(sum(a.capacity), 0)::int AS seats
FROM slot s LEFT JOIN allotment a ON a.slot_id = s.id
WHERE s.queue = $1 AND (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date = $2::date
GROUP BY s.id ORDER BY s.starts_at
"""
CHANNELS = ("mini_program", "web_phone")


def _closure(*windows: str, start: str = "09:00", end: str = "10:00", **more: Any) -> Any:
    span = {"starts_at": f"{DAY}T{start}:00+08:00", "ends_at": f"{DAY}T{end}:00+08:00"}
    return {"windows": list(windows), **span, "reason": "打印机坏了", **more}


async def _seats(day: str = DAY, queue: str = QUEUE) -> dict[str, int]:
    """How many seats each slot of the queue's day has, free or taken."""
    rows = await fetch(TOTAL, queue, date.fromisoformat(day))
    return {row["start"]: row["seats"] for row in rows}


async def _slots(api: Any, channel: str = "mini_program") -> list[dict[str, Any]]:
    query = f"item={ITEM}&from={DAY}&to={DAY}&channel={channel}"
    slots: list[dict[str, Any]] = (await api.get(f"/appointments/slots?{query}")).json["days"][0][
        "slots"
    ]
    return slots


@pytest.fixture
async def manager(staff: Any) -> Any:
    return await staff("hall_manager")


@pytest.fixture
async def first_slot(api: Any) -> str:
    """The slot at nine, with three seats."""
    slot = (await _slots(api))[0]
    assert slot["start"] == "09:00"
    return str(slot["id"])


@pytest.fixture
def books(log_in: Any, clock: Any, first_slot: str) -> Any:
    """Books the slot at nine for a person of his own, a minute after the one before."""

    async def books(n: int, channel: str = "mini_program", confirm: bool = True) -> Any:
        clock.advance(timedelta(minutes=1))
        person = await log_in(f"1370000{n:04d}")
        body = {"slot": first_slot, "item": ITEM, "channel": channel}
        held = await person.post("/appointments/holds", body, key="b")
        assert held.status == 201, held.text
        if confirm:
            await person.post(f"/appointments/{held.json['id']}/confirm")
        person.booking = held.json
        return person

    return books


async def _status(person: Any) -> str:
    (mine,) = (await person.get("/appointments/")).json["appointments"]
    return str(mine["status"])


async def test_a_closed_window_takes_its_share_of_the_free_seats(manager: Any) -> None:
    preview = (await manager.post(f"{CLOSURES}/preview", _closure("039"))).json
    assert (preview["slots"], preview["seats"], preview["displaced"]) == (2, 2, [])
    assert set((await _seats()).values()) == {3}  # nothing has changed
    closed = (await manager.post(CLOSURES, _closure("039"))).json
    assert {**closed, "id": None} == preview
    seats = await _seats()
    assert (seats.pop("09:00"), seats.pop("09:30")) == (2, 2)
    assert set(seats.values()) == {3}
    (listed,) = (await manager.get(CLOSURES)).json["closures"]
    assert (listed["queue"], listed["windows"]) == (QUEUE, ["039"])


async def test_the_last_to_book_give_way_are_told_and_may_move(
    manager: Any, books: Any, app: Any, clock: Any
) -> None:
    first, second = await books(1), await books(2)
    third = await books(3, "web_phone")
    asked = _closure("038", "040")
    preview = (await manager.post(f"{CLOSURES}/preview", asked)).json
    assert [each["id"] for each in preview["displaced"]] == [
        each.booking["id"] for each in sorted((second, third), key=lambda p: p.booking["id"])
    ]
    closed = (await manager.post(CLOSURES, asked)).json
    assert closed["displaced"] == preview["displaced"]
    assert [await _status(each) for each in (first, second, third)] == [
        "confirmed",
        "displaced",
        "displaced",
    ]
    assert (await _seats())["09:00"] == 1
    await app.ctx.messages.drain()
    told = (await third.get("/messages/")).json["messages"][0]
    assert told["kind"] == "booking_displaced"
    assert "打印机坏了" in told["text"]
    target = (await _slots(third, "web_phone"))[0]
    assert target["start"] == "10:00"  # the seat that is left at 09:30 is the mini-program's
    moved = await third.post(
        f"/appointments/{third.booking['id']}/reschedule", {"slot": target["id"]}, key="m"
    )
    assert moved.json["status"] == "confirmed"


async def test_a_hold_gives_way_before_a_booking(manager: Any, books: Any) -> None:
    holder = await books(1, confirm=False)
    booked, other = await books(2), await books(3, "web_phone")
    closed = (await manager.post(CLOSURES, _closure("038"))).json
    assert closed["displaced"] == []  # a hold is no booking, and is told by itself
    gone = await holder.post(f"/appointments/{holder.booking['id']}/confirm")
    assert gone.code == "not_allowed"
    assert [await _status(booked), await _status(other)] == ["confirmed", "confirmed"]


async def test_opening_gives_seats_and_times_back_to_the_first_who_booked(
    manager: Any, books: Any
) -> None:
    people = [await books(1), await books(2), await books(3, "web_phone")]
    one = (await manager.post(CLOSURES, _closure("038"))).json
    two = (await manager.post(CLOSURES, _closure("039"))).json
    assert [await _status(each) for each in people] == ["confirmed", "displaced", "displaced"]
    lifted = (await manager.post(f"{CLOSURES}/{one['id']}/lift")).json
    assert (lifted["slots"], lifted["restored"]) == (2, 1)
    assert [await _status(each) for each in people] == ["confirmed", "confirmed", "displaced"]
    assert (await manager.post(f"{CLOSURES}/{two['id']}/lift")).json["restored"] == 1
    assert set((await _seats()).values()) == {3}
    assert (await manager.post(f"{CLOSURES}/{two['id']}/lift")).code == "closure_not_found"


async def test_all_windows_of_a_queue_closed_leave_no_seat(
    manager: Any, books: Any, api: Any
) -> None:
    person = await books(1)
    closed = (await manager.post(CLOSURES, _closure(*WINDOWS))).json
    assert len(closed["displaced"]) == 1
    assert await _status(person) == "displaced"
    assert (await _seats())["09:00"] == 0
    assert (await _slots(api))[0]["start"] == "10:00"
    assert (await manager.post(f"{CLOSURES}/{closed['id']}/lift")).json["restored"] == 1
    assert await _status(person) == "confirmed"


async def test_a_pooled_slot_gets_its_seats_back_into_the_pool(
    manager: Any, app: Any, clock: Any, api: Any
) -> None:
    clock.set(clock.now().replace(hour=17, minute=0))
    await app.ctx.schedules.pool()
    closed = (await manager.post(CLOSURES, _closure("038"))).json
    assert [(await _slots(api, channel))[0]["remaining"] for channel in CHANNELS] == [2, 2]
    await manager.post(f"{CLOSURES}/{closed['id']}/lift")
    assert [(await _slots(api, channel))[0]["remaining"] for channel in CHANNELS] == [3, 3]


async def test_a_slot_that_has_begun_keeps_its_people_while_a_window_is_left(
    manager: Any, books: Any, clock: Any
) -> None:
    person, other = await books(1), await books(2)
    clock.set(clock.now().replace(day=25, hour=9, minute=5))
    await manager.post(CLOSURES, _closure("038", "039", start="09:05"))
    assert [await _status(each) for each in (person, other)] == ["confirmed", "confirmed"]
    await manager.post(CLOSURES, _closure("040", start="09:05"))
    assert [await _status(each) for each in (person, other)] == ["displaced", "displaced"]


async def test_days_that_are_opened_later_know_the_closures(
    manager: Any, app: Any, clock: Any
) -> None:
    later = "2026-12-23"
    span = {"starts_at": f"{later}T09:00:00+08:00", "ends_at": f"{later}T10:00:00+08:00"}
    await manager.post(CLOSURES, _closure("038") | span)
    await manager.post(CLOSURES, _closure() | span | {"windows": None, "queue": "notary"})
    assert await _seats(later) == {}
    clock.set(clock.now().replace(month=12, day=14))
    app.ctx.schedules._opened.clear()
    assert await app.ctx.schedules.open_slots() > 0
    seats = await _seats(later)
    assert (seats["09:00"], seats["09:30"], seats["10:00"]) == (2, 2, 3)
    closed = await fetch("SELECT id FROM slot WHERE queue = 'notary' AND closure_id IS NOT NULL")
    assert len(closed) == 2


async def test_a_new_plan_keeps_what_is_closed(manager: Any) -> None:
    closed = (await manager.post(CLOSURES, _closure("038"))).json
    plan = (await manager.get(f"{MANAGE}/plan")).json["plan"]
    for pattern in plan["patterns"]:
        pattern["seats_per_window"] = 2
    request = {"expected_version": 0, "plan": plan}
    assert (await manager.call("PUT", f"{MANAGE}/plan", json=request)).status == 200
    seats = await _seats()
    assert (seats["09:00"], seats["10:00"]) == (4, 6)
    await manager.post(f"{CLOSURES}/{closed['id']}/lift")
    assert set((await _seats()).values()) == {6}


async def test_a_queue_that_another_closure_covers_stays_closed(manager: Any, api: Any) -> None:
    whole = _closure() | {"windows": None, "queue": QUEUE}
    hall = (await manager.post(CLOSURES, whole | {"queue": None})).json
    await manager.post(CLOSURES, whole)
    window = (await manager.post(CLOSURES, _closure("038"))).json
    assert (await manager.post(f"{CLOSURES}/{hall['id']}/lift")).status == 200
    assert (await _slots(api))[0]["start"] == "10:00"
    assert (await _seats())["09:00"] == 2
    assert (await manager.post(f"{CLOSURES}/{window['id']}/lift")).json["slots"] == 2
    assert (await _slots(api))[0]["start"] == "10:00"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"windows": ["777"]}, "closure_invalid"),
        ({"windows": ["038", "001"]}, "closure_invalid"),  # of two queues
        ({"queue": "notary"}, "closure_invalid"),
        ({"windows": []}, "validation_failed"),
        ({"starts_at": "2026-11-23T09:00:00+08:00"}, "closure_in_past"),
    ],
)
async def test_an_impossible_closure_is_refused(
    manager: Any, changes: dict[str, Any], code: str
) -> None:
    for path in (f"{CLOSURES}/preview", CLOSURES):
        assert (await manager.post(path, _closure("038") | changes)).code == code
    assert await fetch("SELECT id FROM closure") == []


async def test_a_window_is_not_closed_twice_at_a_time(manager: Any) -> None:
    replies = await asyncio.gather(
        *(manager.post(CLOSURES, _closure("038", window)) for window in ("039", "040", "039"))
    )
    assert sorted(reply.status for reply in replies) == [200, 409, 409]
    assert (await manager.post(CLOSURES, _closure("038", start="10:00", end="11:00"))).status == 200


async def test_what_was_closed_stands_in_the_trail(manager: Any) -> None:
    closed = (await manager.post(CLOSURES, _closure("038"))).json
    await manager.post(f"{CLOSURES}/{closed['id']}/lift")
    lifted, made = (await manager.get("/staff/audit?limit=2")).json["entries"]
    assert (made["action"], made["detail"]["windows"]) == ("closure.made", ["038"])
    assert lifted["action"] == "closure.lifted"
    assert made["subject"] == lifted["subject"] == f"closure:{closed['id']}"


async def test_windows_closed_amid_holds_sell_no_seat_twice(
    manager: Any, log_in: Any, first_slot: str
) -> None:
    people = [await log_in(f"1370000{n:04d}") for n in range(6)]

    async def hold(n: int, person: Any) -> int:
        body = {"slot": first_slot, "item": ITEM, "channel": ("mini_program", "web_phone")[n % 2]}
        held = await person.post("/appointments/holds", body, key="h")
        if held.status == 201:
            await person.post(f"/appointments/{held.json['id']}/confirm")
        return int(held.status)

    closings = (manager.post(CLOSURES, _closure(window)) for window in ("038", "039"))
    replies = await asyncio.gather(*closings, *(hold(n, each) for n, each in enumerate(people)))
    assert [reply.status for reply in replies[:2]] == [200, 200]
    assert set(replies[2:]) <= {201, 409}
    (row,) = await fetch(
        "SELECT count(*) AS n FROM appointment WHERE status IN ('held', 'confirmed')"
    )
    assert row["n"] <= (await _seats())["09:00"] == 1


# -- at the window -------------------------------------------------------------------------------


async def test_a_closed_window_calls_nobody_and_finishes_what_it_has(
    manager: Any, staff: Any, clock: Any
) -> None:
    clock.set(clock.now().replace(hour=9, minute=0))
    clerk, kiosk = await staff("clerk"), await staff("kiosk")
    panel = "/hall/municipal/windows/038"
    await clerk.post(f"{panel}/open")
    for n in range(2):
        ticket = await kiosk.post("/hall/municipal/tickets", {"item": ITEM}, key=f"t{n}")
    await clerk.post(f"{panel}/next")
    await clerk.post(f"{panel}/start")
    now = {"starts_at": "2026-11-24T09:00:00+08:00", "ends_at": "2026-11-24T10:00:00+08:00"}
    closed = (await manager.post(CLOSURES, _closure("038") | now)).json
    refused = await clerk.post(f"{panel}/next")
    assert refused.code == "window_closed"
    assert "停办到11月24日 10:00（打印机坏了）" in refused.json["detail"]
    shown = (await clerk.get(panel)).json
    assert (shown["closed"]["reason"], shown["ticket"]["status"]) == ("打印机坏了", "serving")
    assert (await clerk.post(f"{panel}/finish")).json["status"] == "finished"
    overview = (await manager.get("/hall/municipal/overview")).json["windows"]
    assert [each["window"] for each in overview if each["closed"]] == ["038"]
    another = await kiosk.post("/hall/municipal/tickets", {"item": ITEM}, key="another")
    assert another.json["wait_minutes"] is None  # no window calls
    await manager.post(f"{CLOSURES}/{closed['id']}/lift")
    assert (await clerk.post(f"{panel}/next")).json["number"] == ticket.json["number"]


async def test_a_window_calls_again_when_its_time_is_over(
    manager: Any, staff: Any, clock: Any
) -> None:
    clerk = await staff("clerk")
    await clerk.post("/hall/municipal/windows/038/open")
    await manager.post(CLOSURES, _closure("038"))
    for hour, closed in ((8, False), (9, True), (10, False)):
        clock.set(clock.now().replace(day=25, hour=hour, minute=0))
        shown = (await clerk.get("/hall/municipal/windows/038")).json
        assert (shown["closed"] is not None) == closed, hour
