"""A week as a plan has it (一周排班): the hours and seats of every queue, day by day; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from miniapp_api.appointments import plan as days
from miniapp_api.appointments import texts
from miniapp_api.appointments.plan import Plan
from miniapp_api.appointments.rules import Calendar
from miniapp_api.appointments.schedule_schemas import DayHours, QueueWeek
from miniapp_api.guides.places import Queue

LENGTH = 7  # days


def week_of(
    plan: Plan, queues: Sequence[Queue], first: date, calendar: Calendar
) -> list[QueueWeek]:
    """Return the seven days from `first` on of every queue."""
    dates = [first + timedelta(days=n) for n in range(LENGTH)]
    return [
        QueueWeek(
            queue=queue.id,
            name=queue.name,
            windows=len(queue.windows),
            days=[_day(plan, queue, day, calendar) for day in dates],
        )
        for queue in queues
    ]


def _day(plan: Plan, queue: Queue, day: date, calendar: Calendar) -> DayHours:
    found = days.hours(plan, queue.id, day, calendar)
    per_window = found.seats_per_window
    if per_window is None:
        per_window = queue.appointment_capacity_per_window_per_slot
    seats = len(queue.windows) * per_window
    why = None if found.openings else days.why_closed(plan, queue.id, day, calendar)
    return DayHours(
        date=day,
        hours=[[f"{o.start:%H:%M}", f"{o.end:%H:%M}"] for o in found.openings],
        reason=texts.reason(why) if why else None,
        slot_minutes=found.slot_minutes,
        slots=len(days.slot_times(found.openings, found.slot_minutes)),
        seats=seats,
        channels={str(channel): n for channel, n in days.split(seats, plan.rules.channels).items()},
    )
