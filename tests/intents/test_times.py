from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intents.times import calendar_from_yaml, names_day, resolve
from intents.types import TimeSpan

CALENDAR = calendar_from_yaml(Path(__file__).parents[2] / "handbook" / "calendar.yaml")
SHANGHAI = timezone(timedelta(hours=8))
WEDNESDAY = datetime(2026, 9, 23, 10, 0, tzinfo=SHANGHAI)
TABLE = Path(__file__).parent / "data" / "times.tsv"


def table() -> list[tuple[str, str, str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(clock, text, expected) for clock, text, expected in rows]


def shown(span: TimeSpan) -> str:
    days = f"{span.start}" if span.start == span.end else f"{span.start}..{span.end}"
    return " ".join(filter(None, (days, span.part, f"{span.at:%H:%M}" if span.at else None)))


def spans(text: str, now: datetime = WEDNESDAY) -> list[TimeSpan]:
    return resolve(text, now, CALENDAR)


def test_table_is_large_and_has_no_row_twice() -> None:
    rows = table()
    assert len(rows) >= 120
    assert len({(clock, text) for clock, text, _ in rows}) == len(rows)


@pytest.mark.parametrize(("clock", "text", "expected"), table())
def test_expression_resolves_as_tabled(clock: str, text: str, expected: str) -> None:
    now = datetime.fromisoformat(clock).replace(tzinfo=SHANGHAI)
    assert (" | ".join(map(shown, spans(text, now))) or "-") == expected


def test_offsets_are_those_of_the_sentence_as_typed() -> None:
    text = "帮我约 12 月 1 日 上午，谢谢"
    (span,) = spans(text)
    assert text[span.begin : span.stop] == span.text == "12 月 1 日 上午"


def test_two_days_in_one_sentence_come_in_the_order_said() -> None:
    assert [span.text for span in spans("明天或者后天下午")] == ["明天", "后天下午"]


def test_hour_said_later_belongs_to_the_day_said_before() -> None:
    later = spans("后天去,大概下午三点到")[-1]
    assert shown(later) == "2026-09-25 afternoon 15:00"


def test_refused_day_is_kept_when_no_other_is_offered() -> None:
    assert [span.text for span in spans("明天不行")] == ["明天"]


def test_span_tells_whether_a_day_was_named() -> None:
    assert names_day(spans("明天下午三点")[0])
    assert not names_day(spans("下午三点")[0])


def test_clock_of_another_zone_is_read_in_shenyang() -> None:
    evening_in_london = datetime(2026, 9, 22, 17, 0, tzinfo=timezone.utc)
    assert spans("今天", evening_in_london)[0].start == date(2026, 9, 23)


def test_very_long_text_is_read_only_at_its_beginning() -> None:
    assert [span.text for span in spans("明天" + "办证" * 5000 + "后天")] == ["明天"]


WORDS = """
今天 明儿 后天 大后天 昨天 周三 下周 礼拜天 上午 下午 晚上 九点 两点 半 14:30 15号 31号
12月1日 2月30号 到 至 - 前 以后 之前 后 内 三天 个工作日 国庆 春节 元旦 节 年 月底 月初 下个月
中旬 第一个工作日 最后一个 2027年 尽快 的 ， 不行 吧 一 二 十 零 99 9999 〇 ： 😀 年前 过完
放完假 12.1 12-01 第 号 点 时 周 每 x
"""
TEXTS = st.lists(st.sampled_from([*WORDS.split(), " ", "　"]), max_size=12).map("".join) | st.text(
    max_size=60
)
CLOCKS = st.datetimes(datetime(2020, 1, 1), datetime(2032, 12, 31))


@given(TEXTS, CLOCKS)
@example("9999年12月31日以后", datetime(2026, 1, 1))
@example("24:00到24点", datetime(2026, 1, 1))
def test_any_text_gives_ordered_spans_inside_it(text: str, clock: datetime) -> None:
    found = spans(text, clock.replace(tzinfo=SHANGHAI))
    for span in found:
        assert span.start <= span.end
        assert span.text == text[span.begin : span.stop] != ""
    assert all(a.stop <= b.begin for a, b in pairwise(found))


@given(CLOCKS)
def test_bare_weekday_is_within_the_coming_seven_days(clock: datetime) -> None:
    for index, name in enumerate("一二三四五六日"):
        (span,) = spans(f"周{name}", clock.replace(tzinfo=SHANGHAI))
        assert 0 <= (span.start - clock.date()).days < 7
        assert span.start.weekday() == index


@given(CLOCKS, st.integers(1, 31))
def test_bare_day_of_the_month_is_the_next_one(clock: datetime, day: int) -> None:
    (span,) = spans(f"{day}号", clock.replace(tzinfo=SHANGHAI))
    assert span.start.day == day
    between = (clock.date() + timedelta(i) for i in range((span.start - clock.date()).days))
    assert all(other.day != day for other in between)
