"""`shenban api`: one API on this machine, against the configured servers."""

from __future__ import annotations

import asyncio

from sanic import Sanic
from sanic.worker.loader import AppLoader

from miniapp_api.app import create_app
from miniapp_api.commands.common import checked_settings
from miniapp_api.platform import database
from miniapp_api.tables import tables


def run() -> None:
    """Apply migrations under the lock, then serve the API."""
    settings = checked_settings()
    asyncio.run(database.migrate(settings.database, tables(settings)))
    host, port, workers = settings.server.host, settings.server.port, settings.server.workers
    if workers == 1:
        create_app(settings).run(host, port, single_process=True)
        return
    loader = AppLoader(factory=create_app)
    app = loader.load()
    app.prepare(host, port, workers=workers)
    Sanic.serve(primary=app, app_loader=loader)
