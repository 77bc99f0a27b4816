"""What an application still needs (申请的步骤): circumstances → checklist → for whom → draft."""

from __future__ import annotations

from typing import Any

from bot import texts
from bot.actions.guides import offer_candidates, tell
from bot.actions.log_in import NEEDS_LOGIN, login_reply
from bot.actions.principal import APPLYING, find_principal
from bot.actions.topic import ask, finish
from bot.api_client import ApiRefusal
from bot.dialogue import circumstances, edits
from bot.dialogue.cases import yuan
from bot.dialogue.chat import Chat
from bot.replies import (
    DRAFT_PAGE,
    ENTERPRISE_PAGE,
    FAMILY_PAGE,
    MATERIALS_PAGE,
    Answer,
    card,
    link,
    pick,
    quick,
    reply,
)

Json = dict[str, Any]

OWN_NAME = "self"
ONLINE = ("partial", "full")
CONSENTED = frozenset({"elder", "spouse", "other"})
CONSENT_GONE = ("principal_not_found", "consent_expired")


async def advance(chat: Chat) -> None:
    """Asks for the first thing that is missing, or opens the draft."""
    try:
        await _next(chat)
    except ApiRefusal as refusal:
        _refused(chat, refusal)


async def _next(chat: Chat) -> None:
    code = chat.memory.get("item")
    if code is None:
        await _ask_item(chat)
        return
    item = await chat.api.item(code)
    chat.memory.focus(code, item["name"])
    if not _applies_online(item):
        await _not_online(chat, item)
        return
    if not await _may_act(chat, item) or not _circumstances_known(chat, item):
        return
    await _checklist(chat)
    if await _enterprise_known(chat, item):
        await _open_draft(chat, item)


# the item


async def _ask_item(chat: Chat) -> None:
    ask(chat, "item")
    stop = quick(texts.STOP_APPLY)
    close = chat.turn.candidates if chat.turn.decision == "ask" else []
    # Who answered something else is offered the same ones again.
    options = [[each.id, each.name] for each in close] or chat.offered("item")
    if options:
        chat.offer("item", options)
        buttons = [pick("item", code, name) for code, name in options]
        chat.say(reply(texts.WHICH_TO_APPLY, [*buttons, stop]))
    elif chat.turn.decision == "unknown":
        await offer_candidates(chat, chat.turn.candidates, "unknown")
    else:
        who = texts.PERSON_NAMES.get(str(chat.memory.get("attendee")))
        text = texts.WHICH_ITEM_FOR.format(who=who) if who else texts.WHICH_ITEM_TO_APPLY
        chat.say(reply(text, [stop]))


def _applies_online(item: Json) -> bool:
    """Ours, and to be begun online; the API decides again when the draft is opened."""
    return (item.get("online") or {}).get("depth") in ONLINE and item["label"] is None


async def _not_online(chat: Chat, item: Json) -> None:
    """The guide says what is possible instead, once."""
    if not chat.memory.draft.get("told"):
        chat.say(reply(texts.APPLY_NOT_ONLINE.format(item=item["name"])))
        await tell(chat, ["apply"], item["code"])
    finish(chat)


# for whom


async def _may_act(chat: Chat, item: Json) -> bool:
    """For somebody else: whether the item allows it, and whose consent it rests on."""
    who = chat.memory.get("attendee")
    proxy = item.get("proxy")
    if who in CONSENTED and proxy and not proxy["allowed"]:
        chat.say(reply(texts.APPLY_SELF_ONLY.format(item=item["name"]), _self_or_stop()))
        ask(chat, "attendee")
        return False
    return await find_principal(chat, APPLYING)


def _self_or_stop() -> list[Answer]:
    return [quick(texts.FOR_MYSELF_APPLY), quick(texts.STOP_APPLY)]


async def _enterprise_known(chat: Chat, item: Json) -> bool:
    """Under whose name: an item for enterprises needs one that the citizen may apply for."""
    personal = "personal" in item["objects"]
    if "legal_person" not in item["objects"] or chat.memory.draft.get("enterprise"):
        return True
    if personal and chat.memory.get("attendee") != OWN_NAME:
        return True  # for a person, whoever it is
    mine = [each for each in await chat.api.enterprises() if may_apply(each)]
    if personal and not mine:
        return True
    if len(mine) == 1 and (not personal or "company" in (chat.memory.get("tags") or [])):
        chat.memory.note(enterprise=mine[0]["id"])
        return True
    _ask_enterprise(chat, item, mine, personal)
    return False


def may_apply(enterprise: Json) -> bool:
    """Its legal representative, or a delegate whose authority covers applying (授权范围)."""
    return bool(enterprise["representative"]) or "apply" in enterprise["scopes"]


