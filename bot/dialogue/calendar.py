"""How days and hours are said to a citizen (日期说法)."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

WEEKDAYS = "一二三四五六日"
SHANGHAI = timezone(timedelta(hours=8))
NEAR = {0: "今天", 1: "明天", 2: "后天"}


def day_name(day: date, today: date) -> str:
    """明天（11月25日 周三）."""
    plain = f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"
    near = NEAR.get((day - today).days)
    return f"{near}（{plain}）" if near else plain


def short_day(day: date, today: date) -> str:
    """明天 周三 or 11月27日 周五, short enough for a button."""
    near = NEAR.get((day - today).days) or f"{day.month}月{day.day}日"
    return f"{near} 周{WEEKDAYS[day.weekday()]}"


def part_name(part: str | None) -> str:
    """上午 or 下午."""
    return {"morning": "上午", "afternoon": "下午"}.get(part or "", "")


def as_day(text: object) -> date | None:
    """A date from a slot's ISO text."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def days_after(day: date, count: int) -> date:
    """The day so many days later."""
    return day + timedelta(days=count)


def day_of_moment(text: object) -> date | None:
    """The hall's date of a moment's ISO text, whatever zone it is told in."""
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment.astimezone(SHANGHAI).date() if moment.tzinfo else moment.date()


def plain_day(day: date | None) -> str:
    """11月25日."""
    return f"{day.month}月{day.day}日" if day else ""
