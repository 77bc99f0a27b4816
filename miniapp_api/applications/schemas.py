"""Request and response shapes of applications, as citizens see them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from miniapp_api.applications.rules import State
from miniapp_api.guides.item import AnyCode
from miniapp_api.platform.http import Shape

Options = Annotated[dict[str, str], Field(max_length=20)]
Delivery = Literal["window", "courier", "electronic"]
MaterialKey = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class StartDraft(Shape):
    """Begin an application (开始申请): for oneself, under a consent, or for an enterprise."""

    item: AnyCode
    options: Options = Field(default_factory=dict)
    principal: UUID | None = None
    enterprise: UUID | None = None


class SaveDraft(Shape):
    """What was typed since (保存草稿); an answer of null is taken out, others stay."""

    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]
    answers: Annotated[dict[str, Any], Field(max_length=100)] = Field(default_factory=dict)
    options: Options | None = None
    delivery: Delivery | None = None


class SubmitDraft(Shape):
    """Submit what is on the screen: the revision that the citizen sees, and that it is true."""

    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]
    declared_true: Literal[True]


class Submitted(Shape):
    """A case that came to be (提交成功): its receipt number, and where to follow it."""

    id: UUID
    number: str
    state: State
    page: str


class OptionView(Shape):
    """An option of a circumstance (情形选项)."""

    id: str
    label: str


class CircumstanceView(Shape):
    """A question that decides what is needed (情形), and the option taken."""

    id: str
    question: str
    options: list[OptionView]
    chosen: str


class FieldView(Shape):
    """A field (表单项); `source` says where its value comes from: typed, or pre-filled."""

    name: str
    title: str
    widget: str
    required: bool
    hint: str | None
    accepts: dict[str, Any]
    choices: dict[str, str] | None
    value: Any
    source: str | None


class SectionView(Shape):
    """A group of fields (表单分组)."""

    id: str
    title: str
    fields: list[FieldView]


class FileView(Shape):
    """A file that was handed in (已交文件)."""

    id: UUID
    name: str
    media_type: str
    size: int
    pages: int | None


class MaterialView(Shape):
    """A material (材料): what is needed, and what stands for it already."""

    key: str
    name: str
    required: bool
    note: str | None
    certificate: str | None
    covered: bool  # 免提交: an electronic certificate stands for it
    paper: bool  # 纸质原件: a clerk saw the original at the window
    files: list[FileView]


class FeeView(Shape):
    """What is to be paid (费用), in fen."""

    name: str
    amount_fen: int


class Order(Shape):
    """The order of a fee, to be paid (缴费单)."""

    id: UUID
    amount_fen: int
    paid: bool


class FormChange(Shape):
    """What a new version of the form changed (表单更新): nothing that was typed is lost."""

    dropped: list[str]
    added: list[str]


class DraftView(Shape):
    """A draft with its form (草稿与表单)."""

    id: UUID
    item: str
    item_name: str
    kind: Literal["person", "enterprise"]
    applicant_masked: str | None
    revision: int
    form_version: str
    changed: FormChange | None
    circumstances: list[CircumstanceView]
    sections: list[SectionView]
    materials: list[MaterialView]
    fees: list[FeeView]
    fee_due: Literal["submission", "issue"]
    delivery: str | None
    deliveries: list[str]
    assurance: int
    updated_at: datetime


class UseCertificates(Shape):
    """Use electronic certificates; authorised: ask the departments, this once, for this matter."""

    authorised: bool = False


class Covered(Shape):
    """The draft, and how each type went: covered, not_found, or why it has to be uploaded."""

    draft: DraftView
    outcomes: dict[str, str]


class DraftBrief(Shape):
    """A draft in a list (草稿)."""

    id: UUID
    item: str
    item_name: str
    updated_at: datetime


class Drafts(Shape):
    """My drafts (我的草稿), the latest first."""

    drafts: list[DraftBrief]


class FaultView(Shape):
    """Something to put right (预检问题)."""

    place: str
    name: str
    code: str
    message: str


class CheckView(Shape):
    """The pre-check (预检): ready when there is no fault."""

    ready: bool
    faults: list[FaultView]


class FileQuery(Shape):
    """What the file is called on the citizen's phone; shown to him and to the clerk only."""

    name: Annotated[str, Field(max_length=200)] = ""


class CaseQuery(Shape):
    """A page of my cases, the latest first."""

    before: datetime | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 20


class CaseBrief(Shape):
    """A case in a list (办件)."""

    id: UUID
    number: str
    item: str
    item_name: str
    applicant_masked: str
    state: State
    state_name: str
    since: datetime
    due_on: date | None
    submitted_at: datetime


class Cases(Shape):
    """My cases (我的办件)."""

    cases: list[CaseBrief]


class StepView(Shape):
    """A step of a case (环节): what happened, who has it, since when, until when."""

    state: State
    state_name: str
    who: str
    since: datetime
    until: datetime | None
    note: str | None


class Missing(Shape):
    """What a correction notice names (补正内容): a field as it stands, or what came for a paper."""

    name: str
    title: str
    problem: str
    field: FieldView | None = None
    files: list[FileView] = Field(default_factory=list)


class CaseView(Shape):
    """A case in the open (办件进度)."""

    id: UUID
    number: str
    item: str
    item_name: str
    department_name: str
    applicant_masked: str
    state: State
    state_name: str
    version: int
    submitted_at: datetime
    accepted_on: date | None
    due_on: date | None
    statutory_on: date | None
    clock: Literal["not_started", "running", "paused", "stopped"]
    correct_until: date | None
    missing: list[Missing]
    steps: list[StepView]
    may: list[str]
    fee_fen: int
    paid: bool
    delivery: str | None
    certificate: UUID | None
    materials: list[MaterialView]
    page: str


class Withdraw(Shape):
    """Take a case back (撤回)."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    reason: Words = ""


class Correct(Shape):
    """Send what was missing (补正): changed answers; files are attached beforehand."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    answers: Annotated[dict[str, Any], Field(max_length=100)] = Field(default_factory=dict)
