"""The load generator (压测客户端): N clients, each sends, waits for the answer, sends again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.wire import Wire

Work = Callable[[int, Wire], Awaitable[None]]


@dataclass
class Load:
    """What a stretch of load brought: how many pieces of work, and how long each took."""

    elapsed: float = 0.0
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Pieces of work per second."""
        return len(self.seconds) / self.elapsed

    @property
    def p50(self) -> float:
        """Median in milliseconds."""
        return median(self.seconds) * 1000

    @property
    def p95(self) -> float:
        """95th percentile in milliseconds."""
        return quantiles(self.seconds, n=20, method="inclusive")[18] * 1000


async def run_load(
    port: int, clients: int, seconds: float, work: Work, warm_up: float = 0.5
) -> Load:
    """Keep `clients` connections busy; what begins during the warm-up is not counted."""
    wires = await asyncio.gather(*(Wire.open(port) for _ in range(clients)))
    load = Load()
    begin = time.perf_counter() + warm_up
    end = begin + seconds
    try:
        async with asyncio.TaskGroup() as group:
            for number, wire in enumerate(wires):
                group.create_task(_client(number, wire, work, begin, end, load))
    finally:
        for wire in wires:
            wire.close()
    load.elapsed = time.perf_counter() - begin
    return load


async def _client(
    number: int, wire: Wire, work: Work, begin: float, end: float, load: Load
) -> None:
    started = time.perf_counter()
    while started < end:
        await work(number, wire)
        finished = time.perf_counter()
        if started >= begin:
            load.seconds.append(finished - started)
        started = finished
