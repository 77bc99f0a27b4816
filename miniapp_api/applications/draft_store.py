"""Every query of drafts (草稿) and of what is attached to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import Rows, fetch

COLUMNS = """
id, citizen, kind, applicant, "grant", item, form_version, options, answers_sealed, delivery,
revision, created_at, updated_at, submitted_at, bundle
"""
# Two devices that begin the same application meet in the same draft.
START = f"""
INSERT INTO draft (id, citizen, kind, applicant, "grant", item, form_version, options,
                   answers_sealed, revision, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, 1, $10, $10)
ON CONFLICT (citizen, applicant, item) WHERE submitted_at IS NULL AND bundle IS NULL DO NOTHING
RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
OPEN = f"""
SELECT {COLUMNS} FROM draft
WHERE citizen = $1 AND applicant = $2 AND item = $3 AND submitted_at IS NULL AND bundle IS NULL
"""  # noqa: S608 - a constant of ours
READ = f"SELECT {COLUMNS} FROM draft WHERE id = $1 AND citizen = $2"  # noqa: S608 - a constant
LOCK = f"SELECT {COLUMNS} FROM draft WHERE id = $1 AND citizen = $2 FOR UPDATE"  # noqa: S608
LIST = """
SELECT id, item, updated_at FROM draft
WHERE citizen = $1 AND submitted_at IS NULL AND bundle IS NULL
ORDER BY updated_at DESC LIMIT 50
"""
# Who does not know the latest revision does not write over it.
SAVE = f"""
UPDATE draft SET answers_sealed = $4, options = $5::jsonb, delivery = $6, form_version = $7,
                 revision = revision + 1, updated_at = $8
WHERE id = $1 AND citizen = $2 AND revision = $3 AND submitted_at IS NULL RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
TOUCH = """
UPDATE draft SET revision = revision + 1, updated_at = $2
WHERE id = $1 AND submitted_at IS NULL RETURNING revision
"""
SUBMITTED = "UPDATE draft SET submitted_at = $2 WHERE id = $1 RETURNING id"
DISCARD = """
DELETE FROM draft WHERE id = $1 AND citizen = $2 AND submitted_at IS NULL AND bundle IS NULL
RETURNING id
"""
STALE = """
SELECT id, citizen FROM draft
WHERE updated_at < $1 AND submitted_at IS NULL AND bundle IS NULL LIMIT $2
"""
ATTACH = """
INSERT INTO attachment (id, draft, material, blob, certificate, media_type, size, sha256, pages,
                        name_sealed, round, created_at)
SELECT $1::uuid, $2::uuid, $3::text, $4::text, $5::uuid, $6::text, $7::bigint, $8::text, $9::int,
       $10::bytea, $11::int, $12::timestamptz
WHERE (SELECT count(*) FROM attachment WHERE draft = $2 AND material = $3) < $13 RETURNING id
"""
ATTACHED = """
SELECT id, draft, material, blob, certificate, media_type, size, sha256, pages, name_sealed, round
FROM attachment WHERE draft = $1 ORDER BY created_at, id
"""
DETACH = "DELETE FROM attachment WHERE id = $1 AND draft = $2 AND round = $3 RETURNING blob"
DETACH_ALL = "DELETE FROM attachment WHERE draft = $1 RETURNING blob"
COVERED = """
DELETE FROM attachment WHERE draft = $1 AND material = $2 AND certificate IS NOT NULL RETURNING id
"""


@dataclass(frozen=True)
class Draft:
    """A draft, as stored."""

    id: UUID
    citizen: UUID
    kind: str
    applicant: UUID
    grant: UUID | None
    item: str
    form_version: str
    options: dict[str, str]
    answers_sealed: bytes
    delivery: str | None
    revision: int
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    bundle: UUID | None = None  # the bundle (一件事) that it is filled in with


@dataclass(frozen=True)
class Attached:
    """A file or certificate of a draft or case, as stored."""

    id: UUID
    draft: UUID
    material: str
    blob: str | None
    certificate: UUID | None
    media_type: str | None
    size: int | None
    sha256: str | None
    pages: int | None
    name_sealed: bytes | None
    round: int

    @property
    def is_paper(self) -> bool:
        """Tell an original on paper (纸质原件): neither a file nor a certificate stands for it."""
        return self.blob is None and self.certificate is None


def draft_of(row: dict[str, Any]) -> Draft:
    """Return a row as a draft."""
    options = row["options"]
    parsed = orjson.loads(options) if isinstance(options, str) else options
    return Draft(**{**row, "options": parsed, "answers_sealed": bytes(row["answers_sealed"])})


def _one(rows: Rows) -> Draft | None:
    return draft_of(rows[0]) if rows else None


async def start(draft: Draft) -> Draft:
    """Write a draft, or return the one that is open for the same matter."""
    d = draft
    values = (
        d.id, d.citizen, d.kind, d.applicant, d.grant, d.item, d.form_version,
        orjson.dumps(d.options).decode(), d.answers_sealed, d.created_at,
    )  # fmt: skip
    found = _one(await fetch(START, *values))
    while found is None:  # the other one may be submitted between the two looks
        found = await open_draft(d.citizen, d.applicant, d.item) or _one(
            await fetch(START, *values)
        )
    return found


async def open_draft(citizen: UUID, applicant: UUID, item: str) -> Draft | None:
    """Return the open draft of a matter."""
    return _one(await fetch(OPEN, citizen, applicant, item))


async def read(id: UUID, citizen: UUID) -> Draft | None:
    """Return a citizen's draft, submitted or not."""
    return _one(await fetch(READ, id, citizen))


