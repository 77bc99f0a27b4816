"""A store that speaks as much S3 as we use: PUT, GET and DELETE of an object."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from miniapp_api.platform import embedded


@asynccontextmanager
async def serve_s3() -> AsyncIterator[tuple[str, dict[str, bytes]]]:
    """Serve on loopback; yields the address and the objects by path."""
    objects: dict[str, bytes] = {}

    async def answer(request: web.Request) -> web.Response:
        assert "AWS4-HMAC-SHA256" in request.headers.get("Authorization", "")
        if request.method == "PUT":
            objects[request.path] = await request.read()
            return web.Response(headers={"ETag": '"x"'})
        if request.method == "DELETE":
            objects.pop(request.path, None)
            return web.Response(status=204)
        if request.path not in objects:
            return web.Response(status=404)
        return web.Response(body=objects[request.path])

    app, port = web.Application(client_max_size=1 << 26), embedded.free_port()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}", objects
    await runner.cleanup()
