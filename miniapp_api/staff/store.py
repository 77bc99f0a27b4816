"""Every query of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.database import fetch

COLUMNS = (
    "id, login, name, hall, roles, departments, skills, windows, password_hash, "
    "first_password_until, disabled_at, created_at, version, "
    "CASE WHEN totp_confirmed_at IS NOT NULL THEN totp_sealed END AS totp_sealed"
)
INSERT = """
INSERT INTO staff_account (id, login, name, hall, roles, departments, skills, windows,
                           password_hash, created_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (login) DO NOTHING RETURNING id
"""
BY_LOGIN = f"SELECT {COLUMNS} FROM staff_account WHERE login = $1"  # noqa: S608 - a constant
BY_ID = f"SELECT {COLUMNS} FROM staff_account WHERE id = $1"  # noqa: S608 - a constant
ALL = f"SELECT {COLUMNS} FROM staff_account ORDER BY hall, login"  # noqa: S608 - a constant
NAMES = "SELECT id, name FROM staff_account WHERE id = ANY($1::uuid[])"
DISABLE = """
UPDATE staff_account SET disabled_at = coalesce(disabled_at, $2), version = version + 1
WHERE login = $1
RETURNING id, hall
"""
SET_PASSWORD = """
UPDATE staff_account SET password_hash = $2, first_password_until = NULL, version = version + 1
WHERE login = $1 RETURNING id, hall
"""  # noqa: S105 - a query
# One's own; of two who change it at the same time the later finds another one there.
CHANGE_PASSWORD = """
UPDATE staff_account SET password_hash = $3, first_password_until = NULL
WHERE id = $1 AND password_hash = $2 RETURNING id
"""  # noqa: S105 - a query
CLOSE_OTHERS = """
DELETE FROM staff_session WHERE account_id = $1 AND token_hash <> $2 RETURNING token_hash
"""
# The account is looked at again, under a lock: it may have been disabled, or have got another
# password, while the one that was typed was being checked.
OPEN = """
INSERT INTO staff_session (token_hash, account_id, created_at, expires_at, second_factor)
SELECT $1, id, $3::timestamptz, $4::timestamptz, $6::boolean FROM staff_account
WHERE id = $2 AND password_hash = $5 AND disabled_at IS NULL FOR SHARE
RETURNING token_hash
"""
CLOSE = """
DELETE FROM staff_session s USING staff_account a
WHERE s.token_hash = $1 AND a.id = s.account_id RETURNING a.id, a.hall
"""
CLOSE_ALL = "DELETE FROM staff_session WHERE account_id = $1 RETURNING token_hash"
# Some at a time, and none that another log-in is deleting: nobody waits for this.
FORGET_LAPSED = """
DELETE FROM staff_session WHERE token_hash IN (
  SELECT token_hash FROM staff_session WHERE expires_at <= $1 LIMIT 20 FOR UPDATE SKIP LOCKED
) RETURNING token_hash
"""
# One query a request: a disabled account is out at once.
MEMBER = """
SELECT a.id, a.hall, a.roles, a.departments, a.skills, a.windows, s.second_factor,
       a.first_password_until IS NOT NULL AS first_password
FROM staff_session s JOIN staff_account a ON a.id = s.account_id
WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.disabled_at IS NULL
"""


# A new secret may replace one that was never confirmed; a confirmed one is reset by an operator.
ENROL_TOTP = """
UPDATE staff_account SET totp_sealed = $2, totp_step = NULL
WHERE id = $1 AND totp_confirmed_at IS NULL RETURNING id
"""
PENDING_TOTP = """
SELECT totp_sealed FROM staff_account WHERE id = $1 AND totp_confirmed_at IS NULL
"""
CONFIRM_TOTP = """
UPDATE staff_account SET totp_confirmed_at = $3, totp_step = $4
WHERE id = $1 AND totp_sealed = $2 AND totp_confirmed_at IS NULL RETURNING id
"""
# A code works once: of two log-ins with the same one, the later finds the step used.
USE_TOTP = """
UPDATE staff_account SET totp_step = $2
WHERE id = $1 AND (totp_step IS NULL OR totp_step < $2) RETURNING id
"""
RESET_TOTP = """
UPDATE staff_account SET totp_sealed = NULL, totp_confirmed_at = NULL, totp_step = NULL,
                         version = version + 1
WHERE login = $1 RETURNING id, hall
"""
SET_WORK = """
UPDATE staff_account SET departments = coalesce($2::text[], departments),
                         skills = coalesce($3::text[], skills), version = version + 1
WHERE login = $1 RETURNING id, hall
"""


@dataclass(frozen=True)
class Account:
    """An account, as stored."""

    id: UUID
    login: str
    name: str
    hall: str
    roles: list[str]
    departments: list[str]
    skills: list[str]
    windows: list[str]
    password_hash: str
    created_at: datetime
    first_password_until: datetime | None = None
    disabled_at: datetime | None = None
    totp_sealed: bytes | None = None  # once it is confirmed
    version: int = 1


@dataclass(frozen=True)
class Changed:
    """Which account was changed, and whose hall's audit trail says so."""

    id: UUID
    hall: str


async def insert(connection: BaseDBAsyncClient, account: Account) -> bool:
    """Write an account; False when the login is taken."""
    a = account
    work = (a.roles, a.departments, a.skills, a.windows)
    values = (a.id, a.login, a.name, a.hall, *work, a.password_hash, a.created_at, a.version)
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


async def names(ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of accounts by id."""
    return {row["id"]: row["name"] for row in await fetch(NAMES, list(ids))}


async def disable(connection: BaseDBAsyncClient, login: str, now: datetime) -> Changed | None:
    """Disable an account; None when there is none."""
    rows = await fetch(DISABLE, login, now, connection=connection)
    return Changed(**rows[0]) if rows else None


async def set_password(connection: BaseDBAsyncClient, login: str, hashed: str) -> Changed | None:
    """Write a new password hash; None when there is no such account."""
    rows = await fetch(SET_PASSWORD, login, hashed, connection=connection)
    return Changed(**rows[0]) if rows else None


async def change_password(connection: BaseDBAsyncClient, id: UUID, old: str, new: str) -> bool:
    """Put one hash for another; False when the old one is not there any more."""
    return bool(await fetch(CHANGE_PASSWORD, id, old, new, connection=connection))


async def open_session(
    connection: BaseDBAsyncClient,
    token_hash: str,
    account: Account,
    now: datetime,
    expires_at: datetime,
    second_factor: bool,
) -> bool:
    """Write a session, of the token only its hash; False when the account changed meanwhile."""
    values = (token_hash, account.id, now, expires_at, account.password_hash, second_factor)
    return bool(await fetch(OPEN, *values, connection=connection))


async def close_session(connection: BaseDBAsyncClient, token_hash: str) -> Changed | None:
    """Delete a session and return whose it was."""
    rows = await fetch(CLOSE, token_hash, connection=connection)
    return Changed(**rows[0]) if rows else None


async def close_sessions(connection: BaseDBAsyncClient, account: UUID) -> None:
    """Delete all sessions of an account."""
    await fetch(CLOSE_ALL, account, connection=connection)


async def close_others(connection: BaseDBAsyncClient, account: UUID, token_hash: str) -> None:
    """Delete all sessions of an account but one."""
    await fetch(CLOSE_OTHERS, account, token_hash, connection=connection)


async def forget_lapsed(connection: BaseDBAsyncClient, now: datetime) -> None:
    """Delete some sessions that are over."""
    await fetch(FORGET_LAPSED, now, connection=connection)


async def read_member(token_hash: str, now: datetime) -> StaffMember | None:
    """Return the member of a live session."""
    rows = await fetch(MEMBER, token_hash, now)
    if not rows:
        return None
    row = rows[0]
    return StaffMember(
        id=row["id"],
        hall=row["hall"],
        roles=frozenset(row["roles"]),
        departments=frozenset(row["departments"]),
        second_factor=row["second_factor"],
        skills=frozenset(row["skills"]),
        windows=frozenset(row["windows"]),
        first_password=row["first_password"],
    )


async def enrol_totp(id: UUID, sealed: bytes) -> bool:
    """Keep a secret that is not confirmed yet; False when there is a confirmed one."""
    return bool(await fetch(ENROL_TOTP, id, sealed))


async def pending_totp(id: UUID) -> bytes | None:
    """Return the sealed secret that waits for its first code."""
    rows = await fetch(PENDING_TOTP, id)
    return rows[0]["totp_sealed"] if rows else None


async def confirm_totp(
    connection: BaseDBAsyncClient, id: UUID, sealed: bytes, now: datetime, step: int
) -> bool:
    """Confirm a secret by its first code; False when it was replaced meanwhile."""
    return bool(await fetch(CONFIRM_TOTP, id, sealed, now, step, connection=connection))


async def use_totp(connection: BaseDBAsyncClient, id: UUID, step: int) -> bool:
    """Use a code's time step up; False when it, or a later one, was used."""
    return bool(await fetch(USE_TOTP, id, step, connection=connection))


async def reset_totp(connection: BaseDBAsyncClient, login: str) -> Changed | None:
    """Take the second factor away; None when there is no such account."""
    rows = await fetch(RESET_TOTP, login, connection=connection)
    return Changed(**rows[0]) if rows else None


async def set_work(
    connection: BaseDBAsyncClient,
    login: str,
    departments: list[str] | None,
    skills: list[str] | None,
) -> Changed | None:
    """Write what a clerk works on, of each what is given; None when there is no such account."""
    rows = await fetch(SET_WORK, login, departments, skills, connection=connection)
    return Changed(**rows[0]) if rows else None
