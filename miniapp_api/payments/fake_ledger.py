"""The books of our fake WeChat Pay: orders and refunds in memory, by WeChat Pay's own rules."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from miniapp_api.payments.wechat_pay_shapes import moment

MOST_PARTS = 50
BILL_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
BILL_FOOT = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


class Fault(Exception):
    """WeChat Pay refuses: an HTTP status and a code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class FakeOrder:
    """An order as WeChat Pay has it."""

    asked: dict[str, Any]
    prepay_id: str
    state: str = "NOTPAY"
    transaction_id: str | None = None
    paid_at: datetime | None = None

    @property
    def trade_type(self) -> str:
        """How it is paid: in the mini-program, or in a browser (H5支付)."""
        return "JSAPI" if "payer" in self.asked else "MWEB"

    def same(self, asked: dict[str, Any]) -> bool:
        """Tell whether it is this order that is asked for again; a phone's address changes."""
        return _but_scene(asked) == _but_scene(self.asked)

    @property
    def total(self) -> int:
        """The amount in fen."""
        total: int = self.asked["amount"]["total"]
        return total

    def shown(self) -> dict[str, Any]:
        """Return the order as a query or a notification shows it."""
        shown: dict[str, Any] = {
            "appid": self.asked["appid"],
            "mchid": self.asked["mchid"],
            "out_trade_no": self.asked["out_trade_no"],
            "trade_state": self.state,
            "trade_state_desc": self.state,
        }
        if self.paid_at is not None:
            shown |= {
                "trade_type": self.trade_type,
                "bank_type": "OTHERS",
                "transaction_id": self.transaction_id,
                "success_time": moment(self.paid_at),
                "payer": self.asked.get("payer", {"openid": "oBrowser"}),
                "amount": {
                    "total": self.total,
                    "payer_total": self.total,
                    "currency": "CNY",
                    "payer_currency": "CNY",
                },
            }
        return shown


@dataclass
class FakeRefund:
    """A refund as WeChat Pay has it."""

    asked: dict[str, Any]
    order: FakeOrder
    refund_id: str
    created_at: datetime
    state: str = "PROCESSING"
    done_at: datetime | None = None

    def shown(self, status_name: str = "status") -> dict[str, Any]:
        """Return the refund; a notification calls its state refund_status."""
        amount = self.asked["amount"]
        shown = {
            "refund_id": self.refund_id,
            "out_refund_no": self.asked["out_refund_no"],
            "transaction_id": self.order.transaction_id,
            "out_trade_no": self.order.asked["out_trade_no"],
            "user_received_account": "支付用户零钱",
            status_name: self.state,
            "amount": {"total": amount["total"], "refund": amount["refund"], "currency": "CNY"},
        }
        if status_name == "status":
            shown |= {"channel": "ORIGINAL", "create_time": moment(self.created_at)}
        if self.done_at is not None:
            shown["success_time"] = moment(self.done_at)
        return shown


