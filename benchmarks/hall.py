"""The hall as the booking benchmarks see it: an item's queue, its slots, seats without end."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from benchmarks.bench import HORIZON, Bench
from benchmarks.harness import CannotRunError
from benchmarks.servers import Server
from benchmarks.wire import Wire

ITEM = "id-card-lost-replacement"
HALL = "municipal"
DAYS = 30
SEATS = 100_000
OPENING_SECONDS = 20.0
RESET = """
TRUNCATE appointment CASCADE; TRUNCATE outbox;
UPDATE allotment SET capacity = CASE channel WHEN 'mini_program' THEN {seats} ELSE 0 END,
    remaining = CASE channel WHEN 'mini_program' THEN {seats} ELSE 0 END;
DELETE FROM idempotent_answer; VACUUM ANALYZE allotment
"""


def today_in(bench: Bench) -> date:
    """Return today in the city."""
    return datetime.now(ZoneInfo(bench.settings.city.timezone)).date()


def slots_path(first: date) -> str:
    """Return the request for 30 days of slots."""
    last = first + timedelta(days=DAYS - 1)
    return f"/appointments/slots?item={ITEM}&hall={HALL}&from={first}&to={last}"


async def listed_days(api: Server, first: date) -> list[dict[str, Any]]:
    """Return the listed days once the API has opened the horizon's slots."""
    wire = await Wire.open(api.port)
    try:
        for _ in range(int(OPENING_SECONDS * 2)):
            reply = await wire.ask("GET", slots_path(first), expect=200)
            days: list[dict[str, Any]] = reply.json()["days"]
            if sum(day["open"] for day in days) >= HORIZON * 0.5:
                return days
            await asyncio.sleep(0.5)
    finally:
        wire.close()
    raise CannotRunError(f"the API listed no slots within {OPENING_SECONDS:.0f} s")


async def reset(bench: Bench) -> None:
    """Remove every booking and give every slot more seats than a benchmark can take."""
    async with bench.connection() as connection:
        for statement in RESET.format(seats=SEATS).split(";"):
            await connection.execute(statement)


def queue_of(bench: Bench, code: str) -> str:
    """Return the queue of an item, by the handbook."""
    return next(queue for found, queue in _bookable(bench) if found == code)


def items_of(bench: Bench, queue: str) -> list[str]:
    """Return the items that are booked in a queue."""
    return sorted(code for code, found in _bookable(bench) if found == queue)


def _bookable(bench: Bench) -> list[tuple[str, str]]:
    found = []
    for path in sorted((bench.handbook / "items").glob("*/*.yaml")):
        item = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        if item["place"]["kind"] == "hall" and item["appointment"] != "none":
            found.append((item["code"], item["place"].get("queue") or item["department"]))
    return found
