"""Our own SMS gateway for development and tests: speaks HTTP, keeps what it was given, can fail.

POST /messages            takes a message (202)
GET  /                    the last messages as a page: a simulated phone (模拟手机)
GET  /messages/{phone}    the last message to a number, which is how a developer reads his code
PUT  /behaviour           {"mode": "ok" | "error" | "slow" | "refuse"}
"""

from __future__ import annotations

import asyncio
from collections import deque
from html import escape
from typing import Any

from aiohttp import web

SLOW_SECONDS = 30
SHOWN = 20  # messages on the simulated phone
MODES = frozenset({"ok", "error", "slow", "refuse"})
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>模拟手机</title>
<meta http-equiv="refresh" content="3"><meta name="viewport" content="width=device-width">
<style>body{{font:18px/1.6 sans-serif;max-width:30em;margin:0 auto;padding:16px;
color:#17202a;background:#f2f5f9}}li{{list-style:none;margin:0 0 12px;padding:12px 16px;
border-radius:14px;background:#fff}}ul{{padding:0}}b{{font-size:1.6em;letter-spacing:.1em}}</style>
<h1>模拟手机</h1><p>这里代替真的短信，只在演示环境有。页面会自己刷新。</p>{list}</html>"""
NOTHING = "<p>还没有短信。</p>"


class FakeSmsGateway:
    """Keeps the last message of every number in memory, and the last of all for the page."""

    def __init__(self) -> None:
        self.mode = "ok"
        self.last: dict[str, dict[str, Any]] = {}
        self.recent: deque[dict[str, Any]] = deque(maxlen=SHOWN)

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application()
        app.router.add_post("/messages", self.take)
        app.router.add_get("/", self.show)
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
        self.recent.appendleft(message)
        return web.json_response({"accepted": True}, status=202)

    async def show(self, request: web.Request) -> web.Response:
        """Show the last messages, the newest first."""
        lines = "".join(f"<li>{_line(message)}</li>" for message in self.recent)
        page = PAGE.format(list=f"<ul>{lines}</ul>" if lines else NOTHING)
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return web.Response(text=page, content_type="text/html", headers=headers)

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


def _line(message: dict[str, Any]) -> str:
    """One message as the phone shows it: its code large, anything else as it came."""
    said = dict(message.get("parameters", {}))
    code = said.pop("code", None)
    shown = f"验证码 <b>{escape(str(code))}</b>" if code else ""
    if "minutes" in said:
        shown += f"，{escape(str(said.pop('minutes')))}分钟内有效"
    shown += escape(str(said.pop("text", "")))
    rest = "，".join(f"{escape(str(k))} {escape(str(v))}" for k, v in said.items())
    return f"发给 {escape(str(message['phone']))}<br>{shown} {rest}"
