"""Every query of orders and notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.payments import rules
from miniapp_api.payments.rules import OurRow, Status, Trade, Verdict
from miniapp_api.platform.database import fetch

Connection = BaseDBAsyncClient


@dataclass(frozen=True)
class Order:
    """An order (缴费单), as stored; subject: what is paid for, e.g. "application:<uuid>"."""

    id: UUID
    out_trade_no: str
    citizen: UUID
    subject: str
    amount_fen: int
    description: str
    status: Status
    prepay_id: str | None
    transaction_id: str | None
    receipt_number: str | None
    held_fen: int
    refunded_fen: int
    refund_parts: int
    created_at: datetime
    asked_at: datetime | None
    prepaid_at: datetime | None
    paid_at: datetime | None
    closed_at: datetime | None
    expires_at: datetime
    check_at: datetime | None

    @property
    def kind(self) -> str:
        """What kind of thing is paid for, e.g. "application"."""
        return self.subject.partition(":")[0]

    @property
    def paid(self) -> bool:
        """Whether the money came, and not only after the order was closed."""
        return self.status in rules.MONEY_CAME and self.status != "late"

    def covers(self, amount_fen: int) -> bool:
        """Tell whether an amount is what the order is to bring or brought, and we still have it."""
        return self.status in rules.LIVE and self.amount_fen - self.held_fen == amount_fen


COLUMNS = ", ".join(field.name for field in fields(Order))
INSERT = f"""
INSERT INTO pay_order ({COLUMNS})
VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)
ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608 - a constant of ours
# WeChat was never asked about these: nobody can pay them.
CLOSE_UNASKED = """
UPDATE pay_order SET status = 'closed', closed_at = $1, check_at = NULL
WHERE status = 'created' AND asked_at IS NULL AND expires_at <= $1
  AND ($2::text IS NULL OR subject = $2) RETURNING id
"""
LIVE = f"""
SELECT {COLUMNS} FROM pay_order WHERE subject = $1 AND status = ANY($2::text[])
"""  # noqa: S608 - a constant of ours
LATEST = f"""
SELECT {COLUMNS} FROM pay_order WHERE subject = $1
ORDER BY status = ANY($2::text[]) DESC, created_at DESC, id LIMIT 1
"""  # noqa: S608 - a constant of ours
BY_ID = f"SELECT {COLUMNS} FROM pay_order WHERE id = $1"  # noqa: S608 - a constant of ours
OF_CITIZEN = f"""
SELECT {COLUMNS} FROM pay_order WHERE citizen = $1 ORDER BY created_at DESC, id LIMIT $2
"""  # noqa: S608 - a constant of ours
BY_NUMBER = f"""
SELECT {COLUMNS} FROM pay_order WHERE out_trade_no = $1
"""  # noqa: S608 - a constant of ours
ASK = f"""
UPDATE pay_order SET asked_at = COALESCE(asked_at, $3), check_at = $4
WHERE id = $1 AND citizen = $2 AND status = ANY($5::text[]) AND expires_at > $3 RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
PREPAID = f"""
UPDATE pay_order SET status = 'prepaid', prepay_id = $2, prepaid_at = $3
WHERE id = $1 AND status = ANY($4::text[]) RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
PAID = f"""
UPDATE pay_order SET status = 'paid', transaction_id = $2, paid_at = $3, check_at = NULL,
    receipt_number = $5 || lpad(nextval('pay_receipt_number')::text, 8, '0')
WHERE out_trade_no = $1 AND status = ANY($4::text[]) AND amount_fen = $6 RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
LATE = f"""
UPDATE pay_order SET status = 'late', transaction_id = $2, paid_at = $3, check_at = NULL
WHERE out_trade_no = $1 AND status = ANY($4::text[]) AND amount_fen = $5 RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
CLOSE = """
UPDATE pay_order SET status = 'closed', closed_at = COALESCE(closed_at, $2), check_at = NULL
WHERE id = $1 AND status = ANY($3::text[]) RETURNING id
"""
# Nobody is to pay these any more; what WeChat knows of is closed there at the next poll.
CALL_OFF = """
UPDATE pay_order SET status = 'closed', closed_at = $2, expires_at = LEAST(expires_at, $2),
    check_at = CASE WHEN asked_at IS NULL THEN NULL ELSE $2 END
WHERE subject = $1 AND status = ANY($3::text[]) RETURNING id
"""
VOID = f"""
UPDATE pay_order SET status = 'void' WHERE subject = $1 AND status = ANY($2::text[])
RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
# Replicas share the work: who pushes check_at ahead is the one who asks.
CLAIM = f"""
UPDATE pay_order SET check_at = $2 WHERE id IN (
    SELECT id FROM pay_order WHERE check_at <= $1 ORDER BY check_at LIMIT $3 FOR UPDATE SKIP LOCKED
) RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
# Who was called off while we asked is to be looked at sooner: then it is not ours any more.
CHECK_AGAIN = "UPDATE pay_order SET check_at = $2 WHERE id = $1 AND check_at = $3 RETURNING id"
PAID_WITHIN = """
SELECT out_trade_no, status, amount_fen, paid_at >= $1 AND paid_at < $2 AS due FROM pay_order
WHERE (paid_at >= $1 AND paid_at < $2) OR out_trade_no = ANY($3::text[])
"""
NOTE = """
INSERT INTO pay_event (notification, kind, number, verdict, received_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (notification) DO NOTHING RETURNING id
"""
VERDICT_OF = "SELECT verdict FROM pay_event WHERE notification = $1"
JUDGE = "UPDATE pay_event SET verdict = $2 WHERE notification = $1 RETURNING id"


