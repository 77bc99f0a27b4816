"""Every sequence of ordering, paying, calling off and giving back, on real PostgreSQL.

What WeChat Pay has of a subject's money and what our books say is the same after every step that
leaves nothing on its way; and in the end nobody has paid for what was called off.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from miniapp_api.payments.errors import OrderExists
from miniapp_api.payments.fake_ledger import FakeOrder, Ledger
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.database import fetch, transaction
from miniapp_api.platform.errors import Refusal
from tests.api import TUESDAY, empty

PAYER, SUBJECT = UUID(int=7), "test:1"
CASHIER = StaffMember(UUID(int=9), "municipal", frozenset({"cashier"}), frozenset(), True)
FEES = (2_000, 4_000)
MOST_HOURS = 24
WAITED_FOR = """
SELECT id FROM pay_order WHERE check_at IS NOT NULL
UNION ALL SELECT id FROM pay_refund WHERE check_at IS NOT NULL
"""


class Money(RuleBasedStateMachine):
    """One subject, its payer, a cashier, and WeChat Pay."""

    app: Any
    clock: Any
    fake: Any
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.latest: UUID | None = None
        self.run(self._begin())

    def run[Result](self, work: Awaitable[Result]) -> Result:
        async def bounded() -> Result:
            return await asyncio.wait_for(work, 60)

        return asyncio.run_coroutine_threadsafe(bounded(), self.loop).result()

    async def _begin(self) -> None:
        self.clock.set(TUESDAY)
        await empty("pay_order, pay_refund, pay_event, outbox, idempotent_answer")
        self.fake.ledger = Ledger()
        self.fake.behaviour.refund, self.fake.behaviour.notify = "SUCCESS", "ok"

    @rule(fee=st.sampled_from(FEES))
    def order(self, fee: int) -> None:
        async def work() -> UUID:
            async with transaction() as connection:
                opened = await self.app.ctx.payments.open_order(
                    connection, citizen=PAYER, subject=SUBJECT, amount_fen=fee, description="证"
                )
            id: UUID = opened.id
            return id

        with contextlib.suppress(OrderExists):
            self.latest = self.run(work())

    @rule(notify=st.sampled_from(("ok", "lose", "duplicate")), closed=st.booleans())
    def pay(self, notify: str, closed: bool) -> None:
        if self.latest is None:
            return
        self.fake.behaviour.notify = notify
        with contextlib.suppress(Refusal):
            self.run(self.app.ctx.payments.prepay(PAYER, self.latest, "oPayer"))
        self.run(self._paid(self.latest, closed))

    async def _paid(self, id: UUID, closed: bool) -> None:
        port = self.app.ctx.settings.payments.fake_port
        url = f"http://127.0.0.1:{port}/pay/{id.hex}"
        async with aiohttp.ClientSession() as session:
            await session.post(url, json={"although_closed": closed})
        await self.fake.settled()

    @rule()
    def call_off(self) -> None:
        self.run(self._called_off())

    async def _called_off(self) -> None:
        async with transaction() as connection:
            await self.app.ctx.payments.call_off(connection, SUBJECT, "不办了")

    @rule(amount=st.integers(1, max(FEES)), outcome=st.sampled_from(("SUCCESS", "CLOSED")))
    def a_cashier_gives_back(self, amount: int, outcome: str) -> None:
        if self.latest is None:
            return
        self.fake.behaviour.refund = outcome
        work = self.app.ctx.payments.refund(CASHIER, self.latest, amount, "多收", str(uuid4()))
        with contextlib.suppress(Refusal):
            self.run(work)
        self.run(self.fake.settled())

    @rule(outcome=st.sampled_from(("SUCCESS", "CLOSED")), minutes=st.sampled_from((0, 40)))
    def time_passes(self, outcome: str, minutes: int) -> None:
        self.fake.behaviour.refund = outcome
        self.clock.advance(timedelta(minutes=minutes))
        self.run(self.app.ctx.payments.poll())
        self.run(self.fake.settled())

    @rule(outcome=st.sampled_from(("SUCCESS", "CLOSED")))
    def everything_is_settled(self, outcome: str) -> None:
        self.fake.behaviour.refund = outcome
        self.run(self._quiet())
        self.run(self._books_agree())

    async def _quiet(self) -> None:
        """Let time pass until nobody is to be asked any more."""
        for _ in range(MOST_HOURS):
            await self.fake.settled()
            while await self.app.ctx.payments.poll():
                await self.fake.settled()
            if not await fetch(WAITED_FOR):
                return
            self.clock.advance(timedelta(hours=2))
        raise AssertionError("something is never settled")

    async def _books_agree(self) -> None:
        """What is noted as given back was given back, to the fen, and never more than was paid."""
        rows = await fetch("SELECT out_trade_no, status, amount_fen, refunded_fen FROM pay_order")
        for row in rows:
            theirs = self.fake.ledger.orders.get(row["out_trade_no"])
            back = self._back(theirs) if theirs else 0
            assert row["refunded_fen"] == back <= row["amount_fen"]
            assert (row["status"] == "refunded") == (back == row["amount_fen"])

    def _back(self, order: FakeOrder) -> int:
        return sum(
            refund.asked["amount"]["refund"]
            for refund in self.fake.ledger.refunds.values()
            if refund.order is order and refund.state == "SUCCESS"
        )

    def teardown(self) -> None:
        """Call it off for good; what could not be given back by ourselves, a cashier gives back."""
        self.fake.behaviour.refund = "SUCCESS"
        self.run(self._called_off())
        self.run(self._quiet())
        for row in self.run(
            fetch("SELECT id, amount_fen - held_fen AS rest, status FROM pay_order")
        ):
            if row["rest"] and row["status"] in ("void", "late"):
                id = UUID(str(row["id"]))
                work = self.app.ctx.payments.refund(CASHIER, id, row["rest"], "补退", str(uuid4()))
                self.run(work)
        self.run(self._quiet())
        self.run(self._books_agree())
        for order in self.fake.ledger.orders.values():
            assert order.state != "NOTPAY"  # nobody can pay for it any more
            if order.paid_at is not None:
                assert self._back(order) == order.total


async def test_money_is_kept_for_something_or_given_back(
    api: Any, app: Any, clock: Any, wechat_pay: Any
) -> None:
    Money.app, Money.clock, Money.fake = app, clock, wechat_pay
    Money.loop = asyncio.get_running_loop()
    often = settings(
        max_examples=40,
        stateful_step_count=14,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Money, settings=often)
