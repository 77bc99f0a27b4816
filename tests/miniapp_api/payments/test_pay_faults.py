"""What goes wrong in paying, and stays harmless: late, lost, forged, doubled, half done."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from miniapp_api.payments.fake_ledger import Fault
from miniapp_api.platform.database import fetch, transaction

LONG = timedelta(hours=2)


async def _status(order: str) -> Any:
    (row,) = await fetch("SELECT * FROM pay_order WHERE id = $1", order)
    return row["status"]


async def _refunds(order: str) -> list[tuple[str, int]]:
    rows = await fetch(
        "SELECT status, amount_fen FROM pay_refund WHERE order_id = $1 ORDER BY requested_at", order
    )
    return [(row["status"], row["amount_fen"]) for row in rows]


async def _events() -> list[tuple[str | None, str]]:
    rows = await fetch("SELECT notification, verdict FROM pay_event ORDER BY id")
    return [(row["notification"], row["verdict"]) for row in rows]


async def _prepay(citizen: Any, order: str) -> Any:
    return await citizen.post(f"/payments/orders/{order}/prepay", {"openid": "oPayer"})


async def _pay_there(citizen: Any, app: Any, order: str, wechat_pay: Any, **body: Any) -> int:
    """The citizen pays at WeChat, where nobody asks us."""
    port = app.ctx.settings.payments.fake_port
    url = f"http://127.0.0.1:{port}/pay/{UUID(order).hex}"
    async with citizen.session.post(url, json=body) as reply:
        await wechat_pay.settled()
        return int(reply.status)


async def _refund(cashier: Any, order: str, amount: int, key: str) -> Any:
    body = {"amount_fen": amount, "reason": "重复缴费"}
    return await cashier.post(f"/payments/orders/{order}/refunds", body, key=key)


# -- paid late -------------------------------------------------------------------------------------


async def test_an_order_paid_after_it_was_closed_is_refunded_by_itself(
    citizen: Any, order: Any, wechat_pay: Any, told: Any, app: Any, clock: Any
) -> None:
    id = await order()
    await _prepay(citizen, id)
    clock.advance(LONG)
    await app.ctx.payments.poll()
    newer = await order()
    assert await _pay_there(citizen, app, id, wechat_pay, although_closed=True) == 200
    assert wechat_pay.answers[-1][0] == 204
    assert (await _status(id), await _refunds(id)) == ("late", [("requested", 12_000)])
    await app.ctx.payments.poll()
    await wechat_pay.settled()
    assert (await _status(id), await _refunds(id)) == ("refunded", [("succeeded", 12_000)])
    assert told == []
    assert await _status(newer) == "created"
    actions = await fetch(
        "SELECT action, actor_kind FROM audit_entry WHERE subject = $1 ORDER BY id",
        f"pay_order:{id}",
    )
    assert [(a["action"], a["actor_kind"]) for a in actions] == [
        ("refund.requested", "system"),
        ("refund.succeeded", "system"),
    ]


async def test_late_notifications_at_once_refund_once(
    citizen: Any, order: Any, wechat_pay: Any, app: Any, clock: Any
) -> None:
    id = await order()
    await _prepay(citizen, id)
    clock.advance(LONG)
    await app.ctx.payments.poll()
    wechat_pay.behaviour.notify = "duplicate"
    await _pay_there(citizen, app, id, wechat_pay, although_closed=True)
    assert {code for code, _ in wechat_pay.answers} == {204}
    assert await _refunds(id) == [("requested", 12_000)]


async def test_a_closed_order_cannot_be_paid_at_wechat_either(
    citizen: Any, order: Any, wechat_pay: Any, app: Any, clock: Any
) -> None:
    id = await order()
    await _prepay(citizen, id)
    clock.advance(LONG)
    await app.ctx.payments.poll()
    assert await _pay_there(citizen, app, id, wechat_pay) == 409
    assert (await _prepay(citizen, id)).code == "order_expired"


async def test_an_expired_order_is_closed_by_who_wants_to_pay_it(
    citizen: Any, order: Any, wechat_pay: Any, clock: Any
) -> None:
    id = await order()
    await _prepay(citizen, id)
    clock.advance(LONG)
    assert (await _prepay(citizen, id)).code == "order_expired"
    assert await _status(id) == "closed"
    assert await order() != id


async def test_an_order_paid_in_the_last_second_is_paid_not_closed(
    citizen: Any, order: Any, wechat_pay: Any, told: Any, app: Any, clock: Any
) -> None:
    wechat_pay.behaviour.notify = "lose"
    id = await order()
    await _prepay(citizen, id)
    await _pay_there(citizen, app, id, wechat_pay)
    clock.advance(LONG)
    assert (await _prepay(citizen, id)).code == "order_paid"
    assert told == [id]


async def test_an_order_paid_between_asking_and_closing_is_paid(
    citizen: Any,
    order: Any,
    wechat_pay: Any,
    told: Any,
    app: Any,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def paid_meanwhile(number: str) -> None:
        wechat_pay.ledger.pay(number, clock.now())
        raise Fault(400, "ORDERPAID")

    id = await order()
    await _prepay(citizen, id)
    clock.advance(LONG)
    monkeypatch.setattr(wechat_pay.ledger, "close", paid_meanwhile)
    await app.ctx.payments.poll()
    assert await _status(id) == "prepaid"
    clock.advance(LONG)
    await app.ctx.payments.poll()
    assert (await _status(id), told) == ("paid", [id])


async def test_an_order_that_wechat_never_heard_of_is_closed_without_asking(
    order: Any, wechat_pay: Any, app: Any, clock: Any
) -> None:
    id = await order()
    clock.advance(LONG)
    await app.ctx.payments.poll()
    assert (await _status(id), wechat_pay.calls) == ("closed", [])


# -- notifications ---------------------------------------------------------------------------------


async def test_a_replayed_notification_does_nothing_and_an_old_one_is_refused(
    api: Any, citizen: Any, order: Any, pay: Any, wechat_pay: Any, told: Any, clock: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    headers, body = wechat_pay.sent[0]
    assert (await api.call("POST", "/payments/notify", data=body, headers=headers)).status == 204
    clock.advance(timedelta(minutes=5))
    old = await api.call("POST", "/payments/notify", data=body, headers=headers)
    assert (old.status, old.json) == (401, {"code": "FAIL", "message": "签名验证失败"})
    assert old.headers["Content-Type"] == "application/json"
    assert told == [id]


async def test_a_forged_notification_does_not_stand_in_the_way_of_the_real_one(
    api: Any, citizen: Any, order: Any, pay: Any, wechat_pay: Any, told: Any
) -> None:
    wechat_pay.behaviour.notify, wechat_pay.behaviour.seconds = "wrong_signature", 0.01
    id = await order()
    await pay(citizen, id)
    assert {number for number, _ in await _events()} == {None}
    _, body = wechat_pay.sent[0]  # the same number and content, now rightly signed
    right = await api.call(
        "POST", "/payments/notify", data=body, headers=wechat_pay._signature(body)
    )
    assert (right.status, told) == (204, [id])


@pytest.mark.parametrize("mode", ["wrong_signature", "stale", "unknown_serial", "unsealed"])
async def test_every_notification_is_kept_with_its_verdict(
    citizen: Any, order: Any, pay: Any, wechat_pay: Any, mode: str
) -> None:
    wechat_pay.behaviour.notify, wechat_pay.behaviour.seconds = mode, 0.01
    await pay(citizen, await order())
    verdict = {"wrong_signature": "signature", "unknown_serial": "serial", "unsealed": "sealed"}
    assert set(await _events()) == {(None, verdict.get(mode, mode))}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"id":"x"}', b"\xff\xfe", b'{"id":1,"event_type":2}']
)
async def test_a_signed_notification_of_another_shape_is_garbled(
    api: Any, wechat_pay: Any, body: bytes
) -> None:
    headers = wechat_pay._signature(body)
    reply = await api.call("POST", "/payments/notify", data=body, headers=headers)
    assert (reply.status, reply.json["code"]) == (400, "FAIL")


@pytest.mark.parametrize("missing", ["Timestamp", "Nonce", "Serial", "Signature"])
async def test_a_notification_without_a_header_is_refused(
    api: Any, wechat_pay: Any, missing: str
) -> None:
    headers = wechat_pay._signature(b"{}")
    del headers[f"Wechatpay-{missing}"]
    reply = await api.call("POST", "/payments/notify", data=b"{}", headers=headers)
    assert (reply.status, reply.json["code"]) == (401, "FAIL")


async def test_a_notification_of_an_order_that_is_not_ours_is_unknown(
    citizen: Any, order: Any, wechat_pay: Any, app: Any
) -> None:
    wechat_pay.behaviour.seconds = 0.01
    id = await order()
    await _prepay(citizen, id)
    await fetch("DELETE FROM pay_order")
    await _pay_there(citizen, app, id, wechat_pay)
    assert {code for code, _ in wechat_pay.answers} == {404}
    assert {verdict for _, verdict in await _events()} == {"unknown"}


async def test_a_flood_of_forged_notifications_is_not_written_down(
    api: Any, wechat_pay: Any
) -> None:
    replies = await asyncio.gather(
        *(api.call("POST", "/payments/notify", data=b"{}") for _ in range(130))
    )
    assert {r.status for r in replies} == {401, 429}
    assert len(await _events()) == 120


async def test_a_paid_order_paid_by_another_transaction_is_a_mismatch(
    citizen: Any, order: Any, pay: Any, wechat_pay: Any, told: Any
) -> None:
    wechat_pay.behaviour.seconds = 0.01
    id = await order()
    await pay(citizen, id)
    theirs = wechat_pay.ledger.orders[UUID(id).hex]
    theirs.transaction_id = "4200-another"
    wechat_pay.tell_paid(theirs)
    await wechat_pay.settled()
    assert wechat_pay.answers[-1][0] == 409
    assert told == [id]


async def test_a_delayed_notification_pays_too(
    citizen: Any, order: Any, pay: Any, wechat_pay: Any, told: Any
) -> None:
    wechat_pay.behaviour.notify, wechat_pay.behaviour.seconds = "delay", 0.2
    id = await order()
    await pay(citizen, id)
    assert (await _status(id), told) == ("paid", [id])


async def test_a_handler_that_fails_leaves_the_order_unpaid_until_it_succeeds(
    citizen: Any, order: Any, pay: Any, wechat_pay: Any, app: Any
) -> None:
    tries = 0

    async def handler(paid: Any, connection: Any) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise RuntimeError("the case cannot be moved on")

    wechat_pay.behaviour.seconds = 0.01
    app.ctx.payments.when_paid("test", handler)
    try:
        id = await order()
        await pay(citizen, id)
    finally:
        app.ctx.payments._settler.handlers.pop("test")
    assert [code for code, _ in wechat_pay.answers] == [500, 204]
    assert (await _status(id), tries) == ("paid", 2)
    assert [verdict for _, verdict in await _events()] == ["paid"]


async def test_asking_and_hearing_at_once_pay_once(
    citizen: Any, order: Any, wechat_pay: Any, told: Any, app: Any, clock: Any
) -> None:
    ids = [await order(f"test:{n}") for n in range(8)]
    for id in ids:
        await _prepay(citizen, id)
    wechat_pay.behaviour.notify = "duplicate"
    clock.advance(timedelta(minutes=20))
    await asyncio.gather(
        *(_pay_there(citizen, app, id, wechat_pay) for id in ids),
        *(app.ctx.payments.poll() for _ in range(4)),
    )
    await fetch("UPDATE pay_order SET check_at = $1 WHERE check_at IS NOT NULL", clock.now())
    await app.ctx.payments.poll()
    assert sorted(told) == sorted(ids)
    assert {await _status(id) for id in ids} == {"paid"}


async def test_every_paid_order_has_a_receipt_number_of_its_own(
    citizen: Any, order: Any, pay: Any
) -> None:
    for n in range(3):
        await pay(citizen, await order(f"test:{n}"))
    rows = await fetch("SELECT receipt_number FROM pay_order")
    numbers = {row["receipt_number"] for row in rows}
    assert len(numbers) == 3
    assert all(number.startswith("20261124") for number in numbers)


# -- orders ----------------------------------------------------------------------------------------


async def test_an_order_that_expired_before_anybody_paid_makes_way_at_once(
    order: Any, clock: Any
) -> None:
    id = await order()
    clock.advance(LONG)
    assert await order() != id
    assert await _status(id) == "closed"


async def test_another_amount_for_the_same_subject_is_refused(order: Any) -> None:
    await order("test:1", 100)
    with pytest.raises(Exception, match="已经有一笔缴费"):
        await order("test:1", 200)


@pytest.mark.parametrize("amount", [0, -1])
async def test_an_order_of_nothing_is_our_bug(order: Any, amount: int) -> None:
    with pytest.raises(ValueError, match="amount"):
        await order("test:1", amount)


async def test_the_database_itself_forbids_two_live_orders(order: Any) -> None:
    await order("test:1")
    with pytest.raises(Exception, match="pay_order_one_live"):
        await fetch(
            "INSERT INTO pay_order (id, out_trade_no, citizen, subject, amount_fen, description,"
            " status, held_fen, refunded_fen, refund_parts, created_at, expires_at)"
            " SELECT gen_random_uuid(), 'other', citizen, subject, amount_fen, description,"
            " 'paid', 0, 0, 0, created_at, expires_at FROM pay_order"
        )


async def test_a_transaction_that_is_rolled_back_leaves_no_order(app: Any, payer: UUID) -> None:
    terms = {"citizen": payer, "subject": "test:1", "amount_fen": 1, "description": "费"}

    async def give_up() -> None:
        async with transaction() as connection:
            await app.ctx.payments.open_order(connection, **terms)
            raise RuntimeError("the use case failed")

    with pytest.raises(RuntimeError):
        await give_up()
    assert await app.ctx.payments.order_of_subject("test:1") is None


async def test_paying_takes_a_payer_whom_wechat_knows(citizen: Any, order: Any) -> None:
    reply = await citizen.post(f"/payments/orders/{await order()}/prepay", {})
    assert reply.code == "openid_required"


async def test_asking_to_pay_again_is_the_same_order(
    citizen: Any, order: Any, wechat_pay: Any
) -> None:
    id = await order()
    replies = await asyncio.gather(*(_prepay(citizen, id) for _ in range(5)))
    assert len({r.json["package"] for r in replies}) == 1
    calls = len(wechat_pay.calls)
    assert (await _prepay(citizen, id)).status == 200
    assert len(wechat_pay.calls) == calls


async def test_an_answer_that_was_lost_is_asked_for_again(
    citizen: Any, order: Any, wechat_pay: Any
) -> None:
    """WeChat has the order, but its answer did not come through unharmed."""
    wechat_pay.behaviour.api = "forge"
    id = await order()
    assert (await _prepay(citizen, id)).code == "pay_unavailable"
    assert UUID(id).hex in wechat_pay.ledger.orders
    assert await _status(id) == "created"
    wechat_pay.behaviour.api = "ok"
    assert (await _prepay(citizen, id)).status == 200


async def test_a_gateway_that_hangs_is_given_up_in_time(
    citizen: Any, order: Any, wechat_pay: Any, app: Any
) -> None:
    wechat_pay.behaviour.api, wechat_pay.behaviour.seconds = "slow", 30
    id, started = await order(), asyncio.get_running_loop().time()
    assert (await _prepay(citizen, id)).code == "pay_unavailable"
    limit = app.ctx.settings.payments.timeout_seconds
    assert asyncio.get_running_loop().time() - started < limit + 2


@pytest.mark.parametrize("mode", ["error", "garbage", "forge", "unsigned"])
async def test_while_wechat_cannot_be_believed_nothing_is_closed(
    citizen: Any, order: Any, wechat_pay: Any, app: Any, clock: Any, told: Any, mode: str
) -> None:
    wechat_pay.behaviour.notify = "lose"
    id = await order()
    await _prepay(citizen, id)
    await _pay_there(citizen, app, id, wechat_pay)
    wechat_pay.behaviour.api = mode
    clock.advance(LONG)
    await app.ctx.payments.poll()
    assert await _status(id) == "prepaid"
    wechat_pay.behaviour.api = "ok"
    clock.advance(LONG)
    await app.ctx.payments.poll()
    assert (await _status(id), told) == ("paid", [id])


# -- refunds ---------------------------------------------------------------------------------------


async def test_a_refund_is_audited_and_counted_on_its_order(
    citizen: Any, order: Any, pay: Any, cashier: Any, wechat_pay: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    assert (await _refund(cashier, id, 2_000, "k1")).status == 201
    await wechat_pay.settled()
    view = (await citizen.get(f"/payments/orders/{id}")).json
    assert (view["status"], view["refunded_fen"]) == ("partly_refunded", 2_000)
    assert (await _refund(cashier, id, 10_000, "k2")).status == 201
    await wechat_pay.settled()
    view = (await citizen.get(f"/payments/orders/{id}")).json
    assert (view["status"], view["refunded_fen"]) == ("refunded", 12_000)
    actions = await fetch(
        "SELECT action FROM audit_entry WHERE subject = $1 ORDER BY id", f"pay_order:{id}"
    )
    assert [a["action"] for a in actions] == ["refund.requested", "refund.succeeded"] * 2
    assert await order() != id  # the subject may be paid for anew


async def test_the_same_key_is_the_same_refund_and_another_wish_is_refused(
    citizen: Any, order: Any, pay: Any, cashier: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    replies = await asyncio.gather(*(_refund(cashier, id, 5_000, "k") for _ in range(5)))
    assert {r.status for r in replies} == {201}
    assert len({r.json["id"] for r in replies}) == 1
    assert (await _refund(cashier, id, 5_001, "k")).code == "idempotency_conflict"
    assert [amount for _, amount in await _refunds(id)] == [5_000]


async def test_two_cashiers_at_once_give_the_money_back_once(
    citizen: Any, order: Any, pay: Any, staff: Any, wechat_pay: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    first, second = await staff("cashier"), await staff("cashier")
    replies = await asyncio.gather(
        _refund(first, id, 12_000, "k"), _refund(second, id, 12_000, "k")
    )
    assert sorted(r.status for r in replies) == [201, 409]
    assert "refund_too_much" in {r.json.get("code") for r in replies}
    assert len(wechat_pay.ledger.refunds) == 1


async def test_the_fifty_first_part_is_refused(
    citizen: Any, order: Any, pay: Any, cashier: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    for n in range(50):
        assert (await _refund(cashier, id, 1, f"k{n}")).status == 201
    assert (await _refund(cashier, id, 1, "k50")).code == "refund_not_allowed"


async def test_after_a_year_nothing_is_refunded(
    citizen: Any, order: Any, pay: Any, cashier: Any, clock: Any, app: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    await fetch("UPDATE pay_order SET paid_at = paid_at - interval '366 days'")
    assert (await _refund(cashier, id, 1, "k")).code == "refund_not_allowed"


@pytest.mark.parametrize("mode", ["NOT_ENOUGH", "error", "garbage", "forge", "unsigned"])
async def test_a_refund_that_does_not_get_through_is_sent_again_under_its_number(
    citizen: Any,
    order: Any,
    pay: Any,
    cashier: Any,
    wechat_pay: Any,
    app: Any,
    clock: Any,
    mode: str,
) -> None:
    id = await order()
    await pay(citizen, id)
    wechat_pay.behaviour.api = mode
    reply = await _refund(cashier, id, 12_000, "k")
    assert (reply.status, reply.json["status"]) == (201, "requested")
    wechat_pay.behaviour.api = "ok"
    clock.advance(LONG)
    await app.ctx.payments.poll()
    await wechat_pay.settled()
    assert await _refunds(id) == [("succeeded", 12_000)]
    assert list(wechat_pay.ledger.refunds) == [UUID(reply.json["id"]).hex]
    assert await _status(id) == "refunded"


async def test_a_refund_that_wechat_will_never_take_has_failed_and_frees_its_amount(
    citizen: Any, order: Any, pay: Any, cashier: Any, wechat_pay: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    wechat_pay.behaviour.api = "INVALID_REQUEST"
    assert (await _refund(cashier, id, 12_000, "k1")).json["status"] == "failed"
    wechat_pay.behaviour.api = "ok"
    assert (await _refund(cashier, id, 12_000, "k2")).status == 201


async def test_a_refund_whose_first_answer_was_lost_is_found_not_failed(
    citizen: Any, order: Any, pay: Any, cashier: Any, wechat_pay: Any, app: Any, clock: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    wechat_pay.behaviour.api, wechat_pay.behaviour.notify = "forge", "lose"
    assert (await _refund(cashier, id, 12_000, "k")).json["status"] == "requested"
    assert len(wechat_pay.ledger.refunds) == 1
    wechat_pay.behaviour.api = "INVALID_REQUEST"  # as WeChat says of what it has already
    clock.advance(LONG)
    await app.ctx.payments.poll()
    assert await _refunds(id) == [("succeeded", 12_000)]


async def test_accepted_is_not_refunded(
    citizen: Any, order: Any, pay: Any, cashier: Any, wechat_pay: Any, app: Any, clock: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    wechat_pay.behaviour.refund = "PROCESSING"
    assert (await _refund(cashier, id, 12_000, "k")).json["status"] == "processing"
    assert await _status(id) == "paid"
    (refund,) = wechat_pay.ledger.refunds.values()
    wechat_pay.behaviour.notify = "lose"
    wechat_pay.finish(refund, "SUCCESS")
    clock.advance(LONG)
    await app.ctx.payments.poll()
    assert await _status(id) == "refunded"


async def test_a_refund_that_failed_can_be_given_back_again(
    citizen: Any, order: Any, pay: Any, cashier: Any, wechat_pay: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    wechat_pay.behaviour.refund = "CLOSED"
    await _refund(cashier, id, 12_000, "k1")
    await wechat_pay.settled()
    assert await _refunds(id) == [("failed", 12_000)]
    wechat_pay.behaviour.refund = "SUCCESS"
    await _refund(cashier, id, 12_000, "k2")
    await wechat_pay.settled()
    assert await _refunds(id) == [("failed", 12_000), ("succeeded", 12_000)]


async def test_an_abnormal_refund_keeps_the_amount_until_it_is_resolved(
    citizen: Any, order: Any, pay: Any, cashier: Any, wechat_pay: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    wechat_pay.behaviour.refund = "ABNORMAL"
    await _refund(cashier, id, 12_000, "k1")
    await wechat_pay.settled()
    assert await _refunds(id) == [("abnormal", 12_000)]
    assert (await _refund(cashier, id, 1, "k2")).code == "refund_too_much"
    (refund,) = wechat_pay.ledger.refunds.values()
    wechat_pay.finish(refund, "SUCCESS")
    await wechat_pay.settled()
    assert await _status(id) == "refunded"


async def test_refund_notifications_at_once_count_once(
    citizen: Any, order: Any, pay: Any, cashier: Any, wechat_pay: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    wechat_pay.behaviour.notify = "duplicate"
    await _refund(cashier, id, 5_000, "k")
    await wechat_pay.settled()
    assert {code for code, _ in wechat_pay.answers[1:]} == {204}
    view = (await citizen.get(f"/payments/orders/{id}")).json
    assert view["refunded_fen"] == 5_000


async def test_a_refund_notification_of_another_amount_is_a_mismatch(
    citizen: Any, order: Any, pay: Any, cashier: Any, wechat_pay: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    wechat_pay.behaviour.refund, wechat_pay.behaviour.seconds = "PROCESSING", 0.01
    await _refund(cashier, id, 5_000, "k")
    (refund,) = wechat_pay.ledger.refunds.values()
    refund.asked["amount"] = {**refund.asked["amount"], "refund": 4_999}
    wechat_pay.finish(refund, "SUCCESS")
    await wechat_pay.settled()
    assert wechat_pay.answers[-1][0] == 409
    assert await _refunds(id) == [("processing", 5_000)]


@pytest.mark.parametrize(
    "body",
    [
        {"amount_fen": 0, "reason": "r"},
        {"amount_fen": -1, "reason": "r"},
        {"amount_fen": 1.5, "reason": "r"},
        {"amount_fen": "1", "reason": "r"},
        {"amount_fen": 1, "reason": ""},
        {"amount_fen": 1, "reason": "字" * 81},
        {"amount_fen": 1},
    ],
)
async def test_a_refund_of_no_amount_or_reason_is_refused(cashier: Any, body: Any) -> None:
    reply = await cashier.post(f"/payments/orders/{uuid4()}/refunds", body, key="k")
    assert reply.code == "validation_failed"


# -- receipts and bills ----------------------------------------------------------------------------


async def test_a_bill_that_was_altered_on_the_way_is_not_believed(
    citizen: Any, order: Any, pay: Any, cashier: Any, clock: Any, wechat_pay: Any
) -> None:
    await pay(citizen, await order())
    day = f"{clock.now():%Y-%m-%d}"
    clock.advance(timedelta(days=1, hours=4))
    wechat_pay.behaviour.bill = "altered"
    reply = await cashier.post("/payments/reconciliations", {"day": day})
    assert reply.code == "pay_unavailable"
    assert (await cashier.get(f"/payments/reconciliations/{day}")).status == 404


async def test_a_day_without_payments_is_clean(
    cashier: Any, clock: Any, wechat_pay: Any, api: Any
) -> None:
    report = await cashier.post("/payments/reconciliations", {"day": "2026-11-20"})
    assert (report.json["clean"], report.json["theirs"]["payments"]) == (True, 0)
    today = await cashier.post("/payments/reconciliations", {"day": f"{clock.now():%Y-%m-%d}"})
    assert today.code == "bill_not_ready"
    entries = await fetch(
        "SELECT actor_kind FROM audit_entry WHERE action = 'bill.reconciled'"
        " AND subject = 'bill:2026-11-20' ORDER BY id DESC LIMIT 1"
    )
    assert [e["actor_kind"] for e in entries] == ["staff"]


async def test_a_payment_and_a_refund_we_missed_stand_in_the_report(
    citizen: Any, order: Any, pay: Any, cashier: Any, clock: Any, wechat_pay: Any, app: Any
) -> None:
    paid, lost = await order("test:1"), await order("test:2")
    await pay(citizen, paid)
    wechat_pay.behaviour.notify = "lose"
    await pay(citizen, lost)
    wechat_pay.behaviour.refund = "PROCESSING"
    refund = (await _refund(cashier, paid, 5_000, "k")).json["id"]
    await fetch("UPDATE pay_refund SET status = 'requested', accepted_at = NULL")
    day = f"{clock.now():%Y-%m-%d}"
    clock.advance(timedelta(days=1, hours=4))
    report = (await cashier.post("/payments/reconciliations", {"day": day})).json
    found = {(d["kind"], d["number"], d["flaw"]) for d in report["differences"]}
    assert found == {
        ("payment", UUID(lost).hex, "status_differs"),
        ("refund", UUID(refund).hex, "status_differs"),
    }
    assert not report["clean"]


async def test_a_receipt_names_amount_number_and_refund_and_is_always_the_same(
    citizen: Any, order: Any, pay: Any, cashier: Any, wechat_pay: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    first = await citizen.get(f"/payments/orders/{id}/receipt")
    second = await citizen.get(f"/payments/orders/{id}/receipt")
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.content == second.content
    await _refund(cashier, id, 2_000, "k")
    await wechat_pay.settled()
    after = await citizen.get(f"/payments/orders/{id}/receipt")
    (row,) = await fetch("SELECT receipt_number, transaction_id FROM pay_order")
    wanted = [row["receipt_number"], row["transaction_id"], "120.00", "壹佰贰拾元整"]
    assert all(_says(first.content, text) for text in wanted)
    assert _says(after.content, "贰拾元整")
    assert _says(after.content, "已退款")
    assert not _says(first.content, "已退款")


def _says(pdf: bytes, text: str) -> bool:
    """Look for a text as the font's encoding (UCS-2) writes it into a PDF's strings."""
    escaped = {0x28: b"\\(", 0x29: b"\\)", 0x5C: b"\\\\"}
    written = b"".join(
        escaped.get(b, bytes([b]) if 0x20 <= b < 0x7F else f"\\{b:03o}".encode())
        for b in text.encode("utf-16-be")
    )
    return written in pdf
