"""Payloads of quick replies (快捷回复内容): exact choices that a client sends back unread."""

from __future__ import annotations

import re
from collections.abc import Mapping

import orjson

from miniapp_api.guides.item import Option
from miniapp_api.guides.schemas import AnswerRequest
from miniapp_api.guides.terms import Aspect

_COMMAND = re.compile(r"^/([a-z_]{1,40})(\{.*\})?$", re.DOTALL)


def choose_item(code: str) -> str:
    """Build the payload that chooses an item; whatever was asked before is then answered."""
    return "/inform" + orjson.dumps({"item": code}).decode()


def choose_option(code: str, circumstance: str, option: Option) -> str:
    """Build the payload that asks for the materials under another option (情形选项).

    The option's own tag goes along, for a reader that knows tags and not options.
    """
    chosen = {"item": code, "option": f"{circumstance}={option.id}"}
    if option.tags:
        chosen["tag"] = option.tags[0].value
    return "/materials" + orjson.dumps(chosen).decode()


def read(text: str) -> AnswerRequest | None:
    """Read a payload back into a request; None when the text is an ordinary sentence."""
    found = _COMMAND.match(text.strip())
    if not found or found.group(1) not in list(Aspect):
        return None
    try:
        values = orjson.loads(found.group(2) or "{}")
    except orjson.JSONDecodeError:
        return None
    return _request(found.group(1), values)


def _request(aspect: str, values: Mapping[str, object]) -> AnswerRequest | None:
    item, option = values.get("item"), values.get("option")
    if not isinstance(item, str | None) or not isinstance(option, str | None):
        return None
    if len(item or "") > 64 or len(option or "") > 128:
        return None
    circumstance, _, chosen = (option or "").partition("=")
    options = {circumstance: chosen} if chosen else {}
    aspect = "overview" if aspect == "inform" and item else aspect
    return AnswerRequest(aspect=aspect, item=item, options=options)
