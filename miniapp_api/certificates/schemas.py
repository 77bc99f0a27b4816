"""Request and response shapes of certificates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from miniapp_api.certificates.rules import Department, Purpose, Reason, Source, State
from miniapp_api.platform.http import Shape

TypeId = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,64}$", examples=["id-card"])]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]


class CertificateView(Shape):
    """A certificate of mine (电子证照); its holder's name, code and number are masked."""

    id: UUID
    type_id: str
    certificate_name: str
    certificate_number: str
    certificate_issuing_authority_name: str
    certificate_issuing_authority_date: date
    certificate_validate_start: date | None
    certificate_validate_end: date | None
    certificate_holder_name: str
    certificate_holder_code: str
    state: State = Field(description="outdated: 部门数据需要更新后才能使用")
    source: Source
    department: Department | None
    fresh_until: datetime | None


class Certificates(Shape):
    """My certificates, newest first."""

    certificates: list[CertificateView]


class CertificateDetail(CertificateView):
    """A certificate of mine with its content (证照照面信息), numbers masked."""

    certificate_identifier: str
    certificate_version: str
    certificate_area_code: str
    content: dict[str, Any]
    status_reason: str | None


class FetchableType(Shape):
    """A type of certificate that a person can have fetched, and whom it is asked from."""

    type_id: str
    name: str
    department_name: str


class FetchableTypes(Shape):
    """What can be fetched into a person's vault, in the handbook's order."""

    types: list[FetchableType]


class FetchRequest(Shape):
    """Authorise the departments' data (授权领取) for one use; nothing else than true counts."""

    types: Annotated[list[TypeId], Field(min_length=1, max_length=10)]
    authorised: Literal[True]


class FetchedType(Shape):
    """What became of one type; manual: upload it instead, and why."""

    type_id: str
    name: str
    outcome: Literal["certificate", "not_found", "manual"]
    certificate: UUID | None
    reason: Reason | None
    text: str | None = Field(description="给市民看的原因")


class Fetched(Shape):
    """What became of every type."""

    types: list[FetchedType]


class ShownCode(Shape):
    """A code to show (亮证码), for one verification within its time."""

    token: str
    expires_at: datetime
    svg: str


class VerificationRequest(Shape):
    """A code that a window scanned."""

    token: Annotated[str, Field(min_length=1, max_length=1000)]
    window: Annotated[str, Field(min_length=1, max_length=16, examples=["001"])]


class Verification(Shape):
    """What a window learns (核验结果): no more than it needs."""

    certificate: UUID
    type_id: str
    certificate_name: str
    state: State
    certificate_holder_name: str = Field(description="masked")
    certificate_issuing_authority_name: str
    certificate_validate_end: date | None


class LedgerQuery(Shape):
    """A page of the ledger, newest first, older than the entry `before`."""

    before: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class HallLedgerQuery(LedgerQuery):
    """A page of the ledger, of one case or of all."""

    case: UUID | None = None


class LedgerEntry(Shape):
    """Who asked what, when, for which case (台账条目)."""

    id: int
    at: datetime
    purpose: Purpose
    purpose_name: str
    asker_kind: Literal["citizen", "staff"]
    asker: UUID | None = Field(description="for auditors only")
    hall: str | None
    window: str | None
    type_id: str
    certificate_name: str
    department: Department | None
    department_name: str | None
    item: str | None
    case: UUID | None
    certificate: UUID | None
    outcome: str = Field(description="asked: 未得到答复; vault: 证照库已有; fetched: 部门提供")


class Ledger(Shape):
    """The ledger of shared data (数据共享台账), newest first."""

    entries: list[LedgerEntry]


class SavingsQuery(Shape):
    """A span of days; the last thirty when nothing is said."""

    since: Day | None = Field(None, examples=["2026-11-01"])
    until: Day | None = Field(None, description="the last day")


class TypeSavings(Shape):
    """Papers of one type that were not handed in."""

    type_id: str
    certificate_name: str
    papers: int


class DepartmentAnswers(Shape):
    """How often a department was asked, and how it answered."""

    department: Department
    department_name: str
    asked: int
    fetched: int
    not_found: int
    uploaded_instead: int


class Savings(Shape):
    """Papers and trips saved (少交材料、少跑腿)."""

    since: date
    until: date
    cases: int = Field(description="cases with at least one certificate instead of a paper")
    papers: int = Field(description="a certificate that a case used, once a case")
    trips: int = Field(description="a department that a case did not have to be carried to")
    types: list[TypeSavings]
    departments: list[DepartmentAnswers]
