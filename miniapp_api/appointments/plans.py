"""A hall's plan in force (现行排班): the manager's latest version, else the handbook's."""

from __future__ import annotations

import time
from datetime import time as clock_time

from miniapp_api.appointments import plan_store
from miniapp_api.appointments.plan import Opening, Pattern, Plan, Rules
from miniapp_api.appointments.plan_schemas import ChannelsBody, PlanBody
from miniapp_api.guides.places import WEEKDAYS, Hall, Span
from miniapp_api.guides.service import GuidesService

FRESH_SECONDS = 1.0  # another replica's change is seen after this at the latest


class Plans:
    """Knows every hall's plan; a change elsewhere is noticed within a second."""

    def __init__(self, guides: GuidesService) -> None:
        self._guides = guides
        self._kept: dict[str, Plan] = {}
        self._written: dict[str, tuple[Hall, Plan]] = {}  # made once from each hall as read
        self._read_at = float("-inf")

    async def of(self, hall: str) -> Plan:
        """Return a hall's plan; raise HallNotFound through guides for an unknown hall."""
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            await self.refresh()
        kept = self._kept.get(hall)
        if kept is not None:
            return kept
        written = self._guides.hall(hall)
        made = self._written.get(hall)
        if made is None or made[0] is not written:
            made = self._written[hall] = (written, from_handbook(written))
        return made[1]

    async def refresh(self) -> None:
        """Read the latest versions now."""
        self._kept = {
            row["hall"]: PlanBody.model_validate(row["body"]).plan(row["hall"], row["version"])
            for row in await plan_store.latest()
        }
        self._read_at = time.monotonic()


def from_handbook(hall: Hall) -> Plan:
    """Make the plan that the handbook describes (version 0)."""
    booking = hall.booking
    rules = Rules(
        first_working_day=booking.first_working_day,
        horizon_working_days=booking.horizon_working_days,
        slot_minutes=booking.slot_minutes,
        hold_minutes=booking.hold_minutes,
        cancel_until_minutes=booking.cancel_until_minutes,
        late_minutes=booking.late_minutes,
        per_person_per_day=booking.per_person_per_day,
        per_person_per_item_per_day=booking.per_person_per_item_per_day,
        no_shows_per_month=booking.no_shows_per_month,
        cancellations_per_month=booking.cancellations_per_month,
        suspend_days=booking.suspend_days,
        remote_tickets=booking.remote_tickets,
        release_time=clock_time.fromisoformat(booking.release.time),
        pool_working_days_before=booking.pool.working_days_before,
        pool_time=clock_time.fromisoformat(booking.pool.time),
        channels=ChannelsBody.model_validate(dict(booking.channels)).shares(),
    )
    patterns = tuple(
        Pattern(frozenset({WEEKDAYS.index(name)}), _openings(spans))
        for name, spans in hall.hours.items()
    )
    return Plan(hall.id, 0, rules, patterns, _openings(hall.makeup_workday))


def _openings(spans: tuple[Span, ...]) -> tuple[Opening, ...]:
    return tuple(Opening(span.start, span.end) for span in spans)
