"""Who gives way when fewer seats are left than are taken (谁要改期), pure.

Who booked last gives way first, a seat that is only held before one that is booked; nobody gives
way whose seat is not needed. Who is in the hall already is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Taken:
    """A booking that may have to give way: it has one seat in each of its slots."""

    id: UUID
    held: bool  # not confirmed yet
    booked_at: datetime
    slots: frozenset[int]


def giving_way(bookings: Iterable[Taken], excess: Mapping[int, int]) -> list[Taken]:
    """Return whose seats are needed, the last to book first; excess: seats too many, by slot.

    Fewer come back than `excess` asks for when there are not that many bookings.
    """
    left = dict(excess)
    chosen: list[Taken] = []
    for each in sorted(bookings, key=_turn, reverse=True):
        if any(left.get(slot, 0) > 0 for slot in each.slots):
            chosen.append(each)
            _take(left, each, 1)
    # One that has several slots may have made an earlier choice needless.
    for each in sorted(chosen, key=_turn):
        if all(left.get(slot, 0) < 0 for slot in each.slots):
            chosen.remove(each)
            _take(left, each, -1)
    return chosen


def _turn(booking: Taken) -> tuple[bool, datetime, UUID]:
    return booking.held, booking.booked_at, booking.id


def _take(left: dict[int, int], booking: Taken, seats: int) -> None:
    for slot in booking.slots:
        left[slot] = left.get(slot, 0) - seats
