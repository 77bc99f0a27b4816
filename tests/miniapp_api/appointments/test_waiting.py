"""The waiting list through the real routes on real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from miniapp_api.platform.database import fetch

ITEM = "id-card-lost-replacement"
DAY = "2026-11-25"
WISH = {"item": ITEM, "first": DAY, "last": DAY}
FEW = """
UPDATE allotment SET (capacity, remaining) = (
    SELECT n, n FROM (SELECT CASE WHEN slot_id = $1 AND channel = 'mini_program' THEN $2 ELSE 0 END)
    AS seats(n))
WHERE slot_id IN (SELECT id FROM slot WHERE queue = 'public-security'
                  AND starts_at >= '2026-11-25' AND starts_at < '2026-11-26')
"""


@pytest.fixture
async def slot(api: Any) -> str:
    """The only slot of the day, with two seats for the mini-program."""
    reply = await api.get(f"/appointments/slots?item={ITEM}&from={DAY}&to={DAY}")
    slot = reply.json["days"][0]["slots"][3]["id"]
    await fetch(FEW, int(slot), 2)
    return slot


async def _book(citizen: Any, slot: str) -> dict[str, Any]:
    held = await citizen.post("/appointments/holds", {"slot": slot, "item": ITEM}, key="b")
    assert held.status == 201, held.text
    return (await citizen.post(f"/appointments/{held.json['id']}/confirm")).json


@pytest.fixture
async def full(slot: str, log_in: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Both seats are booked: the citizens and their bookings."""
    people = [await log_in(f"1370000000{n}") for n in range(2)]
    return [(person, await _book(person, slot)) for person in people]


async def _wait(citizen: Any, key: str = "w") -> Any:
    return await citizen.post("/appointments/waiting", WISH, key=key)


async def _waiters(log_in: Any, count: int, clock: Any) -> list[Any]:
    found = []
    for n in range(count):
        person = await log_in(f"1360000000{n}")
        reply = await _wait(person)
        assert reply.status == 201, reply.text
        assert reply.json["ahead"] == n
        clock.advance(timedelta(seconds=10))
        found.append(person)
    return found


async def _mine(citizen: Any) -> dict[str, Any] | None:
    found = (await citizen.get("/appointments/waiting")).json["waiting"]
    return found[0] if found else None


async def _offered(citizen: Any) -> None:
    """A returned seat also wakes the background, which may be at the offer that is asked for."""
    for _ in range(600):
        if (await _mine(citizen) or {})["status"] == "offered":
            return
        await asyncio.sleep(0.1)
    pytest.fail("nothing was offered")


@pytest.fixture(autouse=True)
async def every_seat_is_accounted_for(api: Any) -> Any:
    yield
    rows = await fetch(
        "SELECT a.id FROM allotment a LEFT JOIN seat s ON s.allotment_id = a.id "
        "GROUP BY a.id HAVING count(s.id) + a.remaining <> a.capacity"
    )
    assert rows == []


async def test_who_waits_gets_the_seat_that_comes_back(
    full: Any, slot: str, log_in: Any, app: Any, clock: Any, api: Any
) -> None:
    first, second = await _waiters(log_in, 2, clock)
    leaver, booking = full[0]
    await leaver.post(f"/appointments/{booking['id']}/cancel")
    await app.ctx.waiting.offer()
    offered = await _mine(first)
    assert offered is not None
    assert offered["status"] == "offered"
    assert (await _mine(second) or {})["status"] == "waiting"
    (held,) = (await first.get("/appointments/")).json["appointments"]
    assert (held["status"], held["offered"]) == ("held", True)
    booked = await first.post(f"/appointments/{held['id']}/confirm")
    assert booked.json["status"] == "confirmed"
    assert await _mine(first) is None
    await app.ctx.messages.drain()
    inbox = (await first.get("/messages/")).json["messages"]
    assert "waiting_offer" in {each["kind"] for each in inbox}


async def test_a_returned_seat_is_not_listed_while_somebody_waits_for_it(
    full: Any, slot: str, log_in: Any, app: Any, clock: Any, api: Any
) -> None:
    await _waiters(log_in, 1, clock)
    leaver, booking = full[0]
    await leaver.post(f"/appointments/{booking['id']}/cancel")
    reply = await api.get(f"/appointments/slots?item={ITEM}&from={DAY}&to={DAY}")
    assert reply.json["days"][0]["slots"] == []
    browser = await log_in("13500000000")
    taken = await browser.post("/appointments/holds", {"slot": slot, "item": ITEM}, key="b")
    assert taken.code == "slot_full"


async def test_an_offer_that_lapses_goes_to_the_next_and_the_first_goes_behind(
    full: Any, log_in: Any, app: Any, clock: Any
) -> None:
    first, second = await _waiters(log_in, 2, clock)
    leaver, booking = full[0]
    await leaver.post(f"/appointments/{booking['id']}/cancel")
    await app.ctx.waiting.offer()
    clock.advance(timedelta(minutes=31))
    assert await app.ctx.appointments.sweep() == 1
    await app.ctx.waiting.offer()
    assert (await _mine(first) or {})["status"] == "waiting"
    await _offered(second)
    clock.advance(timedelta(minutes=31))
    await app.ctx.appointments.sweep()
    await app.ctx.waiting.offer()
    await _offered(first)


