"""PostgreSQL: connections, transactions, and migrations applied once under a lock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
from sanic import Sanic
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.migrations.api import migrate as apply_migrations
from tortoise.transactions import in_transaction

from miniapp_api.settings import Database

MIGRATION_LOCK = 0x53_48_45_4E  # "SHEN": any constant that only we use
Rows = Sequence[dict[str, Any]]
PACKAGE = Path(__file__).resolve().parents[1]
APPLIED = "SELECT app, name FROM tortoise_migrations"


def credentials(settings: Database) -> dict[str, Any]:
    """Return asyncpg's arguments; a unix socket's folder travels as the host."""
    parts = urlsplit(settings.url)
    query = dict(parse_qsl(parts.query))
    return {
        "host": query.get("host") or parts.hostname or "127.0.0.1",
        "port": parts.port or int(query.get("port", 5432)),
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password or ""),
        "database": parts.path.lstrip("/") or "postgres",
    }


async def _leave(_connection: Any) -> None:
    """Spare the round trip of RESET ALL at every release: we change no session state.

    asyncpg itself still rolls back a transaction that was left open.
    """


def configuration(settings: Database, rooms: Sequence[str]) -> dict[str, Any]:
    """Return Tortoise's configuration: one app, with its own migrations, per room with tables."""
    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": {
                    **credentials(settings),
                    "minsize": 1,
                    "maxsize": settings.pool_size,
                    "command_timeout": settings.timeout_seconds,
                    "reset": _leave,
                },
            }
        },
        "apps": {
            room: {
                "models": [f"miniapp_api.{room}.models"],
                "migrations": f"miniapp_api.{room}.migrations",
                "default_connection": "default",
            }
            for room in rooms
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def install(app: Sanic, config: dict[str, Any]) -> None:
    """Open the pool when a worker starts and close it when it stops."""

    @app.before_server_start
    async def open_pool(_app: Sanic) -> None:
        await Tortoise.init(config=config, _enable_global_fallback=True)

    @app.after_server_stop
    async def close_pool(_app: Sanic) -> None:
        await Tortoise.close_connections()


async def migrate(settings: Database, config: dict[str, Any]) -> None:
    """Apply outstanding migrations; a second process that starts meanwhile waits."""
    guard = await asyncpg.connect(**credentials(settings))
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        await apply_migrations(config=config)
    finally:
        await Tortoise.close_connections()
        await guard.close()  # closing the session releases the lock, whatever happened


async def outstanding() -> list[str]:
    """Return the migrations that this code has and the database has not, as room/name."""
    applied = {(row["app"], row["name"]) for row in await fetch(APPLIED)}
    written = {(path.parts[-3], path.stem) for path in PACKAGE.glob("*/migrations/[0-9]*.py")}
    return sorted(f"{room}/{name}" for room, name in written - applied)


@asynccontextmanager
async def transaction() -> AsyncIterator[BaseDBAsyncClient]:
    """One use case, one transaction: everything inside commits together or not at all."""
    async with in_transaction("default") as connection:
        yield connection


async def read(sql: str, *values: Any) -> Sequence[Mapping[str, Any]]:
    """Run a SELECT and return its rows as they come, without a dict for each."""
    _, rows = await get_connection("default").execute_query(sql, list(values))
    return rows


async def fetch(sql: str, *values: Any, connection: BaseDBAsyncClient | None = None) -> Rows:
    """Run a query and return its rows as dicts."""
    client = connection or get_connection("default")
    return await client.execute_query_dict(sql, list(values))
