"""Use cases of a person's standing (预约信用): counts, warnings, suspensions, appeals."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from miniapp_api.appointments import standing_store, store
from miniapp_api.appointments.errors import AppealExists, AppealNotFound, SuspensionNotFound
from miniapp_api.appointments.plans import Plans
from miniapp_api.appointments.rules import Cause
from miniapp_api.appointments.standing_schemas import Appeals, AppealView, StandingView
from miniapp_api.guides.service import GuidesService
from miniapp_api.messages.service import MessageService
from miniapp_api.platform import audit
from miniapp_api.platform.audit import Actor
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction

GRANTED, REFUSED = "申诉通过了，现在就可以预约。", "申诉没有通过，暂停期满后可以再约。"


class StandingService:
    """Counts what is missed and cancelled, and suspends by the hall's rules."""

    def __init__(
        self, guides: GuidesService, clock: Clock, plans: Plans, messages: MessageService
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._plans = plans
        self._messages = messages

    async def after_cancellation(
        self, connection: store.Connection, principal: UUID, hall: str, now: datetime
    ) -> None:
        """Judge a person who cancelled, in the transaction of the cancellation."""
        await self._judge(connection, principal, hall, "cancellations", now)

    async def after_no_show(
        self, connection: store.Connection, principal: UUID, hall: str, now: datetime
    ) -> None:
        """Judge a person who did not come."""
        await self._judge(connection, principal, hall, "no_shows", now)

    async def view(self, principal: UUID, hall: str) -> StandingView:
        """Return a person's standing in a hall."""
        now = self._clock.now()
        rules = (await self._plans.of(hall)).rules
        counts = await standing_store.count(None, principal, hall, *_month(now))
        found = await standing_store.in_force(principal, hall, now)
        return StandingView(
            hall=hall,
            no_shows=counts["no_shows"],
            no_shows_limit=rules.no_shows_per_month,
            cancellations=counts["cancellations"],
            cancellations_limit=rules.cancellations_per_month,
            suspension=found["id"] if found else None,
            suspended_until=found["ends_at"] if found else None,
            appeal=found["appeal_status"] if found else None,
        )

    async def appeal(self, principal: UUID, id: UUID, text: str) -> StandingView:
        """Appeal against a suspension, once; raise SuspensionNotFound or AppealExists."""
        if not await standing_store.appeal(id, principal, text, self._clock.now()):
            found = await standing_store.read(id, principal)
            raise AppealExists() if found and found["appeal"] else SuspensionNotFound()
        found = await standing_store.read(id, principal)
        assert found is not None
        return await self.view(principal, found["hall"])

    async def appeals(self, hall: str) -> Appeals:
        """Return the appeals that wait for a hall's decision."""
        rows = await standing_store.open_appeals(hall)
        names = AppealView.model_fields
        return Appeals(appeals=[AppealView(**{k: row[k] for k in names}) for row in rows])

    async def decide(self, hall: str, id: UUID, granted: bool, note: str, by: UUID) -> None:
        """Decide an appeal and tell the citizen; raise AppealNotFound."""
        now = self._clock.now()
        async with transaction() as connection:
            found = await standing_store.decide(connection, id, hall, granted, by, now)
            if found is None:
                raise AppealNotFound()
            about = {"outcome": GRANTED if granted else REFUSED, "note": note}
            await self._messages.tell(
                connection, found["principal"], "appeal_decided", about=about, due=now
            )
            actor, subject = Actor("staff", by), f"suspension:{id}"
            detail = {"granted": granted}
            await audit.record(
                connection, actor, "appeal.decided", subject, hall=hall, detail=detail, at=now
            )

    async def _judge(
        self, connection: store.Connection, principal: UUID, hall: str, cause: Cause, now: datetime
    ) -> None:
        rules = (await self._plans.of(hall)).rules
        most = rules.no_shows_per_month if cause == "no_shows" else rules.cancellations_per_month
        if not most:
            return
        start, end = _month(now)
        counts = await standing_store.count(connection, principal, hall, start, end)
        count = counts[cause]
        about: dict[str, object] = {"cause": cause, "count": count, "most": most}
        if count == most - 1:
            about["days"] = rules.suspend_days
            await self._messages.tell(connection, principal, "limit_warning", about=about, due=now)
        if count < most:
            return
        until = now + timedelta(days=rules.suspend_days)
        span = (now, until)
        if await standing_store.suspend(connection, uuid4(), principal, hall, cause, span, start):
            about["until"] = f"{until.month}月{until.day}日"
            await self._messages.tell(connection, principal, "suspended", about=about, due=now)


def _month(now: datetime) -> tuple[datetime, datetime]:
    """Return the calendar month of a moment as [start, end)."""
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)
