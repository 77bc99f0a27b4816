"""Use cases of the clerk's unified desk (综合窗口): claim, read, decide, hand over, consult.

Every read of a citizen's papers stands in the audit trail with its purpose.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_store, desk_store, draft_store, rules
from miniapp_api.applications.bundles import gate as bundle_gate
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.desk_schemas import (
    CaseInbox,
    Claimed,
    DeskAction,
    InboxCase,
    InboxQuery,
    Moved,
)
from miniapp_api.applications.desk_texts import PROBLEMS, SPECIAL_DEFAULT
from miniapp_api.applications.draft_store import Attached
from miniapp_api.applications.errors import (
    ActionNotAllowed,
    AlreadyClaimed,
    ApplicationNotFound,
    CaseChanged,
    ColleagueUnknown,
    CorrectionEmpty,
    FeeUnpaid,
    LeaseExpired,
    MaterialUnknown,
    NotClaimed,
    OtherDepartment,
    ReasonRequired,
)
from miniapp_api.applications.opening import Opener
from miniapp_api.applications.ports import Cashier, Vault
from miniapp_api.applications.routing import Routing
from miniapp_api.applications.steps import Doer, Said, Steps
from miniapp_api.platform import audit
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer
from miniapp_api.staff.service import StaffService


class Desk:
    """Lets clerks handle the cases of their departments."""

    def __init__(
        self,
        clock: Clock,
        sealer: Sealer,
        steps: Steps,
        opener: Opener,
        vault: Vault,
        cashier: Cashier,
        staff: StaffService,
        routing: Routing,
        lease_minutes: int,
    ) -> None:
        self._clock = clock
        self._sealer = sealer
        self._steps = steps
        self._opener = opener
        self._vault = vault
        self._cashier = cashier
        self._staff = staff
        self._routing = routing
        self._lease = timedelta(minutes=lease_minutes)

    async def inbox(self, member: StaffMember, query: InboxQuery) -> CaseInbox:
        """Return a page of what waits in a clerk's departments, by his skills and a window."""
        now = self._clock.now()
        holder, departments = member.id if query.mine else None, sorted(member.departments)
        after = _cursor(query.after)
        items = self._routing.items_for(member, query.window)
        rows = await desk_store.inbox(
            departments, query.state, holder, now, after, query.limit, items
        )
        shown = [_inbox_case(row, now) for row in rows]
        last = shown[-1] if len(shown) == query.limit else None
        return CaseInbox(cases=shown, next=f"{last.act_by}_{last.id}" if last else None)

    async def claim(self, member: StaffMember, id: UUID) -> Claimed:
        """Take a case for as long as the lease lasts; again prolongs it. Or AlreadyClaimed."""
        case = await self.case(member, id)
        await bundle_gate.require_open(case)
        now = self._clock.now()
        until = now + self._lease
        async with transaction() as connection:
            if not await desk_store.claim(connection, id, member.id, until, now):
                raise AlreadyClaimed()
            case = await self._fresh(connection, id)
            if case.state == "submitted":
                doer = Doer("clerk", member.id)
                case = await self._steps.take(connection, case, "claim", doer, Said())
            await self._record(connection, member, case, "case.claimed")
        return Claimed(id=id, version=case.version, state=case.state, lease_until=until)

    async def release(self, member: StaffMember, id: UUID) -> None:
        """Put a case back into the inbox; raise NotClaimed."""
        await self.case(member, id)
        if not await desk_store.release(id, member.id):
            raise NotClaimed()

    async def act(self, member: StaffMember, id: UUID, asked: DeskAction) -> Moved:
        """Take a step in a case that one has claimed; raise what forbids it."""
        case = await self.case(member, id)
        await bundle_gate.require_open(case, asked.action)
        if case.version != asked.version:
            raise CaseChanged(version=case.version)
        self._require_claim(member, case)
        if asked.action not in rules.actions(case.state, "clerk", case.corrections):
            allowed = rules.actions(case.state, "clerk", case.corrections)
            raise ActionNotAllowed(state=case.state, allowed=allowed)
        said = await self._said(case, asked)
        doer = Doer("clerk", member.id)
        async with transaction() as connection:
            if asked.action == "issue":
                said = await self._issued(connection, case, said)
            moved = await self._steps.take(connection, case, asked.action, doer, said)
            await self._record(connection, member, moved, f"case.{asked.action}")
        may = rules.actions(moved.state, "clerk", moved.corrections)
        name = rules.STATE_NAMES[moved.state]
        return Moved(id=id, state=moved.state, state_name=name, version=moved.version, may=may)

    async def hand_over(self, member: StaffMember, id: UUID, to: UUID, note: str) -> None:
        """Give a case to a colleague of the same department; raise ColleagueUnknown."""
        case = await self.case(member, id)
        await bundle_gate.require_open(case)
        await self._require_colleague(case, to)
        now = self._clock.now()
        async with transaction() as connection:
            until = now + self._lease
            if not await desk_store.hand_over(connection, id, member.id, to, until, now):
                raise NotClaimed()
            if note:
                await self._write_note(connection, member, id, note, to)
            await self._record(connection, member, case, "case.handed_over", {"to": str(to)})

    async def note(self, member: StaffMember, id: UUID, text: str, ask: UUID | None) -> None:
        """Write a note to colleagues, or ask one of them."""
        case = await self.case(member, id)
        if ask is not None:
            await self._require_colleague(case, ask)
        async with transaction() as connection:
            await self._write_note(connection, member, id, text, ask)
            await self._record(connection, member, case, "case.noted")

    async def sample(
        self, member: StaffMember, since: date, until: date, percent: int
    ) -> list[UUID]:
        """Draw closed cases for quality sampling, the same ones whoever draws them."""
        now = self._clock.now()
        start, end = (
            datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
            for day in (since, until + timedelta(days=1))
        )
        departments = sorted(member.departments)
        return await desk_store.sample(departments, start, end, percent, now)

    async def file(self, member: StaffMember, id: UUID, attachment: UUID, purpose: str) -> Attached:
        """Return a file of a case, and write into the audit trail that it was read."""
        case = await self.case(member, id)
        for each in await draft_store.attached(id):
            if each.id == attachment and each.blob:
                async with transaction() as connection:
                    detail = {"purpose": purpose, "file": str(attachment)}
                    await self._record(connection, member, case, "case.file_read", detail)
                return each
        raise MaterialUnknown()

    async def read(self, member: StaffMember, id: UUID, purpose: str) -> Case:
        """Return a case to be shown in full, and write into the audit trail why it was read."""
        case = await self.case(member, id)
        async with transaction() as connection:
            await self._record(connection, member, case, "case.read", {"purpose": purpose})
        return case

    async def case(self, member: StaffMember, id: UUID) -> Case:
        """Return a case of a department the clerk works for; or OtherDepartment."""
        case = await case_store.read(id)
        if case is None:
            raise ApplicationNotFound()
        if case.department not in member.departments:
            raise OtherDepartment()
        return case

    # -- inside ----------------------------------------------------------------------------------

    async def _fresh(self, connection: BaseDBAsyncClient, id: UUID) -> Case:
        case = await case_store.read(id, connection)
        if case is None:
            raise ApplicationNotFound()
        return case

    def _require_claim(self, member: StaffMember, case: Case) -> None:
        if case.assigned_to != member.id:
            raise NotClaimed(taken=case.assigned_to is not None)
        if case.lease_until is None or case.lease_until <= self._clock.now():
            raise LeaseExpired()

    async def _said(self, case: Case, asked: DeskAction) -> Said:
        """Return the facts and words that go with a step; raise what is missing in them."""
        detail: dict[str, Any] = {}
        if asked.action == "request_correction":
            detail["missing"] = await self._missing(case, asked)
        if asked.action == "begin_special":
            detail["special"] = asked.special or SPECIAL_DEFAULT
        if asked.tracking:
            detail["tracking"] = asked.tracking
        transition = rules.TABLE[asked.action]
        if transition.reason and asked.action != "request_correction" and not asked.note:
            raise ReasonRequired()
        if asked.action == "issue" and case.fee_fen and not await self._paid(case):
            raise FeeUnpaid(amount_fen=case.fee_fen)
        # The lease goes on while the clerk works.
        return Said(detail, asked.note, lease_until=self._clock.now() + self._lease)

    async def _missing(self, case: Case, asked: DeskAction) -> list[dict[str, str]]:
        """Return what a correction notice names, with the form's titles; or CorrectionEmpty."""
        titles = self._opener.titles(case)
        named = {each.name for each in asked.missing}
        if not named or not named <= titles.keys():
            raise CorrectionEmpty()
        return [
            {
                "name": each.name,
                "title": titles[each.name],
                "problem": each.words or PROBLEMS[each.problem],
            }
            for each in asked.missing
        ]

    async def _paid(self, case: Case) -> bool:
        return await self._cashier.paid(case.id, case.fee_fen)

    async def _issued(self, connection: BaseDBAsyncClient, case: Case, said: Said) -> Said:
        """Write the certificate that the case ends with into the vault, if there is one."""
        type = self._opener.certificate_of(case)
        if type is None:
            return said
        at = place("application", "applicant_sealed", case.id)
        who = orjson.loads(await self._sealer.open(case.applicant_sealed, at))
        about = {**self._opener.issue_facts(case), "type": type, "case": case}
        certificate = await self._vault.issue(connection, about, who["name"], who["code"])
        return Said(said.detail, said.note, None, certificate, said.lease_until)

    async def _require_colleague(self, case: Case, id: UUID) -> None:
        if not await self._staff.works_for(id, case.department):
            raise ColleagueUnknown()

    async def _write_note(
        self,
        connection: BaseDBAsyncClient,
        member: StaffMember,
        case: UUID,
        text: str,
        asked: UUID | None,
    ) -> None:
        id = uuid4()
        sealed = await self._sealer.seal(text, note_text_place(id))
        note = desk_store.Note(id, self._clock.now(), member.id, asked, sealed)
        await desk_store.write_note(connection, case, note)

    async def _record(
        self,
        connection: BaseDBAsyncClient,
        member: StaffMember,
        case: Case,
        action: str,
        detail: dict[str, Any] | None = None,
    ) -> None:
        now, subject = self._clock.now(), f"case:{case.id}"
        await audit.by_staff(connection, member, action, subject, at=now, detail=detail)


def note_text_place(id: UUID) -> str:
    """Return the place that a colleague's note is sealed for."""
    return place("case_note", "text_sealed", id)


def _cursor(after: str | None) -> tuple[date, UUID] | None:
    if after is None:
        return None
    day, _, id = after.partition("_")
    try:
        return date.fromisoformat(day), UUID(id)
    except ValueError:
        return None


def _inbox_case(row: dict[str, Any], now: datetime) -> InboxCase:
    shown = {name: row[name] for name in row if name not in ("yellow_on", "red_on")}
    held = row["lease_until"] is not None and row["lease_until"] > now
    if not held:
        shown |= {"assigned_to": None, "lease_until": None}
    return InboxCase(
        **shown,
        state_name=rules.STATE_NAMES[row["state"]],
        colour=rules.light(now.date(), row["act_by"], row["yellow_on"], row["red_on"]),
    )
