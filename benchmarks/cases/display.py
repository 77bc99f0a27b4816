"""Two thousand screens and phones listen to a hall's calls (叫号推送)."""

from __future__ import annotations

import asyncio
import time

from benchmarks.bench import Bench
from benchmarks.hall import HALL, listed_days, today_in
from benchmarks.harness import CannotRunError, Row, benchmark, row

LISTENERS = 2000
CALLS = 10
EVENT = """
INSERT INTO call_event (hall, at, kind, ticket_id, number, queue, "window")
VALUES ($1, now(), 'call', gen_random_uuid(), $2, 'public-security', '014')
"""
REQUEST = f"GET /hall/{HALL}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
MOST_SECONDS = 10.0


class Screen(asyncio.Protocol):
    """A listener: when each call arrived."""

    def __init__(self, waiting: dict[bytes, list[float]]) -> None:
        self._waiting = waiting
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        self.transport = transport
        transport.write(REQUEST)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Note the calls in it."""
        if not self.ready.done() and b"snapshot" in data:
            self.ready.set_result(None)
        for number, arrived in self._waiting.items():
            if number in data:
                arrived.append(time.perf_counter())


@benchmark("display")
async def display(bench: Bench) -> list[Row]:
    """A call is written; the last of the listeners has it so much later."""
    async with bench.api() as api:
        await listed_days(api, today_in(bench))
        before = api.memory()["rss"]
        loop, waiting = asyncio.get_running_loop(), dict[bytes, list[float]]()
        bench.step(f"connecting {LISTENERS} listeners")
        screens = []
        for _ in range(LISTENERS):
            _, screen = await loop.create_connection(lambda: Screen(waiting), "127.0.0.1", api.port)
            screens.append(screen)
        await asyncio.wait_for(asyncio.gather(*(screen.ready for screen in screens)), 60)
        seconds = [await _call(bench, waiting, number) for number in range(CALLS)]
        grown = api.memory()["rss"] - before
        for screen in screens:
            screen.transport.close()
    last, spread = [each[0] * 1000 for each in seconds], [each[1] * 1000 for each in seconds]
    detail = f"{LISTENERS} listeners of one process, {grown:.0f} MB more for them"
    return [
        row("display.last", "ms", last, at_most=2000, detail=detail + "; looks every 500 ms"),
        row("display.fan_out", "ms", spread, detail="from the first listener to the last"),
    ]


async def _call(
    bench: Bench, waiting: dict[bytes, list[float]], number: int
) -> tuple[float, float]:
    """Write a call; return seconds until the last listener had it, and since the first had."""
    bench.step(f"call {number + 1}/{CALLS}")
    name = f"Z{number:03d}"
    arrived = waiting[f'"{name}"'.encode()] = []
    async with bench.connection() as connection:
        written = time.perf_counter()
        await connection.execute(EVENT, HALL, name)
    while len(arrived) < LISTENERS:
        if time.perf_counter() - written > MOST_SECONDS:
            raise CannotRunError(f"{len(arrived)} of {LISTENERS} listeners got the call")
        await asyncio.sleep(0.02)
    del waiting[f'"{name}"'.encode()]
    return max(arrived) - written, max(arrived) - min(arrived)
