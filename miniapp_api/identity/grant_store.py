"""Every query of the consents to book for somebody else (代办授权)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.identity.rules import Relation
from miniapp_api.platform.database import fetch

COLUMNS = """
id, agent, principal, relation, label, organisation, phone_masked, consent, granted_at, expires_at
"""
# A consent given again renews the one there is.
GRANT = f"""
INSERT INTO proxy_grant (id, agent, principal, relation, label, organisation, phone_masked,
                         consent, granted_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (agent, principal) WHERE revoked_at IS NULL DO UPDATE
SET relation = excluded.relation, label = excluded.label, organisation = excluded.organisation,
    granted_at = excluded.granted_at, expires_at = excluded.expires_at
RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
READ = f"""
SELECT {COLUMNS} FROM proxy_grant WHERE id = $1 AND agent = $2 AND revoked_at IS NULL
"""  # noqa: S608 - a constant of ours
LIST = f"""
SELECT {COLUMNS} FROM proxy_grant
WHERE CASE WHEN $2 THEN agent = $1 ELSE principal = $1 END AND revoked_at IS NULL
  AND expires_at > $3 ORDER BY granted_at
"""  # noqa: S608 - a constant of ours
# Without the principal himself: who renews a consent adds nobody.
COUNT = """
SELECT count(*) AS live FROM proxy_grant
WHERE agent = $1 AND (relation = 'employee') = $2 AND revoked_at IS NULL AND expires_at > $3
  AND principal <> $4
"""
REVOKE = f"""
UPDATE proxy_grant SET revoked_at = $3
WHERE id = $1 AND (agent = $2 OR principal = $2) AND revoked_at IS NULL RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
LOCK_AGENT = "SELECT pg_advisory_xact_lock(hashtextextended('grants:' || $1, 0))"


@dataclass(frozen=True)
class Grant:
    """A consent, as stored."""

    id: UUID
    agent: UUID
    principal: UUID
    relation: Relation
    label: str
    organisation: str | None
    phone_masked: str | None
    consent: str
    granted_at: datetime
    expires_at: datetime


async def lock_agent(connection: BaseDBAsyncClient, agent: UUID) -> None:
    """Let one consent of an agent be written at a time, so that the limit holds."""
    await fetch(LOCK_AGENT, str(agent), connection=connection)


async def count(connection: BaseDBAsyncClient, new: Grant, employees: bool) -> int:
    """Return how many other live consents an agent has, of employees or of relatives."""
    values = (new.agent, employees, new.granted_at, new.principal)
    (row,) = await fetch(COUNT, *values, connection=connection)
    return int(row["live"])


async def grant(connection: BaseDBAsyncClient, new: Grant) -> Grant:
    """Write a consent, or renew the one there is, and return it."""
    values = (
        new.id, new.agent, new.principal, new.relation, new.label, new.organisation,
        new.phone_masked, new.consent, new.granted_at, new.expires_at,
    )  # fmt: skip
    (row,) = await fetch(GRANT, *values, connection=connection)
    return Grant(**row)


async def read(id: UUID, agent: UUID) -> Grant | None:
    """Return an agent's consent that was not revoked."""
    rows = await fetch(READ, id, agent)
    return Grant(**rows[0]) if rows else None


async def list_of(citizen: UUID, now: datetime, *, as_agent: bool) -> list[Grant]:
    """Return live consents, those a citizen has or those he gave."""
    return [Grant(**row) for row in await fetch(LIST, citizen, as_agent, now)]


async def revoke(
    connection: BaseDBAsyncClient, id: UUID, citizen: UUID, now: datetime
) -> Grant | None:
    """Revoke a consent as either side; None when there is none."""
    rows = await fetch(REVOKE, id, citizen, now, connection=connection)
    return Grant(**rows[0]) if rows else None
