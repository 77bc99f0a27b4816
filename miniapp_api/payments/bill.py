"""WeChat's trade bill (交易账单): text in, rows out. Amounts are in yuan there, in fen here."""

from __future__ import annotations

import re

from miniapp_api.payments.rules import BillRow

STATE, ORDER, ORDER_FEE = "交易状态", "商户订单号", "订单金额"
REFUND, REFUND_STATE, REFUND_FEE = "商户退款单号", "退款状态", "申请退款金额"
NEEDED = (STATE, ORDER, ORDER_FEE, REFUND, REFUND_STATE, REFUND_FEE)
SUMMARY = "总交易单数"
YUAN = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?")


class BillGarbled(Exception):
    """Not a bill, or not all of it."""


def parse(content: bytes) -> list[BillRow]:
    """Return the lines of a bill (账单明细); raise BillGarbled when it is not whole."""
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise BillGarbled("encoding") from None
    lines = [line.rstrip("\r") for line in lines if line.strip()]
    ends = [n for n, line in enumerate(lines) if line.startswith(SUMMARY)]
    if not lines or len(ends) != 1 or ends[0] + 2 != len(lines):
        raise BillGarbled("summary")
    places = _places(lines[0])
    rows = [_row(_cells(line), places) for line in lines[1 : ends[0]]]
    if _cells(lines[-1])[0] != str(len(rows)):
        raise BillGarbled("count")
    return rows


def _places(header: str) -> dict[str, int]:
    names = header.split(",")
    try:
        return {name: names.index(name) for name in NEEDED}
    except ValueError:
        raise BillGarbled("header") from None


def _cells(line: str) -> list[str]:
    """Every cell begins with a backtick, so that a comma inside of a cell does no harm."""
    if not line.startswith("`"):
        raise BillGarbled("cells")
    return line[1:].split(",`")


def _row(cells: list[str], places: dict[str, int]) -> BillRow:
    try:
        found = {name: cells[place].strip() for name, place in places.items()}
    except IndexError:
        raise BillGarbled("cells") from None
    if found[STATE] == "REFUND":
        return BillRow("refund", found[REFUND], found[REFUND_STATE], _fen(found[REFUND_FEE]))
    return BillRow("payment", found[ORDER], found[STATE], _fen(found[ORDER_FEE]))


def _fen(text: str) -> int:
    match = YUAN.fullmatch(text)
    if not match:
        raise BillGarbled("amount")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
