"""What goes wrong with WeChat (微信接口): it refused with a code, or it was not reached."""

from __future__ import annotations

from typing import Any

TOKEN_SPENT = frozenset({40001, 40014, 42001})
MISCONFIGURED = frozenset({40013, 40125, 41002, 41004, 48001, 61024})
BUSY = frozenset({-1, 45009, 45011})  # nothing was done: the same again later
BUSY_CODE, TOO_OFTEN = -1, 45011
NO_SUCH_MEDIA = frozenset({40004, 40007})
WINDOW_OVER, WINDOW_FULL = 45015, 45047  # of customer messages (客服消息)
REFUSED_BY_USER, WRONG_FIELD = 43101, 47003  # of subscribe messages (订阅消息)


class WeChatError(Exception):
    """WeChat did not do what we asked."""


class WeChatRefused(WeChatError):
    """WeChat answered with an error code; what was asked for was not done."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(f"errcode {code}")
        self.code = code
        self.message = message  # WeChat's errmsg: only WRONG_FIELD's is read

    @property
    def busy(self) -> bool:
        """Whether the same may be asked again later."""
        return self.code in BUSY


class WeChatDown(WeChatError):
    """WeChat was not reached, or said nothing that we understand.

    maybe_done: our request had been sent, so that it may have been carried out.
    """

    def __init__(self, *, maybe_done: bool = False) -> None:
        super().__init__("maybe done" if maybe_done else "not done")
        self.maybe_done = maybe_done


def errcode(reply: dict[str, Any]) -> int:
    """Return an answer's error code, 0 when all is well; one that is no number is -1."""
    try:
        return int(reply.get("errcode") or 0)
    except (TypeError, ValueError, OverflowError):
        return -1


def raise_for(reply: dict[str, Any]) -> None:
    """Raise WeChatRefused unless an answer says that all is well."""
    if code := errcode(reply):
        raise WeChatRefused(code, str(reply.get("errmsg", "")))
