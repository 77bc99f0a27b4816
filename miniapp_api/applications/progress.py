"""Use cases of a citizen's cases (我的办件): where each stands, correct, withdraw."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import orjson

from miniapp_api.applications import case_store, draft_store, forms, rules
from miniapp_api.applications.applicants import Applicants
from miniapp_api.applications.case_store import Case, Event
from miniapp_api.applications.draft_store import Attached
from miniapp_api.applications.errors import (
    ActionNotAllowed,
    AnswersUnusable,
    ApplicationNotFound,
    CaseChanged,
    CorrectionIncomplete,
    MaterialUnknown,
    NoFee,
    TooManyFiles,
)
from miniapp_api.applications.opening import (
    Opener,
    file_views,
    material_views,
    section_views,
)
from miniapp_api.applications.ports import Cashier, Fee, Files
from miniapp_api.applications.schemas import (
    CaseBrief,
    Cases,
    CaseView,
    Correct,
    MaterialView,
    Missing,
    StepView,
    Withdraw,
)
from miniapp_api.applications.steps import Doer, Said, Steps, note_place
from miniapp_api.applications.submitting import page
from miniapp_api.guides.item import Item
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer
from miniapp_api.staff.service import StaffService

ClockState = Literal["not_started", "running", "paused", "stopped"]
PAYABLE = ("accepted", "review", "special", "decision", "granted")
CORRECTED = 1  # the round of files that come with a correction


class Progress:
    """Shows citizens their cases, and lets them act where they may."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        sealer: Sealer,
        steps: Steps,
        applicants: Applicants,
        files: Files,
        cashier: Cashier,
        staff: StaffService,
        max_bytes: int,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._sealer = sealer
        self._steps = steps
        self._applicants = applicants
        self._files = files
        self._cashier = cashier
        self._staff = staff
        self._max_bytes = max_bytes
        self._opener = Opener(guides, sealer)

    async def mine(self, citizen: UUID, before: datetime | None, limit: int) -> Cases:
        """Return a page of a citizen's cases, the latest first."""
        rows = await case_store.mine(citizen, before, limit)
        named = [{**row, "state_name": rules.STATE_NAMES[row["state"]]} for row in rows]
        return Cases(cases=[CaseBrief.model_validate(row) for row in named])

    async def view(self, citizen: UUID, id: UUID) -> CaseView:
        """Return a case with each step; raise ApplicationNotFound for another's."""
        case = await self.case(citizen, id)
        events = await case_store.events(id)
        paid = not case.fee_fen or await self._cashier.paid(id, case.fee_fen)
        department = self._guides.handbook.departments.get(case.department)
        mine, missing = case.citizen == citizen, missing_of(events)
        return CaseView(
            **{name: getattr(case, name) for name in SHOWN},
            department_name=department.name if department else case.department,
            state_name=rules.STATE_NAMES[case.state],
            clock=clock_state(case),
            missing=await self.asked_again(case, missing) if case.state == "correction" else [],
            steps=await self.steps_of(case, events),
            may=list(rules.actions(case.state, "citizen")) if mine else [],
            paid=paid,
            certificate=case.result_certificate,
            materials=await self._materials(case),
            page=page(id),
        )

    async def asked_again(self, case: Case, missing: list[dict[str, str]]) -> list[Missing]:
        """Return what a notice names with what is needed to complete it (补正内容)."""
        form, answers = self._opener.form(case), await self.answers(case)
        sections = section_views(form, answers, {}) if form else []
        fields = {field.name: field for section in sections for field in section.fields}
        came = [each for each in await draft_store.attached(case.id) if each.round]
        names = await self._opener.file_names(came)
        return [
            Missing(
                **each,
                field=fields.get(each["name"]),
                files=file_views(each["name"], came, names),
            )
            for each in missing
        ]

    async def _materials(self, case: Case) -> list[MaterialView]:
        """Return what was handed in; of an item that is gone, nothing is named any more."""
        form, attached = self._opener.form(case), await draft_store.attached(case.id)
        if form is None:
            return []
        return material_views(form, attached, await self._opener.file_names(attached))

    async def case(self, citizen: UUID, id: UUID) -> Case:
        """Return a case that a citizen filed or that is about him; or ApplicationNotFound."""
        case = await case_store.read(id)
        if case is None or citizen not in (case.citizen, case.applicant):
            raise ApplicationNotFound()
        return case

    async def withdraw(self, citizen: UUID, id: UUID, asked: Withdraw) -> CaseView:
        """Take a case back; raise ActionNotAllowed once it is decided."""
        case = await self._own(citizen, id, asked.version)
        async with transaction() as connection:
            said = Said(note=asked.reason)
            await self._steps.take(connection, case, "withdraw", Doer("citizen", citizen), said)
        return await self.view(citizen, id)

    async def attach(
        self, citizen: UUID, id: UUID, material: str, name: str, chunks: AsyncIterator[bytes]
    ) -> CaseView:
        """Take a file in for a material that the correction notice names."""
        case = await self._own(citizen, id, None)
        if case.state != "correction":
            raise ActionNotAllowed(state=case.state, allowed=[])
        wanted = {each["name"] for each in missing_of(await case_store.events(id))}
        if material not in wanted:
            raise MaterialUnknown()
        stored = await self._files.take(chunks, max_bytes=self._max_bytes)
        attachment = uuid4()
        at = place("attachment", "name_sealed", attachment)
        attached = Attached(
            attachment, id, material, stored.key, None, stored.media_type, stored.size,
            stored.sha256, stored.pages, await self._sealer.seal(name, at), CORRECTED,
        )  # fmt: skip
        async with transaction() as connection:
            taken = await draft_store.attach(connection, attached, self._clock.now(), 20)
        if not taken:
            await self._files.delete(stored.key)
            raise TooManyFiles(most=20)
        return await self.view(citizen, id)

    async def correct(self, citizen: UUID, id: UUID, asked: Correct) -> CaseView:
        """Send what was missing; raise CorrectionIncomplete naming what still is."""
        case = await self._own(citizen, id, asked.version)
        if case.state != "correction":
            raise ActionNotAllowed(state=case.state, allowed=[])
        if not forms.storable(asked.answers):
            raise AnswersUnusable()
        missing = missing_of(await case_store.events(id))
        answers = {**await self.answers(case), **asked.answers}
        if still := await self.still_missing(case, missing, asked.answers, answers):
            raise CorrectionIncomplete(missing=still)
        sealed = await self._sealer.seal(orjson.dumps(answers).decode(), answers_place(id))
        async with transaction() as connection:
            said = Said(answers=sealed)
            await self._steps.take(connection, case, "correct", Doer("citizen", citizen), said)
        return await self.view(citizen, id)

    async def order(self, citizen: UUID, id: UUID) -> Fee:
        """Return the order of the fee that a decided case waits for; raise NoFee."""
        case = await self._own(citizen, id, None)
        later = rules.pays_later(case.fee_fen, case.fee_due, case.channel)
        if not later or case.state not in PAYABLE:
            raise NoFee()
        async with transaction() as connection:
            locked = await case_store.lock(connection, id)
            if locked.state not in PAYABLE:
                raise NoFee()
            return await self._cashier.order(connection, citizen, id, case.fee_fen, case.item_name)

    async def answers(self, case: Case) -> dict[str, Any]:
        """Return the answers of a case, opened."""
        opened = await self._sealer.open(case.answers_sealed, answers_place(case.id))
        answers: dict[str, Any] = orjson.loads(opened)
        return answers

    async def file(self, citizen: UUID, id: UUID, attachment: UUID) -> Attached:
        """Return a file that stands in a citizen's case; raise MaterialUnknown."""
        await self.case(citizen, id)
        for each in await draft_store.attached(id):
            if each.id == attachment and each.blob:
                return each
        raise MaterialUnknown()

    # -- inside ----------------------------------------------------------------------------------

    async def _own(self, citizen: UUID, id: UUID, version: int | None) -> Case:
        """Return a case that the citizen filed, as he saw it last; he may still act in it."""
        case = await case_store.read(id)
        if case is None or case.citizen != citizen:
            raise ApplicationNotFound()
        await self._applicants.again(citizen, case.kind, case.applicant, case.grant)
        if version is not None and case.version != version:
            raise CaseChanged(version=case.version)
        return case

    async def still_missing(
        self,
        case: Case,
        missing: list[dict[str, str]],
        typed: dict[str, Any],
        answers: dict[str, Any],
    ) -> list[dict[str, str]]:
        """Return what of a correction notice did not come."""
        new = {each.material for each in await draft_store.attached(case.id) if each.round}
        item, today = self._guides.handbook.items.get(case.item), self._clock.now().date()
        wrong = {fault.name for fault in self._faults(item, case, answers, today)}
        return [
            each
            for each in missing
            if (each["name"] not in new if forms.is_material_key(each["name"])
                else each["name"] in wrong or each["name"] not in typed)
        ]  # fmt: skip

    def _faults(
        self, item: Item | None, case: Case, answers: dict[str, Any], today: Any
    ) -> list[forms.Fault]:
        """Return what is wrong in the answers of a case; of an item that is gone, nothing."""
        if item is None:
            return []
        kind: forms.Kind = "enterprise" if case.kind == "enterprise" else "person"
        form = forms.build(item, self._guides.handbook.forms, kind, case.options)
        return list(forms.faults_of(form, answers, today))

    async def steps_of(self, case: Case, events: list[Event]) -> list[StepView]:
        """Return each step: what it is, who has it, since when, until when."""
        clerks = {e.actor for e in events if e.actor_kind == "clerk" and e.actor}
        names = await self._staff.names(clerks)
        department = self._guides.handbook.departments.get(case.department)
        office = department.name if department else case.department
        ends = [event.at for event in events[1:]]
        return [
            StepView(
                state=event.after,
                state_name=rules.STATE_NAMES[event.after],
                who=_who(event, names, office),
                since=event.at,
                until=until,
                note=await self._note(event),
            )
            for event, until in zip(events, [*ends, None], strict=True)
        ]

    async def _note(self, event: Event) -> str | None:
        if event.note_sealed is None:
            return None
        return await self._sealer.open(event.note_sealed, note_place(event.id))


