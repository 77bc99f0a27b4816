"""Every query of unanswered questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from miniapp_api.chat.store import decoded
from miniapp_api.platform.database import fetch

# Who says it again says it once more; what an editor added and is still not found is open anew.
NOTE = """
INSERT INTO unanswered_question (wording, text, near, first_at, last_at, times, state)
VALUES ($1, $2, $3, $4, $4, 1, 'open')
ON CONFLICT (wording) DO UPDATE SET times = unanswered_question.times + 1, last_at = $4,
    near = excluded.near,
    state = CASE unanswered_question.state WHEN 'added' THEN 'open'
        ELSE unanswered_question.state END
"""
LIST = """
SELECT id, text, times, near, first_at, last_at, state, item, reason, settled_at,
    count(*) OVER () AS total
FROM unanswered_question WHERE state = $1 ORDER BY times DESC, last_at DESC, id LIMIT $2 OFFSET $3
"""
READ = """
SELECT id, text, times, near, first_at, last_at, state, item, reason, settled_at
FROM unanswered_question WHERE id = $1
"""
SETTLE = """
UPDATE unanswered_question SET state = $2, item = $3, reason = $4, settled_by = $5, settled_at = $6
WHERE id = $1 AND state = 'open' RETURNING id
"""
REOPEN = """
UPDATE unanswered_question SET state = 'open', settled_by = NULL, settled_at = NULL, reason = NULL
WHERE id = $1 AND state <> 'open' RETURNING id
"""
FORGET = "DELETE FROM unanswered_question WHERE last_at < $1 RETURNING id"
DISLIKED = """
SELECT item, count(*) FILTER (WHERE NOT helpful) AS unhelpful, count(*) FILTER (WHERE helpful) AS
    helpful, mode() WITHIN GROUP (ORDER BY reason) FILTER (WHERE NOT helpful) AS reason
FROM answer_feedback WHERE at >= $1 AND item IS NOT NULL
GROUP BY item HAVING count(*) FILTER (WHERE NOT helpful) > 0
ORDER BY unhelpful DESC, helpful, item LIMIT $2
"""
JUDGED = """
SELECT (at AT TIME ZONE $2)::date AS day, (count(*) FILTER (WHERE helpful))::int AS helpful,
    (count(*) FILTER (WHERE NOT helpful))::int AS unhelpful
FROM answer_feedback WHERE at >= $1 GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class Question:
    """A question that the guides had no answer to."""

    id: int
    text: str
    times: int
    near: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    state: str
    item: str | None
    reason: str | None


@dataclass(frozen=True)
class Disliked:
    """An item whose answers did not help: how often, how often they did, and why most often."""

    item: str
    unhelpful: int
    helpful: int
    reason: str | None


@dataclass(frozen=True)
class Judged:
    """How many answers of a day helped, and how many did not (👍👎)."""

    day: date
    helpful: int
    unhelpful: int


async def note(wording: str, text: str, near: list[str], now: datetime) -> None:
    """Count a question."""
    await fetch(NOTE, wording, text, orjson.dumps(near).decode(), now)


async def list_(state: str, most: int, offset: int) -> tuple[list[Question], int]:
    """Return questions in a state, the most frequent first, and how many there are."""
    rows = await fetch(LIST, state, most, offset)
    return [_question(row) for row in rows], rows[0]["total"] if rows else 0


async def read(id: int) -> Question | None:
    """Return a question."""
    rows = await fetch(READ, id)
    return _question(rows[0]) if rows else None


async def settle(
    id: int, state: str, item: str | None, reason: str | None, by: UUID, now: datetime
) -> bool:
    """Settle an open question; False when somebody did before."""
    return bool(await fetch(SETTLE, id, state, item, reason, by, now))


async def reopen(id: int) -> bool:
    """Open a settled question again."""
    return bool(await fetch(REOPEN, id))


async def disliked(since: datetime, most: int) -> list[Disliked]:
    """Return the items whose answers helped least since a moment."""
    return [Disliked(**row) for row in await fetch(DISLIKED, since, most)]


async def judged(since: datetime) -> list[Judged]:
    """Return how answers were judged since a moment, by day in its zone."""
    return [Judged(**row) for row in await fetch(JUDGED, since, str(since.tzinfo))]


async def forget(before: datetime) -> int:
    """Delete questions last asked before a moment, and return how many."""
    return len(await fetch(FORGET, before))


def _question(row: Any) -> Question:
    return Question(
        id=row["id"],
        text=row["text"],
        times=row["times"],
        near=tuple(decoded(row["near"]) or ()),
        first_at=row["first_at"],
        last_at=row["last_at"],
        state=row["state"],
        item=row["item"],
        reason=row["reason"],
    )
