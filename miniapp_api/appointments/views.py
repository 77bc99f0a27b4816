"""What a citizen sees of slots and bookings: pure, from stored rows and the handbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Any

from miniapp_api.appointments import rules, texts
from miniapp_api.appointments.plan import Rules
from miniapp_api.appointments.schemas import AppointmentView, HallRef, HallView, ItemRef
from miniapp_api.appointments.store import Booked
from miniapp_api.guides.places import Hall, Queue
from miniapp_api.guides.service import GuidesService

SHOWN_REFERENCE = ("confirmed", "displaced", "checked_in", "completed")


@lru_cache(maxsize=4096)
def local(
    starts_at: datetime, ends_at: datetime, zone: tzinfo | None
) -> tuple[date, dict[str, str]]:
    """Return a slot's day and its times as the hall's clock shows them."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    part = rules.part_of(start.time())
    return start.date(), {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "part": part}


def slots_by_day(
    rows: Sequence[Mapping[str, Any]], zone: tzinfo | None
) -> dict[date, list[dict[str, Any]]]:
    """Group listed slots by day, in the shape of `SlotView`.

    Plain dicts: a month is 300 slots, and making models of them takes 25 times as long.
    """
    by_day: dict[date, list[dict[str, Any]]] = {}
    for row in rows:
        day, times = local(row["starts_at"], row["ends_at"], zone)
        slot = {"id": str(row["id"]), **times, "remaining": row["remaining"]}
        by_day.setdefault(day, []).append(slot)
    return by_day


def day_view(day: date, why: str | None, slots: list[dict[str, Any]]) -> dict[str, Any]:
    """Show a day: its slots, or why there are none; in the shape of `Day`."""
    why = why or (None if slots else "full")
    return {
        "date": day,
        "weekday": texts.weekday(day),
        "open": why is None,
        "reason": texts.reason(why) if why else None,
        "slots": [] if why else slots,
    }


def hall_view(hall: Hall, queue: Queue, hall_rules: Rules) -> HallView:
    """Show a hall that serves an item, and its rules in force."""
    return HallView(
        id=hall.id,
        name=hall.name,
        address=hall.address,
        phone=hall.phone,
        queue=queue.id,
        windows=list(queue.windows),
        hours=hall.hours_note or "",
        hold_minutes=hall_rules.hold_minutes,
        cancel_until_minutes=hall_rules.cancel_until_minutes,
        remote_tickets=hall_rules.remote_tickets,
    )


def appointment_view(
    booked: Booked,
    guides: GuidesService,
    zone: tzinfo | None,
    *,
    status: rules.Status | None = None,
) -> AppointmentView:
    """Show a booking."""
    day, times = local(booked.starts_at, booked.ends_at, zone)
    status = status or booked.status
    hall, queue = guides.hall(booked.hall), guides.queue(booked.hall, booked.queue)
    return AppointmentView(
        id=booked.id,
        status=status,
        item=ItemRef(code=booked.item, name=guides.name_of(booked.item)),
        hall=HallRef(id=hall.id, name=hall.name, address=hall.address),
        windows=list(queue.windows),
        date=day,
        start=times["start"],
        end=times["end"],
        attendee=booked.attendee,  # type: ignore[arg-type]
        principal=booked.grant_id,
        channel=booked.channel,
        materials_check=guides.materials_check(booked.item),
        materials_ready=booked.materials_ready,
        offered=booked.waiting_id is not None and status == "held",
        expires_at=booked.hold_expires_at if status == "held" else None,
        reference=booked.reference if status in SHOWN_REFERENCE else None,
    )


def facts(
    booked: Booked | Mapping[str, Any], guides: GuidesService, zone: tzinfo | None
) -> dict[str, Any]:
    """Return what a message may say about a booking: nothing about the person."""
    row = booked if isinstance(booked, Mapping) else vars(booked)
    day, times = local(row["starts_at"], row["ends_at"], zone)
    return {
        "appointment": str(row["id"]),
        "item": row["item"],
        "item_name": guides.name_of(row["item"]),
        "hall_name": guides.hall(row["hall"]).name,
        "date": day.isoformat(),
        "start": times["start"],
        "end": times["end"],
        "reference": row["reference"],
    }
