"""The handbook (办事手册): everything the hall's editors wrote, loaded, checked and indexed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from intents.working_calendar import WorkingCalendar
from miniapp_api.guides.announcements import Announcement
from miniapp_api.guides.bundles import Bundle
from miniapp_api.guides.catalogue import read_catalogue
from miniapp_api.guides.checks import Checked, Filed, check_folder
from miniapp_api.guides.faults import Fault
from miniapp_api.guides.forms import EMPTY, FormBook
from miniapp_api.guides.item import Item
from miniapp_api.guides.places import Department, Hall, Named, Queue, Window, Windows


class HandbookError(Exception):
    """The handbook has faults; the message lists the first ones with file and line."""


@dataclass(frozen=True)
class FloorPlan:
    """A hall's queues by id and windows by number (队列与窗口)."""

    queues: Mapping[str, Queue]
    windows: Mapping[str, Window]
    confirmed: bool


NOTHING = FloorPlan({}, {}, confirmed=True)


@dataclass(frozen=True)
class Handbook:
    """The handbook (办事手册), immutable; `items` holds ours first, then imported ones."""

    items: Mapping[str, Item]
    departments: Mapping[str, Department]
    themes: Mapping[str, Named]
    life_events: Mapping[str, Named]
    certificates: Mapping[str, Named]
    halls: Mapping[str, Hall]
    floor_plans: Mapping[str, FloorPlan]
    main_hall: str
    calendar: WorkingCalendar
    forms: FormBook = EMPTY
    bundles: Mapping[str, Bundle] = field(default_factory=dict)
    announcements: Mapping[str, Announcement] = field(default_factory=dict)
    filed: Mapping[str, Filed] = field(default_factory=dict)
    hot: tuple[str, ...] = ()
    left_out: tuple[Fault, ...] = ()
    by_theme: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_life_event: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_department: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def hall(self) -> Hall:
        """Return the city's main hall (政务服务大厅): the one with the most windows."""
        return self.halls[self.main_hall]

    def floor_plan(self, hall: str) -> FloorPlan:
        """Return a hall's queues and windows; of a hall without any, an empty plan."""
        return self.floor_plans.get(hall, NOTHING)

    @cached_property
    def own(self) -> tuple[Item, ...]:
        """Return our own items (沈阳事项)."""
        return tuple(item for item in self.items.values() if item.label is None)

    @cached_property
    def catalogues(self) -> tuple[str, ...]:
        """Return the names of the catalogues (目录) that are loaded."""
        return tuple(dict.fromkeys(item.catalogue for item in self.items.values()))

    def department_name(self, item: Item) -> str | None:
        """Return the name of the item's department (部门名称); imported items carry it."""
        known = self.departments.get(item.department or "")
        return known.name if known else item.department

    def queue_of(self, item: Item) -> Queue | None:
        """Return the queue (队列) that serves the item, None when it is not done at a hall."""
        return next((queue for _, queue in self.places(item)), None)

    def applies_online(self, item: Item) -> bool:
        """Tell whether an application can be begun online here (能否网上申请)."""
        return item.label is None and item.online is not None and item.online.depth.begins_online

    def places(self, item: Item) -> list[tuple[Hall, Queue]]:
        """Return the halls that serve the item, the main one first (同城通办)."""
        if item.label or item.place is None or item.place.kind != "hall":
            return []
        id = item.place.queue or item.department or ""
        found = ((hall, self.floor_plan(hall.id).queues.get(id)) for hall in self.halls.values())
        serving = [(h, q) for h, q in found if q and (q.items is None or item.code in q.items)]
        return sorted(serving, key=lambda place: place[0].id != self.main_hall)

    def bookable(self, item: Item) -> bool:
        """Tell whether a visit to the hall can be booked (能否预约)."""
        return item.appointment != "none" and self.queue_of(item) is not None


def load_handbook(
    folder: Path, catalogues: Path | None = None, published: Path | None = None
) -> Handbook:
    """Load the handbook, what was published over it and the catalogues beside it.

    An item, bundle or notice that cannot be read is left out (see `left_out`): one slip of an
    editor must not close the hall. Unreadable halls, windows or lists raise HandbookError.
    """
    checked = check_folder(folder, references=False, published=published)
    spared = tuple(str(folder / name) for name in ("items", "bundles", "notices"))
    spared += (str(published),) if published else ()
    fatal = [path for path in checked.unusable if not path.startswith(spared)]
    if fatal:
        found = [fault for fault in checked.faults if fault.file in fatal]
        shown = "\n".join(f"{f.file}:{f.line}: {f.message}" for f in found[:5])
        raise HandbookError(f"办事手册有 {len(found)} 处错误,请先运行 handbook check:\n{shown}")
    imported = _imported(catalogues) if catalogues and catalogues.is_dir() else ()
    return assemble(checked, imported)


def _imported(folder: Path) -> Iterator[Item]:
    """Read every catalogue; what our fields do not show stays on disk, not in memory."""
    for path in sorted(folder.glob("*.jsonl")):
        for item in read_catalogue(path):
            yield item.model_copy(update={"extra": {}})


def assemble(checked: Checked, imported: Iterable[Item] = ()) -> Handbook:
    """Index what was read; an imported item never replaces one of ours."""
    items: dict[str, Item] = {item.code: item for item in checked.items}
    for item in imported:
        items.setdefault(item.code, item)
    return Handbook(
        items=items,
        departments=_by_id(checked.departments),
        themes=_by_id(checked.themes),
        life_events=_by_id(checked.life_events),
        certificates=_by_id(checked.certificates),
        halls=_by_id(checked.halls),
        floor_plans={plan.hall: _floor_plan(plan) for plan in checked.windows},
        main_hall=_main_hall(checked),
        calendar=WorkingCalendar.from_mapping(checked.calendar.model_dump()),
        forms=checked.forms,
        bundles=_by_id(checked.bundles),
        announcements=_by_id(checked.announcements),
        filed=checked.filed,
        hot=tuple(code for code in checked.hot if code in items),
        left_out=tuple(fault for fault in checked.faults if fault.file in checked.unusable),
        by_theme=_index((theme, i) for i in items.values() for theme in i.themes),
        by_life_event=_index((event, i) for i in items.values() for event in i.life_events),
        by_department=_index((i.department, i) for i in items.values() if i.department),
    )


def _by_id[M: (Announcement, Bundle, Department, Named, Hall, Queue)](
    models: Iterable[M],
) -> dict[str, M]:
    return {model.id: model for model in models}


def _index(pairs: Iterable[tuple[str, Item]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, item in pairs:
        found[key].append(item.code)
    return {key: tuple(codes) for key, codes in found.items()}


def _floor_plan(plan: Windows) -> FloorPlan:
    windows = {window.number: window for window in plan.windows}
    return FloorPlan(_by_id(plan.queues), windows, confirmed=not plan.placeholders)


def _main_hall(checked: Checked) -> str:
    """Return the id of the hall with the most windows, else of the first."""
    ids = [hall.id for hall in checked.halls]
    sizes = {plan.hall: len(plan.windows) for plan in checked.windows}
    return max(ids, key=lambda id: sizes.get(id, 0))
