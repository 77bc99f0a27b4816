"""Finding a slot with the citizen (选号), shared by booking and rescheduling.

Works on the slots `day` (ISO date) and the draft's part, at, last (end of a stretch of days) and
page; asks for the day, then lists real free slots; returns the slot once it is chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot import texts
from bot.api_client import ApiRefusal
from bot.dialogue import choices
from bot.dialogue.calendar import as_day, day_name, days_after, part_name, short_day
from bot.dialogue.chat import Chat
from bot.dialogue.seats import (
    Wish,
    day_of,
    exactly_at,
    free,
    in_part,
    nearest_to,
    open_days,
    page,
)
from bot.dialogue.turn import Span
from bot.replies import Answer, pick, quick, reply

Json = dict[str, Any]
HORIZON_DAYS = 30
NEAR_HOURS = ("earliest", "latest")


@dataclass(frozen=True)
class Place:
    """What is booked where (事项与大厅)."""

    item: str
    item_name: str
    hall: str


# what the citizen says about the time


def take_time(chat: Chat) -> bool:
    """Reads the turn's day, part and hour into the form; True when something was said."""
    picked = as_day(chat.turn.picks.get("day"))
    if picked:
        _take_day(chat, picked, picked)
        return True
    for span in chat.turn.spans:
        _take_span(chat, span)
    return bool(chat.turn.spans)


def _take_span(chat: Chat, span: Span) -> None:
    if span.names_day:
        _take_day(chat, span.start, span.end)
    chat.memory.note(part=span.part or (_part_of(span.at) if span.at else None), at=span.at)
    chat.memory.note(page=None)
    chat.memory.set(seat=None)


def _take_day(chat: Chat, first: date, last: date) -> None:
    chat.memory.set(day=first.isoformat(), seat=None)
    chat.memory.note(
        last=last.isoformat() if last != first else None, part=None, at=None, page=None
    )


def _part_of(at: str) -> str:
    return "morning" if at < "12:00" else "afternoon"


def forget_time(chat: Chat) -> None:
    """换个时间: asks for the day anew."""
    chat.memory.set(day=None, seat=None, offered=None)
    chat.memory.note(last=None, part=None, at=None, page=None, pick=None)


def take_choice(chat: Chat) -> bool:
    """Reads a choice among the slots or days that were offered."""
    return _take_seat(chat) or _take_offered_day(chat)


def _take_seat(chat: Chat) -> bool:
    seats = chat.offered("seat")
    chosen = _seat_named(chat, seats)
    if chosen:
        chat.memory.set(seat=str(chosen[0]), day=chosen[3])
        chat.memory.note(chosen=chosen)
    return chosen is not None


def _seat_named(chat: Chat, seats: list[list[Any]]) -> list[Any] | None:
    picked, text = chat.turn.picks.get("seat"), chat.turn.text
    if picked:
        return next((each for each in seats if str(each[0]) == picked), None)
    clocks = [span.at for span in chat.turn.spans if span.at and not span.names_day]
    by_clock = next((each for each in seats if clocks and each[2] == clocks[0]), None)
    return by_clock or choices.by_position(text, seats) or _at_end(text, seats)


def _at_end(text: str, seats: list[list[Any]]) -> list[Any] | None:
    if seats and choices.wants_latest(text):
        return seats[-1]
    return None


def _take_offered_day(chat: Chat) -> bool:
    chosen = choices.by_position(chat.turn.text, chat.offered("day"))
    day = as_day(chosen[0]) if chosen else None
    if day:
        _take_day(chat, day, day)
    return day is not None


def take_page(chat: Chat) -> bool:
    """更多 and 最早的."""
    if choices.wants_earliest(chat.turn.text):
        chat.memory.note(pick="earliest", page=None)
        return True
    if choices.wants_more(chat.turn.text) and chat.offered("seat"):
        chat.memory.note(page=int(chat.memory.draft.get("page") or 0) + 1)
        return True
    return False


# what the bot asks about the time


async def find_seat(chat: Chat, place: Place) -> Json | None:
    """The chosen slot; None once the citizen has been asked to choose (chat.requested is set)."""
    chosen = chat.memory.draft.get("chosen")
    if chat.memory.get("seat") and chosen:
        return {"id": chosen[0], "title": chosen[1], "start": chosen[2], "date": chosen[3]}
    first = as_day(chat.memory.get("day"))
    if first is None:
        return await _without_day(chat, place)
    last = as_day(chat.memory.draft.get("last")) or first
    draft = chat.memory.draft
    return await _on_day(chat, place, Wish(first, last, draft.get("part"), draft.get("at")))


async def _without_day(chat: Chat, place: Place) -> Json | None:
    days = await _days(chat, place, chat.today, days_after(chat.today, HORIZON_DAYS))
    part = chat.memory.draft.get("part")
    seats = in_part(free(days), part)
    if chat.memory.draft.get("pick") == "earliest" and seats:
        return _taken(chat, seats[0])
    head = texts.WHICH_DAY.format(item=place.item_name) if place.item_name else ""
    _offer_days(chat, head or texts.WHICH_DAY_SHORT, days, part)
    return None


