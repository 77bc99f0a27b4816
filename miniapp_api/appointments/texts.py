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
    "closed": "这个窗口当天不办公",
}
NO_SUCH_QUEUE = "这个大厅没有这个队列"
NO_SUCH_WINDOWS = "这个大厅没有这些窗口：{windows}"
NOT_OF_THE_QUEUE = "这些窗口不在这个队列"
SEVERAL_QUEUES = "这些窗口不在同一个队列，请分开登记"
OFFERS_LAPSED = "两次候补到号都没有确认"
DAYS_OVER = "候补的日子已经过了"
WHERE = "{hall} {windows}号窗口"
CALENDAR_NOTE = "预约号 {reference}。带齐材料，提前10分钟到大厅签到。来不了请早点取消。"
TOO_SHORT = "这个时段离下班或午休太近，办不完这件事，请选早一点的"
HOLIDAY = "{name}放假，大厅不办公"


def weekday(day: date) -> str:
    """Return 周一 … 周日."""
    return WEEKDAYS[day.weekday()]


def reason(code: str) -> str:
    """Return the sentence of why a day is closed; an unknown code is a holiday's name."""
    if code.startswith("note:"):
        return code.removeprefix("note:")
    return REASONS.get(code) or HOLIDAY.format(name=code)
