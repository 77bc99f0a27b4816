"""Reconciliation (对账): WeChat's bill of a day against our books, line by line."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date, timedelta

from miniapp_api.payments import bill_store, refund_store, rules, store
from miniapp_api.payments.errors import DayNotReady, ReportNotFound
from miniapp_api.payments.rules import BillRow, OurRow
from miniapp_api.payments.schemas import DifferenceView, ReportView, Totals
from miniapp_api.payments.wechat_pay import PayGateway
from miniapp_api.platform.audit import SYSTEM, Actor, record
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.logs import log

AGAIN = timedelta(minutes=15)


class Reconciler:
    """Finds every difference, and keeps the reports."""

    def __init__(self, gateway: PayGateway, clock: Clock) -> None:
        self._gateway = gateway
        self._clock = clock

    async def reconcile(self, day: date, by: Actor = SYSTEM, hall: str | None = None) -> ReportView:
        """Compare a day; raise DayNotReady or PayUnavailable. Doing it again is a new report."""
        if not rules.bill_ready(day, self._clock.now()):
            raise DayNotReady()
        bill = await self._gateway.trade_bill(day)
        report = self._report(day, bill, await self._ours(day, bill))
        body = report.model_dump(mode="json")
        detail = {"differences": len(report.differences)}
        async with transaction() as connection:
            await refund_store.keep_report(connection, day, report.made_at, by.id, body)
            subject, at = f"bill:{day}", report.made_at
            await record(
                connection, by, "bill.reconciled", subject, at=at, hall=hall, detail=detail
            )
        if not report.clean:
            log.warning("bill_differs", day=str(day), differences=len(report.differences))
        return report

    async def daily(self) -> int:
        """Compare what is due by itself (每日对账), each day by one replica; return how many.

        A day whose bill does not come is asked for again; one that is too old is given up.
        """
        now, done = self._clock.now(), 0
        newest = rules.newest_bill(now)
        days = rules.bill_days(newest, await bill_store.newest())
        await bill_store.note(days, now)
        while day := await bill_store.claim(now, now + AGAIN):
            with contextlib.suppress(DayNotReady):
                await self.reconcile(day)
            await bill_store.done(day)
            done += 1
        return done

    async def report(self, day: date) -> ReportView:
        """Return the latest report of a day, or raise ReportNotFound."""
        found = await refund_store.report(day)
        if found is None:
            raise ReportNotFound()
        return ReportView.model_validate(found)

    async def _ours(self, day: date, bill: Sequence[BillRow]) -> list[OurRow]:
        start, end = rules.day_bounds(day, self._clock.now().tzinfo)
        payments = [row.number for row in bill if row.kind == "payment"]
        refunds = [row.number for row in bill if row.kind == "refund"]
        return [
            *await store.payments_of(start, end, payments),
            *await refund_store.refunds_of(start, end, refunds),
        ]

    def _report(self, day: date, bill: Sequence[BillRow], ours: Sequence[OurRow]) -> ReportView:
        differences = [
            DifferenceView(
                kind=each.kind,
                number=each.number,
                flaw=each.flaw,
                ours=each.ours,
                theirs=each.theirs,
            )
            for each in rules.diff(bill, ours)
        ]
        return ReportView(
            day=day,
            made_at=self._clock.now(),
            clean=not differences,
            theirs=_totals(bill),
            ours=_totals([row for row in ours if row.due]),
            differences=differences,
        )


def _totals(rows: Sequence[BillRow] | Sequence[OurRow]) -> Totals:
    payments = [row.amount_fen for row in rows if row.kind == "payment"]
    refunds = [row.amount_fen for row in rows if row.kind == "refund"]
    return Totals(
        payments=len(payments),
        payments_fen=sum(payments),
        refunds=len(refunds),
        refunds_fen=sum(refunds),
    )
