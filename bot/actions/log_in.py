"""Asking for the log-in (登录): what is personal waits for it."""

from __future__ import annotations

from bot import texts
from bot.replies import LOGIN_PAGE, Answer, link, quick, reply

NEEDS_LOGIN = ("login_required", "session_expired")


def login_reply(text: str, again: str | None = None) -> Answer:
    """Asks for the log-in, with the way there; its button says `again` what needed it."""
    button = quick(texts.LOGGED_IN, again)
    return reply(text, [button], links=[link(texts.GO_LOGIN, LOGIN_PAGE)])
