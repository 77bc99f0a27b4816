"""Every query of cases (办件) and their steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import Rows, fetch

COLUMNS = """
id, number, citizen, kind, applicant, "grant", item, item_name, item_version, department, hall,
form_version, options, answers_sealed, applicant_sealed, applicant_masked, delivery, channel,
state, version, since, submitted_at, act_by, accepted_on, promised_days, statutory_days,
statutory_working, yellow_on, red_on, due_on, statutory_on, corrections, correct_until,
assigned_to, lease_until, fee_fen, fee_due, result_certificate
"""
INSERT = """
INSERT INTO application (id, number, citizen, kind, applicant, "grant", item, item_name,
  item_version, department, hall, form_version, options, answers_sealed, applicant_sealed,
  applicant_masked, delivery, channel, state, version, since, submitted_at, promised_days,
  statutory_days, statutory_working, corrections, fee_fen, fee_due, act_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, $15, $16, $17, $18,
  $19, 1, $20, $20, $21, $22, $23, 0, $24, $25, $26) RETURNING id
"""
SEQUENCE = "SELECT nextval('application_number') AS n"
READ = f"SELECT {COLUMNS} FROM application WHERE id = $1"  # noqa: S608 - a constant of ours
LOCK = f"{READ} FOR UPDATE"
BY_NUMBER = f"SELECT {COLUMNS} FROM application WHERE number = $1"  # noqa: S608 - a constant
BRIEF = "id, number, item, item_name, applicant_masked, state, since, due_on, submitted_at"
# Each side has an index in the order of the answer: who filed ten thousand waits no longer.
MINE = f"""
(SELECT {BRIEF} FROM application
 WHERE citizen = $1 AND submitted_at < coalesce($2, 'infinity'::timestamptz)
 ORDER BY submitted_at DESC LIMIT $3)
UNION
(SELECT {BRIEF} FROM application
 WHERE applicant = $1 AND submitted_at < coalesce($2, 'infinity'::timestamptz)
 ORDER BY submitted_at DESC LIMIT $3)
ORDER BY submitted_at DESC LIMIT $3
"""  # noqa: S608 - a constant of ours
LATEST = """
SELECT id, number, answers_sealed FROM application WHERE applicant = $1 AND citizen = $2
ORDER BY submitted_at DESC LIMIT $3
"""
# The version decides between two who act at once; a clerk must also still have the case.
STEP = f"""
UPDATE application SET
  state = $4, version = version + 1, since = $5,
  accepted_on = coalesce($6::date, accepted_on), yellow_on = $7::date, red_on = $8::date,
  due_on = $9::date, statutory_on = $10::date, corrections = corrections + $11,
  correct_until = $12::date, answers_sealed = coalesce($13, answers_sealed),
  result_certificate = coalesce($14::uuid, result_certificate),
  assigned_to = CASE WHEN $15 THEN NULL ELSE assigned_to END,
  lease_until = CASE WHEN $15 THEN NULL ELSE coalesce($16::timestamptz, lease_until) END,
  act_by = $18::date
WHERE id = $1 AND version = $2 AND state = $3
  AND ($17::uuid IS NULL OR (assigned_to = $17 AND lease_until > $5))
RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
EVENT = """
INSERT INTO case_event (id, application, version, at, action, before, after, actor_kind, actor,
                        detail, note_sealed, hall)
VALUES ($11, $1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10,
        (SELECT hall FROM application WHERE id = $1)) RETURNING id
"""
EVENTS = """
SELECT id, version, at, action, before, after, actor_kind, actor, detail, note_sealed
FROM case_event WHERE application = $1 ORDER BY version
"""


@dataclass(frozen=True)
class Case:
    """A case, as stored."""

    id: UUID
    number: str
    citizen: UUID
    kind: Literal["person", "enterprise"]
    applicant: UUID
    grant: UUID | None
    item: str
    item_name: str
    item_version: int
    department: str
    hall: str
    form_version: str
    options: dict[str, str]
    answers_sealed: bytes
    applicant_sealed: bytes
    applicant_masked: str
    delivery: str | None
    channel: str
    state: Any
    version: int
    since: datetime
    submitted_at: datetime
    act_by: date
    accepted_on: date | None
    promised_days: int | None
    statutory_days: int | None
    statutory_working: bool
    yellow_on: date | None
    red_on: date | None
    due_on: date | None
    statutory_on: date | None
    corrections: int
    correct_until: date | None
    assigned_to: UUID | None
    lease_until: datetime | None
    fee_fen: int
    fee_due: str
    result_certificate: UUID | None


