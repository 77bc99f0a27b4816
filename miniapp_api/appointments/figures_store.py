"""The queries of the bookings' figures: whole days are counted by the database."""

from __future__ import annotations

from datetime import date

from miniapp_api.platform.database import Rows, fetch

BY_CHANNEL = """
SELECT day, channel, count(*)::int AS booked,
       (count(*) FILTER (WHERE status = 'no_show'))::int AS missed,
       (count(*) FILTER (WHERE status IN ('checked_in', 'completed')))::int AS came
FROM appointment WHERE hall = $1 AND day BETWEEN $2 AND $3 AND status NOT IN ('held', 'expired')
GROUP BY day, channel ORDER BY day, channel
"""


async def by_channel(hall: str, first: date, last: date) -> Rows:
    """Return bookings by day and channel: booked, missed and came."""
    return await fetch(BY_CHANNEL, hall, first, last)
