"""How the console joins the app: its subjects' pages, its files, and htmx's and ECharts'."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from sanic import Blueprint, HTTPResponse, Request, Sanic

from miniapp_api.console import agents, desk, joint, login, on_site, reception, windows
from miniapp_api.console.administrator import audit as administrator_audit
from miniapp_api.console.administrator import settings as administrator_settings
from miniapp_api.console.administrator import staff as administrator_staff
from miniapp_api.console.editor import guides as editor_guides
from miniapp_api.console.editor import questions as editor_questions
from miniapp_api.console.editor import versions as editor_versions
from miniapp_api.console.guarding import HEADERS
from miniapp_api.console.manager import appeals as manager_appeals
from miniapp_api.console.manager import closures as manager_closures
from miniapp_api.console.manager import figures as manager_figures
from miniapp_api.console.manager import live as manager_live
from miniapp_api.console.manager import schedule as manager_schedule
from miniapp_api.console.rendering import environment
from miniapp_api.platform.errors import RouteNotFound
from miniapp_api.platform.static_files import File, answer, read_file, read_folder

HERE = Path(__file__).parent
INSTALLED = HERE / "assets" / "node_modules"
# Pinned in assets/package-lock.json; `make setup` installs them.
ASSETS = {
    "assets/htmx.js": INSTALLED / "htmx.org" / "dist" / "htmx.min.js",
    "assets/echarts.js": INSTALLED / "echarts" / "dist" / "echarts.min.js",
}
SUBJECTS = (
    login,
    windows,
    on_site,
    joint,
    desk,
    agents,
    editor_guides,
    editor_versions,
    editor_questions,
    manager_schedule,
    manager_closures,
    manager_live,
    manager_figures,
    manager_appeals,
    reception,
    administrator_staff,
    administrator_audit,
    administrator_settings,
)

files = Blueprint("console_files", url_prefix="/console")


def install(app: Sanic) -> None:
    """Register every subject's pages and, when a worker starts, the templates: app.ctx.console."""
    for each in SUBJECTS:
        app.blueprint(each.room)
    app.blueprint(files)
    app.ctx.console_files = _files()

    @app.before_server_start
    async def start(app: Sanic) -> None:
        app.ctx.console = environment(ZoneInfo(app.ctx.settings.city.timezone))


def _files() -> Mapping[str, File]:
    own = {f"static/{name}": file for name, file in read_folder(HERE / "static").items()}
    return own | {name: read_file(path) for name, path in ASSETS.items() if path.is_file()}


@files.get("/<kind:(?:static|assets)>/<path:path>", name="file")
async def file(request: Request, kind: str, path: str) -> HTTPResponse:
    """Serve a script, style or picture of the console."""
    found = request.app.ctx.console_files.get(f"{kind}/{path}")
    if found is None:
        raise RouteNotFound()
    return answer(request, found, {k: v for k, v in HEADERS.items() if k != "Cache-Control"})
