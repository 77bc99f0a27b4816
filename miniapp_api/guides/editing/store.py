"""Every query of editing. What decides who may do what stands in the statement that does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import Rows, fetch

Connection = BaseDBAsyncClient
Row = Mapping[str, Any]

COLUMNS = """
id, kind, code, name, state, origin, revision, text, base_version, version, authors, created_at,
saved_by, saved_at, why, submitted_by, submitted_at, approved_by, approved_at, publish_on,
published_at, closed_by, closed_at, remark
"""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('guide:' || $1 || '/' || $2, 0))"
HIGHEST = "SELECT max(version) AS version FROM guide_version WHERE kind = $1 AND code = $2"
# ON CONFLICT: of two who begin at once, one begins.
BEGIN = """
INSERT INTO guide_version (id, kind, code, name, state, origin, revision, text, base_version,
                           authors, created_at, saved_by, saved_at, why, submitted_by, submitted_at)
VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, ARRAY[$9::uuid], $10, $9, $10, $11, $12,
        CASE WHEN $12::uuid IS NULL THEN NULL ELSE $10::timestamptz END)
ON CONFLICT (kind, code) WHERE state IN ('draft', 'submitted', 'scheduled') DO NOTHING
RETURNING id
"""
# Who saves joins the authors; a revision that somebody else raised is not overwritten.
SAVE = """
UPDATE guide_version SET text = $4, name = $5, base_version = $6, revision = revision + 1,
       saved_by = $3, saved_at = $7,
       authors = CASE WHEN $3 = ANY(authors) THEN authors ELSE authors || $3::uuid END
WHERE id = $1 AND revision = $2 AND state = 'draft' RETURNING revision
"""
KEEP = """
INSERT INTO guide_save (version_id, revision, text, saved_by, saved_at)
VALUES ($1, $2, $3, $4, $5) RETURNING id
"""
SUBMIT = """
UPDATE guide_version SET state = 'submitted', why = $4, submitted_by = $3, submitted_at = $5,
       authors = CASE WHEN $3 = ANY(authors) THEN authors ELSE authors || $3::uuid END
WHERE id = $1 AND revision = $2 AND state = 'draft' RETURNING id
"""
# Four eyes (四眼原则): nobody who wrote it approves it, and what is approved is what was read.
APPROVE = """
UPDATE guide_version SET state = 'scheduled', approved_by = $3, approved_at = $4, publish_on = $5
WHERE id = $1 AND revision = $2 AND state = 'submitted' AND NOT $3 = ANY(authors) RETURNING id
"""
CLOSE = """
UPDATE guide_version SET state = $3, closed_by = $4, closed_at = $5, remark = $6
WHERE id = $1 AND state = ANY($2) AND revision = coalesce($7, revision) RETURNING id
"""
SUPERSEDE = """
UPDATE guide_version SET state = 'superseded', closed_at = $3
WHERE kind = $1 AND code = $2 AND state = 'published' RETURNING version
"""
PUBLISH = """
UPDATE guide_version SET state = 'published', version = $2, text = $3, published_at = $4
WHERE id = $1 AND state = 'scheduled' RETURNING id
"""
# What git had before is kept as a version, to be looked at and gone back to.
KEEP_FILE = """
INSERT INTO guide_version (id, kind, code, name, state, origin, revision, text, base_version,
                           version, authors, created_at, saved_at, closed_at)
