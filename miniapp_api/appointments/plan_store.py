"""Every query of plans: versions are added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import fetch

LATEST = """
SELECT DISTINCT ON (hall) hall, version, body FROM hall_plan ORDER BY hall, version DESC
"""
LOCK_HALL = "SELECT pg_advisory_xact_lock(hashtextextended('hall-plan:' || $1, 0))"
VERSION = "SELECT COALESCE(max(version), 0) AS version FROM hall_plan WHERE hall = $1"
INSERT = """
INSERT INTO hall_plan (hall, version, body, created_by, created_at)
VALUES ($1, $2, $3::jsonb, $4, $5) RETURNING id
"""


async def latest() -> list[dict[str, Any]]:
    """Return hall, version and body of every hall's latest plan."""
    return [{**row, "body": _parsed(row["body"])} for row in await fetch(LATEST)]


async def lock_hall(connection: BaseDBAsyncClient, hall: str) -> int:
    """Let one change of a hall happen at a time, and return the version in force."""
    await fetch(LOCK_HALL, hall, connection=connection)
    (row,) = await fetch(VERSION, hall, connection=connection)
    return int(row["version"])


async def insert(
    connection: BaseDBAsyncClient,
    hall: str,
    version: int,
    body: dict[str, Any],
    by: UUID,
    now: datetime,
) -> None:
    """Add a version."""
    text = orjson.dumps(body).decode()
    await fetch(INSERT, hall, version, text, by, now, connection=connection)


def _parsed(body: Any) -> Any:
    return orjson.loads(body) if isinstance(body, str | bytes) else body
