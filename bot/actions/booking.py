"""Booking a slot at the hall (预约表单): item → hall → day → time → who → confirm."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from bot import texts
from bot.actions import wait_list
from bot.actions.digress import answer_choice_on_the_way, answer_on_the_way, is_question
from bot.actions.errands import hand_over
from bot.actions.guides import GUIDES, offer_candidates, tell
from bot.actions.inform import chosen_item, focus_named
from bot.actions.log_in import NEEDS_LOGIN, login_reply
from bot.actions.principal import find_principal
from bot.actions.topic import FormTopic, ask, finish
from bot.api_client import ApiRefusal, ApiUnavailable
from bot.dialogue import choices, edits, seat_finder
from bot.dialogue.bookings import booking_card, live, minutes_left, when
from bot.dialogue.chat import Chat
from bot.dialogue.seat_finder import Place
from bot.replies import (
    BOOKING_PAGE,
    MATERIALS_PAGE,
    STANDING_PAGE,
    link,
    pick,
    quick,
    reply,
)

Json = dict[str, Any]

FORM = "booking_form"
GONE = ("slot_full", "slot_past", "slot_closed", "slot_not_found", "slot_not_for_item")
EXPIRED = ("hold_expired", "appointment_not_found", "slot_full", "slot_past")
STOPS = ("stop", "cancel")
# what the form takes itself: 我要网上办 and 我要撤回 leave it
OWN = ("book", "apply", "reschedule", "cancel", "my_progress", "missing")


class ValidateBookingForm(FormTopic):
    """Fills the form in any order, answers questions on the way, stops at any point."""

    form = FORM

    async def begin(self, chat: Chat) -> None:
        """帮我约明天上午: the item named, else the one in focus; questions beside it first."""
        focus_named(chat)
        chat.memory.add_tags(chat.turn.tags)
        tags = frozenset(chat.memory.get("tags") or [])
        chat.memory.set(attendee=edits.attendee(tags, chat.turn.text), misses=0)
        seat_finder.take_time(chat)
        seat_finder.take_page(chat)
        beside = [each for each in chat.turn.questions if each in GUIDES - {"apply"}]
        if beside and chat.memory.get("item"):
            await tell(chat, beside[:2], chat.memory.get("item"))
        await advance(chat)

    async def resume(self, chat: Chat) -> None:
        """An answer, a change, a question, a yes, or a stop."""
        if _stops(chat):
            await stop(chat)
        elif chat.turn.intent == "wait_list":
            finish(chat)
            await wait_list.join(chat)
        elif hand_over(chat, *OWN):
            await stop(chat)
        elif await answer_choice_on_the_way(chat, texts.BACK_TO_BOOKING):
            await advance(chat)
        elif await take(chat):
            chat.memory.set(misses=0)
            await advance(chat)
        elif is_question(chat):
            await answer_on_the_way(chat, texts.BACK_TO_BOOKING)
            await advance(chat)
        else:
            await _missed(chat)


def _stops(chat: Chat) -> bool:
    bare_no = chat.requested != "agreed" and choices.says_no(chat.turn.text)
    return chat.turn.intent in STOPS or chat.turn.text == texts.STOP or bare_no


async def take(chat: Chat) -> bool:
    """Takes everything the turn says; True when the form changed or was agreed to."""
    if chat.memory.draft.get("login") and _is_back(chat):
        chat.memory.note(login=None)
        return True
    if chat.requested == "attendee" and edits.has_logged_in(chat.turn.text):
        return True  # 加好了: the consent was given meanwhile
    if chat.requested == "agreed" and _agrees(chat):
        chat.memory.set(agreed=True)
        return True
    if await _take_offered(chat):
        return True  # 第一个 is a choice, whatever else it may sound like
    return any([await _take_item(chat), await _take_person(chat), await _take_time(chat)])


async def _take_offered(chat: Chat) -> bool:
    """A choice among the slots, days or halls offered last."""
    if seat_finder.take_choice(chat):
        await _drop_hold(chat, keep_seat=True)
        return True
    return _take_hall(chat)


def _is_back(chat: Chat) -> bool:
    text = chat.turn.text
    return edits.has_logged_in(text) or choices.says_yes(text) or chat.turn.intent == "affirm"


def _agrees(chat: Chat) -> bool:
    if chat.turn.spans or chat.turn.picks:
        return False
    if texts.READY in chat.turn.text:
        chat.memory.note(ready=True)
        return True
    return choices.says_yes(chat.turn.text) or chat.turn.intent == "affirm"


async def _take_item(chat: Chat) -> bool:
    if chat.memory.get("item") and edits.wants_other_item(chat.turn.text) and not chat.turn.item:
        await _drop_hold(chat)
        chat.memory.set(item=None, item_name=None, hall=None, seat=None, offered=None)
        return True
    chosen = _item_said(chat)
    if chosen is None or chosen[0] == chat.memory.get("item"):
        return False
    await _drop_hold(chat)
    if chat.memory.get("item"):
        chat.say(reply(texts.ITEM_CHANGED.format(item=chosen[1] or chosen[0])))
    chat.memory.focus(*chosen)
    chat.memory.set(hall=None, seat=None, offered=None)
    return True


def _item_said(chat: Chat) -> tuple[str, str | None] | None:
    if chat.requested == "item":
        found = chosen_item(chat)
        if found:
            return found
    if is_question(chat) and chat.requested != "item":
        return None  # 户口本丢了咋办 on the way is a question, not another booking
    if "item" in chat.turn.picks:
        return chat.turn.picks["item"], None
    return (chat.turn.item.id, chat.turn.item.name) if chat.turn.item else None


def _take_hall(chat: Chat) -> bool:
    halls = chat.offered("hall")
    if "hall" in chat.turn.picks:
        chat.memory.set(hall=chat.turn.picks["hall"])
        return True
    text = chat.turn.text
    chosen = choices.by_position(text, halls) or choices.by_name(text, halls)
    if chosen:
        chat.memory.set(hall=chosen[0], offered=None)
    return chosen is not None


async def _take_person(chat: Chat) -> bool:
    if "principal" in chat.turn.picks:
        await _drop_hold(chat, keep_seat=True)
        chat.memory.note(principal=chat.turn.picks["principal"])
        return True
    if chat.turn.text == texts.FOR_MYSELF:
        await _change_person(chat, "self")
        return True
    picked = chat.turn.picks.get("attendee")
    who = picked if picked in edits.ATTENDEES else edits.attendee(chat.turn.tags, chat.turn.text)
    if who is None and chat.requested == "attendee":
        named = choices.by_name(chat.turn.text, chat.offered("attendee"))
        who = str(named[0]) if named else None
    if who and (not is_question(chat) or chat.requested == "attendee"):
        await _change_person(chat, who)
        return True
    if edits.wants_other_person(chat.turn.text):
        await _change_person(chat, None)
        chat.memory.note(ask_who=True)
        return True
    return False


async def _change_person(chat: Chat, who: str | None) -> None:
    """A hold is for one person: it is given back and taken again for the other."""
    if who != chat.memory.get("attendee"):
        await _drop_hold(chat, keep_seat=True)
    chat.memory.note(ask_who=None, principal=None)
    chat.memory.set(attendee=who)


async def _take_time(chat: Chat) -> bool:
    if seat_finder.take_page(chat):
        await _drop_hold(chat)
        return True
    if is_question(chat):
        return False  # 明天几点开门 names a time but asks
    if seat_finder.take_time(chat):
        await _drop_hold(chat)
        return True
    if edits.wants_other_time(chat.turn.text) or chat.turn.text == texts.OTHER_DAY:
        await _drop_hold(chat)
        seat_finder.forget_time(chat)
        return True
    if chat.requested == "agreed" and choices.says_no(chat.turn.text):
        _ask_change(chat)
        return False
    return False


def _ask_change(chat: Chat) -> None:
    buttons = [texts.OTHER_TIME, texts.OTHER_PERSON, texts.STOP]
    chat.say(reply(texts.WHICH_CHANGE, [quick(each) for each in buttons]))


async def _drop_hold(chat: Chat, keep_seat: bool = False) -> None:
    """Gives a hold back; if that fails it expires by itself."""
    held = chat.memory.draft.get("held")
    if held:
        with suppress(ApiRefusal, ApiUnavailable):
            await chat.api.cancel(held["id"])
        chat.memory.note(held=None)
        if not keep_seat:
            chat.memory.set(seat=None)


async def stop(chat: Chat) -> None:
    """算了: leaves the form and gives a hold back."""
    held = chat.memory.draft.get("held")
    await _drop_hold(chat)
    chat.say(reply(texts.STOPPED_HELD if held else texts.STOPPED))
    finish(chat)


async def _missed(chat: Chat) -> None:
    if chat.said:
        return
    misses = int(chat.memory.get("misses") or 0) + 1
    chat.memory.set(misses=misses)
    text = texts.NOT_UNDERSTOOD_IN_FORM if misses == 1 else texts.STILL_NOT_UNDERSTOOD
    chat.say(reply(text))
    await advance(chat)


# asking for what is missing


async def advance(chat: Chat) -> None:
    """Asks for the first thing that is missing, or carries out what is agreed."""
    try:
        await _next(chat)
    except ApiRefusal as refusal:
        await _refused(chat, refusal)


async def _next(chat: Chat) -> None:
    item = chat.memory.get("item")
    if item is None:
        return await _ask_item(chat)
    if chat.memory.get("hall") is None and not await _find_hall(chat, item):
        return None
    if chat.memory.draft.get("ask_who"):
        return _ask_person(chat)
    if not await find_principal(chat):
        return None
    place = Place(item, str(chat.memory.get("item_name") or ""), chat.memory.get("hall"))
    if chat.memory.draft.get("held") is None:
        seat = await seat_finder.find_seat(chat, place)
        if seat is None:
            return None
        await _hold(chat, place, seat)
    if chat.memory.get("agreed"):
        return await _confirm(chat)
    return _ask_agreement(chat)


async def _ask_item(chat: Chat) -> None:
    ask(chat, "item")
    if chat.turn.decision == "ask" and chat.turn.candidates:
        options = [[each.id, each.name] for each in chat.turn.candidates]
        chat.offer("item", options)
        buttons = [pick("item", code, name) for code, name in options]
        chat.say(reply(texts.WHICH_OF_THESE, [*buttons, quick(texts.STOP)]))
    elif chat.turn.decision == "unknown":
        await offer_candidates(chat, chat.turn.candidates, "unknown")
    else:
        chat.say(reply(texts.WHICH_ITEM_TO_BOOK, [quick(texts.STOP)]))


async def _find_hall(chat: Chat, item: str) -> bool:
    halls = await chat.api.halls(item)
    if len(halls) == 1:
        chat.memory.set(hall=halls[0]["id"])
        return True
    if not halls:
        raise ApiRefusal(422, "not_bookable", "")
    options = [[hall["id"], hall["name"]] for hall in halls]
    chat.offer("hall", options)
    ask(chat, "hall")
    buttons = [pick("hall", code, name) for code, name in options]
    chat.say(reply(texts.WHICH_HALL, [*buttons, quick(texts.STOP)]))
    return False


def _ask_person(chat: Chat) -> None:
    options = [[who, texts.ATTENDEE_NAMES[who]] for who in edits.ATTENDEES]
    chat.offer("attendee", options)
    ask(chat, "attendee")
    chat.say(reply(texts.WHO_COMES, [pick("attendee", who, name) for who, name in options]))


async def _hold(chat: Chat, place: Place, seat: Json) -> None:
    who = chat.memory.get("attendee") or "self"
    principal = chat.memory.draft.get("principal")
    body = {
        "slot": seat["id"],
        "item": place.item,
        "hall": place.hall,
        "channel": "mini_program",
        "principal": principal,
    }
    held = await chat.api.hold(body, chat.key("hold", seat["id"], principal))
    name = str((held.get("item") or {}).get("name") or place.item_name)
    chat.memory.set(attendee=who, offered=None, item_name=name)
    chat.memory.note(held=held, page=None)


def _ask_agreement(chat: Chat) -> None:
    held = chat.memory.draft["held"]
    left = minutes_left(held, chat.turn.now)
    minutes = texts.HELD_MINUTES.format(minutes=left) if left else ""
    ask(chat, "agreed")
    buttons = [texts.YES, texts.OTHER_TIME, texts.OTHER_PERSON, texts.STOP]
    text = texts.HELD.format(minutes=minutes)
    page = f"{MATERIALS_PAGE}?item={(held.get('item') or {}).get('code')}"
    links = [link(texts.WHAT_TO_BRING, page)]
    card = booking_card(held, chat.today)
    chat.say(reply(text, [quick(each) for each in buttons], card=card, links=links))


async def _confirm(chat: Chat) -> None:
    try:
        ready = bool(chat.memory.draft.get("ready"))
        booked = await chat.api.confirm(chat.memory.draft["held"]["id"], ready)
    except ApiUnavailable:
        # the place may or may not be booked by now: confirming again is harmless
        chat.memory.set(agreed=None)
        chat.say(reply(texts.CONFIRM_DOWN, [quick(texts.YES), quick(texts.STOP)]))
        return
    chat.memory.set(booking=booked["id"], misses=0)
    buttons = [quick(texts.MY), quick(texts.RESCHEDULE)]
    links = [link(texts.SEE_BOOKINGS, BOOKING_PAGE)]
    chat.say(reply(texts.BOOKED, buttons, card=booking_card(booked, chat.today), links=links))
    finish(chat)


# when the API refuses


async def _refused(chat: Chat, refusal: ApiRefusal) -> None:
    """Says why, and goes on with the nearest that is possible."""
    chat.memory.set(agreed=None)
    if refusal.code in NEEDS_LOGIN:
        _ask_login(chat)
    elif refusal.code == "already_booked":
        await _already_booked(chat)
    elif chat.memory.draft.get("held") and refusal.code in EXPIRED:
        await _again(chat, texts.HOLD_EXPIRED)
    elif refusal.code in GONE:
        await _again(chat, texts.SLOT_GONE)
    elif refusal.code == "materials_not_ready":
        ask(chat, "agreed")
        buttons = [quick(texts.READY), quick(texts.WHAT_TO_BRING), quick(texts.STOP)]
        chat.say(reply(texts.MATERIALS_REQUIRED, buttons))
    elif refusal.code == "beyond_horizon":
        seat_finder.forget_time(chat)
        await _again(chat, refusal.detail)
    else:
        _give_up(chat, refusal)


def _ask_login(chat: Chat) -> None:
    chat.memory.note(login=True)
    ask(chat, "seat")
    chat.say(login_reply(texts.LOGIN))


async def _again(chat: Chat, reason: str) -> None:
    """Says why and offers fresh slots of the same day."""
    chat.memory.set(seat=None, offered=None)
    chat.memory.note(held=None, chosen=None, at=None, page=None, pick=None)
    chat.say(reply(reason))
    await _next(chat)


def _give_up(chat: Chat, refusal: ApiRefusal) -> None:
    name = str(chat.memory.get("item_name") or "这件事")
    if refusal.code == "not_bookable":
        chat.say(reply(texts.NOT_BOOKABLE.format(item=name, detail=refusal.detail)))
    elif refusal.code == "suspended":
        links = [link(texts.STANDING, STANDING_PAGE)]
        chat.say(reply(refusal.detail, [quick(texts.TAKE_TICKET)], links=links))
    else:
        chat.say(reply(texts.REFUSED.format(detail=refusal.detail)))
    finish(chat)


async def _already_booked(chat: Chat) -> None:
    """One booking a person, item and day: an own hold that was lost sight of is taken up again."""
    day, item = chat.memory.get("day"), chat.memory.get("item")
    mine = [
        each
        for each in live(await chat.api.appointments())
        if each.get("date") == day and (each.get("item") or {}).get("code") == item
    ]
    held = next((each for each in mine if each["status"] == "held"), None)
    if held:
        chat.memory.note(held=held)
        _ask_agreement(chat)
        return
    said = when(mine[0], chat.today) if mine else ""
    buttons = [quick(texts.RESCHEDULE), quick(texts.CANCEL), quick(texts.MY)]
    chat.say(reply(texts.ALREADY_BOOKED.format(when=said), buttons))
    finish(chat)
