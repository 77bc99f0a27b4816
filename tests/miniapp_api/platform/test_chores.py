"""Chores: done again and again, also after one failed, until the worker stops."""

from __future__ import annotations

import asyncio

from sanic import HTTPResponse, Request, Sanic
from sanic.response import empty

from miniapp_api.platform import chores, embedded


async def test_a_chore_that_failed_is_done_again_until_the_worker_stops() -> None:
    app, done = Sanic("chores", configure_logging=False), list[Sanic]()
    app.config.TOUCHUP = False  # what Sanic writes anew of itself, it can write once in a process

    @app.get("/")
    async def nothing(request: Request) -> HTTPResponse:
        return empty()

    async def chore(app: Sanic) -> None:
        done.append(app)
        if len(done) == 1:
            raise RuntimeError("once")

    chores.every(app, 0.01, chore, failed="chore_failed")
    port = embedded.free_port()
    server = await app.create_server(host="127.0.0.1", port=port, return_asyncio_server=True)
    assert server is not None
    await server.startup()
    await server.after_start()
    async with asyncio.timeout(60):
        while len(done) < 3:
            await asyncio.sleep(0.01)
    await server.before_stop()
    server.close()
    before = len(done)
    await asyncio.sleep(0.1)
    assert (len(done), set(done)) == (before, {app})
