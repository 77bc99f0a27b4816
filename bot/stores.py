"""Tracker store (对话状态) and lock store (对话锁) in Redis, made for short turns."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from rasa.core.lock import TicketLock
from rasa.core.lock_store import RedisLockStore
from rasa.core.tracker_store import RedisTrackerStore
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

KEEP_TURNS = 1
SOCKET_SECONDS = 1.0
# a turn ends well within this; what a killed process leaves locked is free again after it
TURN_SECONDS = 8.0


def shortened(tracker: DialogueStateTracker, turns: int = KEEP_TURNS) -> list[Event]:
    """The state and the last turns (状态加最近几轮): what the next turn depends on.

    Rasa replays a conversation's events several times a turn, so an unbounded history makes each
    turn slower than the one before. The messages themselves are kept by the API's chat room.
    """
    events = _latest_session(list(tracker.events))
    starts = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(starts) <= turns:
        return events
    kept = events[starts[-turns] :]
    first = kept[0].timestamp
    return [*_state_before(tracker, events[: starts[-turns]], first), *kept]


def _latest_session(events: list[Event]) -> list[Event]:
    """From the last session start on; what it carried over was set again after it."""
    starts = [index for index, event in enumerate(events) if isinstance(event, SessionStarted)]
    return events[max(starts[-1] - 1, 0) :] if starts else events


def _state_before(
    tracker: DialogueStateTracker, dropped: list[Event], timestamp: float | None
) -> list[Event]:
    """Slots and the active form as they stood before the first kept turn."""
    slots: dict[str, Any] = {}
    loop: str | None = None
    for event in dropped:
        if isinstance(event, SlotSet):
            slots[event.key] = event.value
        elif isinstance(event, ActiveLoop):
            loop = event.name
    set_slots = [
        SlotSet(key, value, timestamp) for key, value in slots.items() if value is not None
    ]
    loops: list[Event] = [ActiveLoop(loop, timestamp)] if loop else []
    return [
        ActionExecuted("action_session_start", timestamp=timestamp),
        SessionStarted(timestamp),
        *set_slots,
        *loops,
        ActionExecuted("action_listen", timestamp=timestamp),
    ]


class ShortRedisTrackerStore(RedisTrackerStore):
    """Keeps the state and the last turns of each conversation."""

    def __init__(self, domain: Any, host: str = "localhost", port: int = 6379, **kwargs: Any):
        super().__init__(domain, host=host, port=int(port), **kwargs)
        # Redis is asked while the event loop waits: it must never wait for long
        self.red.connection_pool.connection_kwargs.update(
            socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS
        )

    async def save(self, tracker: DialogueStateTracker, timeout: float | None = None) -> None:
        """Writes the shortened conversation; the lock makes a merge with the old one needless."""
        await self.stream_events(tracker)
        short = DialogueStateTracker.from_events(
            tracker.sender_id, shortened(tracker), slots=self.domain.slots
        )
        expiry = timeout or self.record_exp
        self.red.set(
            self.key_prefix + tracker.sender_id,
            self.serialise_tracker(short),
            ex=int(expiry) if expiry else None,
        )

    async def _retrieve(
        self, sender_id: str, fetch_all_sessions: bool
    ) -> DialogueStateTracker | None:
        """What is stored is the latest session already."""
        stored = self.red.get(self.key_prefix + sender_id)
        return self.deserialise_tracker(sender_id, stored) if stored else None


class PatientRedisLockStore(RedisLockStore):
    """Looks often whether the citizen's earlier message is done: 50 ms instead of 1 s."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        super().__init__(
            host=endpoint_config.url, socket_timeout=SOCKET_SECONDS, **endpoint_config.kwargs
        )

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = TURN_SECONDS,
        wait_time_in_seconds: float = 0.05,
    ) -> AsyncGenerator[TicketLock, None]:
        """The conversation's lock (同一对话的消息一条一条处理)."""
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as held:
            yield held