async def _on_day(chat: Chat, place: Place, wish: Wish) -> Json | None:
    if wish.last < chat.today:
        await _instead(chat, place, wish, texts.DAY_PAST)
        return None
    try:
        first = max(wish.first, chat.today)
        days = await _days(chat, place, first, min(wish.last, days_after(first, HORIZON_DAYS)))
    except ApiRefusal as refusal:
        if refusal.code != "beyond_horizon":
            raise
        await _instead(chat, place, wish, texts.DAY_TOO_FAR)
        return None
    seats = free(days)
    if not seats:
        await _none_free(chat, place, wish, days)
        return None
    return _among(chat, wish, seats, days)


def _among(chat: Chat, wish: Wish, seats: list[Json], days: list[Json]) -> Json | None:
    fitting = in_part(seats, wish.part)
    if chat.memory.draft.get("pick") == "earliest" and fitting:
        return _taken(chat, fitting[0])
    if not wish.one_day:
        _offer_days(chat, texts.WHICH_DAY_SHORT, days, wish.part if fitting else None)
        return None
    exact = exactly_at(seats, wish.at) if wish.at else None
    if exact:
        return _taken(chat, exact)
    _list_seats(chat, wish, fitting, seats)
    return None


def _taken(chat: Chat, seat: Json) -> Json:
    option = _option(seat)
    chat.memory.set(seat=str(seat["id"]), day=seat["date"], offered=None)
    chat.memory.note(chosen=option, named=True, pick=None)
    return {"id": option[0], "title": option[1], "start": option[2], "date": option[3]}


async def _none_free(chat: Chat, place: Place, wish: Wish, days: list[Json]) -> None:
    entry = day_of(days, wish.first) if wish.one_day else None
    head = texts.DAY_FULL if days else texts.DAY_TOO_FAR
    if entry and not entry.get("open"):
        reason = str(entry.get("reason") or texts.NOT_OPEN)
        if texts.FULL not in reason:
            head = texts.DAY_CLOSED.format(day=_day_words(chat, wish), reason=reason)
    await _instead(chat, place, wish, head)


async def _instead(chat: Chat, place: Place, wish: Wish, head: str) -> None:
    """Says why not, and offers the nearest open days; a full one may be waited for (候补)."""
    full = head == texts.DAY_FULL
    chat.memory.set(wished=wish.first.isoformat() if full else None)
    days = await _days(chat, place, chat.today, days_after(chat.today, HORIZON_DAYS))
    forget_time(chat)
    _offer_days(chat, head.replace("{day}", _day_words(chat, wish)), days, None, wait=full)


async def _days(chat: Chat, place: Place, first: date, last: date) -> list[Json]:
    return await chat.api.slots(place.item, place.hall, first.isoformat(), last.isoformat())


def _day_words(chat: Chat, wish: Wish) -> str:
    first = day_name(wish.first, chat.today)
    return first if wish.one_day else f"{first}到{day_name(wish.last, chat.today)}"


def _offer_days(
    chat: Chat, head: str, days: list[Json], part: str | None, wait: bool = False
) -> None:
    found = open_days(days, part)
    chat.requested = "day"
    waiting = [quick(texts.WAIT_BUTTON)] if wait or not found else []
    if not found:
        chat.memory.set(offered=None)
        chat.say(reply(texts.NOTHING_FREE, [*waiting, quick(texts.STOP)]))
        return
    named = [
        (each["date"], short_day(date.fromisoformat(each["date"]), chat.today)) for each in found
    ]
    chat.offer("day", [[day, name] for day, name in named])
    buttons = [pick("day", day, name) for day, name in named]
    head = f"{head}{texts.WAIT_OFFER}" if wait else head
    chat.say(reply(head, [*waiting, *buttons, quick(texts.STOP)]))


def _list_seats(chat: Chat, wish: Wish, fitting: list[Json], seats: list[Json]) -> None:
    head, listed = _head(chat, wish, fitting, seats)
    number = int(chat.memory.draft.get("page") or 0)
    shown, more = page(listed, number)
    if not shown:
        chat.memory.note(page=None)
        head, (shown, more) = f"{texts.NO_MORE}{head}", page(listed, 0)
    options = [_option(seat) for seat in shown]
    chat.offer("seat", options)
    chat.requested = "seat"
    chat.say(reply(head, _seat_buttons(options, more)))


def _head(chat: Chat, wish: Wish, fitting: list[Json], seats: list[Json]) -> tuple[str, list[Json]]:
    """What is said above the list, and which slots it lists."""
    day, part = day_name(wish.first, chat.today), part_name(wish.part)
    if wish.at:
        return texts.WHICH_SEAT_NEAR.format(day=day, at=wish.at), nearest_to(seats, wish.at)
    if fitting:
        return texts.WHICH_SEAT.format(day=day, part=part), fitting
    other = "下午" if wish.part == "morning" else "上午"
    return texts.OTHER_PART.format(day=day, part=part, other=other), seats


def _option(seat: Json) -> list[Any]:
    return [seat["id"], f"{seat['start']}-{seat['end']}", seat["start"], seat["date"]]


def _seat_buttons(options: list[list[Any]], more: bool) -> list[Answer]:
    buttons = [pick("seat", option[0], str(option[1])) for option in options]
    extra = [texts.MORE] if more else []
    return [*buttons, *(quick(each) for each in [*extra, texts.OTHER_DAY, texts.STOP])]
