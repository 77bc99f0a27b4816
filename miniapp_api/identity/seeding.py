"""Citizens that never were (样例市民), written in bulk as a first log-in would write each."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from miniapp_api.identity import rules, seeding_store
from miniapp_api.identity.citizens import Citizens
from miniapp_api.identity.seeding_store import Connection, Row
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer


async def enrol(connection: Connection, sealer: Sealer, phones: Mapping[UUID, str]) -> None:
    """Write those of some citizens, given with their phones, who are not there yet."""
    there = await seeding_store.known(connection, list(phones))
    rows = [await _row(id, phone, sealer) for id, phone in phones.items() if id not in there]
    await seeding_store.copy_citizens(connection, rows)


async def _row(id: UUID, phone: str, sealer: Sealer) -> Row:
    sealed = await sealer.seal(phone, place("citizen", "phone_sealed", id))
    return id, Citizens(sealer).index(phone), rules.mask(phone), sealed
