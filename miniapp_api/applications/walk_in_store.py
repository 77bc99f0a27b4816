"""Every query of drafts that are filled in at a window."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import fetch

# The same matter at another window, or on another day: the ticket now in hand opens it.
BIND = """
INSERT INTO walk_in (draft, citizen, ticket, number, clerk, opened_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (draft) DO UPDATE
SET ticket = excluded.ticket, number = excluded.number, clerk = excluded.clerk,
    opened_at = excluded.opened_at
RETURNING draft
"""
CITIZEN = "SELECT citizen FROM walk_in WHERE draft = $1 AND ticket = $2"


async def bind(
    connection: BaseDBAsyncClient,
    draft: UUID,
    citizen: UUID,
    ticket: UUID,
    number: str,
    clerk: UUID,
    now: datetime,
) -> None:
    """Write by which ticket a draft was opened."""
    await fetch(BIND, draft, citizen, ticket, number, clerk, now, connection=connection)


async def citizen(draft: UUID, ticket: UUID) -> UUID | None:
    """Return whose draft it is, if it was opened by this ticket."""
    rows = await fetch(CITIZEN, draft, ticket)
    return UUID(str(rows[0]["citizen"])) if rows else None
