"""Guide questions (办事指南问答): what is asked about which item, answered by the API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bot import texts
from bot.dialogue.chat import Chat
from bot.dialogue.turn import Option
from bot.replies import APPLY_PAGE, HUMAN_PAGE, link, quick, reply

GUIDES = frozenset(
    {
        *("materials", "steps", "place", "hours", "phone", "fee", "time_limit", "conditions"),
        *("online", "result", "legal_basis", "proxy", "apply"),
    }
)
SOCIAL = frozenset(
    {
        *("ticket", "complaint", "rate", "human", "help"),
        *("greet", "thanks", "goodbye", "chitchat", "out_of_scope"),
    }
)
BEGINS = frozenset({"apply", "online"})  # whose answer leads into applying
# answered about the hall, the city or nothing in particular when no item is known
WITHOUT_ITEM = SOCIAL | {"hours", "place", "phone"}
# 还缺啥材料, when nothing was begun or handed in, is the question what to bring
SAME = {"missing": "materials"}
MAX_ANSWERS = 3


def questions_of(chat: Chat) -> list[str]:
    """The aspects asked in this turn that the API can answer."""
    asked = dict.fromkeys(SAME.get(each, each) for each in chat.turn.questions)
    wanted = [each for each in asked if each in GUIDES | SOCIAL]
    sharp = [each for each in wanted if each in GUIDES]
    return (sharp or wanted)[:MAX_ANSWERS]


async def tell(chat: Chat, aspects: Sequence[str], item: str | None) -> None:
    """Answers each aspect in its order."""
    about: dict[str, Any] = {"tags": sorted(chat.turn.tags), "options": dict(chat.turn.options)}
    if item == chat.memory.get("item"):
        about = {name: chat.memory.get(name) or about[name] for name in about}
    answers = await asyncio.gather(*(_answer(chat, aspect, item, about) for aspect in aspects))
    for aspect, answer in zip(aspects, answers, strict=True):
        begins = aspect in BEGINS and item == chat.memory.get("item")
        chat.say(with_online(answer) if begins else answer)


async def _answer(
    chat: Chat, aspect: str, item: str | None, about: Mapping[str, Any]
) -> dict[str, Any]:
    if aspect != "human":
        return await chat.api.answer(_body(aspect, item, **about))
    asked = await chat.api.ask_human()
    return reply(asked["text"], links=[link(texts.HUMAN_LINK, HUMAN_PAGE)])


def with_online(answer: dict[str, Any]) -> dict[str, Any]:
    """Where an item can be applied for online, a button first that begins it here."""
    if not any(each["page"].startswith(APPLY_PAGE) for each in answer["links"]):
        return answer
    button = quick(texts.APPLY_ONLINE_BUTTON, texts.APPLY_ONLINE_SAID)
    return {**answer, "quick_replies": [button, *answer["quick_replies"]]}


async def offer_candidates(chat: Chat, candidates: Sequence[Option], aspect: str) -> None:
    """Asks back between close items (反问)."""
    codes = [each.id for each in candidates]
    chat.offer("item", [[each.id, each.name] for each in candidates])
    chat.say(await chat.api.answer(_body(aspect, candidates=codes)))


def _body(
    aspect: str,
    item: str | None = None,
    *,
    tags: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
    candidates: Sequence[str] = (),
) -> dict[str, Any]:
    return {
        "aspect": aspect,
        "item": item,
        "candidates": list(candidates),
        "tags": list(tags),
        "options": dict(options or {}),
        "text": None,
    }


async def answer_turn(chat: Chat) -> None:
    """A question outside any form: its item is the one named, else the one in focus."""
    aspects = questions_of(chat) or ["overview"]
    if set(aspects) <= SOCIAL:
        chat.memory.set(misses=0)
        await tell(chat, aspects, None)
    elif chat.turn.decision == "ask":
        chat.memory.set(questions=aspects)
        await offer_candidates(chat, chat.turn.candidates, "candidates")
    elif chat.turn.decision == "unknown":
        await not_known(chat)
    else:
        await _about_item(chat, aspects)


async def _about_item(chat: Chat, aspects: list[str]) -> None:
    named = chat.turn.item
    if named:
        chat.memory.focus(named.id, named.name)
    chat.memory.add_tags(chat.turn.tags)
    chat.memory.add_options(chat.turn.options)
    item = chat.memory.get("item")
    chat.memory.set(questions=aspects, offered=None, misses=0)
    if item is None and not set(aspects) <= WITHOUT_ITEM:
        chat.say(reply(texts.WHICH_ITEM))
        return
    await tell(chat, aspects, item)


async def choose_item(chat: Chat, code: str, name: str | None = None) -> None:
    """An item was chosen or named alone: what was asked before is answered, else an overview."""
    pending = [each for each in chat.memory.get("questions") or [] if each in GUIDES]
    asked_back = chat.offered("item") or chat.memory.get("item") is None
    chat.memory.focus(code, name)
    chat.memory.add_tags(chat.turn.tags)
    aspects = pending if pending and asked_back else ["overview"]
    chat.memory.set(offered=None, misses=0, questions=aspects)
    await tell(chat, aspects, code)


async def tailor(chat: Chat) -> None:
    """A circumstance (情形) said by itself, 未满16周岁: what was asked last, answered for it."""
    chat.memory.add_tags(chat.turn.tags)
    last = [each for each in chat.memory.get("questions") or [] if each in GUIDES]
    chat.memory.set(misses=0)
    await tell(chat, last or ["materials"], chat.memory.get("item"))


async def not_known(chat: Chat) -> None:
    """Fallback in two stages (两级兜底): ask back with the nearest, then offer a person."""
    misses = int(chat.memory.get("misses") or 0)
    chat.memory.set(misses=misses + 1)
    if misses:
        chat.say(await chat.api.answer(_body("lost")))
        return
    wanted = [each for each in questions_of(chat) if each in GUIDES]
    chat.memory.set(questions=wanted or None)
    await offer_candidates(chat, chat.turn.candidates, "unknown")
