"""Which days an expression means (日期推算): pure arithmetic from today and the calendar.

A handler takes the groups of one match of time_words and returns a period, or None when there is
no such day. ValueError and OverflowError may escape; times.resolve drops the expression.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from intents.time_numbers import number, row
from intents.working_calendar import Calendar, nth_workday

OPEN_DAYS = 14  # length of a period with no end of its own: 尽快, 国庆后 (ten working days)

_DAY_OFFSETS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "名": 1, "后": 2, "大后": 3}
_WEEKDAYS = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6}
_WEEKDAYS |= {c: i for i, c in enumerate("1234567")}
_VAGUE = {"": (1, 1), "一": (1, 1), "几": (3, 7)}
_UNIT_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}
_MONTH_PARTS = {"初": (1, 7), "上旬": (1, 10), "中": (11, 20), "中旬": (11, 20), "下旬": (21, 31)}

Groups = dict[str, str]


@dataclass(frozen=True)
class Moment:
    """What days are counted from (基准): today, or for the end of a range its beginning."""

    today: date
    base: date
    calendar: Calendar


@dataclass(frozen=True)
class Period:
    """Days from start to end; before a soft one means up to its end: 月底前, not 周三前."""

    start: date
    end: date
    soft: bool = False


Handler = Callable[[Groups, Moment], "Period | None"]


def one(day: date) -> Period:
    """Make a period of one day."""
    return Period(day, day)


def add_months(day: date, count: int) -> date:
    """Go to the same day some months on, or the month's last day when it is shorter."""
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _month(year: int, month: int) -> Period:
    return Period(date(year, month, 1), date(year, month, months.monthrange(year, month)[1]))


def relative_day(found: Groups, moment: Moment) -> Period:
    """今天, 明儿, 大后天, and 今明两天, 明后天 as two days."""
    first = _DAY_OFFSETS[found["n"]]
    last = _DAY_OFFSETS[found["n2"]] if found["n2"] else first
    return Period(moment.today + timedelta(first), moment.today + timedelta(last))


def soon(found: Groups, moment: Moment) -> Period:
    """最近, 尽快, 越快越好: from today, open."""
    return Period(moment.today, moment.today + timedelta(OPEN_DAYS - 1))


def these_days(found: Groups, moment: Moment) -> Period:
    """这两天, 这几天, 近几天: today and the days after it."""
    return Period(moment.today, moment.today + timedelta(1 if found["few"] in "两俩" else 4))


def later_today(found: Groups, moment: Moment) -> Period:
    """一会儿, 待会儿: today."""
    return one(moment.today)


def week(found: Groups, moment: Moment) -> Period | None:
    """周三, 下周三, 这周末, 下周: weeks begin on Monday.

    A bare 周三 is the next one, today included; 这周三 may lie in the past.
    """
    shift = found["rel"]
    start = moment.base if not shift else moment.today
    monday = start - timedelta(start.weekday()) + timedelta(7 * _steps(shift))
    if found["end"]:
        return _weekend(monday, moment.base if not shift else date.min)
    if not found["day"]:
        return Period(max(monday, moment.today) if _steps(shift) == 0 else monday, _sunday(monday))
    day = monday + timedelta(_WEEKDAYS[found["day"]])
    return one(day if shift or day >= moment.base else day + timedelta(7))


def _steps(shift: str) -> int:
    """Count the 下 and 上 of 下下周: +2."""
    return shift.count("下") - shift.count("上")


def _sunday(monday: date) -> date:
    return monday + timedelta(6)


def _weekend(monday: date, earliest: date) -> Period:
    return Period(max(monday + timedelta(5), earliest), _sunday(monday))


def full_date(found: Groups, moment: Moment) -> Period | None:
    """2026年12月1日, 明年3月1号, 12月1号到5号: without a year, the next such day."""
    month, day = number(found["m"]), number(found["d"])
    year = _year(found, moment)
    start = date(year, month, day) if year else _next_date(month, day, moment.base)
    if start is None or not found["d2"]:
        return one(start) if start else None
    end = start.replace(day=number(found["d2"]))
    return Period(start, end) if end >= start else None


def _year(found: Groups, moment: Moment) -> int | None:
    if found["rel"]:
        return (
            moment.today.year
            + {"前": -2, "去": -1, "今": 0, "明": 1, "来": 1, "后": 2}[found["rel"][0]]
        )
    if not found["y"]:
        return None
    year = number(found["y"])
    if year < 100:
        year += 2000 if year < 70 else 1900  # 98年 is a year of birth, not 2098
    return year