SHOWN = (
    "id", "number", "item", "item_name", "applicant_masked", "state", "version", "submitted_at",
    "accepted_on", "due_on", "statutory_on", "correct_until", "fee_fen", "delivery",
)  # fmt: skip


def clock_state(case: Case) -> ClockState:
    """Return whether the promised time runs (时限状态)."""
    if case.accepted_on is None:
        return "not_started"
    if case.state == "special":
        return "paused"
    return "running" if case.state in rules.RUNNING else "stopped"


def missing_of(events: list[Event]) -> list[dict[str, str]]:
    """Return what the latest correction notice names: name, title, problem."""
    for event in reversed(events):
        if event.action == "request_correction":
            named: list[dict[str, str]] = event.detail["missing"]
            return named
    return []


def answers_place(id: UUID) -> str:
    """Return the place that a case's answers are sealed for."""
    return place("application", "answers_sealed", id)


def _who(event: Event, names: dict[UUID, str], office: str) -> str:
    """Return who has a case after a step: the applicant, the office, or a clerk of it.

    Of a bundle the leading department has all cases, until it hands them on to their own.
    """
    if event.after in ("correction",):
        return "申请人"
    office = event.detail.get("office", office)
    named = event.after != "submitted" and not event.detail.get("handed_on")
    name = names.get(event.actor) if named and event.actor and event.actor_kind == "clerk" else None
    return f"{office}（{name[0]}**）" if name else office
