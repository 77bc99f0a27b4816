"""What the clock does to hand-overs: apologise, let messages be, take them from who went away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from miniapp_api.chat import handover_store, texts
from miniapp_api.chat.handovers import Handovers
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.settings import Agents


class Sweeper:
    """Each step is taken once, on whatever replica: a conditional statement decides."""

    def __init__(self, handovers: Handovers, clock: Clock, settings: Agents, hotline: str) -> None:
        self._handovers = handovers
        self._clock = clock
        self._settings = settings
        self._hotline = hotline

    async def sweep(self) -> int:
        """Do what is due, and return how many citizens were told something."""
        now = self._clock.now()
        if not self._handovers.hours.attended(now):
            told = [await self._lapse(row) for row in await handover_store.waiting()]
            return sum(told)
        before = now - timedelta(minutes=self._settings.sorry_minutes)
        told = [await self._apologise(row) for row in await handover_store.long_waiting(before)]
        gone = now - timedelta(minutes=self._settings.desert_minutes)
        told += [await self._desert(row, gone) for row in await handover_store.deserted(gone)]
        return sum(told)

    async def _lapse(self, row: Mapping[str, Any]) -> bool:
        """The agents went home: who waits has left a message (转为留言)."""
        now = self._clock.now()
        start = self._handovers.hours.next(now)
        async with transaction() as connection:
            await handover_store.lock(connection, row["conversation"])
            if not await handover_store.move(
                connection, row["id"], "lapse", now, promised_for=start
            ):
                return False
            promise = self._handovers.promise(start, now)
            text = texts.LAPSED.format(promise=promise, hotline=self._hotline)
            await self._handovers.tell(connection, row["conversation"], text)
        return True

    async def _apologise(self, row: Mapping[str, Any]) -> bool:
        """Nobody came for long: say sorry and the hotline, and keep the place."""
        async with transaction() as connection:
            await handover_store.lock(connection, row["conversation"])
            if not await handover_store.apologise(connection, row["id"], self._clock.now()):
                return False
            found = await handover_store.read(row["id"], connection)
            ahead = await handover_store.ahead(found.asked_at, found.id, connection) if found else 0
            place = texts.STILL_AHEAD.format(ahead=ahead) if ahead else texts.STILL_NEXT
            text = texts.SORRY.format(place=place, hotline=self._hotline)
            await self._handovers.tell(connection, row["conversation"], text)
        return True

    async def _desert(self, row: Mapping[str, Any], gone: datetime) -> bool:
        """The agent went away: the citizen is first in line again."""
        async with transaction() as connection:
            await handover_store.lock(connection, row["conversation"])
            if not await handover_store.deserted(gone, row["id"], connection):
                return False
            await handover_store.move(connection, row["id"], "desert", self._clock.now())
            text = texts.DESERTED.format(hotline=self._hotline)
            await self._handovers.tell(connection, row["conversation"], text)
        return True
