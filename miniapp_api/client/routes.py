"""HTTP out of the client: its pages and files, and what it is told about this installation."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from miniapp_api.client.schemas import ClientConfig
from miniapp_api.platform.auth import Auth
from miniapp_api.platform.errors import RouteNotFound
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.static_files import answer

room = Blueprint("client")

PAGE = "index.html"
HTML = "text/html; charset=utf-8"
# Scripts and styles are our own files; uni-app writes style attributes, which need 'unsafe-inline'.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self)",
}
NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>沈办</title>
<h1>页面还没有准备好</h1><p>请用 make run 启动，它会先把页面做好。</p>"""


@endpoint(
    room,
    "GET",
    "/client/config",
    auth=Auth.PUBLIC,
    summary="What the client needs to know about this installation",
    returns=ClientConfig,
)
async def config(request: Request) -> ClientConfig:
    """Tell the client about this installation (客户端配置)."""
    settings = request.app.ctx.settings
    return ClientConfig(
        city=settings.city.name,
        hotline=settings.city.hotline,
        hall=request.app.ctx.guides.handbook.hall.id,
        demo_sms=None if settings.sms.url else f"http://127.0.0.1:{settings.sms.fake_port}/",
    )


@room.get("/", name="home")
async def home(request: Request) -> HTTPResponse:
    """Serve the client's first page."""
    return _page(request)


@room.get("/pages/<path:path>", name="page")
async def page(request: Request, path: str) -> HTTPResponse:
    """Serve any page of the client: the client itself looks at the address."""
    return _page(request)


@room.get("/assets/<path:path>", name="assets")
async def asset(request: Request, path: str) -> HTTPResponse:
    """Serve a script, style or picture of the client."""
    return _found(request, f"assets/{path}")


@room.get("/static/<path:path>", name="static")
async def static(request: Request, path: str) -> HTTPResponse:
    """Serve a picture of the client whose name stays."""
    return _found(request, f"static/{path}")


def _page(request: Request) -> HTTPResponse:
    file = request.app.ctx.client.get(PAGE)
    if file is None:
        return HTTPResponse(NOT_BUILT, status=503, content_type=HTML, headers=HEADERS)
    return answer(request, file, HEADERS)


def _found(request: Request, path: str) -> HTTPResponse:
    file = request.app.ctx.client.get(path)
    if file is None:
        raise RouteNotFound()
    return answer(request, file, HEADERS)
