"""The queries of the hall's screen."""

from __future__ import annotations

from datetime import date, datetime

from miniapp_api.platform.database import Rows, fetch

# Ids are given before their transactions commit, so a lower one may appear after a higher: the
# reader looks back a little, and knows what it has shown.
SINCE = """
SELECT id, kind, number, "window", at FROM call_event
WHERE hall = $1 AND id > $2 AND kind IN ('call', 'recall') ORDER BY id LIMIT 1000
"""
LAST = """
SELECT id, kind, number, "window", at FROM call_event
WHERE hall = $1 AND at >= $2 AND kind IN ('call', 'recall') ORDER BY id DESC LIMIT $3
"""
WAITING = """
SELECT queue, count(*)::int AS waiting FROM ticket
WHERE hall = $1 AND day = $2 AND status = 'waiting' GROUP BY queue
"""


async def since(hall: str, id: int) -> Rows:
    """Return calls after an event."""
    return await fetch(SINCE, hall, id)


async def last(hall: str, since: datetime, count: int) -> Rows:
    """Return the last calls since a moment, newest first."""
    return await fetch(LAST, hall, since, count)


async def waiting(hall: str, day: date) -> dict[str, int]:
    """Return how many wait, by queue."""
    return {row["queue"]: row["waiting"] for row in await fetch(WAITING, hall, day)}
