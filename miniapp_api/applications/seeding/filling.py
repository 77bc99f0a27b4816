"""The use case of seeding (造数): a stretch of cases is written whole, or not at all."""

from __future__ import annotations

from uuid import UUID

from miniapp_api.applications.seeding import store
from miniapp_api.applications.seeding.maker import BLOCK, Made, Maker, people_of
from miniapp_api.applications.seeding.people import id_of
from miniapp_api.applications.seeding.rows import case_record, event_records, number_of
from miniapp_api.applications.seeding.store import Connection
from miniapp_api.identity import seeding as identity
from miniapp_api.platform.sealing import Sealer

STRETCH = 40 * BLOCK  # cases in one transaction: a second's work


class Occupied(Exception):
    """The database has cases of real citizens: nothing is seeded there."""


async def require_free(connection: Connection) -> None:
    """Raise Occupied where real cases are."""
    if await store.has_real_cases(connection):
        raise Occupied()


async def unfinished(connection: Connection, cases: int) -> list[range]:
    """Return the stretches of so many cases that are not there whole."""
    stretches = [range(n, min(n + STRETCH, cases)) for n in range(0, cases, STRETCH)]
    return [each for each in stretches if len(await _there(connection, each)) < len(each)]


async def _there(connection: Connection, numbers: range) -> set[UUID]:
    return await store.known(connection, [id_of("case", number) for number in numbers])


async def fill(connection: Connection, maker: Maker, sealer: Sealer, numbers: range) -> int:
    """Write those of some cases that are not there yet, and return how many."""
    there = await _there(connection, numbers)
    made = [maker.case(number) for number in numbers if id_of("case", number) not in there]
    if made:
        async with connection.transaction():
            await _write_people(connection, sealer, numbers)
            await _write_cases(connection, sealer, made)
    return len(made)


async def _write_people(connection: Connection, sealer: Sealer, numbers: range) -> None:
    blocks = range(numbers.start // BLOCK, (numbers.stop - 1) // BLOCK + 1)
    people = [each for block in blocks for each in people_of(block)]
    phones = {each.id: each.phone for each in people}
    await identity.enrol(connection, sealer, phones)


async def _write_cases(connection: Connection, sealer: Sealer, made: list[Made]) -> None:
    sequences = await store.numbers(connection, len(made))
    cases = [
        await case_record(each, number_of(each, sequence), sealer)
        for each, sequence in zip(made, sequences, strict=True)
    ]
    events = [record for each in made for record in await event_records(each, sealer)]
    await store.copy_cases(connection, cases)
    await store.copy_events(connection, events)


async def finish(connection: Connection) -> None:
    """Let the planner know what was written."""
    await store.analyze(connection)
