"""A turn of the chat (一轮问答): through the API, Rasa, an action and back; and without Rasa."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count

from benchmarks.bench import Bench
from benchmarks.harness import CannotRunError, Row, benchmark, interleaved, row
from benchmarks.load import Load, run_load
from benchmarks.servers import Server
from benchmarks.talk import Talker
from benchmarks.wire import Wire

MANY = 16
SECONDS = 4.0
WARM_UP = 2.0
Pair = tuple[list[Load], list[Load]]


@benchmark("chat")
async def chat(bench: Bench) -> list[Row]:
    """Ten-turn conversations of logged-in citizens: first without Rasa, then with it."""
    async with bench.sms() as sms, bench.api() as api, bench.floor("echo") as floor:
        citizens = await bench.citizens(api, sms, MANY)
        talk = _Talk(bench, api, floor, citizens)
        without = await talk.compare(1, "fallback")
        async with bench.assistant():
            bench.step("warming up")
            for clients in (1, MANY):
                await talk.load(api, clients, None, WARM_UP)
            one = await talk.compare(1, "rasa")
            many = await talk.compare(MANY, "rasa")
    return _rows(without, one, many)


class _Talk:
    """Measures ours and the floor with the same conversations."""

    def __init__(
        self, bench: Bench, api: Server, floor: Server, citizens: list[dict[str, str]]
    ) -> None:
        self._bench, self._api, self._floor = bench, api, floor
        self._citizens = citizens
        self._seeds = count(1)

    async def compare(self, clients: int, via: str) -> Pair:
        """Interleave ours with the floor."""
        ours = self._measure(self._api, clients, via)
        return await interleaved(self._bench, ours, self._measure(self._floor, clients, "echo"))

    def _measure(self, server: Server, clients: int, via: str) -> Callable[[], Awaitable[Load]]:
        return lambda: self.load(server, clients, via, SECONDS)

    async def load(self, server: Server, clients: int, via: str | None, seconds: float) -> Load:
        """Let clients talk; more than a stray answer by another way than `via` is a fault."""
        talkers = [Talker(next(self._seeds), self._citizens[n]) for n in range(clients)]

        async def work(number: int, wire: Wire) -> None:
            await talkers[number].turn(wire)

        load = await run_load(server.port, clients, seconds, work)
        said = [each for talker in talkers for each in talker.via]
        if via is not None and said.count(via) < 0.9 * len(said):
            raise CannotRunError(f"{said.count(via)} of {len(said)} answers came by {via}")
        return load


def _rows(without: Pair, one: Pair, many: Pair) -> list[Row]:
    return [
        row("chat.one_client.p50", "ms", *_both(one, "p50"), at_most=40),
        row("chat.one_client.p95", "ms", *_both(one, "p95")),
        row("chat.many.p50", "ms", *_both(many, "p50"), detail=f"{MANY} clients"),
        row("chat.many.p95", "ms", *_both(many, "p95"), at_most=400, detail=f"{MANY} clients"),
        row("chat.many", "turns/s", *_both(many, "rate"), detail=f"{MANY} clients"),
        row("chat.fallback.p50", "ms", *_both(without, "p50"), at_most=5, detail="without Rasa"),
        row("chat.fallback.p95", "ms", *_both(without, "p95"), detail="without Rasa"),
    ]


def _both(pair: Pair, what: str) -> tuple[list[float], list[float]]:
    ours, floor = ([float(getattr(load, what)) for load in side] for side in pair)
    return ours, floor
