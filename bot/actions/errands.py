"""From one errand to another (换件事办): said inside a form, it ends the form and begins."""

from __future__ import annotations

import re

from bot.actions.topic import finish
from bot.dialogue.chat import Chat
from bot.dialogue.turn import Turn

APPLY_ONLINE = "apply_online"
BEGIN = {
    APPLY_ONLINE: "apply_form",
    "apply": "action_apply",
    "book": "booking_form",
    "reschedule": "reschedule_form",
    "cancel": "cancel_form",
    "my_progress": "progress_form",
    "missing": "action_missing",
    "withdraw": "withdraw_form",
}
OF_BOOKINGS = ("reschedule", "cancel")
_ONLINE = re.compile(r"网上|网办|线上|在线|手机(?!号|卡)|小程序")
_WISH = re.compile(r"[我俺咱]要|想|帮|给|替|就")
_ASKS = re.compile(r"吗|么$|嘛|不$|没$|[??]|能不能|可不可以|行不行|咋|怎|哪|啥|什么|多少|几|要不要")
_BOOKING = re.compile(r"约|号")


def asks(text: str) -> bool:
    """护照能网上办吗 asks; 我要网上办护照 does not."""
    return bool(_ASKS.search(text))


def online(text: str) -> bool:
    """The sentence says that it should be done online (网上)."""
    return bool(_ONLINE.search(text))


def begins_online(turn: Turn) -> bool:
    """我要网上办护照: said as a wish, so that it need not be said twice."""
    if not online(turn.text) or asks(turn.text):
        return False
    return turn.intent == "apply" or (turn.intent == "online" and bool(_WISH.search(turn.text)))


def hand_over(chat: Chat, *own: str) -> bool:
    """Ends the form for another errand; `own` are the errands that the form takes itself."""
    errand = _errand(chat.turn)
    if errand not in BEGIN or errand in own or chat.turn.picks:
        return False
    finish(chat)
    chat.next_action = BEGIN[errand]
    return True


def _errand(turn: Turn) -> str:
    if begins_online(turn):
        return APPLY_ONLINE
    if turn.intent in OF_BOOKINGS and not _BOOKING.search(turn.text):
        return ""  # a bare 取消 means what is being done
    return turn.intent
