"""Our own SMS gateway for development and tests: speaks HTTP, keeps what it was given, can fail.

POST /messages            takes a message (202)
GET  /messages/{phone}    the last message to a number, which is how a developer reads his code
PUT  /behaviour           {"mode": "ok" | "error" | "slow" | "refuse"}
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

SLOW_SECONDS = 30
MODES = frozenset({"ok", "error", "slow", "refuse"})


class FakeSmsGateway:
    """Keeps the last message of every number in memory."""

    def __init__(self) -> None:
        self.mode = "ok"
        self.last: dict[str, dict[str, Any]] = {}

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application()
        app.router.add_post("/messages", self.take)
        app.router.add_get("/messages/{phone}", self.read)
        app.router.add_put("/behaviour", self.behave)
        return app

    async def take(self, request: web.Request) -> web.Response:
        """Take a message, or fail as told."""
        if self.mode == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if self.mode == "error":
            return web.json_response({"error": "gateway broken"}, status=500)
        if self.mode == "refuse":
            return web.json_response({"error": "number blocked"}, status=403)
        message = await request.json()
        self.last[message["phone"]] = message
        return web.json_response({"accepted": True}, status=202)

    async def read(self, request: web.Request) -> web.Response:
        """Return the last message to a number."""
        message = self.last.get(request.match_info["phone"])
        if message is None:
            return web.json_response({"error": "nothing sent"}, status=404)
        return web.json_response(message)

    async def behave(self, request: web.Request) -> web.Response:
        """Switch the mode."""
        mode = (await request.json()).get("mode")
        if mode not in MODES:
            return web.json_response({"error": "unknown mode"}, status=422)
        self.mode = mode
        return web.json_response({"mode": mode})
