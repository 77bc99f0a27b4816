"""Every window and queue of a hall at a glance (大厅总览)."""

from __future__ import annotations

from datetime import datetime

from miniapp_api.appointments.closures import ClosureService
from miniapp_api.appointments.schedule_schemas import ClosureView
from miniapp_api.guides.places import Window
from miniapp_api.guides.service import GuidesService
from miniapp_api.hall import window_store
from miniapp_api.hall.schemas import Overview, QueueState, WindowState
from miniapp_api.platform.clock import Clock


class HallOverview:
    """Shows managers how their hall is doing."""

    def __init__(self, guides: GuidesService, clock: Clock, closures: ClosureService) -> None:
        self._guides = guides
        self._closures = closures
        self._clock = clock

    async def of(self, hall: str) -> Overview:
        """Return every window and queue of a hall (大厅总览)."""
        now = self._clock.now()
        sessions = {row["window"]: row for row in await window_store.overview(hall, now.date())}
        counts = {row["queue"]: row for row in await window_store.queues(hall, now.date())}
        closed = await self._closures.windows_closed(hall)
        windows = [
            _window_state(window, sessions.get(window.number), closed.get(window.number))
            for window in self._guides.windows(hall)
        ]
        queues = [
            _queue_state(queue.id, queue.name, counts.get(queue.id), now)
            for queue in self._guides.queues(hall)
        ]
        return Overview(hall=hall, windows=windows, queues=queues)


def _window_state(
    window: Window, row: dict[str, object] | None, closed: ClosureView | None
) -> WindowState:
    return WindowState.model_validate(
        {
            "window": window.number,
            "queue": window.queue,
            "state": row["state"] if row else "closed",
            "closed": {"reason": closed.reason, "until": closed.ends_at} if closed else None,
            "staff": row["staff"] if row else None,
            "ticket": row["number"] if row else None,
            "ticket_status": row["status"] if row else None,
            "since": row["since"] if row else None,
            "served": row["served"] if row else 0,
        }
    )


def _queue_state(id: str, name: str, row: dict[str, object] | None, now: datetime) -> QueueState:
    longest = row["longest"] if row else None
    minutes = int((now - longest).total_seconds() // 60) if isinstance(longest, datetime) else None
    waiting, served = (row["waiting"], row["served"]) if row else (0, 0)
    return QueueState.model_validate(
        {
            "queue": id,
            "name": name,
            "waiting": waiting,
            "longest_minutes": minutes,
            "served": served,
        }
    )
