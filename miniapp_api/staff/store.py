"""Every query of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import fetch

COLUMNS = "id, login, name, hall, roles, password_hash, disabled_at"
INSERT = """
INSERT INTO staff_account (id, login, name, hall, roles, password_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (login) DO NOTHING RETURNING id
"""
BY_LOGIN = f"SELECT {COLUMNS} FROM staff_account WHERE login = $1"  # noqa: S608 - a constant
BY_ID = f"SELECT {COLUMNS} FROM staff_account WHERE id = $1"  # noqa: S608 - a constant
ALL = f"SELECT {COLUMNS} FROM staff_account ORDER BY hall, login"  # noqa: S608 - a constant
DISABLE = "UPDATE staff_account SET disabled_at = $2 WHERE login = $1 RETURNING id"
SET_PASSWORD = "UPDATE staff_account SET password_hash = $2 WHERE login = $1 RETURNING id"  # noqa: S105
OPEN = """
INSERT INTO staff_session (token_hash, account_id, created_at, expires_at)
VALUES ($1, $2, $3, $4) RETURNING token_hash
"""
CLOSE = "DELETE FROM staff_session WHERE token_hash = $1 RETURNING token_hash"
CLOSE_ALL = (
    "DELETE FROM staff_session WHERE account_id = $1 OR expires_at < $2 RETURNING token_hash"
)
# One query a request: a disabled account is out at once.
MEMBER = """
SELECT a.id, a.hall, a.roles FROM staff_session s JOIN staff_account a ON a.id = s.account_id
WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.disabled_at IS NULL
"""


@dataclass(frozen=True)
class Account:
    """An account, as stored."""

    id: UUID
    login: str
    name: str
    hall: str
    roles: list[str]
    password_hash: str
    disabled_at: datetime | None


async def insert(connection: BaseDBAsyncClient, account: Account, now: datetime) -> bool:
    """Write an account; False when the login is taken."""
    a = account
    values = (a.id, a.login, a.name, a.hall, a.roles, a.password_hash, now)
    return bool(await fetch(INSERT, *values, connection=connection))


async def by_login(login: str) -> Account | None:
    """Return an account by its login."""
    rows = await fetch(BY_LOGIN, login)
    return Account(**rows[0]) if rows else None


async def by_id(id: UUID) -> Account | None:
    """Return an account by its id."""
    rows = await fetch(BY_ID, id)
    return Account(**rows[0]) if rows else None


async def all_accounts() -> list[Account]:
    """Return every account, by hall and login."""
    return [Account(**row) for row in await fetch(ALL)]


async def disable(connection: BaseDBAsyncClient, login: str, now: datetime) -> UUID | None:
    """Disable an account; None when there is none."""
    rows = await fetch(DISABLE, login, now, connection=connection)
    return rows[0]["id"] if rows else None


async def set_password(connection: BaseDBAsyncClient, login: str, hashed: str) -> UUID | None:
    """Write a new password hash; None when there is no such account."""
    rows = await fetch(SET_PASSWORD, login, hashed, connection=connection)
    return rows[0]["id"] if rows else None


async def open_session(
    connection: BaseDBAsyncClient,
    token_hash: str,
    account: UUID,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Write a session; only the token's hash is kept."""
    await fetch(OPEN, token_hash, account, now, expires_at, connection=connection)


async def close_session(token_hash: str) -> None:
    """Delete a session."""
    await fetch(CLOSE, token_hash)


async def close_sessions(connection: BaseDBAsyncClient, account: UUID, now: datetime) -> None:
    """Delete all sessions of an account, and those of anybody that are over."""
    await fetch(CLOSE_ALL, account, now, connection=connection)


async def read_member(token_hash: str, now: datetime) -> tuple[UUID, str, list[str]] | None:
    """Return id, hall and roles of the account of a live session."""
    rows = await fetch(MEMBER, token_hash, now)
    return (rows[0]["id"], rows[0]["hall"], rows[0]["roles"]) if rows else None
