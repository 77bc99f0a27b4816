"""The cashier's page (收银台) of our own WeChat Pay: where browsers outside WeChat pay (H5支付).

An address of it opens for five minutes. Whether the citizen pays or not, he comes back to
redirect_url, and only the order itself says whether he has paid: as WeChat does it.
"""

from __future__ import annotations

import html
import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from miniapp_api.payments.fake_ledger import FakeOrder, Fault, Ledger
from miniapp_api.platform.clock import Clock

PATH = "/cgi-bin/mmpayweb-bin/checkmweb"
OPEN_FOR = timedelta(minutes=5)
PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>微信支付（模拟）</title><style>
body {{ margin: 0; background: #f2f5f4; color: #17202a; font: 18px/1.6 sans-serif; }}
main {{ max-width: 420px; margin: 0 auto; padding: 32px 20px; text-align: center; }}
h1 {{ font-size: 20px; }}
.sum {{ margin: 8px 0 0; font-size: 40px; font-weight: 600; }}
p {{ margin: 4px 0 20px; color: #4c5866; }}
button {{ display: block; width: 100%; min-height: 52px; margin-top: 14px;
  border: 1px solid #0b6b3a; border-radius: 10px; background: #fff; color: #0b6b3a;
  font: inherit; }}
button.go {{ background: #0b6b3a; color: #fff; font-weight: 600; }}
</style></head><body><main>{body}</main></body></html>"""
DUE = """<h1>微信支付（模拟）</h1><div class="sum">¥{sum}</div><p>{description}</p>
<form method="post"><input type="hidden" name="redirect_url" value="{back}">
<button class="go" name="do" value="pay">确认支付</button>
<button name="do" value="cancel">取消</button></form>"""
OVER = "<h1>微信支付（模拟）</h1><p>{said}</p>"


@dataclass(frozen=True)
class Visit:
    """An address that was given out, and until when it opens."""

    number: str
    until: datetime


class Cashier:
    """Serves the page, and takes the money of whoever confirms."""

    def __init__(
        self, ledger: Callable[[], Ledger], clock: Clock, paid: Callable[[FakeOrder], None]
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._paid = paid
        self._visits: dict[str, Visit] = {}

    def join(self, app: web.Application) -> None:
        """Register the page."""
        app.router.add_get(PATH, self._show)
        app.router.add_post(PATH, self._take)

    def open(self, order: FakeOrder, request: web.Request) -> str:
        """Give out an address for an order."""
        package = secrets.token_hex(8)
        number = order.asked["out_trade_no"]
        self._visits[package] = Visit(number, self._clock.now() + OPEN_FOR)
        host = f"{request.scheme}://{request.host}"
        return f"{host}{PATH}?prepay_id={order.prepay_id}&package={package}"

    async def _show(self, request: web.Request) -> web.Response:
        order = self._order(request)
        if order is None:
            return _page(OVER.format(said="这个付款页面已经过期，请回到原来的页面重新付款。"), 410)
        if order.state != "NOTPAY":
            return _page(OVER.format(said="这笔订单已经处理过，不用再付。"))
        asked = order.asked
        return _page(
            DUE.format(
                sum=f"{order.total / 100:.2f}",
                description=html.escape(asked["description"]),
                back=html.escape(request.query.get("redirect_url", "")),
            )
        )

    async def _take(self, request: web.Request) -> web.StreamResponse:
        form, order = await request.post(), self._order(request)
        if order is None:
            return await self._show(request)
        if form.get("do") == "pay":
            try:
                self._paid(self._ledger().pay(order.asked["out_trade_no"], self._clock.now()))
            except Fault:
                return await self._show(request)
        back = str(form.get("redirect_url", ""))
        if urlsplit(back).scheme not in ("http", "https"):
            return await self._show(request)
        return web.Response(status=303, headers={"Location": back})

    def _order(self, request: web.Request) -> FakeOrder | None:
        visit = self._visits.get(request.query.get("package", ""))
        if visit is None or self._clock.now() >= visit.until:
            return None
        return self._ledger().find(visit.number)


def scene_known(asked: dict[str, Any]) -> bool:
    """Tell whether an order says from which address and in what it is paid, as WeChat wants."""
    scene = asked.get("scene_info") or {}
    try:
        ipaddress.ip_address(scene.get("payer_client_ip", ""))
    except ValueError:
        return False
    kind: object = scene.get("h5_info", {}).get("type")
    return kind in ("Wap", "iOS", "Android")


def _page(body: str, status: int = 200) -> web.Response:
    return web.Response(text=PAGE.format(body=body), status=status, content_type="text/html")
