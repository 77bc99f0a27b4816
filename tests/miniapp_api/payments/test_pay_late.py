"""Money that came too late is given back, if need be by a cashier; refunds that are not ours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from miniapp_api.platform.database import fetch

FEE = 12_000


@pytest.fixture
async def late(citizen: Any, order: Any, wechat_pay: Any, app: Any, clock: Any) -> str:
    """An order that was paid after it was closed, and that we have not given back yet."""
    id: str = await order()
    await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    clock.advance(timedelta(hours=2))
    await app.ctx.payments.poll()
    url = f"http://127.0.0.1:{app.ctx.settings.payments.fake_port}/pay/{UUID(id).hex}"
    async with citizen.session.post(url, json={"although_closed": True}) as reply:
        assert reply.status == 200
    await wechat_pay.settled()
    return id


async def _status(order: str) -> Any:
    (row,) = await fetch("SELECT status FROM pay_order WHERE id = $1", order)
    return row["status"]


async def _refund(cashier: Any, order: str, amount: int, key: str) -> Any:
    body = {"amount_fen": amount, "reason": "自动退款失败"}
    return await cashier.post(f"/payments/orders/{order}/refunds", body, key=key)


async def test_a_late_payment_whose_own_refund_failed_is_given_back_by_a_cashier(
    late: str, wechat_pay: Any, app: Any, cashier: Any
) -> None:
    wechat_pay.behaviour.refund = "CLOSED"
    await app.ctx.payments.poll()
    await wechat_pay.settled()
    assert await _status(late) == "late"
    wechat_pay.behaviour.refund = "SUCCESS"
    assert (await _refund(cashier, late, FEE + 1, "k0")).status == 409
    assert (await _refund(cashier, late, 5_000, "k1")).status == 201
    await wechat_pay.settled()
    assert await _status(late) == "late"  # in part only
    assert (await _refund(cashier, late, FEE - 5_000, "k2")).status == 201
    await wechat_pay.settled()
    assert await _status(late) == "refunded"


async def test_a_late_payment_is_not_given_back_twice(
    late: str, wechat_pay: Any, app: Any, cashier: Any
) -> None:
    assert (await _refund(cashier, late, FEE, "k1")).status == 409  # set aside already
    await app.ctx.payments.poll()
    await wechat_pay.settled()
    assert (await _refund(cashier, late, 1, "k2")).status == 409
    assert (len(wechat_pay.ledger.refunds), await _status(late)) == (1, "refunded")


async def test_a_notification_of_a_refund_that_is_not_ours_is_unknown(
    citizen: Any, order: Any, pay: Any, cashier: Any, wechat_pay: Any
) -> None:
    id = await order()
    await pay(citizen, id)
    wechat_pay.behaviour.refund, wechat_pay.behaviour.seconds = "PROCESSING", 0.01
    await _refund(cashier, id, 5_000, "k")
    (refund,) = wechat_pay.ledger.refunds.values()
    await fetch("DELETE FROM pay_refund")
    wechat_pay.finish(refund, "SUCCESS")
    await wechat_pay.settled()
    assert wechat_pay.answers[-1][0] == 404
    rows = await fetch("SELECT verdict FROM pay_event ORDER BY id DESC LIMIT 1")
    assert [row["verdict"] for row in rows] == ["unknown"]
    assert await _status(id) == "paid"
