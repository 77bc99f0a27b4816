"""Every query of enterprises (法人账号) and their delegates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import fetch

COLUMNS = "id, uscc, name, representative"
# The regulator's word counts: a new legal representative takes the account over.
OPEN = f"""
INSERT INTO enterprise (id, uscc, name, representative, representative_index, opened_at,
                        verified_at)
VALUES ($1, $2, $3, $4, $5, $6, $6)
ON CONFLICT (uscc) DO UPDATE
SET name = excluded.name, representative = excluded.representative,
    representative_index = excluded.representative_index, verified_at = excluded.verified_at
RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
LOCK_USCC = "SELECT pg_advisory_xact_lock(hashtextextended('enterprise:' || $1, 0))"
BY_USCC = f"SELECT {COLUMNS} FROM enterprise WHERE uscc = $1"  # noqa: S608 - a constant of ours
REVOKE_ALL = """
UPDATE delegation SET revoked_at = $2 WHERE enterprise_id = $1 AND revoked_at IS NULL
RETURNING delegate
"""
READ = f"SELECT {COLUMNS} FROM enterprise WHERE id = $1"  # noqa: S608 - a constant of ours
MINE = """
SELECT e.id, e.uscc, e.name, e.representative = $1 AS representative, d.scopes, d.expires_at
FROM enterprise e
LEFT JOIN delegation d ON d.enterprise_id = e.id AND d.delegate = $1 AND d.revoked_at IS NULL
     AND d.accepted_at IS NOT NULL AND d.expires_at > $2
WHERE e.representative = $1 OR d.id IS NOT NULL ORDER BY e.opened_at, e.id
"""
SCOPES = """
SELECT e.representative = $2 AS representative, d.scopes FROM enterprise e
LEFT JOIN delegation d ON d.enterprise_id = e.id AND d.delegate = $2 AND d.revoked_at IS NULL
     AND d.accepted_at IS NOT NULL AND d.expires_at > $3
WHERE e.id = $1
"""
DELEGATION = """
id, enterprise_id AS enterprise, delegate, scopes, phone_masked, offered_by, offered_at,
accepted_at, expires_at
"""
# Offered anew with other terms it must be accepted anew.
OFFER = f"""
INSERT INTO delegation (id, enterprise_id, delegate, scopes, phone_masked, offered_by, offered_at,
                        expires_at)
VALUES ($1, $2, $3, $4::text[], $5, $6, $7, $8)
ON CONFLICT (enterprise_id, delegate) WHERE revoked_at IS NULL DO UPDATE
SET scopes = excluded.scopes, offered_by = excluded.offered_by, offered_at = excluded.offered_at,
    accepted_at = NULL, expires_at = excluded.expires_at
RETURNING {DELEGATION}
"""  # noqa: S608 - a constant of ours
DELEGATES = f"""
SELECT {DELEGATION} FROM delegation
WHERE enterprise_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY offered_at, id
"""  # noqa: S608 - a constant of ours
OFFERS = """
SELECT d.id, d.enterprise_id AS enterprise, e.name, d.scopes, d.accepted_at, d.expires_at
FROM delegation d JOIN enterprise e ON e.id = d.enterprise_id
WHERE d.delegate = $1 AND d.revoked_at IS NULL AND d.expires_at > $2 ORDER BY d.offered_at, d.id
"""
ONE = f"""
SELECT {DELEGATION} FROM delegation WHERE id = $1 AND revoked_at IS NULL
"""  # noqa: S608 - a constant of ours
ACCEPT = """
UPDATE delegation SET accepted_at = coalesce(accepted_at, $3)
WHERE id = $1 AND delegate = $2 AND revoked_at IS NULL AND expires_at > $3 RETURNING id
"""
REVOKE = """
UPDATE delegation SET revoked_at = $3
WHERE id = $1 AND enterprise_id = $2 AND revoked_at IS NULL RETURNING id
"""


@dataclass(frozen=True)
class Enterprise:
    """An enterprise, as stored."""

    id: UUID
    uscc: str
    name: str
    representative: UUID


@dataclass(frozen=True)
class Delegation:
    """A delegation, as stored."""

    id: UUID
    enterprise: UUID
    delegate: UUID
    scopes: list[Any]
    phone_masked: str
    offered_by: UUID
    offered_at: datetime
    accepted_at: datetime | None
    expires_at: datetime


async def open_account(
    connection: BaseDBAsyncClient, new: Enterprise, representative_index: str, now: datetime
) -> tuple[Enterprise, list[UUID]]:
    """Write an enterprise; delegates of an earlier representative are out, and returned."""
    out: list[UUID] = []
    await fetch(LOCK_USCC, new.uscc, connection=connection)
    earlier = await fetch(BY_USCC, new.uscc, connection=connection)
    if earlier and UUID(str(earlier[0]["representative"])) != new.representative:
        rows = await fetch(REVOKE_ALL, earlier[0]["id"], now, connection=connection)
        out = [UUID(str(row["delegate"])) for row in rows]
    values = (new.id, new.uscc, new.name, new.representative, representative_index, now)
    (row,) = await fetch(OPEN, *values, connection=connection)
    return Enterprise(**row), out


async def read(id: UUID, connection: BaseDBAsyncClient | None = None) -> Enterprise | None:
    """Return an enterprise, or None."""
    rows = await fetch(READ, id, connection=connection)
    return Enterprise(**rows[0]) if rows else None


async def of(citizen: UUID, now: datetime) -> list[dict[str, Any]]:
    """Return the enterprises that a citizen may act for."""
    return list(await fetch(MINE, citizen, now))


async def scopes(
    enterprise: UUID, citizen: UUID, now: datetime, connection: BaseDBAsyncClient | None = None
) -> tuple[bool, frozenset[str]] | None:
    """Return whether a citizen represents an enterprise, and his scopes; None without it."""
    rows = await fetch(SCOPES, enterprise, citizen, now, connection=connection)
    return (rows[0]["representative"], frozenset(rows[0]["scopes"] or ())) if rows else None


async def offer(connection: BaseDBAsyncClient, new: Delegation) -> Delegation:
    """Write a delegation, or offer the one there is anew."""
    values = (
        new.id, new.enterprise, new.delegate, new.scopes, new.phone_masked, new.offered_by,
        new.offered_at, new.expires_at,
    )  # fmt: skip
    (row,) = await fetch(OFFER, *values, connection=connection)
    return Delegation(**row)


async def delegates(enterprise: UUID, now: datetime) -> list[Delegation]:
    """Return an enterprise's delegates, accepted or not."""
    return [Delegation(**row) for row in await fetch(DELEGATES, enterprise, now)]


async def offers(citizen: UUID, now: datetime) -> list[dict[str, Any]]:
    """Return what was delegated to a citizen, accepted or not."""
    return list(await fetch(OFFERS, citizen, now))


async def delegation(id: UUID) -> Delegation | None:
    """Return a delegation that was not revoked, or None."""
    rows = await fetch(ONE, id)
    return Delegation(**rows[0]) if rows else None


async def accept(connection: BaseDBAsyncClient, id: UUID, delegate: UUID, now: datetime) -> bool:
    """Let a delegation hold; False when it is over, or another's."""
    return bool(await fetch(ACCEPT, id, delegate, now, connection=connection))


async def revoke(connection: BaseDBAsyncClient, id: UUID, enterprise: UUID, now: datetime) -> bool:
    """Revoke a delegation; False when there is none."""
    return bool(await fetch(REVOKE, id, enterprise, now, connection=connection))