def _order(row: Mapping[str, Any]) -> Order:
    uuids = {"id": UUID(str(row["id"])), "citizen": UUID(str(row["citizen"]))}
    return Order(**{**row, **uuids})


def _first(rows: Sequence[Mapping[str, Any]]) -> Order | None:
    return _order(rows[0]) if rows else None


async def insert(connection: Connection, order: Order) -> bool:
    """Write an order; False when its subject has a live one."""
    values = [getattr(order, field.name) for field in fields(Order)]
    return bool(await fetch(INSERT, *values, connection=connection))


async def close_unasked(
    now: datetime, subject: str | None = None, connection: Connection | None = None
) -> None:
    """Close what expired before WeChat heard of it, of a subject or of all."""
    await fetch(CLOSE_UNASKED, now, subject, connection=connection)


async def live(connection: Connection, subject: str) -> Order | None:
    """Return the open or paid order of a subject."""
    return _first(await fetch(LIVE, subject, list(rules.LIVE), connection=connection))


async def of_subject(subject: str, connection: Connection | None = None) -> Order | None:
    """Return the live order of a subject, or else its latest."""
    return _first(await fetch(LATEST, subject, list(rules.LIVE), connection=connection))


async def by_id(id: UUID, connection: Connection | None = None) -> Order | None:
    """Return an order."""
    return _first(await fetch(BY_ID, id, connection=connection))


async def of_citizen(citizen: UUID, most: int) -> list[Order]:
    """Return a citizen's orders, the latest first."""
    return [_order(row) for row in await fetch(OF_CITIZEN, citizen, most)]


async def by_number(out_trade_no: str, connection: Connection | None = None) -> Order | None:
    """Return an order by the number that WeChat knows it by."""
    return _first(await fetch(BY_NUMBER, out_trade_no, connection=connection))


async def ask(id: UUID, citizen: UUID, now: datetime, check_at: datetime) -> Order | None:
    """Note that WeChat is about to hear of an order; None when it cannot be paid any more."""
    return _first(await fetch(ASK, id, citizen, now, check_at, list(rules.WAITING)))


async def keep_prepay(id: UUID, prepay_id: str | None, now: datetime) -> Order | None:
    """Keep a prepay_id (browsers have none); None when the order was paid or closed meanwhile."""
    return _first(await fetch(PREPAID, id, prepay_id, now, rules.before("prepaid")))


async def mark_paid(connection: Connection, trade: Trade, at: datetime, day: str) -> Order | None:
    """Mark an order as paid; None when it is not waiting for this payment."""
    sources = rules.before("paid")
    values = (trade.out_trade_no, trade.transaction_id, at, sources, day, trade.amount_fen)
    return _first(await fetch(PAID, *values, connection=connection))


async def mark_late(connection: Connection, trade: Trade, at: datetime) -> Order | None:
    """Mark a closed order as paid too late; None when it is not closed."""
    sources = rules.before("late")
    values = (trade.out_trade_no, trade.transaction_id, at, sources, trade.amount_fen)
    return _first(await fetch(LATE, *values, connection=connection))


async def close(id: UUID, now: datetime) -> bool:
    """Close an order that was not paid; False when it was."""
    return bool(await fetch(CLOSE, id, now, [*rules.before("closed"), "closed"]))


async def call_off(connection: Connection, subject: str, now: datetime) -> None:
    """Close what is still to be paid of a subject."""
    await fetch(CALL_OFF, subject, now, rules.before("closed"), connection=connection)


async def make_void(connection: Connection, subject: str) -> Order | None:
    """Return what was paid of a subject: it is void now."""
    return _first(await fetch(VOID, subject, rules.before("void"), connection=connection))


async def claim_due(now: datetime, until: datetime, limit: int) -> list[Order]:
    """Take orders to be asked about; nobody else takes them before `until`."""
    return [_order(row) for row in await fetch(CLAIM, now, until, limit)]


async def check_again(claimed: Order, at: datetime) -> None:
    """Ask about an order that was claimed again later."""
    await fetch(CHECK_AGAIN, claimed.id, at, claimed.check_at)


async def payments_of(start: datetime, end: datetime, numbers: list[str]) -> list[OurRow]:
    """Return payments of a time, and those of given numbers whenever they were."""
    rows = await fetch(PAID_WITHIN, start, end, numbers)
    return [
        OurRow("payment", r["out_trade_no"], r["status"], r["amount_fen"], bool(r["due"]))
        for r in rows
    ]


async def note(
    connection: Connection | None,
    now: datetime,
    *,
    notification: str | None,
    kind: str | None,
    number: str | None,
    verdict: str,
) -> bool:
    """Keep a notification; False when it came before."""
    values = (notification, kind, number, verdict, now)
    return bool(await fetch(NOTE, *values, connection=connection))


async def verdict_of(connection: Connection, notification: str) -> Verdict:
    """Return what was made of a notification that came before."""
    (row,) = await fetch(VERDICT_OF, notification, connection=connection)
    verdict: Verdict = row["verdict"]
    return verdict


async def judge(connection: Connection, notification: str, verdict: Verdict) -> None:
    """Keep what was made of a notification."""
    await fetch(JUDGE, notification, verdict, connection=connection)
