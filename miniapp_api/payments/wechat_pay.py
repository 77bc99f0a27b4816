"""WeChat Pay v3 (微信支付): a Protocol, the client, and what can go wrong.

The bytes that are signed are the bytes that are sent. A reply counts only when it is signed by
WeChat Pay; everything else — silence, 5xx, an unsigned or altered reply — is PayUnavailable: the
outcome is unknown and has to be asked for. PayRejected is a signed No.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import orjson
from yarl import URL

from miniapp_api.payments import bill
from miniapp_api.payments import wechat_pay_crypto as crypto
from miniapp_api.payments import wechat_pay_shapes as shapes
from miniapp_api.payments.errors import PayRejected, PayUnavailable
from miniapp_api.payments.rules import BillRow, RefundNews, Trade
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.logs import log

LARGEST_REPLY = 1_048_576
LARGEST_BILL = 256 * 1_048_576
BILL_HOSTS = (".mch.weixin.qq.com",)  # besides the host that we talk to
NOTHING = {"NO_STATEMENT_EXIST"}  # nobody paid on that day
NOT_THERE = {"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "NOT_FOUND"}
BUSY = {"SYSTEM_ERROR", "SYSTEMERROR", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "BANK_ERROR"}
DESCRIPTION_CHARS, REASON_CHARS = 127, 80


@dataclass(frozen=True)
class Ask:
    """An order (下单) to be made."""

    out_trade_no: str
    description: str
    amount_fen: int
    openid: str
    expires_at: datetime


@dataclass(frozen=True)
class BrowserAsk:
    """An order to be paid in a browser outside WeChat (H5下单); address: the payer's, an IP."""

    out_trade_no: str
    description: str
    amount_fen: int
    address: str
    expires_at: datetime


@dataclass(frozen=True)
class RefundAsk:
    """A refund (退款) to be made."""

    out_trade_no: str
    out_refund_no: str
    amount_fen: int
    total_fen: int
    reason: str


class PayGateway(Protocol):
    """Takes money and gives it back. Everything may raise PayUnavailable or PayRejected."""

    async def order(self, ask: Ask) -> str:
        """Make an order (下单) and return its prepay_id; the same order again is no other order."""

    async def browser_order(self, ask: BrowserAsk) -> str:
        """Make an order for a browser (H5下单) and return where to pay it, for five minutes."""

    async def query(self, out_trade_no: str) -> Trade | None:
        """Return what became of an order (查单), or None when there is no such order."""

    async def close(self, out_trade_no: str) -> None:
        """Close an unpaid order (关单)."""

    async def refund(self, ask: RefundAsk) -> RefundNews:
        """Ask for a refund (退款): accepted is not yet refunded. The same number is the same."""

    async def query_refund(self, out_refund_no: str) -> RefundNews | None:
        """Return what became of a refund, or None when there is no such refund."""

    async def trade_bill(self, day: date) -> list[BillRow]:
        """Return the bill of a day (交易账单)."""


