"""Our own national identity check for development and tests: speaks HTTP, can fail.

POST /verify               {"name", "id_number"} → {"result": "match" | "mismatch" | "not_found"}
POST /face                 {"token", "id_number"} → the same; a token works once
POST /face-tokens          {"id_number"} → {"token"}: what a phone's face check would give
POST /enterprises/verify   {"uscc", "name", "legal_representative_id_number"} → the same
PUT  /records              {"people": [{"name", "id_number"}], "enterprises": [{"uscc", "name",
                            "legal_representative_id_number"}]}: added to those there are
PUT  /behaviour            {"mode": "ok" | "refuse" | "slow" | "error" | "garbage"}
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from aiohttp import web

SLOW_SECONDS = 30
MODES = frozenset({"ok", "refuse", "slow", "error", "garbage"})
# Numbers from published examples of GB 11643 and GB 32100, names of nobody.
PEOPLE = {
    "11010519491231002X": "王小明",
    "440524188001010014": "李梅",
    "34052419800101001X": "欧阳晓东",
}
ENTERPRISES = {
    "91350100M000100Y43": ("沈阳好味道餐饮有限公司", "11010519491231002X"),
    "91110000802100433B": ("沈阳远大商贸有限公司", "34052419800101001X"),
}


class FakeRealName:
    """Keeps people and enterprises in memory."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Know the seeded ones only, and behave again."""
        self.mode = "ok"
        self.people = dict(PEOPLE)
        self.enterprises = dict(ENTERPRISES)
        self.faces: dict[str, str] = {}
        self.asked = 0

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(middlewares=[self._behaving])
        app.router.add_post("/verify", self.verify)
        app.router.add_post("/face", self.face)
        app.router.add_post("/enterprises/verify", self.verify_enterprise)
        app.router.add_post("/face-tokens", self.make_face_token)
        app.router.add_put("/records", self.record)
        app.router.add_put("/behaviour", self.behave)
        return app

    def face_token(self, id_number: str) -> str:
        """Return a token of the face of a person."""
        token = secrets.token_urlsafe(16)
        self.faces[token] = id_number
        return token

    @web.middleware
    async def _behaving(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.method == "POST" and request.path != "/face-tokens":
            self.asked += 1
            if self.mode == "slow":
                await asyncio.sleep(SLOW_SECONDS)
            if self.mode == "error":
                return web.json_response({"error": "broken"}, status=500)
            if self.mode == "refuse":
                return web.json_response({"error": "not you"}, status=403)
            if self.mode == "garbage":
                return web.Response(text='{"result": ["maybe"', content_type="application/json")
        answer: web.StreamResponse = await handler(request)
        return answer

    async def verify(self, request: web.Request) -> web.Response:
        """Compare a person."""
        asked = await request.json()
        name = self.people.get(asked["id_number"])
        return _verdict(name is not None, name == asked["name"])

    async def face(self, request: web.Request) -> web.Response:
        """Compare a face."""
        asked = await request.json()
        number = self.faces.pop(asked["token"], None)
        return _verdict(number is not None, number == asked["id_number"])

    async def verify_enterprise(self, request: web.Request) -> web.Response:
        """Compare an enterprise."""
        asked = await request.json()
        name, number = self.enterprises.get(asked["uscc"], (None, None))
        same = number == asked["legal_representative_id_number"]
        return _verdict(name is not None and name == asked["name"], same)

    async def make_face_token(self, request: web.Request) -> web.Response:
        """Make a face token."""
        return web.json_response({"token": self.face_token((await request.json())["id_number"])})

    async def record(self, request: web.Request) -> web.Response:
        """Add people and enterprises."""
        asked = await request.json()
        for person in asked.get("people", []):
            self.people[person["id_number"]] = person["name"]
        for each in asked.get("enterprises", []):
            number = each["legal_representative_id_number"]
            self.enterprises[each["uscc"]] = (each["name"], number)
        return web.json_response({"people": len(self.people), "enterprises": len(self.enterprises)})

    async def behave(self, request: web.Request) -> web.Response:
        """Switch the mode."""
        mode = (await request.json()).get("mode")
        if mode not in MODES:
            return web.json_response({"error": "unknown mode"}, status=422)
        self.mode = mode
        return web.json_response({"mode": mode})


def _verdict(found: bool, same: bool) -> web.Response:
    result = "not_found" if not found else "match" if same else "mismatch"
    return web.json_response({"result": result})
