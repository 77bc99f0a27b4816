"""Every query of deliveries, subscriptions and preferences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.messages.delivery.rules import Channel, Outcome, State
from miniapp_api.platform.database import Rows, fetch

ADD = """
INSERT INTO message_delivery (notice, citizen, kind, channel, template, about, state, reason,
    attempts, created_at, changed_at, due_at, valid_until)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, 'waiting', '', 0, $7, $7, $7, $8)
ON CONFLICT (notice, channel) DO NOTHING RETURNING id
"""
# Claimed before it is sent: due_at becomes the end of the lease, by which the claim is known.
CLAIM = """
WITH next AS (
    SELECT id, notice, citizen, kind, channel, about, state, reason, attempts, valid_until
    FROM message_delivery
    WHERE due_at <= $1 ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE message_delivery AS d SET state = 'sending', due_at = $2, changed_at = $1
FROM next WHERE d.id = next.id
RETURNING next.*, d.due_at AS lease
"""
SETTLE = """
UPDATE message_delivery SET state = $3, reason = $4, attempts = $5, receipt = $6, due_at = $7,
    changed_at = $8
WHERE id = $1 AND state = 'sending' AND due_at = $2 RETURNING id
"""
# WeChat reports by its id of the message; before we have read that, the citizen and template tell.
REPORTED = """
UPDATE message_delivery SET state = $4, reason = $5, due_at = NULL, changed_at = $6,
    receipt = coalesce(receipt, nullif($3::text, ''))
WHERE id = (
    SELECT id FROM message_delivery
    WHERE citizen = $1 AND template = $2 AND channel = 'subscribe'
      AND (receipt = $3::text OR receipt IS NULL) AND state IN ('sent', 'unknown', 'sending')
    ORDER BY receipt = $3::text DESC NULLS LAST, state = 'sent', id DESC LIMIT 1 FOR UPDATE
) RETURNING id, notice, citizen, kind, channel, about, state, reason, attempts, valid_until
"""
OF = """
SELECT kind, channel, state, reason, attempts, created_at, changed_at FROM message_delivery
WHERE citizen = $1 ORDER BY id DESC
"""
FAILED = """
SELECT channel, count(*)::int AS failed FROM message_delivery
WHERE state = 'failed' AND changed_at >= $1 GROUP BY channel
"""
LAST_FAILED = """
SELECT channel, reason, changed_at AS at FROM message_delivery
WHERE state = 'failed' ORDER BY changed_at DESC LIMIT 1
"""
FORGET = "DELETE FROM message_delivery WHERE created_at < $1 RETURNING id"

ACCEPTED = """
INSERT INTO subscription (citizen, template, by_client, by_wechat, used, updated_at)
VALUES ($1, $2, $3::int, $4::int, 0, $5)
ON CONFLICT (citizen, template) DO UPDATE SET updated_at = $5,
    by_client = subscription.by_client + $3::int, by_wechat = subscription.by_wechat + $4::int
RETURNING id
"""
USE = """
UPDATE subscription SET used = used + $3::int, updated_at = $4
WHERE citizen = $1 AND template = $2 AND greatest(by_client, by_wechat) > used RETURNING id
"""
GIVE_BACK = """
UPDATE subscription SET used = greatest(used - $3::int, 0), updated_at = $4
WHERE citizen = $1 AND template = $2 RETURNING id
"""
# WeChat knows better than both counts: they begin anew, at the same number.
VOID = """
UPDATE subscription SET updated_at = $3, by_client = greatest(by_client, by_wechat),
    by_wechat = greatest(by_client, by_wechat), used = greatest(by_client, by_wechat)
WHERE citizen = $1 AND template = $2 RETURNING id
"""
LEFT = """
SELECT template, greatest(by_client, by_wechat) - used AS left, updated_at FROM subscription
WHERE citizen = $1 ORDER BY template
"""

PREFER = """
INSERT INTO message_preference (citizen, sms, updated_at) VALUES ($1, $2, $3)
ON CONFLICT (citizen) DO UPDATE SET sms = $2, updated_at = $3 RETURNING sms
"""
WANTS_SMS = "SELECT sms FROM message_preference WHERE citizen = $1"

ERASE = (
    "DELETE FROM message_delivery WHERE citizen = $1 RETURNING 1",
    "DELETE FROM subscription WHERE citizen = $1 RETURNING 1",
    "DELETE FROM message_preference WHERE citizen = $1 RETURNING 1",
)


@dataclass(frozen=True)
class Delivery:
    """A message on its way, on one channel; `state` is the one it was claimed in."""

    id: int
    notice: int
    citizen: UUID
    kind: str
    channel: Channel
    about: Mapping[str, Any]
    state: State
    reason: str
    attempts: int
    valid_until: datetime
    lease: datetime | None = None


@dataclass(frozen=True)
class LastFailure:
    """The delivery that failed last: where, why in a code, and when; not whose."""

    channel: Channel
    reason: str
    at: datetime


async def add(
    connection: BaseDBAsyncClient,
    delivery: tuple[int, UUID, str, Channel, str | None],
    about: Mapping[str, Any],
    now: datetime,
    valid_until: datetime,
) -> None:
    """Plan a delivery: (notice, citizen, kind, channel, template); once a notice and channel."""
    said = orjson.dumps(dict(about)).decode()
    await fetch(ADD, *delivery, said, now, valid_until, connection=connection)


async def claim(now: datetime, lease: datetime) -> Delivery | None:
    """Take the delivery that is due first, until the lease is over; None when none is due."""
    rows = await fetch(CLAIM, now, lease)
    return _delivery(rows[0]) if rows else None


async def settle(
    connection: BaseDBAsyncClient,
    delivery: Delivery,
    outcome: Outcome,
    attempts: int,
    now: datetime,
) -> bool:
    """Write what became of a claimed delivery; False when the claim was lost meanwhile."""
    claimed = (delivery.id, delivery.lease)
    values = (outcome.state, outcome.reason, attempts, outcome.receipt, outcome.due, now)
    return bool(await fetch(SETTLE, *claimed, *values, connection=connection))


async def reported(
    connection: BaseDBAsyncClient,
    citizen: UUID,
    template: str,
    receipt: str,
    outcome: Outcome,
    now: datetime,
) -> Delivery | None:
    """Write what WeChat reports of a message that it may have or had taken; None for no such."""
    values = (citizen, template, receipt, outcome.state, outcome.reason, now)
    rows = await fetch(REPORTED, *values, connection=connection)
    return _delivery(rows[0]) if rows else None


async def failed(since: datetime) -> dict[str, int]:
    """Return how many deliveries failed since a moment, by channel."""
    return {row["channel"]: row["failed"] for row in await fetch(FAILED, since)}


async def last_failed() -> LastFailure | None:
    """Return the delivery that failed last, of those that are kept."""
    rows = await fetch(LAST_FAILED)
    return LastFailure(**rows[0]) if rows else None


async def deliveries(citizen: UUID) -> Rows:
    """Return a citizen's deliveries, newest first."""
    return await fetch(OF, citizen)


async def forget(before: datetime) -> None:
    """Delete old deliveries."""
    await fetch(FORGET, before)


async def accepted(
    connection: BaseDBAsyncClient,
    citizen: UUID,
    template: str,
    now: datetime,
    *,
    by_wechat: bool = False,
) -> None:
    """Count an acceptance, as the client or WeChat reports it."""
    counts = (0, 1) if by_wechat else (1, 0)
    await fetch(ACCEPTED, citizen, template, *counts, now, connection=connection)


async def use(citizen: UUID, template: str, count: int, now: datetime) -> bool:
    """Use a subscription up (count 1) or only look for one (0); False when none is left."""
    return bool(await fetch(USE, citizen, template, count, now))


async def give_back(citizen: UUID, template: str, count: int, now: datetime) -> None:
    """Give back a subscription that was not used after all."""
    await fetch(GIVE_BACK, citizen, template, count, now)


async def void(citizen: UUID, template: str, now: datetime) -> None:
    """Forget what was accepted of a template: WeChat says that nothing is left."""
    await fetch(VOID, citizen, template, now)


async def subscriptions(citizen: UUID) -> Rows:
    """Return how many messages of each template a citizen still accepts."""
    return await fetch(LEFT, citizen)


async def prefer(citizen: UUID, sms: bool, now: datetime) -> None:
    """Keep whether a citizen wants SMS."""
    await fetch(PREFER, citizen, sms, now)


async def wants_sms(citizen: UUID) -> bool:
    """Return whether a citizen wants SMS: who never said does."""
    rows = await fetch(WANTS_SMS, citizen)
    return bool(rows[0]["sms"]) if rows else True


async def erase(connection: BaseDBAsyncClient, citizen: UUID) -> bool:
    """Delete all of a citizen; False when there was nothing."""
    found = [await fetch(sql, citizen, connection=connection) for sql in ERASE]
    return any(found)


def _delivery(row: Mapping[str, Any]) -> Delivery:
    about = row["about"]
    return Delivery(
        id=row["id"],
        notice=row["notice"],
        citizen=UUID(str(row["citizen"])),
        kind=row["kind"],
        channel=row["channel"],
        about=orjson.loads(about) if isinstance(about, str | bytes) else about,
        state=row["state"],
        reason=row["reason"],
        attempts=row["attempts"],
        valid_until=row["valid_until"],
        lease=row.get("lease"),
    )