@dataclass(frozen=True)
class Event:
    """A step that was taken, as stored."""

    id: UUID
    version: int
    at: datetime
    action: str
    before: Any
    after: Any
    actor_kind: str
    actor: UUID | None
    detail: dict[str, Any]
    note_sealed: bytes | None


@dataclass(frozen=True)
class Dates:
    """Where the clocks of a case stand after a step."""

    act_by: date
    accepted_on: date | None = None
    yellow_on: date | None = None
    red_on: date | None = None
    due_on: date | None = None
    statutory_on: date | None = None


def case_of(row: dict[str, Any]) -> Case:
    """Return a row as a case."""
    return Case(**{**row, "options": _parsed(row["options"])})


def _parsed(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


async def next_sequence() -> int:
    """Return the next of the numbers that receipts are made of."""
    (row,) = await fetch(SEQUENCE)
    return int(row["n"])


async def insert(connection: BaseDBAsyncClient, case: Case) -> None:
    """Write a new case."""
    c = case
    values = (
        c.id, c.number, c.citizen, c.kind, c.applicant, c.grant, c.item, c.item_name,
        c.item_version, c.department, c.hall, c.form_version, orjson.dumps(c.options).decode(),
        c.answers_sealed, c.applicant_sealed, c.applicant_masked, c.delivery, c.channel, c.state,
        c.submitted_at, c.promised_days, c.statutory_days, c.statutory_working, c.fee_fen,
        c.fee_due, c.act_by,
    )  # fmt: skip
    await fetch(INSERT, *values, connection=connection)


async def read(id: UUID, connection: BaseDBAsyncClient | None = None) -> Case | None:
    """Return a case."""
    rows = await fetch(READ, id, connection=connection)
    return case_of(rows[0]) if rows else None


async def lock(connection: BaseDBAsyncClient, id: UUID) -> Case:
    """Return a case that is there, locked to the end of the transaction."""
    (row,) = await fetch(LOCK, id, connection=connection)
    return case_of(row)


async def by_number(number: str) -> Case | None:
    """Return a case by its receipt number."""
    rows = await fetch(BY_NUMBER, number)
    return case_of(rows[0]) if rows else None


async def mine(citizen: UUID, before: datetime | None, limit: int) -> Rows:
    """Return the cases that a citizen filed or that are about him, the latest first."""
    return await fetch(MINE, citizen, before, limit)


async def latest_answers(applicant: UUID, citizen: UUID, limit: int) -> Rows:
    """Return the sealed answers of an applicant's latest cases that the same citizen filed."""
    return await fetch(LATEST, applicant, citizen, limit)


async def step(
    connection: BaseDBAsyncClient,
    case: Case,
    state: str,
    now: datetime,
    dates: Dates,
    *,
    corrections: int = 0,
    correct_until: date | None = None,
    answers: bytes | None = None,
    certificate: UUID | None = None,
    release: bool = False,
    lease_until: datetime | None = None,
    holder: UUID | None = None,
) -> Case | None:
    """Take a case to its next state; None when it moved on, or `holder` does not have it."""
    d = dates
    values = (
        case.id, case.version, case.state, state, now, d.accepted_on, d.yellow_on, d.red_on,
        d.due_on, d.statutory_on, corrections, correct_until, answers, certificate, release,
        lease_until, holder, d.act_by,
    )  # fmt: skip
    rows = await fetch(STEP, *values, connection=connection)
    return case_of(rows[0]) if rows else None


async def write_event(
    connection: BaseDBAsyncClient,
    case: Case,
    before: str | None,
    action: str,
    actor_kind: str,
    actor: UUID | None,
    now: datetime,
    detail: dict[str, Any],
    id: UUID,
    note_sealed: bytes | None,
) -> None:
    """Write the step that led to a case's present state and version."""
    values = (
        case.id, case.version, now, action, before, case.state, actor_kind, actor,
        orjson.dumps(detail).decode(), note_sealed, id,
    )  # fmt: skip
    await fetch(EVENT, *values, connection=connection)


async def events(case: UUID) -> list[Event]:
    """Return the steps of a case, in order."""
    return [Event(**{**row, "detail": _parsed(row["detail"])}) for row in await fetch(EVENTS, case)]
