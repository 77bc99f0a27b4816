"""The hall's screen (大厅叫号屏): a page for the television above the windows, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from sanic import Blueprint, HTTPResponse, Request

from miniapp_api.hall.errors import HallUnknown
from miniapp_api.platform.errors import RouteNotFound
from miniapp_api.platform.static_files import File, answer, read_folder

HERE = Path(__file__).parent
HTML = "text/html; charset=utf-8"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
TEMPLATES = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape())
FILES: Mapping[str, File] = read_folder(HERE / "static")

room = Blueprint("screen", url_prefix="/screen")


@room.get("/<hall:str>")
async def screen(request: Request, hall: str) -> HTTPResponse:
    """Show the screen of a hall (叫号屏)."""
    ctx = request.app.ctx
    names = {each.id: each.name for each in ctx.guides.halls()}
    if hall not in names:
        raise HallUnknown()
    heartbeat = ctx.settings.hall.heartbeat_seconds
    page = TEMPLATES.get_template("screen.html").render(
        hall=hall, name=names[hall], city=ctx.settings.city.name, heartbeat=heartbeat
    )
    return HTTPResponse(page, content_type=HTML, headers={**HEADERS, "Cache-Control": "no-cache"})


@room.get("/files/<name:str>", name="screen_file")
async def file(request: Request, name: str) -> HTTPResponse:
    """Serve the screen's script or style."""
    found = FILES.get(name)
    if found is None:
        raise RouteNotFound()
    return answer(request, found, HEADERS)
