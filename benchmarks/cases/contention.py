"""Fifty citizens want the last seat at the same moment (抢最后一个号)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from statistics import median
from uuid import uuid4

from benchmarks.bench import Bench
from benchmarks.hall import HALL, ITEM, listed_days, reset, today_in
from benchmarks.harness import CannotRunError, Row, benchmark, row
from benchmarks.wire import Wire

CLIENTS = 50
BETTER_PEER = 32  # holds per second of the better peer under 50-way contention
ROUNDS = 100
LAST_SEATS = """
UPDATE allotment SET capacity = 1, remaining = 1
WHERE slot_id = ANY($1::bigint[]) AND channel = 'mini_program'
"""
TAKEN = """
SELECT l.remaining, count(s.id) FROM allotment l LEFT JOIN seat s ON s.allotment_id = l.id
WHERE l.slot_id = $1 AND l.channel = 'mini_program' GROUP BY l.remaining
"""
Outcome = tuple[int, float]  # accepted, seconds until the last answer


@benchmark("contention")
async def contention(bench: Bench) -> list[Row]:
    """A slot with one seat under 50 simultaneous holds by 50 citizens, 100 times."""
    today = today_in(bench)
    async with bench.sms() as sms, bench.api() as api:
        days = await listed_days(api, today)
        slots = [slot["id"] for day in days for slot in day["slots"]][:ROUNDS]
        citizens = await bench.citizens(api, sms, CLIENTS)
        wires = await asyncio.gather(*(Wire.open(api.port) for _ in citizens))
        await reset(bench)
        outcomes = []
        for number, slot in enumerate(slots, 1):
            bench.step(f"round {number}/{len(slots)}")
            outcomes.append(await _round(bench, wires, citizens, slot))
    return _rows(outcomes)


async def _round(
    bench: Bench, wires: list[Wire], citizens: list[dict[str, str]], slot: str
) -> Outcome:
    """Return how many were accepted, by their answers and by the database alike."""
    wanted = {"slot": slot, "item": ITEM, "hall": HALL}
    async with bench.connection() as connection:
        await connection.execute(LAST_SEATS, [int(slot)])
        started = time.perf_counter()
        replies = await asyncio.gather(
            *(
                wire.ask("POST", "/appointments/holds", wanted, each | _key())
                for wire, each in zip(wires, citizens, strict=True)
            )
        )
        seconds = time.perf_counter() - started
        remaining, taken = await connection.fetchrow(TAKEN, int(slot))
    statuses = Counter(reply.status for reply in replies)
    accepted = statuses[201]
    if statuses[409] != len(replies) - accepted:
        raise CannotRunError(f"answers other than 201 and 409: {dict(statuses)}")
    if (taken, remaining) != (accepted, 1 - accepted):
        raise CannotRunError(f"{accepted} were told yes, the database holds {taken}")
    return accepted, seconds


def _key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


def _rows(outcomes: list[Outcome]) -> list[Row]:
    accepted = [count for count, _ in outcomes]
    least, most = min(accepted), max(accepted)
    worst = most if most != 1 else least
    detail = f"{len(outcomes)} rounds of {CLIENTS}: {least} to {most} accepted"
    exact = least == most == 1
    rates = [CLIENTS / seconds for _, seconds in outcomes]
    return [
        Row("contention", worst, None, None, "accepted", "== 1 accepted", exact, detail),
        row(
            "contention.rate",
            "holds/s",
            [median(rates)],
            at_least=10 * BETTER_PEER,
            detail="answers, mostly refusals; the bar is ten times The Q's best, 32 holds/s",
        ),
    ]
