"""Our own WeChat Pay for development and tests: it signs, encrypts and notifies, and can misbehave.

The routes of api.mch.weixin.qq.com that we use, and
GET  /cgi-bin/mmpayweb-bin/checkmweb  the cashier's page for browsers (see fake_cashier)
POST /pay/{out_trade_no}  the citizen pays; {"although_closed": true} even a closed order
PUT  /behaviour           {"api": …, "notify": …, "refund": …, "bill": …, "seconds": …}
  api     ok · error (500) · garbage · slow · forge (wrongly signed) · unsigned
          or an error code such as NOT_ENOUGH, which every POST is then refused with
  notify  ok · delay · duplicate · lose · wrong_signature · tampered · other_amount
          · other_merchant · stale · unknown_serial · unsealed (of another key)
  refund  SUCCESS · PROCESSING · ABNORMAL · CLOSED: what becomes of refunds from now on
  bill    ok · altered
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from miniapp_api.payments import fake_cashier, keys
from miniapp_api.payments import wechat_pay_crypto as crypto
from miniapp_api.payments.fake_ledger import FakeOrder, FakeRefund, Fault, Ledger
from miniapp_api.payments.wechat_pay_shapes import moment
from miniapp_api.platform.clock import Clock, SystemClock
from miniapp_api.settings import Settings

API_MODES = ("ok", "error", "garbage", "slow", "forge", "unsigned")
NOTIFY_MODES = (
    "ok", "delay", "duplicate", "lose", "wrong_signature", "tampered", "other_amount",
    "other_merchant", "stale", "unknown_serial", "unsealed",
)  # fmt: skip
REFUND_STATES = ("SUCCESS", "PROCESSING", "ABNORMAL", "CLOSED")
BILL_MODES = ("ok", "altered")
RETRIES = 3  # WeChat Pay tries up to 15 times
COPIES = 5  # of a notification that is duplicated
STALE_SECONDS = 600
AUTHORIZATION = re.compile(
    rf'{crypto.SCHEMA} mchid="(?P<mchid>\d+)",nonce_str="(?P<nonce>\w+)",'
    r'signature="(?P<signature>[^"]+)",timestamp="(?P<timestamp>\d+)",serial_no="(?P<serial>\w+)"'
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Behaviour:
    """How the fake behaves."""

    api: str = "ok"
    notify: str = "ok"
    refund: str = "SUCCESS"
    bill: str = "ok"
    seconds: float = 1.0  # of a delay, and between tries

    def fault(self) -> str | None:
        """Name what cannot be meant, or return None."""
        coded = re.fullmatch(r"[A-Z_]{3,40}", self.api)
        if self.api not in API_MODES and not coded:
            return "api"
        known = {"notify": NOTIFY_MODES, "refund": REFUND_STATES, "bill": BILL_MODES}
        return next((name for name, all in known.items() if getattr(self, name) not in all), None)


class FakeWeChatPay:
    """WeChat Pay of one merchant, in memory."""

    def __init__(
        self, ours: crypto.Keys, serial: str, key: RSAPrivateKey, mchid: str, clock: Clock
    ) -> None:
        self._merchant = ours
        self._serial = serial
        self._key = key
        self._mchid = mchid
        self._clock = clock
        self._nonces: set[str] = set()
        self._bills: dict[str, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.ledger = Ledger()
        self._cashier = fake_cashier.Cashier(lambda: self.ledger, clock, self.tell_paid)
        self.behaviour = Behaviour()
        self.calls: list[str] = []  # "POST /v3/…", as they came
        self.answers: list[tuple[int, str]] = []  # to our notifications
        self.sent: list[tuple[dict[str, str], bytes]] = []  # our notifications

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(middlewares=[self._checked])
        trade = "/v3/pay/transactions"
        app.router.add_post(f"{trade}/jsapi", self._order)
        app.router.add_post(f"{trade}/h5", self._browser_order)
        app.router.add_get(f"{trade}/out-trade-no/{{number}}", self._query)
        app.router.add_post(f"{trade}/out-trade-no/{{number}}/close", self._close)
        app.router.add_post("/v3/refund/domestic/refunds", self._refund)
        app.router.add_get("/v3/refund/domestic/refunds/{number}", self._query_refund)
        app.router.add_get("/v3/bill/tradebill", self._bill)
        app.router.add_get("/v3/billdownload/file", self._download)
        app.router.add_post("/pay/{number}", self._pay)
        app.router.add_put("/behaviour", self._behave)
        self._cashier.join(app)
        return app

    async def settled(self) -> None:
        """Wait until all notifications were sent."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.sleep(0)  # of tasks that are done, gather alone lets nobody take note

    # -- the API: every request's signature is checked, every reply is signed ---------------------

    @web.middleware
    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/v3/"):
            return await handler(request)
        body = await request.read()
        self.calls.append(f"{request.method} {request.path_qs}")
        mode = self.behaviour.api
        if mode == "slow":
            await asyncio.sleep(self.behaviour.seconds)
        try:
            if not self._signed_by_merchant(request, body):
                raise Fault(401, "SIGN_ERROR")
            if mode not in API_MODES and request.method == "POST":
                raise Fault(403, mode)
            if mode == "error":
                raise Fault(500, "SYSTEM_ERROR")
            reply = await handler(request)
        except Fault as fault:
            shown = {"code": fault.code, "message": fault.code}
            reply = web.json_response(shown, status=fault.status)
        return self._signed(reply)

    def _signed_by_merchant(self, request: web.Request, body: bytes) -> bool:
        found = AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        if not found or found["nonce"] in self._nonces:
            return False
        self._nonces.add(found["nonce"])
        message = crypto.signed_request(
            request.method, request.raw_path, found["timestamp"], found["nonce"], body
        )
        right = crypto.sign(self._merchant.private, message)  # RSA with PKCS #1 v1.5: always equal
        fresh = abs(self._clock.now().timestamp() - int(found["timestamp"])) < STALE_SECONDS
        named = (found["mchid"], found["serial"]) == (self._mchid, self._merchant.serial)
        return fresh and named and found["signature"] == right

    def _signed(self, reply: web.StreamResponse) -> web.StreamResponse:
        if not isinstance(reply, web.Response) or reply.headers.get("X-Unsigned"):
            return reply
        mode = self.behaviour.api
        content = b"<html>502" if mode == "garbage" else bytes(reply.body or b"")  # type: ignore[arg-type]
        if mode == "garbage":
            reply = web.Response(body=content, status=reply.status or 200)
        if mode != "unsigned":
            signed = content + b" " if mode == "forge" else content
            reply.headers.update(self._signature(signed))
        return reply

    def _signature(self, body: bytes, age: int = 0) -> dict[str, str]:
        timestamp, nonce = int(self._clock.now().timestamp()) - age, secrets.token_hex(16)
        return {
            "Wechatpay-Timestamp": str(timestamp),
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self._serial,
            "Wechatpay-Signature": crypto.sign(
                self._key, crypto.signed_reply(timestamp, nonce, body)
            ),
        }

    async def _order(self, request: web.Request) -> web.Response:
        return web.json_response({"prepay_id": self.ledger.order(await request.json()).prepay_id})

    async def _browser_order(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if not fake_cashier.scene_known(asked):
            raise Fault(400, "PARAM_ERROR")
        order = self.ledger.order(asked)
        return web.json_response({"h5_url": self._cashier.open(order, request)})

    async def _query(self, request: web.Request) -> web.Response:
        if request.query.get("mchid") != self._mchid:
            raise Fault(400, "PARAM_ERROR")
        return web.json_response(self.ledger.find(request.match_info["number"]).shown())

    async def _close(self, request: web.Request) -> web.Response:
        self.ledger.close(request.match_info["number"])
        return web.Response(status=204)

    async def _refund(self, request: web.Request) -> web.Response:
        asked = await request.json()
        fresh = asked["out_refund_no"] not in self.ledger.refunds
        refund = self.ledger.refund(asked, self._clock.now())
        reply = web.json_response(refund.shown())
        if fresh and self.behaviour.refund != "PROCESSING":
            self.finish(refund, self.behaviour.refund)
        return reply

    def finish(self, refund: FakeRefund, state: str) -> None:
        """Let a refund come to an end, and tell."""
        refund.state = state
        refund.done_at = self._clock.now() if state == "SUCCESS" else None
        said = {"mchid": self._mchid, **refund.shown("refund_status")}
        self._tell(refund.asked["notify_url"], f"REFUND.{state}", "refund", said)

    async def _query_refund(self, request: web.Request) -> web.Response:
        return web.json_response(self.ledger.find_refund(request.match_info["number"]).shown())

    async def _bill(self, request: web.Request) -> web.Response:
        content = self.ledger.bill(request.query["bill_date"])
        token = secrets.token_hex(16)
        self._bills[token] = content
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        url = f"{request.scheme}://{request.host}/v3/billdownload/file?token={token}"
        shown = {"hash_type": "SHA1", "hash_value": digest, "download_url": url}
        return web.json_response(shown)

    async def _download(self, request: web.Request) -> web.Response:
        content = self._bills.pop(request.query.get("token", ""), b"")
        if self.behaviour.bill == "altered":
            content = content.replace(b"SUCCESS", b"REVOKED")
        return web.Response(body=content, headers={"X-Unsigned": "1"})

    # -- the citizen pays, and we tell ------------------------------------------------------------

    async def _pay(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        try:
            order = self.ledger.pay(
                request.match_info["number"],
                self._clock.now(),
                although_closed=body.get("although_closed") is True,
            )
        except Fault as fault:
            return web.json_response({"code": fault.code}, status=fault.status)
        self.tell_paid(order)
        return web.json_response({"transaction_id": order.transaction_id})

    def tell_paid(self, order: FakeOrder) -> None:
        """Notify that an order was paid, in the way we behave."""
        said = order.shown()
        if self.behaviour.notify == "other_amount":
            said["amount"] = {**said["amount"], "total": order.total - 1}
        if self.behaviour.notify == "other_merchant":
            said["mchid"] = "1900000999"
        self._tell(order.asked["notify_url"], "TRANSACTION.SUCCESS", "transaction", said)

    def _tell(self, url: str, event: str, original: str, said: dict[str, Any]) -> None:
        if self.behaviour.notify == "lose":
            return
        task = asyncio.create_task(self._notify(url, self._notification(event, original, said)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _notification(self, event: str, original: str, said: dict[str, Any]) -> bytes:
        nonce = secrets.token_hex(6)
        key = bytes(32) if self.behaviour.notify == "unsealed" else self._merchant.api_key
        return orjson.dumps(
            {
                "id": str(uuid4()),
                "create_time": moment(self._clock.now()),
                "resource_type": "encrypt-resource",
                "event_type": event,
                "summary": event,
                "resource": {
                    "original_type": original,
                    "algorithm": crypto.ALGORITHM,
                    "ciphertext": crypto.seal(key, nonce, original, orjson.dumps(said)),
                    "associated_data": original,
                    "nonce": nonce,
                },
            }
        )

    async def _notify(self, url: str, body: bytes) -> None:
        mode = self.behaviour.notify
        if mode == "delay":
            await asyncio.sleep(self.behaviour.seconds)
        copies = COPIES if mode == "duplicate" else 1
        async with aiohttp.ClientSession() as session:
            for _ in range(RETRIES):
                posts = [self._post(session, url, body, mode) for _ in range(copies)]
                if all(await asyncio.gather(*posts)):
                    return
                await asyncio.sleep(self.behaviour.seconds)

    async def _post(self, session: aiohttp.ClientSession, url: str, body: bytes, mode: str) -> bool:
        headers = self._headers(body, mode)
        if mode == "tampered":
            body = body.replace(b"TRANSACTION.SUCCESS", b"TRANSACTION.SUCCESs")
        self.sent.append((headers, body))
        try:
            async with session.post(url, data=body, headers=headers) as reply:
                self.answers.append((reply.status, await reply.text()))
                return reply.status < 300
        except aiohttp.ClientError:
            return False

    def _headers(self, body: bytes, mode: str) -> dict[str, str]:
        headers = self._signature(body, STALE_SECONDS if mode == "stale" else 0)
        if mode == "wrong_signature":
            headers["Wechatpay-Signature"] = self._signature(body + b" ")["Wechatpay-Signature"]
        if mode == "unknown_serial":
            headers["Wechatpay-Serial"] = "0" * 40
        return {**headers, "Content-Type": "application/json"}

    async def _behave(self, request: web.Request) -> web.Response:
        wanted: Any = await request.json()
        try:
            behaviour = Behaviour(**wanted)
        except TypeError:
            return web.json_response({"error": "unknown behaviour"}, status=422)
        if fault := behaviour.fault():
            return web.json_response({"error": f"unknown {fault}"}, status=422)
        self.behaviour = behaviour
        return web.json_response(json.loads(orjson.dumps(behaviour)))


def make(settings: Settings, clock: Clock | None = None) -> FakeWeChatPay:
    """Return a fake with the keys of the data folder."""
    serial, key = keys.load_fake(settings)
    clock = clock or SystemClock(settings.city.timezone)
    return FakeWeChatPay(keys.load(settings), serial, key, settings.payments.mchid, clock)
