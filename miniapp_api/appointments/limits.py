"""What a person may book in a hall (预约限制), judged under that person's lock."""

from __future__ import annotations

from datetime import datetime

from miniapp_api.appointments import rules, store
from miniapp_api.appointments.errors import AlreadyBooked, DayLimit, Suspended
from miniapp_api.appointments.plan import Plan
from miniapp_api.appointments.store import Booked


async def number_of(connection: store.Connection, booked: Booked, plan: Plan, now: datetime) -> int:
    """Return the booking's number among the person's of that item and day.

    Raises Suspended, AlreadyBooked or DayLimit. The caller holds the person's lock.
    """
    found = await store.on_day(
        connection, booked.principal, booked.day, booked.item, booked.hall, now
    )
    if found.suspended_until:
        raise Suspended(until=found.suspended_until.astimezone(now.tzinfo))
    nth = rules.nth_free(found.taken, plan.rules.per_person_per_item_per_day)
    if nth is None:
        raise AlreadyBooked()
    if found.booked >= plan.rules.per_person_per_day:
        raise DayLimit(most=plan.rules.per_person_per_day)
    return nth
