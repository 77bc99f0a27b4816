"""Every query of the certificates themselves (证照库)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.certificates.rules import CertificateBrief, Holder, Status
from miniapp_api.platform.database import Rows, fetch

Connection = BaseDBAsyncClient

BRIEF = """
id, certificate_type_no AS type_id, certificate_name AS name,
certificate_issuing_authority_name AS authority_name,
certificate_issuing_authority_date AS issued_on, certificate_validate_start AS valid_from,
certificate_validate_end AS valid_until, status, source, department, fresh_until
"""
SEALED = ("certificate_holder_name", "certificate_holder_code", "certificate_number",
          "certificate_identifier", "extend_info", "status_reason")  # fmt: skip
WHOLE = f"""
{BRIEF}, holder_kind, holder, case_id, content_index, certificate_version AS version,
certificate_area_code AS area_code, {", ".join(SEALED)}
"""
HELD = f"""
SELECT {BRIEF} FROM certificate WHERE holder_kind = $1 AND holder = $2 AND superseded_at IS NULL
  AND ($3::text[] IS NULL OR certificate_type_no = ANY($3::text[])) ORDER BY created_at DESC, id
"""  # noqa: S608 - a constant of ours
WHOLE_HELD = f"""
SELECT {WHOLE} FROM certificate WHERE holder_kind = $1 AND holder = $2 AND superseded_at IS NULL
ORDER BY created_at DESC, id LIMIT $3
"""  # noqa: S608 - a constant of ours
READ = f"SELECT {WHOLE} FROM certificate WHERE id = $1"  # noqa: S608 - a constant of ours
OF_CASE = f"""
SELECT {WHOLE} FROM certificate
WHERE source = 'issued' AND case_id = $1 AND certificate_type_no = $2 AND holder = $3
"""  # noqa: S608 - a constant of ours
COLUMNS = (
    "id", "holder_kind", "holder", "certificate_identifier", "certificate_type_no",
    "certificate_number", "certificate_name", "certificate_version", "certificate_type_name",
    "certificate_type_name_code", "certificate_issuing_authority_date",
    "certificate_issuing_authority_name", "certificate_issuing_authority_code",
    "certificate_validate_start", "certificate_validate_end", "certificate_area_code",
    "certificate_holder_name", "certificate_holder_code", "certificate_holder_type",
    "certificate_holder_type_name", "related_item_code", "extend_info", "status", "source",
    "department", "case_id", "content_index", "fresh_until", "created_at", "changed_at",
)  # fmt: skip
# A case issues a holder one certificate of a type: who comes second waits and finds the first.
INSERT = f"""
INSERT INTO certificate ({", ".join(COLUMNS)})
VALUES ({", ".join(f"${n}" for n in range(1, len(COLUMNS) + 1))})
ON CONFLICT (case_id, certificate_type_no, holder) WHERE source = 'issued' DO NOTHING RETURNING id
"""  # noqa: S608 - constants of ours
CHANGE = """
UPDATE certificate SET status = $2, status_reason = $3, changed_at = $4
WHERE id = $1 AND source = 'issued' AND status = ANY($5::text[]) RETURNING id
"""
RENEW = """
UPDATE certificate SET fresh_until = $2 WHERE id = $1 AND superseded_at IS NULL RETURNING id
"""
SUPERSEDE = """
UPDATE certificate SET superseded_at = $4, changed_at = $4
WHERE holder_kind = $1 AND holder = $2 AND certificate_type_no = $3 AND source = 'fetched'
  AND superseded_at IS NULL RETURNING id
"""
FETCHED = f"""
SELECT content_index, {BRIEF} FROM certificate
WHERE holder_kind = $1 AND holder = $2 AND certificate_type_no = $3 AND source = 'fetched'
  AND superseded_at IS NULL
"""  # noqa: S608 - a constant of ours
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('certificates:' || $1, 0))"
FORGET_FETCHED = """
DELETE FROM certificate WHERE holder_kind = $1 AND holder = $2 AND source = 'fetched'
  AND id <> ALL($3::uuid[]) RETURNING id
