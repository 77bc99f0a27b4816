"""Every query of drafts and cases for a citizen's rights over his data (个人信息权利)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import Rows, fetch

# His own, and what others fill in about him.
MINE = "(citizen = $1 OR (kind = 'person' AND applicant = $1))"
DRAFTS = f"""
SELECT id, citizen, kind, applicant, item, answers_sealed, delivery, created_at, updated_at
FROM draft WHERE {MINE} AND submitted_at IS NULL ORDER BY updated_at DESC, id
"""  # noqa: S608 - a constant of ours
CASES = f"SELECT id FROM application WHERE {MINE} ORDER BY submitted_at DESC, id"  # noqa: S608
COUNT = f"""
SELECT count(*) AS cases, count(*) FILTER (WHERE state = ANY($2::text[])) AS open
FROM application WHERE {MINE}
"""  # noqa: S608 - a constant of ours
# A draft that became a case says nothing that the case does not.
ERASE = f"DELETE FROM draft WHERE {MINE} RETURNING id, submitted_at"  # noqa: S608 - a constant
DETACH = "DELETE FROM attachment WHERE draft = ANY($1::uuid[]) RETURNING blob"
# Before the drafts in them: whoever has a bundle in hand holds its row.
BUNDLES = f"""
DELETE FROM bundle WHERE {MINE} AND submitted_at IS NULL RETURNING id
"""  # noqa: S608 - a constant of ours
MEMBERS = "DELETE FROM bundle_member WHERE bundle = ANY($1::uuid[]) RETURNING id"
IN_CASES = """
SELECT DISTINCT a.certificate FROM attachment a JOIN application c ON c.id = a.draft
WHERE c.applicant = $1 AND a.certificate IS NOT NULL
"""


@dataclass(frozen=True)
class Erased:
    """What was erased: drafts that were still open, files to delete, whether there was any."""

    drafts: list[UUID]
    blobs: list[str]
    any: bool


async def drafts(citizen: UUID) -> Rows:
    """Return a citizen's open drafts, and those about him, the latest first."""
    return await fetch(DRAFTS, citizen)


async def cases(citizen: UUID) -> list[UUID]:
    """Return the cases that a citizen filed or that are about him, the latest first."""
    return [UUID(str(row["id"])) for row in await fetch(CASES, citizen)]


async def count(citizen: UUID, open_states: Sequence[str]) -> tuple[int, int]:
    """Return how many cases a citizen has, and how many of them are open."""
    (row,) = await fetch(COUNT, citizen, list(open_states))
    return int(row["cases"]), int(row["open"])


async def erase(connection: BaseDBAsyncClient, citizen: UUID) -> Erased:
    """Delete a citizen's drafts, and what is attached to those that did not become cases."""
    bundles = await fetch(BUNDLES, citizen, connection=connection)
    await fetch(MEMBERS, [row["id"] for row in bundles], connection=connection)
    rows: Sequence[dict[str, Any]] = await fetch(ERASE, citizen, connection=connection)
    drafts = [UUID(str(row["id"])) for row in rows if row["submitted_at"] is None]
    files = await fetch(DETACH, drafts, connection=connection)
    blobs = {row["blob"] for row in files if row["blob"]}  # members of a bundle share theirs
    return Erased(drafts, sorted(blobs), bool(rows))


async def certificates_in_cases(connection: BaseDBAsyncClient, citizen: UUID) -> set[UUID]:
    """Return which of a citizen's certificates stand in cases."""
    rows = await fetch(IN_CASES, citizen, connection=connection)
    return {UUID(str(row["certificate"])) for row in rows}
