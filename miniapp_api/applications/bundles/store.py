"""Every query of bundles (一件事联办): lock a bundle first, then its cases, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_store, draft_store
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.draft_store import Attached, Draft
from miniapp_api.platform.database import Rows, fetch

COLUMNS = """
id, number, citizen, kind, applicant, "grant", code, name, lead, departments, revision, created_at,
updated_at, submitted_at, concluded_at
"""
# Two devices that begin the same bundle meet in the same one.
START = f"""
INSERT INTO bundle (id, citizen, kind, applicant, "grant", code, name, lead, departments, revision,
                    created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '[]', 1, $9, $9)
ON CONFLICT (citizen, applicant, code) WHERE submitted_at IS NULL DO NOTHING
RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
OPEN = f"""
SELECT {COLUMNS} FROM bundle
WHERE citizen = $1 AND applicant = $2 AND code = $3 AND submitted_at IS NULL
"""  # noqa: S608 - a constant of ours
READ = f"SELECT {COLUMNS} FROM bundle WHERE id = $1"  # noqa: S608 - a constant of ours
LOCK = f"SELECT {COLUMNS} FROM bundle WHERE id = $1 FOR UPDATE"  # noqa: S608 - a constant of ours
MINE = f"""
SELECT {COLUMNS} FROM bundle WHERE citizen = $1 OR (applicant = $1 AND submitted_at IS NOT NULL)
ORDER BY updated_at DESC LIMIT $2
"""  # noqa: S608 - a constant of ours
TOUCH = """
UPDATE bundle SET revision = revision + 1, updated_at = $2 WHERE id = $1 RETURNING revision
"""
SUBMITTED = """
UPDATE bundle SET number = $2, departments = $3::jsonb, submitted_at = $4, updated_at = $4
WHERE id = $1 RETURNING id
"""
CONCLUDED = """
UPDATE bundle SET concluded_at = coalesce(concluded_at, $2) WHERE id = $1 RETURNING id
"""
DISCARD = "DELETE FROM bundle WHERE id = $1 AND submitted_at IS NULL RETURNING id"
STALE = "SELECT id, citizen FROM bundle WHERE updated_at < $1 AND submitted_at IS NULL LIMIT $2"
JOIN = """
INSERT INTO bundle_member (id, bundle, item, position, chosen, waits_for)
VALUES ($1, $2, $3, $4, true, '[]') RETURNING id
"""
CHOOSE = "UPDATE bundle_member SET chosen = item = ANY($2::text[]) WHERE bundle = $1 RETURNING id"
WAITS = "UPDATE bundle_member SET waits_for = $2::jsonb WHERE id = $1 RETURNING id"
LEAVE = "DELETE FROM bundle_member WHERE id = ANY($1::uuid[]) RETURNING id"
MEMBERS = """
SELECT id, bundle, item, position, chosen, waits_for FROM bundle_member
WHERE bundle = $1 ORDER BY position
"""
NEW_DRAFT = """
INSERT INTO draft (id, citizen, kind, applicant, "grant", item, form_version, options,
                   answers_sealed, delivery, revision, created_at, updated_at, bundle)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, 1, $11, $11, $12) RETURNING id
"""
SAVE = """
UPDATE draft SET answers_sealed = $2, options = $3::jsonb, delivery = $4, form_version = $5,
                 revision = revision + 1, updated_at = $6
WHERE id = $1 RETURNING id
"""
DRAFTS = f"""
SELECT {draft_store.COLUMNS} FROM draft WHERE bundle = $1
"""  # noqa: S608 - a constant of ours
DISCARD_DRAFTS = "DELETE FROM draft WHERE id = ANY($1::uuid[]) RETURNING id"
ATTACHED = """
SELECT id, draft, material, blob, certificate, media_type, size, sha256, pages, name_sealed, round
FROM attachment WHERE draft = ANY($1::uuid[]) ORDER BY created_at, id
"""
DETACH = """
DELETE FROM attachment WHERE draft = ANY($1::uuid[]) AND blob = $2 AND round = 0 RETURNING id
"""
DETACH_ALL = "DELETE FROM attachment WHERE draft = ANY($1::uuid[]) RETURNING blob"
# In the order of their positions, so that two who lock several never wait for each other.
CASES = f"""
SELECT {case_store.COLUMNS} FROM application WHERE id = ANY($1::uuid[])
ORDER BY array_position($1::uuid[], id)
"""  # noqa: S608 - a constant of ours
LOCK_CASES = CASES + " FOR UPDATE"
OF_CASE = f"""
SELECT {COLUMNS} FROM bundle WHERE id = (SELECT bundle FROM bundle_member WHERE id = $1)
"""  # noqa: S608 - a constant of ours
STANDING = """
SELECT m.id, m.item, m.waits_for, a.state, EXISTS (
  SELECT 1 FROM case_event e WHERE e.application = m.id AND e.action = 'grant') AS granted
FROM bundle_member m JOIN application a ON a.id = m.id WHERE m.bundle = $1 ORDER BY m.position
"""
# The citizen's turn hides a bundle from the inbox until he has completed it.
INBOX = """
SELECT b.id, b.number, b.code, b.name, b.lead, b.submitted_at, w.applicant_masked, w.act_by,
       w.count, w.assigned_to, w.lease_until
FROM bundle b CROSS JOIN LATERAL (
  SELECT min(a.applicant_masked) AS applicant_masked, min(a.act_by) AS act_by, count(*) AS count,
         min(a.assigned_to::text)::uuid AS assigned_to, max(a.lease_until) AS lease_until,
         bool_or(a.state = 'correction') AS with_citizen,
         bool_or(a.state IN ('submitted', 'pre_review')) AS due
  FROM bundle_member m JOIN application a ON a.id = m.id WHERE m.bundle = b.id
) w
WHERE b.submitted_at IS NOT NULL AND b.concluded_at IS NULL
  AND (b.lead = ANY($1::text[]) OR b.departments <@ to_jsonb($1::text[]))
  AND w.due AND NOT w.with_citizen
ORDER BY w.act_by, b.id LIMIT $2
"""


