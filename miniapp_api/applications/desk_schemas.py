"""Request and response shapes of the clerk's unified desk (综合窗口工作台)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from miniapp_api.applications.rules import Action, Colour, SpecialKind, State
from miniapp_api.applications.schemas import MaterialView, SectionView, StepView, Words
from miniapp_api.platform.http import Shape

Purpose = Literal["handling", "consultation", "quality", "complaint"]
Problem = Literal["missing", "unclear", "expired", "mismatch", "format"]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]


class InboxQuery(Shape):
    """A page of the inbox, the most urgent first; `after` is the last page's `next`."""

    state: State | None = None
    mine: bool = False
    window: Annotated[
        str | None, Field(pattern=r"^[0-9A-Za-z]{1,8}$", description="只看这个窗口办的事项")
    ] = None
    after: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}_[0-9a-f-]{36}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class InboxCase(Shape):
    """A case in the inbox (待办件)."""

    id: UUID
    number: str
    item: str
    item_name: str
    department: str
    applicant_masked: str
    state: State
    state_name: str
    channel: str
    since: datetime
    act_by: date
    colour: Colour
    assigned_to: UUID | None
    lease_until: datetime | None


class CaseInbox(Shape):
    """The inbox (收件箱): cases of one's departments that wait for a clerk."""

    cases: list[InboxCase]
    next: str | None


class PurposeQuery(Shape):
    """Why personal data is read: it stands in the audit trail."""

    purpose: Purpose


class NoteView(Shape):
    """A word between colleagues (会商意见)."""

    id: UUID
    at: datetime
    author: str
    asked: str | None
    text: str


class BundleOfCase(Shape):
    """The bundle that a case is part of (一件事); `accepted`: joint acceptance is over."""

    id: UUID
    number: str | None
    name: str
    accepted: bool


class DeskCase(Shape):
    """A case as its clerk sees it (办件详情): the form, the papers, the steps, what may be done."""

    id: UUID
    number: str
    item: str
    item_name: str
    department: str
    applicant: str
    applicant_code: str
    kind: Literal["person", "enterprise"]
    by_proxy: bool
    state: State
    state_name: str
    version: int
    colour: Colour
    act_by: date
    due_on: date | None
    statutory_on: date | None
    conditions: list[str]
    sections: list[SectionView]
    materials: list[MaterialView]
    steps: list[StepView]
    notes: list[NoteView]
    may: list[Action]
    bundle: BundleOfCase | None
    fee_fen: int
    paid: bool
    delivery: str | None
    assigned_to: UUID | None
    lease_until: datetime | None


class Claimed(Shape):
    """A claim (认领): until when the case is one's own."""

    id: UUID
    version: int
    state: State
    lease_until: datetime


class MissingItem(Shape):
    """One thing that a correction notice names: a material by its key, or a field by its name."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    problem: Problem
    words: Annotated[str, Field(max_length=200)] = ""


class DeskAction(Shape):
    """A step in a case (办理): what, as of which version, and the words for the citizen."""

    action: Literal[
        "request_correction", "accept", "refuse", "start_review", "begin_special",
        "end_special", "propose", "grant", "deny", "issue", "deliver", "archive",
    ]  # fmt: skip
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    note: Words = ""
    missing: Annotated[list[MissingItem], Field(max_length=50)] = Field(default_factory=list)
    special: SpecialKind | None = None
    tracking: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{6,30}$")] | None = None


class Moved(Shape):
    """Where a case stands after a step."""

    id: UUID
    state: State
    state_name: str
    version: int
    may: list[Action]


class HandOver(Shape):
    """Give a case to a colleague (移交)."""

    to: UUID
    note: Words = ""


class NewNote(Shape):
    """Say something to colleagues, or ask one (会商)."""

    text: Annotated[str, Field(min_length=1, max_length=1000)]
    ask: UUID | None = None


class Template(Shape):
    """A sentence for a notice (常用语)."""

    problem: Problem
    words: str


class Templates(Shape):
    """The sentences for notices, per problem, and the reasons most often given."""

    problems: list[Template]
    reasons: dict[str, list[str]]


class SampleRequest(Shape):
    """Draw cases for quality sampling (质量抽查): a share of those closed in a period."""

    since: Day
    until: Day
    percent: Annotated[int, Field(ge=1, le=100)] = 5


class Sampled(Shape):
    """The cases that were drawn."""

    cases: list[UUID]


class PrintQuery(Shape):
    """Which cases to print, and why."""

    ids: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}(,[0-9a-f-]{36}){0,19}$")]
    purpose: Purpose = "handling"