async def lock(connection: BaseDBAsyncClient, id: UUID, citizen: UUID) -> Draft | None:
    """Return a citizen's draft, locked to the end of the transaction."""
    return _one(await fetch(LOCK, id, citizen, connection=connection))


async def list_of(citizen: UUID) -> Rows:
    """Return a citizen's open drafts, the latest first."""
    return await fetch(LIST, citizen)


async def save(
    id: UUID,
    citizen: UUID,
    revision: int,
    answers: bytes,
    options: dict[str, str],
    delivery: str | None,
    form_version: str,
    now: datetime,
) -> Draft | None:
    """Write a draft whose revision the writer knows; None otherwise."""
    options_json = orjson.dumps(options).decode()
    values = (id, citizen, revision, answers, options_json, delivery, form_version, now)
    return _one(await fetch(SAVE, *values))


async def touch(connection: BaseDBAsyncClient, id: UUID, now: datetime) -> int | None:
    """Count a change of what is attached; None when the draft was submitted."""
    rows = await fetch(TOUCH, id, now, connection=connection)
    return int(rows[0]["revision"]) if rows else None


async def mark_submitted(connection: BaseDBAsyncClient, id: UUID, now: datetime) -> None:
    """Close a draft: it is a case now."""
    await fetch(SUBMITTED, id, now, connection=connection)


async def discard(connection: BaseDBAsyncClient, id: UUID, citizen: UUID) -> list[str] | None:
    """Delete an open draft and return the files to delete; None when there is none."""
    if not await fetch(DISCARD, id, citizen, connection=connection):
        return None
    rows = await fetch(DETACH_ALL, id, connection=connection)
    return [row["blob"] for row in rows if row["blob"]]


async def stale(before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Return id and citizen of drafts that nobody touched since."""
    return [(row["id"], row["citizen"]) for row in await fetch(STALE, before, limit)]


async def attach(
    connection: BaseDBAsyncClient, attached: Attached, now: datetime, most: int
) -> bool:
    """Write an attachment; False when its material holds `most` already."""
    a = attached
    values = (
        a.id, a.draft, a.material, a.blob, a.certificate, a.media_type, a.size, a.sha256, a.pages,
        a.name_sealed, a.round, now, most,
    )  # fmt: skip
    return bool(await fetch(ATTACH, *values, connection=connection))


async def attached(draft: UUID) -> list[Attached]:
    """Return what is attached to a draft or case, in the order it came."""
    return [Attached(**row) for row in await fetch(ATTACHED, draft)]


async def detach(connection: BaseDBAsyncClient, id: UUID, draft: UUID, round: int) -> str | None:
    """Delete an attachment of a round and return its file; None when there is none."""
    rows = await fetch(DETACH, id, draft, round, connection=connection)
    return (rows[0]["blob"] or "") if rows else None


async def uncover(connection: BaseDBAsyncClient, draft: UUID, material: str) -> None:
    """Take a certificate off a material, for a fresher one to take its place."""
    await fetch(COVERED, draft, material, connection=connection)
