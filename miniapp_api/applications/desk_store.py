"""Every query of the clerk's unified desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications.rules import OPEN
from miniapp_api.platform.database import Rows, fetch

OPEN_STATES = ", ".join(f"'{state}'" for state in sorted(OPEN))
SHOWN = """
id, number, item, item_name, department, applicant_masked, state, channel, since, act_by, yellow_on,
red_on, assigned_to, lease_until
"""
FIRST_PAGE = (date.min, UUID(int=0))  # asyncpg sends the first day of all as -infinity
# Each department's own index gives its most urgent cases; only those few are merged. The state
# stands in the index too: who looks for a rare one reads no row that is in another.
INBOX = f"""
SELECT c.* FROM unnest($1::text[]) AS d(name) CROSS JOIN LATERAL (
  SELECT {SHOWN} FROM application a
  WHERE a.department = d.name AND a.state IN ({OPEN_STATES})
    AND (a.act_by, a.id) > ($2::date, $3::uuid)
  ORDER BY a.act_by, a.id LIMIT $4
) c ORDER BY c.act_by, c.id LIMIT $4
"""  # noqa: S608 - constants of ours
INBOX_OF_STATE = INBOX.replace("AND (a.act_by", "AND a.state = $5 AND (a.act_by")
# And each item's own index, for who can do, or serves at a window, some items only.
INBOX_OF_ITEMS = f"""
SELECT c.* FROM unnest($5::text[]) AS i(code) CROSS JOIN LATERAL (
  SELECT {SHOWN} FROM application a
  WHERE a.item = i.code AND a.state IN ({OPEN_STATES}) AND a.department = ANY($1::text[])
    AND (a.act_by, a.id) > ($2::date, $3::uuid)
  ORDER BY a.act_by, a.id LIMIT $4
) c ORDER BY c.act_by, c.id LIMIT $4
"""  # noqa: S608 - constants of ours
ITEMS_OF_STATE = INBOX_OF_ITEMS.replace("AND (a.act_by", "AND a.state = $6 AND (a.act_by")
# Of all that a clerk ever claimed, those whose lease lasts are few: they are found, then sorted.
INBOX_MINE = f"""
SELECT {SHOWN} FROM application
WHERE assigned_to = $5 AND lease_until > $6 AND department = ANY($1::text[])
  AND state IN ({OPEN_STATES}) AND (act_by, id) > ($2::date, $3::uuid)
  AND ($7::text IS NULL OR state = $7)
ORDER BY act_by, id LIMIT $4
"""  # noqa: S608 - constants of ours
# Free, or its lease is over, or one's own: one statement, so that of two clerks one has it.
CLAIM = """
UPDATE application SET assigned_to = $2, lease_until = $3
WHERE id = $1 AND (assigned_to IS NULL OR assigned_to = $2 OR lease_until <= $4)
RETURNING version, state
"""
RELEASE = """
UPDATE application SET assigned_to = NULL, lease_until = NULL
WHERE id = $1 AND assigned_to = $2 RETURNING id
"""
HAND_OVER = """
UPDATE application SET assigned_to = $3, lease_until = $4
WHERE id = $1 AND assigned_to = $2 AND lease_until > $5 RETURNING id
"""
NOTE = """
INSERT INTO case_note (id, application, at, author, asked, text_sealed)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
"""
NOTES = """
SELECT id, at, author, asked, text_sealed FROM case_note WHERE application = $1 ORDER BY at, id
"""
# By a hash of the id and the period: nobody can choose which cases are drawn.
SAMPLE = """
UPDATE application SET sampled_at = $5 WHERE id IN (
  SELECT id FROM application
  WHERE department = ANY($1::text[]) AND state IN ('delivered', 'refused', 'archived')
    AND since >= $2 AND since < $3
  ORDER BY sha256((id::text || $6)::bytea)
  LIMIT (SELECT ceil(count(*) * $4::int / 100.0)::int FROM application
         WHERE department = ANY($1::text[]) AND state IN ('delivered', 'refused', 'archived')
           AND since >= $2 AND since < $3)
) RETURNING id
"""
OVERDUE = """
SELECT id FROM application WHERE state = 'correction' AND act_by < $1 ORDER BY act_by LIMIT $2
"""


@dataclass(frozen=True)
class Note:
    """A note between colleagues, as stored."""

    id: UUID
    at: datetime
    author: UUID
    asked: UUID | None
    text_sealed: bytes


async def inbox(
    departments: list[str],
    state: str | None,
    holder: UUID | None,
    now: datetime,
    after: tuple[date, UUID] | None,
    limit: int,
    items: list[str] | None = None,
) -> Rows:
    """Return open cases of departments, the most urgent first; with a holder, those he has now.

    items: only cases of these, unless somebody has them already.
    Each kind of question is a statement of its own: one for all would get one plan for all.
    """
    page = (departments, *(after or FIRST_PAGE), limit)
    if holder is not None:
        return await fetch(INBOX_MINE, *page, holder, now, state)
    if items is not None:
        of_state = (ITEMS_OF_STATE, *page, items, state)
        return await fetch(*of_state) if state else await fetch(INBOX_OF_ITEMS, *page, items)
    if state is not None:
        return await fetch(INBOX_OF_STATE, *page, state)
    return await fetch(INBOX, *page)


async def claim(
    connection: BaseDBAsyncClient, id: UUID, clerk: UUID, until: datetime, now: datetime
) -> bool:
    """Give a case to a clerk; False when a colleague has it."""
    return bool(await fetch(CLAIM, id, clerk, until, now, connection=connection))


async def release(id: UUID, clerk: UUID) -> bool:
    """Put a case back; False when the clerk does not have it."""
    return bool(await fetch(RELEASE, id, clerk))


async def hand_over(
    connection: BaseDBAsyncClient, id: UUID, clerk: UUID, to: UUID, until: datetime, now: datetime
) -> bool:
    """Give a case to a colleague; False when the clerk does not have it."""
    return bool(await fetch(HAND_OVER, id, clerk, to, until, now, connection=connection))


async def write_note(connection: BaseDBAsyncClient, case: UUID, note: Note) -> None:
    """Write a note."""
    n = note
    await fetch(NOTE, n.id, case, n.at, n.author, n.asked, n.text_sealed, connection=connection)


async def notes(case: UUID) -> list[Note]:
    """Return the notes on a case, in order."""
    return [Note(**row) for row in await fetch(NOTES, case)]


async def sample(
    departments: list[str], since: datetime, until: datetime, percent: int, now: datetime
) -> list[UUID]:
    """Mark a share of the cases closed in a period as sampled and return them."""
    seed = f"{since:%Y%m%d}{until:%Y%m%d}"
    rows = await fetch(SAMPLE, departments, since, until, percent, now, seed)
    return [row["id"] for row in rows]


async def overdue_corrections(today: date, limit: int) -> list[UUID]:
    """Return cases whose citizen did not complete them in time."""
    return [row["id"] for row in await fetch(OVERDUE, today, limit)]
