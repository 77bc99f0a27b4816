"""Public notices (通知公告): what the hall tells everybody, from a day to a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field, StrictBool, StrictInt

from miniapp_api.guides import texts
from miniapp_api.guides.check_items import fault
from miniapp_api.guides.check_lists import dangling
from miniapp_api.guides.errors import AnnouncementNotFound
from miniapp_api.guides.faults import Fault
from miniapp_api.guides.item import Id, Model, Name, OwnCode, Source, Text
from miniapp_api.guides.schemas import (
    AnnouncementItem,
    Announcements,
    AnnouncementsQuery,
    AnnouncementView,
)
from miniapp_api.guides.yaml_source import Document

if TYPE_CHECKING:
    from miniapp_api.guides.checks import Checked
    from miniapp_api.guides.handbook import Handbook


class Announcement(Model):
    """A public notice (通知公告)."""

    model_config = ConfigDict(title="通知公告", populate_by_name=True)

    id: Id = Field(description="编号,与文件名相同")
    title: Name = Field(description="标题")
    text: Text = Field(description="正文")
    starts: date = Field(alias="from", description="从哪天起显示")
    ends: date | None = Field(None, alias="until", description="显示到哪天(含);null = 一直")
    hall: Id | None = Field(None, description="只关这个大厅的事;null = 都有关")
    items: tuple[OwnCode, ...] = Field((), description="有关的事项编码")
    important: StrictBool = Field(False, description="true = 重要,醒目显示")
    withdrawn: StrictBool = Field(False, description="true = 已撤回,不再显示")
    version: Annotated[StrictInt, Field(ge=1)] = Field(description="版本号,每次改动加一")
    source: Source = Field(description="来源")
    verified: StrictBool = Field(description="是否经沈阳的工作人员核实")

    def is_current(self, day: date) -> bool:
        """Tell whether it is shown on a day."""
        return not self.withdrawn and self.starts <= day and (self.ends is None or day <= self.ends)


def check_announcement(
    checked: Checked, document: Document, found: Announcement, today: date | None
) -> Iterator[Fault]:
    """Check file name, days and references of a notice (公告检查)."""
    if found.id != document.path.stem:
        message = f"编号 {found.id} 与文件名 {document.path.stem} 不同"
        yield fault(document, ("id",), message, "file_name")
    if found.ends and found.ends < found.starts:
        yield fault(document, ("until",), "结束日期早于开始日期", "dates")
    elif today and found.ends and found.ends < today and not found.withdrawn:
        yield fault(document, ("until",), f"{found.ends} 已过期", "overdue", "warning")
    halls = frozenset(hall.id for hall in checked.halls)
    yield from dangling(document, ("hall",), found.hall, halls, "大厅")
    codes = frozenset(item.code for item in checked.items)
    for index, code in enumerate(found.items):
        yield from dangling(document, ("items", index), code, codes, "事项")


def current(handbook: Handbook, query: AnnouncementsQuery, day: date) -> Announcements:
    """Return the notices of a day, newest first (现行公告)."""
    found = [
        each
        for each in handbook.announcements.values()
        if each.is_current(day)
        and query.hall in (None, each.hall or query.hall)
        and (query.item is None or query.item in each.items)
    ]
    found.sort(key=lambda each: (each.starts, each.important, each.id), reverse=True)
    return Announcements(notices=[view(each, handbook) for each in found])


def one(handbook: Handbook, id: str, day: date) -> AnnouncementView:
    """Return a notice; raise AnnouncementNotFound for one that is over, to come or withdrawn."""
    found = handbook.announcements.get(id)
    if found is None or not found.is_current(day):
        raise AnnouncementNotFound()
    return view(found, handbook)


def view(found: Announcement, handbook: Handbook) -> AnnouncementView:
    """Show a notice (公告内容)."""
    known = [code for code in found.items if code in handbook.items]
    hall = handbook.halls.get(found.hall or "")
    days: dict[str, Any] = {"from": found.starts, "until": found.ends}
    return AnnouncementView(
        id=found.id,
        title=found.title,
        text=found.text,
        hall=found.hall,
        hall_name=hall.name if hall else None,
        items=[AnnouncementItem(code=code, name=handbook.items[code].name) for code in known],
        important=found.important,
        version=found.version,
        notice=None if found.verified else texts.NOT_VERIFIED,
        **days,
    )
