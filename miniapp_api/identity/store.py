"""Every query of citizens, in PostgreSQL, and of codes, in Redis."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miniapp_api.platform.database import fetch
from miniapp_api.platform.redis import Redis

# Two first log-ins at once meet in the unique index and get the same citizen.
ENROL = """
INSERT INTO citizen (id, phone_index, phone_masked, phone_sealed, created_at)
VALUES ($1, $2, $3, $4, now())
ON CONFLICT (phone_index) DO UPDATE SET phone_masked = citizen.phone_masked
RETURNING id, phone_sealed IS NULL AS unsealed
"""
FILL = "UPDATE citizen SET phone_sealed = $2 WHERE id = $1 AND phone_sealed IS NULL RETURNING id"
FIND = "SELECT id FROM citizen WHERE phone_index = $1"
READ = "SELECT id, phone_masked, phone_sealed FROM citizen WHERE id = $1 AND erased_at IS NULL"
ENROL_WITHOUT_PHONE = """
INSERT INTO citizen (id, phone_masked, created_at) VALUES (gen_random_uuid(), '', now())
RETURNING id
"""
DROP_UNVERIFIED = """
DELETE FROM citizen WHERE id = $1 AND phone_index IS NULL
  AND NOT EXISTS (SELECT FROM profile WHERE citizen = $1) RETURNING id
"""
ADD_PHONE = """
UPDATE citizen SET phone_index = $2, phone_masked = $3, phone_sealed = $4
WHERE id = $1 AND phone_index IS NULL AND erased_at IS NULL RETURNING id
"""
# A wrong try counts, a right one burns the code; one step, so that tries cannot race.
REDEEM = """
local code = redis.call('HGET', KEYS[1], 'code')
if not code then return 'none' end
if code == ARGV[1] then redis.call('DEL', KEYS[1]) return 'right' end
local tries = redis.call('HINCRBY', KEYS[1], 'tries', 1)
if tries >= tonumber(ARGV[2]) then redis.call('DEL', KEYS[1]) end
return 'wrong'
"""


async def enrol(
    id: UUID, phone_index: str, phone_masked: str, phone_sealed: bytes
) -> tuple[UUID, bool]:
    """Return the citizen of a phone, new with that id at the first log-in.

    True beside it when his phone is not sealed yet: he came before we did so.
    """
    (row,) = await fetch(ENROL, id, phone_index, phone_masked, phone_sealed)
    return UUID(str(row["id"])), bool(row["unsealed"])


async def fill_phone(citizen: UUID, phone_sealed: bytes) -> None:
    """Write the sealed phone of a citizen who has none."""
    await fetch(FILL, citizen, phone_sealed)


async def find(phone_index: str) -> UUID | None:
    """Return the citizen of a phone, or None."""
    rows = await fetch(FIND, phone_index)
    return UUID(str(rows[0]["id"])) if rows else None


async def read(citizen: UUID) -> dict[str, Any] | None:
    """Return a citizen's masked and sealed phone; None after his deletion."""
    rows = await fetch(READ, citizen)
    return rows[0] if rows else None


async def enrol_without_phone() -> UUID:
    """Return a new citizen who has no phone."""
    (row,) = await fetch(ENROL_WITHOUT_PHONE)
    return UUID(str(row["id"]))


async def drop_unverified(citizen: UUID) -> None:
    """Delete a citizen without phone and without name."""
    await fetch(DROP_UNVERIFIED, citizen)


async def add_phone(
    citizen: UUID, phone_index: str, phone_masked: str, phone_sealed: bytes
) -> bool:
    """Write the phone of a citizen who has none; False when he has, IntegrityError when taken."""
    return bool(await fetch(ADD_PHONE, citizen, phone_index, phone_masked, phone_sealed))


async def keep_code(redis: Redis, phone_index: bytes, code_hash: bytes, seconds: int) -> None:
    """Keep a code's hash until it expires; a newer code replaces the older."""
    name = f"code:{phone_index.hex()}"
    async with redis.pipeline(transaction=True) as pipe:
        pipe.delete(name)
        pipe.hset(name, mapping={"code": code_hash.hex(), "tries": 0})
        pipe.expire(name, seconds)
        await pipe.execute()


async def drop_code(redis: Redis, phone_index: bytes) -> None:
    """Forget a code that could not be delivered."""
    await redis.delete(f"code:{phone_index.hex()}")


async def redeem_code(redis: Redis, phone_index: bytes, code_hash: bytes, attempts: int) -> bool:
    """Return whether the code is right; it works once, and `attempts` wrong tries void it."""
    name = f"code:{phone_index.hex()}"
    verdict: str = await redis.eval(REDEEM, 1, name, code_hash.hex(), attempts)
    return verdict == "right"
