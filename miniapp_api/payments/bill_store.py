"""Every query of the days whose bills are compared (每日对账)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from miniapp_api.platform.database import fetch

NEWEST = "SELECT max(day) AS day FROM pay_bill_day"
NOTE = """
INSERT INTO pay_bill_day (day, check_at) SELECT unnest($1::date[]), $2
ON CONFLICT DO NOTHING RETURNING day
"""
# Replicas share the work: who pushes check_at ahead is the one who compares.
CLAIM = """
UPDATE pay_bill_day SET check_at = $2 WHERE day = (
    SELECT day FROM pay_bill_day WHERE check_at <= $1 ORDER BY day LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING day
"""
DONE = "UPDATE pay_bill_day SET check_at = NULL WHERE day = $1 RETURNING day"


async def newest() -> date | None:
    """Return the last day that was noted."""
    (row,) = await fetch(NEWEST)
    day: date | None = row["day"]
    return day


async def note(days: Sequence[date], now: datetime) -> None:
    """Note days to be compared; those noted before stay as they are."""
    if days:
        await fetch(NOTE, list(days), now)


async def claim(now: datetime, until: datetime) -> date | None:
    """Take the oldest day that is due; nobody else takes it before `until`."""
    rows = await fetch(CLAIM, now, until)
    return rows[0]["day"] if rows else None


async def done(day: date) -> None:
    """Write that a day was compared."""
    await fetch(DONE, day)
