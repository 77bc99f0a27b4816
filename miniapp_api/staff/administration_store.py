"""Every query of the administrator (系统管理员): accounts of a hall, looked at and changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import Rows, fetch
from miniapp_api.staff.rules import ADMINISTRATOR
from miniapp_api.staff.store import COLUMNS, Account

FOUND = """
FROM staff_account
WHERE hall = $1 AND login > $2
  AND ($3::text IS NULL OR position($3 IN login) > 0 OR position($3 IN lower(name)) > 0)
  AND ($4::text IS NULL OR $4 = ANY(roles))
  AND ($5::boolean IS NULL OR (disabled_at IS NOT NULL) = $5)
"""
PAGE = f"SELECT {COLUMNS} {FOUND} ORDER BY login LIMIT $6"
COUNT = f"SELECT count(*) AS total {FOUND}"
READ = f"SELECT {COLUMNS} FROM staff_account WHERE hall = $1 AND id = $2"  # noqa: S608
# In one order, so that two administrators who change each other wait and do not deadlock.
LOCK = f"""
SELECT {COLUMNS} FROM staff_account
WHERE hall = $1 AND (id = $2 OR ('{ADMINISTRATOR}' = ANY(roles) AND disabled_at IS NULL))
ORDER BY id FOR UPDATE
"""  # noqa: S608 - constants of ours
CHANGE = """
UPDATE staff_account SET name = $2, roles = $3, departments = $4, skills = $5, windows = $6,
                         version = version + 1
WHERE id = $1 RETURNING id
"""
ENABLE = """
UPDATE staff_account SET disabled_at = NULL, version = version + 1 WHERE id = $1 RETURNING id
"""
FIRST_PASSWORD = """
UPDATE staff_account SET password_hash = $2, first_password_until = $3, version = version + 1
WHERE id = $1 RETURNING id
"""  # noqa: S105 - a query
SESSIONS = """
SELECT created_at, expires_at, second_factor FROM staff_session
WHERE account_id = $1 AND expires_at > $2 ORDER BY created_at DESC
"""


async def page(
    hall: str, after: str, words: str | None, role: str | None, disabled: bool | None, limit: int
) -> tuple[list[Account], int]:
    """Return accounts by login, those after `after`, and how many there are without it."""
    asked = (words, role, disabled)
    rows = await fetch(PAGE, hall, after, *asked, limit)
    (counted,) = await fetch(COUNT, hall, "", *asked)
    return [Account(**row) for row in rows], counted["total"]


async def read(hall: str, id: UUID) -> Account | None:
    """Return an account of a hall."""
    rows = await fetch(READ, hall, id)
    return Account(**rows[0]) if rows else None


async def lock(connection: BaseDBAsyncClient, hall: str, id: UUID) -> dict[UUID, Account]:
    """Lock an account together with the hall's administrators who can log in; return all."""
    rows = await fetch(LOCK, hall, id, connection=connection)
    return {row["id"]: Account(**row) for row in rows}


async def change(connection: BaseDBAsyncClient, account: Account) -> None:
    """Write name, roles, departments, skills and windows of an account."""
    a = account
    values = (a.id, a.name, a.roles, a.departments, a.skills, a.windows)
    await fetch(CHANGE, *values, connection=connection)


async def enable(connection: BaseDBAsyncClient, id: UUID) -> None:
    """Let an account be used again."""
    await fetch(ENABLE, id, connection=connection)


async def set_first_password(
    connection: BaseDBAsyncClient, id: UUID, hashed: str, until: datetime
) -> None:
    """Write the hash of a first password, and until when it works."""
    await fetch(FIRST_PASSWORD, id, hashed, until, connection=connection)


async def sessions(id: UUID, now: datetime) -> Rows:
    """Return the live sessions of an account, the newest first."""
    return await fetch(SESSIONS, id, now)
