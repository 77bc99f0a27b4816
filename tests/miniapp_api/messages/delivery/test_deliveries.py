"""Messages that leave the inbox: by WeChat while one was accepted, else by SMS, and never twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from miniapp_api.messages.delivery import store
from miniapp_api.messages.delivery.subscriptions import SENT, Change
from miniapp_api.messages.texts import SMS
from miniapp_api.platform import embedded
from miniapp_api.platform.database import fetch, transaction
from tests.miniapp_api.messages.delivery.conftest import OPENID, PHONE, ways
from tests.miniapp_api.messages.test_messages import FACTS

SUBSCRIBE, TOKEN = "/cgi-bin/message/subscribe/send", "/cgi-bin/stable_token"
ITEM = "id-card-lost-replacement"
SENT_ONCE = ("subscribe", "sent", "")


def _fields(message: dict[str, Any]) -> dict[str, str]:
    return {name: each["value"] for name, each in message["data"].items()}


async def _pass(clock: Any, send: Any, seconds: float, steps: int = 1) -> None:
    for _ in range(steps):
        clock.advance(timedelta(seconds=seconds))
        await send()


async def test_an_accepted_reminder_is_one_subscribe_message_with_its_fields(
    wang: Any, accept: Any, send: Any, wechat: Any, sms: Any, app: Any, clock: Any
) -> None:
    path = f"/appointments/slots?item={ITEM}&from=2026-11-26&to=2026-11-26"
    slot = (await wang.get(path)).json["days"][0]["slots"][1]
    held = await wang.post("/appointments/holds", {"slot": slot["id"], "item": ITEM}, key="b")
    await wang.post(f"/appointments/{held.json['id']}/confirm")
    await accept("reminder")
    clock.set(clock.now().replace(day=25, hour=17))
    await app.ctx.visits.queue_reminders()
    clock.advance(timedelta(hours=1))
    await app.ctx.messages.drain()
    await send()
    (message,) = wechat.users.sent
    assert (message["openid"], message["page"]) == (OPENID, "pages/booking/mine")
    assert _fields(message) == {
        "thing1": "居民身份证丢失补领",
        "time2": f"2026年11月26日 {slot['start']}",
        "thing3": held.json["hall"]["name"],
        "thing4": "带齐材料，提前10分钟到",
    }
    assert await ways() == [SENT_ONCE]
    assert sms.last == {}


async def test_the_inbox_has_it_in_the_same_transaction_as_its_delivery(
    wang: Any, accept: Any, tell: Any
) -> None:
    await tell(wang, "called")
    (notice,) = await fetch("SELECT id FROM notice")
    (planned,) = await fetch("SELECT notice, state FROM message_delivery")
    assert planned == {"notice": notice["id"], "state": "waiting"}


async def test_without_an_acceptance_left_it_is_an_sms(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any, sms: Any
) -> None:
    await accept("correction")
    for _ in range(2):
        await tell(wang, "case_correction")
        await send()
    assert len(wechat.users.sent) == 1
    assert await ways() == [
        SENT_ONCE,
        ("subscribe", "skipped", "no_subscription"),
        ("sms", "sent", ""),
    ]
    assert sms.last[PHONE]["template"] == "case_correction"
    assert wechat.counts[SUBSCRIBE] == 1  # whoever has none left is not asked for


async def test_who_does_not_use_wechat_gets_an_sms(
    log_in: Any, tell: Any, send: Any, sms: Any, app: Any
) -> None:
    citizen = await log_in("13700000001")
    token = citizen.headers["Authorization"].split()[1]
    citizen.id = await app.ctx.identity.citizen_of_token(token)
    await tell(citizen, "called")
    await send()
    assert await ways() == [("subscribe", "skipped", "no_wechat"), ("sms", "sent", "")]
    assert sms.last["13700000001"]["parameters"] == {"text": "到您了，请A012号到3号窗口。"}


async def test_a_refusal_at_wechat_becomes_an_sms_and_is_remembered(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any
) -> None:
    await accept("decision")
    await accept("decision")
    wechat.users.subscriptions.clear()  # switched off in WeChat's settings
    for _ in range(2):
        await tell(wang, "case_granted")
        await send()
    assert await ways() == [
        ("subscribe", "refused", "43101"),
        ("sms", "sent", ""),
        ("subscribe", "skipped", "no_subscription"),
        ("sms", "sent", ""),
    ]
    assert wechat.counts[SUBSCRIBE] == 1


@pytest.mark.parametrize("errcode", [47003, 40037, 40003, 41030])
async def test_what_wechat_will_not_have_is_an_sms_and_spends_no_acceptance(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any, errcode: int
) -> None:
    await accept("near")
    wechat.errcodes[SUBSCRIBE].append(errcode)
    await tell(wang, "turn_near")
    await send()
    assert await ways() == [("subscribe", "failed", str(errcode)), ("sms", "sent", "")]
    (left,) = await store.subscriptions(wang.id)
    assert left["left"] == 1


@pytest.mark.parametrize("errcode", [-1, 45009, 45011])
async def test_a_busy_wechat_is_tried_again(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any, clock: Any, sms: Any, errcode: int
) -> None:
    await accept("called")
    wechat.errcodes[SUBSCRIBE].extend([errcode, errcode])
    await tell(wang, "called")
    await send()
    assert await ways() == [("subscribe", "waiting", str(errcode))]
    await _pass(clock, send, 1)
    assert wechat.counts[SUBSCRIBE] == 1  # not before its pause is over
    await _pass(clock, send, 2)
    await _pass(clock, send, 4)
    assert await ways() == [SENT_ONCE]
    assert (len(wechat.users.sent), sms.last) == (1, {})


async def test_a_wechat_that_stays_busy_becomes_one_sms(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any, clock: Any, sms: Any, app: Any
) -> None:
    await accept("called")
    most = app.ctx.settings.messages.attempts
    wechat.errcodes[SUBSCRIBE].extend([45009] * 20)
    await tell(wang, "called")
    await _pass(clock, send, 20, steps=8)
    assert await ways() == [("subscribe", "failed", "45009"), ("sms", "sent", "")]
    assert wechat.counts[SUBSCRIBE] == most


async def test_while_wechat_is_down_it_is_tried_again_and_then_one_sms(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any, clock: Any, sms: Any, app: Any
) -> None:
    await accept("correction")
    app.ctx.wechat.url = f"http://127.0.0.1:{embedded.free_port()}"  # the fixture puts it back
    await tell(wang, "case_correction")
    await send()
    assert await ways() == [("subscribe", "waiting", "down")]
    before = len(sms.recent)
    await _pass(clock, send, 20, steps=8)
    assert await ways() == [("subscribe", "failed", "down"), ("sms", "sent", "")]
    assert len(sms.recent) - before == 1
    (left,) = await store.subscriptions(wang.id)
    assert left["left"] == 1  # what was not sent was not used


async def test_a_wechat_that_gives_no_token_has_sent_nothing(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any, app: Any
) -> None:
    await accept("correction")
    await app.ctx.redis.delete("wechat:token")
    wechat.mode = "error"
    await tell(wang, "case_correction")
    await send()
    assert await ways() == [("subscribe", "waiting", "down")]


async def test_an_answer_that_is_lost_is_unknown_and_not_sent_again(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any, clock: Any, app: Any, sms: Any
) -> None:
    await accept("called")
    wechat.errcodes[SUBSCRIBE].append("lost")
    await tell(wang, "called")
    await send()
    assert await ways() == [("subscribe", "unknown", "timeout")]
    template = app.ctx.settings.messages.templates["called"].id
    await app.ctx.subscriptions.changed(OPENID, SENT, [Change(template, receipt="77")])
    await _pass(clock, send, 60, steps=3)
    assert await ways() == [SENT_ONCE]
    assert (len(wechat.users.sent), sms.last) == (1, {})


async def test_what_wechat_never_acknowledged_nor_reported_becomes_one_sms(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any, clock: Any, sms: Any
) -> None:
    await accept("called")
    wechat.errcodes[SUBSCRIBE].append("timeout")
    await tell(wang, "called")
    await send()
    before = len(sms.recent)
    await _pass(clock, send, 15, steps=4)
    assert await ways() == [("subscribe", "unknown", "timeout"), ("sms", "sent", "")]
    assert (wechat.counts[SUBSCRIBE], len(sms.recent) - before) == (1, 1)


async def test_a_message_that_wechat_reports_as_not_arrived_becomes_one_sms(
    wang: Any, accept: Any, tell: Any, send: Any, app: Any, sms: Any
) -> None:
    await accept("correction")
    await tell(wang, "case_correction")
    await send()
    (row,) = await fetch("SELECT receipt FROM message_delivery")
    template = app.ctx.settings.messages.templates["correction"].id
    change = Change(template, receipt=row["receipt"], code=20003)
    before = len(sms.recent)
    for _ in range(3):  # WeChat may say so more than once
        await app.ctx.subscriptions.changed(OPENID, SENT, [change])
        await send()
    assert await ways() == [("subscribe", "refused", "20003"), ("sms", "sent", "")]
    assert len(sms.recent) - before == 1


async def test_many_workers_send_a_message_once(
    wang: Any, accept: Any, tell: Any, wechat: Any, app: Any
) -> None:
    await accept("called")
    await tell(wang, "called")
    counts = await asyncio.gather(*(app.ctx.deliveries.drain() for _ in range(4)))
    assert sum(counts) == 1
    assert len(wechat.users.sent) == 1


async def test_many_messages_never_use_more_than_was_accepted(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any
) -> None:
    for _ in range(3):
        await accept("called")
    for n in range(8):
        await tell(wang, "called", number=f"A{n:03d}")
    await send()
    states = [state for channel, state, _ in await ways() if channel == "subscribe"]
    assert (states.count("sent"), states.count("skipped")) == (3, 5)
    assert wechat.counts[SUBSCRIBE] == 3


async def test_a_worker_that_dies_while_sending_leaves_no_second_message(
    wang: Any, accept: Any, tell: Any, send: Any, wechat: Any, clock: Any, app: Any
) -> None:
    await accept("called")
    await tell(wang, "called")
    now = clock.now()
    lease = timedelta(seconds=app.ctx.settings.messages.lease_seconds)
    assert await store.claim(now, now + lease)  # and nothing more is heard of him
    await send()
    assert await ways() == [("subscribe", "sending", "")]
    await _pass(clock, send, lease.total_seconds() + 1)
    assert await ways() == [("subscribe", "unknown", "interrupted"), ("sms", "sent", "")]
    assert wechat.users.sent == []


async def test_the_same_message_told_twice_is_one(
    wang: Any, accept: Any, app: Any, clock: Any, send: Any, wechat: Any
) -> None:
    await accept("called")
    await accept("called")
    for _ in range(2):
        async with transaction() as connection:
            await app.ctx.messages.tell(
                connection, wang.id, "called", about=FACTS, due=clock.now(), key="same"
            )
        await app.ctx.messages.drain()
    await send()
    assert await ways() == [SENT_ONCE]
    assert len(wechat.users.sent) == 1


async def test_no_sms_at_night_but_in_the_morning(
    wang: Any, tell: Any, send: Any, clock: Any, sms: Any
) -> None:
    clock.set(clock.now().replace(hour=22, minute=30))
    await tell(wang, "case_correction")
    await send()
    assert await ways() == [
        ("subscribe", "skipped", "no_subscription"),
        ("sms", "waiting", "quiet"),
    ]
    await _pass(clock, send, 8 * 3600)
    assert sms.last == {}  # half past six
    await _pass(clock, send, 1800)
    assert sms.last[PHONE]["template"] == "case_correction"


async def test_a_call_rings_at_any_hour(
    wang: Any, tell: Any, send: Any, clock: Any, sms: Any
) -> None:
    clock.set(clock.now().replace(hour=22, minute=30))
    await tell(wang, "called")
    await send()
    assert sms.last[PHONE]["template"] == "called"


async def test_what_would_be_of_no_use_in_the_morning_is_not_sent(
    wang: Any, tell: Any, send: Any, clock: Any
) -> None:
    clock.set(clock.now().replace(hour=23))
    await tell(wang, "waiting_offer")  # good for half an hour
    await send()
    assert await ways() == [("sms", "expired", "quiet")]


async def test_a_call_that_comes_too_late_is_not_sent(
    wang: Any, accept: Any, tell: Any, send: Any, clock: Any, wechat: Any, sms: Any
) -> None:
    await accept("called")
    await tell(wang, "called")
    await _pass(clock, send, 301)
    assert await ways() == [("subscribe", "expired", "too_late")]
    assert (wechat.users.sent, sms.last) == ([], {})
    assert len((await wang.get("/messages")).json["messages"]) == 1


async def test_a_call_that_lay_in_the_outbox_for_too_long_is_not_sent(
    wang: Any, accept: Any, app: Any, send: Any, clock: Any, wechat: Any
) -> None:
    await accept("called")
    async with transaction() as connection:
        due = clock.now()
        await app.ctx.messages.tell(connection, wang.id, "called", about=FACTS, due=due)
    clock.advance(timedelta(minutes=6))  # nobody drained it
    await app.ctx.messages.drain()
    await send()
    assert await ways() == [("subscribe", "expired", "too_late")]


async def test_a_reminder_of_a_booking_that_is_gone_is_not_sent(
    wang: Any, accept: Any, tell: Any, send: Any, app: Any, wechat: Any
) -> None:
    gone = {"appointment": str(uuid4()), "starts_at": "2026-11-25T09:00:00+08:00"}
    await accept("reminder")
    guards = app.ctx.messages._guards
    guard = guards.pop("booking_reminder")
    await tell(wang, "booking_reminder", **gone)  # it was true then
    guards["booking_reminder"] = guard
    await send()
    assert await ways() == [("subscribe", "withdrawn", "not_true")]
    assert wechat.users.sent == []


async def test_who_switched_sms_off_has_the_inbox(
    wang: Any, tell: Any, send: Any, sms: Any
) -> None:
    assert (await wang.get("/messages/preferences")).json == {"sms": True}
    chosen = await wang.call("PUT", "/messages/preferences", json={"sms": False})
    assert chosen.json == {"sms": False}
    await tell(wang, "case_correction")
    await send()
    assert (await ways())[1:] == [("sms", "skipped", "switched_off")]
    assert sms.last == {}
    assert (await wang.get("/messages")).json["unread"] == 1


@pytest.mark.parametrize(
    ("mode", "state", "reason"),
    [("refuse", "failed", "refused"), ("slow", "unknown", "timeout"), ("error", "failed", "down")],
)
async def test_a_gateway_that_fails_is_tried_only_while_it_took_nothing(
    wang: Any, tell: Any, send: Any, sms: Any, clock: Any, mode: str, state: str, reason: str
) -> None:
    sms.mode = mode
    await tell(wang, "case_denied")
    await _pass(clock, send, 60, steps=6)
    assert (await ways())[1:] == [("sms", state, reason)]
    (row,) = await fetch("SELECT attempts FROM message_delivery WHERE channel = 'sms'")
    assert row["attempts"] == (4 if mode == "error" else 1)


async def test_a_kind_that_is_not_named_stays_in_the_inbox(wang: Any, tell: Any) -> None:
    await tell(wang, "passed")
    assert await ways() == []
    assert (await wang.get("/messages")).json["unread"] == 1


async def test_a_kind_without_sms_is_never_one(wang: Any, tell: Any, send: Any, sms: Any) -> None:
    await tell(wang, "case_issued")
    await send()
    assert await ways() == [("subscribe", "skipped", "no_subscription")]
    assert sms.last == {}


async def test_every_kind_that_leaves_the_inbox_fits_its_template_and_its_sms(
    app: Any, wang: Any, accept: Any, tell: Any, send: Any, wechat: Any
) -> None:
    """WeChat's own rules of the fields stand in the fake."""
    ours = app.ctx.settings.messages
    kinds = [kind for kind, rule in ours.outgoing.items() if rule.template]
    gone = {"appointment": str(uuid4()), "starts_at": "2026-11-25T09:00:00+08:00", "fen": 1}
    for kind in kinds:
        await accept(ours.outgoing[kind].template)
    app.ctx.messages._guards, guards = {}, app.ctx.messages._guards
    try:
        for kind in kinds:
            await tell(wang, kind, until="2026-12-24", item_name="很长的名字" * 20, **gone)
            await send()
    finally:
        app.ctx.messages._guards = guards
    assert len(wechat.users.sent) == len(kinds)
    assert {kind for kind, rule in ours.outgoing.items() if rule.sms} <= set(SMS)


async def test_a_copy_and_a_deletion_cover_deliveries(
    wang: Any, accept: Any, tell: Any, send: Any, app: Any
) -> None:
    await accept("called", "near")
    await wang.call("PUT", "/messages/preferences", json={"sms": False})
    await tell(wang, "called")
    await tell(wang, "case_correction")
    copy = await app.ctx.rights.copy(wang.id, masked=True)
    held = copy.data["reminders"]
    assert held["sms"] is False
    assert len(held["subscriptions"]) == 2
    assert {each["kind"] for each in held["deliveries"]} == {"called", "case_correction"}
    erasure = await app.ctx.rights.delete(wang.id)
    assert "提醒设置和送达记录" in erasure.erased
    for table in ("message_delivery", "subscription", "message_preference"):
        assert await fetch(f"SELECT 1 AS one FROM {table}") == []
    await send()
    assert await ways() == []


async def test_old_deliveries_are_forgotten(
    wang: Any, tell: Any, send: Any, app: Any, clock: Any
) -> None:
    await tell(wang, "called")
    await send()
    clock.advance(timedelta(days=app.ctx.settings.messages.keep_days + 1))
    await app.ctx.deliveries.forget()
    assert await ways() == []
