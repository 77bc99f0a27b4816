"""Shapes of a reply (答复): the same Answer that the API composes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Answer = dict[str, Any]

BOOKING_PAGE = "pages/booking/mine"
FAMILY_PAGE = "pages/family/index"
MATERIALS_PAGE = "pages/materials/index"
STANDING_PAGE = "pages/booking/standing"
ENTERPRISE_PAGE = "pages/enterprise/index"
DRAFT_PAGE = "pages/apply/form?id={id}"
APPLY_PAGE = "pages/apply/index"  # the composer links to it where an item can be applied for
LOGIN_PAGE = "pages/login/index"
HUMAN_PAGE = "pages/human/index"


def quick(title: str, payload: str | None = None) -> Answer:
    """A quick reply (快捷回复); by default the citizen says its title."""
    return {"title": title, "payload": payload or title}


def pick(entity: str, value: object, title: str) -> Answer:
    """A quick reply for an exact choice."""
    return quick(title, f'/inform{{"{entity}":"{value}"}}')


def link(title: str, page: str) -> Answer:
    """A link into the client (小程序页面)."""
    return {"title": title, "page": page}


def card(title: str, rows: Iterable[tuple[str, str]], badge: str | None = None) -> Answer:
    """A card (卡片) of labelled lines; empty values are left out."""
    lines = [{"label": label, "value": value} for label, value in rows if value]
    return {"title": title, "subtitle": None, "rows": lines, "badge": badge}


def reply(
    text: str,
    quick_replies: Iterable[Answer] = (),
    *,
    card: Answer | None = None,
    links: Iterable[Answer] = (),
) -> Answer:
    """An Answer of the bot's own; nothing in it comes from the handbook, so it has no source."""
    return {
        "text": text,
        "card": card,
        "quick_replies": list(quick_replies),
        "links": list(links),
        "source": None,
    }
