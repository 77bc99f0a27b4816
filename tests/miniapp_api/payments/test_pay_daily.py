"""Bills are compared by themselves, each day once; cashiers find every order, and nobody's name."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.payments import rules
from miniapp_api.payments.errors import PayUnavailable
from miniapp_api.platform.database import fetch, transaction

FEE = 12_000
NOW = datetime(2026, 11, 24, 8, 30, tzinfo=timezone(timedelta(hours=8)))


async def _reports() -> list[date]:
    rows = await fetch("SELECT day FROM pay_reconciliation WHERE made_by IS NULL ORDER BY id")
    return [row["day"] for row in rows]


@given(st.integers(0, 200), st.integers(0, 47))
def test_no_day_is_left_out_and_none_is_compared_before_its_bill_is_there(
    gap: int, hours: int
) -> None:
    now = NOW + timedelta(hours=hours)
    newest = rules.newest_bill(now)
    assert rules.bill_ready(newest, now)
    assert not rules.bill_ready(newest + timedelta(days=1), now)
    noted = newest - timedelta(days=gap)
    days = rules.bill_days(newest, noted)
    wanted = [noted + timedelta(days=n) for n in range(1, gap + 1)]
    assert days == wanted[-rules.BILL_DAYS :]


def test_whoever_begins_to_compare_begins_with_the_newest_bill() -> None:
    assert rules.bill_days(date(2026, 11, 22), None) == [date(2026, 11, 22)]
    assert rules.bill_days(date(2026, 11, 22), date(2026, 11, 25)) == []


async def test_a_day_is_compared_once_its_bill_is_there(
    citizen: Any, order: Any, pay: Any, app: Any, clock: Any, cashier: Any
) -> None:
    await pay(citizen, await order())
    today = clock.now().date()
    assert await app.ctx.payments.reconcile_daily() == 1  # of the day before yesterday
    clock.advance(timedelta(days=1))  # half past eight
    assert await app.ctx.payments.reconcile_daily() == 1
    assert today not in await _reports()
    clock.advance(timedelta(hours=2))
    assert await app.ctx.payments.reconcile_daily() == 1
    assert await app.ctx.payments.reconcile_daily() == 0
    assert (await _reports())[-1] == today
    report = (await cashier.get(f"/payments/reconciliations/{today}")).json
    assert (report["clean"], report["ours"]["payments_fen"]) == (True, FEE)


async def test_of_many_replicas_one_compares_a_day(
    api: Any, app: Any, wechat_pay: Any, clock: Any
) -> None:
    await app.ctx.payments.reconcile_daily()
    clock.advance(timedelta(days=3))
    done = await asyncio.gather(*(app.ctx.payments.reconcile_daily() for _ in range(6)))
    assert sum(done) == 3
    days = await _reports()
    assert len(days) == len(set(days)) == 4


async def test_a_bill_that_does_not_come_is_asked_for_again(
    api: Any, app: Any, wechat_pay: Any, clock: Any
) -> None:
    wechat_pay.behaviour.api = "error"
    with pytest.raises(PayUnavailable):
        await app.ctx.payments.reconcile_daily()
    wechat_pay.behaviour.api = "ok"
    assert await app.ctx.payments.reconcile_daily() == 0  # not at once
    clock.advance(timedelta(minutes=15))
    assert await app.ctx.payments.reconcile_daily() == 1


async def test_days_of_a_long_rest_are_caught_up_as_far_as_there_are_bills(
    api: Any, app: Any, wechat_pay: Any, clock: Any
) -> None:
    await app.ctx.payments.reconcile_daily()
    clock.advance(timedelta(days=120))  # half past eight: of the oldest there is no bill any more
    assert await app.ctx.payments.reconcile_daily() == rules.BILL_DAYS
    assert len(await _reports()) == 1 + rules.BILL_DAYS - 1
    assert await fetch("SELECT day FROM pay_bill_day WHERE check_at IS NOT NULL") == []


# -- the cashiers' list ---------------------------------------------------------------------------


@pytest.fixture
async def many(order: Any, clock: Any) -> list[str]:
    """Seven orders, one a day, the oldest first."""
    found = []
    for n in range(7):
        found.append(await order(f"test:{n}"))
        clock.advance(timedelta(days=1))
    return found


async def _list(cashier: Any, **query: Any) -> Any:
    reply = await cashier.get("/payments/desk/orders", params=query)
    assert reply.status == 200, reply.text
    return reply.json


async def test_orders_are_listed_page_by_page_the_newest_first(
    many: list[str], cashier: Any
) -> None:
    seen: list[str] = []
    page = await _list(cashier, limit=3)
    while True:
        seen += [o["id"] for o in page["orders"]]
        if page["next"] is None:
            break
        page = await _list(cashier, limit=3, after=page["next"])
    assert seen == many[::-1]
    assert (await _list(cashier, after=str(uuid4())))["orders"] == []


async def test_orders_are_found_by_day_state_and_number(
    many: list[str], cashier: Any, citizen: Any, pay: Any, order: Any
) -> None:
    days = await _list(cashier, since="2026-11-25", until="2026-11-26")
    assert [o["id"] for o in days["orders"]] == [many[2], many[1]]
    paid = await order("test:paid")
    await pay(citizen, paid)
    (found,) = (await _list(cashier, status="paid"))["orders"]
    assert found["id"] == paid
    for number in (found["out_trade_no"], found["transaction_id"], found["receipt_number"]):
        assert [o["id"] for o in (await _list(cashier, number=number))["orders"]] == [paid]
    assert (await _list(cashier, number="nothing"))["orders"] == []


async def test_money_that_waits_for_a_cashier_is_found(
    citizen: Any, order: Any, pay: Any, cashier: Any, app: Any, wechat_pay: Any
) -> None:
    failed, abnormal, fine = [await order(f"test:{n}") for n in range(3)]
    for id in (failed, abnormal, fine):
        await pay(citizen, id)
    for subject, outcome in (("test:0", "CLOSED"), ("test:1", "ABNORMAL"), ("test:2", "SUCCESS")):
        wechat_pay.behaviour.refund = outcome
        async with transaction() as connection:
            await app.ctx.payments.call_off(connection, subject, "不办了")
        while await app.ctx.payments.poll():
            await wechat_pay.settled()
    found = (await _list(cashier, due_back="true"))["orders"]
    assert {o["id"]: [r["status"] for r in o["refunds"]] for o in found} == {
        failed: ["failed"],
        abnormal: ["abnormal"],
    }


async def test_the_list_names_nobody(
    order: Any, cashier: Any, payer: UUID, staff: Any, citizen: Any
) -> None:
    await order()
    reply = await cashier.get("/payments/desk/orders")
    assert len(reply.json["orders"]) == 1
    assert str(payer) not in reply.text
    assert (await (await staff("clerk")).get("/payments/desk/orders")).code == "forbidden"
    assert (await citizen.get("/payments/desk/orders")).code == "forbidden"
