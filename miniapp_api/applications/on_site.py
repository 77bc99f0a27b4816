"""Acceptance on the spot (现场受理): the ticket in hand becomes an accepted case in one step.

The clerk fills in the same draft that the citizen may have begun at home, for as long as the ticket
is in his hands; what is seen as an original on paper needs no upload.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_store, desk_store, draft_store, rules, walk_in_store
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.draft_store import Attached
from miniapp_api.applications.drafts import MOST_FILES, DraftService, Outcomes, Sheet
from miniapp_api.applications.errors import (
    ApplicationNotFound,
    DraftNotFound,
    DraftSubmitted,
    EnterpriseForbidden,
    ItemNotNamed,
    MaterialUnknown,
    OtherDepartment,
)
from miniapp_api.applications.ports import Counter, InPerson, MyEnterprises
from miniapp_api.applications.schemas import SaveDraft, StartDraft
from miniapp_api.applications.steps import Doer, Said, Steps
from miniapp_api.applications.submitting import Submitting
from miniapp_api.applications.walk_in_schemas import AcceptedWalkIn, AcceptWalkIn, OpenWalkIn
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform import audit
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction


class OnSite:
    """Lets clerks apply for whoever is at their window."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        drafts: DraftService,
        submitting: Submitting,
        steps: Steps,
        counter: Counter,
        people: InPerson,
        enterprises: MyEnterprises,
        lease_minutes: int,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._drafts = drafts
        self._submitting = submitting
        self._steps = steps
        self._counter = counter
        self._people = people
        self._enterprises = enterprises
        self._lease = timedelta(minutes=lease_minutes)

    # -- filling in ------------------------------------------------------------------------------

    async def open(self, member: StaffMember, asked: OpenWalkIn) -> Sheet:
        """Open the draft of the person at the window, filled in with what is known.

        Raises NotAtWindow or NoTicketInHand, what forbids the item, and what the card says.
        """
        ticket = await self._counter.serving(member)
        item = self._item_of(member, asked.item or ticket.item)
        citizen = await self._people.meet(member.id, asked.name, asked.id_number)
        if asked.phone and asked.code:
            await self._people.add_phone(citizen, asked.phone, asked.code)
        enterprise = await self._enterprise(citizen, asked.uscc)
        start = StartDraft(item=item, options=asked.options, enterprise=enterprise)
        sheet = await self._drafts.start(citizen, start)
        now, detail = self._clock.now(), {"ticket": ticket.number, "purpose": "handling"}
        async with transaction() as connection:
            await walk_in_store.bind(
                connection, sheet.draft.id, citizen, ticket.id, ticket.number, member.id, now
            )
            subject = f"draft:{sheet.draft.id}"
            await audit.by_staff(connection, member, "draft.opened", subject, at=now, detail=detail)
        return sheet

    async def sheet(self, member: StaffMember, draft: UUID) -> Sheet:
        """Return a draft that the ticket in hand opens; raise DraftNotFound."""
        return await self._drafts.open(await self._citizen(member, draft), draft)

    async def save(self, member: StaffMember, draft: UUID, typed: SaveDraft) -> Sheet:
        """Write what the clerk typed; raise DraftChanged when the citizen wrote meanwhile."""
        return await self._drafts.save(await self._citizen(member, draft), draft, typed)

    async def attach(
        self,
        member: StaffMember,
        draft: UUID,
        material: str,
        name: str,
        chunks: AsyncIterator[bytes],
    ) -> Sheet:
        """Take a scan in (扫描件)."""
        citizen = await self._citizen(member, draft)
        return await self._drafts.attach(citizen, draft, material, name, chunks)

    async def cover(
        self, member: StaffMember, draft: UUID, *, authorised: bool
    ) -> tuple[Sheet, Outcomes]:
        """Let certificates stand for papers; authorised: the citizen signed for it here."""
        citizen = await self._citizen(member, draft)
        return await self._drafts.cover(citizen, draft, authorised=authorised)

    # -- accepting -------------------------------------------------------------------------------

    async def accept(self, member: StaffMember, draft: UUID, asked: AcceptWalkIn) -> AcceptedWalkIn:
        """Submit and accept in one transaction; again gives the same case. Or NotReady.

        A fee that is due may be paid later: the result waits for it.
        """
        citizen = await self._citizen(member, draft)
        if await case_store.read(draft) is None:
            sheet = await self._completed(citizen, draft, asked)

            async def onward(connection: BaseDBAsyncClient, case: Case) -> None:
                await self._accepted(connection, member, case)

            revision = sheet.draft.revision
            await self._submitting.submit(citizen, draft, revision, channel="window", onward=onward)
        case = await case_store.read(draft)
        if case is None:
            raise ApplicationNotFound()
        return _said(case)

    async def _completed(self, citizen: UUID, draft: UUID, asked: AcceptWalkIn) -> Sheet:
        """Write what came with the acceptance."""
        typed = SaveDraft(**{name: getattr(asked, name) for name in SaveDraft.model_fields})
        sheet = await self._drafts.save(citizen, draft, typed)
        named = {each.key for each in sheet.form.materials}
        if not named.issuperset(asked.papers):
            raise MaterialUnknown()
        missing = [key for key in dict.fromkeys(asked.papers) if not sheet.handed_in[key]]
        if not missing:
            return sheet
        now = self._clock.now()
        async with transaction() as connection:
            if await draft_store.touch(connection, draft, now) is None:
                raise DraftSubmitted()
            for key in missing:
                await draft_store.attach(connection, _paper(draft, key), now, MOST_FILES)
        return await self._drafts.open(citizen, draft)

    async def _accepted(
        self, connection: BaseDBAsyncClient, member: StaffMember, case: Case
    ) -> None:
        """Claim a case and accept it, in the transaction that wrote it."""
        now, doer = self._clock.now(), Doer("clerk", member.id)
        until = now + self._lease
        await desk_store.claim(connection, case.id, member.id, until, now)
        case = await self._steps.take(connection, case, "claim", doer, Said(lease_until=until))
        await self._steps.take(connection, case, "accept", doer, Said(lease_until=until))
        subject = f"case:{case.id}"
        await audit.by_staff(connection, member, "case.accepted_on_site", subject, at=now)

    # -- inside ----------------------------------------------------------------------------------

    async def _citizen(self, member: StaffMember, draft: UUID) -> UUID:
        ticket = await self._counter.serving(member)
        citizen = await walk_in_store.citizen(draft, ticket.id)
        if citizen is None:
            raise DraftNotFound()
        return citizen

    def _item_of(self, member: StaffMember, code: str | None) -> str:
        if code is None:
            raise ItemNotNamed()
        item = self._guides.item(code)
        if item.department not in member.departments:
            raise OtherDepartment()
        return item.code

    async def _enterprise(self, citizen: UUID, uscc: str | None) -> UUID | None:
        """Return the enterprise of a code, for which the person at the window may act."""
        if uscc is None:
            return None
        for each in await self._enterprises.mine(citizen):
            if each.uscc == uscc:
                return each.id
        raise EnterpriseForbidden()


def _paper(draft: UUID, material: str) -> Attached:
    """Return an original on paper: neither a file nor a certificate stands for it (纸质原件)."""
    return Attached(uuid4(), draft, material, None, None, None, None, None, None, None, 0)


def _said(case: Case) -> AcceptedWalkIn:
    shown = {name: getattr(case, name) for name in AcceptedWalkIn.model_fields if name in SHOWN}
    return AcceptedWalkIn(**shown, state_name=rules.STATE_NAMES[case.state])


SHOWN = frozenset(("id", "number", "state", "version", "due_on", "lease_until"))
