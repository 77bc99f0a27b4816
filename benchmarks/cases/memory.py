"""Memory of an API worker (内存占用) after real requests."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.catalogues import import_real
from benchmarks.hall import ITEM, slots_path, today_in
from benchmarks.harness import Row, Skipped, benchmark, row
from benchmarks.load import run_load
from benchmarks.servers import Server
from benchmarks.talk import Talker
from benchmarks.wire import Wire

CLIENTS = 8
SECONDS = 6.0
LIMIT_MB = 200


@benchmark("memory")
async def memory(bench: Bench) -> list[Row]:
    """A worker with our handbook alone, and one with the imported catalogue beside it."""
    async with bench.api() as api, bench.floor("echo") as floor:
        rss, pss = await _used(bench, api)
        bare = floor.memory()["rss"]
    detail = f"resident; {pss:.0f} MB proportional; floor: Sanic alone"
    rows = [row("memory", "MB", [rss], [bare], at_most=LIMIT_MB, detail=detail)]
    try:
        data = bench.scratch / "with-catalogue"
        await import_real(bench, data)
        async with bench.api(SHENBAN_DATA__FOLDER=str(data)) as api:
            rss, pss = await _used(bench, api)
        detail = f"with 2,262 imported items; {pss:.0f} MB proportional"
    except Skipped as reason:
        return [*rows, Row("memory.catalogue", None, None, None, "MB", None, None, str(reason))]
    return [*rows, row("memory.catalogue", "MB", [rss], [bare], detail=detail)]


async def _used(bench: Bench, api: Server) -> tuple[float, float]:
    """Warm a worker up with every kind of request and return its megabytes, rss and pss."""
    bench.step("warming up")
    paths = (slots_path(today_in(bench)), f"/guides/items/{ITEM}", "/guides/suggest?q=%E8%BA%AB")
    talkers = [Talker(number) for number in range(CLIENTS)]

    async def work(number: int, wire: Wire) -> None:
        for path in paths:
            await wire.ask("GET", path, expect=200)
        await talkers[number].turn(wire)

    await run_load(api.port, CLIENTS, SECONDS, work)
    found = api.memory()
    return found["rss"], found["pss"]