def _ask_enterprise(chat: Chat, item: Json, mine: list[Json], personal: bool) -> None:
    ask(chat, "attendee")
    if not mine:
        text = texts.APPLY_NO_ENTERPRISE.format(item=item["name"])
        buttons = [quick(texts.LOGGED_IN_BACK), quick(texts.STOP_APPLY)]
        chat.say(reply(text, buttons, links=[link(texts.ADD_ENTERPRISE, ENTERPRISE_PAGE)]))
        return
    options = [[each["id"], each["name"]] for each in mine]
    options += [[OWN_NAME, texts.FOR_MYSELF_APPLY]] if personal else []
    chat.offer("enterprise", options)
    buttons = [pick("enterprise", id, name) for id, name in options]
    text = texts.WHICH_APPLICANT if personal else texts.WHICH_ENTERPRISE
    chat.say(reply(text, [*buttons, quick(texts.STOP_APPLY)]))


# circumstances and materials


def _circumstances_known(chat: Chat, item: Json) -> bool:
    """Asks the first circumstance (情形) that nobody said anything about."""
    said = _said(chat, item)
    open_ = circumstances.to_ask(item, said)
    if not open_:
        chat.memory.set(options=said, offered=None)
        return True
    first = open_[0]
    options = [[f"{first['id']}={each['id']}", each["label"]] for each in first["options"]]
    chat.offer("option", options)
    chat.memory.note(default=f"{first['id']}={circumstances.default(first)}")
    ask(chat, "options")
    head = ""
    if not chat.memory.draft.get("asked"):
        chat.memory.note(asked=True)
        head = texts.APPLY_HEAD.format(item=item["name"], count=len(open_)) + "\n"
    buttons = [pick("option", value, label) for value, label in options]
    more = [quick(texts.DONT_KNOW), quick(texts.STOP_APPLY)]
    chat.say(reply(head + first["question"], [*buttons, *more]))
    return False


def _said(chat: Chat, item: Json) -> dict[str, str]:
    options, tags = chat.memory.get("options") or {}, chat.memory.get("tags") or []
    person = edits.tags_of(chat.memory.get("attendee"))
    return circumstances.taken(item, options, person.union(tags))


async def _checklist(chat: Chat) -> None:
    """The guide's list of materials under the circumstances (材料清单), once."""
    if chat.memory.draft.get("listed"):
        return
    before = len(chat.said)
    await tell(chat, ["materials"], chat.memory.get("item"))
    # its buttons for other circumstances, and its other links, would lead out of the form
    chat.said[before:] = [_only_list(each) for each in chat.said[before:]]
    chat.memory.note(listed=True)


def _only_list(answer: Answer) -> Answer:
    links = [each for each in answer["links"] if each["page"].startswith(MATERIALS_PAGE)]
    return {**answer, "quick_replies": [], "links": links}


# the draft


async def _open_draft(chat: Chat, item: Json) -> None:
    options = _said(chat, item)
    enterprise = chat.memory.draft.get("enterprise")
    body = {
        "item": item["code"],
        "options": options,
        "principal": chat.memory.draft.get("principal"),
        "enterprise": None if enterprise == OWN_NAME else enterprise,
    }
    draft = await chat.api.start_draft(body)
    chosen = {each["id"]: each["chosen"] for each in draft["circumstances"]}
    if any(chosen.get(circumstance) != option for circumstance, option in options.items()):
        chat.say(reply(texts.APPLY_RESUMED))
    who = texts.PERSON_NAMES.get(str(chat.memory.get("attendee")))
    text = texts.APPLY_DRAFT_FOR.format(who=who) if who else texts.APPLY_DRAFT
    links = [link(texts.GO_FILL, DRAFT_PAGE.format(id=draft["id"]))]
    buttons = [quick(texts.STILL_MISSING)]
    chat.memory.set(misses=0, questions=None)
    chat.say(reply(text, buttons, card=_draft_card(draft), links=links))
    finish(chat)


def _draft_card(draft: Json) -> Answer:
    labels = texts.LABELS
    needed = [each for each in draft["materials"] if each["required"]]
    covered = [each for each in needed if each["certificate"]]
    template = texts.APPLY_COVERED if covered else texts.APPLY_MATERIALS
    fee = sum(each["amount_fen"] for each in draft["fees"])
    rows = [
        (labels["item"], draft["item_name"]),
        (labels["applicant"], draft["applicant_masked"] or ""),
        (labels["materials"], template.format(count=len(needed), covered=len(covered))),
        (labels["fee"], texts.APPLY_FEE.format(yuan=yuan(fee)) if fee else ""),
    ]
    return card(texts.APPLY_CARD, rows)


# when the API refuses


def _refused(chat: Chat, refusal: ApiRefusal) -> None:
    """Says why; the log-in, and a consent, can be put right on the way."""
    if refusal.code in NEEDS_LOGIN:
        chat.memory.note(login=True)
        ask(chat, "agreed")
        chat.say(login_reply(texts.LOGIN_APPLY))
        return
    if refusal.code == "proxy_not_allowed":
        ask(chat, "attendee")
        name = str(chat.memory.get("item_name") or "")
        chat.say(reply(texts.APPLY_SELF_ONLY.format(item=name), _self_or_stop()))
        return
    links = [link(texts.ADD_PERSON, FAMILY_PAGE)] if refusal.code in CONSENT_GONE else []
    chat.say(reply(texts.REFUSED.format(detail=refusal.detail), links=links))
    finish(chat)
