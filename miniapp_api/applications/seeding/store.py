"""Every query of seeding: bulk writes through COPY, on a connection of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from miniapp_api.applications.seeding.rows import CASE_COLUMNS, EVENT_COLUMNS, Record

type Connection = asyncpg.Connection[Any]

KNOWN = "SELECT id FROM application WHERE id = ANY($1::uuid[])"
# What citizens do has random ids (version 4); seeded ids are made of names (version 5).
REAL = "SELECT EXISTS (SELECT 1 FROM application WHERE substr(id::text, 15, 1) <> '5')"
NUMBERS = "SELECT nextval('application_number') AS n FROM generate_series(1, $1::int)"
ANALYZE = ("ANALYZE application", "ANALYZE case_event", "ANALYZE citizen")


async def has_real_cases(connection: Connection) -> bool:
    """Tell whether there is a case that was not seeded."""
    return bool(await connection.fetchval(REAL))


async def known(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of some cases are there already."""
    return {UUID(bytes=row["id"].bytes) for row in await connection.fetch(KNOWN, ids)}


async def numbers(connection: Connection, count: int) -> list[int]:
    """Take the next of the numbers that receipts are made of, as real cases do."""
    return [row["n"] for row in await connection.fetch(NUMBERS, count)]


async def copy_cases(connection: Connection, cases: Sequence[Record]) -> None:
    """Write cases."""
    await connection.copy_records_to_table("application", records=cases, columns=CASE_COLUMNS)


async def copy_events(connection: Connection, events: Sequence[Record]) -> None:
    """Write steps."""
    await connection.copy_records_to_table("case_event", records=events, columns=EVENT_COLUMNS)


async def analyze(connection: Connection) -> None:
    """Let the planner know how much there is now."""
    for statement in ANALYZE:
        await connection.execute(statement)
