"""The waiting list (候补): join for a day, see it, leave it."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot import texts
from bot.actions.log_in import NEEDS_LOGIN, login_reply
from bot.actions.topic import Topic
from bot.api_client import ApiRefusal
from bot.dialogue.calendar import as_day, day_name
from bot.dialogue.chat import Chat
from bot.replies import BOOKING_PAGE, link, quick, reply

Json = dict[str, Any]

WAITING_PAGE = "pages/waiting/mine"
LEAVES = ("取消候补", "不候补", "退出候补", "候补取消", "不等候补")
ASKS = ("我的候补", "候补到", "第几", "几个", "候补上了", "候补前面")


class ActionWaitList(Topic):
    """Joins for the item and day that are talked about."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_wait_list"

    async def converse(self, chat: Chat) -> None:
        """Leave, look, or join."""
        chat.memory.set(misses=0)
        try:
            if any(word in chat.turn.text for word in LEAVES):
                await _leave(chat)
            elif any(word in chat.turn.text for word in ASKS):
                await tell_waiting(chat)
            else:
                await join(chat)
        except ApiRefusal as refusal:
            if refusal.code not in NEEDS_LOGIN:
                raise
            chat.say(login_reply(texts.LOGIN, chat.turn.text))


async def tell_waiting(chat: Chat, *, none: bool = True) -> None:
    """The citizen's places, each in a sentence."""
    places = await chat.api.waiting()
    links = [link(texts.SEE_WAITING, WAITING_PAGE)]
    for place in places:
        if place["status"] == "offered":
            links_to = [link(texts.SEE_BOOKINGS, BOOKING_PAGE)]
            chat.say(reply(texts.WAITING_OFFERED, [quick(texts.MY)], links=links_to))
            continue
        text = _said(chat, texts.WAITING_MINE, place)
        chat.say(reply(text, [quick(texts.LEAVE_WAITING)], links=links))
    if not places and none:
        chat.say(reply(texts.WAITING_NONE))


async def join(chat: Chat) -> None:
    """候补明天的: the item named or in focus, the day named or last asked for."""
    named = chat.turn.item
    if named:
        chat.memory.focus(named.id, named.name)
    item = chat.memory.get("item")
    if item is None:
        chat.say(reply(texts.WAITING_WHICH_ITEM))
        return
    days = _days(chat)
    if days is None:
        name = chat.memory.get("item_name") or ""
        chat.say(reply(texts.WAITING_WHICH_DAY.format(item=name)))
        return
    halls = await chat.api.halls(item)
    hall = chat.memory.get("hall") or (halls[0]["id"] if halls else "municipal")
    first, last = (day.isoformat() for day in days)
    body = {
        "item": item,
        "hall": hall,
        "first": first,
        "last": last,
        "channel": "mini_program",
        "principal": chat.memory.draft.get("principal"),
    }
    try:
        place = await chat.api.join_waiting(body, chat.key("wait", item, first, last))
    except ApiRefusal as refusal:
        _refused(chat, refusal, days[0])
        return
    text = _said(chat, texts.WAITING_JOINED, place)
    links = [link(texts.SEE_WAITING, WAITING_PAGE)]
    chat.say(reply(text, [quick(texts.LEAVE_WAITING)], links=links))


def _refused(chat: Chat, refusal: ApiRefusal, first: date) -> None:
    """While there are seats the booking goes on; what else is refused is said."""
    if refusal.code in NEEDS_LOGIN:
        raise refusal
    if refusal.code == "seats_free":
        day = day_name(first, chat.today)
        chat.say(reply(texts.WAITING_SEATS_FREE.format(day=day)))
        chat.memory.set(day=first.isoformat())
        chat.next_action = "booking_form"
        return
    chat.say(reply(texts.REFUSED.format(detail=refusal.detail)))


def _days(chat: Chat) -> tuple[date, date] | None:
    span = next((span for span in chat.turn.spans if span.names_day), None)
    if span:
        return span.start, span.end
    last = as_day(chat.memory.get("wished"))
    return (last, last) if last else None


async def _leave(chat: Chat) -> None:
    places = await chat.api.waiting()
    for place in places:
        if place["status"] == "waiting":
            await chat.api.leave_waiting(place["id"])
            chat.say(reply(texts.WAITING_LEFT))
            return
    chat.say(reply(texts.WAITING_NONE))


def _said(chat: Chat, template: str, place: Json) -> str:
    first, last = as_day(place["first"]), as_day(place["last"])
    named = [day_name(day, chat.today) for day in (first, last) if day]
    day = named[0] if len(set(named)) == 1 else "到".join(named)
    return template.format(item=place["item_name"], day=day, ahead=place["ahead"])
