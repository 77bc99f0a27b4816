"""How the client joins the app: its files, read once when a worker starts."""

from __future__ import annotations

from sanic import Sanic

from miniapp_api.client.routes import room
from miniapp_api.platform.static_files import read_folder
from miniapp_api.settings import ROOT

BUILT = ROOT / "miniapp" / "dist" / "build" / "h5"


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, read the built client: app.ctx.client."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        app.ctx.client = read_folder(BUILT) if BUILT.is_dir() else {}