@dataclass
class Ledger:
    """All orders and refunds of one merchant."""

    orders: dict[str, FakeOrder] = field(default_factory=dict)
    refunds: dict[str, FakeRefund] = field(default_factory=dict)

    def order(self, asked: dict[str, Any]) -> FakeOrder:
        """Take an order; the same one again is the same, another under its number is refused."""
        known = self.orders.get(asked["out_trade_no"])
        if known is None:
            known = FakeOrder(asked, f"wx{secrets.token_hex(17)}")
            self.orders[asked["out_trade_no"]] = known
        if known.state == "CLOSED":
            raise Fault(400, "ORDER_CLOSED")
        if known.state != "NOTPAY":
            raise Fault(400, "ORDERPAID")
        if not known.same(asked):
            raise Fault(403, "OUT_TRADE_NO_USED")
        return known

    def find(self, number: str) -> FakeOrder:
        """Return an order."""
        if number not in self.orders:
            raise Fault(404, "ORDER_NOT_EXIST")
        return self.orders[number]

    def close(self, number: str) -> None:
        """Close an unpaid order."""
        order = self.find(number)
        if order.state not in ("NOTPAY", "CLOSED"):
            raise Fault(400, "ORDERPAID")
        order.state = "CLOSED"

    def pay(self, number: str, now: datetime, *, although_closed: bool = False) -> FakeOrder:
        """The citizen pays; although_closed: what must not happen, and once does."""
        order = self.find(number)
        if order.state != "NOTPAY" and not (although_closed and order.state == "CLOSED"):
            raise Fault(409, "ORDER_CLOSED" if order.state == "CLOSED" else "ORDERPAID")
        order.state, order.paid_at = "SUCCESS", now
        order.transaction_id = f"4200{now:%Y%m%d}{secrets.randbelow(10**16):016d}"
        return order

    def refund(self, asked: dict[str, Any], now: datetime) -> FakeRefund:
        """Take a refund; the same number with the same amount is the same refund."""
        number, amount = asked["out_refund_no"], asked["amount"]
        known = self.refunds.get(number)
        if known is not None:
            if known.asked["amount"] != amount:
                raise Fault(400, "INVALID_REQUEST")
            return known
        order = self.orders.get(asked["out_trade_no"])
        if order is None or order.paid_at is None:
            raise Fault(404, "RESOURCE_NOT_EXISTS")
        others = [r for r in self.refunds.values() if r.order is order and r.state != "CLOSED"]
        given = sum(r.asked["amount"]["refund"] for r in others)
        too_old = now - order.paid_at > timedelta(days=365)
        too_much = given + amount["refund"] > order.total or amount["total"] != order.total
        if too_old or too_much or len(others) >= MOST_PARTS:
            raise Fault(400, "INVALID_REQUEST")
        refund = FakeRefund(asked, order, f"50{secrets.randbelow(10**20):020d}", now)
        self.refunds[number] = refund
        return refund

    def find_refund(self, number: str) -> FakeRefund:
        """Return a refund."""
        if number not in self.refunds:
            raise Fault(404, "RESOURCE_NOT_EXISTS")
        return self.refunds[number]

    def bill(self, day: str) -> bytes:
        """Return the bill of a day, or refuse when nobody paid."""
        rows = [
            self._row(order, None, order.paid_at)
            for order in self.orders.values()
            if order.paid_at and f"{order.paid_at:%Y-%m-%d}" == day
        ] + [
            self._row(refund.order, refund, refund.created_at)
            for refund in self.refunds.values()
            if f"{refund.created_at:%Y-%m-%d}" == day
        ]
        if not rows:
            raise Fault(400, "NO_STATEMENT_EXIST")
        foot = "`" + ",`".join([str(len(rows)), *["0.00"] * 6])
        return "\r\n".join([BILL_HEAD, *rows, BILL_FOOT, foot, ""]).encode("utf-8-sig")

    def _row(self, order: FakeOrder, refund: FakeRefund | None, at: datetime) -> str:
        asked = order.asked
        back = refund.asked["amount"]["refund"] if refund else 0
        cells = [
            f"{at:%Y-%m-%d %H:%M:%S}", asked["appid"], asked["mchid"], "0", "",
            order.transaction_id or "", asked["out_trade_no"], "user", order.trade_type,
            "REFUND" if refund else "SUCCESS", "OTHERS", "CNY", _yuan(order.total), "0.00",
            refund.refund_id if refund else "0",
            refund.asked["out_refund_no"] if refund else "0",
            _yuan(back), "0.00", "ORIGINAL" if refund else "",
            _bill_state(refund) if refund else "", asked["description"], "", "0.00000", "0.60%",
            _yuan(0 if refund else order.total), _yuan(back), "",
        ]  # fmt: skip
        return "`" + ",`".join(cells)


def _but_scene(asked: dict[str, Any]) -> dict[str, Any]:
    scene = asked.get("scene_info")
    return {**asked, "scene_info": {**scene, "payer_client_ip": ""} if scene else None}


def _bill_state(refund: FakeRefund) -> str:
    return {"ABNORMAL": "CHANGE", "CLOSED": "FAIL"}.get(refund.state, refund.state)


def _yuan(fen: int) -> str:
    return f"{fen / 100:.2f}"
