"""The hall as it is now (大厅): my place in the queue, tickets, being late, its days."""

from __future__ import annotations

from typing import Any

from bot import texts
from bot.actions.guides import answer_turn, tell
from bot.actions.log_in import NEEDS_LOGIN, login_reply
from bot.actions.topic import Topic
from bot.api_client import ApiRefusal
from bot.dialogue.bookings import live, when
from bot.dialogue.calendar import as_day, day_name, short_day
from bot.dialogue.chat import Chat
from bot.replies import link, quick, reply

Json = dict[str, Any]

MAIN_HALL = "municipal"
QUEUE_PAGE = "pages/queue/mine"
QUIET_SHOWN = 3
GIVE_BACK = ("不等了", "不排了", "退了", "不要了", "取消了")
TAKES = ("取号", "取个号", "拿个号", "取一个号")


class ActionHall(Topic):
    """Answers about today's queue and the hall's days."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_hall"

    async def converse(self, chat: Chat) -> None:
        """Each intent has its own answer; who is not logged in gets the general one."""
        told = {
            "queue_position": _position,
            "late": _late,
            "quiet_day": _quiet,
            "ticket": _ticket,
            "hours": _hours,
        }[chat.turn.intent]
        chat.memory.set(misses=0)
        try:
            await told(chat)
        except ApiRefusal as refusal:
            if refusal.code not in NEEDS_LOGIN:
                raise
            await tell(chat, [chat.turn.intent], None)
            chat.say(login_reply(texts.LOGIN_MINE, chat.turn.text))


# my place in the queue


async def _position(chat: Chat) -> None:
    tickets = await chat.api.tickets()
    if tickets and any(word in chat.turn.text for word in GIVE_BACK):
        await _give_back(chat, tickets)
        return
    for ticket in tickets:
        chat.say(_ticket_reply(ticket))
    if not tickets:
        await _no_ticket(chat)


def _ticket_reply(ticket: Json) -> Json:
    links = [link(texts.SEE_QUEUE, QUEUE_PAGE)]
    status, number = ticket["status"], ticket["number"]
    window = str(ticket.get("window") or "").lstrip("0")
    said = {
        "called": texts.TICKET_CALLED,
        "serving": texts.TICKET_SERVING,
        "on_hold": texts.TICKET_ON_HOLD,
        "passed": texts.TICKET_PASSED,
    }.get(status)
    if said:
        return reply(said.format(number=number, window=window), links=links)
    return reply(_waits(texts.TICKET_WAITS, ticket), [quick(texts.LEAVE_TICKET)], links=links)


def _waits(template: str, ticket: Json) -> str:
    wait = texts.TICKET_WAIT_UNKNOWN
    if ticket.get("wait_minutes") is not None:
        wait = texts.TICKET_WAIT.format(
            minutes=ticket["wait_minutes"], low=ticket["wait_low"], high=ticket["wait_high"]
        )
    return template.format(
        number=ticket["number"], queue=ticket["queue_name"], ahead=ticket["ahead"], wait=wait
    )


async def _no_ticket(chat: Chat) -> None:
    today = chat.today.isoformat()
    booked = [each for each in live(await chat.api.appointments()) if each.get("date") == today]
    if booked:
        chat.say(reply(texts.NO_TICKET_BOOKED.format(when=when(booked[0], chat.today))))
        return
    chat.say(reply(texts.NO_TICKET, [quick(texts.TAKE_TICKET)]))


async def _give_back(chat: Chat, tickets: list[Json]) -> None:
    left = await chat.api.leave_ticket(tickets[0]["id"])
    chat.say(reply(texts.TICKET_GIVEN_BACK.format(number=left["number"])))


# being late, and tickets


async def _late(chat: Chat) -> None:
    """The hall's rule, with the citizen's own ticket or booking of today."""
    await tell(chat, ["late"], None)
    tickets = await chat.api.tickets()
    for ticket in tickets:
        chat.say(_ticket_reply(ticket))
    if tickets:
        return
    today = chat.today.isoformat()
    for booking in live(await chat.api.appointments()):
        if booking.get("date") == today:
            text = texts.LATE_BOOKED.format(when=when(booking, chat.today))
            chat.say(reply(text, [quick(texts.RESCHEDULE), quick(texts.CANCEL)]))
            return


async def _ticket(chat: Chat) -> None:
    """取号 takes one for the item named or in focus; a question about tickets is answered."""
    wanted = any(word in chat.turn.text for word in TAKES) and not chat.turn.text.endswith("吗")
    named = chat.turn.item
    if named:
        chat.memory.focus(named.id, named.name)
    item = chat.memory.get("item")
    if not wanted or item is None:
        await tell(chat, ["ticket"], None)
        return
    tickets = await chat.api.tickets()
    if tickets:
        chat.say(_ticket_reply(tickets[0]))
        return
    hall = await _hall_of(chat, item)
    ticket = await chat.api.take_ticket(hall, item, chat.key("ticket", item))
    links = [link(texts.SEE_QUEUE, QUEUE_PAGE)]
    chat.say(reply(_waits(texts.TICKET_TAKEN, ticket), [quick(texts.LEAVE_TICKET)], links=links))


async def _hall_of(chat: Chat, item: str) -> str:
    halls = await chat.api.halls(item)
    return str(halls[0]["id"]) if halls else MAIN_HALL


# days


async def _hours(chat: Chat) -> None:
    """明天大厅上班吗: the day named, by the hall's plan; without a day the handbook's hours."""
    spans = [span for span in chat.turn.spans if span.names_day and span.one_day]
    if not spans or chat.turn.item:
        await answer_turn(chat)
        return
    day = spans[0].start.isoformat()
    for each in await chat.api.hall_days(MAIN_HALL, day, day):
        chat.say(reply(_day_said(chat, each)))


def _day_said(chat: Chat, each: Json) -> str:
    day = as_day(each["date"])
    name = day_name(day, chat.today) if day else str(each["date"])
    unsure = texts.HALL_PROVISIONAL if each.get("provisional") else ""
    if not each["open"]:
        return texts.HALL_CLOSED.format(day=name, reason=each["reason"]) + unsure
    hours = "、".join(f"{start}到{end}" for start, end in each["hours"])
    return texts.HALL_OPEN.format(day=name, hours=hours) + unsure


async def _quiet(chat: Chat) -> None:
    """The quietest of the released days, each a button that books."""
    named = chat.turn.item
    if named:
        chat.memory.focus(named.id, named.name)
    item = chat.memory.get("item")
    if item is None:
        await tell(chat, ["quiet_day"], None)
        return
    days = await chat.api.crowds(item, await _hall_of(chat, item))
    free = [each for each in days if each["open"] and each["level"] != "full"]
    free.sort(key=lambda each: (each["taken"] / max(each["capacity"], 1), each["date"]))
    if not free:
        chat.say(reply(texts.QUIET_NONE, [quick(texts.WAIT_BUTTON)]))
        return
    shown = [(each, as_day(each["date"])) for each in free[:QUIET_SHOWN]]
    names = "、".join(
        f"{short_day(day, chat.today)}（{texts.LEVELS[each['level']]}）"
        for each, day in shown
        if day
    )
    text = texts.QUIET_DAYS.format(item=chat.memory.get("item_name") or "", days=names)
    buttons = [
        quick(short_day(day, chat.today), f"帮我约{day.month}月{day.day}日")
        for _, day in shown
        if day
    ]
    chat.say(reply(text, buttons))
