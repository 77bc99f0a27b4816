"""No-shows, suspensions, appeals; long visits; booking for others; reminders; calendar."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import icalendar
import pytest

from miniapp_api.platform.database import fetch

ITEM = "id-card-lost-replacement"
LONG_ITEM = "company-registration"
DAYS = ("2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30", "2026-12-01", "2026-12-02")


async def _slots(api: Any, day: str = DAYS[0], item: str = ITEM) -> list[dict[str, Any]]:
    reply = await api.get(f"/appointments/slots?item={item}&from={day}&to={day}")
    slots: list[dict[str, Any]] = reply.json["days"][0]["slots"]
    return slots


async def _book(citizen: Any, day: str = DAYS[0], item: str = ITEM, **more: Any) -> dict[str, Any]:
    slot = (await _slots(citizen, day, item))[0]
    body = {"slot": slot["id"], "item": item, **more}
    held = await citizen.post("/appointments/holds", body, key=f"{day}{item}{more}"[:60])
    assert held.status == 201, held.text
    reply = await citizen.post(f"/appointments/{held.json['id']}/confirm")
    assert reply.status == 200, reply.text
    return reply.json


async def _kinds(citizen: Any, app: Any) -> list[str]:
    await app.ctx.messages.drain()
    return [m["kind"] for m in (await citizen.get("/messages/")).json["messages"]]


async def _standing(citizen: Any) -> dict[str, Any]:
    standing: dict[str, Any] = (await citizen.get("/appointments/standing")).json
    return standing


async def test_five_cancellations_in_a_month_suspend_after_a_warning(
    citizen: Any, app: Any, staff: Any
) -> None:
    for day in DAYS[:4]:
        booked = await _book(citizen, day)
        await citizen.post(f"/appointments/{booked['id']}/cancel")
    assert "limit_warning" in await _kinds(citizen, app)
    assert (await _standing(citizen))["suspended_until"] is None
    booked = await _book(citizen, DAYS[4])
    await citizen.post(f"/appointments/{booked['id']}/cancel")
    standing = await _standing(citizen)
    assert standing["cancellations"] == standing["cancellations_limit"] == 5
    assert standing["suspended_until"]
    assert "suspended" in await _kinds(citizen, app)
    slot = (await _slots(citizen, DAYS[5]))[0]["id"]
    refused = await citizen.post("/appointments/holds", {"slot": slot, "item": ITEM}, key="x")
    assert refused.code == "suspended"
    assert refused.json["until"]

    path = f"/appointments/suspensions/{standing['suspension']}/appeal"
    assert (await citizen.post(path, {"text": "住院了,有病历"})).json["appeal"] == "open"
    assert (await citizen.post(path, {"text": "住院了,有病历"})).code == "appeal_exists"
    manager = await staff("hall_manager")
    (appeal,) = (await manager.get("/appointments/manage/municipal/appeals")).json["appeals"]
    decide = f"/appointments/manage/municipal/appeals/{appeal['id']}/decide"
    assert (await manager.post(decide, {"granted": True})).status == 204
    assert (await manager.post(decide, {"granted": False})).code == "appeal_not_found"
    assert (await _standing(citizen))["suspended_until"] is None
    assert (await _book(citizen, DAYS[5]))["status"] == "confirmed"
    assert "appeal_decided" in await _kinds(citizen, app)


async def test_dropping_a_hold_or_moving_does_not_count(citizen: Any) -> None:
    slots = await _slots(citizen)
    held = await citizen.post(
        "/appointments/holds", {"slot": slots[0]["id"], "item": ITEM}, key="h"
    )
    await citizen.post(f"/appointments/{held.json['id']}/cancel")
    booked = await _book(citizen, DAYS[1])
    other = (await _slots(citizen, DAYS[2]))[0]["id"]
    await citizen.post(f"/appointments/{booked['id']}/reschedule", {"slot": other}, key="m")
    assert (await _standing(citizen))["cancellations"] == 0


async def test_who_does_not_come_twice_in_a_month_is_suspended(
    citizen: Any, app: Any, clock: Any
) -> None:
    await _book(citizen, DAYS[0])
    await _book(citizen, DAYS[1])
    clock.set(clock.now().replace(day=25, hour=9, minute=44))
    assert await app.ctx.visits.miss_no_shows() == 0  # 09:00-09:30, and a quarter of an hour
    clock.advance(timedelta(minutes=2))
    assert await app.ctx.visits.miss_no_shows() == 1
    assert {"no_show", "limit_warning"} <= set(await _kinds(citizen, app))
    clock.advance(timedelta(days=1))
    await app.ctx.visits.miss_no_shows()
    standing = await _standing(citizen)
    assert (standing["no_shows"], standing["suspended_until"] is not None) == (2, True)


async def test_somebody_who_came_is_no_no_show(
    citizen: Any, app: Any, clock: Any, staff: Any
) -> None:
    await _book(citizen)
    clock.set(clock.now().replace(day=25, hour=8, minute=55))
    kiosk = await staff("kiosk")
    body = {"phone": "13800138000"}
    assert (await kiosk.post("/hall/municipal/check-ins", body, key="k")).status == 201
    clock.advance(timedelta(hours=3))
    assert await app.ctx.visits.miss_no_shows() == 0


async def test_a_person_has_only_so_many_bookings_a_day(citizen: Any, app: Any) -> None:
    queue = app.ctx.guides.places(app.ctx.guides.item(ITEM))[0][1].id
    items = [
        item.code
        for item in app.ctx.guides.items_of("municipal", queue)
        if item.appointment != "none" and (item.duration_minutes or 0) <= 30
    ]
    for item in items[:3]:
        await _book(citizen, item=item)
    slot = (await _slots(citizen, item=items[3]))[0]["id"]
    refused = await citizen.post("/appointments/holds", {"slot": slot, "item": items[3]}, key="x")
    assert (refused.code, refused.json["most"]) == ("day_limit", 3)


# -- long visits -------------------------------------------------------------------------------


async def test_a_long_visit_takes_consecutive_slots_and_gives_all_back(
    citizen: Any, app: Any
) -> None:
    minutes = app.ctx.guides.item(LONG_ITEM).duration_minutes
    assert minutes > 30
    before = await _slots(citizen, item=LONG_ITEM)
    booked = await _book(citizen, item=LONG_ITEM)
    (seats,) = await fetch("SELECT count(*) n FROM seat")
    assert seats["n"] == -(-minutes // 30)
    length = int(booked["end"][:2]) * 60 + int(booked["end"][3:])
    length -= int(booked["start"][:2]) * 60 + int(booked["start"][3:])
    assert length >= minutes
    after = {s["start"]: s["remaining"] for s in await _slots(citizen, item=LONG_ITEM)}
    assert after[before[0]["start"]] == before[0]["remaining"] - 1
    later = before[2]["id"]
    moved = await citizen.post(f"/appointments/{booked['id']}/reschedule", {"slot": later}, key="m")
    assert moved.status == 200, moved.text
    await citizen.post(f"/appointments/{booked['id']}/cancel")
    assert await _slots(citizen, item=LONG_ITEM) == before


async def test_a_long_visit_does_not_begin_just_before_the_break(citizen: Any, app: Any) -> None:
    starts = [slot["start"] for slot in await _slots(citizen, item=LONG_ITEM)]
    assert "11:00" not in starts
    short = {slot["start"]: slot["id"] for slot in await _slots(citizen)}
    queue = app.ctx.guides.places(app.ctx.guides.item(LONG_ITEM))[0][1].id
    (row,) = await fetch(
        "SELECT id FROM slot WHERE queue = $1 AND starts_at = '2026-11-25 11:00+08'", queue
    )
    body = {"slot": str(row["id"]), "item": LONG_ITEM}
    refused = await citizen.post("/appointments/holds", body, key="x")
    assert refused.code == "slot_not_for_item"
    assert "11:00" in short


# -- for others --------------------------------------------------------------------------------


async def _consent(agent: Any, sms: Any, phone: str, relation: str = "elder", **more: Any) -> Any:
    await agent.post("/identity/principals/codes", {"phone": phone})
    message = sms.last[phone]
    assert message["template"] == "consent_code"
    body = {
        "relation": relation,
        "label": "妈妈",
        "phone": phone,
        "code": message["parameters"]["code"],
        **more,
    }
    return await agent.post("/identity/principals", body, key=f"c{phone}")


async def test_a_daughter_books_for_her_mother_with_the_mothers_consent(
    citizen: Any, log_in: Any, sms: Any, app: Any
) -> None:
    granted = await _consent(citizen, sms, "13911112222")
    assert granted.status == 201, granted.text
    booked = await _book(citizen, principal=granted.json["id"])
    assert (booked["attendee"], booked["principal"]) == ("elder", granted.json["id"])
    own = await _book(citizen, DAYS[0])  # her own booking of the same item and day is another's
    assert own["attendee"] == "self"
    mother = await log_in("13911112222")
    assert [b["id"] for b in (await mother.get("/appointments/")).json["appointments"]] == [
        booked["id"]
    ]
    assert (await mother.post(f"/appointments/{booked['id']}/cancel")).status == 200
    assert "consent_granted" in await _kinds(mother, app)


async def test_the_limits_are_those_of_the_person_who_comes(
    citizen: Any, log_in: Any, sms: Any
) -> None:
    granted = (await _consent(citizen, sms, "13911112222")).json
    await _book(citizen, principal=granted["id"])
    mother = await log_in("13911112222")
    slot = (await _slots(mother))[2]["id"]
    refused = await mother.post("/appointments/holds", {"slot": slot, "item": ITEM}, key="m")
    assert refused.code == "already_booked"


async def test_a_revoked_consent_books_nothing(citizen: Any, log_in: Any, sms: Any) -> None:
    granted = (await _consent(citizen, sms, "13911112222")).json
    mother = await log_in("13911112222")
    (agent,) = (await mother.get("/identity/agents")).json["agents"]
    assert (await mother.call("DELETE", f"/identity/principals/{agent['id']}")).status == 204
    slot = (await _slots(citizen))[0]["id"]
    body = {"slot": slot, "item": ITEM, "principal": granted["id"]}
    refused = await citizen.post("/appointments/holds", body, key="m")
    assert refused.code == "principal_not_found"


async def test_a_consent_ends_after_a_year(citizen: Any, sms: Any, clock: Any) -> None:
    granted = (await _consent(citizen, sms, "13911112222")).json
    clock.advance(timedelta(days=366))
    body = {"slot": "1", "item": ITEM, "principal": granted["id"]}
    refused = await citizen.post("/appointments/holds", body, key="m")
    assert refused.code == "consent_expired"


async def test_a_guardian_books_for_a_child(citizen: Any) -> None:
    body = {"relation": "child", "label": "儿子"}
    refused = await citizen.post("/identity/principals", body, key="a")
    assert refused.code == "validation_failed"
    granted = await citizen.post("/identity/principals", {**body, "guardian": True}, key="b")
    booked = await _book(citizen, principal=granted.json["id"])
    assert booked["attendee"] == "child"


async def test_an_enterprise_books_for_its_staff(citizen: Any, sms: Any) -> None:
    wrong = await _consent(citizen, sms, "13911113333", "employee", organisation="9" * 18)
    assert wrong.code == "organisation_invalid"
    await citizen.get("/identity/principals")
    right = await _consent(
        citizen, sms, "13911114444", "employee", organisation="91350100M000100Y43"
    )
    assert right.status == 201, right.text
    booked = await _book(citizen, principal=right.json["id"])
    assert booked["attendee"] == "employee"
    (row,) = await fetch("SELECT organisation FROM appointment")
    assert row["organisation"] == "91350100M000100Y43"


async def test_the_desk_and_the_telephone_book_from_their_own_seats(
    staff: Any, log_in: Any, api: Any
) -> None:
    slot = (await _slots(api))[0]["id"]
    for role, channel, phone in (
        ("operator", "web_phone", "13922220000"),
        ("queue_manager", "on_site", "13922221111"),
    ):
        member = await staff(role)
        body = {"phone": phone, "slot": slot, "item": ITEM}
        reply = await member.post("/appointments/desk/bookings", body, key="d")
        assert reply.status == 201, reply.text
        assert (reply.json["channel"], reply.json["status"]) == (channel, "confirmed")
        mine = (await (await log_in(phone)).get("/appointments/")).json["appointments"]
        assert [each["id"] for each in mine] == [reply.json["id"]]
    kiosk = await staff("kiosk")
    body = {"phone": "13922220000", "slot": slot, "item": ITEM}
    assert (await kiosk.post("/appointments/desk/bookings", body, key="d")).code == "forbidden"


# -- materials, calendar, reminders --------------------------------------------------------------


async def test_an_item_may_require_that_the_materials_are_ready(
    citizen: Any, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = app.ctx.guides.handbook.items[ITEM]
    strict = item.model_copy(update={"materials_check": "required"})
    monkeypatch.setitem(app.ctx.guides.handbook.items, ITEM, strict)
    slot = (await _slots(citizen))[0]["id"]
    held = await citizen.post("/appointments/holds", {"slot": slot, "item": ITEM}, key="h")
    assert held.json["materials_check"] == "required"
    path = f"/appointments/{held.json['id']}/confirm"
    assert (await citizen.post(path)).code == "materials_not_ready"
    booked = await citizen.post(path, {"materials_ready": True})
    assert (booked.json["status"], booked.json["materials_ready"]) == ("confirmed", True)


async def test_a_booking_is_a_calendar_entry(citizen: Any) -> None:
    booked = await _book(citizen)
    reply = await citizen.get(f"/appointments/{booked['id']}/calendar.ics")
    assert reply.headers["Content-Type"].startswith("text/calendar")
    (event,) = icalendar.Calendar.from_ical(reply.text).walk("VEVENT")
    assert event.decoded("dtstart").strftime("%Y-%m-%d %H:%M") == f"{DAYS[0]} {booked['start']}"
    assert booked["reference"] in str(event["description"])
    assert event.walk("VALARM")


async def test_a_reminder_comes_the_evening_before_and_an_hour_before(
    citizen: Any, app: Any, clock: Any
) -> None:
    booked = await _book(citizen)
    for _ in range(3):
        await app.ctx.visits.queue_reminders()
    assert "booking_reminder" not in await _kinds(citizen, app)
    clock.set(clock.now().replace(hour=18, minute=1))
    assert (await _kinds(citizen, app)).count("booking_reminder") == 1
    clock.set(clock.now().replace(day=25, hour=8, minute=1))
    assert (await _kinds(citizen, app)).count("booking_reminder") == 2
    assert booked["status"] == "confirmed"


async def test_who_cancelled_is_not_reminded(citizen: Any, app: Any, clock: Any) -> None:
    booked = await _book(citizen)
    await app.ctx.visits.queue_reminders()
    await citizen.post(f"/appointments/{booked['id']}/cancel")
    clock.set(clock.now().replace(hour=18, minute=1))
    assert "booking_reminder" not in await _kinds(citizen, app)
