"""What citizens read about appointments."""

from __future__ import annotations

from datetime import date

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
REASONS = {
    "past": "这一天已经过去了",
    "weekend": "周末不办公",
    "too_soon": "当天不能网上预约，请到大厅现场取号",
    "not_yet_released": "这一天还没有放号",
    "full": "这一天约满了",
}
HOLIDAY = "{name}放假，大厅不办公"


def weekday(day: date) -> str:
    """Return 周一 … 周日."""
    return WEEKDAYS[day.weekday()]


def reason(code: str) -> str:
    """Return the sentence of why a day is closed; an unknown code is a holiday's name."""
    return REASONS.get(code) or HOLIDAY.format(name=code)
