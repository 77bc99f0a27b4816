"""How a booking (预约) is shown: its card, its time in words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from bot import texts
from bot.dialogue.calendar import as_day, day_name
from bot.replies import Answer, card

Json = dict[str, Any]
LIVE = ("held", "confirmed", "displaced")
NAMED_WINDOWS = 3


def when(booking: Json, today: date) -> str:
    """明天（11月25日 周三） 09:00-09:30."""
    day = as_day(booking.get("date"))
    name = day_name(day, today) if day else str(booking.get("date"))
    return f"{name} {booking['start']}-{booking['end']}"


def booking_card(booking: Json, today: date) -> Answer:
    """The booking as a card."""
    hall, labels = booking.get("hall") or {}, texts.LABELS
    rows = [
        (labels["item"], str((booking.get("item") or {}).get("name") or "")),
        (labels["when"], when(booking, today)),
        (labels["where"], " ".join(filter(None, [hall.get("name"), hall.get("address")]))),
        (labels["window"], window_names(booking.get("windows") or [])),
        (labels["who"], texts.ATTENDEE_NAMES.get(str(booking.get("attendee")), "")),
        (labels["reference"], str(booking.get("reference") or "")),
    ]
    badge = texts.STATUS_NAMES.get(str(booking.get("status")))
    return card(texts.BOOKING_CARD, rows, badge)


def window_names(windows: list[str]) -> str:
    """021号, or 014、015、016号等8个窗口."""
    named = f"{'、'.join(windows[:NAMED_WINDOWS])}号" if windows else ""
    return f"{named}等{len(windows)}个窗口" if len(windows) > NAMED_WINDOWS else named


def title(booking: Json, today: date) -> str:
    """One line for a button."""
    name = str((booking.get("item") or {}).get("name") or "")
    return f"{when(booking, today)} {name}"


def minutes_left(booking: Json, now: datetime) -> int | None:
    """How many minutes a hold still lasts."""
    try:
        until = datetime.fromisoformat(str(booking.get("expires_at")).replace("Z", "+00:00"))
    except ValueError:
        return None
    if until.tzinfo is None:
        return None
    left = int((until - now).total_seconds() // 60)
    return left if left > 0 else None


def live(bookings: list[Json]) -> list[Json]:
    """Those that still count, soonest first."""
    found = [each for each in bookings if each.get("status") in LIVE]
    return sorted(found, key=lambda each: (str(each.get("date")), str(each.get("start"))))
