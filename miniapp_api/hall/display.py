"""The hall's screen (叫号屏): one reader per hall and process, any number of listeners.

The events are rows in PostgreSQL: whatever restarts, a screen that reconnects with its
Last-Event-ID gets every call that it missed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, time
from typing import Any

import orjson

from miniapp_api.guides.service import GuidesService
from miniapp_api.hall import display_store, rules
from miniapp_api.hall.schemas import Board, BoardCall, BoardQueue
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.logs import log

LOOK_BACK = 200  # events: more than could commit out of order
SHOWN = 12  # calls on the board
BEHIND = 100  # messages that a listener may lag before it is let go, to reconnect
COUNT_EVERY = 4  # looks for calls between two counts of who waits


class Listener:
    """A screen that listens; `queue` ends with None when it lagged too far behind."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def give(self, message: bytes) -> bool:
        """Pass a message on; False when the listener is let go."""
        if self.queue.qsize() >= BEHIND:
            self.queue.put_nowait(None)
            return False
        self.queue.put_nowait(message)
        return True


class Channel:
    """A hall's calls, as this process has read them."""

    def __init__(self, hall: str, display: Display) -> None:
        self._hall = hall
        self._display = display
        self._last = 0
        self._seen: deque[int] = deque(maxlen=LOOK_BACK * 2)
        self._waiting: Mapping[str, int] = {}
        self.listeners: set[Listener] = set()

    async def begin(self) -> None:
        """Start at the latest call: what was before is in the board."""
        rows = await self._display.last_calls(self._hall)
        self._seen.extend(row["id"] for row in rows)
        self._last = max((row["id"] for row in rows), default=0)

    async def read(self, *, count: bool) -> None:
        """Read new calls, and sometimes who waits, and give them to the listeners."""
        rows = await display_store.since(self._hall, max(0, self._last - LOOK_BACK))
        for row in rows:
            if row["id"] not in self._seen:
                self._seen.append(row["id"])
                self._last = max(self._last, row["id"])
                self._give(call_message(row))
        if count:
            waiting = await self._display.waiting(self._hall)
            if waiting != self._waiting:
                self._waiting = waiting
                self._give(message("waiting", orjson.dumps(waiting)))

    def _give(self, encoded: bytes) -> None:
        """An event is encoded once, whatever the number of screens."""
        lagging = {listener for listener in self.listeners if not listener.give(encoded)}
        self.listeners -= lagging


class Display:
    """Knows what the screens show."""

    def __init__(self, guides: GuidesService, clock: Clock, seconds: float) -> None:
        self._guides = guides
        self._clock = clock
        self._seconds = seconds
        self._channels: dict[str, Channel] = {}
        self._beginning = asyncio.Lock()

    async def board(self, hall: str) -> Board:
        """Return the last calls and how many wait in each queue."""
        waiting = await self.waiting(hall)
        calls = [_call(row) for row in await self.last_calls(hall)]
        queues = [
            BoardQueue(queue=queue.id, name=queue.name, waiting=waiting.get(queue.id, 0))
            for queue in self._guides.queues(hall)
        ]
        return Board(hall=hall, calls=calls, queues=queues)

    @asynccontextmanager
    async def listen(self, hall: str, after: int | None) -> AsyncIterator[Listener]:
        """Listen to a hall: first the board, or the calls after an event that was seen last."""
        channel = await self._channel(hall)
        listener = Listener()
        channel.listeners.add(listener)
        try:
            if after is None:
                board = await self.board(hall)
                listener.give(message("snapshot", board.model_dump_json().encode()))
            else:
                for row in await display_store.since(hall, after):
                    listener.give(call_message(row))
            yield listener
        finally:
            channel.listeners.discard(listener)

    async def keep_reading(self) -> None:
        """Read for the halls that somebody listens to, as long as the worker lives."""
        looks = 0
        while True:
            await asyncio.sleep(self._seconds)
            looks += 1
            for channel in list(self._channels.values()):
                if not channel.listeners:
                    continue
                try:
                    await channel.read(count=looks % COUNT_EVERY == 0)
                except Exception as error:
                    log.warning("display_not_read", error=type(error).__name__, trace=error)

    async def last_calls(self, hall: str) -> list[dict[str, Any]]:
        """Return today's last calls, newest first."""
        now = self._clock.now()
        midnight = datetime.combine(now.date(), time(0), now.tzinfo)
        return list(await display_store.last(hall, midnight, SHOWN))

    async def waiting(self, hall: str) -> Mapping[str, int]:
        """Return how many wait, by queue."""
        return await display_store.waiting(hall, self._clock.now().date())

    async def _channel(self, hall: str) -> Channel:
        async with self._beginning:
            if hall not in self._channels:
                channel = Channel(hall, self)
                await channel.begin()
                self._channels[hall] = channel
            return self._channels[hall]


def call_message(row: Mapping[str, Any]) -> bytes:
    """Return a call as a server-sent event with its id."""
    return message("call", _call(row).model_dump_json().encode(), row["id"])


def message(event: str, data: bytes, id: int | None = None) -> bytes:
    """Return a server-sent event (HTML standard, 9.2)."""
    head = f"id: {id}\n" if id is not None else ""
    return f"{head}event: {event}\ndata: ".encode() + data + b"\n\n"


def _call(row: Mapping[str, Any]) -> BoardCall:
    return BoardCall(
        id=row["id"],
        number=row["number"],
        window=row["window"],
        text=rules.called_text(row["number"], row["window"]),
        spoken=rules.spoken(row["number"], row["window"]),
        at=row["at"],
    )
