"""Hold and confirm (占号并确认), random slots."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count, product
from random import Random
from typing import Any
from uuid import uuid4

from benchmarks.bench import Bench
from benchmarks.hall import HALL, ITEM, items_of, listed_days, queue_of, reset, today_in
from benchmarks.harness import ROUNDS, Row, benchmark, interleaved, row
from benchmarks.load import Load, run_load
from benchmarks.servers import Server
from benchmarks.wire import Wire

CLIENTS = 50
FIGURES = ("rate", "p95")
SECONDS = 5.0
CONFIRM_SECONDS = 1.0
PREPARED = 60  # holds per citizen: more than can be confirmed in that time
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

        def measure_holds(server: Server) -> Callable[[], Awaitable[Load]]:
            async def go() -> Load:
                await reset(bench)
                holds = [_holds(days, items, next(seeds)) for _ in citizens]
                work = _only_hold(citizens, holds)
                return await run_load(server.port, CLIENTS, CONFIRM_SECONDS * 2, work)

            return go

        ours, floors = await interleaved(bench, measure(api), measure(floor))
        held = await interleaved(bench, measure_holds(api), measure_holds(floor))
        confirmed = []
        for number in range(1, ROUNDS + 1):
            bench.step(f"confirming, round {number}/{ROUNDS}")
            await reset(bench)
            ready = await _prepare(api, citizens, days, items, next(seeds))
            work = _only_confirm(citizens, ready)
            confirmed.append(await run_load(api.port, CLIENTS, CONFIRM_SECONDS, work))
    both = (ours, floors)
    rates, p95s = ([[getattr(load, what) for load in side] for side in both] for what in FIGURES)
    return [
        row("booking", "bookings/s", *rates, ratio_at_least=0.4, detail=f"{CLIENTS} clients"),
        row("booking.p95", "ms", *p95s, detail="hold and confirm together"),
        row("hold", "holds/s", *([load.rate for load in side] for side in held)),
        row("confirm", "confirmations/s", [load.rate for load in confirmed]),
    ]


def _holds(days: list[list[dict[str, Any]]], items: list[str], seed: int) -> Holds:
    """Every item on every day once, in random order and at a random time: nothing is refused."""
    random = Random(seed)
    pairs = list(product(items, days))
    random.shuffle(pairs)
    return [
        {"slot": random.choice(slots)["id"], "item": item, "hall": HALL} for item, slots in pairs
    ]


def _only_hold(
    citizens: list[dict[str, str]], holds: list[Holds]
) -> Callable[[int, Wire], Awaitable[None]]:
    async def work(number: int, wire: Wire) -> None:
        headers = citizens[number] | {"Idempotency-Key": uuid4().hex}
        await wire.ask("POST", "/appointments/holds", holds[number].pop(), headers, expect=201)

    return work


async def _prepare(
    api: Server,
    citizens: list[dict[str, str]],
    days: list[list[dict[str, Any]]],
    items: list[str],
    seed: int,
) -> list[list[str]]:
    """Hold PREPARED seats for every citizen and return the holds' ids."""

    async def prepare(number: int, session: dict[str, str]) -> list[str]:
        wire, found = await Wire.open(api.port), []
        for wanted in _holds(days, items, seed + number)[:PREPARED]:
            headers = session | {"Idempotency-Key": uuid4().hex}
            held = await wire.ask("POST", "/appointments/holds", wanted, headers, expect=201)
            found.append(held.json()["id"])
        wire.close()
        return found

    return list(await asyncio.gather(*(prepare(n, each) for n, each in enumerate(citizens))))


def _only_confirm(
    citizens: list[dict[str, str]], ready: list[list[str]]
) -> Callable[[int, Wire], Awaitable[None]]:
    async def work(number: int, wire: Wire) -> None:
        path = f"/appointments/{ready[number].pop()}/confirm"
        await wire.ask("POST", path, None, citizens[number], expect=200)

    return work


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
