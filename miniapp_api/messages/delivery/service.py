"""Use cases of deliveries (消息送达): plan one with its message, send what is due, hear reports.

A message that the inbox takes gets its delivery in the same transaction. A worker claims it before
he sends it, so that nobody else does; what may have arrived is never sent again on that channel:

- WeChat does not answer (unknown): its report is awaited; when it says failed, or nothing within
  `report_seconds`, the SMS follows;
- a worker dies while he sends: as if WeChat had not answered;
- the gateway does not answer: no second SMS. The inbox has the message in any case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.messages.delivery import rules, store
from miniapp_api.messages.delivery.channels import Sender
from miniapp_api.messages.delivery.rules import Channel, Outcome, Patience
from miniapp_api.messages.delivery.store import Delivery, LastFailure
from miniapp_api.messages.service import MessageService, Told
from miniapp_api.messages.settings import Messages as MessageSettings
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.logs import log


@dataclass(frozen=True)
class Failures:
    """How many deliveries failed today, by channel, and the last that did."""

    today: Mapping[str, int]
    last: LastFailure | None


class Deliveries:
    """Carries messages to where citizens look."""

    def __init__(
        self,
        clock: Clock,
        messages: MessageService,
        senders: Mapping[Channel, Sender],
        settings: MessageSettings,
    ) -> None:
        self._clock = clock
        self._messages = messages
        self._senders = senders
        self._settings = settings
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._patience = Patience(
            settings.attempts,
            timedelta(seconds=settings.pause_seconds),
            timedelta(seconds=settings.report_seconds),
        )

    async def plan(self, connection: BaseDBAsyncClient, told: Told) -> None:
        """Plan the delivery of a message that the inbox just took, in its transaction."""
        rule = self._settings.outgoing.get(told.kind)
        if rule is None:
            return
        template = self._settings.template_of(told.kind)
        channel: Channel = "subscribe" if template else "sms"
        valid_until = told.at + timedelta(minutes=rule.valid_minutes)
        named = (told.notice, told.citizen, told.kind, channel, template.id if template else None)
        await store.add(connection, named, told.about, self._clock.now(), valid_until)

    async def drain(self) -> int:
        """Send what is due, several at once, and return how many were handled."""
        return sum(await asyncio.gather(*(self._next() for _ in range(self._settings.at_once))))

    async def forget(self) -> None:
        """Delete old deliveries."""
        await store.forget(self._clock.now() - timedelta(days=self._settings.keep_days))

    async def failures(self) -> Failures:
        """Return how many deliveries failed today, and the last that did."""
        now = self._clock.now()
        midnight = datetime.combine(now.date(), time(), now.tzinfo)
        return Failures(await store.failed(midnight), await store.last_failed())

    async def reported(self, citizen: UUID, template: str, receipt: str, code: int) -> None:
        """Hear from WeChat whether a message arrived (发送结果); one that did not becomes an SMS.

        receipt: WeChat's id of the message, empty when unknown; code: 0 when it arrived.
        """
        now = self._clock.now()
        outcome = Outcome("refused", str(code)[:24]) if code else Outcome("sent")
        async with transaction() as connection:
            values = (citizen, template, receipt, outcome)
            delivery = await store.reported(connection, *values, now)
            if delivery is not None and code:
                await self._follow(connection, delivery, now)

    async def _next(self) -> int:
        """Handle the delivery that is due first: 1, or 0 when none is due."""
        now = self._clock.now()
        delivery = await store.claim(now, now + self._lease)
        if delivery is None:
            return 0
        try:
            await self._settle(delivery, await self._outcome(delivery, now))
        except Exception as error:  # its lease ends, and it counts as unknown
            log.warning("delivery_broken", kind=delivery.kind, error=type(error).__name__)
        return 1

    async def _outcome(self, delivery: Delivery, now: datetime) -> Outcome:
        if delivery.state == "sending":
            return Outcome("unknown", "interrupted", tried=False)
        if delivery.state == "unknown":
            return Outcome("unknown", delivery.reason, tried=False)
        if now >= delivery.valid_until:
            return Outcome("expired", "too_late", tried=False)
        if not await self._messages.still_true(delivery.kind, delivery.about):
            return Outcome("withdrawn", "not_true", tried=False)
        return await self._senders[delivery.channel].send(delivery, now)

    async def _settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """Write what became of a try; a subscribe message that reached nobody becomes an SMS."""
        now = self._clock.now()
        attempts = delivery.attempts + int(outcome.tried)
        ends = rules.again(outcome, attempts, self._patience, delivery.valid_until, now)
        ends = rules.awaiting_report(ends, delivery.channel, self._patience, now)
        async with transaction() as connection:
            if not await store.settle(connection, delivery, ends, attempts, now):
                return
            if ends.due is None and ends.state in rules.UNREACHED:
                await self._follow(connection, delivery, now)

    async def _follow(
        self, connection: BaseDBAsyncClient, delivery: Delivery, now: datetime
    ) -> None:
        """Plan the SMS that stands in for a subscribe message."""
        rule = self._settings.outgoing.get(delivery.kind)
        if delivery.channel != "subscribe" or rule is None or not rule.sms:
            return
        named: tuple[int, UUID, str, Channel, None] = (
            *(delivery.notice, delivery.citizen, delivery.kind),
            "sms",
            None,
        )
        await store.add(connection, named, delivery.about, now, delivery.valid_until)
