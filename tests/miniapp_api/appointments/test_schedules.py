"""The hall manager's plan and closures through the real routes; channels, release and pooling."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from miniapp_api.platform.database import fetch

ITEM = "id-card-lost-replacement"
QUEUE = "public-security"
DAY = "2026-11-25"
MANAGE = "/appointments/manage/municipal"
CLOSURE = {
    "starts_at": f"{DAY}T09:00:00+08:00",
    "ends_at": f"{DAY}T12:00:00+08:00",
    "reason": "设备检修",
}


async def _slots(api: Any, day: str = DAY, channel: str = "mini_program") -> list[dict[str, Any]]:
    query = f"item={ITEM}&from={day}&to={day}&channel={channel}"
    reply = await api.get(f"/appointments/slots?{query}")
    assert reply.status == 200, reply.text
    slots: list[dict[str, Any]] = reply.json["days"][0]["slots"]
    return slots


async def _book(citizen: Any, slot: str, key: str = "b", item: str = ITEM) -> dict[str, Any]:
    held = await citizen.post("/appointments/holds", {"slot": slot, "item": item}, key=key)
    assert held.status == 201, held.text
    return (await citizen.post(f"/appointments/{held.json['id']}/confirm")).json


@pytest.fixture
async def manager(staff: Any) -> Any:
    return await staff("hall_manager")


async def _plan(manager: Any) -> dict[str, Any]:
    return (await manager.get(f"{MANAGE}/plan")).json


@pytest.fixture(autouse=True)
async def every_seat_is_accounted_for(api: Any) -> Any:
    yield
    rows = await fetch(
        "SELECT a.id FROM allotment a LEFT JOIN seat s ON s.allotment_id = a.id "
        "GROUP BY a.id HAVING count(s.id) + a.remaining <> a.capacity"
    )
    assert rows == []
    unseated = await fetch(
        "SELECT a.id FROM appointment a LEFT JOIN seat s ON s.appointment_id = a.id "
        "WHERE a.status IN ('held', 'confirmed') GROUP BY a.id HAVING count(s.id) = 0"
    )
    assert unseated == []


# -- channels, release, pooling ------------------------------------------------------------------


async def test_every_channel_has_its_own_seats(api: Any, log_in: Any) -> None:
    mini, phone = [(await _slots(api, channel=c))[0] for c in ("mini_program", "web_phone")]
    assert mini["id"] == phone["id"]
    for n in range(mini["remaining"]):
        await _book(await log_in(f"1370000{n:04d}"), mini["id"])
    late = await log_in("13600000000")
    body = {"slot": mini["id"], "item": ITEM}
    assert (await late.post("/appointments/holds", body, key="a")).code == "slot_full"
    by_phone = {**body, "channel": "web_phone"}
    assert (await late.post("/appointments/holds", by_phone, key="b")).status == 201


async def test_what_is_left_becomes_common_the_evening_before(
    api: Any, app: Any, clock: Any, log_in: Any
) -> None:
    before = {c: (await _slots(api, channel=c))[0] for c in ("mini_program", "web_phone")}
    holder = await log_in("13700000000")
    booked = await _book(holder, before["mini_program"]["id"])
    clock.set(clock.now().replace(hour=17, minute=0))
    assert await app.ctx.schedules.pool() > 0
    assert await app.ctx.schedules.pool() == 0
    after = {c: (await _slots(api, channel=c))[0] for c in ("mini_program", "web_phone")}
    assert after["mini_program"]["remaining"] == after["web_phone"]["remaining"]
    (sums,) = await fetch(
        "SELECT sum(capacity)::int c FROM allotment WHERE slot_id = $1",
        int(before["mini_program"]["id"]),
    )
    assert after["mini_program"]["remaining"] == sums["c"] - 1
    await holder.post(f"/appointments/{booked['id']}/cancel")
    assert (await _slots(api))[0]["remaining"] == sums["c"]


async def test_a_day_is_released_at_eight_in_the_morning(
    api: Any, app: Any, clock: Any, citizen: Any
) -> None:
    released, next_ = "2026-12-08", "2026-12-09"  # ten working days ahead, and eleven
    assert await _slots(api, released)
    assert await _slots(api, next_) == []
    (row,) = await fetch(
        "SELECT id FROM slot WHERE queue = $1 AND starts_at = '2026-12-09 09:00+08'", QUEUE
    )
    body = {"slot": str(row["id"]), "item": ITEM}
    clock.set(clock.now().replace(day=25, hour=7, minute=59))
    early = await citizen.post("/appointments/holds", body, key="a")
    assert early.code == "beyond_horizon"
    clock.advance(timedelta(minutes=1))
    assert (await _slots(api, next_))[0]["id"] == str(row["id"])
    assert (await citizen.post("/appointments/holds", body, key="b")).status == 201


async def test_opening_slots_again_opens_nothing(app: Any, api: Any) -> None:
    app.ctx.schedules._opened.clear()
    assert await app.ctx.schedules.open_slots() == 0


async def test_the_crowds_of_the_days_are_shown(api: Any, citizen: Any) -> None:
    await _book(citizen, (await _slots(api))[0]["id"])
    days = (await api.get(f"/appointments/crowds?item={ITEM}")).json["days"]
    first = next(day for day in days if day["date"] == DAY)
    assert (first["taken"], first["level"], first["open"]) == (1, "quiet", True)


# -- the plan ------------------------------------------------------------------------------------


async def test_the_handbooks_plan_is_in_force_until_it_is_changed(manager: Any) -> None:
    plan = await _plan(manager)
    assert plan["version"] == 0
    assert plan["plan"]["rules"]["hold_minutes"] == 10
    assert len(plan["plan"]["patterns"]) == 5


async def test_a_plan_is_previewed_and_put_in_force_and_the_booked_are_told(
    manager: Any, citizen: Any, log_in: Any, app: Any
) -> None:
    slots = await _slots(citizen)
    morning, afternoon = slots[0], slots[-1]
    kept = await _book(citizen, morning["id"])
    other = await log_in("13700000001")
    lost = await _book(other, afternoon["id"])
    plan = (await _plan(manager))["plan"]
    for pattern in plan["patterns"]:
        pattern["openings"] = [["09:00", "11:30"]]  # mornings only
    request = {"expected_version": 0, "plan": plan}
    preview = (await manager.post(f"{MANAGE}/plan/preview", request)).json
    assert [each["id"] for each in preview["displaced"]] == [lost["id"]]
    assert (await _slots(citizen))[-1]["start"] == afternoon["start"]  # nothing has changed

    applied = await manager.call("PUT", f"{MANAGE}/plan", json=request)
    assert applied.status == 200, applied.text
    assert applied.json["displaced"] == preview["displaced"]
    assert max(slot["start"] for slot in await _slots(citizen)) == "11:00"
    (mine,) = (await other.get("/appointments/")).json["appointments"]
    assert mine["status"] == "displaced"
    (own,) = (await citizen.get("/appointments/")).json["appointments"]
    assert own == kept
    await app.ctx.messages.drain()
    told = (await other.get("/messages/")).json["messages"]
    assert told[0]["kind"] == "booking_displaced"
    moved = await other.post(
        f"/appointments/{lost['id']}/reschedule",
        {"slot": (await _slots(citizen))[1]["id"]},
        key="m",
    )
    assert moved.json["status"] == "confirmed"
    stale = await manager.call("PUT", f"{MANAGE}/plan", json=request)
    assert stale.code == "plan_changed"
    entries = (await manager.get("/staff/audit?limit=5")).json["entries"]
    assert entries[0]["action"] == "plan.changed"
    assert entries[0]["detail"]["displaced"] == 1


async def test_fewer_seats_never_take_one_from_a_booking(
    manager: Any, log_in: Any, api: Any
) -> None:
    slot = (await _slots(api))[0]
    people = [await log_in(f"1370000{n:04d}") for n in range(3)]
    for person in people:
        await _book(person, slot["id"])
    plan = (await _plan(manager))["plan"]
    for pattern in plan["patterns"]:
        pattern["seats_per_window"] = 0
    reply = await manager.call("PUT", f"{MANAGE}/plan", json={"expected_version": 0, "plan": plan})
    assert reply.json["displaced"] == [] or reply.json["slots_removed"]
    (row,) = await fetch(
        "SELECT count(*) n FROM appointment WHERE status IN ('confirmed', 'displaced')"
    )
    assert row["n"] == 3
    assert await _slots(api) == []


async def test_more_seats_are_added_and_rules_change_at_once(
    manager: Any, api: Any, citizen: Any
) -> None:
    before = (await _slots(api))[0]["remaining"]
    plan = (await _plan(manager))["plan"]
    for pattern in plan["patterns"]:
        pattern["seats_per_window"] = 10
    plan["rules"]["hold_minutes"] = 5
    await manager.call("PUT", f"{MANAGE}/plan", json={"expected_version": 0, "plan": plan})
    slots = await _slots(api)
    assert slots[0]["remaining"] > before
    body = {"slot": slots[0]["id"], "item": ITEM}
    held = await citizen.post("/appointments/holds", body, key="h")
    assert held.json["expires_at"].startswith("2026-11-24T08:35")


@pytest.mark.parametrize("role", ["clerk", "auditor", "queue_manager", "kiosk"])
async def test_only_the_hall_manager_changes_the_plan(staff: Any, manager: Any, role: str) -> None:
    other = await staff(role)
    request = {"expected_version": 0, "plan": (await _plan(manager))["plan"]}
    assert (await other.call("PUT", f"{MANAGE}/plan", json=request)).code == "forbidden"
    stranger = await staff("hall_manager", hall="elsewhere")
    assert (await stranger.call("PUT", f"{MANAGE}/plan", json=request)).code == "forbidden"


async def test_an_impossible_plan_changes_nothing(manager: Any, api: Any) -> None:
    plan = (await _plan(manager))["plan"]
    plan["patterns"].append(plan["patterns"][0])
    before = await _slots(api)
    reply = await manager.call("PUT", f"{MANAGE}/plan", json={"expected_version": 0, "plan": plan})
    assert reply.code == "plan_invalid"
    assert reply.json["faults"][0]["field"] == "patterns.5"
    assert (await _plan(manager))["version"] == 0
    assert await _slots(api) == before


async def test_a_plan_changed_amid_thirty_holds_leaves_nobody_without_a_seat(
    manager: Any, log_in: Any, api: Any
) -> None:
    slots = await _slots(api)
    people = [await log_in(f"1370000{n:04d}") for n in range(30)]
    plan = (await _plan(manager))["plan"]
    for pattern in plan["patterns"]:
        pattern["openings"] = [["09:00", "10:30"]]

    async def hold(n: int, person: Any) -> Any:
        body = {"slot": slots[n % len(slots)]["id"], "item": ITEM}
        held = await person.post("/appointments/holds", body, key="h")
        if held.status == 201:
            await person.post(f"/appointments/{held.json['id']}/confirm")
        return held.status

    statuses = await asyncio.gather(
        manager.call("PUT", f"{MANAGE}/plan", json={"expected_version": 0, "plan": plan}),
        *(hold(n, person) for n, person in enumerate(people)),
    )
    assert statuses[0].status == 200, statuses[0].text
    assert set(statuses[1:]) <= {201, 409, 404}


# -- closures ------------------------------------------------------------------------------------


async def test_a_closure_displaces_tells_and_gives_the_time_back_when_lifted(
    manager: Any, citizen: Any, log_in: Any, app: Any
) -> None:
    slots = await _slots(citizen)
    booked = await _book(citizen, slots[0]["id"])
    holder = await log_in("13700000001")
    body = {"slot": slots[1]["id"], "item": ITEM}
    held = await holder.post("/appointments/holds", body, key="h")
    preview = (await manager.post(f"{MANAGE}/closures/preview", CLOSURE)).json
    assert [each["id"] for each in preview["displaced"]] == [booked["id"]]
    closed = (await manager.post(f"{MANAGE}/closures", CLOSURE)).json
    assert closed["displaced"] == preview["displaced"]
    assert min(slot["start"] for slot in await _slots(citizen)) == "13:00"
    (mine,) = (await citizen.get("/appointments/")).json["appointments"]
    assert mine["status"] == "displaced"
    gone = await holder.post(f"/appointments/{held.json['id']}/confirm")
    assert gone.code == "not_allowed"
    refused = await holder.post("/appointments/holds", body, key="h2")
    assert refused.code == "slot_closed"
    day = (await citizen.get(f"/appointments/days?from={DAY}&to={DAY}")).json["days"][0]
    assert (day["open"], day["reason"]) == (False, "设备检修")

    lift = f"{MANAGE}/closures/{closed['id']}/lift"
    assert (await manager.post(lift)).json["restored"] == 1
    assert (await manager.post(lift)).code == "closure_not_found"
    (mine,) = (await citizen.get("/appointments/")).json["appointments"]
    assert mine == booked
    await app.ctx.messages.drain()
    kinds = [m["kind"] for m in (await citizen.get("/messages/")).json["messages"]]
    assert kinds[:2] == ["booking_restored", "booking_displaced"]
    after = await _slots(citizen)
    assert after[1] == slots[1]


async def test_a_displaced_booking_moves_even_when_it_is_late_and_can_be_cancelled(
    manager: Any, citizen: Any, clock: Any
) -> None:
    slots = await _slots(citizen)
    booked = await _book(citizen, slots[0]["id"])
    clock.set(clock.now().replace(day=25, hour=8, minute=30))
    early = {**CLOSURE, "starts_at": f"{DAY}T08:45:00+08:00"}
    await manager.post(f"{MANAGE}/closures", early)
    cancelled = await citizen.post(f"/appointments/{booked['id']}/cancel")
    assert cancelled.json["status"] == "cancelled"
    assert (await citizen.get("/appointments/standing")).json["cancellations"] == 0


async def test_who_moved_away_does_not_get_the_old_time_back(manager: Any, citizen: Any) -> None:
    slots = await _slots(citizen)
    booked = await _book(citizen, slots[0]["id"])
    closed = (await manager.post(f"{MANAGE}/closures", CLOSURE)).json
    target = slots[-1]["id"]
    await citizen.post(f"/appointments/{booked['id']}/reschedule", {"slot": target}, key="m")
    lifted = (await manager.post(f"{MANAGE}/closures/{closed['id']}/lift")).json
    assert lifted["restored"] == 0
    (mine,) = (await citizen.get("/appointments/")).json["appointments"]
    assert mine["start"] == slots[-1]["start"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"starts_at": "2026-11-23T09:00:00+08:00"}, "closure_in_past"),
        ({"ends_at": f"{DAY}T08:00:00+08:00"}, "closure_invalid"),
        ({"queue": "nowhere"}, "closure_invalid"),
        ({"reason": ""}, "validation_failed"),
        ({"starts_at": "tomorrow"}, "validation_failed"),
    ],
)
async def test_an_impossible_closure_is_refused(
    manager: Any, changes: dict[str, Any], code: str
) -> None:
    assert (await manager.post(f"{MANAGE}/closures", CLOSURE | changes)).code == code


async def test_the_same_hall_is_not_closed_twice(manager: Any) -> None:
    replies = await asyncio.gather(*(manager.post(f"{MANAGE}/closures", CLOSURE) for _ in range(4)))
    codes = sorted(reply.status for reply in replies)
    assert codes == [200, 409, 409, 409], [reply.text for reply in replies]
    listed = (await manager.get(f"{MANAGE}/closures")).json["closures"]
    assert [each["reason"] for each in listed] == ["设备检修"]


async def test_a_closure_of_one_queue_leaves_the_others_open(manager: Any, api: Any) -> None:
    await manager.post(f"{MANAGE}/closures", {**CLOSURE, "queue": "exit-entry"})
    assert (await _slots(api))[0]["start"] == "09:00"


@pytest.mark.parametrize(
    ("day", "open_", "reason"),
    [
        ("2026-11-25", True, None),
        ("2026-11-28", False, "周末不办公"),
        ("2027-01-01", False, "元旦放假，大厅不办公"),
    ],
)
async def test_the_hall_says_whether_it_works(
    api: Any, day: str, open_: bool, reason: str | None
) -> None:
    (shown,) = (await api.get(f"/appointments/days?from={day}&to={day}")).json["days"]
    assert (shown["open"], shown["reason"]) == (open_, reason)
    assert shown["provisional"] == day.startswith("2027")
    assert bool(shown["hours"]) == open_


async def test_an_unknown_hall_has_no_days(api: Any) -> None:
    assert (await api.get("/appointments/days?hall=mars")).code == "hall_not_found"
