"""Holidays and what is said beside a day (节假日): 国庆后, 节前, 月底前, 下周第一个工作日."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

from intents.time_days import OPEN_DAYS, Groups, Moment, Period, one
from intents.working_calendar import Calendar, nth_workday

_HOLIDAYS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
# Holidays that the law fixes to a date: known for years whose notice is not in the calendar.
_FIXED = {"元旦": (1, 1), "劳动节": (5, 1), "国庆节": (10, 1)}
_HOLIDAY_OF = {
    "元旦": "元旦", "阳历年": "元旦", "春节": "春节", "过年": "春节", "年": "春节",
    "清明": "清明节", "五一": "劳动节", "劳动节": "劳动节",
    "端午": "端午节", "五月节": "端午节",
    "中秋": "中秋节", "八月节": "中秋节", "八月十五": "中秋节",
    "国庆": "国庆节", "十一": "国庆节",
}  # fmt: skip


def named_holiday(found: Groups, moment: Moment) -> Period | None:
    """国庆, 元旦期间, 年前 (= before 春节): the days off of the next one not over."""
    return _holiday(_HOLIDAY_OF[found["name"]], moment)


def after_holiday(found: Groups, moment: Moment) -> Period | None:
    """过完国庆, 过了年, 放完假: the days after that holiday."""
    name = "年" if found["any"] == "年" else found["name"]
    period = named_holiday({"name": name}, moment) if name else coming_holiday(found, moment)
    return after(period, moment) if period else None


def coming_holiday(found: Groups, moment: Moment) -> Period | None:
    """节后, 放假前: the holiday that is on, or the next one."""
    periods = filter(None, (_holiday(name, moment) for name in _HOLIDAYS))
    return min(periods, key=lambda period: period.start, default=None)


def _holiday(name: str, moment: Moment) -> Period | None:
    years = (moment.today.year + i for i in range(2))
    for days in (_days_off(name, year, moment.calendar) for year in years):
        if days and days[-1] >= moment.today:
            return Period(days[0], days[-1])
    return None


def _days_off(name: str, year: int, calendar: Calendar) -> list[date]:
    known = list(calendar.holiday(name, year))
    return known or ([date(year, *_FIXED[name])] if name in _FIXED else [])


def workday_of(period: Period, moment: Moment, count: int) -> Period | None:
    """Pick the count-th workday of a period, the last when count is -1: 下周第一个工作日."""
    length = (period.end - period.start).days + 1
    days = (period.start + timedelta(i) for i in range(length))
    workdays = [day for day in islice(days, 400) if moment.calendar.is_workday(day)]
    try:
        return one(workdays[count if count < 0 else count - 1])
    except IndexError:
        return None


def before(period: Period, moment: Moment) -> Period | None:
    """周三前, 国庆前, 月底前: from today until the period begins, or ends when it is soft."""
    end = period.end if period.soft else period.start - timedelta(1)
    if period.start == moment.today:
        end = max(end, moment.today)
    return Period(moment.today, end) if end >= moment.today else None


def after(period: Period, moment: Moment) -> Period:
    """周三以后, 国庆后: from the day after, open."""
    start = period.end + timedelta(1)
    return Period(start, start + timedelta(OPEN_DAYS - 1))


def workday_after(period: Period, moment: Moment, count: int) -> Period:
    """国庆后第一个工作日, and 节后第一天, which is the first day that people work."""
    return one(nth_workday(moment.calendar.is_workday, period.end, max(count, 1)))


def workday_before(period: Period, moment: Moment, count: int) -> Period:
    """国庆前最后一个工作日, 放假前最后一天."""
    return one(nth_workday(moment.calendar.is_workday, period.start, -count))


def eve(period: Period) -> Period:
    """国庆前一天."""
    return one(period.start - timedelta(1))
