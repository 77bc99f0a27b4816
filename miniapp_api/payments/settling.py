"""What becomes of an order: paid, paid too late, closed. News comes by notification or by asking.

Whoever brings the news, one conditional statement decides who marks the order; the handlers of its
subject run in that transaction, so that they run exactly once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.payments import rules, store
from miniapp_api.payments.errors import PayRejected
from miniapp_api.payments.notices import Notice
from miniapp_api.payments.noting import note
from miniapp_api.payments.refunds import Refunds
from miniapp_api.payments.rules import Trade, Verdict
from miniapp_api.payments.store import Order
from miniapp_api.payments.wechat_pay import PayGateway
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.logs import log

Handler = Callable[[Order, BaseDBAsyncClient], Awaitable[None]]


@dataclass(frozen=True)
class Merchant:
    """Who we are at WeChat Pay (商户)."""

    appid: str
    mchid: str


class Settler:
    """Books what became of orders."""

    def __init__(
        self, gateway: PayGateway, refunds: Refunds, clock: Clock, merchant: Merchant
    ) -> None:
        self._gateway = gateway
        self._refunds = refunds
        self._clock = clock
        self._merchant = merchant
        self.handlers: dict[str, Handler] = {}

    async def book(self, trade: Trade, notice: Notice | None = None) -> Verdict:
        """Book what a trade says, once; a notification that came before gets its first verdict."""
        async with transaction() as connection:
            if notice is None:
                return await self._judge(connection, trade)
            if not await note(connection, notice, self._clock):
                return await store.verdict_of(connection, notice.id)
            verdict = await self._judge(connection, trade)
            await store.judge(connection, notice.id, verdict)
            return verdict

    async def _judge(self, connection: BaseDBAsyncClient, trade: Trade) -> Verdict:
        order = await store.by_number(trade.out_trade_no, connection)
        if order is None:
            return "unknown"
        if trade.state not in rules.CAME:
            return "ignored"
        if not self._agrees(order, trade):
            return "mismatch"
        at = (trade.paid_at or self._clock.now()).astimezone(self._clock.now().tzinfo)
        if paid := await store.mark_paid(connection, trade, at, f"{at:%Y%m%d}"):
            await self._tell(paid, connection)
            return "paid"
        if late := await store.mark_late(connection, trade, at):
            await self._refunds.give_back(connection, late)
            return "late"
        known = await store.by_number(trade.out_trade_no, connection)
        same = known is not None and known.transaction_id == trade.transaction_id
        return "duplicate" if same else "mismatch"

    def _agrees(self, order: Order, trade: Trade) -> bool:
        faults = rules.mismatches(
            trade,
            appid=self._merchant.appid,
            mchid=self._merchant.mchid,
            out_trade_no=order.out_trade_no,
            amount_fen=order.amount_fen,
        )
        if trade.transaction_id is None:
            faults.append("transaction_id")
        if faults:
            log.error("pay_mismatch", order=str(order.id), faults=faults)
        return not faults

    async def _tell(self, order: Order, connection: BaseDBAsyncClient) -> None:
        if handler := self.handlers.get(order.kind):
            await handler(order, connection)

    async def settle(self, order: Order) -> None:
        """Ask what became of an order, book it, and close it when its time is over.

        An order is closed at WeChat first: what is closed here can no longer be paid there.
        """
        trade = await self._gateway.query(order.out_trade_no)
        if trade is not None and trade.state in rules.CAME:
            await self.book(trade)
            return
        gone = trade is not None and trade.state in rules.GONE
        over = self._clock.now() >= order.expires_at
        if trade is not None and over and not gone:
            gone = await self._closed(order)
        if gone or (over and trade is None):
            await store.close(order.id, self._clock.now())

    async def abandon(self, order: Order) -> None:
        """Close an order that cannot be paid here, there first; one that was paid stays."""
        if await self._closed(order):
            await store.close(order.id, self._clock.now())

    async def _closed(self, order: Order) -> bool:
        try:
            await self._gateway.close(order.out_trade_no)
        except PayRejected:
            return False  # most likely paid this moment: it will be asked about again
        return True
