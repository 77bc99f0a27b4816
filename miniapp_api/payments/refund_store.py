"""Every query of refunds and reconciliations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.payments import rules
from miniapp_api.payments.rules import OurRow, RefundStatus, Status
from miniapp_api.platform.database import Rows, fetch

Connection = BaseDBAsyncClient


@dataclass(frozen=True)
class Refund:
    """A refund (退款), as stored; staff: None when we gave it back ourselves."""

    id: UUID
    out_refund_no: str
    order_id: UUID
    amount_fen: int
    reason: str
    status: RefundStatus
    staff: UUID | None
    refund_id: str | None
    requested_at: datetime
    accepted_at: datetime | None
    done_at: datetime | None
    check_at: datetime | None


COLUMNS = ", ".join(field.name for field in fields(Refund))
# The one statement that decides: never more than was paid, never more than 50 parts.
HOLD = """
UPDATE pay_order SET held_fen = held_fen + $2, refund_parts = refund_parts + 1
WHERE id = $1 AND status = ANY($3::text[]) AND held_fen + $2 <= amount_fen
  AND refund_parts < $4 AND paid_at > $5 RETURNING id
"""
INSERT = f"""
INSERT INTO pay_refund ({COLUMNS}) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12) RETURNING id
"""  # noqa: S608 - a constant of ours
BY_NUMBER = f"""
SELECT {COLUMNS} FROM pay_refund WHERE out_refund_no = $1
"""  # noqa: S608 - a constant of ours
BY_ID = f"SELECT {COLUMNS} FROM pay_refund WHERE id = $1"  # noqa: S608 - a constant of ours
NEWS = f"""
UPDATE pay_refund SET status = $2, refund_id = COALESCE($3, refund_id),
    accepted_at = COALESCE(accepted_at, $4), done_at = $5, check_at = $6
WHERE out_refund_no = $1 AND status = ANY($7::text[]) RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
SUCCEEDED = """
UPDATE pay_order SET refunded_fen = refunded_fen + $2, status = CASE
    WHEN refunded_fen + $2 = amount_fen THEN 'refunded'
    WHEN status IN ('late', 'void') THEN status ELSE 'partly_refunded' END
WHERE id = $1 AND status = ANY($3::text[]) RETURNING id
"""
FAILED = "UPDATE pay_order SET held_fen = held_fen - $2 WHERE id = $1 RETURNING id"
CLAIM = f"""
UPDATE pay_refund SET check_at = $2 WHERE id IN (
    SELECT id FROM pay_refund WHERE check_at <= $1 ORDER BY check_at LIMIT $3
    FOR UPDATE SKIP LOCKED
) RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
CHECK_AGAIN = """
UPDATE pay_refund SET check_at = $2 WHERE id = $1 AND check_at IS NOT NULL RETURNING id
"""
WITHIN = """
SELECT out_refund_no, status, amount_fen, accepted_at >= $1 AND accepted_at < $2 AS due
FROM pay_refund
WHERE (accepted_at >= $1 AND accepted_at < $2) OR out_refund_no = ANY($3::text[])
"""
KEEP_REPORT = """
INSERT INTO pay_reconciliation (day, made_at, made_by, body) VALUES ($1, $2, $3, $4::jsonb)
RETURNING id
"""
REPORT = """
SELECT id, day, made_at, made_by, body FROM pay_reconciliation WHERE day = $1
ORDER BY id DESC LIMIT 1
"""


def _refund(row: Mapping[str, Any]) -> Refund:
    uuids = {
        name: UUID(str(row[name])) if row[name] is not None else None
        for name in ("id", "order_id", "staff")
    }
    return Refund(**{**row, **uuids})


async def hold(
    connection: Connection, order: UUID, amount_fen: int, sources: tuple[Status, ...], now: datetime
) -> bool:
    """Set an amount of a paid order aside for a refund; False when it cannot be given back."""
    oldest = now - rules.REFUND_WITHIN
    values = (order, amount_fen, list(sources), rules.MOST_PARTS, oldest)
    return bool(await fetch(HOLD, *values, connection=connection))


async def insert(connection: Connection, refund: Refund) -> None:
    """Write a refund."""
    values = [getattr(refund, field.name) for field in fields(Refund)]
    await fetch(INSERT, *values, connection=connection)


async def by_number(out_refund_no: str, connection: Connection | None = None) -> Refund | None:
    """Return a refund by the number that WeChat knows it by."""
    rows = await fetch(BY_NUMBER, out_refund_no, connection=connection)
    return _refund(rows[0]) if rows else None


async def by_id(id: UUID) -> Refund:
    """Return a refund that is there."""
    (row,) = await fetch(BY_ID, id)
    return _refund(row)


async def keep_news(
    connection: Connection,
    out_refund_no: str,
    status: RefundStatus,
    *,
    refund_id: str | None,
    accepted_at: datetime | None,
    done_at: datetime | None,
    check_at: datetime | None,
) -> Refund | None:
    """Move a refund on; None when it is past that."""
    sources = rules.refund_before(status)
    values = (out_refund_no, status, refund_id, accepted_at, done_at, check_at, sources)
    rows = await fetch(NEWS, *values, connection=connection)
    return _refund(rows[0]) if rows else None


async def count_back(connection: Connection, refund: Refund) -> bool:
    """Book a refund that succeeded on its order."""
    sources = list(rules.REFUNDABLE)
    values = (refund.order_id, refund.amount_fen, sources)
    return bool(await fetch(SUCCEEDED, *values, connection=connection))


async def release(connection: Connection, refund: Refund) -> None:
    """Make the amount of a refund that failed refundable again."""
    await fetch(FAILED, refund.order_id, refund.amount_fen, connection=connection)


async def claim_due(now: datetime, until: datetime, limit: int) -> list[Refund]:
    """Take refunds to be sent or asked about; nobody else takes them before `until`."""
    return [_refund(row) for row in await fetch(CLAIM, now, until, limit)]


async def check_again(id: UUID, at: datetime) -> None:
    """Look after a refund again later."""
    await fetch(CHECK_AGAIN, id, at)


async def refunds_of(start: datetime, end: datetime, numbers: list[str]) -> list[OurRow]:
    """Return refunds accepted in a time, and those of given numbers whenever they were."""
    rows = await fetch(WITHIN, start, end, numbers)
    return [
        OurRow("refund", r["out_refund_no"], r["status"], r["amount_fen"], bool(r["due"]))
        for r in rows
    ]


async def keep_report(
    connection: Connection, day: date, now: datetime, staff: UUID | None, body: dict[str, Any]
) -> None:
    """Keep a reconciliation; those before it stay."""
    content = orjson.dumps(body).decode()
    await fetch(KEEP_REPORT, day, now, staff, content, connection=connection)


async def report(day: date) -> dict[str, Any] | None:
    """Return the latest reconciliation of a day."""
    rows: Rows = await fetch(REPORT, day)
    if not rows:
        return None
    body = rows[0]["body"]
    found: dict[str, Any] = orjson.loads(body) if isinstance(body, str | bytes) else body
    return found
