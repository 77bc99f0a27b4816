"""Rescheduling a booking (改约表单): which one → day → time, the new place before the old."""

from __future__ import annotations

from typing import Any

from bot import texts
from bot.actions.digress import answer_choice_on_the_way, answer_on_the_way, is_question
from bot.actions.log_in import NEEDS_LOGIN, login_reply
from bot.actions.target import ask_target, begin_target, take_target
from bot.actions.topic import FormTopic, ask, finish
from bot.api_client import ApiRefusal
from bot.dialogue import choices, edits, seat_finder
from bot.dialogue.bookings import booking_card, when
from bot.dialogue.calendar import as_day, day_name
from bot.dialogue.chat import Chat
from bot.dialogue.seat_finder import Place
from bot.replies import BOOKING_PAGE, link, quick, reply

Json = dict[str, Any]

FORM = "reschedule_form"
VERB = "改"
GONE = ("slot_full", "slot_past", "slot_closed", "slot_not_found", "slot_not_for_item")
STOPS = ("stop", "cancel")


class ValidateRescheduleForm(FormTopic):
    """Lists free slots of the wished day and moves the booking in one transaction of the API."""

    form = FORM

    async def begin(self, chat: Chat) -> None:
        """帮我改到后天下午; 把明天的改到后天: the last time is the new one."""
        spans, old_day = chat.turn.spans, None
        if len(spans) > 1 and spans[0].names_day:
            old_day = spans[0].start.isoformat()
        clear = await begin_target(chat, VERB, old_day)
        if not clear and not chat.requested and _may_book(chat):
            chat.said = [reply(texts.NOTHING_SO_BOOK)]  # 重新约 after a cancellation
            chat.next_action = "booking_form"
        if clear or chat.requested:
            seat_finder.take_time(chat)  # each span in turn: the last stays
        if clear:
            await advance(chat)

    async def resume(self, chat: Chat) -> None:
        """An answer, another time, a question, a yes, or a stop."""
        if _stops(chat):
            _stop(chat)
        elif await answer_choice_on_the_way(chat, texts.BACK_TO_BOOKING):
            await advance(chat)
        elif _take(chat):
            chat.memory.set(misses=0)
            await advance(chat)
        elif is_question(chat):
            await answer_on_the_way(chat, texts.BACK_TO_BOOKING)
            await advance(chat)
        else:
            chat.say(reply(texts.NOT_UNDERSTOOD_IN_FORM))
            await advance(chat)


def _may_book(chat: Chat) -> bool:
    """Nothing is booked, the citizen is known, and it is clear what is to be booked."""
    return chat.memory.get("item") is not None and not chat.last_needs_login


def _stops(chat: Chat) -> bool:
    asked_no = choices.says_no(chat.turn.text)
    return chat.turn.intent in STOPS or chat.turn.text == texts.STOP or asked_no


def _stop(chat: Chat) -> None:
    """不改了 keeps the booking; 算了不去了 goes on to the cancel form, which asks once."""
    chat.say(reply(texts.RESCHEDULE_STOPPED))
    if chat.turn.intent == "cancel" or "不去" in chat.turn.text:
        chat.said.clear()
        chat.next_action = "cancel_form"
    finish(chat)


def _take(chat: Chat) -> bool:
    if chat.requested == "target":
        return take_target(chat)
    if chat.requested == "agreed" and _agrees(chat):
        chat.memory.set(agreed=True)
        return True
    if seat_finder.take_choice(chat):
        chat.memory.note(named=None)  # chosen from the list: no need to ask again
        return True
    if seat_finder.take_page(chat):
        return True
    if not is_question(chat) and seat_finder.take_time(chat):
        return True
    if edits.wants_other_time(chat.turn.text) or chat.turn.text == texts.OTHER_DAY:
        seat_finder.forget_time(chat)
        return True
    return False


def _agrees(chat: Chat) -> bool:
    said = choices.says_yes(chat.turn.text) or chat.turn.intent == "affirm"
    return said and not chat.turn.spans


async def advance(chat: Chat) -> None:
    """Asks for what is missing, then moves the booking."""
    target = chat.memory.get("target")
    if target is None:
        ask_target(chat, [each[2] for each in chat.offered("booking")], VERB)
        return
    try:
        await _next(chat, target)
    except ApiRefusal as refusal:
        await _refused(chat, target, refusal)


async def _next(chat: Chat, target: Json) -> None:
    item, hall = target.get("item") or {}, target.get("hall") or {}
    place = Place(str(item.get("code")), "", str(hall.get("id")))
    seat = await seat_finder.find_seat(chat, place)
    if seat is None:
        return
    if seat["date"] == target["date"] and seat["start"] == target["start"]:
        chat.say(reply(texts.SAME_SEAT, card=booking_card(target, chat.today)))
        finish(chat)
    elif chat.memory.draft.get("named") and not chat.memory.get("agreed"):
        _ask_agreement(chat, target, seat)
    else:
        await _move(chat, target, seat)


def _ask_agreement(chat: Chat, target: Json, seat: Json) -> None:
    """A time the citizen named and did not pick from the list is read back first."""
    day = as_day(seat["date"])
    new = f"{day_name(day, chat.today) if day else seat['date']} {seat['title']}"
    ask(chat, "agreed")
    text = texts.RESCHEDULE_CHECK.format(old=when(target, chat.today), new=new)
    buttons = [texts.YES, texts.OTHER_TIME, texts.STOP]
    chat.say(reply(text, [quick(each) for each in buttons]))


async def _move(chat: Chat, target: Json, seat: Json) -> None:
    key = chat.key("move", target["id"], seat["id"])
    moved = await chat.api.reschedule(target["id"], seat["id"], key)
    chat.memory.set(booking=moved["id"], misses=0)
    text = texts.RESCHEDULED.format(when=when(moved, chat.today))
    links = [link(texts.SEE_BOOKINGS, BOOKING_PAGE)]
    chat.say(reply(text, [quick(texts.MY)], card=booking_card(moved, chat.today), links=links))
    finish(chat)


async def _refused(chat: Chat, target: Json, refusal: ApiRefusal) -> None:
    chat.memory.set(agreed=None)
    if refusal.code in GONE:
        chat.memory.set(seat=None, offered=None)
        chat.memory.note(chosen=None, at=None, page=None, pick=None, named=None)
        chat.say(reply(texts.SLOT_GONE))
        await _next(chat, target)
    elif refusal.code in NEEDS_LOGIN:
        chat.say(login_reply(texts.LOGIN_MINE, texts.RESCHEDULE))
        finish(chat)
    else:
        chat.say(reply(texts.REFUSED.format(detail=refusal.detail)))
        finish(chat)
