"""The queries of the hall's figures: whole days are counted by the database."""

from __future__ import annotations

from datetime import date, datetime

from miniapp_api.platform.database import Rows, fetch

ARRIVALS = """
SELECT date_bin('30 minutes', arrived_at, $3::timestamptz) AS at, count(*)::int AS arrived,
       (count(*) FILTER (WHERE kind = 'appointment'))::int AS booked
FROM ticket WHERE hall = $1 AND day = $2 GROUP BY 1 ORDER BY 1
"""
# Who booked and came early waits from his time on: before it nobody owes him a call.
WAITS = """
SELECT day, queue, array_agg(greatest(0, extract(
           epoch FROM called_at - greatest(arrived_at, booked_for)))::int) AS seconds
FROM ticket WHERE hall = $1 AND day BETWEEN $2 AND $3 AND called_at IS NOT NULL
GROUP BY day, queue
"""


async def arrivals(hall: str, day: date, midnight: datetime) -> Rows:
    """Return a day's half hours in which somebody came: at, arrived, booked."""
    return await fetch(ARRIVALS, hall, day, midnight)


async def waits(hall: str, first: date, last: date) -> Rows:
    """Return how long everybody waited until he was called: day, queue, and seconds."""
    return await fetch(WAITS, hall, first, last)
