"""The queries of failed log-ins: a row per account and period, gone when the trail was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import fetch

REASONS = ("password", "code", "disabled", "lapsed", "locked")
# Those that were locked out are counted elsewhere: here stands the highest count that came.
COUNT = """
INSERT INTO login_failure AS f (subject, hall, began_at, first_at, last_at,
                                password, code, disabled, lapsed, locked)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)
ON CONFLICT (subject, began_at) DO UPDATE
SET last_at = greatest(f.last_at, excluded.last_at), password = f.password + excluded.password,
    code = f.code + excluded.code, disabled = f.disabled + excluded.disabled,
    lapsed = f.lapsed + excluded.lapsed, locked = greatest(f.locked, excluded.locked)
RETURNING xmax = 0 AS first
"""
TAKE_PAST = """
DELETE FROM login_failure WHERE id IN (
    SELECT id FROM login_failure WHERE began_at < $1 ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED
) RETURNING subject, hall, first_at, last_at, password, code, disabled, lapsed, locked
"""
HALLS = "SELECT DISTINCT hall FROM staff_account WHERE disabled_at IS NULL ORDER BY hall"


@dataclass(frozen=True)
class Failures:
    """How often log-ins failed in a period."""

    subject: str
    hall: str | None  # None: nobody has the login
    first_at: datetime
    last_at: datetime
    password: int
    code: int
    disabled: int
    lapsed: int
    locked: int

    @property
    def tries(self) -> int:
        """How many there were; of those locked out at least so many."""
        return sum(getattr(self, reason) for reason in REASONS)

    def detail(self, zone: tzinfo | None) -> dict[str, Any]:
        """Return them as the trail says it."""
        counted = {reason: getattr(self, reason) for reason in REASONS if getattr(self, reason)}
        span = {"first": self.first_at, "last": self.last_at}
        return counted | {name: at.astimezone(zone).isoformat() for name, at in span.items()}


async def count(
    connection: BaseDBAsyncClient,
    subject: str,
    hall: str | None,
    began_at: datetime,
    reason: str,
    tries: int,
    now: datetime,
) -> bool:
    """Count failures of a reason; True for the first of the subject and period."""
    counts = [tries if each == reason else 0 for each in REASONS]
    values = (subject, hall, began_at, now, *counts)
    (row,) = await fetch(COUNT, *values, connection=connection)
    return bool(row["first"])


async def take_past(connection: BaseDBAsyncClient, before: datetime) -> list[Failures]:
    """Delete and return what was counted in periods that began before a moment."""
    rows = await fetch(TAKE_PAST, before, connection=connection)
    return [Failures(**row) for row in rows]


async def halls(connection: BaseDBAsyncClient) -> list[str]:
    """Return the halls that have staff."""
    return [row["hall"] for row in await fetch(HALLS, connection=connection)]