class WeChatPay:
    """The client of api.mch.weixin.qq.com; `base` is where it is."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: str,
        keys: crypto.Keys,
        clock: Clock,
        *,
        appid: str,
        mchid: str,
        notify_url: str,
        timeout: float,
    ) -> None:
        self._session = session
        self.base = base.rstrip("/")
        self._keys = keys
        self._clock = clock
        self._appid = appid
        self._mchid = mchid
        self._notify_url = notify_url
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def order(self, ask: Ask) -> str:
        """Make an order and return its prepay_id."""
        body = {**self._asked(ask), "payer": {"openid": ask.openid}}
        reply = await self._call("POST", "/v3/pay/transactions/jsapi", body)
        return _read(shapes.Prepay, reply).prepay_id

    async def browser_order(self, ask: BrowserAsk) -> str:
        """Make an order for a browser and return its h5_url."""
        scene = {"payer_client_ip": ask.address, "h5_info": {"type": "Wap"}}
        body = {**self._asked(ask), "scene_info": scene}
        reply = await self._call("POST", "/v3/pay/transactions/h5", body)
        return _read(shapes.BrowserPrepay, reply).h5_url

    def _asked(self, ask: Ask | BrowserAsk) -> dict[str, object]:
        return {
            "appid": self._appid,
            "mchid": self._mchid,
            "description": ask.description[:DESCRIPTION_CHARS],
            "out_trade_no": ask.out_trade_no,
            "time_expire": shapes.moment(ask.expires_at),
            "notify_url": self._notify_url,
            "amount": {"total": ask.amount_fen, "currency": "CNY"},
        }

    async def query(self, out_trade_no: str) -> Trade | None:
        """Return what became of an order."""
        path = f"{_of_order(out_trade_no)}?{urlencode({'mchid': self._mchid})}"
        reply = await self._found(path)
        return shapes.trade_of(_read(shapes.TradeShape, reply)) if reply is not None else None

    async def close(self, out_trade_no: str) -> None:
        """Close an unpaid order."""
        await self._call("POST", f"{_of_order(out_trade_no)}/close", {"mchid": self._mchid})

    async def refund(self, ask: RefundAsk) -> RefundNews:
        """Ask for a refund."""
        amount = {"refund": ask.amount_fen, "total": ask.total_fen, "currency": "CNY"}
        body = {
            "out_trade_no": ask.out_trade_no,
            "out_refund_no": ask.out_refund_no,
            "reason": ask.reason[:REASON_CHARS],
            "notify_url": self._notify_url,
            "amount": amount,
        }
        return _refund(await self._call("POST", "/v3/refund/domestic/refunds", body))

    async def query_refund(self, out_refund_no: str) -> RefundNews | None:
        """Return what became of a refund."""
        reply = await self._found(f"/v3/refund/domestic/refunds/{quote(out_refund_no, safe='')}")
        return _refund(reply) if reply is not None else None

    async def trade_bill(self, day: date) -> list[BillRow]:
        """Return the bill of a day; an empty one when nobody paid."""
        query = urlencode({"bill_date": day.isoformat(), "bill_type": "ALL"})
        try:
            reply = await self._call("GET", f"/v3/bill/tradebill?{query}")
        except PayRejected as rejected:
            if rejected.reason in NOTHING:
                return []
            raise
        content = await self._download(_read(shapes.BillLink, reply))
        try:
            return bill.parse(content)
        except bill.BillGarbled as garbled:
            raise _unbelievable("bill", str(garbled)) from None

    async def _download(self, link: shapes.BillLink) -> bytes:
        """Fetch a bill: the download is not signed, the signed answer has its hash."""
        host, ours = urlsplit(link.download_url), urlsplit(self.base)
        if host.netloc != ours.netloc and not (host.hostname or "").endswith(BILL_HOSTS):
            raise _unbelievable("bill", "host")
        target = f"{host.path}?{host.query}" if host.query else host.path
        status, _, content = await self._send(
            "GET", f"{host.scheme}://{host.netloc}", target, b"", LARGEST_BILL
        )
        right = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        if status != HTTPStatus.OK or link.hash_type != "SHA1" or link.hash_value.lower() != right:
            raise _unbelievable("bill", "hash")
        return content

    async def _found(self, target: str) -> bytes | None:
        try:
            return await self._call("GET", target)
        except PayRejected as rejected:
            if rejected.reason in NOT_THERE:
                return None
            raise

    async def _call(self, method: str, target: str, body: object = None) -> bytes:
        """Send, check the reply's signature, and return its body; raise what WeChat refuses."""
        content = orjson.dumps(body) if body is not None else b""
        status, headers, reply = await self._send(method, self.base, target, content, LARGEST_REPLY)
        try:
            crypto.verify(self._keys.platform, headers, reply, self._clock.now())
        except crypto.Forged as forged:
            raise _unbelievable("reply", forged.why) from None
        if status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.ACCEPTED):
            return reply
        code = _read(shapes.Fault, reply).code
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in BUSY:
            raise _unbelievable("status", str(status))
        log.warning("pay_rejected", status=status, code=code)
        raise PayRejected(code)

    async def _send(
        self, method: str, base: str, target: str, body: bytes, most: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send exactly the bytes that are signed; raise PayUnavailable when nothing comes back."""
        at, nonce = int(self._clock.now().timestamp()), secrets.token_hex(16)
        signed = crypto.authorization(
            self._keys, self._mchid, method, target, body, at=at, nonce=nonce
        )
        headers = {
            "Authorization": signed,
            "Accept": "application/json",
            "User-Agent": "shenban/1",
            **({"Content-Type": "application/json"} if body else {}),
        }
        try:
            async with self._session.request(
                method,
                URL(base + target, encoded=True),
                data=body or None,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as reply:
                return reply.status, reply.headers, await _limited(reply, most)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise _unbelievable("connection", type(error).__name__) from None


async def _limited(reply: aiohttp.ClientResponse, most: int) -> bytes:
    content = bytearray()
    async for chunk in reply.content.iter_chunked(65_536):
        content += chunk
        if len(content) > most:
            raise _unbelievable("reply", "length")
    return bytes(content)


def _of_order(out_trade_no: str) -> str:
    return f"/v3/pay/transactions/out-trade-no/{quote(out_trade_no, safe='')}"


def _read[Model: shapes.Theirs](model: type[Model], reply: bytes) -> Model:
    try:
        return shapes.read(model, reply)
    except shapes.Garbled:
        raise _unbelievable("reply", model.__name__) from None


def _refund(reply: bytes) -> RefundNews:
    try:
        return shapes.refund_of(_read(shapes.RefundShape, reply))
    except shapes.Garbled:
        raise _unbelievable("reply", "refund") from None


def _unbelievable(what: str, why: str) -> PayUnavailable:
    log.warning("pay_unavailable", what=what, why=why)
    return PayUnavailable(retry_after=5)
