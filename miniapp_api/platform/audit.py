"""The audit trail (审计日志): who changed what, written in the transaction of the change.

PostgreSQL itself refuses to change or delete an entry.
"""

from __future__ import annotations

from dataclasses import dataclass
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
ENTRIES = """
SELECT id, at, actor_kind, actor, action, subject, hall, detail FROM audit_entry
WHERE ($1::text IS NULL OR hall = $1) AND ($2::bigint IS NULL OR id < $2)
ORDER BY id DESC LIMIT $3
"""


@dataclass(frozen=True)
class Actor:
    """Who acts; the system has no id."""

    kind: Literal["citizen", "staff", "system"]
    id: UUID | None


SYSTEM = Actor("system", None)


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


async def entries(hall: str | None, before: int | None, limit: int) -> Rows:
    """Return entries, newest first, older than the entry `before`; of one hall or of all."""
    rows = await fetch(ENTRIES, hall, before, limit)
    return [
        {**row, "detail": orjson.loads(row["detail"])}
        if isinstance(row["detail"], str)
        else dict(row)
        for row in rows
    ]
