"""The slot list of 30 days (可预约时段)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson

from benchmarks.bench import Bench
from benchmarks.hall import ITEM, listed_days, queue_of, reset, slots_path, today_in
from benchmarks.harness import CannotRunError, Row, benchmark, interleaved, row
from benchmarks.load import Load, run_load
from benchmarks.servers import Server
from benchmarks.wire import Wire

CLIENTS = 32
FIGURES = ("rate", "p95")
SECONDS = 4.0


@benchmark("slots")
async def slots(bench: Bench) -> list[Row]:
    """32 clients list 30 days, one after the other without a pause."""
    today = today_in(bench)
    path = slots_path(today)
    async with bench.api() as api:
        days = await listed_days(api, today)
        await reset(bench)
        closed = orjson.dumps({day["date"]: day["reason"] for day in days if day["reason"]})
        known = {"FLOOR_QUEUE": queue_of(bench, ITEM), "FLOOR_CLOSED": closed.decode()}
        async with bench.floor("slots", **known) as floor:
            size = await _same(api, floor, path)
            many = await interleaved(
                bench, _measure(api, path, CLIENTS), _measure(floor, path, CLIENTS)
            )
            one = await interleaved(bench, _measure(api, path, 1), _measure(floor, path, 1))
    return _rows(many, one, sum(len(day["slots"]) for day in days), size)


def _measure(server: Server, path: str, clients: int) -> Callable[[], Awaitable[Load]]:
    async def work(_: int, wire: Wire) -> None:
        await wire.ask("GET", path, expect=200)

    return lambda: run_load(server.port, clients, SECONDS if clients > 1 else 1.0, work)


async def _same(api: Server, floor: Server, path: str) -> int:
    """Make sure that both answer the same JSON and return its size."""
    bodies = []
    for server in (api, floor):
        wire = await Wire.open(server.port)
        bodies.append((await wire.ask("GET", path, expect=200)).body)
        wire.close()
    if orjson.loads(bodies[0]) != orjson.loads(bodies[1]):
        raise CannotRunError("the floor's slot list differs from ours: it measures something else")
    return len(bodies[0])


def _rows(
    many: tuple[list[Load], list[Load]], one: tuple[list[Load], list[Load]], slots: int, size: int
) -> list[Row]:
    rates, p95s = ([[getattr(load, what) for load in side] for side in many] for what in FIGURES)
    alone = [[load.rate for load in side] for side in one]
    detail = f"{slots} slots, {size / 1024:.0f} kB, {CLIENTS} clients"
    return [
        row("slots", "req/s", *rates, ratio_at_least=0.5, detail=detail),
        row("slots.p95", "ms", *p95s, detail=f"{CLIENTS} clients"),
        row("slots.one_client", "req/s", *alone),
    ]