async def test_after_two_lapsed_offers_the_waiting_ends_and_the_seat_is_everybodys(
    full: Any, slot: str, log_in: Any, app: Any, clock: Any, api: Any
) -> None:
    (only,) = await _waiters(log_in, 1, clock)
    leaver, booking = full[0]
    await leaver.post(f"/appointments/{booking['id']}/cancel")
    for _ in range(2):
        await app.ctx.waiting.offer()
        await _offered(only)
        clock.advance(timedelta(minutes=31))
        await app.ctx.appointments.sweep()
    await app.ctx.waiting.offer()
    assert await _mine(only) is None
    await app.ctx.messages.drain()
    kinds = {m["kind"] for m in (await only.get("/messages/")).json["messages"]}
    assert {"waiting_offer", "waiting_lapsed", "waiting_ended"} <= kinds
    reply = await api.get(f"/appointments/slots?item={ITEM}&from={DAY}&to={DAY}")
    assert [s["id"] for s in reply.json["days"][0]["slots"]] == [slot]


async def test_declining_an_offer_leaves_the_list(
    full: Any, log_in: Any, app: Any, clock: Any
) -> None:
    first, second = await _waiters(log_in, 2, clock)
    leaver, booking = full[0]
    await leaver.post(f"/appointments/{booking['id']}/cancel")
    await app.ctx.waiting.offer()
    offered = await _mine(first)
    assert offered is not None
    await first.post(f"/appointments/{offered['appointment']}/cancel")
    await app.ctx.waiting.offer()
    assert await _mine(first) is None
    await _offered(second)


async def test_two_processes_that_offer_at_once_offer_every_seat_once(
    full: Any, log_in: Any, app: Any, clock: Any
) -> None:
    people = await _waiters(log_in, 4, clock)
    for leaver, booking in full:
        await leaver.post(f"/appointments/{booking['id']}/cancel")
    await asyncio.gather(*(app.ctx.waiting.offer() for _ in range(6)))
    await app.ctx.waiting.offer()
    states = Counter([(await _mine(person) or {})["status"] for person in people])
    assert states == {"offered": 2, "waiting": 2}
    assert [(await _mine(person) or {})["status"] for person in people[:2]] == ["offered"] * 2


async def test_who_left_gets_no_offer(full: Any, log_in: Any, app: Any, clock: Any) -> None:
    first, second = await _waiters(log_in, 2, clock)
    place = await _mine(first)
    assert place is not None
    left = await first.post(f"/appointments/waiting/{place['id']}/leave")
    assert left.json["status"] == "left"
    assert (await _mine(second) or {})["ahead"] == 0
    leaver, booking = full[0]
    await leaver.post(f"/appointments/{booking['id']}/cancel")
    await app.ctx.waiting.offer()
    assert await _mine(first) is None
    await _offered(second)


async def test_while_there_are_seats_nobody_needs_to_wait(slot: str, citizen: Any) -> None:
    assert (await _wait(citizen)).code == "seats_free"


async def test_one_place_a_person_and_a_retry_is_the_same_place(full: Any, citizen: Any) -> None:
    replies = await asyncio.gather(*(_wait(citizen, "same") for _ in range(4)))
    assert len({reply.text for reply in replies}) == 1
    assert (await _wait(citizen, "other")).code == "already_waiting"


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2026-11-28", "2026-11-29", "nothing_to_wait_for"),  # a weekend
        ("2026-11-20", "2026-11-24", "nothing_to_wait_for"),  # past, and today
        ("2026-11-26", "2026-11-25", "validation_failed"),
        ("2026-11-25", "2027-11-25", "validation_failed"),
    ],
)
async def test_days_that_cannot_be_waited_for_are_refused(
    citizen: Any, first: str, last: str, code: str
) -> None:
    reply = await citizen.post(
        "/appointments/waiting", {"item": ITEM, "first": first, "last": last}, key="w"
    )
    assert reply.code == code


async def test_waiting_ends_with_its_days(full: Any, log_in: Any, app: Any, clock: Any) -> None:
    (only,) = await _waiters(log_in, 1, clock)
    clock.advance(timedelta(days=2))
    assert await app.ctx.waiting.end_past() == 1
    assert await _mine(only) is None


async def test_a_place_of_somebody_else_does_not_exist(
    full: Any, log_in: Any, citizen: Any, clock: Any
) -> None:
    (other,) = await _waiters(log_in, 1, clock)
    place = await _mine(other)
    assert place is not None
    reply = await citizen.post(f"/appointments/waiting/{place['id']}/leave")
    assert reply.code == "waiting_not_found"
