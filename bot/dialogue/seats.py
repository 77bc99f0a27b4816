"""Free slots (号源): choosing among what the API lists. Pure functions on its JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Json = dict[str, Any]
SHOWN = 6


@dataclass(frozen=True)
class Wish:
    """When the citizen would like to come (想约的时间)."""

    first: date
    last: date
    part: str | None = None
    at: str | None = None

    @property
    def one_day(self) -> bool:
        """True when the day is fixed."""
        return self.first == self.last


def free(days: Iterable[Json]) -> list[Json]:
    """Every slot with a place left, in order, each with its date."""
    return [
        {**slot, "date": day["date"]}
        for day in days
        if day.get("open")
        for slot in day.get("slots", [])
        if slot.get("remaining", 0) > 0
    ]


def in_part(slots: Sequence[Json], part: str | None) -> list[Json]:
    """Those of the morning or the afternoon."""
    return [slot for slot in slots if part is None or slot.get("part") == part]


def exactly_at(slots: Sequence[Json], at: str) -> Json | None:
    """The slot that begins at the hour, or the one that the hour falls into."""
    inside = [slot for slot in slots if slot["start"] <= at < slot["end"]]
    return next((slot for slot in slots if slot["start"] == at), inside[0] if inside else None)


def nearest_to(slots: Sequence[Json], at: str) -> list[Json]:
    """The slots by their distance from an hour, then in order of time."""
    closest = sorted(slots, key=lambda slot: abs(_minutes(slot["start"]) - _minutes(at)))[:SHOWN]
    return sorted(closest, key=lambda slot: (slot["date"], slot["start"]))


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes or 0)


def page(slots: Sequence[Json], number: int) -> tuple[list[Json], bool]:
    """One page of slots, and whether more follow."""
    start = number * SHOWN
    return list(slots[start : start + SHOWN]), len(slots) > start + SHOWN


def open_days(days: Iterable[Json], part: str | None = None, limit: int = SHOWN) -> list[Json]:
    """The first days that still have a place: {date, places}."""
    found: dict[str, int] = {}
    for slot in in_part(free(days), part):
        found[slot["date"]] = found.get(slot["date"], 0) + int(slot["remaining"])
    return [{"date": day, "places": places} for day, places in list(found.items())[:limit]]


def day_of(days: Iterable[Json], day: date) -> Json | None:
    """The API's entry of one day."""
    return next((each for each in days if each["date"] == day.isoformat()), None)
