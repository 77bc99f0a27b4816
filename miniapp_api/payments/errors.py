"""What can be refused in paying."""

from __future__ import annotations

from typing import ClassVar

from miniapp_api.platform.errors import Refusal, Unavailable
from miniapp_api.platform.http import JSON


class OrderNotFound(Refusal):
    """No such order of this citizen."""

    status, code, title = 404, "order_not_found", "没有找到这笔缴费"


class OrderExists(Refusal):
    """The subject has another open or paid order, of another amount or citizen."""

    status, code, title = 409, "order_exists", "这件事已经有一笔缴费，请先处理完那一笔"


class OrderPaid(Refusal):
    """The order was paid already."""

    status, code, title = 409, "order_paid", "这笔费用已经缴过了，不用再缴"


class OrderExpired(Refusal):
    """The order was not paid in time."""

    status, code, title = 409, "order_expired", "这笔缴费已经超时关闭，请重新发起缴费"


class OpenidRequired(Refusal):
    """WeChat takes an order for a payer whom it knows only."""

    status, code, title = 422, "openid_required", "请在微信小程序里登录后付款"


class ReceiptNotReady(Refusal):
    """Nothing was paid: there is nothing to receipt."""

    status, code, title = 409, "receipt_not_ready", "还没有收到这笔缴费，暂时不能开收据"


class RefundTooMuch(Refusal):
    """More than what was paid and not refunded yet."""

    status, code, title = 409, "refund_too_much", "退款金额超过了可以退的金额"


class RefundNotAllowed(Refusal):
    """The order was not paid, or was paid too long ago, or was refunded in too many parts."""

    status, code, title = 409, "refund_not_allowed", "这笔缴费现在不能退款"


class DayNotReady(Refusal):
    """WeChat gives the bill of a day from ten o'clock of the next day on, for three months."""

    status, code, title = 422, "bill_not_ready", "账单次日十点后才有，且只保留三个月"


class ReportNotFound(Refusal):
    """The day was not reconciled."""

    status, code, title = 404, "reconciliation_not_found", "这一天还没有对账"


class PayUnavailable(Unavailable):
    """WeChat Pay did not answer, or not in a way that can be believed: the outcome is unknown."""

    code, title = "pay_unavailable", "微信支付暂时没有响应，请稍后再试"


class PayRejected(Unavailable):
    """WeChat Pay says no; `reason` is its own code, which the citizen need not see."""

    code, title = "pay_rejected", "微信支付没有接受这次操作，请稍后再试"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class NotifyRefused(Refusal):
    """A notification (支付通知) that is not accepted.

    The answer is WeChat's own form, {"code": "FAIL"}, and not a problem of RFC 9457.
    """

    code = "FAIL"
    media: ClassVar[str] = JSON


class NotifyForged(NotifyRefused):
    """Not signed by WeChat Pay, or altered, or too old; `verdict` says which."""

    status, title = 401, "签名验证失败"

    def __init__(self, verdict: str = "signature") -> None:
        super().__init__()
        self.verdict = verdict


class NotifyGarbled(NotifyRefused):
    """Not the shape of a notification."""

    status, title = 400, "通知内容无法识别"


class NotifyUnknown(NotifyRefused):
    """Of an order or a refund that we do not know."""

    status, title = 404, "没有这个商户订单"


class NotifyMismatch(NotifyRefused):
    """Of another merchant or another amount than the order's."""

    status, title = 409, "通知与订单不一致"


class NotifyTooMany(NotifyRefused):
    """Too many notifications that were forged."""

    status, title = 429, "请求太频繁"


class NotifyNotKept(NotifyRefused):
    """Our own failure: WeChat is to tell us again."""

    status, title = 500, "暂时无法处理，请重试"


class NotifyUnavailable(NotifyRefused):
    """Our database is away: WeChat is to tell us again."""

    status, title = 503, "暂时无法处理，请重试"
