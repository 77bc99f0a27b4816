"""The use case of submitting (提交): a draft becomes a case, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_store, draft_store, rules
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.drafts import DraftService, Sheet, require_alone
from miniapp_api.applications.errors import DraftChanged, DraftNotFound, NotReady
from miniapp_api.applications.forms import Fault, canonical
from miniapp_api.applications.schemas import Submitted
from miniapp_api.applications.steps import Doer, Steps
from miniapp_api.guides.service import GuidesService
from miniapp_api.guides.terms import DayUnit
from miniapp_api.identity.rules import mask_name
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer

Channel = Literal["online", "window"]
Onward = Callable[[BaseDBAsyncClient, Case], Awaitable[None]]


class Submitting:
    """Turns drafts into cases."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        sealer: Sealer,
        drafts: DraftService,
        steps: Steps,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._sealer = sealer
        self._drafts = drafts
        self._steps = steps

    async def submit(
        self,
        citizen: UUID,
        id: UUID,
        revision: int,
        *,
        channel: Channel = "online",
        onward: Onward | None = None,
    ) -> Submitted:
        """Submit a draft; the same draft again, from any device, gives the same case.

        onward: what else happens to the case in the same transaction.
        Raises NotReady naming every fault, or DraftChanged when another device wrote meanwhile.
        """
        try:
            sheet = await self._ready(citizen, id, revision, channel)
        except Refusal:  # it may be submitted already, or by another device while we looked
            if done := await self._submitted(citizen, id):
                return done
            raise
        case = await self.case_of(sheet, channel)
        async with transaction() as connection:
            if await self._closed(connection, sheet):
                await self._steps.begin(connection, case, Doer("citizen", citizen))
                if onward:
                    await onward(connection, case)
                return _said(case)
        done = await self._submitted(citizen, id)
        if done is None:
            raise DraftNotFound()
        return done

    async def _ready(self, citizen: UUID, id: UUID, revision: int, channel: Channel) -> Sheet:
        sheet = await self._drafts.open(citizen, id)
        require_alone(sheet.draft)
        _require_ready(await self._drafts.check(sheet), channel)
        if sheet.draft.revision != revision:
            raise DraftChanged(revision=sheet.draft.revision)
        return sheet

    async def _closed(self, connection: BaseDBAsyncClient, sheet: Sheet) -> bool:
        """Close the draft; False when it is submitted already. Raises DraftChanged."""
        locked = await draft_store.lock(connection, sheet.draft.id, sheet.draft.citizen)
        if locked is None:
            raise DraftNotFound()
        if locked.submitted_at is not None:
            return False
        if locked.revision != sheet.draft.revision:
            raise DraftChanged(revision=locked.revision)
        await draft_store.mark_submitted(connection, locked.id, self._clock.now())
        return True

    async def _submitted(self, citizen: UUID, id: UUID) -> Submitted | None:
        case = await case_store.read(id)
        return _said(case) if case and case.citizen == citizen else None

    async def case_of(self, sheet: Sheet, channel: Channel = "online") -> Case:
        """Return the case that a draft becomes."""
        draft, item, applicant = sheet.draft, sheet.form.item, sheet.applicant
        now = self._clock.now()
        answers = canonical(sheet.form, sheet.answers)
        name = applicant.name or str(answers.get("name") or answers.get("enterprise_name") or "")
        code = applicant.code or str(answers.get("id_number") or answers.get("credit_code") or "")
        who = orjson.dumps({"name": name, "code": code}).decode()
        limits, places = item.limits, self._guides.places(item)
        return Case(
            id=draft.id,
            number=rules.receipt_number(now.date(), await case_store.next_sequence()),
            citizen=draft.citizen,
            kind=sheet.form.kind,
            applicant=draft.applicant,
            grant=draft.grant,
            item=item.code,
            item_name=item.name,
            item_version=getattr(item, "version", 0),
            department=item.department or "",
            hall=(places[0][0] if places else self._guides.handbook.hall).id,
            form_version=sheet.form.version,
            options=dict(sheet.form.options),
            answers_sealed=await self._sealer.seal(
                orjson.dumps(answers).decode(), place("application", "answers_sealed", draft.id)
            ),
            applicant_sealed=await self._sealer.seal(
                who, place("application", "applicant_sealed", draft.id)
            ),
            applicant_masked=name if draft.kind == "enterprise" else mask_name(name),
            delivery=draft.delivery,
            channel=channel,
            state=rules.FIRST,
            version=1,
            since=now,
            submitted_at=now,
            act_by=self._steps.first_dates(now.date()),
            accepted_on=None,
            promised_days=limits.promised if limits else None,
            statutory_days=limits.statutory if limits else None,
            statutory_working=not limits or limits.statutory_unit is DayUnit.WORKING,
            yellow_on=None,
            red_on=None,
            due_on=None,
            statutory_on=None,
            corrections=0,
            correct_until=None,
            assigned_to=None,
            lease_until=None,
            fee_fen=sheet.form.fee_fen,
            fee_due=item.fee.due if item.fee else "submission",
            result_certificate=None,
        )


def _require_ready(faults: Sequence[Fault], channel: Channel) -> None:
    """Raise NotReady; at a window a fee may be paid later, and the result waits for it."""
    named = [vars(each) for each in faults if channel == "online" or each.place != "fee"]
    if named:
        raise NotReady(faults=named)


def _said(case: Case) -> Submitted:
    return Submitted(id=case.id, number=case.number, state=case.state, page=page(case.id))


def page(id: UUID) -> str:
    """Return the client's page of a case."""
    return f"pages/case/detail?id={id}"
