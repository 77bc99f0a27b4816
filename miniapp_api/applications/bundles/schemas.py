"""Request and response shapes of bundles (一件事联办), for citizens and for the desk."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from miniapp_api.applications.desk_schemas import DeskCase, MissingItem
from miniapp_api.applications.rules import Colour, State
from miniapp_api.applications.schemas import (
    Delivery,
    FaultView,
    MaterialView,
    Missing,
    Options,
    SectionView,
    Words,
)
from miniapp_api.guides.item import Id
from miniapp_api.guides.schemas import BundleQuestion
from miniapp_api.platform.http import Shape

Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,64}$")]
Chosen = Annotated[list[Code], Field(max_length=30)]


class StartBundle(Shape):
    """Begin a bundle (开始办一件事): for oneself, under a consent, or for an enterprise.

    chosen: the optional items wanted; left out, those that are usual.
    """

    bundle: Id
    chosen: Chosen | None = None
    options: Options = Field(default_factory=dict)
    principal: UUID | None = None
    enterprise: UUID | None = None


class SaveBundle(Shape):
    """What was typed since; an answer of null is taken out, others stay.

    delivery: for every item that offers it; deliveries: for single ones.
    """

    revision: Revision
    answers: Annotated[dict[str, Any], Field(max_length=100)] = Field(default_factory=dict)
    options: Options | None = None
    chosen: Chosen | None = None
    delivery: Delivery | None = None
    deliveries: Annotated[dict[Code, Delivery], Field(max_length=30)] = Field(default_factory=dict)


class SubmitBundle(Shape):
    """Submit what is on the screen: the revision that the citizen sees, and that it is true."""

    revision: Revision
    declared_true: Literal[True]


class BundleMemberView(Shape):
    """An item of the bundle (一件事里的事项), and what is its own: fee and delivery."""

    item: str
    item_name: str
    department_name: str
    draft: UUID | None
    question: str | None
    chosen: bool
    waits_for: list[str]
    fee_fen: int
    fee_due: Literal["submission", "issue"]
    paid: bool
    delivery: str | None
    deliveries: list[str]


class BundleMaterialView(MaterialView):
    """A material (材料), handed in once for several items."""

    items: list[str]


class BundleForm(Shape):
    """A bundle that is filled in (一件事表单): each question, field and paper once."""

    id: UUID
    bundle: str
    name: str
    lead_name: str
    kind: Literal["person", "enterprise"]
    applicant_masked: str | None
    revision: int
    members: list[BundleMemberView]
    questions: list[BundleQuestion]
    sections: list[SectionView]
    materials: list[BundleMaterialView]
    updated_at: datetime


class BundleCovered(Shape):
    """The form, and how each type went: covered, not_found, or why it has to be uploaded."""

    form: BundleForm
    outcomes: dict[str, str]


class BundleFault(FaultView):
    """Something to put right (预检问题), with the items it is one of."""

    items: list[str]


class BundleCheck(Shape):
    """The pre-check (预检) over all items: ready when there is no fault."""

    ready: bool
    faults: list[BundleFault]


class SubmittedCase(Shape):
    """A case of the bundle (办件): its own receipt number."""

    id: UUID
    item: str
    number: str


class BundleReceipt(Shape):
    """A bundle that was submitted (提交成功): one number, and one for each case."""

    id: UUID
    number: str
    cases: list[SubmittedCase]
    page: str


class BundleBriefView(Shape):
    """A bundle in a list (我的一件事)."""

    id: UUID
    bundle: str
    name: str
    number: str | None
    submitted_at: datetime | None
    updated_at: datetime


class MyBundles(Shape):
    """My bundles, the latest first."""

    bundles: list[BundleBriefView]


class BundleCaseView(Shape):
    """A member's progress (事项进度): where it stands, who has it, since when, until when."""

    id: UUID
    item: str
    item_name: str
    number: str
    department_name: str
    state: State
    state_name: str
    who: str
    since: datetime
    until: date | None
    waits_for: list[str]
    closed: bool
    may: list[str]
    page: str


class BundleMissing(Missing):
    """What the joint notice names (补正内容), and the items it is missing in."""

    items: list[str]


class BundleProgressView(Shape):
    """A bundle in the open (一件事进度): every member, and the whole.

    version: grows with every step of any member; who acts says which one he saw.
    """

    id: UUID
    bundle: str
    name: str
    number: str
    lead_name: str
    applicant_masked: str
    submitted_at: datetime
    version: int
    closed: int
    total: int
    joint: bool  # 联合受理 is over
    correct_until: date | None
    missing: list[BundleMissing]
    members: list[BundleCaseView]
    may: list[Literal["withdraw", "correct"]]
    page: str


class WithdrawBundle(Shape):
    """Take members back, or all that can be (撤回)."""

    version: Revision
    items: Annotated[list[Code], Field(min_length=1, max_length=30)] | None = None
    reason: Words = ""


class CorrectBundle(Shape):
    """Send what was missing over all members (补正); files are attached beforehand."""

    version: Revision
    answers: Annotated[dict[str, Any], Field(max_length=100)] = Field(default_factory=dict)


# -- at the desk ---------------------------------------------------------------------------------


class JointQuery(Shape):
    """How many of the most urgent bundles."""

    limit: Annotated[int, Field(ge=1, le=100)] = 50


class JointBrief(Shape):
    """A bundle that waits for joint acceptance (待联合受理)."""

    id: UUID
    number: str
    bundle: str
    name: str
    lead: str
    applicant_masked: str
    submitted_at: datetime
    act_by: date
    colour: Colour
    count: int
    assigned_to: UUID | None
    lease_until: datetime | None


class JointInbox(Shape):
    """Bundles that wait for a clerk of the leading department, the most urgent first."""

    bundles: list[JointBrief]


class JointView(Shape):
    """A bundle as the leading department sees it: every case in full."""

    id: UUID
    number: str
    bundle: str
    name: str
    version: int
    joint: bool
    may: list[Literal["claim", "accept", "request_correction"]]
    members: list[DeskCase]


class JointClaimed(Shape):
    """A claim (认领) of all cases that wait for joint acceptance."""

    id: UUID
    version: int
    lease_until: datetime


class JointRefusal(Shape):
    """A member that is not accepted (不予受理), with the reason that the citizen reads."""

    item: Code
    reason: Annotated[Words, Field(min_length=1)]


class JointMissing(MissingItem):
    """One thing that the joint notice names; items: only in these, else wherever it is asked."""

    items: Chosen | None = None


class JointAction(Shape):
    """Accept for all, or say once what is missing over all (联合受理、一次性告知)."""

    action: Literal["accept", "request_correction"]
    version: Revision
    note: Words = ""
    refused: Annotated[list[JointRefusal], Field(max_length=30)] = Field(default_factory=list)
    missing: Annotated[list[JointMissing], Field(max_length=100)] = Field(default_factory=list)
