"""The release storm (放号): ten thousand citizens want five hundred seats."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from random import Random
from statistics import quantiles
from typing import Any
from uuid import uuid4

from benchmarks.bench import Bench
from benchmarks.citizens import logged_in
from benchmarks.hall import HALL, ITEM, listed_days, reset, today_in
from benchmarks.harness import CannotRunError, Row, benchmark, row
from benchmarks.wire import Wire

CLIENTS = 10_000
SLOTS, SEATS = 10, 50
SECONDS = 40.0  # over which they come, open loop: half of them in the first ten, 690 a second
HALF_LIFE = 10.0
CONNECTIONS = 400
CUT = """
UPDATE allotment SET capacity = CASE WHEN channel = 'mini_program' THEN $2 ELSE 0 END,
    remaining = CASE WHEN channel = 'mini_program' THEN $2 ELSE 0 END
WHERE slot_id = ANY($1::bigint[])
"""
SOLD = """
SELECT count(*) FROM seat s JOIN allotment l ON l.id = s.allotment_id
WHERE l.slot_id = ANY($1::bigint[])
"""


@benchmark("storm")
async def storm(bench: Bench) -> list[Row]:
    """Each citizen comes at his own moment, whatever the server does, and tries once."""
    async with bench.api() as api:
        days = [day["slots"] for day in await listed_days(api, today_in(bench)) if day["slots"]]
        await reset(bench)
        slots = [slot["id"] for slot in days[1][:SLOTS]]
        citizens = await logged_in(bench, CLIENTS)
        async with bench.connection() as connection:
            await connection.execute(CUT, [int(slot) for slot in slots], SEATS)
            answers = await _crowd(bench, api.port, citizens, slots)
            sold = await connection.fetchval(SOLD, [int(slot) for slot in slots])
    return _rows(answers, int(sold))


async def _crowd(
    bench: Bench, port: int, citizens: list[dict[str, str]], slots: list[str]
) -> list[tuple[int, float]]:
    """Return every answer's status and its seconds since the citizen came."""
    random = Random(1)
    come = sorted(min(random.expovariate(0.693 / HALF_LIFE), SECONDS) for _ in citizens)
    wires: asyncio.Queue[Wire] = asyncio.Queue()
    for wire in await asyncio.gather(*(Wire.open(port) for _ in range(CONNECTIONS))):
        wires.put_nowait(wire)
    bench.step(f"{len(citizens)} citizens within {SECONDS:.0f} s")
    began = time.perf_counter()

    async def citizen(at: float, headers: dict[str, str]) -> tuple[int, float]:
        await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
        wire = await wires.get()
        wanted = {"slot": random.choice(slots), "item": ITEM, "hall": HALL}
        try:
            keyed = headers | {"Idempotency-Key": uuid4().hex}
            reply = await wire.ask("POST", "/appointments/holds", wanted, keyed)
        finally:
            wires.put_nowait(wire)
        return reply.status, time.perf_counter() - began - at

    answers = await asyncio.gather(
        *(citizen(at, headers) for at, headers in zip(come, citizens, strict=True))
    )
    while not wires.empty():
        wires.get_nowait().close()
    return list(answers)


def _rows(answers: list[tuple[int, float]], sold: int) -> list[Row]:
    statuses = Counter(status for status, _ in answers)
    yes = statuses[201]
    if yes != sold:
        raise CannotRunError(f"{yes} were told yes, the database holds {sold}")
    broken = sum(count for status, count in statuses.items() if status >= 500)
    losers = [seconds for status, seconds in answers if status == 409]
    p50, p99 = _percentiles(losers)
    seats = SLOTS * SEATS
    detail = f"{CLIENTS} citizens, half of them within {HALF_LIFE:.0f} s: {dict(statuses)}"
    return [
        Row("storm", sold, None, None, "sold", f"== {seats} sold", sold == seats, detail),
        Row("storm.5xx", broken, None, None, "answers", "== 0 answers", broken == 0),
        row("storm.loser.p99", "ms", [p99], at_most=1000, detail=f"p50 {p50:.0f} ms"),
    ]


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    cuts: Any = quantiles(seconds, n=100, method="inclusive")
    return cuts[49] * 1000, cuts[98] * 1000
