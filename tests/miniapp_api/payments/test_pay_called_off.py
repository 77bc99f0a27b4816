"""What is not to be paid any more: closed, given back once and told, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from miniapp_api.platform.database import fetch, transaction

FEE = 12_000
WHY = "不办了，退回"
ROUNDS = 25


async def call_off(app: Any, subject: str = "test:1", refund: str | None = WHY) -> None:
    async with transaction() as connection:
        await app.ctx.payments.call_off(connection, subject, refund)


async def quiet(app: Any, wechat_pay: Any) -> None:
    """Until nothing is due and nothing is on its way."""
    await wechat_pay.settled()
    while await app.ctx.payments.poll():
        await wechat_pay.settled()


async def _status(order: str) -> str:
    (row,) = await fetch("SELECT status FROM pay_order WHERE id = $1", order)
    found: str = row["status"]
    return found


def given_back(wechat_pay: Any, order: str) -> list[int]:
    """What WeChat Pay gave back of an order."""
    return [
        refund.asked["amount"]["refund"]
        for refund in wechat_pay.ledger.refunds.values()
        if refund.order.asked["out_trade_no"] == UUID(order).hex and refund.state == "SUCCESS"
    ]


async def _told(app: Any, citizen: Any) -> list[tuple[str, str]]:
    while await app.ctx.messages.drain():
        pass
    found = (await citizen.get("/messages/")).json["messages"]
    return [(m["kind"], m["text"]) for m in reversed(found)]


async def test_an_order_that_wechat_never_heard_of_is_closed_at_once(
    citizen: Any, order: Any, app: Any, wechat_pay: Any
) -> None:
    id = await order()
    await call_off(app)
    assert await _status(id) == "closed"
    assert await app.ctx.payments.poll() == 0
    again = await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    assert again.code == "order_expired"
    assert wechat_pay.calls == []


async def test_an_order_that_is_being_paid_is_closed_at_wechat_too(
    citizen: Any, order: Any, app: Any, wechat_pay: Any, settings: Any
) -> None:
    id = await order()
    await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    await call_off(app)
    await quiet(app, wechat_pay)
    assert wechat_pay.ledger.find(UUID(id).hex).state == "CLOSED"
    url = f"http://127.0.0.1:{settings.payments.fake_port}/pay/{UUID(id).hex}"
    async with citizen.session.post(url) as reply:
        assert reply.status == 409
    assert await _status(id) == "closed"
    assert await order() != id


async def test_a_gateway_that_is_away_is_told_later(
    citizen: Any, order: Any, app: Any, wechat_pay: Any, clock: Any
) -> None:
    id = await order()
    await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    wechat_pay.behaviour.api = "error"
    await call_off(app)
    await app.ctx.payments.poll()
    assert wechat_pay.ledger.find(UUID(id).hex).state == "NOTPAY"
    wechat_pay.behaviour.api = "ok"
    clock.advance(timedelta(hours=2))
    await quiet(app, wechat_pay)
    assert wechat_pay.ledger.find(UUID(id).hex).state == "CLOSED"


async def test_what_was_paid_is_given_back_once_however_often_it_is_called_off(
    citizen: Any, order: Any, pay: Any, app: Any, wechat_pay: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    await asyncio.gather(*(call_off(app) for _ in range(6)))
    assert await _status(id) == "void"
    await quiet(app, wechat_pay)
    await call_off(app)
    await quiet(app, wechat_pay)
    assert given_back(wechat_pay, id) == [FEE]
    view = (await citizen.get(f"/payments/orders/{id}")).json
    assert (view["status"], view["refunded_fen"]) == ("refunded", FEE)


async def test_the_payer_hears_of_it_twice_and_of_nobody(
    citizen: Any, order: Any, pay: Any, app: Any, wechat_pay: Any
) -> None:
    await pay(citizen, await order())
    await call_off(app)
    await call_off(app)
    await quiet(app, wechat_pay)
    requested, succeeded = await _told(app, citizen)
    assert (requested[0], succeeded[0]) == ("refund_requested", "refund_succeeded")
    for _, text in (requested, succeeded):
        assert "护照" in text
        assert "120.00元" in text


async def test_a_refund_that_fails_for_good_is_told_and_left_to_the_cashier(
    citizen: Any, order: Any, pay: Any, app: Any, wechat_pay: Any, cashier: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    wechat_pay.behaviour.refund = "CLOSED"
    await call_off(app)
    await quiet(app, wechat_pay)
    assert await _status(id) == "void"
    assert [kind for kind, _ in await _told(app, citizen)] == ["refund_requested", "refund_failed"]
    wechat_pay.behaviour.refund = "SUCCESS"
    body = {"amount_fen": FEE, "reason": "自动退款没有成"}
    reply = await cashier.post(f"/payments/orders/{id}/refunds", body, key="k")
    assert reply.status == 201, reply.text
    await quiet(app, wechat_pay)
    assert (await _status(id), given_back(wechat_pay, id)) == ("refunded", [FEE])


async def test_only_what_a_cashier_left_is_given_back(
    citizen: Any, order: Any, pay: Any, app: Any, wechat_pay: Any, cashier: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    body = {"amount_fen": 5_000, "reason": "多收"}
    await cashier.post(f"/payments/orders/{id}/refunds", body, key="k")
    await wechat_pay.settled()
    await call_off(app)
    await quiet(app, wechat_pay)
    assert sorted(given_back(wechat_pay, id)) == [5_000, FEE - 5_000]
    assert await _status(id) == "refunded"
    more = await cashier.post(f"/payments/orders/{id}/refunds", {**body, "amount_fen": 1}, key="m")
    assert more.code == "refund_too_much"


async def test_a_fee_that_is_kept_stays_paid_and_an_unpaid_one_is_closed(
    citizen: Any, order: Any, pay: Any, app: Any, wechat_pay: Any
) -> None:
    paid, unpaid = await order("test:1"), await order("test:2")
    await pay(citizen, paid)
    for subject in ("test:1", "test:2"):
        await call_off(app, subject, None)
    await quiet(app, wechat_pay)
    assert (await _status(paid), await _status(unpaid)) == ("paid", "closed")
    assert given_back(wechat_pay, paid) == []


@pytest.mark.parametrize("notify", ["lose", "delay", "duplicate"])
async def test_who_pays_at_the_very_moment_gets_his_money_back(
    citizen: Any, order: Any, app: Any, clock: Any, wechat_pay: Any, notify: str
) -> None:
    wechat_pay.behaviour.notify, wechat_pay.behaviour.seconds = notify, 0.2
    id = await order()
    await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    wechat_pay.tell_paid(wechat_pay.ledger.pay(UUID(id).hex, clock.now()))
    await call_off(app)
    wechat_pay.behaviour.notify = "ok"  # also of the refund
    await quiet(app, wechat_pay)
    assert given_back(wechat_pay, id) == [FEE]
    assert await _status(id) == "refunded"


async def test_who_is_still_asking_to_pay_when_it_is_called_off_cannot_pay(
    citizen: Any, order: Any, app: Any, wechat_pay: Any
) -> None:
    wechat_pay.behaviour.api, wechat_pay.behaviour.seconds = "slow", 2
    id = await order()
    asking = asyncio.create_task(
        citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    )
    while not wechat_pay.calls:
        await asyncio.sleep(0.001)
    await call_off(app)
    assert (await asking).code == "order_expired"
    await quiet(app, wechat_pay)
    assert wechat_pay.ledger.find(UUID(id).hex).state == "CLOSED"


async def test_paying_and_calling_off_at_once_never_loses_and_never_doubles_money(
    citizen: Any, order: Any, app: Any, wechat_pay: Any, settings: Any
) -> None:
    """Every way the two may cross, many times over, with a poll in between."""
    outcomes = set()
    for n in range(ROUNDS):
        subject = f"test:{n}"
        id = await order(subject)
        await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
        url = f"http://127.0.0.1:{settings.payments.fake_port}/pay/{UUID(id).hex}"

        async def pay(wait: float, url: str = url) -> int:
            await asyncio.sleep(wait)
            async with citizen.session.post(url) as reply:
                return reply.status

        async def stop(wait: float, subject: str = subject) -> None:
            await asyncio.sleep(wait)
            await call_off(app, subject)

        step = (n % 5) * 0.003
        paid, *_ = await asyncio.gather(
            pay(0.006), stop(step), stop(step), app.ctx.payments.poll(), app.ctx.payments.poll()
        )
        await quiet(app, wechat_pay)
        status = await _status(id)
        outcomes.add(status)
        assert given_back(wechat_pay, id) == ([FEE] if paid == 200 else [])
        assert status == ("refunded" if paid == 200 else "closed")
    assert "refunded" in outcomes


async def test_what_wechat_gives_back_no_more_is_left_to_the_cashier(
    citizen: Any, order: Any, pay: Any, app: Any, wechat_pay: Any, clock: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    clock.advance(timedelta(days=366))
    await call_off(app)
    await quiet(app, wechat_pay)
    assert (await _status(id), given_back(wechat_pay, id)) == ("void", [])


async def test_the_books_agree_about_what_was_called_off(
    citizen: Any, order: Any, pay: Any, app: Any, wechat_pay: Any, cashier: Any, clock: Any
) -> None:
    paid, hopeless = await order("test:1"), await order("test:2")
    await pay(citizen, paid)
    await pay(citizen, hopeless)
    await call_off(app, "test:1")
    await quiet(app, wechat_pay)
    wechat_pay.behaviour.refund = "CLOSED"
    await call_off(app, "test:2")
    await quiet(app, wechat_pay)
    assert (await _status(paid), await _status(hopeless)) == ("refunded", "void")
    day = f"{clock.now():%Y-%m-%d}"
    clock.advance(timedelta(days=1, hours=4))
    report = await cashier.post("/payments/reconciliations", {"day": day})
    assert report.json["differences"] == []
    assert report.json["ours"]["refunds"] == 2
