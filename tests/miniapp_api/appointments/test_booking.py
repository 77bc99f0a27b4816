"""Booking through the real routes on real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from miniapp_api.platform.database import fetch

ITEM = "id-card-lost-replacement"
OTHER_ITEM = "real-estate-query-personal"
TOMORROW = "2026-11-25"


async def _slots(api: Any, item: str = ITEM, day: str = TOMORROW) -> list[dict[str, Any]]:
    reply = await api.get(f"/appointments/slots?item={item}&from={day}&to={day}")
    assert reply.status == 200, reply.text
    return reply.json["days"][0]["slots"]


async def _hold(citizen: Any, slot: str, key: str = "k1", item: str = ITEM) -> Any:
    return await citizen.post("/appointments/holds", {"slot": slot, "item": item}, key=key)


async def _book(citizen: Any, slot: str, key: str = "k1", item: str = ITEM) -> dict[str, Any]:
    held = await _hold(citizen, slot, key, item)
    assert held.status == 201, held.text
    reply = await citizen.post(f"/appointments/{held.json['id']}/confirm")
    assert reply.status == 200, reply.text
    return reply.json


async def _seats() -> tuple[int, int, int]:
    """Return capacity, free seats, and seats of live appointments."""
    (slots,) = await fetch("SELECT sum(capacity) c, sum(remaining) r FROM allotment")
    (taken,) = await fetch("SELECT count(*) n FROM seat")
    return slots["c"], slots["r"], taken["n"]


@pytest.fixture(autouse=True)
async def every_seat_is_accounted_for(api: Any) -> Any:
    yield
    capacity, free, taken = await _seats()
    assert free + taken == capacity


async def test_a_slot_is_listed_held_confirmed_and_found_again(api: Any, citizen: Any) -> None:
    slot = (await _slots(api))[0]
    held = await _hold(citizen, slot["id"])
    assert (held.json["status"], held.json["reference"]) == ("held", None)
    assert held.json["expires_at"]
    booked = await citizen.post(f"/appointments/{held.json['id']}/confirm")
    assert booked.json["status"] == "confirmed"
    assert len(booked.json["reference"]) == 8
    mine = (await citizen.get("/appointments/")).json["appointments"]
    assert mine == [booked.json]
    assert (await _slots(api))[0]["remaining"] == slot["remaining"] - 1


async def test_the_halls_that_serve_an_item_name_their_windows(api: Any) -> None:
    (hall,) = (await api.get(f"/appointments/halls?item={ITEM}")).json["halls"]
    assert hall["id"] == "municipal"
    assert hall["windows"]
    assert (hall["hold_minutes"], hall["cancel_until_minutes"]) == (10, 120)
    assert hall["remote_tickets"] is True


async def test_a_retried_hold_gets_the_first_answer(api: Any, citizen: Any) -> None:
    slot = (await _slots(api))[0]["id"]
    replies = await asyncio.gather(*(_hold(citizen, slot, "same") for _ in range(8)))
    assert len({reply.text for reply in replies}) == 1
    assert (await _seats())[2] == 1


async def test_a_key_of_another_request_is_refused(api: Any, citizen: Any) -> None:
    first, second = (await _slots(api))[:2]
    await _hold(citizen, first["id"], "same")
    assert (await _hold(citizen, second["id"], "same")).code == "idempotency_conflict"


@pytest.mark.parametrize("key", [None, "", "x" * 65, "键"])
async def test_a_hold_without_a_usable_key_is_refused(api: Any, citizen: Any, key: Any) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    slot = (await _slots(api))[0]["id"]
    reply = await citizen.post("/appointments/holds", {"slot": slot, "item": ITEM}, headers=headers)
    assert reply.code == "idempotency_key_required"


async def test_fifty_citizens_share_the_seats_and_nobody_stands(
    api: Any, app: Any, log_in: Any
) -> None:
    slot = (await _slots(api))[0]
    seats = slot["remaining"]
    citizens = [await log_in(f"139{n:08d}") for n in range(seats + 30)]
    replies = await asyncio.gather(*(_hold(c, slot["id"]) for c in citizens))
    assert sorted(r.status for r in replies) == [201] * seats + [409] * 30
    assert {r.code for r in replies if r.status == 409} == {"slot_full"}
    assert slot["id"] not in {s["id"] for s in await _slots(api)}


async def test_one_citizen_racing_with_himself_gets_one_seat(api: Any, citizen: Any) -> None:
    slots = await _slots(api)
    replies = await asyncio.gather(
        *(_hold(citizen, slot["id"], f"k{n}") for n, slot in enumerate(slots))
    )
    assert {r.status for r in replies} <= {201, 409}
    assert (await _seats())[2] == 1


async def test_a_newer_hold_replaces_the_older(api: Any, citizen: Any) -> None:
    first, second = (await _slots(api))[:2]
    old = (await _hold(citizen, first["id"], "a")).json
    assert (await _hold(citizen, second["id"], "b")).status == 201
    assert (await citizen.post(f"/appointments/{old['id']}/confirm")).code == "not_allowed"


async def test_a_second_booking_of_the_item_on_the_day_is_refused(api: Any, citizen: Any) -> None:
    first, second = (await _slots(api))[:2]
    await _book(citizen, first["id"], "a")
    assert (await _hold(citizen, second["id"], "b")).code == "already_booked"


async def test_another_item_on_the_same_day_is_fine(api: Any, citizen: Any) -> None:
    await _book(citizen, (await _slots(api))[0]["id"], "a")
    other = (await _slots(api, OTHER_ITEM))[0]["id"]
    assert (await _hold(citizen, other, "b", OTHER_ITEM)).status == 201


async def test_a_hold_lapses_and_its_seat_is_listed_and_holdable_at_once(
    api: Any, log_in: Any, clock: Any
) -> None:
    slot = (await _slots(api))[0]
    citizens = [await log_in(f"137{n:08d}") for n in range(slot["remaining"])]
    held = [(await _hold(c, slot["id"])).json for c in citizens]
    late = await log_in("13600000000")
    assert (await _hold(late, slot["id"])).code == "slot_full"
    clock.advance(timedelta(minutes=10))
    assert (await _slots(api))[0] == slot
    assert (await _hold(late, slot["id"], "k2")).status == 201
    reply = await citizens[0].post(f"/appointments/{held[0]['id']}/confirm")
    assert reply.code == "hold_expired"


async def test_the_sweeper_gives_lapsed_seats_back(
    api: Any, app: Any, citizen: Any, clock: Any
) -> None:
    await _hold(citizen, (await _slots(api))[0]["id"])
    assert await app.ctx.appointments.sweep() == 0
    clock.advance(timedelta(minutes=11))
    assert await app.ctx.appointments.sweep() == 1
    assert (await citizen.get("/appointments/")).json["appointments"] == []


async def test_confirming_twice_gives_the_same_answer(api: Any, citizen: Any) -> None:
    booked = await _book(citizen, (await _slots(api))[0]["id"])
    again = await citizen.post(f"/appointments/{booked['id']}/confirm")
    assert again.json == booked


async def test_a_cancelled_booking_returns_its_place(api: Any, citizen: Any) -> None:
    before = await _slots(api)
    booked = await _book(citizen, before[0]["id"])
    for _ in range(2):
        reply = await citizen.post(f"/appointments/{booked['id']}/cancel")
        assert reply.json["status"] == "cancelled"
    assert await _slots(api) == before


async def test_two_hours_before_it_is_too_late_to_cancel(
    api: Any, citizen: Any, clock: Any
) -> None:
    booked = await _book(citizen, (await _slots(api))[0]["id"])
    clock.advance(timedelta(hours=23))
    reply = await citizen.post(f"/appointments/{booked['id']}/cancel")
    assert reply.code == "too_late_to_change"


async def test_moving_takes_the_new_seat_and_returns_the_old(api: Any, citizen: Any) -> None:
    first, second = (await _slots(api))[:2]
    booked = await _book(citizen, first["id"])
    moved = await citizen.post(
        f"/appointments/{booked['id']}/reschedule", {"slot": second["id"]}, key="m"
    )
    assert moved.status == 200, moved.text
    assert (moved.json["start"], moved.json["reference"]) == (second["start"], booked["reference"])
    remaining = {s["id"]: s["remaining"] for s in await _slots(api)}
    assert remaining[first["id"]] == first["remaining"]
    assert remaining[second["id"]] == second["remaining"] - 1


async def test_moving_to_a_full_slot_keeps_the_old_seat(
    api: Any, citizen: Any, log_in: Any
) -> None:
    first, second = (await _slots(api))[:2]
    booked = await _book(citizen, first["id"])
    for n in range(second["remaining"]):
        await _hold(await log_in(f"135{n:08d}"), second["id"])
    reply = await citizen.post(
        f"/appointments/{booked['id']}/reschedule", {"slot": second["id"]}, key="m"
    )
    assert reply.code == "slot_full"
    (mine,) = (await citizen.get("/appointments/")).json["appointments"]
    assert mine == booked


async def test_citizens_who_swap_places_do_not_wait_for_each_other(api: Any, log_in: Any) -> None:
    first, second = (await _slots(api))[:2]
    people = [await log_in(f"134{n:08d}") for n in range(6)]
    booked = [await _book(p, (first, second)[n % 2]["id"]) for n, p in enumerate(people)]
    for turn in range(4):
        targets = [(first, second)[(n + turn + 1) % 2]["id"] for n in range(6)]
        replies = await asyncio.gather(
            *(
                p.post(f"/appointments/{b['id']}/reschedule", {"slot": t}, key=f"m{turn}")
                for p, b, t in zip(people, booked, targets, strict=True)
            )
        )
        assert {r.status for r in replies} <= {200, 409}, [r.text for r in replies]


async def test_a_booking_of_somebody_else_does_not_exist(
    api: Any, citizen: Any, log_in: Any
) -> None:
    booked = await _book(citizen, (await _slots(api))[0]["id"])
    stranger = await log_in("13900000000")
    path = f"/appointments/{booked['id']}"
    assert (await citizen.get(path)).json == booked
    for reply in (
        await stranger.get(path),
        await stranger.post(f"{path}/confirm"),
        await stranger.post(f"{path}/cancel"),
        await citizen.get("/appointments/no-id"),
    ):
        assert reply.code == "appointment_not_found"
    assert (await stranger.get("/appointments/")).json["appointments"] == []


async def test_a_slot_of_another_item_is_refused(api: Any, citizen: Any) -> None:
    other = (await _slots(api, OTHER_ITEM))[0]["id"]
    assert (await _hold(citizen, other)).code == "slot_not_for_item"


async def test_a_past_slot_is_refused(api: Any, citizen: Any, clock: Any) -> None:
    slot = (await _slots(api))[0]["id"]
    clock.advance(timedelta(days=1, minutes=30))
    assert (await _hold(citizen, slot)).code == "slot_past"


async def test_a_slot_beyond_the_horizon_is_refused(api: Any, citizen: Any, clock: Any) -> None:
    clock.advance(timedelta(days=60))
    assert await api.get("/health")
    await asyncio.sleep(0)
    app_slots = await _slots(api, day="2027-01-25")
    assert app_slots == []
    rows = await fetch(
        "INSERT INTO slot (hall, queue, starts_at, ends_at, released_at) VALUES ('municipal', "
        "'public-security', '2027-05-10 09:00+08', '2027-05-10 09:30+08', '2027-04-20 08:00+08') "
        "RETURNING id"
    )
    assert (await _hold(citizen, str(rows[0]["id"]))).code == "beyond_horizon"


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-11-28", "周末不办公"),
        ("2026-11-23", "这一天已经过去了"),
        ("2026-12-31", "这一天还没有放号"),
    ],
)
async def test_a_closed_day_says_why(api: Any, day: str, reason: str) -> None:
    reply = await api.get(f"/appointments/slots?item={ITEM}&from={day}&to={day}")
    (shown,) = reply.json["days"]
    assert (shown["open"], shown["slots"], shown["reason"]) == (False, [], reason)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("item=nothing", 404, "item_not_found"),
        (f"item={ITEM}&hall=mars", 404, "hall_not_found"),
        (f"item={ITEM}&from=2026-13-01", 422, "validation_failed"),
        (f"item={ITEM}&from=2026-12-01&to=2026-11-01", 422, "validation_failed"),
        (f"item={ITEM}&from=2026-01-01&to=2027-01-01", 422, "validation_failed"),
        (f"item={ITEM}&colour=red", 422, "validation_failed"),
        (f"item={ITEM}&item={ITEM}", 422, "validation_failed"),
        ("", 422, "validation_failed"),
    ],
)
async def test_a_wrong_list_request_is_refused(
    api: Any, query: str, status: int, code: str
) -> None:
    reply = await api.get(f"/appointments/slots?{query}")
    assert (reply.status, reply.code) == (status, code)


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        {},
        {"slot": 1, "item": ITEM},
        {"slot": "1", "item": ITEM, "extra": True},
        {"slot": "-1", "item": ITEM},
        {"slot": "9" * 30, "item": ITEM},
        {"slot": "1", "item": ITEM, "channel": "dog"},
        {"slot": "1", "item": None},
    ],
)
async def test_a_wrong_hold_is_refused_without_repeating_it(citizen: Any, body: Any) -> None:
    reply = await citizen.post("/appointments/holds", body, key="k")
    assert (reply.status, reply.code) == (422, "validation_failed")
    assert "dog" not in reply.text


async def test_broken_json_is_refused(citizen: Any) -> None:
    reply = await citizen.call(
        "POST", "/appointments/holds", data=b'{"slot": ', headers={"Idempotency-Key": "k"}
    )
    assert (reply.status, reply.code) == (400, "malformed_json")


async def test_the_bot_books_for_the_citizen_of_the_conversation_only(
    api: Any, app: Any, citizen: Any
) -> None:
    slot = (await _slots(api))[0]["id"]
    token = citizen.headers["Authorization"].split()[1]
    me = await app.ctx.identity.citizen_of_token(token)
    await app.ctx.identity.bind_conversation("c" * 20, me, token)
    assert (await _hold(api.as_bot("c" * 20), slot)).status == 201
    assert (await _hold(api.as_bot("d" * 20), slot)).code == "login_required"
    await citizen.call("DELETE", "/identity/sessions/current")
    assert (await _hold(api.as_bot("c" * 20), slot)).code == "login_required"
