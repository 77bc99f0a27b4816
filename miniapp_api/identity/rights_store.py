"""Every query of consents, copies and deletion of personal data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import fetch

# A new version of the text is a new consent; the same again changes nothing.
SUPERSEDE = """
UPDATE consent_record SET withdrawn_at = $4
WHERE citizen = $1 AND purpose = $2 AND version <> $3 AND withdrawn_at IS NULL RETURNING id
"""
GIVE = """
INSERT INTO consent_record (citizen, purpose, version, given_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (citizen, purpose) WHERE withdrawn_at IS NULL DO NOTHING RETURNING id
"""
WITHDRAW = """
UPDATE consent_record SET withdrawn_at = $3
WHERE citizen = $1 AND purpose = ANY($2::text[]) AND withdrawn_at IS NULL RETURNING purpose
"""
WITHDRAW_ALL = """
UPDATE consent_record SET withdrawn_at = $2 WHERE citizen = $1 AND withdrawn_at IS NULL
RETURNING id
"""
CONSENTS = """
SELECT purpose, version, given_at, withdrawn_at FROM consent_record
WHERE citizen = $1 ORDER BY given_at DESC, id DESC
"""
CONSENTED = """
SELECT 1 FROM consent_record WHERE citizen = $1 AND purpose = $2 AND withdrawn_at IS NULL
"""
DROP_FACE = """
UPDATE profile SET assurance = 2, updated_at = $2 WHERE citizen = $1 AND assurance = 3
RETURNING citizen
"""
DROP_NAME = """
UPDATE profile SET name_sealed = NULL, id_number_sealed = NULL, id_index = NULL, assurance = 1,
    verified_at = NULL, restricted_at = NULL, updated_at = $2
WHERE citizen = $1 RETURNING citizen
"""
# For the archive name and number stay sealed, but no index finds them and no service reads them.
RESTRICT_NAME = """
UPDATE profile SET id_index = NULL, assurance = 1, restricted_at = $2, updated_at = $2
WHERE citizen = $1 RETURNING citizen
"""
HOLDS_NAME = "SELECT 1 FROM profile WHERE citizen = $1 AND id_number_sealed IS NOT NULL"
LOCK = "SELECT id FROM citizen WHERE id = $1 AND erased_at IS NULL FOR UPDATE"
ERASE = (
    """
    UPDATE citizen SET phone_index = NULL, phone_masked = '', phone_sealed = NULL, erased_at = $2
    WHERE id = $1 RETURNING id
    """,
    "UPDATE profile SET address_sealed = NULL, updated_at = $2 WHERE citizen = $1 RETURNING 1",
    """
    UPDATE proxy_grant SET revoked_at = coalesce(revoked_at, $2),
        label = CASE WHEN agent = $1 THEN '' ELSE label END,
        phone_masked = CASE WHEN principal = $1 THEN NULL ELSE phone_masked END
    WHERE agent = $1 OR principal = $1 RETURNING id
    """,
    """
    UPDATE delegation SET revoked_at = coalesce(revoked_at, $2), phone_masked = ''
    WHERE delegate = $1 RETURNING id
    """,
    """
    UPDATE enterprise SET representative_index = '', verified_at = least(verified_at, $2)
    WHERE representative = $1 RETURNING id
    """,
)
FORGET = (
    "DELETE FROM wechat_account WHERE citizen = $1 RETURNING id",
    "DELETE FROM citizen_session WHERE citizen = $1 RETURNING id",
)
FORGET_PROFILE = "DELETE FROM profile WHERE citizen = $1 AND restricted_at IS NULL RETURNING 1"


async def give(
    connection: BaseDBAsyncClient, citizen: UUID, purpose: str, version: str, now: datetime
) -> None:
    """Write a consent, unless the same is in force."""
    await fetch(SUPERSEDE, citizen, purpose, version, now, connection=connection)
    await fetch(GIVE, citizen, purpose, version, now, connection=connection)


async def withdraw(
    connection: BaseDBAsyncClient, citizen: UUID, purposes: Sequence[str], now: datetime
) -> set[str]:
    """Withdraw consents and return which were in force."""
    rows = await fetch(WITHDRAW, citizen, list(purposes), now, connection=connection)
    return {row["purpose"] for row in rows}


async def consents(citizen: UUID) -> list[dict[str, Any]]:
    """Return a citizen's consents, in force or withdrawn."""
    return list(await fetch(CONSENTS, citizen))


async def consented(citizen: UUID, purpose: str) -> bool:
    """Return whether a consent is in force."""
    return bool(await fetch(CONSENTED, citizen, purpose))


async def drop_face(connection: BaseDBAsyncClient, citizen: UUID, now: datetime) -> None:
    """Take back the assurance of a verified face."""
    await fetch(DROP_FACE, citizen, now, connection=connection)


async def drop_name(
    connection: BaseDBAsyncClient, citizen: UUID, now: datetime, *, restrict: bool
) -> None:
    """Erase name and number, or keep them for the archive alone."""
    await fetch(RESTRICT_NAME if restrict else DROP_NAME, citizen, now, connection=connection)


async def lock(connection: BaseDBAsyncClient, citizen: UUID) -> bool:
    """Lock a citizen who is to be erased; False when he was."""
    return bool(await fetch(LOCK, citizen, connection=connection))


async def holds_name(connection: BaseDBAsyncClient, citizen: UUID) -> bool:
    """Return whether name and number are held, be it for the archive alone."""
    return bool(await fetch(HOLDS_NAME, citizen, connection=connection))


async def erase(connection: BaseDBAsyncClient, citizen: UUID, now: datetime) -> None:
    """Erase what identity holds of a citizen, but for a name that the archive keeps."""
    for statement in ERASE:
        await fetch(statement, citizen, now, connection=connection)
    for statement in (*FORGET, FORGET_PROFILE):
        await fetch(statement, citizen, connection=connection)
    await fetch(WITHDRAW_ALL, citizen, now, connection=connection)
