"""Answers about going there: overview, place, hours, phone, online, apply and book."""

from __future__ import annotations

from datetime import timedelta

from miniapp_api.guides import texts
from miniapp_api.guides.compose_papers import days_fact, form, missing, shortest
from miniapp_api.guides.item import Item
from miniapp_api.guides.places import Hall, Queue, Span, Window
from miniapp_api.guides.scene import Question, Said, Scene
from miniapp_api.guides.tailoring import choose, needed
from miniapp_api.guides.terms import AppointmentRule, PlaceKind
from miniapp_api.guides.wording import clock, cut, sentence, short_date, week, windows

HALL_FIELDS = ("place", "hall.address", "hall.zones", "windows")
ELDERLY = frozenset({"for_elder", "retired"})


def overview(item: Item, question: Question, scene: Scene) -> Said:
    """Say the item in one breath (概况)."""
    facts = _facts(item, question)
    if item.label:
        words = sentence("，".join(facts)) if facts else ""
        text = texts.OVERVIEW_IMPORTED.format(name=item.name, label=item.label, facts=words)
    else:
        text = texts.OVERVIEW.format(name=item.name, facts="，".join(facts))
    rows = _overview_rows(item, question, scene)
    return Said(text, ("limits", "fee", "visits", "materials", "place", "phone"), rows)


def _facts(item: Item, question: Question) -> list[str]:
    facts = []
    span = shortest(item.limits)
    if span is not None:
        facts.append(days_fact(span) + ("办完" if span.days else ""))
    if item.fee:
        facts.append(texts.FACT_FREE if item.fee.free else item.fee.text.strip("。"))
    if item.visits is not None:
        once = texts.FACT_VISITS.format(count=item.visits)
        facts.append(once if item.visits else texts.FACT_NO_VISIT)
    count = sum(m.required for m in needed(item, choose(item, question.options, question.tags)))
    if count or not item.label:
        some = texts.FACT_MATERIALS.format(count=count)
        facts.append(some if count else texts.FACT_NO_MATERIALS)
    return facts


def _overview_rows(item: Item, question: Question, scene: Scene) -> tuple[tuple[str, str], ...]:
    span = shortest(item.limits)
    papers = needed(item, choose(item, question.options, question.tags))
    rows = (
        ("办理时限", days_fact(span) if span is not None else None),
        ("收费", item.fee.text if item.fee else None),
        ("材料", "、".join(m.name for m in papers if m.required) or None),
        ("办理地点", place_row(item, scene)),
        ("网上办理", item.online.depth.term if item.online else None),
        ("咨询电话", item.phone),
    )
    return tuple((label, cut(value)) for label, value in rows if value)


def place_row(item: Item, scene: Scene) -> str | None:
    """Say the place in a card (办理地点)."""
    places = scene.handbook.places(item)
    if places:
        return "；".join(f"{hall.name}{windows(queue.windows)}号窗口" for hall, queue in places)
    if item.place is None:
        return None
    return item.place.note or item.place.kind.term


def place(item: Item, question: Question, scene: Scene) -> Said:
    """Say where to go (去哪办)."""
    if item.place is None:
        return missing(item, "place", scene)
    note = sentence(item.place.note) if item.place.note else ""
    places = scene.handbook.places(item)
    if places:
        return _hall_place(item, places, note, question, scene)
    if item.place.kind is PlaceKind.ONLINE:
        return Said(texts.PLACE_ONLINE.format(name=item.name) + note, ("place",))
    if item.label and note:
        text = texts.PLACE_OUTLET_IMPORTED.format(name=item.name, note=note.strip("。"))
        return Said(text, ("place",), (("办理地点", note),))
    return Said(texts.PLACE_OUTLET.format(name=item.name, note=note), ("place",))


def _hall_place(
    item: Item, places: list[tuple[Hall, Queue]], note: str, question: Question, scene: Scene
) -> Said:
    (hall, queue), *others = places
    where = texts.PLACE_WINDOWS.format(
        floor=_floor_name(queue, scene),
        zone=_zone_name(queue, scene),
        windows=windows(queue.windows),
    )
    text = texts.PLACE_HALL.format(hall=hall.name, where=where, name=item.name) + note
    text += texts.PLACE_ADDRESS.format(address=hall.address)
    if others:
        names = "、".join(f"{each.name}（{each.address}）" for each, _ in others)
        text += texts.PLACE_ALSO.format(halls=names)
    if question.tags & ELDERLY:
        text += _elder_lane(scene)
    rows = (("大厅", hall.name), ("位置", where), ("地址", hall.address))
    return Said(text, HALL_FIELDS, rows)


def _window(number: str, scene: Scene) -> Window | None:
    return scene.handbook.floor_plan(scene.handbook.main_hall).windows.get(number)


def _floor_name(queue: Queue, scene: Scene) -> str:
    names = {floor.number: floor.name for floor in scene.handbook.hall.floors}
    found = [_window(number, scene) for number in queue.windows]
    floors = sorted({window.floor for window in found if window})
    return "、".join(names.get(number, f"{number}楼") for number in floors)


def _zone_name(queue: Queue, scene: Scene) -> str:
    names = {zone.id: f"{zone.id}区{zone.name}" for zone in scene.handbook.hall.zones}
    found = [_window(number, scene) for number in queue.windows]
    zones = sorted({window.zone for window in found if window})
    return "、".join(names.get(zone, f"{zone}区") for zone in zones)


