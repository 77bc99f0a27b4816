"""Every query of profiles (个人信息)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import fetch

# Of who withdrew his consent, the archive's copy of name and number is not to be used.
READ = """
SELECT citizen, id_index, address_sealed, assurance,
       CASE WHEN restricted_at IS NULL THEN name_sealed END AS name_sealed,
       CASE WHEN restricted_at IS NULL THEN id_number_sealed END AS id_number_sealed,
       CASE WHEN restricted_at IS NULL THEN verified_at END AS verified_at
FROM profile WHERE citizen = $1
"""
# The name may be corrected, the number stays: whom two verifications at once meet, this decides.
VERIFY = """
INSERT INTO profile (citizen, name_sealed, id_number_sealed, id_index, assurance, verified_at,
                     updated_at)
SELECT id, $2, $3, $4, 2, $5, $5 FROM citizen WHERE id = $1 AND erased_at IS NULL FOR SHARE
ON CONFLICT (citizen) DO UPDATE
SET name_sealed = excluded.name_sealed, id_number_sealed = excluded.id_number_sealed,
    id_index = excluded.id_index, assurance = greatest(profile.assurance, 2),
    verified_at = excluded.verified_at, updated_at = excluded.updated_at, restricted_at = NULL
WHERE profile.id_index IS NULL OR profile.id_index = excluded.id_index
RETURNING citizen
"""
OWNER = "SELECT citizen FROM profile WHERE id_index = $1"
LOCK_NUMBER = "SELECT pg_advisory_xact_lock(hashtextextended('id_index:' || $1, 0))"
SET_FACE = """
UPDATE profile SET assurance = 3, updated_at = $3
WHERE citizen = $1 AND id_index = $2 AND assurance >= 2 RETURNING citizen
"""
SET_ADDRESS = """
INSERT INTO profile (citizen, address_sealed, assurance, updated_at)
SELECT id, $2, 1, $3 FROM citizen WHERE id = $1 AND erased_at IS NULL FOR SHARE
ON CONFLICT (citizen) DO UPDATE
SET address_sealed = excluded.address_sealed, updated_at = excluded.updated_at
RETURNING citizen
"""


@dataclass(frozen=True, repr=False)
class Stored:
    """A profile, sealed."""

    citizen: UUID
    name_sealed: bytes | None
    id_number_sealed: bytes | None
    id_index: str | None
    address_sealed: bytes | None
    assurance: int
    verified_at: datetime | None


async def read(citizen: UUID) -> Stored | None:
    """Return a citizen's profile; None when there is none."""
    rows = await fetch(READ, citizen)
    return Stored(**rows[0]) if rows else None


async def owner(id_index: str, connection: BaseDBAsyncClient | None = None) -> UUID | None:
    """Return who verified an identity number, or None."""
    rows = await fetch(OWNER, id_index, connection=connection)
    return UUID(str(rows[0]["citizen"])) if rows else None


async def lock_number(connection: BaseDBAsyncClient, id_index: str) -> None:
    """Let one citizen at a time verify a number, so that the second one sees the first."""
    await fetch(LOCK_NUMBER, id_index, connection=connection)


async def verify(
    connection: BaseDBAsyncClient,
    citizen: UUID,
    name_sealed: bytes,
    id_number_sealed: bytes,
    id_index: str,
    now: datetime,
) -> bool:
    """Write a verified name and number; False when the citizen has another number already."""
    values = (citizen, name_sealed, id_number_sealed, id_index, now)
    return bool(await fetch(VERIFY, *values, connection=connection))


async def set_face(
    connection: BaseDBAsyncClient, citizen: UUID, id_index: str, now: datetime
) -> bool:
    """Write that a face was verified; False when the number changed meanwhile."""
    return bool(await fetch(SET_FACE, citizen, id_index, now, connection=connection))


async def set_address(
    connection: BaseDBAsyncClient, citizen: UUID, sealed: bytes | None, now: datetime
) -> None:
    """Write or delete an address."""
    await fetch(SET_ADDRESS, citizen, sealed, now, connection=connection)
