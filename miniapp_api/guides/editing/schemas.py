"""Request and response shapes of editing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from miniapp_api.guides.editing.limits import MOST_BYTES
from miniapp_api.guides.editing.rules import State
from miniapp_api.guides.schemas import AnnouncementView, Answer, Materials
from miniapp_api.platform.http import Shape

# PostgreSQL keeps no NUL in a text.
Yaml = Annotated[str, Field(max_length=MOST_BYTES, pattern=r"^[^\x00]*$")]
Why = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00]*$")]
Revision = Annotated[int, Field(ge=1, le=1_000_000)]


class GuidesQuery(Shape):
    """Which guides: by words, by what is open, and only those whose review is due."""

    q: Annotated[str, Field(max_length=100)] = ""
    state: Literal["draft", "submitted", "scheduled", "published"] | None = Field(
        default=None, description="published: those that were published here, not by file"
    )
    due: Literal["yes"] | None = Field(default=None, description="yes: past their review date")
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0


class GuideRow(Shape):
    """A guide in the editors' list (指南一览)."""

    code: str
    name: str
    department: str | None
    version: int
    effective: date | None
    review_by: date | None
    overdue: bool
    in_file: bool = Field(description="what citizens see is the handbook's file")
    open_state: State | None
    open_version: UUID | None
    open_by: str | None


class GuideRows(Shape):
    """A page of the editors' list."""

    total: int
    overdue: int = Field(description="how many of all are past their review date")
    guides: list[GuideRow]


class FaultView(Shape):
    """A fault of a text (错误或提醒), at its line and its field."""

    line: int
    field: str | None
    level: str
    code: str
    message: str


class ChangeView(Shape):
    """A change (改动), in words."""

    field: str
    where: str
    kind: Literal["added", "removed", "changed", "moved"]
    before: str | None
    after: str | None
    sentence: str


class VersionBrief(Shape):
    """A version in a history (版本): who, when, why."""

    id: UUID
    kind: str
    code: str
    name: str
    state: State
    state_name: str
    origin: str
    revision: int
    version: int | None
    base_version: int
    authors: list[str] = Field(description="names of all who saved it")
    created_at: datetime
    saved_by: str | None
    saved_at: datetime
    why: str | None
    submitted_by: str | None
    submitted_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    publish_on: date | None
    published_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None
    remark: str | None
    mine: bool = Field(description="who asks helped to write it, and cannot approve it")


class SaveView(Shape):
    """A save of a version (保存记录)."""

    revision: int
    saved_by: str | None
    saved_at: datetime


class VersionView(VersionBrief):
    """A version with its text, its faults and what it changes (版本内容)."""

    text: str
    faults: list[FaultView]
    changes: list[ChangeView] = Field(description="against what it was written over")
    saves: list[SaveView]


class VersionQuery(Shape):
    """Which save of a version; the last, when nothing is named."""

    revision: Revision | None = None


class GuideView(Shape):
    """A guide as an editor sees it (指南): what is in force, what is open, what was."""

    kind: str
    code: str
    name: str
    version: int
    in_file: bool
    text: str
    open: VersionBrief | None
    history: list[VersionBrief]


class AspectAnswer(Shape):
    """What the assistant answers about one aspect (某方面的回答)."""

    aspect: str
    term: str
    answer: Answer


class Preview(Shape):
    """What a text would say to citizens (预览), with its faults and changes; nothing is saved."""

    sound: bool = Field(description="it has no errors and could be submitted")
    version: int = Field(description="the number it would get if it were published now")
    faults: list[FaultView]
    changes: list[ChangeView]
    answers: list[AspectAnswer]
    materials: Materials | None
    announcement: AnnouncementView | None


class PreviewRequest(Shape):
    """A text to be looked at, under some options of its circumstances."""

    text: Yaml
    options: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=64)]] = (
        Field(default_factory=dict, max_length=20)
    )


class Begin(Shape):
    """Begin a version: from what is in force, from an earlier version, or of a new guide."""

    source: UUID | None = None
    new: bool = Field(default=False, description="the guide does not exist yet")


class Save(Shape):
    """Save a draft over the revision that was read."""

    text: Yaml
    revision: Revision


class Submission(Shape):
    """Hand a draft in for approval, saying why it was changed."""

    revision: Revision
    why: Why


class Approval(Shape):
    """Approve what was read: to be published at once, or on a day (Beijing's)."""

    revision: Revision
    publish_on: date | None = None


class Ending(Shape):
    """Reject or withdraw what was read, saying why."""

    revision: Revision
    why: Why


class RollBack(Shape):
    """Put an earlier version forward to be published anew."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    why: Why


class Waiting(Shape):
    """The versions that wait for approval (待审批), the longest waiting first."""

    versions: list[VersionBrief]
