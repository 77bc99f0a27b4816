"""Every query of the checks of the audit trail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.audit_chain import Verdict
from miniapp_api.platform.database import Rows, fetch

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('audit check', 0))"
# One at a time; one whose process is gone does not count.
BEGIN = """
INSERT INTO audit_check (id, started_at, started_by, entries, done, seen_at, faults, faults_found,
                         witness)
SELECT $1, $2::timestamptz, $3, $4, 0, $2::timestamptz, '{}', 0, ''
WHERE NOT EXISTS (SELECT 1 FROM audit_check WHERE ended_at IS NULL AND seen_at > $5)
RETURNING id
"""
GO_ON = "UPDATE audit_check SET done = $2, seen_at = $3 WHERE id = $1 RETURNING id"
END = """
UPDATE audit_check SET ended_at = $2, seen_at = $2, done = $3, last_entry_at = $4, faults = $5,
                       faults_found = $6, witness = $7
WHERE id = $1 RETURNING id
"""
LATEST = """
SELECT id, started_at, started_by, entries, done, seen_at, ended_at, last_entry_at, faults,
       faults_found, witness
FROM audit_check ORDER BY started_at DESC LIMIT $1
"""


async def begin(
    connection: BaseDBAsyncClient, id: UUID, by: UUID, entries: int, now: datetime, stale: datetime
) -> bool:
    """Write a check that begins; False when another goes on, seen after `stale`."""
    await fetch(LOCK, connection=connection)
    return bool(await fetch(BEGIN, id, now, by, entries, stale, connection=connection))


async def go_on(id: UUID, done: int, now: datetime) -> None:
    """Say how far a check is."""
    await fetch(GO_ON, id, done, now)


async def end(
    connection: BaseDBAsyncClient, id: UUID, verdict: Verdict, kept: int, now: datetime
) -> None:
    """Write what a check found, of the faults the first."""
    faults = verdict.faults[:kept]
    found = (verdict.entries, verdict.until, faults, verdict.faults_found, verdict.witness)
    await fetch(END, id, now, *found, connection=connection)


async def latest(most: int) -> Rows:
    """Return the last checks, the newest first."""
    return await fetch(LATEST, most)
