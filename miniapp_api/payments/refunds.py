"""Refunds (退款): set aside in one statement, sent after the commit, always under one number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.payments import refund_store, rules, store
from miniapp_api.payments.errors import (
    OrderNotFound,
    PayRejected,
    PayUnavailable,
    RefundNotAllowed,
    RefundTooMuch,
)
from miniapp_api.payments.notices import Notice
from miniapp_api.payments.noting import note
from miniapp_api.payments.refund_store import Refund
from miniapp_api.payments.rules import RefundNews, RefundStatus, Verdict
from miniapp_api.payments.schemas import RefundView
from miniapp_api.payments.store import Order
from miniapp_api.payments.telling import Messages, tell_payer
from miniapp_api.payments.wechat_pay import PayGateway, RefundAsk
from miniapp_api.platform import idempotency
from miniapp_api.platform.audit import SYSTEM, Actor, record
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.logs import log

LATE_REASON = "缴费单关闭后才付款，原路退回"
# WeChat will never take these; anything else, an empty account above all, is tried again.
HOPELESS = frozenset(
    {"INVALID_REQUEST", "PARAM_ERROR", "RESOURCE_NOT_EXISTS", "USER_ACCOUNT_ABNORMAL"}
)


class Refunds:
    """Gives money back."""

    def __init__(
        self, gateway: PayGateway, clock: Clock, messages: Messages, mchid: str, pause: timedelta
    ) -> None:
        self._gateway = gateway
        self._clock = clock
        self._messages = messages
        self._mchid = mchid
        self._pause = pause

    async def refund(
        self, staff: StaffMember, order_id: UUID, amount_fen: int, reason: str, key: str
    ) -> RefundView:
        """Give some or all of a payment back; the same key again is the same refund.

        Raises OrderNotFound, RefundTooMuch, RefundNotAllowed or KeyReused.
        """
        order = await store.by_id(order_id)
        if order is None:
            raise OrderNotFound()
        fresh = self._new(order, amount_fen, reason, staff.id)
        name = idempotency.Key(staff.id, "refund", key)
        request = {"order": str(order_id), "amount_fen": amount_fen, "reason": reason}
        async with transaction() as connection:
            earlier = await idempotency.earlier(connection, name, request, view(fresh))
            if earlier is None:
                await self._set_aside(connection, order, fresh, staff)
        if earlier is not None:
            return view(await refund_store.by_id(UUID(earlier["id"])))
        await self._try(fresh)
        return view(await refund_store.by_id(fresh.id))

    async def _set_aside(
        self, connection: BaseDBAsyncClient, order: Order, refund: Refund, staff: StaffMember
    ) -> None:
        now, amount = self._clock.now(), refund.amount_fen
        if not await refund_store.hold(connection, order.id, amount, rules.REFUNDABLE, now):
            raise await self._refusal(order, amount)
        await self._begin(connection, refund, staff)

    async def _refusal(self, order: Order, amount_fen: int) -> RefundTooMuch | RefundNotAllowed:
        current = await store.by_id(order.id) or order
        left = current.amount_fen - current.held_fen
        if current.status in ("paid", "partly_refunded", "refunded") and amount_fen > left:
            return RefundTooMuch(refundable_fen=left)
        return RefundNotAllowed()

    async def give_back(
        self, connection: BaseDBAsyncClient, order: Order, reason: str = LATE_REASON
    ) -> None:
        """Refund what is left of an order that is late or void, in the transaction that notes it.

        What WeChat does not give back any more after a year is left to the cashier.
        """
        amount, now = order.amount_fen - order.held_fen, self._clock.now()
        if not amount:
            return
        refund = self._new(order, amount, reason, None)
        refund = replace(refund, check_at=now)  # the next poll sends it: we are on the phone
        if not await refund_store.hold(connection, order.id, amount, (order.status,), now):
            log.error("refund_not_possible", order=str(order.id))
            return
        await self._begin(connection, refund, None)

    async def _begin(
        self, connection: BaseDBAsyncClient, refund: Refund, staff: StaffMember | None
    ) -> None:
        await refund_store.insert(connection, refund)
        await self._record(connection, refund, "requested", staff)

    def _new(self, order: Order, amount_fen: int, reason: str, staff: UUID | None) -> Refund:
        id, now = uuid4(), self._clock.now()
        return Refund(
            id=id,
            out_refund_no=id.hex,
            order_id=order.id,
            amount_fen=amount_fen,
            reason=reason,
            status="requested",
            staff=staff,
            refund_id=None,
            requested_at=now,
            accepted_at=None,
            done_at=None,
            check_at=now + self._pause,
        )

    async def _try(self, refund: Refund) -> None:
        """Send at once; whatever goes wrong, polling goes on."""
        try:
            await self.advance(refund)
        except (PayUnavailable, PayRejected) as error:
            log.warning("refund_put_off", refund=str(refund.id), error=type(error).__name__)

    async def advance(self, refund: Refund) -> None:
        """Send a refund that was not accepted yet, or ask about one that was."""
        if refund.status == "requested":
            news = await self._send(refund)
        else:
            news = await self._gateway.query_refund(refund.out_refund_no)
        if news is not None:
            await self.book(news)

    async def _send(self, refund: Refund) -> RefundNews | None:
        order = await store.by_id(refund.order_id)
        if order is None:
            return None
        ask = RefundAsk(
            out_trade_no=order.out_trade_no,
            out_refund_no=refund.out_refund_no,
            amount_fen=refund.amount_fen,
            total_fen=order.amount_fen,
            reason=refund.reason,
        )
        try:
            return await self._gateway.refund(ask)
        except PayRejected as rejected:
            # Perhaps an earlier try was taken and its answer lost: only who is unknown has failed.
            news = await self._gateway.query_refund(refund.out_refund_no)
            if news is not None:
                return news
            if rejected.reason in HOPELESS:
                await self._fail(refund)
                return None
            raise

    async def _fail(self, refund: Refund) -> None:
        async with transaction() as connection:
            await self._move(connection, refund, "failed", None)

    async def book(self, news: RefundNews, notice: Notice | None = None) -> Verdict:
        """Book what became of a refund, once."""
        async with transaction() as connection:
            if notice is None:
                return await self._judge(connection, news)
            if not await note(connection, notice, self._clock):
                return await store.verdict_of(connection, notice.id)
            verdict = await self._judge(connection, news)
            await store.judge(connection, notice.id, verdict)
            return verdict

    async def _judge(self, connection: BaseDBAsyncClient, news: RefundNews) -> Verdict:
        refund = await refund_store.by_number(news.out_refund_no, connection)
        order = await store.by_id(refund.order_id, connection) if refund else None
        if refund is None or order is None:
            return "unknown"
        said = (news.out_trade_no, news.amount_fen, news.total_fen, news.mchid or self._mchid)
        if said != (order.out_trade_no, refund.amount_fen, order.amount_fen, self._mchid):
            log.error("refund_mismatch", refund=str(refund.id))
            return "mismatch"
        status = rules.REFUND_NAMES.get(news.state)
        if status is None:
            return "ignored"
        return "refund" if await self._move(connection, refund, status, news) else "duplicate"

    async def _move(
        self,
        connection: BaseDBAsyncClient,
        refund: Refund,
        status: RefundStatus,
        news: RefundNews | None,
    ) -> bool:
        now = self._clock.now()
        done = status in ("succeeded", "failed")
        again = rules.next_check(refund.requested_at, now, self._pause)
        moved = await refund_store.keep_news(
            connection,
            refund.out_refund_no,
            status,
            refund_id=news.refund_id if news else None,
            accepted_at=(news.accepted_at or refund.requested_at) if news else None,
            done_at=((news.done_at if news else None) or now) if done else None,
            check_at=None if done else again,
        )
        if moved is None:
            return False
        if status == "succeeded" and not await refund_store.count_back(connection, moved):
            raise RuntimeError("a refund of an order that was not paid")
        if status == "failed":
            await refund_store.release(connection, moved)
        if status != "processing":
            await self._record(connection, moved, status, None)
        return True

    async def _record(
        self,
        connection: BaseDBAsyncClient,
        refund: Refund,
        status: RefundStatus,
        staff: StaffMember | None,
    ) -> None:
        """Write into the audit trail what became of a refund, and tell the payer."""
        now = self._clock.now()
        await tell_payer(self._messages, connection, refund, status, now)
        actor = Actor("staff", staff.id) if staff else SYSTEM
        detail = {"refund": str(refund.id), "amount_fen": refund.amount_fen}
        await record(
            connection,
            actor,
            f"refund.{status}",
            f"pay_order:{refund.order_id}",
            at=now,
            hall=staff.hall if staff else None,
            detail=detail,
        )


def view(refund: Refund) -> RefundView:
    """Return a refund as staff see it."""
    return RefundView(
        id=refund.id,
        order=refund.order_id,
        amount_fen=refund.amount_fen,
        reason=refund.reason,
        status=refund.status,
        requested_at=refund.requested_at,
        done_at=refund.done_at,
    )
