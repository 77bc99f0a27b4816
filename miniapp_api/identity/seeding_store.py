"""Every query of seeded citizens, on a connection of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

type Connection = asyncpg.Connection[Any]
Row = tuple[UUID, str, str, bytes]

KNOWN = "SELECT id FROM citizen WHERE id = ANY($1::uuid[])"
COLUMNS = ("id", "phone_index", "phone_masked", "phone_sealed", "created_at")


async def known(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of some citizens are there already."""
    return {UUID(bytes=row["id"].bytes) for row in await connection.fetch(KNOWN, ids)}


async def copy_citizens(connection: Connection, rows: Sequence[Row]) -> None:
    """Write citizens: id, blind index, masked and sealed phone."""
    now = datetime.now(UTC)
    records = [(*row, now) for row in rows]
    await connection.copy_records_to_table("citizen", records=records, columns=COLUMNS)
