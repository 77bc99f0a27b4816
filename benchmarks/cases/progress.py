"""Where does my case stand (办件进度), asked by citizens of a million cases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from benchmarks.bench import Bench
from benchmarks.citizens import sessions
from benchmarks.harness import CannotRunError, Row, benchmark, interleaved, row
from benchmarks.load import Load, run_load
from benchmarks.seeded import seeded
from benchmarks.servers import Server
from benchmarks.wire import Wire
from miniapp_api.applications.seeding.maker import BLOCK, PEOPLE
from miniapp_api.applications.seeding.people import id_of

CLIENTS = 4
CITIZENS = 2_000
SECONDS = 6.0
THEIRS = "SELECT id, citizen FROM application WHERE citizen = ANY($1::uuid[])"


@dataclass(frozen=True)
class Asker:
    """A citizen who is logged in, and his cases."""

    headers: dict[str, str]
    cases: Sequence[UUID]


@benchmark("progress")
async def progress(bench: Bench) -> list[Row]:
    """Citizens from all over the million ask for one of their cases, and for the list of them."""
    async with seeded(bench) as there, there.api() as api, there.floor("cases") as floor:
        askers = await _askers(there)
        one = await interleaved(there, _measure(api, askers, _case), _measure(floor, askers, _case))
        lists = [await _measure(api, askers, _list)() for _ in one[0]]
    p95s = [[load.p95 for load in side] for side in one]
    detail = f"a case with its steps, of {bench.cases:,}; {CLIENTS} clients, {CITIZENS} citizens"
    return [
        row("progress", "ms", *p95s, at_most=20, detail=detail),
        row("progress.rate", "req/s", *([load.rate for load in side] for side in one)),
        row(
            "progress.mine", "ms", [load.p95 for load in lists], at_most=20,
            detail="p95 of the list of one's own cases",
        ),
    ]  # fmt: skip


async def _askers(bench: Bench) -> list[Asker]:
    """Log seeded citizens in, where the API looks for sessions; those who have cases."""
    bench.step(f"logging in {CITIZENS} citizens")
    random, most = Random(1), bench.cases // BLOCK * PEOPLE
    ids = [id_of("citizen", n) for n in random.sample(range(most), min(CITIZENS, most))]
    cases: dict[UUID, list[UUID]] = {}
    async with bench.connection() as connection:
        for each in await connection.fetch(THEIRS, ids):
            cases.setdefault(UUID(bytes=each["citizen"].bytes), []).append(each["id"])
    if not cases:
        raise CannotRunError("nobody has a case")
    headers = await sessions(bench, list(cases))
    return [Asker(*both) for both in zip(headers, cases.values(), strict=True)]


Ask = Callable[[Asker, Random], str]


def _case(asker: Asker, random: Random) -> str:
    return f"/applications/{random.choice(asker.cases)}"


def _list(_asker: Asker, _random: Random) -> str:
    return "/applications/"


def _measure(server: Server, askers: Sequence[Asker], path: Ask) -> Callable[[], Awaitable[Load]]:
    random = Random(2)

    async def work(_: int, wire: Wire) -> None:
        asker = random.choice(askers)
        await wire.ask("GET", path(asker, random), None, asker.headers, expect=200)

    async def go() -> Load:
        return await run_load(server.port, CLIENTS, SECONDS, work)

    return go