def _next_date(month: int, day: int, base: date) -> date | None:
    """Find the next such day; 29 February may be up to eight years away."""
    for year in range(base.year, base.year + 9):
        if 1 <= month <= 12 and 1 <= day <= months.monthrange(year, month)[1]:
            found = date(year, month, day)
            if found >= base:
                return found
    return None


def month_day(found: Groups, moment: Moment) -> Period | None:
    """15号, 本月15号, 下月3号, 3号到5号: a bare one is the next such day, today included."""
    day = number(found["d"])
    start = _named_month_day(found["rel"], day, moment)
    if start is None or not found["d2"]:
        return one(start) if start else None
    end = start.replace(day=number(found["d2"]))
    return Period(start, end) if end >= start else None


def _named_month_day(rel: str, day: int, moment: Moment) -> date | None:
    if rel:
        return add_months(moment.today.replace(day=1), _steps(rel)).replace(day=day)
    first = moment.base.replace(day=1)
    candidates = (add_months(first, i) for i in range(3))
    dates = (m.replace(day=day) for m in candidates if day <= _month(m.year, m.month).end.day)
    return next((found for found in dates if found >= moment.base), None) if day else None


def month(found: Groups, moment: Moment) -> Period | None:
    """下个月, 3月份, 下个月中旬, 月底: a bare part of the month is the next one not over."""
    if found["m"]:
        whole = _numbered_month(number(found["m"]), _year(found, moment), moment.base)
    else:
        first = add_months(moment.today.replace(day=1), _steps(found["rel"]))
        whole = _month(first.year, first.month)
    period = _part_of_month(whole, found["part"])
    if period.end < moment.today and not (found["m"] or found["rel"]):
        following = add_months(whole.start, 1)
        period = _part_of_month(_month(following.year, following.month), found["part"])
    if period.start < moment.today <= period.end:
        period = Period(moment.today, period.end, period.soft)
    return period


def _numbered_month(month: int, year: int | None, base: date) -> Period:
    if year is None:
        year = base.year if month >= base.month else base.year + 1
    return _month(year, month)


def _part_of_month(whole: Period, part: str) -> Period:
    if part in ("底", "末"):
        return Period(whole.end - timedelta(6), whole.end, soft=True)
    first, last = _MONTH_PARTS.get(part, (1, 31))
    end = whole.start.replace(day=min(last, whole.end.day))
    return Period(whole.start.replace(day=first), end)


def year_end(found: Groups, moment: Moment) -> Period:
    """年底, 明年年初: the last, or first, month of the year."""
    year = _year(found, moment) or moment.today.year
    if found["part"] == "初":
        past = not found["rel"] and moment.today.month > 1
        return _month(year + past, 1)
    whole = _month(year, 12)
    return Period(max(whole.start, min(moment.today, whole.end)), whole.end, soft=True)


def days_later(found: Groups, moment: Moment) -> Period:
    """三天后, 过两天, 5个工作日后, 半个月后, 两三天后."""
    unit = found["unit"] or found["unit2"]
    first, last = _counts(found["n"] or found.get("n2", ""))
    return Period(_later(unit, first, moment), _later(unit, last, moment))


def _counts(count: str) -> tuple[int, int]:
    if count in _VAGUE:
        return _VAGUE[count]
    if len(count) == 2 and "十" not in count and not count.isdecimal():
        return row(count[0]), row(count[1])  # 两三天
    return (number(count),) * 2


def _later(unit: str, count: int, moment: Moment) -> date:
    if unit == "工作日":
        return nth_workday(moment.calendar.is_workday, moment.today, count)
    if unit == "月":
        return add_months(moment.today, count)
    if unit == "年":
        return add_months(moment.today, 12 * count)
    if unit == "半":
        return moment.today + timedelta(15)
    return moment.today + timedelta(_UNIT_DAYS[unit] * count)


def within(found: Groups, moment: Moment) -> Period:
    """三天内, 一周之内: from today up to then."""
    return Period(moment.today, days_later(found, moment).end)


def next_workday(found: Groups, moment: Moment) -> Period:
    """下个工作日, 最近一个工作日."""
    return one(nth_workday(moment.calendar.is_workday, moment.today, 1))
