"""The pool and the start of a bare server."""

from __future__ import annotations

import os
import sys

import asyncpg
from sanic import HTTPResponse, Request, Sanic

from miniapp_api.platform.database import credentials
from miniapp_api.settings import load


def bare_app(name: str, *, pool: bool = True) -> Sanic:
    """Make an app that says it is there and, if wanted, has app.ctx.pool."""
    app = Sanic(name, configure_logging=False)
    app.config.update({"ACCESS_LOG": False, "MOTD": False})

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        return HTTPResponse(b"{}", content_type="application/json")

    if pool:

        @app.before_server_start
        async def connect(app: Sanic) -> None:
            most = int(os.environ["FLOOR_POOL"])
            database = credentials(load().database)
            app.ctx.pool = await asyncpg.create_pool(**database, min_size=1, max_size=most)

    return app


def run(app: Sanic) -> None:
    """Serve in this one process, as one API worker does."""
    app.run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True)
