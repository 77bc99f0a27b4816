"""Pure rules of paying: the states of an order and a refund, what must agree, what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

Status = Literal[
    "created", "prepaid", "paid", "partly_refunded", "refunded", "closed", "late", "void",
]  # fmt: skip
RefundStatus = Literal["requested", "processing", "succeeded", "abnormal", "failed"]
Verdict = Literal[
    "paid", "late", "refund", "duplicate", "ignored", "mismatch", "unknown", "garbled"
]

# created 待付款 · prepaid 已下单 · paid 已付 · closed 已关闭 · late 关闭后才付(自动退款)
# void 不用缴了(自动退款)
STEPS: Mapping[Status, frozenset[Status]] = {
    "created": frozenset({"prepaid", "paid", "closed"}),
    "prepaid": frozenset({"prepaid", "paid", "closed"}),
    "paid": frozenset({"partly_refunded", "refunded", "void"}),
    "partly_refunded": frozenset({"partly_refunded", "refunded", "void"}),
    "closed": frozenset({"late"}),
    "late": frozenset({"refunded"}),
    "void": frozenset({"refunded"}),
    "refunded": frozenset(),
}
# requested 已受理,未送达微信 · processing 微信处理中 · abnormal 退款异常 · failed 没有退成
REFUND_STEPS: Mapping[RefundStatus, frozenset[RefundStatus]] = {
    "requested": frozenset({"processing", "succeeded", "abnormal", "failed"}),
    "processing": frozenset({"succeeded", "abnormal", "failed"}),
    "abnormal": frozenset({"succeeded", "failed"}),
    "succeeded": frozenset(),
    "failed": frozenset(),
}
WAITING: tuple[Status, ...] = ("created", "prepaid")
LIVE: tuple[Status, ...] = ("created", "prepaid", "paid", "partly_refunded")  # one a subject
# late and void: when giving it back by ourselves has failed, a cashier can.
REFUNDABLE: tuple[Status, ...] = ("paid", "partly_refunded", "late", "void")
MONEY_CAME: frozenset[Status] = frozenset({"paid", "partly_refunded", "refunded", "late", "void"})

MOST_PARTS = 50  # of a refund
REFUND_WITHIN = timedelta(days=365)
PREPAY_LIVES = timedelta(hours=2)
BILL_HOUR = 10  # of the next day
BILL_DAYS = 90
SLOWEST_CHECK = timedelta(hours=1)

# How WeChat names the states of a refund, and we.
REFUND_NAMES: Mapping[str, RefundStatus] = {
    "SUCCESS": "succeeded",
    "PROCESSING": "processing",
    "ABNORMAL": "abnormal",
    "CLOSED": "failed",
}
CAME = frozenset({"SUCCESS", "REFUND"})  # trade states (交易状态) in which the money came
GONE = frozenset({"CLOSED", "REVOKED"})


@dataclass(frozen=True)
class Trade:
    """What WeChat Pay says of an order (交易)."""

    appid: str
    mchid: str
    out_trade_no: str
    state: str
    transaction_id: str | None
    amount_fen: int | None
    currency: str
    paid_at: datetime | None


@dataclass(frozen=True)
class RefundNews:
    """What WeChat Pay says of a refund (退款)."""

    mchid: str | None
    out_trade_no: str
    out_refund_no: str
    refund_id: str
    state: str
    amount_fen: int
    total_fen: int
    accepted_at: datetime | None
    done_at: datetime | None


def before(status: Status) -> list[Status]:
    """Return the states from which an order comes into a state."""
    return [source for source, steps in STEPS.items() if status in steps]


def refund_before(status: RefundStatus) -> list[RefundStatus]:
    """Return the states from which a refund comes into a state."""
    return [source for source, steps in REFUND_STEPS.items() if status in steps]


def mismatches(
    trade: Trade, *, appid: str, mchid: str, out_trade_no: str, amount_fen: int
) -> list[str]:
    """Name what a trade says otherwise than our order; an empty list means that they agree."""
    said = {
        "appid": (trade.appid, appid),
        "mchid": (trade.mchid, mchid),
        "out_trade_no": (trade.out_trade_no, out_trade_no),
        "amount": (trade.amount_fen, amount_fen),
        "currency": (trade.currency, "CNY"),
    }
    return [name for name, (theirs, ours) in said.items() if theirs != ours]


def prepay_usable(prepaid_at: datetime | None, now: datetime) -> bool:
    """Return whether a prepay_id can still be paid with."""
    return prepaid_at is not None and now < prepaid_at + PREPAY_LIVES


def next_check(
    asked_at: datetime, now: datetime, shortest: timedelta, expires_at: datetime | None = None
) -> datetime:
    """Return when to ask again: soon at first, then ever less often, and when time is up."""
    pause = min(max(shortest, (now - asked_at) / 2), SLOWEST_CHECK)
    if expires_at is not None and now < expires_at:
        return min(now + pause, expires_at)
    return now + pause


# -- reconciliation --------------------------------------------------------------------------------

Kind = Literal["payment", "refund"]
Flaw = Literal["missing_here", "missing_there", "amount_differs", "status_differs"]


@dataclass(frozen=True)
class BillRow:
    """A line of WeChat's bill (账单): a payment by out_trade_no, or a refund by out_refund_no."""

    kind: Kind
    number: str
    state: str
    amount_fen: int


