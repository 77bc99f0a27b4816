"""Our own WeChat for development and tests: api.weixin.qq.com, as it behaves.

The paths of WeChat that we use, with the app's token where WeChat wants it, and
POST /codes          {"openid"?} → {"code", "openid"}: what wx.login gives the mini-program
POST /phone-codes    {"phone", "country"?} → {"code"}: what the phone button gives it
POST /say            {"openid", "text", "way"?, "format"?}: a user writes; we push it to our API
POST /enter          {"openid", "way"?, "format"?}: a user opens the conversation
POST /wrote          {"openids": [openid, …]}: users wrote; who says so pushes it himself
POST /subscribe      {"openid", "template", "count"?}: a user accepts messages of a template
GET  /sent           ?openid=: the messages that users got
GET  /counts         calls a path
PUT  /behaviour      {"mode": "ok" | "error" | "slow" | "garbage", "errcodes": {path: [fault, …]},
                      "strings": bool, "expire_token": bool, "risky": [word, …]}

Codes live five minutes and work once; errors are HTTP 200 with an errcode. `errcodes` are answered
one a call before the path works again: a code, "timeout" (nothing is done, no answer comes) or
"lost" (it is done, but no answer comes). `strings` writes errcode and countryCode as strings.
Five messages within 48 hours of a user's, two within a minute of his entering; a subscription is
used up by one message. Ways to push: see fake_pushing.py.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import segno
from aiohttp import web

from miniapp_api.platform.wechat import crypto, fake_pushing
from miniapp_api.platform.wechat.fake_pushing import Address, Pusher
from miniapp_api.platform.wechat.fake_templates import wrong_field
from miniapp_api.platform.wechat.fake_users import Users
from miniapp_api.settings import Settings

SLOW_SECONDS = 30
CODE_SECONDS = 300
TOKEN_SECONDS = 7200
CHANGE_SECONDS = 300  # an old token works so long after a new one was made
MEDIA_SECONDS = 3 * 86_400
TEXT_BYTES, SCENE_CHARS = 2048, 32
MODES = frozenset({"ok", "error", "slow", "garbage"})
PUSH_PATH = "/chat/wechat/push"

Fault = int | str


@dataclass
class Code:
    """A code, whom or what it stands for, and when it was made."""

    value: str
    made: float
    used: bool = False
    country: str = "86"


class FakeWeChat:
    """Keeps codes, tokens and users in memory; `now` may be replaced to let time pass."""

    def __init__(
        self, now: Callable[[], float] = time.time, address: Address | None = None
    ) -> None:
        self.now = now
        self.pusher = Pusher(address or Address(), lambda: self.now())
        self.reset()

    def reset(self) -> None:
        """Forget everything and behave again."""
        self.mode, self.strings = "ok", False
        self.errcodes: dict[str, deque[Fault]] = defaultdict(deque)
        self.counts: Counter[str] = Counter()
        self.logins: dict[str, Code] = {}
        self.phones: dict[str, Code] = {}
        self.tokens: dict[str, float] = {}  # and when each ends
        self.media: dict[str, float] = {}
        self.risky: set[str] = set()
        self.checked: list[str] = []  # the texts that were checked
        self.users = Users(lambda: self.now())

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(middlewares=[self._behaving], client_max_size=4 * 1024 * 1024)
        app.router.add_get("/sns/jscode2session", self.session)
        app.router.add_post("/cgi-bin/stable_token", self.token)
        for path, handler in self._authorised().items():
            app.router.add_post(path, handler)
        app.router.add_post("/codes", self.make_code)
        app.router.add_post("/phone-codes", self.make_phone_code)
        app.router.add_post("/say", self.say)
        app.router.add_post("/enter", self.enter)
        app.router.add_post("/wrote", self.wrote)
        app.router.add_post("/subscribe", self.accept)
        app.router.add_get("/sent", self.read_sent)
        app.router.add_get("/counts", self.count)
        app.router.add_put("/behaviour", self.behave)
        return app

    def _authorised(self) -> dict[str, Any]:
        """Return what needs the app's token."""
        return {
            "/wxa/business/getuserphonenumber": self.phone,
            "/cgi-bin/message/custom/send": self.customer_message,
            "/cgi-bin/message/custom/typing": self.typing,
            "/cgi-bin/message/subscribe/send": self.subscribe_message,
            "/cgi-bin/media/upload": self.upload,
            "/wxa/msg_sec_check": self.check,
            "/wxa/getwxacodeunlimit": self.wxacode,
        }

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
        fault = self.errcodes[path].popleft() if self.errcodes[path] else 0
        if isinstance(fault, int) and fault:
            return self._failed(fault)
        if fault == "timeout":
            await asyncio.sleep(SLOW_SECONDS)
        if path in self._authorised() and (spent := self._token_fault(request)):
            return self._failed(spent)
        answered: web.StreamResponse = await handler(request)
        if fault == "lost":
            await asyncio.sleep(SLOW_SECONDS)
        return answered

    def _token_fault(self, request: web.Request) -> int:
        ends = self.tokens.get(request.query.get("access_token", ""))
        if ends is None:
            return 40001
        return 42001 if ends <= self.now() else 0

    # -- log-in ----------------------------------------------------------------------------------

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
        self.users.seen[code.value] = self.now()
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
        return self._done(phone_info=info)

    # -- messages --------------------------------------------------------------------------------

    async def customer_message(self, request: web.Request) -> web.Response:
        """custom/send: text and miniprogrampage."""
        asked = await request.json()
        openid, kind = asked.get("touser", ""), asked.get("msgtype")
        message = asked.get(kind) if kind in ("text", "miniprogrampage") else None
        if not isinstance(message, dict):
            return self._failed(40008)
        if kind == "text" and not 0 < len(message.get("content", "").encode()) <= TEXT_BYTES:
            return self._failed(45002)
        if kind == "miniprogrampage":
            kept = self.media.get(message.get("thumb_media_id", ""), float("-inf"))
            if self.now() - kept > MEDIA_SECONDS:
                return self._failed(40007)
        fault = self.users.write(openid, {"kind": kind, **message})
        return self._failed(fault) if fault else self._done()

    async def typing(self, request: web.Request) -> web.Response:
        """custom/typing."""
        openid = (await request.json()).get("touser", "")
        if self.users.may_write(openid):
            return self._failed(45080)
        self.users.typed[openid] += 1
        return self._done()

    async def subscribe_message(self, request: web.Request) -> web.Response:
        """subscribe/send: the fields are checked before the subscription is used up."""
        asked = await request.json()
        if not asked.get("template_id"):
            return self._failed(40037)
        if str(asked.get("page", "")).startswith("/"):
            return self._failed(41030)
        if field := wrong_field(asked.get("data", {})):
            return self._failed(47003, f"argument invalid! data.{field}.value invalid rid: 0")
        message = {"kind": "subscribe", **asked}
        fault = self.users.subscribed(asked.get("touser", ""), asked["template_id"], message)
        return self._failed(fault) if fault else self._done(msgid=secrets.randbits(53))

    async def upload(self, request: web.Request) -> web.Response:
        """media/upload: a picture."""
        part = (await request.post()).get("media")
        if request.query.get("type") != "image" or not isinstance(part, web.FileField):
            return self._failed(40004)
        media = secrets.token_urlsafe(32)
        self.media[media] = self.now()
        return web.json_response(
            {"type": "image", "media_id": media, "created_at": int(self.now())}
        )

    async def check(self, request: web.Request) -> web.Response:
        """msg_sec_check, version 2."""
        asked = await request.json()
        content, openid = asked.get("content", ""), asked.get("openid", "")
        if not content or len(content) > 2500 or asked.get("version") != 2:
            return self._failed(47001)
        if not self.users.active(openid):
            return self._failed(61010)
        self.checked.append(content)
        suggest = "risky" if any(word in content for word in self.risky) else "pass"
        detail = [
            {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": 100},
            {"strategy": "keyword", "errcode": 87014, "suggest": "risky", "label": 20001},
        ]
        return self._done(result={"suggest": suggest, "label": 100}, detail=detail)

    async def wxacode(self, request: web.Request) -> web.Response:
        """getwxacodeunlimit: a picture, or JSON when it failed."""
        asked = await request.json()
        scene, page = asked.get("scene", ""), asked.get("page", "")
        if not 0 < len(scene) <= SCENE_CHARS:
            return self._failed(40169)
        if page.startswith("/"):
            return self._failed(41030)
        picture = io.BytesIO()
        segno.make(f"{page}?scene={scene}").save(picture, kind="png", scale=8)
        return web.Response(body=picture.getvalue(), content_type="image/png")

    # -- what users do ---------------------------------------------------------------------------

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

    async def say(self, request: web.Request) -> web.Response:
        """A user writes."""
        asked = await request.json()
        openid = str(asked.get("openid", "o-somebody"))
        self.users.wrote(openid)
        fields = fake_pushing.text(openid, str(asked.get("text", "")), self.now())
        return await self._push(fields, asked)

    async def wrote(self, request: web.Request) -> web.Response:
        """Users wrote: a load generator pushes so much that we would be what it measures."""
        openids = (await request.json())["openids"]
        for openid in openids:
            self.users.wrote(str(openid))
        return web.json_response({"wrote": len(openids)})

    async def enter(self, request: web.Request) -> web.Response:
        """A user opens the conversation."""
        asked = await request.json()
        openid = str(asked.get("openid", "o-somebody"))
        self.users.entered(openid)
        return await self._push(fake_pushing.entering(openid, self.now()), asked)

    async def _push(self, fields: dict[str, Any], asked: dict[str, Any]) -> web.Response:
        way, format = asked.get("way", "ok"), asked.get("format", "json")
        if way not in fake_pushing.WAYS or format not in fake_pushing.FORMATS:
            return web.json_response({"error": "unknown way or format"}, status=422)
        return web.json_response({"answers": await self.pusher.push(fields, way, format)})

    async def accept(self, request: web.Request) -> web.Response:
        """A user accepts messages of a template."""
        asked = await request.json()
        self.users.subscriptions[asked["openid"], asked["template"]] += asked.get("count", 1)
        return web.json_response({"accepted": True})

    async def read_sent(self, request: web.Request) -> web.Response:
        """Say what users got."""
        openid = request.query.get("openid")
        found = [each for each in self.users.sent if openid in (None, each["openid"])]
        return web.json_response(found)

    async def count(self, _request: web.Request) -> web.Response:
        """Say how often each path was called."""
        return web.json_response(self.counts)

    async def behave(self, request: web.Request) -> web.Response:
        """Switch how we behave."""
        asked = await request.json()
        if asked.get("mode", "ok") not in MODES:
            return web.json_response({"error": "unknown mode"}, status=422)
        self.mode, self.strings = asked.get("mode", "ok"), bool(asked.get("strings"))
        self.risky = set(asked.get("risky", ()))
        self.errcodes.clear()
        for path, codes in asked.get("errcodes", {}).items():
            self.errcodes[path].extend(codes)
        if asked.get("expire_token"):
            self.tokens = dict.fromkeys(self.tokens, 0.0)
        return web.json_response({"mode": self.mode})

    # -- small steps -----------------------------------------------------------------------------

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
        return self.users.too_often(openid)

    def _done(self, **more: Any) -> web.Response:
        zero: int | str = "0" if self.strings else 0
        return web.json_response({"errcode": zero, "errmsg": "ok", **more})

    def _failed(self, code: int, message: str = "") -> web.Response:
        shown = message or f"error {code}"
        return web.json_response({"errcode": str(code) if self.strings else code, "errmsg": shown})


def address_of(settings: Settings) -> Address:
    """Return where our API takes pushes, with the secrets of the installation."""
    ours = settings.secrets
    return Address(
        f"http://127.0.0.1:{settings.server.port}{PUSH_PATH}",
        ours.wechat_push_token.get_secret_value(),
        crypto.aes_key(ours.wechat_aes_key.get_secret_value()),
        settings.wechat.appid,
    )


def make(settings: Settings) -> FakeWeChat:
    """Return a fake that pushes to our API."""
    return FakeWeChat(address=address_of(settings))
