"""Our own WeChat for development and tests: the log-in part of api.weixin.qq.com, as it behaves.

GET  /sns/jscode2session, POST /cgi-bin/stable_token, POST /wxa/business/getuserphonenumber
POST /codes          {"openid"?} → {"code", "openid"}: what wx.login gives the mini-program
POST /phone-codes    {"phone", "country"?} → {"code"}: what the phone button gives it
GET  /counts         calls a path
PUT  /behaviour      {"mode": "ok" | "error" | "slow" | "garbage", "errcodes": {path: [code, …]},
                      "strings": bool, "expire_token": bool}

Codes live five minutes and work once; errors are HTTP 200 with an errcode. `errcodes` are answered
one a call before the path works again; `strings` writes errcode and countryCode as strings.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

SLOW_SECONDS = 30
CODE_SECONDS = 300
TOKEN_SECONDS = 7200
CHANGE_SECONDS = 300  # an old token works so long after a new one was made
PER_MINUTE = 100
MODES = frozenset({"ok", "error", "slow", "garbage"})


@dataclass
class Code:
    """A code, whom or what it stands for, and when it was made."""

    value: str
    made: float
    used: bool = False
    country: str = "86"


class FakeWeChat:
    """Keeps codes and tokens in memory; `now` may be replaced to let time pass."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.reset()

    def reset(self) -> None:
        """Forget everything and behave again."""
        self.mode, self.strings = "ok", False
        self.errcodes: dict[str, deque[int]] = defaultdict(deque)
        self.counts: Counter[str] = Counter()
        self.logins: dict[str, Code] = {}
        self.phones: dict[str, Code] = {}
        self.tokens: dict[str, float] = {}  # and when each ends
        self.asked: dict[str, deque[float]] = defaultdict(deque)

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(middlewares=[self._behaving])
        app.router.add_get("/sns/jscode2session", self.session)
        app.router.add_post("/cgi-bin/stable_token", self.token)
        app.router.add_post("/wxa/business/getuserphonenumber", self.phone)
        app.router.add_post("/codes", self.make_code)
        app.router.add_post("/phone-codes", self.make_phone_code)
        app.router.add_get("/counts", self.count)
        app.router.add_put("/behaviour", self.behave)
        return app

    def login_code(self, openid: str | None = None) -> str:
        """Return a log-in code of a user."""
        code = secrets.token_urlsafe(16)
        self.logins[code] = Code(openid or f"o{secrets.token_urlsafe(20)}", self.now())
        return code

    def phone_code(self, phone: str, country: str = "86") -> str:
        """Return a code that stands for a phone number."""
        code = secrets.token_hex(32)
        self.phones[code] = Code(phone, self.now(), country=country)
        return code

    @web.middleware
    async def _behaving(self, request: web.Request, handler: Any) -> web.StreamResponse:
        path = request.path
        if not path.startswith(("/sns/", "/cgi-bin/", "/wxa/")):
            answer: web.StreamResponse = await handler(request)
            return answer
        self.counts[path] += 1
        if self.mode == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if self.mode == "error":
            return web.Response(status=502, text="bad gateway")
        if self.mode == "garbage":
            return web.Response(text="<html>维护中</html>")
        if self.errcodes[path]:
            return self._failed(self.errcodes[path].popleft())
        answered: web.StreamResponse = await handler(request)
        return answered

    async def session(self, request: web.Request) -> web.Response:
        """code2Session."""
        query = request.query
        if not query.get("appid"):
            return self._failed(41002)
        if not query.get("secret"):
            return self._failed(41004)
        if not query.get("js_code"):
            return self._failed(41008)
        code, failed = self._spend(self.logins, query["js_code"])
        if code is None:
            return self._failed(failed)
        if self._too_often(code.value):
            return self._failed(45011)
        # As WeChat does it: text/plain, and no errcode when all is well.
        body = {"openid": code.value, "session_key": secrets.token_urlsafe(18)}
        return web.json_response(body, content_type="text/plain")

    async def token(self, request: web.Request) -> web.Response:
        """stable_token: the same one until it is nearly over."""
        asked = await request.json()
        if not asked.get("appid") or not asked.get("secret"):
            return self._failed(40013)
        now = self.now()
        lasting = [t for t, end in self.tokens.items() if end - now > CHANGE_SECONDS]
        if not lasting or asked.get("force_refresh"):
            for old in self.tokens:
                self.tokens[old] = min(self.tokens[old], now + CHANGE_SECONDS)
            lasting = [secrets.token_urlsafe(64)]
            self.tokens[lasting[0]] = now + TOKEN_SECONDS
        seconds = int(self.tokens[lasting[-1]] - now)
        return web.json_response({"access_token": lasting[-1], "expires_in": seconds})

    async def phone(self, request: web.Request) -> web.Response:
        """getuserphonenumber."""
        ends = self.tokens.get(request.query.get("access_token", ""))
        if ends is None:
            return self._failed(40001)
        if ends <= self.now():
            return self._failed(42001)
        code, failed = self._spend(self.phones, (await request.json()).get("code", ""))
        if code is None:
            # Of a phone code WeChat does not say whether it was used.
            return self._failed(40029 if failed == 40163 else failed)
        country: int | str = code.country if self.strings else int(code.country)
        number = code.value if code.country == "86" else f"+{code.country}{code.value}"
        info = {
            "phoneNumber": number,
            "purePhoneNumber": code.value,
            "countryCode": country,
            "watermark": {"timestamp": int(self.now()), "appid": ""},
        }
        zero: int | str = "0" if self.strings else 0
        return web.json_response({"errcode": zero, "errmsg": "ok", "phone_info": info})

    async def make_code(self, request: web.Request) -> web.Response:
        """Make a log-in code."""
        code = self.login_code((await request.json()).get("openid"))
        return web.json_response({"code": code, "openid": self.logins[code].value})

    async def make_phone_code(self, request: web.Request) -> web.Response:
        """Make a phone code."""
        asked = await request.json()
        return web.json_response(
            {"code": self.phone_code(asked["phone"], asked.get("country", "86"))}
        )

    async def count(self, _request: web.Request) -> web.Response:
        """Say how often each path was called."""
        return web.json_response(self.counts)

    async def behave(self, request: web.Request) -> web.Response:
        """Switch how we behave."""
        asked = await request.json()
        if asked.get("mode", "ok") not in MODES:
            return web.json_response({"error": "unknown mode"}, status=422)
        self.mode, self.strings = asked.get("mode", "ok"), bool(asked.get("strings"))
        self.errcodes.clear()
        for path, codes in asked.get("errcodes", {}).items():
            self.errcodes[path].extend(codes)
        if asked.get("expire_token"):
            self.tokens = dict.fromkeys(self.tokens, 0.0)
        return web.json_response({"mode": self.mode})

    def _spend(self, codes: dict[str, Code], name: str) -> tuple[Code | None, int]:
        """Return a code that was good until now, or why it is not."""
        code = codes.get(name)
        if code is None or self.now() - code.made > CODE_SECONDS:
            return None, 40029
        if code.used:
            return None, 40163
        code.used = True
        return code, 0

    def _too_often(self, openid: str) -> bool:
        """Count a user's log-ins of the last minute."""
        times, now = self.asked[openid], self.now()
        while times and now - times[0] > 60:
            times.popleft()
        times.append(now)
        return len(times) > PER_MINUTE

    def _failed(self, code: int) -> web.Response:
        body = {"errcode": str(code) if self.strings else code, "errmsg": f"error {code}"}
        return web.json_response(body)
