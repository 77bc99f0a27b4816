"""Orders, notifications, refunds, bills: with a WeChat Pay that forges, doubles, delays, loses."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from miniapp_api.payments import wechat_pay_crypto as crypto
from miniapp_api.platform.database import fetch


async def status(citizen: Any, order: str) -> str:
    found: str = (await citizen.get(f"/payments/orders/{order}")).json["status"]
    return found


async def test_an_order_is_paid_once_and_has_a_receipt(
    citizen: Any, order: Any, pay: Any, told: Any
) -> None:
    id = await order()
    assert (await citizen.get(f"/payments/orders/{id}/receipt")).code == "receipt_not_ready"
    await pay(citizen, id)
    assert await status(citizen, id) == "paid"
    assert told == [id]
    receipt = await citizen.get(f"/payments/orders/{id}/receipt")
    assert receipt.content.startswith(b"%PDF-")
    again = await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    assert again.code == "order_paid"


async def test_what_the_client_pays_with_is_signed_by_us(
    citizen: Any, order: Any, wechat_pay: Any, app: Any
) -> None:
    reply = (
        await citizen.post(f"/payments/orders/{await order()}/prepay", {"openid": "oPayer"})
    ).json
    keys = app.ctx.payments._keys
    signed = crypto.pay_sign(
        keys.private,
        app.ctx.settings.wechat.appid,
        reply["timeStamp"],
        reply["nonceStr"],
        reply["package"],
    )
    assert reply["paySign"] == signed


async def test_a_subject_has_one_live_order(
    citizen: Any, order: Any, app: Any, gather: Any
) -> None:
    assert len(set(await gather(*(order() for _ in range(8))))) == 1


async def test_another_citizen_sees_no_order(citizen: Any, order: Any, log_in: Any) -> None:
    id, other = await order(), await log_in("13900000000")
    for reply in (
        await other.get(f"/payments/orders/{id}"),
        await other.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"}),
        await other.get(f"/payments/orders/{id}/receipt"),
    ):
        assert reply.code == "order_not_found"


@pytest.mark.parametrize(
    "mode",
    [
        "wrong_signature", "tampered", "other_amount", "other_merchant", "stale",
        "unknown_serial", "unsealed",
    ],
)  # fmt: skip
async def test_a_notification_that_is_not_right_pays_nothing(
    citizen: Any, order: Any, pay: Any, wechat_pay: Any, told: Any, mode: str
) -> None:
    wechat_pay.behaviour.notify, wechat_pay.behaviour.seconds = mode, 0.01
    id = await order()
    await pay(citizen, id)
    assert {code >= 400 for code, _ in wechat_pay.answers} == {True}
    assert {'"FAIL"' in text for _, text in wechat_pay.answers} == {True}
    assert await status(citizen, id) == "prepaid"
    assert told == []


async def test_five_notifications_at_once_pay_once(
    citizen: Any, order: Any, pay: Any, wechat_pay: Any, told: Any
) -> None:
    wechat_pay.behaviour.notify = "duplicate"
    id = await order()
    await pay(citizen, id)
    assert len(wechat_pay.answers) == 5
    assert {code for code, _ in wechat_pay.answers} == {204}
    assert told == [id]


async def test_a_lost_notification_is_found_by_asking(
    citizen: Any, order: Any, pay: Any, wechat_pay: Any, told: Any, app: Any, clock: Any
) -> None:
    wechat_pay.behaviour.notify = "lose"
    id = await order()
    await pay(citizen, id)
    assert await status(citizen, id) == "prepaid"
    clock.advance(timedelta(hours=1))
    await app.ctx.payments.poll()
    assert await status(citizen, id) == "paid"
    assert told == [id]


async def test_an_order_that_nobody_paid_is_closed(
    citizen: Any, order: Any, wechat_pay: Any, app: Any, clock: Any
) -> None:
    id = await order()
    await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    clock.advance(timedelta(hours=2))
    await app.ctx.payments.poll()
    assert await status(citizen, id) == "closed"
    assert await order() != id


@pytest.mark.parametrize("mode", ["error", "garbage", "slow", "forge", "unsigned", "NOT_ENOUGH"])
async def test_a_gateway_that_misbehaves_is_a_refusal(
    citizen: Any, order: Any, wechat_pay: Any, mode: str
) -> None:
    wechat_pay.behaviour.api, wechat_pay.behaviour.seconds = mode, 30
    id = await order()
    reply = await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    assert reply.code in ("pay_unavailable", "pay_rejected")
    wechat_pay.behaviour.api = "ok"
    again = await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    assert again.status == 200


async def _refund(cashier: Any, order: str, amount: int, key: str) -> Any:
    body = {"amount_fen": amount, "reason": "重复缴费"}
    return await cashier.post(f"/payments/orders/{order}/refunds", body, key=key)


async def test_the_same_refund_twice_is_one_refund(
    citizen: Any, order: Any, pay: Any, cashier: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    replies = await asyncio.gather(*(_refund(cashier, id, 5_000, "k") for _ in range(5)))
    assert {r.status for r in replies} <= {201, 409}
    assert len({r.json["id"] for r in replies if r.status == 201}) == 1
    view = (await citizen.get(f"/payments/orders/{id}")).json
    assert view["refunded_fen"] <= 5_000


async def test_never_more_is_given_back_than_was_paid(
    citizen: Any, order: Any, pay: Any, cashier: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    replies = await asyncio.gather(*(_refund(cashier, id, 5_000, f"k{n}") for n in range(6)))
    assert sorted(r.status for r in replies) == [201, 201, 409, 409, 409, 409]
    assert (await _refund(cashier, id, 2_001, "more")).code == "refund_too_much"
    assert (await _refund(cashier, id, 2_000, "rest")).status == 201


async def test_nothing_is_given_back_of_what_was_not_paid(order: Any, cashier: Any) -> None:
    assert (await _refund(cashier, await order(), 1, "k")).code == "refund_not_allowed"
    assert (await _refund(cashier, str(uuid4()), 1, "k2")).code == "order_not_found"


async def test_a_clerk_refunds_nothing(order: Any, staff: Any) -> None:
    assert (await _refund(await staff("clerk"), await order(), 1, "k")).code == "forbidden"
    weak = await staff("cashier", second_factor=False)
    assert (await _refund(weak, await order(), 1, "k")).code == "second_factor_required"


async def test_the_books_agree_and_every_difference_is_found(
    citizen: Any, order: Any, pay: Any, cashier: Any, clock: Any, wechat_pay: Any
) -> None:
    first, second = await order("test:1"), await order("test:2", 4_000)
    await pay(citizen, first)
    await pay(citizen, second)
    day = f"{clock.now():%Y-%m-%d}"
    clock.advance(timedelta(days=1, hours=4))
    report = await cashier.post("/payments/reconciliations", {"day": day})
    assert report.status in (200, 201), report.text
    assert report.json["differences"] == []
    missing = UUID(second).hex
    await fetch("UPDATE pay_order SET amount_fen = 11999 WHERE out_trade_no = $1", UUID(first).hex)
    wechat_pay.ledger.orders.pop(missing)
    report = await cashier.post("/payments/reconciliations", {"day": day})
    assert {d["number"] for d in report.json["differences"]} >= {UUID(first).hex, missing}
    kept = (await cashier.get(f"/payments/reconciliations/{day}")).json
    assert kept["differences"] == report.json["differences"]
