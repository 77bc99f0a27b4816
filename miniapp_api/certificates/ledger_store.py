"""Every query of authorisations (数据授权) and of the ledger of shared data (数据共享台账)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from miniapp_api.certificates.rules import Department, Holder, Purpose
from miniapp_api.certificates.store import Connection
from miniapp_api.platform.database import Rows, fetch

AUTHORISE = """
INSERT INTO data_authorisation (id, citizen, holder_kind, holder, types, purpose, item, case_id,
                                given_at, expires_at)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING RETURNING id
"""
# One use: of two at once, one finds the row unused.
USE = """
UPDATE data_authorisation SET used_at = $3
WHERE id = $1 AND citizen = $2 AND used_at IS NULL AND expires_at > $3
RETURNING id, citizen, holder_kind, holder, types, purpose, item, case_id
"""
COLUMNS = (
    "at", "purpose", "asker_kind", "asker", "hall", "window", "holder_kind", "holder",
    "certificate_type_no", "certificate", "department", "item", "case_id", "authorisation",
    "outcome", "answered_at", "code",
)  # fmt: skip
QUOTED = ", ".join(f'"{column}"' for column in COLUMNS)
WRITE = f"""
INSERT INTO data_ledger ({QUOTED})
VALUES ({", ".join(f"${n}" for n in range(1, len(COLUMNS) + 1))})
ON CONFLICT (code) DO NOTHING RETURNING id
"""  # noqa: S608 - constants of ours
ANSWERED = """
UPDATE data_ledger SET outcome = $2, certificate = $3, answered_at = $4
WHERE id = $1 AND outcome = 'asked' RETURNING id
"""
VIEW = """
id, at, purpose, asker_kind, hall, "window", certificate_type_no AS type_id, department, item,
case_id, outcome, certificate
"""
OWN = f"""
SELECT {VIEW} FROM data_ledger
WHERE ((holder_kind = 'person' AND holder = $1) OR (asker_kind = 'citizen' AND asker = $1))
  AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""  # noqa: S608 - a constant of ours
OF_HALL = f"""
SELECT {VIEW}, asker FROM data_ledger
WHERE (hall = $1 OR hall IS NULL) AND ($4::uuid IS NULL OR case_id = $4)
  AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""  # noqa: S608 - a constant of ours
AUTHORISED = """
SELECT id, types, purpose, item, case_id, given_at, expires_at, used_at FROM data_authorisation
WHERE citizen = $1 ORDER BY given_at DESC, id
"""
# A paper is a certificate that a case did without, however often it was asked for. A trip is a
# department that a case would have had to be carried to, or fetched from: each counts once.
SAVED = """
SELECT count(DISTINCT case_id) AS cases, count(DISTINCT (case_id, certificate_type_no)) AS papers,
       count(DISTINCT (case_id, COALESCE(department, 'ours'))) AS trips
FROM data_ledger WHERE case_id IS NOT NULL AND outcome IN ('vault', 'fetched')
  AND at >= $1 AND at < $2
"""
SAVED_BY_TYPE = """
SELECT certificate_type_no AS type_id, count(DISTINCT case_id) AS papers
FROM data_ledger WHERE case_id IS NOT NULL AND outcome IN ('vault', 'fetched')
  AND at >= $1 AND at < $2 GROUP BY 1 ORDER BY 2 DESC, 1
"""
ANSWERS = """
SELECT department, outcome, count(*) AS times FROM data_ledger
WHERE department IS NOT NULL AND outcome <> 'vault' AND authorisation IS NOT NULL
  AND at >= $1 AND at < $2 GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Authorisation:
    """A citizen's authorisation (数据授权): who, which types, for what."""

    id: UUID
    citizen: UUID
    holder: Holder
    types: tuple[str, ...]
    purpose: Purpose
    item: str | None
    case: UUID | None


@dataclass(frozen=True)
class Entry:
    """What is written into the ledger (台账条目)."""

    at: datetime
    purpose: Purpose
    asker_kind: str
    asker: UUID
    holder: Holder
    type_id: str
    outcome: str
    certificate: UUID | None = None
    department: Department | None = None
    item: str | None = None
    case: UUID | None = None
    authorisation: UUID | None = None
    hall: str | None = None
    window: str | None = None
    code: UUID | None = None


async def authorise(
    connection: Connection, given: Authorisation, now: datetime, until: datetime
) -> None:
    """Write an authorisation; one given before under the same id stays as it is."""
    values = (
        given.id, given.citizen, given.holder.kind, given.holder.id,
        orjson.dumps(given.types).decode(), given.purpose, given.item, given.case, now, until,
    )  # fmt: skip
    await fetch(AUTHORISE, *values, connection=connection)


async def use(
    connection: Connection, id: UUID, citizen: UUID, now: datetime
) -> Authorisation | None:
    """Use an authorisation up; None when it was used, is over or is somebody else's."""
    rows = await fetch(USE, id, citizen, now, connection=connection)
    return _authorisation(rows[0]) if rows else None


async def write(connection: Connection, entry: Entry) -> int | None:
    """Write an entry and return its number; None when its code was verified before."""
    answered = None if entry.outcome == "asked" else entry.at
    values = (
        entry.at, entry.purpose, entry.asker_kind, entry.asker, entry.hall, entry.window,
        entry.holder.kind, entry.holder.id, entry.type_id, entry.certificate, entry.department,
        entry.item, entry.case, entry.authorisation, entry.outcome, answered, entry.code,
    )  # fmt: skip
    rows = await fetch(WRITE, *values, connection=connection)
    return int(rows[0]["id"]) if rows else None


async def answered(
    connection: Connection, id: int, outcome: str, certificate: UUID | None, now: datetime
) -> None:
    """Write how a department answered a question."""
    await fetch(ANSWERED, id, outcome, certificate, now, connection=connection)


async def authorised(citizen: UUID) -> Rows:
    """Return what a citizen authorised, newest first."""
    return [
        {
            **row,
            "types": orjson.loads(row["types"]) if isinstance(row["types"], str) else row["types"],
        }
        for row in await fetch(AUTHORISED, citizen)
    ]


async def own(citizen: UUID, before: int | None, limit: int) -> Rows:
    """Return what was asked about a citizen or by him, newest first."""
    return await fetch(OWN, citizen, before, limit)


async def of_hall(hall: str, before: int | None, limit: int, case: UUID | None) -> Rows:
    """Return what was asked in a hall and online, newest first, of one case or of all."""
    return await fetch(OF_HALL, hall, before, limit, case)


async def savings(since: datetime, until: datetime) -> tuple[dict[str, Any], Rows, Rows]:
    """Return the totals, the papers by type, and how departments answered."""
    (totals,) = await fetch(SAVED, since, until)
    by_type = await fetch(SAVED_BY_TYPE, since, until)
    return totals, by_type, await fetch(ANSWERS, since, until)


def _authorisation(row: dict[str, Any]) -> Authorisation:
    types: Iterable[str] = (
        orjson.loads(row["types"]) if isinstance(row["types"], str) else row["types"]
    )
    holder = Holder(row["holder_kind"], UUID(str(row["holder"])))
    case = UUID(str(row["case_id"])) if row["case_id"] else None
    return Authorisation(
        row["id"], row["citizen"], holder, tuple(types), row["purpose"], row["item"], case
    )
