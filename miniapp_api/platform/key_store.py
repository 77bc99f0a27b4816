"""Every query of data keys (数据密钥), and of the columns that they seal."""

from __future__ import annotations

from typing import Any

from miniapp_api.platform.database import Rows, fetch, transaction

READ = "SELECT id, purpose, algorithm, wrapped, active FROM data_key ORDER BY id"
NEXT = "SELECT nextval('data_key_id_seq') AS id"
RETIRE = "UPDATE data_key SET active = false WHERE purpose = $1 AND active RETURNING id"
# Of two processes that make the first key at once, one wins; the other reads it.
INSERT = """
INSERT INTO data_key (id, purpose, algorithm, wrapped, active, created_at)
VALUES ($1, $2, $3, $4, true, now()) ON CONFLICT (purpose) WHERE active DO NOTHING RETURNING id
"""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('data keys', 0))"
REWRAP = "UPDATE data_key SET wrapped = $2 WHERE id = $1 RETURNING id"


async def read() -> Rows:
    """Return every key, wrapped."""
    return await fetch(READ)


async def next_id() -> int:
    """Return an id for a new key: it is bound into the wrapping."""
    (row,) = await fetch(NEXT)
    return int(row["id"])


async def insert(id: int, purpose: str, algorithm: str, wrapped: bytes, *, replace: bool) -> None:
    """Write a key as the active one of its purpose; without `replace` only if there is none."""
    async with transaction() as connection:
        await fetch(LOCK, connection=connection)
        if replace:
            await fetch(RETIRE, purpose, connection=connection)
        await fetch(INSERT, id, purpose, algorithm, wrapped, connection=connection)


async def replace_wrapped(wrapped: dict[int, bytes]) -> None:
    """Write all keys anew, wrapped with another master key: all or none."""
    async with transaction() as connection:
        await fetch(LOCK, connection=connection)
        for id, value in wrapped.items():
            await fetch(REWRAP, id, value, connection=connection)


async def values_of_other_keys(
    table: str, key: str, column: str, active: int, after: Any, limit: int
) -> Rows:
    """Return row ids and sealed values of a column that the active key did not seal."""
    sql = f"""
    SELECT "{key}" AS id, "{column}" AS sealed FROM "{table}"
    WHERE "{column}" IS NOT NULL AND substring("{column}" FROM 2 FOR 4) <> $1
      AND ($2::text IS NULL OR "{key}"::text > $2) ORDER BY "{key}"::text LIMIT $3
    """  # noqa: S608 - names of our own models
    return await fetch(sql, active.to_bytes(4, "big"), after, limit)


async def replace_value(table: str, key: str, column: str, id: Any, old: bytes, new: bytes) -> bool:
    """Write a value sealed anew; False when somebody changed it meanwhile."""
    sql = f"""
    UPDATE "{table}" SET "{column}" = $3 WHERE "{key}" = $1 AND "{column}" = $2 RETURNING "{key}"
    """  # noqa: S608 - names of our own models
    return bool(await fetch(sql, id, old, new))
