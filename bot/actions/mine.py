"""My bookings (我的预约)."""

from __future__ import annotations

from bot import texts
from bot.actions.log_in import NEEDS_LOGIN, login_reply
from bot.actions.topic import Topic
from bot.actions.wait_list import tell_waiting
from bot.api_client import ApiRefusal
from bot.dialogue.bookings import booking_card, live, when
from bot.dialogue.chat import Chat
from bot.replies import BOOKING_PAGE, link, quick, reply

SHOWN = 5


async def my_bookings(chat: Chat) -> list[dict[str, object]] | None:
    """The citizen's live bookings; None (and a word about the log-in) when nobody is logged in."""
    try:
        return live(await chat.api.appointments())
    except ApiRefusal as refusal:
        if refusal.code not in NEEDS_LOGIN:
            raise
        chat.say(login_reply(texts.LOGIN_MINE, texts.MY))
        return None


async def tell_bookings(chat: Chat) -> None:
    """One booking in words and a card, several as cards."""
    found = await my_bookings(chat)
    if found is None:
        return
    await tell_waiting(chat, none=False)
    if not found:
        if not chat.said:
            chat.say(reply(texts.NO_BOOKINGS))
        return
    if any(each.get("status") == "displaced" for each in found):
        chat.say(reply(texts.DISPLACED, [quick(texts.RESCHEDULE)]))
    links = [link(texts.SEE_BOOKINGS, BOOKING_PAGE)]
    buttons = [quick(texts.RESCHEDULE), quick(texts.CANCEL)]
    if len(found) == 1:
        text = texts.MY_BOOKING.format(when=when(found[0], chat.today))
        chat.say(reply(text, buttons, card=booking_card(found[0], chat.today), links=links))
        return
    chat.say(reply(texts.MY_BOOKINGS.format(count=len(found))))
    for each in found[:SHOWN]:
        chat.say(reply(when(each, chat.today), card=booking_card(each, chat.today), links=links))


class ActionMyBookings(Topic):
    """Tells the citizen's bookings."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_my_bookings"

    async def converse(self, chat: Chat) -> None:
        """Asks the API for those of the citizen of this conversation."""
        chat.memory.set(misses=0)
        await tell_bookings(chat)
