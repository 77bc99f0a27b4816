"""Use cases of payments: open an order, pay it, hear of it, give it back, reconcile, receipt."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.payments import listing, notices, receipts, refund_store, rules, store
from miniapp_api.payments import wechat_pay_crypto as crypto
from miniapp_api.payments.errors import (
    NotifyForged,
    NotifyGarbled,
    NotifyMismatch,
    NotifyTooMany,
    NotifyUnknown,
    OpenidRequired,
    OrderExists,
    OrderExpired,
    OrderNotFound,
    OrderPaid,
    PayRejected,
    PayUnavailable,
    ReceiptNotReady,
)
from miniapp_api.payments.reconciliation import Reconciler
from miniapp_api.payments.refunds import Refunds
from miniapp_api.payments.rules import Verdict
from miniapp_api.payments.schemas import (
    Orders,
    OrdersQuery,
    OrderView,
    PayParameters,
    RefundView,
    ReportView,
)
from miniapp_api.payments.settling import Handler, Merchant, Settler
from miniapp_api.payments.store import Order
from miniapp_api.payments.telling import Messages
from miniapp_api.payments.wechat_pay import Ask, BrowserAsk, PayGateway
from miniapp_api.platform.audit import SYSTEM, Actor
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.errors import Refusal, TooManyRequests
from miniapp_api.platform.limits import limit
from miniapp_api.platform.logs import log
from miniapp_api.platform.redis import Redis
from miniapp_api.settings import Payments

DESCRIPTION_CHARS, SUBJECT_CHARS = 127, 100
POLLED_AT_ONCE, POLLED_TOGETHER = 50, 8
MINE = 100  # orders in a citizen's list
CLAIMED_FOR = timedelta(minutes=2)
FORGED_PER_MINUTE = 120
# The number stands for an order of another kind there, e.g. of the mini-program's.
OTHERWISE_KNOWN = {"OUT_TRADE_NO_USED", "INVALID_REQUEST"}

OpenidOf = Callable[[UUID], Awaitable[str | None]]


class PaymentService:
    """Takes the fees (收费) of whatever names itself as a subject."""

    def __init__(
        self,
        gateway: PayGateway,
        keys: crypto.Keys,
        merchant: Merchant,
        settings: Payments,
        clock: Clock,
        redis: Redis,
        openid_of: OpenidOf,
        messages: Messages,
        city: str,
    ) -> None:
        pause = timedelta(seconds=settings.poll_seconds)
        self._gateway = gateway
        self._keys = keys
        self._merchant = merchant
        self._lasts = timedelta(minutes=settings.order_minutes)
        self._pause = pause
        self._clock = clock
        self._redis = redis
        self._openid_of = openid_of
        self._city = city
        self._refunds = Refunds(gateway, clock, messages, merchant.mchid, pause)
        self._settler = Settler(gateway, self._refunds, clock, merchant)
        self._reconciler = Reconciler(gateway, clock)

    def when_paid(self, kind: str, handler: Handler) -> None:
        """Call a handler for orders whose subject is "kind:…", once, where they become paid.

        It runs in the transaction that marks the order; what it raises undoes the marking, which
        is tried again at the next notification or poll.
        """
        self._settler.handlers[kind] = handler

    # -- opening and paying ----------------------------------------------------------------------

    async def open_order(
        self,
        connection: BaseDBAsyncClient,
        *,
        citizen: UUID,
        subject: str,
        amount_fen: int,
        description: str,
    ) -> Order:
        """Open an order (开缴费单) in the caller's transaction, or return the subject's live one.

        Raises OrderExists when the live one is of another amount or citizen.
        """
        if amount_fen < 1 or not 0 < len(subject) <= SUBJECT_CHARS or not description:
            raise ValueError("an order needs an amount, a subject and a description")
        now = self._clock.now()
        await store.close_unasked(now, subject, connection)
        order = self._new(citizen, subject, amount_fen, description[:DESCRIPTION_CHARS])
        if await store.insert(connection, order):
            return order
        live = await store.live(connection, subject)
        if live is None or (live.citizen, live.amount_fen) != (citizen, amount_fen):
            raise OrderExists()
        return live

    def _new(self, citizen: UUID, subject: str, amount_fen: int, description: str) -> Order:
        id, now = uuid4(), self._clock.now()
        return Order(
            id=id,
            out_trade_no=id.hex,
            citizen=citizen,
            subject=subject,
            amount_fen=amount_fen,
            description=description,
            status="created",
            prepay_id=None,
            transaction_id=None,
            receipt_number=None,
            held_fen=0,
            refunded_fen=0,
            refund_parts=0,
            created_at=now,
            asked_at=None,
            prepaid_at=None,
            paid_at=None,
            closed_at=None,
            expires_at=now + self._lasts,
            check_at=None,
        )

    async def prepay(
        self, citizen: UUID, order_id: UUID, openid: str | None = None
    ) -> PayParameters:
        """Return the signed parameters for wx.requestPayment (调起支付).

        That WeChat may know the order is noted before it is asked, so that polling finds whatever
        a crash leaves behind; asking again for the same order is the same order.
        """
        order, now = await self._mine(citizen, order_id), self._clock.now()
        asked_before = order.status == "prepaid" and now < order.expires_at
        if asked_before and order.prepay_id and rules.prepay_usable(order.prepaid_at, now):
            return self._parameters(order.prepay_id)
        payer = openid or await self._openid_of(citizen)
        if payer is None:
            raise OpenidRequired()
        asked = await store.ask(order_id, citizen, now, now + self._pause)
        if asked is None:
            raise await self._unpayable(order)
        kept = await store.keep_prepay(order_id, await self._order(asked, payer), now)
        if kept is None or kept.prepay_id is None:
            raise await self._unpayable(asked)
        return self._parameters(kept.prepay_id)

    async def browser(self, citizen: UUID, order_id: UUID, address: str) -> str:
        """Return where a browser outside WeChat pays an order (H5支付); the address is not kept."""
        order, now = await self._mine(citizen, order_id), self._clock.now()
        asked = await store.ask(order_id, citizen, now, now + self._pause)
        if asked is None:
            raise await self._unpayable(order)
        url = await self._made(
            asked,
            self._gateway.browser_order(
                BrowserAsk(
                    asked.out_trade_no, asked.description, asked.amount_fen, address,
                    asked.expires_at,
                )
            ),
        )  # fmt: skip
        if await store.keep_prepay(order_id, None, now) is None:
            raise await self._unpayable(asked)
        return url

    async def _order(self, order: Order, openid: str) -> str:
        ask = Ask(order.out_trade_no, order.description, order.amount_fen, openid, order.expires_at)
        return await self._made(order, self._gateway.order(ask))

    async def _made(self, order: Order, making: Awaitable[str]) -> str:
        """Make an order there; raise why it cannot be paid, when that is why WeChat says No."""
        try:
            return await making
        except PayRejected as rejected:
            await self._settler.settle(order)  # paid or closed there, and we do not know yet?
            if rejected.reason in OTHERWISE_KNOWN:
                await self._settler.abandon(order)  # another one can be opened at once
            current = await store.by_id(order.id)
            if current is not None and current.status not in rules.WAITING:
                raise await self._unpayable(current) from None
            raise

    async def _unpayable(self, order: Order) -> Refusal:
        """Say why an order cannot be paid; one whose time is over is closed on this occasion."""
        current = await store.by_id(order.id) or order
        if current.status in rules.WAITING:
            await self._settler.settle(current)
            current = await store.by_id(order.id) or current
        return OrderPaid() if current.paid else OrderExpired()

    def _parameters(self, prepay_id: str) -> PayParameters:
        timestamp, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(16)
        package = f"prepay_id={prepay_id}"
        signed = crypto.pay_sign(
            self._keys.private, self._merchant.appid, timestamp, nonce, package
        )
        return PayParameters(
            timeStamp=timestamp, nonceStr=nonce, package=package, signType="RSA", paySign=signed
        )

    async def call_off(
        self, connection: BaseDBAsyncClient, subject: str, refund: str | None
    ) -> None:
        """Close what is to be paid of a subject, in the caller's transaction.

        refund: why what was paid is given back (退费); None keeps it. The money goes back at the
        next poll; who pays at this very moment gets it back as well, as it came too late.
        """
        await store.call_off(connection, subject, self._clock.now())
        if refund and (void := await store.make_void(connection, subject)):
            await self._refunds.give_back(connection, void, refund)

    # -- hearing of it ---------------------------------------------------------------------------

    async def notified(self, headers: Mapping[str, str], body: bytes) -> Verdict:
        """Take a notification (支付通知); raise a NotifyRefused for what WeChat is to hear as FAIL.

        Only what is verified is believed, and only what is verified is kept under its number.
        """
        try:
            notice = notices.read(self._keys, headers, body, self._clock.now())
        except NotifyForged as forged:
            await self._note_refused(forged.verdict)
            raise
        except NotifyGarbled:
            await self._note_refused("garbled")
            raise
        verdict = await self._book(notice)
        if verdict == "unknown":
            raise NotifyUnknown()
        if verdict == "mismatch":
            raise NotifyMismatch()
        return verdict

    async def _book(self, notice: notices.Notice) -> Verdict:
        if notice.trade is not None:
            return await self._settler.book(notice.trade, notice)
        if notice.refund is not None:
            return await self._refunds.book(notice.refund, notice)
        return "ignored"

    async def _note_refused(self, verdict: str) -> None:
        log.warning("pay_notification_refused", verdict=verdict)
        try:
            await limit(self._redis, "pay:forged", most=FORGED_PER_MINUTE, seconds=60)
        except TooManyRequests:
            raise NotifyTooMany() from None
        now = self._clock.now()
        await store.note(None, now, notification=None, kind=None, number=None, verdict=verdict)

    async def poll(self) -> int:
        """Ask about orders and refunds without news (查单), close what expired; return how many."""
        now = self._clock.now()
        await store.close_unasked(now)
        turn = asyncio.Semaphore(POLLED_TOGETHER)
        orders = await store.claim_due(now, now + CLAIMED_FOR, POLLED_AT_ONCE)
        refunds = await refund_store.claim_due(now, now + CLAIMED_FOR, POLLED_AT_ONCE)
        await asyncio.gather(
            *(self._look(turn, self._ask_about(order)) for order in orders),
            *(self._look(turn, self._follow(refund)) for refund in refunds),
        )
        return len(orders) + len(refunds)

    async def _look(self, turn: asyncio.Semaphore, work: Awaitable[None]) -> None:
        async with turn:
            try:
                await work
            except (PayUnavailable, PayRejected) as error:
                log.warning("pay_poll_put_off", error=type(error).__name__)
            except Exception as error:
                log.error("pay_poll_failed", error=type(error).__name__, trace=error)

    async def _ask_about(self, order: Order) -> None:
        try:
            await self._settler.settle(order)
        finally:
            since = order.asked_at or order.created_at
            again = rules.next_check(since, self._clock.now(), self._pause, order.expires_at)
            await store.check_again(order, again)

    async def _follow(self, refund: refund_store.Refund) -> None:
        try:
            await self._refunds.advance(refund)
        finally:
            again = rules.next_check(refund.requested_at, self._clock.now(), self._pause)
            await refund_store.check_again(refund.id, again)

    # -- reading, giving back, reconciling --------------------------------------------------------

    async def order_of_subject(
        self, subject: str, connection: BaseDBAsyncClient | None = None
    ) -> Order | None:
        """Return the open or paid order of a subject, or else its latest, or None."""
        return await store.of_subject(subject, connection)

    async def view(self, citizen: UUID, order_id: UUID) -> OrderView:
        """Return a citizen's own order, or raise OrderNotFound."""
        return view(await self._mine(citizen, order_id))

    async def mine(self, citizen: UUID) -> list[OrderView]:
        """Return a citizen's latest orders (我的缴费)."""
        return [view(order) for order in await store.of_citizen(citizen, MINE)]

    async def receipt(self, citizen: UUID, order_id: UUID) -> bytes:
        """Return the receipt (电子缴费凭证) as PDF; raise OrderNotFound or ReceiptNotReady."""
        order = await self._mine(citizen, order_id)
        if not order.paid or order.paid_at is None:
            raise ReceiptNotReady()
        here = order.paid_at.astimezone(self._clock.now().tzinfo)
        return await asyncio.to_thread(receipts.draw, replace(order, paid_at=here), self._city)

    async def _mine(self, citizen: UUID, order_id: UUID) -> Order:
        order = await store.by_id(order_id)
        if order is None or order.citizen != citizen:
            raise OrderNotFound()
        return order

    async def refund(
        self, staff: StaffMember, order_id: UUID, amount_fen: int, reason: str, key: str
    ) -> RefundView:
        """Give some or all of a payment back (退款); see Refunds.refund."""
        return await self._refunds.refund(staff, order_id, amount_fen, reason, key)

    async def reconcile(self, day: date, by: Actor = SYSTEM, hall: str | None = None) -> ReportView:
        """Compare WeChat's bill of a day with our books (对账)."""
        return await self._reconciler.reconcile(day, by, hall)

    async def reconcile_daily(self) -> int:
        """Compare every day whose bill has come and that nobody compared; see Reconciler.daily."""
        return await self._reconciler.daily()

    async def orders(self, query: OrdersQuery) -> Orders:
        """Return a page of orders, for cashiers."""
        return await listing.orders(query, self._clock)

    async def report(self, day: date) -> ReportView:
        """Return the latest reconciliation of a day."""
        return await self._reconciler.report(day)


def view(order: Order) -> OrderView:
    """Return an order as its citizen sees it."""
    return OrderView(
        id=order.id,
        subject=order.subject,
        description=order.description,
        amount_fen=order.amount_fen,
        refunded_fen=order.refunded_fen,
        status=order.status,
        expires_at=order.expires_at,
        paid_at=order.paid_at,
        receipt_number=order.receipt_number,
    )
