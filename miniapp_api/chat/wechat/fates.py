"""How a piece fares (客服消息状态): pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from miniapp_api.platform.wechat.errors import (
    MISCONFIGURED,
    TOKEN_SPENT,
    WINDOW_FULL,
    WINDOW_OVER,
    WeChatDown,
    WeChatError,
    WeChatRefused,
)

State = Literal["waiting", "sending", "sent", "held", "unsent", "unknown"]
# waiting → sending → sent; held: until the user writes again; unsent: WeChat will not have it;
# unknown: nobody knows whether it arrived, so it is sent again only if the user asks for it.

Kind = Literal["text", "enter", "other", "event"]


def after_failure(error: WeChatError, attempts: int, most: int) -> State:
    """Return what becomes of a piece that WeChat did not take.

    attempts: how often it was sent; most: how often it is sent before it waits for the user.
    """
    if isinstance(error, WeChatDown) and error.maybe_done:
        return "unknown"
    if isinstance(error, WeChatRefused):
        if error.code in (WINDOW_OVER, WINDOW_FULL):
            return "held"
        if not error.busy and error.code not in TOKEN_SPENT | MISCONFIGURED:
            return "unsent"
    return "waiting" if attempts < most else "held"


def pause(attempts: int, first_seconds: float) -> timedelta:
    """Return how long to wait after so many failures: doubled after each."""
    return timedelta(seconds=first_seconds * 2.0 ** (attempts - 1))


def reason_of(error: WeChatError) -> str:
    """Name what went wrong, as it is kept with the piece."""
    return str(error.code) if isinstance(error, WeChatRefused) else "down"


def kind_of(kind: str, event: str) -> Kind:
    """Return what a push is to us: words, somebody who comes in, what we cannot read, or news."""
    if kind == "text":
        return "text"
    if kind != "event":
        return "other"
    return "enter" if event == "user_enter_tempsession" else "event"
