"""WeChat's bill: read whole, or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.payments import bill
from miniapp_api.payments.fake_ledger import Ledger
from miniapp_api.payments.rules import BillRow

NOW = datetime(2026, 11, 24, 9, tzinfo=timezone(timedelta(hours=8)))


def _bill(amounts: list[int], description: str = "护照工本费") -> bytes:
    ledger = Ledger()
    for number, total in enumerate(amounts):
        asked: dict[str, Any] = {
            "appid": "wx1",
            "mchid": "190",
            "out_trade_no": f"n{number}",
            "description": description,
            "amount": {"total": total, "currency": "CNY"},
            "payer": {"openid": "o"},
        }
        ledger.order(asked)
        ledger.pay(f"n{number}", NOW)
    amount = {"refund": 1, "total": amounts[0], "currency": "CNY"}
    refund = {"out_trade_no": "n0", "out_refund_no": "r0", "amount": amount}
    ledger.refund(refund, NOW)
    return ledger.bill("2026-11-24")


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=4),
    st.text(st.characters(exclude_characters="\r\n`", exclude_categories=["C", "Z"]), max_size=20),
)
def test_every_line_is_read_to_the_fen(amounts: list[int], description: str) -> None:
    rows = bill.parse(_bill(amounts, description))
    payments = [BillRow("payment", f"n{n}", "SUCCESS", a) for n, a in enumerate(amounts)]
    assert rows == [*payments, BillRow("refund", "r0", "PROCESSING", 1)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: "<html>502</html>",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("`2,", "`3,"),
        lambda text: text.replace("商户订单号", "订单号"),
        lambda text: text.replace("1.00", "1,00"),
        lambda text: text.replace("1.00", "-1.00"),
        lambda text: text.replace("1.00", "一元"),
        lambda text: text.replace("总交易单数", "共"),
        lambda text: "\r\n".join(text.split("\r\n")[1:]),
        lambda text: "\r\n".join(text.split("\r\n")[:1] + text.split("\r\n")[2:]),  # a line lost
    ],
)
def test_a_bill_that_is_not_whole_is_refused(spoil: Any) -> None:
    whole = _bill([100]).decode("utf-8-sig")
    assert len(bill.parse(whole.encode())) == 2
    with pytest.raises(bill.BillGarbled):
        bill.parse(spoil(whole).encode())


@given(st.binary(max_size=200))
def test_bytes_that_are_no_bill_are_refused(content: bytes) -> None:
    with pytest.raises(bill.BillGarbled):
        bill.parse(content)
