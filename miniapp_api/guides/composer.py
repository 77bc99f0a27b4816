"""The one composer of answers (回答生成): an aspect and an item in, what the citizen reads out.

Pure: the same question in the same scene gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable

from miniapp_api.guides import texts
from miniapp_api.guides.compose_papers import (
    conditions,
    fee,
    legal_basis,
    materials,
    proxy,
    result,
    steps,
    time_limit,
)
from miniapp_api.guides.compose_talk import TALK
from miniapp_api.guides.compose_visit import apply, book, hours, online, overview, phone, place
from miniapp_api.guides.faqs import matching_faq
from miniapp_api.guides.item import Item
from miniapp_api.guides.notices import notice, source_sentence
from miniapp_api.guides.scene import Question, Said, Scene
from miniapp_api.guides.schemas import Answer, AnswerSource, Card, CardRow, Link, QuickReply
from miniapp_api.guides.terms import Aspect

Writer = Callable[[Item, Question, Scene], Said]

MOST_REPLIES = 4
ABOUT_ITEM: dict[str, Writer] = {
    Aspect.OVERVIEW: overview,
    Aspect.MATERIALS: materials,
    Aspect.STEPS: steps,
    Aspect.PLACE: place,
    Aspect.HOURS: hours,
    Aspect.PHONE: phone,
    Aspect.FEE: fee,
    Aspect.TIME_LIMIT: time_limit,
    Aspect.CONDITIONS: conditions,
    Aspect.ONLINE: online,
    Aspect.RESULT: result,
    Aspect.LEGAL_BASIS: legal_basis,
    Aspect.PROXY: proxy,
    Aspect.APPLY: apply,
    Aspect.BOOK: book,
    Aspect.INFORM: overview,
}


def compose(question: Question, scene: Scene) -> Answer:
    """Compose the answer to a question (回答一个问题)."""
    writer = ABOUT_ITEM.get(question.aspect)
    if question.item and writer:
        return _about_item(question.item, writer, question, scene)
    return _plain(TALK[question.aspect](question, scene))


def _plain(said: Said) -> Answer:
    replies, links = list(said.replies), list(said.links)
    return Answer(text=said.text, quick_replies=replies, links=links, missed=said.missed)


def _about_item(item: Item, writer: Writer, question: Question, scene: Scene) -> Answer:
    """Answer about an item: its words, then what they rest on and what is not confirmed."""
    faq = matching_faq(item, question.text) if question.text else None
    said = Said(faq.a, ("faqs",)) if faq else writer(item, question, scene)
    warning = notice(item, said.fields, scene)
    source = source_sentence(item)
    return Answer(
        text="\n".join(part for part in (said.text, source + (warning or "")) if part),
        card=_card(item, said, scene),
        quick_replies=_replies(item, question, scene, said),
        links=_links(item, scene, said),
        source=AnswerSource(
            item=item.code,
            name=item.name,
            version=item.version,
            effective=item.effective,
            catalogue=item.catalogue,
            verified=item.verified,
            notice=warning,
        ),
    )


def _card(item: Item, said: Said, scene: Scene) -> Card:
    badge = item.label or (None if item.verified else texts.BADGE_PLACEHOLDER)
    rows = [CardRow(label=label, value=value) for label, value in said.rows]
    department = scene.handbook.department_name(item)
    return Card(title=item.name, subtitle=department, rows=rows, badge=badge)


def _replies(item: Item, question: Question, scene: Scene, said: Said) -> list[QuickReply]:
    """Offer the answer's own choices first, then what people most likely ask next."""
    replies = list(said.replies)
    if scene.handbook.bookable(item) and question.aspect != Aspect.BOOK:
        replies.append(reply(texts.BOOK_FOR_ME))
    for aspect, wording in texts.NEXT_QUESTIONS.items():
        if len(replies) < max(MOST_REPLIES, len(said.replies) + 2) and aspect != question.aspect:
            replies.append(reply(wording))
    return replies


def reply(wording: tuple[str, str]) -> QuickReply:
    """Build a button from its title and what it says."""
    return QuickReply(title=wording[0], payload=wording[1])


def _links(item: Item, scene: Scene, said: Said) -> list[Link]:
    """Offer only the pages that make sense for the item."""
    links = [Link(title=texts.LINK_GUIDE, page=f"pages/guide/index?item={item.code}")]
    if item.materials:
        page = f"pages/materials/index?item={item.code}"
        links.append(Link(title=texts.LINK_MATERIALS, page=page))
    if scene.handbook.bookable(item):
        page = f"pages/booking/index?item={item.code}"
        links.append(Link(title=texts.LINK_BOOKING, page=page))
    if scene.handbook.applies_online(item):
        links.append(Link(title=texts.LINK_APPLY, page=f"pages/apply/index?item={item.code}"))
    return [*links, *said.links]