@dataclass(frozen=True)
class Stored:
    """A bundle application, as stored."""

    id: UUID
    number: str | None
    citizen: UUID
    kind: str
    applicant: UUID
    grant: UUID | None
    code: str
    name: str
    lead: str
    departments: list[str]
    revision: int
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    concluded_at: datetime | None


@dataclass(frozen=True)
class Member:
    """A member of a bundle application, as stored."""

    id: UUID
    bundle: UUID
    item: str
    position: int
    chosen: bool
    waits_for: list[str]


@dataclass(frozen=True)
class Standing:
    """Where a submitted member stands, and whether it was ever granted."""

    id: UUID
    item: str
    waits_for: list[str]
    state: Any
    granted: bool


Connection = BaseDBAsyncClient


def _parsed(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


def _one(rows: Rows) -> Stored | None:
    return _stored(rows[0]) if rows else None


def _stored(row: dict[str, Any]) -> Stored:
    return Stored(**{**row, "departments": _parsed(row["departments"])})


async def start(connection: Connection, bundle: Stored) -> Stored | None:
    """Write a bundle; None when one is open for the same matter."""
    b = bundle
    values = (b.id, b.citizen, b.kind, b.applicant, b.grant, b.code, b.name, b.lead, b.created_at)
    return _one(await fetch(START, *values, connection=connection))


async def open_one(citizen: UUID, applicant: UUID, code: str) -> Stored | None:
    """Return the open bundle of a matter."""
    return _one(await fetch(OPEN, citizen, applicant, code))


async def read(id: UUID) -> Stored | None:
    """Return a bundle."""
    return _one(await fetch(READ, id))


async def lock(connection: Connection, id: UUID) -> Stored | None:
    """Return a bundle, locked to the end of the transaction."""
    return _one(await fetch(LOCK, id, connection=connection))


async def mine(citizen: UUID, limit: int) -> list[Stored]:
    """Return the bundles that a citizen began or that are about him, the latest first."""
    return [_stored(row) for row in await fetch(MINE, citizen, limit)]


async def touch(connection: Connection, id: UUID, now: datetime) -> None:
    """Count a change of the form."""
    await fetch(TOUCH, id, now, connection=connection)


async def mark_submitted(
    connection: Connection, id: UUID, number: str, departments: list[str], now: datetime
) -> None:
    """Close the form: its members are cases now."""
    listed = orjson.dumps(departments).decode()
    await fetch(SUBMITTED, id, number, listed, now, connection=connection)


async def conclude(connection: Connection, id: UUID, now: datetime) -> None:
    """Write that joint acceptance is over: departments go on by themselves."""
    await fetch(CONCLUDED, id, now, connection=connection)


async def stale(before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Return id and citizen of open bundles that nobody touched since."""
    return [(row["id"], row["citizen"]) for row in await fetch(STALE, before, limit)]


async def discard(connection: Connection, id: UUID) -> None:
    """Delete an open bundle; its members are discarded before."""
    await fetch(DISCARD, id, connection=connection)


# -- members and their drafts --------------------------------------------------------------------


async def members(bundle: UUID) -> list[Member]:
    """Return the members of a bundle, whoever is waited for before who waits."""
    rows = await fetch(MEMBERS, bundle)
    return [Member(**{**row, "waits_for": _parsed(row["waits_for"])}) for row in rows]


async def join(connection: Connection, draft: Draft, position: int, delivery: str | None) -> None:
    """Write a new member with its draft."""
    d = draft
    values = (
        d.id, d.citizen, d.kind, d.applicant, d.grant, d.item, d.form_version,
        orjson.dumps(d.options).decode(), d.answers_sealed, delivery, d.created_at, d.bundle,
    )  # fmt: skip
    await fetch(NEW_DRAFT, *values, connection=connection)
    await fetch(JOIN, d.id, d.bundle, d.item, position, connection=connection)


async def choose(connection: Connection, bundle: UUID, items: list[str]) -> None:
    """Write which members take part."""
    await fetch(CHOOSE, bundle, items, connection=connection)


async def wait_for(connection: Connection, member: UUID, items: list[str]) -> None:
    """Write what a member waits for."""
    await fetch(WAITS, member, orjson.dumps(items).decode(), connection=connection)


async def drafts(bundle: UUID) -> dict[str, Draft]:
    """Return the drafts of a bundle, chosen or not, by item."""
    found = [draft_store.draft_of(row) for row in await fetch(DRAFTS, bundle)]
    return {draft.item: draft for draft in found}


async def save(
    connection: Connection,
    draft: UUID,
    answers: bytes,
    options: dict[str, str],
    delivery: str | None,
    form_version: str,
    now: datetime,
) -> None:
    """Write a member's draft; whoever writes has locked the bundle."""
    values = (draft, answers, orjson.dumps(options).decode(), delivery, form_version, now)
    await fetch(SAVE, *values, connection=connection)


async def drop(connection: Connection, ids: list[UUID]) -> set[str]:
    """Delete members with their drafts, and return the files that they had."""
    await fetch(DISCARD_DRAFTS, ids, connection=connection)
    await fetch(LEAVE, ids, connection=connection)
    rows = await fetch(DETACH_ALL, ids, connection=connection)
    return {row["blob"] for row in rows if row["blob"]}


# -- files ---------------------------------------------------------------------------------------


async def attached(ids: list[UUID]) -> list[Attached]:
    """Return what is attached to any of the members, in the order it came."""
    return [Attached(**row) for row in await fetch(ATTACHED, ids)]


async def detach(connection: Connection, ids: list[UUID], blob: str) -> bool:
    """Take a file out of every member."""
    return bool(await fetch(DETACH, ids, blob, connection=connection))


# -- cases ---------------------------------------------------------------------------------------


async def cases(ids: list[UUID]) -> list[Case]:
    """Return the members' cases, in their order."""
    return [case_store.case_of(row) for row in await fetch(CASES, ids)]


async def lock_cases(connection: Connection, ids: list[UUID]) -> list[Case]:
    """Return the members' cases, locked to the end of the transaction."""
    rows = await fetch(LOCK_CASES, ids, connection=connection)
    return [case_store.case_of(row) for row in rows]


async def of_case(case: UUID) -> Stored | None:
    """Return the bundle that a case belongs to."""
    return _one(await fetch(OF_CASE, case))


async def standings(bundle: UUID) -> list[Standing]:
    """Return where the submitted members stand."""
    rows = await fetch(STANDING, bundle)
    return [Standing(**{**row, "waits_for": _parsed(row["waits_for"])}) for row in rows]


async def inbox(departments: list[str], limit: int) -> Rows:
    """Return bundles that wait for joint acceptance by a clerk of these departments."""
    return await fetch(INBOX, departments, limit)
