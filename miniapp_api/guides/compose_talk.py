"""Answers that concern no single item: asking back, greetings, the hall, a human."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from miniapp_api.guides import payloads, texts
from miniapp_api.guides.compose_visit import hall_hours
from miniapp_api.guides.item import Item
from miniapp_api.guides.scene import Question, Said, Scene
from miniapp_api.guides.schemas import Link, QuickReply
from miniapp_api.guides.terms import Aspect
from miniapp_api.guides.wording import listed

HOT_SHOWN = 3

HUMAN_LINK = Link(title=texts.LINK_HUMAN, page="pages/human/index")
BOOKINGS_LINK = Link(title=texts.LINK_MY_BOOKINGS, page="pages/booking/mine")
PROGRESS_LINK = Link(title=texts.LINK_PROGRESS, page="pages/progress/index")
MY_QUEUE_LINK = Link(title=texts.LINK_MY_QUEUE, page="pages/queue/mine")
WAITING_LINK = Link(title=texts.LINK_WAITING, page="pages/waiting/mine")
QUEUE_LINK = Link(title=texts.LINK_QUEUE, page="pages/queue/index")
TO_HUMAN_REPLY = QuickReply(title=texts.ASK_HUMAN[1], payload=texts.ASK_HUMAN[1])
HUMAN_REPLY = QuickReply(title=texts.ASK_HUMAN[0], payload=texts.ASK_HUMAN[1])


def titled(item: Item) -> str:
    """Name an item; one that is not ours with region and department, as names recur (名称)."""
    if item.label is None:
        return item.name
    department = item.department or ""
    where = department if department.startswith(item.label) else item.label + department
    return texts.CANDIDATE_IMPORTED.format(name=item.name, where=where)


def item_replies(items: Iterable[Item]) -> tuple[QuickReply, ...]:
    """Offer items as buttons (事项按钮)."""
    return tuple(
        QuickReply(title=titled(item), payload=payloads.choose_item(item.code)) for item in items
    )


def candidates(question: Question, scene: Scene) -> Said:
    """Ask back between close items (反问); with none left it is unknown."""
    if not question.candidates:
        return unknown(question, scene)
    names = [titled(item) for item in question.candidates]
    none = QuickReply(title=texts.NONE_OF_THEM, payload=texts.NONE_OF_THEM)
    text = texts.CANDIDATES.format(listed=listed(names))
    return Said(text, replies=(*item_replies(question.candidates), none))


def unknown(question: Question, scene: Scene) -> Said:
    """Say that it is not known (没听懂), and offer what comes nearest or is asked most."""
    offered = question.candidates or scene.hot[:HOT_SHOWN]
    template = texts.UNKNOWN_NEAR if question.candidates else texts.UNKNOWN
    text = template.format(hotline=scene.hotline)
    replies = (*item_replies(offered), HUMAN_REPLY)
    return Said(text, replies=replies, links=(HUMAN_LINK,), missed=True)


def lost(question: Question, scene: Scene) -> Said:
    """Offer a person, when it was not known a second time (再次没听懂)."""
    text = texts.LOST.format(hotline=scene.hotline)
    return Said(text, replies=(TO_HUMAN_REPLY,), links=(HUMAN_LINK,), missed=True)


def _which_item(question: Question, scene: Scene) -> Said:
    return Said(texts.WHICH_ITEM, replies=item_replies(scene.hot[:HOT_SHOWN]))


def _fixed(text: str, *links: Link, hot: bool = False) -> Callable[[Question, Scene], Said]:
    """Build a writer of one fixed sentence."""

    def write(question: Question, scene: Scene) -> Said:
        words = text.format(city=scene.city.removesuffix("市"), hotline=scene.hotline)
        replies = item_replies(scene.hot[:HOT_SHOWN]) if hot else ()
        return Said(words, replies=replies, links=links)

    return write


def _hall_place(question: Question, scene: Scene) -> Said:
    hall = scene.handbook.hall
    text = f"{hall.name}。" + texts.PLACE_ADDRESS.format(address=hall.address)
    return Said(text + _hall_notice(scene, "address"))


def _hall_hours(question: Question, scene: Scene) -> Said:
    return Said(hall_hours(scene) + _hall_notice(scene, "hours"))


def _hall_phone(question: Question, scene: Scene) -> Said:
    hall = scene.handbook.hall
    text = texts.PHONE.format(name=hall.name, phone=hall.phone)
    if scene.hotline not in hall.phone:
        text += texts.PHONE_HOTLINE.format(hotline=scene.hotline)
    return Said(text + _hall_notice(scene, "phone"))


def _late(question: Question, scene: Scene) -> Said:
    minutes = scene.handbook.hall.booking.late_minutes
    return Said(texts.LATE.format(minutes=minutes), links=(MY_QUEUE_LINK,))


def _hall_notice(scene: Scene, path: str) -> str:
    if path not in scene.handbook.hall.placeholders:
        return ""
    return texts.PLACEHOLDERS.format(fields=texts.FIELD_NAMES[f"hall.{path}"])


TALK: dict[str, Callable[[Question, Scene], Said]] = {
    **dict.fromkeys(Aspect, _which_item),
    Aspect.PLACE: _hall_place,
    Aspect.HOURS: _hall_hours,
    Aspect.PHONE: _hall_phone,
    Aspect.BOOK: _fixed(texts.BOOK, hot=True),
    Aspect.RESCHEDULE: _fixed(texts.MY_BOOKINGS, BOOKINGS_LINK),
    Aspect.CANCEL: _fixed(texts.MY_BOOKINGS, BOOKINGS_LINK),
    Aspect.MY_BOOKINGS: _fixed(texts.MY_BOOKINGS, BOOKINGS_LINK),
    Aspect.MY_PROGRESS: _fixed(texts.MY_PROGRESS, PROGRESS_LINK),
    Aspect.TICKET: _fixed(texts.TICKET, QUEUE_LINK),
    Aspect.QUEUE_POSITION: _fixed(texts.QUEUE_POSITION, MY_QUEUE_LINK),
    Aspect.LATE: _late,
    Aspect.QUIET_DAY: _fixed(texts.QUIET_DAY, BOOKINGS_LINK),
    Aspect.WAIT_LIST: _fixed(texts.WAIT_LIST, WAITING_LINK),
    Aspect.COMPLAINT: _fixed(texts.COMPLAINT, HUMAN_LINK),
    Aspect.RATE: _fixed(texts.RATE, PROGRESS_LINK),
    Aspect.HUMAN: _fixed(texts.HUMAN, HUMAN_LINK),
    Aspect.HELP: _fixed(texts.HELP, hot=True),
    Aspect.GREET: _fixed(texts.GREET, hot=True),
    Aspect.THANKS: _fixed(texts.THANKS),
    Aspect.GOODBYE: _fixed(texts.GOODBYE),
    Aspect.CHITCHAT: _fixed(texts.CHITCHAT, hot=True),
    Aspect.OUT_OF_SCOPE: _fixed(texts.OUT_OF_SCOPE, hot=True),
    Aspect.AFFIRM: _fixed(texts.AFFIRM),
    Aspect.DENY: _fixed(texts.DENY, hot=True),
    Aspect.STOP: _fixed(texts.STOP),
    Aspect.CANDIDATES: candidates,
    Aspect.UNKNOWN: unknown,
    Aspect.LOST: lost,
}
