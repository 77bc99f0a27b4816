"""Tickets and windows through the real routes on real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from miniapp_api.platform.database import fetch

ITEM = "id-card-lost-replacement"
QUEUE = "public-security"
HALL = "/hall/municipal"


async def _walk_in(kiosk: Any, **body: Any) -> dict[str, Any]:
    reply = await kiosk.post(f"{HALL}/tickets", body or {"item": ITEM}, key=uuid4().hex)
    assert reply.status == 201, reply.text
    return reply.json


@pytest.fixture
def nine(clock: Any) -> None:
    clock.advance(timedelta(minutes=30))


@pytest.fixture
async def kiosk(staff: Any, nine: None) -> Any:
    return await staff("kiosk")


@pytest.fixture
async def windows(app: Any) -> list[str]:
    return list(app.ctx.guides.queue("municipal", QUEUE).windows)


@pytest.fixture
async def clerk(staff: Any, windows: list[str], nine: None) -> Any:
    """A clerk at the first window of the queue."""
    client = await staff("clerk")
    reply = await client.post(f"{HALL}/windows/{windows[0]}/open")
    assert reply.status == 200, reply.text

    async def act(action: str, body: Any = None) -> Any:
        return await client.post(f"{HALL}/windows/{windows[0]}/{action}", body)

    act.client = client  # type: ignore[attr-defined]
    return act


async def _book_today(citizen: Any, app: Any, clock: Any) -> dict[str, Any]:
    """Book tomorrow, and wait until it is tomorrow, five minutes before the slot."""
    reply = await citizen.get(f"/appointments/slots?item={ITEM}&from=2026-11-25&to=2026-11-25")
    slot = reply.json["days"][0]["slots"][1]  # 09:30
    held = await citizen.post("/appointments/holds", {"slot": slot["id"], "item": ITEM}, key="b")
    await citizen.post(f"/appointments/{held.json['id']}/confirm")
    now = clock.now()
    clock.set(now.replace(day=25, hour=9, minute=25))
    return held.json


async def test_numbers_run_from_one_in_every_queue_and_day(kiosk: Any, clock: Any) -> None:
    first, second = await _walk_in(kiosk), await _walk_in(kiosk)
    assert first["number"].endswith("001")
    assert second["number"].endswith("002")
    assert first["number"][:-3].isalpha()
    clock.advance(timedelta(days=1))
    assert (await _walk_in(kiosk))["number"] == first["number"]


async def test_thirty_kiosks_give_thirty_numbers(kiosk: Any) -> None:
    tickets = await asyncio.gather(*(_walk_in(kiosk) for _ in range(30)))
    assert len({ticket["number"] for ticket in tickets}) == 30


async def test_a_retried_ticket_is_the_same_ticket(kiosk: Any) -> None:
    replies = await asyncio.gather(
        *(kiosk.post(f"{HALL}/tickets", {"item": ITEM}, key="same") for _ in range(6))
    )
    assert len({reply.text for reply in replies}) == 1
    (row,) = await fetch("SELECT count(*) n FROM ticket")
    assert row["n"] == 1


async def test_a_ticket_is_called_served_and_finished(kiosk: Any, clerk: Any, clock: Any) -> None:
    ticket = await _walk_in(kiosk)
    called = (await clerk("next")).json
    assert (called["number"], called["status"]) == (ticket["number"], "called")
    assert (await clerk("start")).json["status"] == "serving"
    clock.advance(timedelta(minutes=12))
    assert (await clerk("finish")).json["status"] == "finished"
    assert (await clerk("next")).code == "nobody_waiting"
    panel = (await clerk.client.get(f"{HALL}/windows/{await _window(clerk)}")).json
    assert (panel["served"], panel["mean_minutes"], panel["ticket"]) == (1, 12.0, None)


async def _window(clerk: Any) -> str:
    (row,) = await fetch('SELECT "window" w FROM window_session WHERE closed_at IS NULL')
    return row["w"]


async def test_next_finishes_the_one_who_is_served(kiosk: Any, clerk: Any) -> None:
    first, second = await _walk_in(kiosk), await _walk_in(kiosk)
    await clerk("next")
    await clerk("start")
    assert (await clerk("next")).json["number"] == second["number"]
    (row,) = await fetch("SELECT status FROM ticket WHERE number = $1", first["number"])
    assert row["status"] == "finished"


async def test_a_called_ticket_must_be_dealt_with_before_the_next(kiosk: Any, clerk: Any) -> None:
    await _walk_in(kiosk), await _walk_in(kiosk)
    await clerk("next")
    assert (await clerk("next")).code == "ticket_in_hand"


async def test_a_number_is_recalled_three_times_then_passed_and_may_queue_twice_again(
    kiosk: Any, clerk: Any, staff: Any, clock: Any
) -> None:
    ticket = await _walk_in(kiosk)
    reception = await staff("queue_manager")
    for _ in range(2):
        await clerk("next")
        assert [(await clerk("recall")).status for _ in range(3)] == [200] * 3
        assert (await clerk("recall")).code == "recall_limit"
        assert (await clerk("pass")).json["status"] == "passed"
        reply = await reception.post(f"{HALL}/tickets/{ticket['id']}/requeue")
        assert reply.json["status"] == "waiting"
    await clerk("next")
    await clerk("pass")
    reply = await reception.post(f"{HALL}/tickets/{ticket['id']}/requeue")
    assert reply.code == "too_many_requeues"


async def test_a_passed_number_queues_behind_who_waits(kiosk: Any, clerk: Any, clock: Any) -> None:
    first = await _walk_in(kiosk)
    await clerk("next")
    await clerk("pass")
    clock.advance(timedelta(minutes=1))
    second = await _walk_in(kiosk)
    clock.advance(timedelta(minutes=1))
    await clerk.client.post(f"{HALL}/tickets/{first['id']}/requeue")
    assert (await clerk("next")).json["number"] == second["number"]


async def test_who_was_passed_queues_again_from_his_phone_twice_and_no_more(
    citizen: Any, log_in: Any, clerk: Any
) -> None:
    stranger = await log_in("13900000000")
    ticket = (await citizen.post(f"{HALL}/remote-tickets", {"item": ITEM}, key="k")).json
    path = f"/hall/tickets/{ticket['id']}/requeue"
    assert (await citizen.post(path)).code == "not_allowed"
    for _ in range(2):
        await clerk("next")
        await clerk("pass")
        assert (await stranger.post(path)).code == "ticket_not_found"
        first, again = await citizen.post(path), await citizen.post(path)
        assert first.json == again.json
        assert (first.json["number"], first.json["status"]) == (ticket["number"], "waiting")
    await clerk("next")
    await clerk("pass")
    assert (await citizen.post(path)).code == "too_many_requeues"
    assert (await citizen.post("/hall/tickets/no-id/requeue")).code == "ticket_not_found"


async def test_a_case_is_put_aside_and_taken_up_again(kiosk: Any, clerk: Any) -> None:
    first, second = await _walk_in(kiosk), await _walk_in(kiosk)
    await clerk("next")
    await clerk("start")
    assert (await clerk("hold")).json["status"] == "on_hold"
    assert (await clerk("next")).json["number"] == second["number"]
    assert (await clerk(f"take/{first['id']}")).code == "ticket_in_hand"
    await clerk("finish")
    assert (await clerk(f"take/{first['id']}")).json["status"] == "serving"


async def test_a_transferred_ticket_keeps_its_number_and_its_turn(
    kiosk: Any, clerk: Any, staff: Any, app: Any, clock: Any
) -> None:
    other_queue = "exit-entry"
    ticket = await _walk_in(kiosk)
    clock.advance(timedelta(minutes=5))
    await _walk_in(kiosk, queue=other_queue)
    await clerk("next")
    moved = (await clerk("transfer", {"queue": other_queue})).json
    assert (moved["number"], moved["status"]) == (ticket["number"], "waiting")
    number = app.ctx.guides.queue("municipal", other_queue).windows[0]
    colleague = await staff("clerk")
    await colleague.post(f"{HALL}/windows/{number}/open")
    called = await colleague.post(f"{HALL}/windows/{number}/next")
    assert called.json["number"] == ticket["number"]
    history = await fetch(
        "SELECT kind FROM call_event WHERE ticket_id = $1 ORDER BY id", ticket["id"]
    )
    assert [row["kind"] for row in history] == ["taken", "call", "transfer", "call"]


async def test_forty_calls_at_once_call_every_ticket_once(
    kiosk: Any, staff: Any, windows: list[str]
) -> None:
    tickets = [await _walk_in(kiosk) for _ in range(25)]
    clerks = []
    for number in windows:
        client = await staff("clerk")
        await client.post(f"{HALL}/windows/{number}/open")
        clerks.append((client, number))
    called: list[str] = []

    async def work(client: Any, number: str) -> None:
        while True:
            reply = await client.post(f"{HALL}/windows/{number}/next")
            if reply.status == 404:
                return
            assert reply.status == 200, reply.text
            called.append(reply.json["number"])
            await client.post(f"{HALL}/windows/{number}/finish")

    await asyncio.gather(*(work(client, number) for client, number in clerks))
    assert Counter(called) == Counter(ticket["number"] for ticket in tickets)


async def test_an_impatient_clerk_who_clicks_twice_calls_one(kiosk: Any, clerk: Any) -> None:
    for _ in range(5):
        await _walk_in(kiosk)
    replies = await asyncio.gather(*(clerk("next") for _ in range(5)))
    assert Counter(reply.status for reply in replies) == {200: 1, 409: 4}


async def test_one_window_one_clerk_one_clerk_one_window(
    clerk: Any, staff: Any, windows: list[str]
) -> None:
    other = await staff("clerk")
    assert (await other.post(f"{HALL}/windows/{windows[0]}/open")).code == "window_taken"
    second = await clerk.client.post(f"{HALL}/windows/{windows[1]}/open")
    assert second.code == "already_at_window"
    assert (await clerk("open")).status == 200  # after a crash the clerk finds it as it was
    assert (await clerk("close")).status == 204
    assert (await other.post(f"{HALL}/windows/{windows[0]}/open")).status == 200


async def test_calling_needs_a_window(staff: Any, windows: list[str], kiosk: Any) -> None:
    await _walk_in(kiosk)
    stranger = await staff("clerk")
    for action in ("next", "recall", "finish", "pause"):
        reply = await stranger.post(f"{HALL}/windows/{windows[0]}/{action}")
        assert reply.code == "not_logged_in_at_window"
    assert (await stranger.post(f"{HALL}/windows/999/next")).code == "window_not_found"


async def test_a_paused_window_calls_nobody(kiosk: Any, clerk: Any) -> None:
    await _walk_in(kiosk)
    assert (await clerk("pause")).json["state"] == "paused"
    assert (await clerk("next")).code == "window_paused"
    assert (await clerk("resume")).json["state"] == "open"
    assert (await clerk("next")).status == 200


async def test_a_window_that_serves_no_item_cannot_be_opened(staff: Any, app: Any) -> None:
    served = {
        (hall.id, queue.id)
        for item in app.ctx.guides.handbook.own
        for hall, queue in app.ctx.guides.places(item)
    }
    idle = next(
        window
        for window in app.ctx.guides.windows("municipal")
        if ("municipal", window.queue) not in served
    )
    clerk = await staff("clerk")
    reply = await clerk.post(f"{HALL}/windows/{idle.number}/open")
    assert reply.code == "window_serves_nothing"


@pytest.mark.parametrize("role", ["kiosk", "auditor", "hall_manager"])
async def test_only_clerks_call(staff: Any, windows: list[str], role: str) -> None:
    client = await staff(role)
    assert (await client.post(f"{HALL}/windows/{windows[0]}/open")).code == "forbidden"


async def test_a_clerk_of_another_hall_is_refused(staff: Any, windows: list[str]) -> None:
    client = await staff("clerk", hall="elsewhere")
    assert (await client.post(f"{HALL}/windows/{windows[0]}/open")).code == "forbidden"


# -- checking in -------------------------------------------------------------------------------


async def test_who_booked_checks_in_with_the_code_on_the_phone(
    citizen: Any, kiosk: Any, clerk: Any, app: Any, clock: Any
) -> None:
    booked = await _book_today(citizen, app, clock)
    code = (await citizen.get(f"/appointments/{booked['id']}/qr")).json
    assert code["svg"].startswith("<svg")
    reply = await kiosk.post(f"{HALL}/check-ins", {"qr": code["token"]}, key="c1")
    (ticket,) = reply.json["tickets"]
    assert ticket["kind"] == "appointment"
    mine = (await citizen.get("/hall/tickets/mine")).json["tickets"]
    assert [t["number"] for t in mine] == [ticket["number"]]
    replayed = await kiosk.post(f"{HALL}/check-ins", {"qr": code["token"]}, key="c2")
    assert replayed.code == "qr_replayed"
    retried = await kiosk.post(f"{HALL}/check-ins", {"qr": code["token"]}, key="c1")
    assert retried.json == reply.json
    await clerk("next")
    await clerk("start")
    await clerk("finish")
    (row,) = await fetch("SELECT status FROM appointment")
    assert row["status"] == "completed"


async def test_a_code_is_good_for_two_minutes_and_only_ours(
    citizen: Any, kiosk: Any, app: Any, clock: Any
) -> None:
    booked = await _book_today(citizen, app, clock)
    token = (await citizen.get(f"/appointments/{booked['id']}/qr")).json["token"]
    forged = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    assert (await kiosk.post(f"{HALL}/check-ins", {"qr": forged}, key="a")).code == "qr_forged"
    clock.advance(timedelta(minutes=2))
    assert (await kiosk.post(f"{HALL}/check-ins", {"qr": token}, key="b")).code == "qr_expired"


async def test_a_code_of_another_day_is_refused(
    citizen: Any, kiosk: Any, app: Any, clock: Any
) -> None:
    booked = await _book_today(citizen, app, clock)
    clock.advance(timedelta(days=-1))
    token = (await citizen.get(f"/appointments/{booked['id']}/qr")).json["token"]
    reply = await kiosk.post(f"{HALL}/check-ins", {"qr": token}, key="b")
    assert reply.code == "qr_wrong_day"


async def test_a_code_of_somebody_elses_booking_is_not_shown(
    citizen: Any, log_in: Any, app: Any, clock: Any
) -> None:
    booked = await _book_today(citizen, app, clock)
    stranger = await log_in("13900000000")
    reply = await stranger.get(f"/appointments/{booked['id']}/qr")
    assert reply.code == "appointment_not_found"


async def test_who_booked_checks_in_by_phone_and_gets_one_ticket(
    citizen: Any, kiosk: Any, app: Any, clock: Any
) -> None:
    await _book_today(citizen, app, clock)
    replies = await asyncio.gather(
        *(kiosk.post(f"{HALL}/check-ins", {"phone": "13800138000"}, key=f"k{n}") for n in range(5))
    )
    assert len({reply.json["tickets"][0]["number"] for reply in replies}) == 1
    reply = await kiosk.post(f"{HALL}/check-ins", {"phone": "13711111111"}, key="x")
    assert reply.code == "nothing_booked_today"


async def test_who_left_the_identity_number_checks_in_by_card(
    citizen: Any, kiosk: Any, clock: Any
) -> None:
    reply = await citizen.get(f"/appointments/slots?item={ITEM}&from=2026-11-25&to=2026-11-25")
    body = {
        "slot": reply.json["days"][0]["slots"][1]["id"],
        "item": ITEM,
        "id_number": "11010519491231002x",
    }
    held = await citizen.post("/appointments/holds", body, key="b")
    await citizen.post(f"/appointments/{held.json['id']}/confirm")
    clock.set(clock.now().replace(day=25, hour=9, minute=25))
    by_card = {"id_number": "１１０１０５１９４９１２３１００２Ｘ"}
    assert (await kiosk.post(f"{HALL}/check-ins", by_card, key="k")).status == 201
    wrong = {"id_number": "110105194912310021"}
    assert (await kiosk.post(f"{HALL}/check-ins", wrong, key="w")).code == "id_number_invalid"
    rows = await fetch("SELECT document_index FROM appointment")
    assert "110105" not in str(rows)


async def test_an_appointment_at_its_time_is_called_before_a_walk_in_of_shortly_before(
    citizen: Any, kiosk: Any, clerk: Any, app: Any, clock: Any
) -> None:
    await _book_today(citizen, app, clock)
    walked_in = await _walk_in(kiosk)
    reply = await kiosk.post(f"{HALL}/check-ins", {"phone": "13800138000"}, key="k")
    (booked,) = reply.json["tickets"]
    clock.advance(timedelta(minutes=6))
    assert (await clerk("next")).json["number"] == booked["number"]
    await clerk("finish")
    assert (await clerk("next")).json["number"] == walked_in["number"]


# -- from the phone ----------------------------------------------------------------------------


async def test_a_ticket_is_taken_from_the_phone_once(citizen: Any, nine: None) -> None:
    path = f"{HALL}/remote-tickets"
    replies = await asyncio.gather(
        *(citizen.post(path, {"item": ITEM}, key=f"k{n}") for n in range(5))
    )
    assert Counter(reply.status for reply in replies) == {201: 1, 409: 4}
    (ticket,) = (await citizen.get("/hall/tickets/mine")).json["tickets"]
    assert (ticket["kind"], ticket["ahead"], ticket["wait_minutes"]) == ("remote", 0, None)
    left = await citizen.post(f"/hall/tickets/{ticket['id']}/leave")
    assert left.json["status"] == "left"
    assert (await citizen.get("/hall/tickets/mine")).json["tickets"] == []


async def test_no_tickets_outside_the_hours(citizen: Any, staff: Any, clock: Any) -> None:
    clock.set(clock.now().replace(hour=18))
    reply = await citizen.post(f"{HALL}/remote-tickets", {"item": ITEM}, key="k")
    assert reply.code == "hall_closed"
    kiosk = await staff("kiosk")
    assert (await kiosk.post(f"{HALL}/tickets", {"item": ITEM}, key="k")).code == "hall_closed"


async def test_a_citizen_sees_who_is_ahead_and_how_long_it_takes(
    citizen: Any, kiosk: Any, clerk: Any, clock: Any
) -> None:
    for _ in range(3):
        await _walk_in(kiosk)
    clock.advance(timedelta(minutes=1))
    await citizen.post(f"{HALL}/remote-tickets", {"item": ITEM}, key="k")
    (ticket,) = (await citizen.get("/hall/tickets/mine")).json["tickets"]
    assert ticket["ahead"] == 3
    assert ticket["wait_low"] <= ticket["wait_minutes"] <= ticket["wait_high"]
    assert ticket["wait_minutes"] > 0


async def test_a_citizen_is_told_once_that_the_turn_is_near_and_when_it_has_come(
    citizen: Any, kiosk: Any, clerk: Any, app: Any, clock: Any
) -> None:
    for _ in range(5):
        await _walk_in(kiosk)
    clock.advance(timedelta(minutes=1))
    await citizen.post(f"{HALL}/remote-tickets", {"item": ITEM}, key="k")
    for _ in range(6):
        await clerk("next")
        await clerk("finish")
        clock.advance(timedelta(minutes=1))
    await app.ctx.messages.drain()
    inbox = (await citizen.get("/messages/")).json["messages"]
    assert sorted(each["kind"] for each in inbox) == ["called", "turn_near"]
    assert any("前面还有3位" in each["text"] for each in inbox)


async def test_who_was_passed_is_told_what_to_do(citizen: Any, clerk: Any, app: Any) -> None:
    ticket = (await citizen.post(f"{HALL}/remote-tickets", {"item": ITEM}, key="k")).json
    await clerk("next")
    await clerk("pass")
    await app.ctx.messages.drain()
    inbox = (await citizen.get("/messages/")).json["messages"]
    (told,) = [each for each in inbox if each["kind"] == "passed"]
    assert told["text"].startswith(f"{ticket['number']}号")
    assert "重新排队" in told["text"]
    assert "导服台" in told["text"]
    assert told["page"] == "pages/queue/mine"


async def test_windows_that_call_at_once_tell_a_citizen_once_that_the_turn_is_near(
    citizen: Any, kiosk: Any, staff: Any, windows: list[str], app: Any, clock: Any
) -> None:
    for _ in range(6):
        await _walk_in(kiosk)
    clock.advance(timedelta(minutes=1))
    await citizen.post(f"{HALL}/remote-tickets", {"item": ITEM}, key="k")
    clerks = [(await staff("clerk"), window) for window in windows[:5]]
    for clerk, window in clerks:
        assert (await clerk.post(f"{HALL}/windows/{window}/open")).status == 200
    calls = (clerk.post(f"{HALL}/windows/{window}/next") for clerk, window in clerks)
    replies = await asyncio.gather(*calls)
    assert len({reply.json["number"] for reply in replies}) == 5
    await app.ctx.messages.drain()
    inbox = (await citizen.get("/messages/")).json["messages"]
    assert [each["kind"] for each in inbox] == ["turn_near"]
    assert "前面还有3位" in inbox[0]["text"]


async def test_the_tickets_of_yesterday_are_closed(kiosk: Any, app: Any, clock: Any) -> None:
    await _walk_in(kiosk)
    assert await app.ctx.tickets.close_days() == 0
    clock.advance(timedelta(days=1))
    assert await app.ctx.tickets.close_days() == 1


async def test_a_ticket_is_printed_on_narrow_paper(kiosk: Any) -> None:
    ticket = await _walk_in(kiosk)
    page = await kiosk.get(f"{HALL}/tickets/{ticket['id']}/print")
    assert page.headers["Content-Type"].startswith("text/html")
    assert ticket["number"] in page.text
    assert "80mm" in page.text
    assert (await kiosk.get(f"{HALL}/tickets/{uuid4()}/print")).code == "ticket_not_found"


async def test_the_manager_sees_every_window_and_queue(
    staff: Any, kiosk: Any, clerk: Any, clock: Any
) -> None:
    await _walk_in(kiosk), await _walk_in(kiosk)
    await clerk("next")
    clock.advance(timedelta(minutes=7))
    overview = (await (await staff("hall_manager")).get(f"{HALL}/overview")).json
    assert len(overview["windows"]) == 163
    (busy,) = [each for each in overview["windows"] if each["state"] == "open"]
    assert busy["ticket_status"] == "called"
    (queue,) = [each for each in overview["queues"] if each["waiting"]]
    assert (queue["waiting"], queue["longest_minutes"]) == (1, 7)


async def test_what_clerks_do_is_in_the_audit_trail(staff: Any, kiosk: Any, clerk: Any) -> None:
    await _walk_in(kiosk)
    await clerk("next")
    await clerk("pass")
    auditor = await staff("auditor")
    entries = (await auditor.get("/staff/audit?limit=10")).json["entries"]
    assert [e["action"] for e in entries if not e["action"].startswith("staff.")][:2] == [
        "ticket.passed",
        "window.opened",
    ]


# -- the screen --------------------------------------------------------------------------------


async def _events(
    api: Any, count: int, headers: dict[str, str] | None = None, begun: asyncio.Event | None = None
) -> list[Any]:
    """Read so many events from the stream, the first of which sets `begun`.

    How many wait is told in between, at any time.
    """
    found: list[Any] = []
    begun = begun or asyncio.Event()
    async with api.session.get(f"{api.base}{HALL}/stream", headers=headers or {}) as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")
        event: dict[str, str] = {}
        async for raw in reply.content:
            line = raw.decode().rstrip("\n")
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
            elif event:
                found += [event] if event["event"] != "waiting" else []
                event = {}
                begun.set()
                if len(found) == count:
                    break
    return found


async def test_a_call_reaches_the_screen_in_words(api: Any, kiosk: Any, clerk: Any) -> None:
    await _walk_in(kiosk)
    begun = asyncio.Event()
    listening = asyncio.create_task(_events(api, 2, begun=begun))
    await asyncio.wait_for(begun.wait(), 60)
    called = (await clerk("next")).json
    snapshot, call = await asyncio.wait_for(listening, 60)
    assert snapshot["event"] == "snapshot"
    assert call["event"] == "call"
    assert called["number"] in call["data"]
    assert "号到" in call["data"]
    assert int(call["id"]) > 0


async def test_a_screen_that_lost_the_line_gets_what_it_missed(
    api: Any, kiosk: Any, clerk: Any
) -> None:
    for _ in range(3):
        await _walk_in(kiosk)
    numbers = []
    for _ in range(3):
        numbers.append((await clerk("next")).json["number"])
        await clerk("finish")
    (first,) = await fetch("SELECT min(id) id FROM call_event WHERE kind = 'call'")
    missed = await asyncio.wait_for(_events(api, 2, {"Last-Event-ID": str(first["id"])}), 60)
    assert [numbers[n] in each["data"] for n, each in enumerate(missed, 1)] == [True, True]


async def test_the_board_shows_the_last_calls_and_who_waits(
    api: Any, kiosk: Any, clerk: Any
) -> None:
    await _walk_in(kiosk), await _walk_in(kiosk)
    called = (await clerk("next")).json
    board = (await api.get(f"{HALL}/board")).json
    assert [call["number"] for call in board["calls"]] == [called["number"]]
    assert {q["queue"]: q["waiting"] for q in board["queues"]}[QUEUE] == 1
    assert (await api.get("/hall/nowhere/board")).code == "hall_not_found"
    assert (await api.get("/hall/nowhere/stream")).code == "hall_not_found"


@pytest.mark.parametrize(
    "body", [{}, {"qr": "x", "phone": "y"}, {"qr": ""}, {"priority": "elderly"}, {"phone": 1}]
)
async def test_a_check_in_names_exactly_one_way(kiosk: Any, body: Any) -> None:
    assert (await kiosk.post(f"{HALL}/check-ins", body, key="k")).code == "validation_failed"