@dataclass(frozen=True)
class OurRow:
    """A payment or a refund as we have it; due: it belongs on the bill of this day."""

    kind: Kind
    number: str
    status: str
    amount_fen: int
    due: bool = True


@dataclass(frozen=True)
class Difference:
    """A line on which the bill and our books differ (差异)."""

    kind: Kind
    number: str
    flaw: Flaw
    ours: str | None = None
    theirs: str | None = None


# Which of our states fit a state on the bill. A refund's is that of the hour it was accepted.
FITS: Mapping[tuple[Kind, str], frozenset[str]] = {
    ("payment", "SUCCESS"): frozenset(MONEY_CAME),
    ("payment", "REVOKED"): frozenset({"closed"}),
    ("refund", "SUCCESS"): frozenset({"succeeded"}),
    ("refund", "PROCESSING"): frozenset({"processing", "succeeded", "abnormal", "failed"}),
    ("refund", "CHANGE"): frozenset({"abnormal", "succeeded", "failed"}),
    ("refund", "ABNORMAL"): frozenset({"abnormal", "succeeded", "failed"}),
    ("refund", "FAIL"): frozenset({"failed"}),
    ("refund", "CLOSED"): frozenset({"failed"}),
}


def diff(bill: Sequence[BillRow], ours: Sequence[OurRow]) -> list[Difference]:
    """Return every difference (对账差异), sorted; a line that stands twice on the bill is one."""
    known = {(row.kind, row.number): row for row in ours}
    found: list[Difference] = []
    seen: set[tuple[Kind, str]] = set()
    for line in bill:
        name = (line.kind, line.number)
        mine = None if name in seen else known.get(name)
        seen.add(name)
        found += _compared(line, mine)
    for name, row in known.items():
        if row.due and name not in seen:
            found.append(Difference(row.kind, row.number, "missing_there", ours=_said(row)))
    return sorted(found, key=lambda d: (d.kind, d.number, d.flaw))


def _compared(line: BillRow, mine: OurRow | None) -> list[Difference]:
    if mine is None:
        theirs = f"{line.state} {yuan(line.amount_fen)}"
        return [Difference(line.kind, line.number, "missing_here", theirs=theirs)]
    found = []
    if mine.amount_fen != line.amount_fen:
        sums = (yuan(mine.amount_fen), yuan(line.amount_fen))
        found.append(Difference(line.kind, line.number, "amount_differs", *sums))
    if mine.status not in FITS.get((line.kind, line.state), frozenset()):
        states = (mine.status, line.state)
        found.append(Difference(line.kind, line.number, "status_differs", *states))
    return found


def _said(row: OurRow) -> str:
    return f"{row.status} {yuan(row.amount_fen)}"


def bill_ready(day: date, now: datetime) -> bool:
    """Return whether WeChat has the bill of a day: from ten the next morning, for three months."""
    if day >= now.date():
        return False
    ready = datetime.combine(day + timedelta(days=1), time(BILL_HOUR), now.tzinfo)
    return ready <= now and (now.date() - day).days <= BILL_DAYS


def newest_bill(now: datetime) -> date:
    """Return the last day whose bill WeChat has."""
    return now.date() - timedelta(days=1 if now.hour >= BILL_HOUR else 2)


def bill_days(newest: date, noted: date | None) -> list[date]:
    """Return the days to be compared after the last one noted, as far back as there are bills.

    Whoever begins to compare begins with the newest.
    """
    oldest = newest - timedelta(days=BILL_DAYS - 1)
    first = newest if noted is None else max(noted + timedelta(days=1), oldest)
    return [first + timedelta(days=n) for n in range((newest - first).days + 1)]


def day_bounds(day: date, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """Return the first moment of a day and of the next."""
    start = datetime.combine(day, time(), zone)
    return start, datetime.combine(day + timedelta(days=1), time(), zone)


# -- amounts ---------------------------------------------------------------------------------------

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def yuan(fen: int) -> str:
    """Return an amount in yuan with two decimals, exactly."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def in_words(fen: int) -> str:
    """Return an amount in capital numerals (人民币大写), e.g. 壹佰零伍元整."""
    whole, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    said = f"{_whole_in_words(whole)}元" if whole else ""
    if not jiao and not cent:
        return f"{said or '零元'}整"
    if jiao:
        said += f"{DIGITS[jiao]}角"
    elif whole:
        said += "零"
    return said + (f"{DIGITS[cent]}分" if cent else "整")


def _whole_in_words(number: int) -> str:
    said, gap = "", False
    for group in reversed(range(len(GROUPS))):
        part = number // 10_000**group % 10_000
        if not part:
            gap = bool(said)
            continue
        if said and (gap or part < 1000):
            said += "零"
        said += _group_in_words(part) + GROUPS[group]
        gap = False
    return said


def _group_in_words(part: int) -> str:
    said, gap = "", False
    for place in reversed(range(4)):
        digit = part // 10**place % 10
        if not digit:
            gap = bool(said)
            continue
        said += ("零" if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return said
