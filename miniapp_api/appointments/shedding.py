"""Shedding load exactly (削峰): who cannot have a seat is told so by a glance at the database.

When a day is released, thousands want the same few seats at once. Before a hold opens a transaction
it asks whether there is a seat at all, together with everybody who asks at the same moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from miniapp_api.appointments import store
from miniapp_api.appointments.rules import Channel
from miniapp_api.platform.batching import Batched
from miniapp_api.platform.clock import Clock


@dataclass(frozen=True)
class Glance:
    """What was seen of a slot: the channels with seats, and whether lapsed holds may free some."""

    channels: frozenset[str]
    lapsed: bool


NOTHING = Glance(frozenset(), lapsed=False)


class SeatGlances:
    """Looks at slots for everybody at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._slots = Batched(self._look)

    async def hopeless(self, slots: Sequence[int], channel: Channel) -> bool:
        """Return whether one of the slots has no seat for the channel, nor a lapsed hold."""
        for slot in slots:
            seen = await self._slots.get(slot) or NOTHING
            if not seen.lapsed and not seen.channels & {channel, "pool"}:
                return True
        return False

    async def _look(self, slots: list[int]) -> Mapping[int, Glance]:
        free, lapsed = await store.free_seats(slots, self._clock.now())
        channels: dict[int, set[str]] = {slot: set() for slot in slots}
        for slot, channel in free:
            channels[slot].add(channel)
        return {slot: Glance(frozenset(found), lapsed) for slot, found in channels.items()}
