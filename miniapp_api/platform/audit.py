"""The audit trail (审计日志): who changed what, written in the transaction of the change.

PostgreSQL itself refuses to change or delete an entry.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.database import Rows, fetch

RECORD = """
INSERT INTO audit_entry (at, actor_kind, actor, action, subject, hall, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb) RETURNING id
"""
SHOWN = "SELECT id, at, actor_kind, actor, action, subject, hall, detail FROM audit_entry"
# Only what is asked for stands in the query, so that each has its index.
CONDITIONS = {
    "hall": "hall = ${}",
    "before": "id < ${}::bigint",
    "since": "at >= ${}::timestamptz",
    "until": "at < ${}::timestamptz",
    "actor": "actor = ${}::uuid",
    "action": "action = ${}",
    "subject": "subject = ${}",
}
# From one action to the next in the index: a trail of millions has a few dozen.
ACTIONS = """
WITH RECURSIVE found AS (
  (SELECT action FROM audit_entry ORDER BY action LIMIT 1)
  UNION ALL
  SELECT (SELECT action FROM audit_entry WHERE action > f.action ORDER BY action LIMIT 1)
  FROM found f WHERE f.action IS NOT NULL
)
SELECT action FROM found WHERE action IS NOT NULL
"""


@dataclass(frozen=True)
class Actor:
    """Who acts; the system has no id."""

    kind: Literal["citizen", "staff", "system"]
    id: UUID | None


SYSTEM = Actor("system", None)


@dataclass(frozen=True)
class Search:
    """Which entries are looked for; None of a field means any."""

    hall: str | None = None
    before: int | None = None  # older than this entry
    since: datetime | None = None
    until: datetime | None = None  # before this moment
    actor: UUID | None = None
    action: str | None = None
    subject: str | None = None


async def record(
    connection: BaseDBAsyncClient,
    actor: Actor,
    action: str,
    subject: str,
    *,
    at: datetime,
    hall: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write an entry, e.g. action "plan.changed" of subject "hall:municipal".

    detail: facts of the change, never a person's data.
    """
    values = (at, actor.kind, actor.id, action, subject, hall, orjson.dumps(detail or {}).decode())
    await fetch(RECORD, *values, connection=connection)


async def by_staff(
    connection: BaseDBAsyncClient,
    member: StaffMember,
    action: str,
    subject: str,
    *,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write what a member of staff did, into his hall's trail."""
    actor = Actor("staff", member.id)
    await record(connection, actor, action, subject, at=at, hall=member.hall, detail=detail)


async def entries(search: Search, limit: int) -> Rows:
    """Return the entries that were looked for, at most `limit`, newest first."""
    given = {name: value for name, value in asdict(search).items() if value is not None}
    wanted = [CONDITIONS[name].format(nth) for nth, name in enumerate(given, 1)] or ["true"]
    sql = f"{SHOWN} WHERE {' AND '.join(wanted)} ORDER BY id DESC LIMIT ${len(given) + 1}"
    return [
        {**row, "detail": orjson.loads(row["detail"])}
        if isinstance(row["detail"], str)
        else dict(row)
        for row in await fetch(sql, *given.values(), limit)
    ]


async def actions() -> list[str]:
    """Return every action that is in the trail."""
    return [row["action"] for row in await fetch(ACTIONS)]
