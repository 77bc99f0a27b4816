"""Key rotation (密钥轮换): a new data key, and every sealed column sealed anew with it.

The service goes on meanwhile: processes that have not heard of the new key seal with the old one
for a minute, so that the columns are gone through again until no value of an older key is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tortoise import Tortoise

from miniapp_api.platform import key_store
from miniapp_api.platform.sealing import FRESH_SECONDS, SealedField, Sealer

BATCH = 500


@dataclass(frozen=True)
class Column:
    """A sealed column, and the key of its rows."""

    table: str
    key: str
    name: str

    def place(self, id: Any) -> str:
        """Return the place that a row's value is bound to."""
        return place(self.table, self.name, id)


def place(table: str, column: str, id: Any) -> str:
    """Return the place of a value, as sealed and opened everywhere: "table.column:row"."""
    return f"{table}.{column}:{id}"


def columns() -> Iterator[Column]:
    """Return every sealed column of all rooms."""
    for models in (Tortoise.apps or {}).values():
        for model in models.values():
            meta = model._meta
            for name, field in meta.fields_map.items():
                if isinstance(field, SealedField):
                    yield Column(meta.db_table, meta.db_pk_column, name)


async def rotate(
    sealer: Sealer,
    tick: Callable[[str, int], Any] = lambda column, done: None,
    settle_seconds: float = FRESH_SECONDS,
) -> int:
    """Make a new key, seal everything with it and return how many values were sealed anew."""
    active = await sealer.replace_key()
    done = await _pass(sealer, active, tick, 0)
    await asyncio.sleep(settle_seconds)
    return await _pass(sealer, active, tick, done)


async def _pass(sealer: Sealer, active: int, tick: Callable[[str, int], Any], done: int) -> int:
    for column in columns():
        after = None
        while rows := await key_store.values_of_other_keys(
            column.table, column.key, column.name, active, after, BATCH
        ):
            for row in rows:
                done += await _reseal(sealer, column, row["id"], bytes(row["sealed"]))
            after = str(rows[-1]["id"])
            tick(f"{column.table}.{column.name}", done)
    return done


async def _reseal(sealer: Sealer, column: Column, id: Any, old: bytes) -> bool:
    """Seal a value anew; one that was changed meanwhile is met by the next pass."""
    text = await sealer.open(old, column.place(id))
    new = await sealer.seal(text, column.place(id))
    return await key_store.replace_value(column.table, column.key, column.name, id, old, new)
