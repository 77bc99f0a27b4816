"""Hold and confirm (占号并确认), random slots."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count, product
from random import Random
from typing import Any
from uuid import uuid4

from benchmarks.bench import Bench
from benchmarks.hall import HALL, ITEM, items_of, listed_days, queue_of, reset, today_in
from benchmarks.harness import Row, benchmark, interleaved, row
from benchmarks.load import Load, run_load
from benchmarks.servers import Server
from benchmarks.wire import Wire

CLIENTS = 50
FIGURES = ("rate", "p95")
SECONDS = 5.0
Holds = list[dict[str, str]]


@benchmark("booking")
async def booking(bench: Bench) -> list[Row]:
    """50 citizens each hold a random slot, confirm it, and begin again."""
    today = today_in(bench)
    async with bench.sms() as sms, bench.api() as api, bench.floor("booking") as floor:
        days = [day["slots"] for day in await listed_days(api, today) if day["slots"]]
        citizens = await bench.citizens(api, sms, CLIENTS)
        items = items_of(bench, queue_of(bench, ITEM))
        seeds = count(1)

        def measure(server: Server) -> Callable[[], Awaitable[Load]]:
            async def go() -> Load:
                await reset(bench)
                holds = [_holds(days, items, next(seeds)) for _ in citizens]
                return await run_load(server.port, CLIENTS, SECONDS, _work(citizens, holds))

            return go

        ours, floors = await interleaved(bench, measure(api), measure(floor))
    both = (ours, floors)
    rates, p95s = ([[getattr(load, what) for load in side] for side in both] for what in FIGURES)
    return [
        row("booking", "bookings/s", *rates, ratio_at_least=0.4, detail=f"{CLIENTS} clients"),
        row("booking.p95", "ms", *p95s, detail="hold and confirm together"),
    ]


def _holds(days: list[list[dict[str, Any]]], items: list[str], seed: int) -> Holds:
    """Every item on every day once, in random order and at a random time: nothing is refused."""
    random = Random(seed)
    pairs = list(product(items, days))
    random.shuffle(pairs)
    return [
        {"slot": random.choice(slots)["id"], "item": item, "hall": HALL} for item, slots in pairs
    ]


def _work(
    citizens: list[dict[str, str]], holds: list[Holds]
) -> Callable[[int, Wire], Awaitable[None]]:
    async def work(number: int, wire: Wire) -> None:
        session, wanted = citizens[number], holds[number].pop()
        headers = session | {"Idempotency-Key": uuid4().hex}
        held = await wire.ask("POST", "/appointments/holds", wanted, headers, expect=201)
        path = f"/appointments/{held.json()['id']}/confirm"
        await wire.ask("POST", path, None, session, expect=200)

    return work