VALUES ($1, $2, $3, $4, 'superseded', 'file', 1, $5, $6, $6, '{}', $7, $7, $7)
ON CONFLICT (kind, code, version) DO NOTHING RETURNING id
"""
BY_ID = f"SELECT {COLUMNS} FROM guide_version WHERE id = $1"  # noqa: S608 - a constant
BY_NUMBER = f"""
SELECT {COLUMNS} FROM guide_version WHERE kind = $1 AND code = $2 AND version = $3
"""  # noqa: S608 - a constant
IN_FORCE = f"""
SELECT {COLUMNS} FROM guide_version WHERE kind = $1 AND code = $2 AND state = 'published'
"""  # noqa: S608 - a constant
HISTORY = f"""
SELECT {COLUMNS} FROM guide_version WHERE kind = $1 AND code = $2 ORDER BY created_at DESC, id
"""  # noqa: S608 - a constant
OPEN = f"""
SELECT {COLUMNS} FROM guide_version
WHERE state IN ('draft', 'submitted', 'scheduled') ORDER BY saved_at, id
"""  # noqa: S608 - a constant
DUE = "SELECT id FROM guide_version WHERE state = 'scheduled' AND publish_on <= $1 ORDER BY id"
PUBLISHED = "SELECT id, kind, code, version FROM guide_version WHERE state = 'published'"
TEXTS = "SELECT id, text FROM guide_version WHERE id = ANY($1)"
SAVES = """
SELECT revision, saved_by, saved_at FROM guide_save WHERE version_id = $1 ORDER BY revision DESC
"""
SAVED_TEXT = "SELECT text FROM guide_save WHERE version_id = $1 AND revision = $2"


@dataclass(frozen=True)
class Version:
    """A version, as stored."""

    id: UUID
    kind: str
    code: str
    name: str
    state: str
    origin: str
    revision: int
    text: str
    base_version: int
    version: int | None
    authors: list[UUID]
    created_at: datetime
    saved_by: UUID | None
    saved_at: datetime
    why: str | None
    submitted_by: UUID | None
    submitted_at: datetime | None
    approved_by: UUID | None
    approved_at: datetime | None
    publish_on: date | None
    published_at: datetime | None
    closed_by: UUID | None
    closed_at: datetime | None
    remark: str | None


@dataclass(frozen=True)
class NewVersion:
    """A version to be begun."""

    id: UUID
    kind: str
    code: str
    name: str
    state: str
    origin: str
    text: str
    base_version: int
    by: UUID
    at: datetime
    why: str | None = None


async def lock(connection: Connection, kind: str, code: str) -> None:
    """Let one publication of a guide happen at a time."""
    await fetch(LOCK, kind, code, connection=connection)


async def highest(connection: Connection | None, kind: str, code: str) -> int | None:
    """Return the highest version that was ever published of a guide."""
    (row,) = await fetch(HIGHEST, kind, code, connection=connection)
    return row["version"]  # type: ignore[no-any-return]


async def begin(connection: Connection, new: NewVersion) -> bool:
    """Write a new version with its first save; False when another is open."""
    submitter = new.by if new.state == "submitted" else None
    values = (
        new.id, new.kind, new.code, new.name, new.state, new.origin, new.text, new.base_version,
        new.by, new.at, new.why, submitter,
    )  # fmt: skip
    if not await fetch(BEGIN, *values, connection=connection):
        return False
    await fetch(KEEP, new.id, 1, new.text, new.by, new.at, connection=connection)
    return True


async def save(
    connection: Connection,
    version: Version,
    revision: int,
    by: UUID,
    text: str,
    name: str,
    base_version: int,
    at: datetime,
) -> int | None:
    """Save over a revision and return the new one; None when it is not the last any more."""
    values = (version.id, revision, by, text, name, base_version, at)
    rows = await fetch(SAVE, *values, connection=connection)
    if not rows:
        return None
    saved = int(rows[0]["revision"])
    await fetch(KEEP, version.id, saved, text, by, at, connection=connection)
    return saved


async def submit(
    connection: Connection, id: UUID, revision: int, by: UUID, why: str, at: datetime
) -> bool:
    """Hand a draft in; False when it moved or was saved meanwhile."""
    return bool(await fetch(SUBMIT, id, revision, by, why, at, connection=connection))


async def approve(
    connection: Connection, id: UUID, revision: int, by: UUID, at: datetime, publish_on: date
) -> bool:
    """Approve what was submitted; False for an author, or when it moved meanwhile."""
    return bool(await fetch(APPROVE, id, revision, by, at, publish_on, connection=connection))


async def close(
    connection: Connection,
    id: UUID,
    states: list[str],
    state: str,
    by: UUID | None,
    at: datetime,
    remark: str,
    revision: int | None = None,
) -> bool:
    """End a version; False when it is in none of the states, or was saved meanwhile."""
    values = (id, states, state, by, at, remark, revision)
    return bool(await fetch(CLOSE, *values, connection=connection))


async def supersede(connection: Connection, kind: str, code: str, at: datetime) -> None:
    """Take the published version's place."""
    await fetch(SUPERSEDE, kind, code, at, connection=connection)


async def publish(connection: Connection, id: UUID, version: int, text: str, at: datetime) -> bool:
    """Publish a scheduled version; False when it is scheduled no more."""
    return bool(await fetch(PUBLISH, id, version, text, at, connection=connection))


async def keep_file(
    connection: Connection, id: UUID, of: Version, text: str, version: int, at: datetime
) -> None:
    """Keep what the handbook's file said, once per version."""
    values = (id, of.kind, of.code, of.name, text, version, at)
    await fetch(KEEP_FILE, *values, connection=connection)


async def by_id(id: UUID, connection: Connection | None = None) -> Version | None:
    """Return a version."""
    rows = await fetch(BY_ID, id, connection=connection)
    return Version(**rows[0]) if rows else None


async def by_number(kind: str, code: str, version: int) -> Version | None:
    """Return the version of a guide with a number."""
    rows = await fetch(BY_NUMBER, kind, code, version)
    return Version(**rows[0]) if rows else None


async def in_force(kind: str, code: str) -> Version | None:
    """Return the published version of a guide."""
    rows = await fetch(IN_FORCE, kind, code)
    return Version(**rows[0]) if rows else None


async def history(kind: str, code: str) -> list[Version]:
    """Return all versions of a guide, newest first."""
    return [Version(**row) for row in await fetch(HISTORY, kind, code)]


async def all_open() -> list[Version]:
    """Return every version that is written or decided now, the longest untouched first."""
    return [Version(**row) for row in await fetch(OPEN)]


async def due(day: date) -> list[UUID]:
    """Return the versions whose day has come."""
    return [row["id"] for row in await fetch(DUE, day)]


async def published() -> Rows:
    """Return id, kind, code and version of all that is published."""
    return await fetch(PUBLISHED)


async def texts(ids: list[UUID]) -> dict[UUID, str]:
    """Return the texts of versions."""
    return {row["id"]: row["text"] for row in await fetch(TEXTS, ids)} if ids else {}


async def saves(id: UUID) -> Rows:
    """Return revision, saved_by and saved_at of every save of a version, newest first."""
    return await fetch(SAVES, id)


async def saved_text(id: UUID, revision: int) -> str | None:
    """Return what was saved as a revision."""
    rows = await fetch(SAVED_TEXT, id, revision)
    return str(rows[0]["text"]) if rows else None
