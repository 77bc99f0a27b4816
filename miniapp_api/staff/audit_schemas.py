"""Request and response shapes of reading the audit trail, and of checking it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from miniapp_api.platform.http import Shape

Format = Literal["csv", "jsonl"]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
# running: now; sound: nothing was found; broken: something was; interrupted: its process is gone
CheckState = Literal["running", "sound", "broken", "interrupted"]


class AuditSearch(Shape):
    """What is looked for in the trail: days of the hall, the last one included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Day | None = None
    until: Day | None = None
    actor: UUID | None = None
    action: Annotated[str, Field(pattern=r"^[a-z_.]{1,64}$")] | None = None
    subject: Annotated[str, Field(pattern=r"^[!-~]{1,128}$")] | None = None


class AuditQuery(AuditSearch):
    """A page of the audit trail, newest first, older than the entry `before`."""

    before: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AuditExport(AuditSearch):
    """All that is found, as a file (导出)."""

    format: Format = "csv"


class AuditEntryView(Shape):
    """An entry of the audit trail (审计日志); of the actors only staff are named."""

    id: int
    at: datetime
    actor_kind: str
    actor: UUID | None
    actor_name: str | None
    action: str
    subject: str
    hall: str | None
    detail: dict[str, Any]


class AuditEntries(Shape):
    """Entries of the audit trail, newest first; `next` is the `before` of the page after."""

    entries: list[AuditEntryView]
    next: int | None


class AuditCheckView(Shape):
    """A check of the whole trail (核验): so many of so many entries, up to a moment.

    faults: the first of those found; they name entries, never what they say. witness: the last
    checkpoint's hash, to compare with the log.
    """

    id: UUID
    state: CheckState
    started_at: datetime
    started_by: UUID
    started_by_name: str | None
    ended_at: datetime | None
    entries: int
    done: int
    last_entry_at: datetime | None
    faults: list[str]
    faults_found: int
    witness: str


class AuditChecks(Shape):
    """Checks of the trail, the newest first."""

    checks: list[AuditCheckView]
