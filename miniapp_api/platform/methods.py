"""PATCH for clients that have none: WeChat's wx.request knows GET, POST, PUT and DELETE only."""

from __future__ import annotations

from sanic import Request, Sanic

HEADER = "X-HTTP-Method-Override"


def install(app: Sanic) -> None:
    """Take a POST that says it means PATCH for one, before its route is looked for."""

    @app.signal("http.routing.before")
    async def override(request: Request) -> None:
        if request.method == "POST" and request.headers.get(HEADER) == "PATCH":
            request.method = "PATCH"
