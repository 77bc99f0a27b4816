"""Use cases of guides: find an item, show it, tailor its materials, answer a question about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Literal

from intents.working_calendar import WorkingCalendar
from miniapp_api.guides import announcements, bundle_views, texts, views
from miniapp_api.guides.bundles import Bundle
from miniapp_api.guides.checklist import render
from miniapp_api.guides.composer import compose
from miniapp_api.guides.errors import (
    AspectUnknown,
    BundleNotFound,
    FilterUnknown,
    ItemNotFound,
    OptionUnknown,
)
from miniapp_api.guides.handbook import Handbook
from miniapp_api.guides.hot import HotItems
from miniapp_api.guides.item import Item
from miniapp_api.guides.library import Library
from miniapp_api.guides.places import Hall, Queue, Window
from miniapp_api.guides.scene import Question, Scene
from miniapp_api.guides.schemas import (
    Announcements,
    AnnouncementsQuery,
    AnnouncementView,
    Answer,
    AnswerRequest,
    BundleChecklist,
    Bundles,
    BundlesQuery,
    HallInfos,
    HotItemViews,
    Items,
    ItemsQuery,
    ItemView,
    LifeEvents,
    Materials,
    Suggestions,
    Themes,
)
from miniapp_api.guides.tailoring import choose, needed
from miniapp_api.guides.terms import Aspect, ServiceObject
from miniapp_api.platform.clock import Clock, today

NEAREST = 3


class GuidesService:
    """Answers from the handbook; everything but counting is read from memory."""

    def __init__(
        self, library: Library, hot: HotItems, clock: Clock, city: str, hotline: str, shown: int
    ) -> None:
        self._library = library
        self._hot = hot
        self._clock = clock
        self._city = city
        self._hotline = hotline
        self._shown = shown

    # -- for other rooms -------------------------------------------------------------------------

    @property
    def handbook(self) -> Handbook:
        """Return the handbook in use (在用的办事手册)."""
        return self._library.shelf.handbook

    @property
    def calendar(self) -> WorkingCalendar:
        """Return the working calendar (工作日历)."""
        return self.handbook.calendar

    def item(self, code: str) -> Item:
        """Return an item, or raise ItemNotFound naming the nearest."""
        found = self.handbook.items.get(code)
        if found is None:
            raise ItemNotFound(texts.ITEM_NOT_FOUND, suggestions=self._nearest(code))
        return found

    def _nearest(self, code: str) -> list[dict[str, str]]:
        codes = [item.code for item in self.handbook.own]
        begun = [each for each in codes if code and each.startswith(code)]
        near = dict.fromkeys([*begun, *difflib.get_close_matches(code[:64], codes, NEAREST)])
        names = self.handbook.items
        return [{"code": each, "name": names[each].name} for each in list(near)[:NEAREST]]

    def name_of(self, code: str) -> str:
        """Return an item's name; of an item that is gone, its code."""
        found = self.handbook.items.get(code)
        return found.name if found else code

    def materials_check(self, code: str) -> Literal["reminder", "required"]:
        """Return whether materials must be ready to confirm a booking: reminder or required."""
        found = self.handbook.items.get(code)
        return found.materials_check if found else "reminder"

    def places(self, item: Item) -> list[tuple[Hall, Queue]]:
        """Return the halls that serve an item, each with its queue (大厅与队列)."""
        return self.handbook.places(item)

    def halls(self) -> list[Hall]:
        """Return all halls (政务服务大厅)."""
        return list(self.handbook.halls.values())

    def hall(self, id: str) -> Hall:
        """Return a hall; the main one stands in for one that is gone."""
        return self.handbook.halls.get(id) or self.handbook.hall

    def queues(self, hall: str) -> list[Queue]:
        """Return the queues (队列) of a hall."""
        return list(self.handbook.floor_plan(hall).queues.values())

    def queue(self, hall: str, id: str) -> Queue:
        """Return a queue; of one that is gone, an empty one, so that old bookings can be shown."""
        found = self.handbook.floor_plan(hall).queues.get(id)
        return found or Queue.model_construct(id=id, name=id, windows=(), department=id)

    def windows(self, hall: str) -> list[Window]:
        """Return the windows (窗口) of a hall."""
        return list(self.handbook.floor_plan(hall).windows.values())

    def items_of(self, hall: str, queue: str) -> list[Item]:
        """Return the items that a queue of a hall serves (队列可办的事项)."""
        return [
            item
            for item in self.handbook.own
            if any((h.id, q.id) == (hall, queue) for h, q in self.places(item))
        ]

    # -- finding ---------------------------------------------------------------------------------

    def items(self, query: ItemsQuery) -> Items:
        """Return the items that match words and filters, a page at a time."""
        self._check_filters(query)
        words = query.q.strip()
        found: Iterable[Item] = self.handbook.items.values()
        if words:
            found = self._library.shelf.search.find(words)
        kept = [item for item in found if _passes(item, query)]
        page = kept[query.offset : query.offset + query.limit]
        return Items(total=len(kept), items=[views.brief(item, self.handbook) for item in page])

    def _check_filters(self, query: ItemsQuery) -> None:
        handbook = self.handbook
        allowed: dict[str, tuple[str, Iterable[str]]] = {
            "theme": ("主题", handbook.themes),
            "life_event": ("人生事件", handbook.life_events),
            "object": ("服务对象", [member.value for member in ServiceObject]),
            "department": ("部门", handbook.by_department),
            "catalogue": ("目录", handbook.catalogues),
        }
        for field, (what, values) in allowed.items():
            if getattr(query, field) is not None and getattr(query, field) not in set(values):
                shown = "、".join(list(values)[:30])
                detail = texts.UNKNOWN_FILTER.format(what=what, allowed=shown)
                raise FilterUnknown(detail, fields=[field])

    def suggest(self, typed: str) -> Suggestions:
        """Return completions of what is being typed (联想)."""
        found = self._library.shelf.search.suggest(typed.strip())
        return Suggestions(suggestions=[views.suggestion(surface) for surface in found])

    def hot(self) -> HotItemViews:
        """Return what citizens look at most (热门服务), then what the editors recommend."""
        shown = self._hot_items()[: self._shown]
        return HotItemViews(items=[views.brief(item, self.handbook) for item in shown])

    def _hot_items(self) -> tuple[Item, ...]:
        handbook = self.handbook
        codes = dict.fromkeys((*self._hot.ranking, *handbook.hot))
        known = (handbook.items.get(code) for code in codes)
        return tuple(item for item in known if item and item.label is None) or handbook.own

    def themes(self) -> Themes:
        """Return the themes (主题) with the number of our items in each."""
        return Themes(themes=views.groups(self.handbook, self.handbook.themes, "themes"))

    def life_events(self) -> LifeEvents:
        """Return the life events (人生事件) with the number of our items in each."""
        groups = views.groups(self.handbook, self.handbook.life_events, "life_events")
        return LifeEvents(life_events=groups)

    def hall_infos(self) -> HallInfos:
        """Return the halls as citizens see them (大厅信息)."""
        return HallInfos(halls=[views.hall_info(hall, self.handbook) for hall in self.halls()])

    def announcements(self, query: AnnouncementsQuery) -> Announcements:
        """Return the notices of today, newest first (通知公告)."""
        return announcements.current(self.handbook, query, today(self._clock))

    def announcement(self, id: str) -> AnnouncementView:
        """Return a notice, or raise AnnouncementNotFound."""
        return announcements.one(self.handbook, id, today(self._clock))

    # -- one item --------------------------------------------------------------------------------

    def view(self, code: str) -> ItemView:
        """Return an item in full and count the visit."""
        item = self.item(code)
        self._hot.count(item.code)
        return views.item_view(item, self.scene())

    def materials(self, code: str, options: Mapping[str, str]) -> Materials:
        """Return the materials needed under the options (材料清单)."""
        item = self.item(code)
        check_options(item, options)
        choices = choose(item, options)
        return views.materials(item, choices, needed(item, choices), self.scene())

    def checklist(self, code: str, options: Mapping[str, str]) -> str:
        """Return a page to print and take along (打印清单)."""
        item = self.item(code)
        check_options(item, options)
        return render(item, choose(item, options), self.scene())

    # -- bundles (一件事) --------------------------------------------------------------------------

    def bundle(self, id: str) -> Bundle:
        """Return a bundle, or raise BundleNotFound."""
        found = self.handbook.bundles.get(id)
        if found is None:
            raise BundleNotFound()
        return found

    def bundles(self, query: BundlesQuery) -> Bundles:
        """Return the bundles that match a life event and words (一件事列表)."""
        found = [
            each
            for each in self.handbook.bundles.values()
            if query.life_event in (None, each.life_event)
            and bundle_views.matches(each, query.q.strip(), self.handbook)
        ]
        return Bundles(bundles=[bundle_views.brief(each, self.handbook) for each in found])

    def bundle_checklist(self, id: str, asked: Mapping[str, str]) -> BundleChecklist:
        """Return what a bundle needs, each paper once (联办清单)."""
        return bundle_views.checklist(self.bundle(id), asked, self.handbook)

    # -- answering -------------------------------------------------------------------------------

    def scene(self) -> Scene:
        """Return where and when the question is asked."""
        now = self._clock.now()
        return Scene(self.handbook, now, self._city, self._hotline, self._hot_items())

    def answer(self, request: AnswerRequest) -> Answer:
        """Answer what was understood (回答); raise AspectUnknown, OptionUnknown or ItemNotFound."""
        if request.aspect not in list(Aspect):
            detail = texts.UNKNOWN_ASPECT.format(allowed="、".join(Aspect))
            raise AspectUnknown(detail, fields=["aspect"])
        item = self.item(request.item) if request.item is not None else None
        if item:
            check_options(item, request.options)
            self._hot.count(item.code)
        known = self.handbook.items
        question = Question(
            aspect=request.aspect,
            item=item,
            # A candidate that was just removed is left out: the others can still be chosen.
            candidates=tuple(known[code] for code in request.candidates if code in known),
            tags=frozenset(request.tags),
            options=request.options,
            text=request.text,
        )
        return compose(question, self.scene())


def check_options(item: Item, options: Mapping[str, str]) -> None:
    """Raise OptionUnknown, naming what there is, for a circumstance or option the item lacks."""
    known = {each.id: [option.id for option in each.options] for each in item.circumstances}
    for circumstance, option in options.items():
        if not known:
            raise OptionUnknown(texts.NO_CIRCUMSTANCES, fields=["options"])
        if circumstance not in known:
            allowed = "、".join(known)
            detail = texts.UNKNOWN_CIRCUMSTANCE.format(allowed=allowed)
            raise OptionUnknown(detail, fields=["options"])
        if option not in known[circumstance]:
            allowed = "、".join(known[circumstance])
            detail = texts.UNKNOWN_OPTION.format(circumstance=circumstance, allowed=allowed)
            raise OptionUnknown(detail, fields=[circumstance])


def _passes(item: Item, query: ItemsQuery) -> bool:
    return (
        (query.theme is None or query.theme in item.themes)
        and (query.life_event is None or query.life_event in item.life_events)
        and (query.object is None or query.object in item.objects)
        and (query.department is None or query.department == item.department)
        and (query.catalogue is None or query.catalogue == item.catalogue)
    )
