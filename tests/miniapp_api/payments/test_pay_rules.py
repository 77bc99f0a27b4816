"""Pure rules of paying: states, what must agree, what differs, amounts in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.payments import rules
from miniapp_api.payments.rules import BillRow, Difference, OurRow, Trade

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=timezone(timedelta(hours=8)))
NUMBERS = st.sampled_from([f"n{n}" for n in range(6)])
TRADE = Trade("wx1", "190", "n1", "SUCCESS", "t1", 100, "CNY", NOW)
TERMS: dict[str, Any] = {"appid": "wx1", "mchid": "190", "out_trade_no": "n1", "amount_fen": 100}


def test_every_state_has_its_steps_and_every_step_is_a_state() -> None:
    assert set(rules.STEPS) == set(get_args(rules.Status))
    assert set(rules.REFUND_STEPS) == set(get_args(rules.RefundStatus))
    for steps in (*rules.STEPS.values(), *rules.REFUND_STEPS.values()):
        assert steps <= set(rules.STEPS) | set(rules.REFUND_STEPS)


def test_money_that_came_never_becomes_unpaid() -> None:
    reached = set(rules.MONEY_CAME)
    for status in rules.MONEY_CAME:
        reached |= rules.STEPS[status]
    assert reached == rules.MONEY_CAME


def test_a_closed_order_is_never_simply_paid() -> None:
    assert rules.STEPS["closed"] == {"late"}
    assert rules.STEPS["late"] == {"refunded"}


def test_what_was_called_off_can_only_be_given_back() -> None:
    assert rules.STEPS["void"] == {"refunded"}
    assert "void" not in rules.LIVE  # another order may take its place
    assert rules.MONEY_CAME - {"refunded"} == set(rules.REFUNDABLE)


@given(st.sampled_from(get_args(rules.Status)), st.sampled_from(get_args(rules.Status)))
def test_before_is_the_table_read_backwards(source: Any, target: Any) -> None:
    assert (source in rules.before(target)) == (target in rules.STEPS[source])


def test_a_trade_that_says_what_we_know_agrees() -> None:
    assert rules.mismatches(TRADE, **TERMS) == []


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("appid", "wx2", "appid"),
        ("mchid", "191", "mchid"),
        ("out_trade_no", "n2", "out_trade_no"),
        ("amount_fen", 99, "amount"),
        ("amount_fen", None, "amount"),
        ("currency", "USD", "currency"),
    ],
)
def test_every_field_that_differs_is_named(field: str, value: Any, name: str) -> None:
    trade = Trade(**{**TRADE.__dict__, field: value})
    assert rules.mismatches(trade, **TERMS) == [name]


@given(
    st.integers(0, 10_000),
    st.integers(1, 100),
    st.none() | st.integers(-100, 10_000),
)
def test_the_next_check_is_ahead_and_not_past_the_end(
    age: int, shortest: int, left: int | None
) -> None:
    expires = NOW + timedelta(seconds=left) if left is not None else None
    again = rules.next_check(
        NOW - timedelta(seconds=age), NOW, timedelta(seconds=shortest), expires
    )
    assert NOW < again <= NOW + rules.SLOWEST_CHECK
    if expires is not None and expires > NOW:
        assert again <= expires


# -- reconciliation --------------------------------------------------------------------------------

OURS = st.lists(
    st.builds(
        OurRow,
        st.sampled_from(["payment", "refund"]),
        NUMBERS,
        st.sampled_from([*get_args(rules.Status), *get_args(rules.RefundStatus)]),
        st.integers(1, 3),
        st.booleans(),
    ),
    unique_by=lambda row: (row.kind, row.number),
)
BILL = st.lists(
    st.builds(
        BillRow,
        st.sampled_from(["payment", "refund"]),
        NUMBERS,
        st.sampled_from(["SUCCESS", "PROCESSING", "FAIL", "REVOKED", "WHAT"]),
        st.integers(1, 3),
    ),
    unique_by=lambda row: (row.kind, row.number),
)


def _simple_diff(bill: list[BillRow], ours: list[OurRow]) -> set[tuple[Any, ...]]:
    """The same, said another way: by sets of names."""
    theirs = {(b.kind, b.number): b for b in bill}
    mine = {(o.kind, o.number): o for o in ours}
    found: set[tuple[Any, ...]] = {(*name, "missing_here") for name in theirs.keys() - mine.keys()}
    found |= {(*n, "missing_there") for n, o in mine.items() if o.due and n not in theirs}
    for name in theirs.keys() & mine.keys():
        if theirs[name].amount_fen != mine[name].amount_fen:
            found.add((*name, "amount_differs"))
        if mine[name].status not in rules.FITS.get((name[0], theirs[name].state), ()):
            found.add((*name, "status_differs"))
    return found


@given(BILL, OURS)
def test_every_difference_is_found_and_nothing_else(
    bill: list[BillRow], ours: list[OurRow]
) -> None:
    found = rules.diff(bill, ours)
    assert {(d.kind, d.number, d.flaw) for d in found} == _simple_diff(bill, ours)
    assert len(found) == len(_simple_diff(bill, ours))


@given(st.permutations([BillRow("payment", f"n{n}", "SUCCESS", n + 1) for n in range(4)]))
def test_books_that_agree_have_no_difference_in_any_order(bill: list[BillRow]) -> None:
    ours = [OurRow("payment", f"n{n}", "paid", n + 1) for n in range(4)]
    assert rules.diff(bill, ours) == []


def test_a_line_that_stands_twice_on_the_bill_is_a_difference() -> None:
    line = BillRow("payment", "n1", "SUCCESS", 100)
    found = rules.diff([line, line], [OurRow("payment", "n1", "paid", 100)])
    assert found == [Difference("payment", "n1", "missing_here", theirs="SUCCESS 1.00")]


@pytest.mark.parametrize("ours", ["created", "prepaid", "closed"])
def test_paid_there_and_unpaid_here_is_a_difference(ours: str) -> None:
    (found,) = rules.diff(
        [BillRow("payment", "n1", "SUCCESS", 100)], [OurRow("payment", "n1", ours, 100)]
    )
    assert found == Difference("payment", "n1", "status_differs", ours, "SUCCESS")


@pytest.mark.parametrize(
    ("day", "now", "ready"),
    [
        (date(2026, 11, 23), NOW, False),  # half past eight: not before ten
        (date(2026, 11, 23), NOW + timedelta(hours=2), True),
        (date(2026, 11, 24), NOW + timedelta(hours=2), False),
        (date(2026, 8, 26), NOW, True),
        (date(2026, 8, 25), NOW, False),
        (date.max, NOW, False),
        (date.min, NOW, False),
    ],
)
def test_a_bill_is_there_from_ten_the_next_day_for_three_months(
    day: date, now: datetime, ready: bool
) -> None:
    assert rules.bill_ready(day, now) is ready


# -- amounts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (5, "伍分"),
        (10, "壹角整"),
        (105, "壹元零伍分"),
        (150, "壹元伍角整"),
        (1_234, "壹拾贰元叁角肆分"),
        (10_000, "壹佰元整"),
        (10_500, "壹佰零伍元整"),
        (100_100, "壹仟零壹元整"),
        (1_000_000, "壹万元整"),
        (1_010_100, "壹万零壹佰零壹元整"),
        (10_000_500, "壹拾万零伍元整"),
        (100_001_000, "壹佰万零壹拾元整"),
        (10_000_000_000, "壹亿元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (123_456_789, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
    ],
)
def test_an_amount_in_words(fen: int, words: str) -> None:
    assert rules.in_words(fen) == words


PLACE = {"拾": 10, "佰": 100, "仟": 1000}


def _fen_of(words: str) -> int:
    """Read an amount in words back: an independent reader of the same script."""
    total = group = digit = 0
    fen = 0
    for sign in words.removesuffix("整"):
        if sign in rules.DIGITS:
            digit = rules.DIGITS.index(sign)
        elif sign in PLACE:
            group, digit = group + digit * PLACE[sign], 0
        elif sign in "万亿":
            total = (total + group + digit) * (10_000 if sign == "万" else 10**8)
            group = digit = 0
        elif sign == "元":
            fen, total, group, digit = (total + group + digit) * 100, 0, 0, 0
        else:
            fen, digit = fen + digit * {"角": 10, "分": 1}[sign], 0
    return fen


@given(st.integers(1, 10**10 - 1))
def test_an_amount_in_words_can_be_read_back(fen: int) -> None:
    assert _fen_of(rules.in_words(fen)) == fen


@given(st.integers(0, 10**12))
def test_yuan_are_exact(fen: int) -> None:
    whole, _, cents = rules.yuan(fen).partition(".")
    assert int(whole) * 100 + int(cents) == fen
    assert len(cents) == 2


def test_a_prepay_id_lives_two_hours() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    assert rules.prepay_usable(at, at + timedelta(minutes=119))
    assert not rules.prepay_usable(at, at + timedelta(minutes=120))
    assert not rules.prepay_usable(None, at)