def _elder_lane(scene: Scene) -> str:
    names = {floor.number: floor.name for floor in scene.handbook.hall.floors}
    for facility in scene.handbook.hall.facilities:
        if facility.id == "elderly-lane":
            floor = names.get(facility.floor, f"{facility.floor}楼")
            return texts.ELDER_LANE.format(floor=floor, name=facility.name)
    return ""


def hours(item: Item, question: Question, scene: Scene) -> Said:
    """Say when it is open (几点开门), today and tomorrow too."""
    if item.hours:
        return Said(
            texts.HOURS_ITEM.format(name=item.name, hours=item.hours.strip("。")), ("hours",)
        )
    if item.place is None or (item.label and item.place.kind is not PlaceKind.ONLINE):
        return missing(item, "hours", scene)
    if item.place.kind is PlaceKind.ONLINE:
        return Said(texts.HOURS_ONLINE.format(name=item.name), ("hours",))
    if item.place.kind is PlaceKind.OUTLET:
        phone_number = item.phone or scene.hotline
        text = texts.HOURS_OUTLET.format(name=item.name, phone=phone_number)
        return Said(text, ("hours", "phone"))
    return Said(hall_hours(scene), ("hours", "hall.hours"))


def hall_hours_of_week(scene: Scene) -> str:
    """Say the hall's hours in a card (大厅办公时间)."""
    return week(scene.handbook.hall.hours)


def hall_hours(scene: Scene) -> str:
    """Say the hall's hours (大厅办公时间), and whether it is open now and tomorrow."""
    hall = scene.handbook.hall
    text = texts.HOURS_HALL.format(hall=hall.name, hours=hall_hours_of_week(scene))
    text += _today(scene) + _tomorrow(scene)
    if scene.calendar.is_provisional(scene.today + timedelta(days=1)):
        text += texts.PROVISIONAL.format(year=(scene.today + timedelta(days=1)).year)
    return text


def _spans(scene: Scene, ahead: int) -> tuple[Span, ...]:
    day = scene.today + timedelta(days=ahead)
    return scene.handbook.hall.spans(day, workday=scene.calendar.is_workday(day))


def _today(scene: Scene) -> str:
    """Say whether the hall is open today and at this moment."""
    day, now = short_date(scene.today), scene.now.time().replace(tzinfo=None)
    spans = _spans(scene, 0)
    if not spans:
        holiday = scene.calendar.holiday_name(scene.today)
        why = texts.DAY_OFF.format(holiday=holiday) if holiday else texts.DAY_REST
        return texts.OPEN_NOT.format(day=day, why=why)
    for span in spans:
        if now < span.start:
            return texts.OPEN_LATER.format(day=day, at=clock(span.start))
        if now < span.end:
            return texts.OPEN_NOW.format(day=day, until=clock(span.end))
    return texts.OPEN_OVER.format(day=day)


def _tomorrow(scene: Scene) -> str:
    tomorrow = scene.today + timedelta(days=1)
    if _spans(scene, 1):
        return texts.TOMORROW_OPEN.format(day=short_date(tomorrow))
    opens = next((ahead for ahead in range(2, 60) if _spans(scene, ahead)), 2)
    again = short_date(scene.today + timedelta(days=opens))
    return texts.TOMORROW_CLOSED.format(day=short_date(tomorrow), next=again)


def phone(item: Item, question: Question, scene: Scene) -> Said:
    """Say whom to call (电话)."""
    if not item.phone:
        return missing(item, "phone", scene)
    number = cut(item.phone.strip("。"))
    text = texts.PHONE.format(name=item.name, phone=number)
    if not item.label and scene.hotline not in number:
        text += texts.PHONE_HOTLINE.format(hotline=scene.hotline)
    return Said(text, ("phone",), (("咨询电话", number),))


def online(item: Item, question: Question, scene: Scene) -> Said:
    """Say whether it can be done online (能否网办)."""
    if item.online is None:
        return missing(item, "online", scene)
    if item.label and item.online.depth != "none":
        text = texts.ONLINE_IMPORTED.format(name=item.name, label=item.label)
        return Said(text, ("online",))
    note = sentence(item.online.note) if item.online.note else ""
    text = texts.ONLINE[item.online.depth].format(name=item.name) + note
    return Said(text, ("online",), (("网上办理", item.online.depth.term),))


def apply(item: Item, question: Question, scene: Scene) -> Said:
    """Say how to start (我要办)."""
    if item.label:
        return Said(texts.APPLY_IMPORTED.format(name=item.name, label=item.label), ("place",))
    if scene.handbook.applies_online(item) and item.online and item.online.depth == "full":
        text = texts.APPLY_ONLINE
    elif scene.handbook.bookable(item):
        must = item.appointment is AppointmentRule.REQUIRED
        text = texts.APPLY_BOOK_REQUIRED if must else texts.APPLY_BOOK
    else:
        text = texts.APPLY_WALK_IN
    papers = [m for m in needed(item, choose(item, question.options, question.tags)) if m.required]
    rows = tuple((m.name, form(m)) for m in papers)
    return Said(text.format(name=item.name), ("place", "online", "appointment"), rows)


def book(item: Item, question: Question, scene: Scene) -> Said:
    """Say whether a visit can be booked (预约)."""
    if item.label:
        return Said(texts.APPLY_IMPORTED.format(name=item.name, label=item.label), ("place",))
    if scene.handbook.bookable(item):
        text = texts.BOOK_ITEM
    elif item.appointment == "none":
        text = texts.BOOK_NOT_NEEDED
    else:
        text = texts.BOOK_NOT_HALL
    return Said(text.format(name=item.name), ("appointment", "place"))