"""
ISSUED = """
SELECT count(*) AS issued FROM certificate
WHERE holder_kind = $1 AND holder = $2 AND source = 'issued'
"""


@dataclass(frozen=True)
class Stored:
    """A certificate as it lies in the vault, its personal data still sealed."""

    brief: CertificateBrief
    holder: Holder
    case: UUID | None
    version: str
    area_code: str
    sealed: dict[str, bytes | None]


async def held(
    holder: Holder, types: Iterable[str] | None = None, connection: Connection | None = None
) -> list[CertificateBrief]:
    """Return a holder's certificates, newest first, of some types or of all."""
    wanted = None if types is None else list(types)
    rows = await fetch(HELD, holder.kind, holder.id, wanted, connection=connection)
    return [_brief(row) for row in rows]


async def held_whole(holder: Holder, limit: int) -> list[Stored]:
    """Return a holder's certificates, newest first, with what is sealed."""
    return [_stored(row) for row in await fetch(WHOLE_HELD, holder.kind, holder.id, limit)]


async def read(id: UUID, connection: Connection | None = None) -> Stored | None:
    """Return a certificate."""
    return _one(await fetch(READ, id, connection=connection))


async def of_case(
    connection: Connection, case: UUID, type_id: str, holder: Holder
) -> Stored | None:
    """Return the certificate of a type that a case issued to a holder."""
    return _one(await fetch(OF_CASE, case, type_id, holder.id, connection=connection))


async def insert(connection: Connection, values: dict[str, Any]) -> bool:
    """Write a certificate; False when its case issued the holder one of this type before."""
    ordered = [values.get(column) for column in COLUMNS]
    return bool(await fetch(INSERT, *ordered, connection=connection))


async def change(
    connection: Connection,
    id: UUID,
    before: Iterable[Status],
    after: Status,
    reason: bytes | None,
    now: datetime,
) -> bool:
    """Change the status of a certificate that we issued; False when it is in another one."""
    rows = await fetch(CHANGE, id, after, reason, now, list(before), connection=connection)
    return bool(rows)


async def lock_holder(connection: Connection, holder: Holder) -> None:
    """Let one answer of the departments be written at a time for a holder."""
    await fetch(LOCK, f"{holder.kind}:{holder.id}", connection=connection)


async def fetched(
    connection: Connection, holder: Holder, type_id: str
) -> tuple[str, CertificateBrief] | None:
    """Return what a department told last, with the index of its content."""
    rows = await fetch(FETCHED, holder.kind, holder.id, type_id, connection=connection)
    return (rows[0]["content_index"], _brief(rows[0])) if rows else None


async def renew(connection: Connection, id: UUID, fresh_until: datetime) -> None:
    """Write that a department said the same again."""
    await fetch(RENEW, id, fresh_until, connection=connection)


async def supersede(connection: Connection, holder: Holder, type_id: str, now: datetime) -> None:
    """Lay aside what a department told before: it says something else now."""
    await fetch(SUPERSEDE, holder.kind, holder.id, type_id, now, connection=connection)


async def forget_fetched(connection: Connection, holder: Holder, but: Iterable[UUID] = ()) -> int:
    """Delete what departments told about a holder, but for some, and return how much it was."""
    values = (holder.kind, holder.id, list(but))
    return len(await fetch(FORGET_FETCHED, *values, connection=connection))


async def issued(holder: Holder) -> int:
    """Return how many certificates we issued to a holder."""
    (row,) = await fetch(ISSUED, holder.kind, holder.id)
    return int(row["issued"])


def _one(rows: Rows) -> Stored | None:
    return _stored(rows[0]) if rows else None


def _brief(row: dict[str, Any]) -> CertificateBrief:
    values = {name: row[name] for name in CertificateBrief.__dataclass_fields__}
    return CertificateBrief(**{**values, "id": UUID(str(row["id"]))})


def _stored(row: dict[str, Any]) -> Stored:
    return Stored(
        _brief(row),
        Holder(row["holder_kind"], UUID(str(row["holder"]))),
        UUID(str(row["case_id"])) if row["case_id"] else None,
        row["version"],
        row["area_code"],
        {name: bytes(row[name]) if row[name] is not None else None for name in SEALED},
    )
