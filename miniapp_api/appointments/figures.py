"""The bookings' figures (预约数据): how many were made by which way, and who did not come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from miniapp_api.appointments import figures_store


@dataclass(frozen=True)
class Booked:
    """A day's bookings by a channel; cancelled ones count as booked, neither missed nor come."""

    day: date
    channel: str
    booked: int
    missed: int
    came: int


class BookingFigures:
    """Counts a hall's bookings."""

    async def by_channel(self, hall: str, first: date, last: date) -> list[Booked]:
        """Return the bookings for some days, both included, by day and channel."""
        return [Booked(**row) for row in await figures_store.by_channel(hall, first, last)]
