"""Everyday Chinese dates and times (时间表达), resolved against a clock and the hall's calendar.

Rules that a reader could decide otherwise:
- a bare weekday is the next such day, today included; 下周X is in the next week, Monday first;
- a bare 15号 or 12月1日 that is over is the next month's, or next year's; a day that does not exist
  (2月30号, 32号) is no expression; days far off are returned, the booking service refuses them;
- a part of the day without a day (下午三点) belongs to the day said before it, else to today, or to
  tomorrow once it is over; see names_day;
- one to six o'clock with no part of the day is the afternoon, as halls are open;
- 三点以后 has at = 15:00; 十点前 has no at; noon has at = 12:00 and no part; evening at = 18:00;
- 周三前 ends on Tuesday, 周三后 starts on Thursday, 月底前 includes the last day;
- 尽快, 国庆后 and other open expressions last OPEN_DAYS days;
- days that the citizen rules out are left out when another follows: 明天不行,后天吧.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone

from intents import time_holidays as holidays
from intents.normalise import fold
from intents.time_days import OPEN_DAYS, Moment, Period
from intents.time_numbers import number
from intents.time_words import Token, scan
from intents.types import Part, TimeSpan
from intents.working_calendar import Calendar, calendar_from_yaml

__all__ = ["OPEN_DAYS", "Calendar", "calendar_from_yaml", "names_day", "resolve"]

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")  # China keeps no summer time
_LAST_WORKDAY = "前一个工作日"
NOON = time(12)
EVENING = time(18)
_DAY_GAP = re.compile("(?:的|,| |t|那天|当天|大概|大约|差不多|就|吧|呢|呗|啊|的话)*")
_MODIFIER_GAP = re.compile("(?:的|假期|期间|放假|长假|那天|当天)*")
_REFUSED_AFTER = re.compile(
    "(?:我|那天|也|都)*(?:不行|不去|去不了|来不了|没空|没时间|不方便|不成|不中|有事)(?!吗|么|[?])"
    "|,?(?:不对|错了|说错)"
)
_REFUSED_BEFORE = re.compile("(?:(?<!是)不是|别|不要|不想|不约|不去)$")
_SPACE = re.compile(r"(?<![0-9a-z]) +| +(?![0-9a-z])")


@dataclass(frozen=True)
class _Hours:
    """A time of the day, and the moment from which it is over."""

    part: Part | None = None
    at: time | None = None
    over: time = time.max


@dataclass(frozen=True)
class _Found:
    """An expression before its offsets are mapped back to the sentence."""

    period: Period | None
    hours: _Hours
    begin: int
    stop: int
    soon: bool = False


def resolve(text: str, now: datetime, calendar: Calendar) -> list[TimeSpan]:
    """Return the days and times a sentence names (时间表达), in the order they are said."""
    sentence, places = _compact(fold(text))
    now = now.astimezone(SHANGHAI) if now.tzinfo else now
    found = _Reader(sentence, Moment(now.date(), now.date(), calendar)).read()
    kept = _without_refused(_dated(found, now), sentence)
    return [_span(text, one, places) for one in kept]


def names_day(span: TimeSpan) -> bool:
    """Tell whether the citizen named a day (说了哪天); 下午三点 alone keeps an agreed day."""
    words = scan(_compact(fold(span.text))[0])
    return any(word.handler for word in words) or not words


def _compact(folded: str) -> tuple[str, list[int] | None]:
    """Drop spaces except between digits or letters (12 月 1 日), keeping where each one stood."""
    if " " not in folded:
        return folded, None
    drop = {i for match in _SPACE.finditer(folded) for i in range(*match.span())}
    places = [i for i in range(len(folded)) if i not in drop]
    return "".join(folded[i] for i in places), places


def _span(text: str, found: _Found, places: list[int] | None) -> TimeSpan:
    begin, stop = found.begin, found.stop
    if places is not None:
        begin, stop = places[begin], places[stop - 1] + 1
    period = found.period or Period(date.min, date.min)
    part, at = found.hours.part, found.hours.at
    return TimeSpan(period.start, period.end, part, at, text[begin:stop], begin, stop)


def _dated(found: list[_Found], now: datetime) -> Iterator[_Found]:
    """Give expressions without a day the day said before them, else the next time it comes."""
    named: Period | None = None
    for one in found:
        if one.period is None:
            one = replace(one, period=named or _next_time(one, now))
        elif not one.soon:
            named = one.period
        yield one


def _next_time(found: _Found, now: datetime) -> Period:
    day = now.date() + timedelta(1 if now.time() >= found.hours.over else 0)
    return Period(day, day)


def _without_refused(found: Iterator[_Found], sentence: str) -> list[_Found]:
    kept = list(found)
    if len(kept) > 1 and any(not one.soon for one in kept):
        kept = [one for one in kept if not one.soon]
    last = len(kept) - 1
    return [one for i, one in enumerate(kept) if i == last or not _refused(one, sentence)]


def _refused(found: _Found, sentence: str) -> bool:
    """明天不行, 别明天了, 下周三,不对."""
    before = sentence[max(0, found.begin - 3) : found.begin]
    return bool(_REFUSED_AFTER.match(sentence, found.stop) or _REFUSED_BEFORE.search(before))


class _Reader:
    """Puts neighbouring words together: day, range of days, 前 or 后, part of the day, clock."""

    def __init__(self, sentence: str, moment: Moment) -> None:
        self._sentence = sentence
        self._moment = moment
        self._tokens = scan(sentence)
        self._next = 0
        self._stop = 0

    def read(self) -> list[_Found]:
        """Read all expressions; one that names no possible day is dropped whole."""
        found = []
        while self._next < len(self._tokens):
            try:
                one = self._expression()
            except (ValueError, OverflowError):
                continue  # 24:00, or a span beyond the end of the calendar
            if one:
                found.append(one)
        return found

    def _expression(self) -> _Found | None:
        first = self._tokens[self._next]
        self._next += 1
        self._stop = first.stop
        if first.handler:
            return self._with_day(first)
        if first.kind in _CLOCKS or first.kind == "part":
            if self._sentence[first.begin : first.stop] in "早晚":  # only after a day: 明天早
                return None
            hours = self._hours(first)
            return _Found(None, hours, first.begin, self._stop)
        return None

    def _with_day(self, first: Token) -> _Found | None:
        period = self._days(first)
        hours = self._hours(None)
        if self._peek("to") and period:
            period, hours = self._until(period, hours)
        if period is None:
            return None
        return _Found(period, hours, first.begin, self._stop, first.kind == "soon")

    def _days(self, first: Token) -> Period | None:
        """Read a day word and what modifies it: 国庆 + 后 + 第一个工作日."""
        period = self._restated(first, _period(first, self._moment))
        return self._modify(period, first.kind in ("holiday", "coming_holiday"))

    def _restated(self, first: Token, period: Period | None) -> Period | None:
        """Read one day said twice as one: 12月1日(周二), 周二(12月1日), 明天周四."""
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        if token is None or period is None or token.kind == first.kind:
            return period
        other = _period(token, self._moment)
        if self._sentence[self._stop : token.begin] not in ("", "(") or not other:
            return period
        exact = other if _bare_weekday(first) else period
        if not _agree(period, other, by_weekday=_bare_weekday(first) or _bare_weekday(token)):
            return period
        self._next += 1
        self._stop = token.stop + (self._sentence[token.stop : token.stop + 1] == ")")
        return exact

    def _modify(self, period: Period | None, holiday: bool) -> Period | None:
        if token := self._take(_BESIDE, _MODIFIER_GAP):
            return self._modified(period, token) if period else None
        nth = self._take(("nth",), _MODIFIER_GAP)
        if nth is None or period is None:
            return period
        pick = holidays.workday_after if holiday else holidays.workday_of
        return pick(period, self._moment, _count(nth))

    def _modified(self, period: Period, token: Token) -> Period | None:
        """Apply 前, 后, 前一天, 后第一个工作日, 前最后一个工作日."""
        nth = self._take(("nth",), _MODIFIER_GAP)
        if token.kind != "before":
            if nth:
                return holidays.workday_after(period, self._moment, _count(nth))
            return holidays.after(period, self._moment)
        if token.found["eve"] == _LAST_WORKDAY or nth:
            return holidays.workday_before(period, self._moment, abs(_count(nth)) if nth else 1)
        return holidays.eve(period) if token.found["eve"] else holidays.before(period, self._moment)

    def _until(self, period: Period, hours: _Hours) -> tuple[Period | None, _Hours]:
        """Read the end of a range of days: 周三到周五, counted from its beginning."""
        mark = self._next, self._stop
        self._take(("to",))
        last = self._tokens[self._next] if self._next < len(self._tokens) else None
        if last is None or last.handler is None or last.begin != self._stop:
            self._next, self._stop = mark
            return period, hours
        self._next += 1
        self._stop = last.stop
        end = _period(last, replace(self._moment, base=max(period.start, self._moment.today)))
        ended = self._hours(None)
        if end is None or end.end < period.start:
            return None, hours
        whole = Period(period.start, end.end)
        return whole, hours if whole.start == whole.end else _common(hours, ended)

    def _hours(self, first: Token | None) -> _Hours:
        """Read a part of the day and a clock time, and the end of a range of hours."""
        part = first if first and first.kind == "part" else None
        clock = first if first and first.kind != "part" else None
        if first is None:
            part = self._take(("part",), _DAY_GAP)
        if clock is None:
            clock = self._take(_CLOCKS, _DAY_GAP)
        word = next((name for name, text in part.found.items() if text), "") if part else ""
        if clock is None:
            return _PARTS[word]
        at = _clock(clock.found, word)
        self._hours_end()
        tail = self._take(("before", "after"))
        if tail and tail.kind == "before":
            return _Hours(_part_of(at) if at <= NOON else _PARTS[word].part, None, at)
        return _Hours(_part_of(at), at, at)

    def _hours_end(self) -> None:
        """Pass over the end of a range of hours: 下午两点到四点 begins at two."""
        mark = self._next, self._stop
        if self._take(("to",)):
            self._take(("part",))
            if not self._take(_CLOCKS):
                self._next, self._stop = mark

    def _peek(self, kind: str) -> bool:
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        return token is not None and token.kind == kind and token.begin == self._stop

    def _take(self, kinds: tuple[str, ...], gap: re.Pattern[str] | None = None) -> Token | None:
        """Take the next word if it is of these kinds and nothing but filling lies between."""
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        if token is None or token.kind not in kinds:
            return None
        between = self._sentence[self._stop : token.begin]
        if between and not (gap and gap.fullmatch(between)):
            return None
        self._next += 1
        self._stop = token.stop
        return token


_CLOCKS = ("clock", "hours")
_BESIDE = ("before", "after", "holiday_over")
_PARTS = {
    "": _Hours(),
    "morning": _Hours("morning", None, NOON),
    "noon": _Hours(None, NOON, time(14)),
    "afternoon": _Hours("afternoon", None, EVENING),
    "evening": _Hours("afternoon", EVENING),
}
_MINUTES = {"": 0, "半": 30, "一刻": 15, "三刻": 45}


def _period(token: Token, moment: Moment) -> Period | None:
    """Work out a day word; None for 2月30号, 32号 and days beyond the end of the calendar."""
    try:
        return token.handler(token.found, moment) if token.handler else None
    except (ValueError, OverflowError):
        return None


def _bare_weekday(token: Token) -> bool:
    return token.kind == "weekday" and not token.found["rel"] and bool(token.found["day"])


def _agree(one: Period, other: Period, *, by_weekday: bool) -> bool:
    if one.start != one.end or other.start != other.end:
        return False
    return one.start.weekday() == other.start.weekday() if by_weekday else one == other


def _common(first: _Hours, last: _Hours) -> _Hours:
    """周三到周五上午 means every morning; 明天上午到后天下午 no one part of the day."""
    if first == _Hours():
        return last
    return first if first == last else _Hours()


def _count(nth: Token) -> int:
    """第三个 = 3, 最后一个 = -1."""
    if nth.found["last"]:
        return -1
    return number(nth.found["n"]) if nth.found["n"] else 1


def _part_of(at: time) -> Part | None:
    if at.hour == NOON.hour:
        return None
    return "morning" if at < NOON else "afternoon"


def _clock(found: dict[str, str], part: str) -> time:
    """Turn 两点半 into 14:30; raises ValueError for an hour that is none."""
    hour = number(next(found[key] for key in _HOUR_GROUPS if found.get(key)))
    minute = found.get("minute") or found.get("minute2") or ""
    written = bool(found.get("h2"))  # 02:30 is written as meant, unless 下午 stands before it
    late = part in ("afternoon", "evening") or (part == "noon" and hour < 10)
    likely_late = not part and not written and 1 <= hour <= 6
    if (late and hour < 12) or likely_late:
        hour += 12
    return time(hour, _MINUTES[minute] if minute in _MINUTES else number(minute))


_HOUR_GROUPS = ("h", "h2", "h3", "h4", "small", "pair")
