"""What every command shares: the settings, the database, or a clear end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import NoReturn

import asyncpg
import typer
from rich.console import Console
from rich.markup import escape
from tortoise import Tortoise

from miniapp_api.platform import database, secrets
from miniapp_api.settings import Settings, SettingsError, load
from miniapp_api.tables import tables

console = Console(stderr=True)
errors = Console(stderr=True, soft_wrap=True)


def checked_settings() -> Settings:
    """Return the settings, or end the program naming what is wrong."""
    try:
        return secrets.complete(load())
    except SettingsError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None


def stop(message: str) -> NoReturn:
    """End the program with a message and exit code 2."""
    errors.print(f"[red]{escape(message)}[/]")
    raise typer.Exit(2)


def with_database[Result](settings: Settings, work: Callable[[], Awaitable[Result]]) -> Result:
    """Do something in the database of the configuration, migrated; or end naming the fault."""
    with reachable(settings) as found:
        try:
            return asyncio.run(_connected(found, work))
        except (OSError, asyncpg.PostgresError) as error:
            stop(f"数据库连不上:{type(error).__name__}")


async def _connected[Result](settings: Settings, work: Callable[[], Awaitable[Result]]) -> Result:
    config = tables(settings)
    await database.migrate(settings.database, config)
    await Tortoise.init(config=config)
    try:
        return await work()
    finally:
        await Tortoise.close_connections()


@contextlib.contextmanager
def reachable(settings: Settings) -> Iterator[Settings]:
    """Start the embedded PostgreSQL, unless another is configured; one that runs is shared."""
    if settings.database.url:
        yield settings
        return
    from miniapp_api.platform import embedded

    with embedded.postgres(settings.data.folder.resolve() / "postgres") as url:
        found = settings.database.model_copy(update={"url": url})
        yield settings.model_copy(update={"database": found})
