"""A case as its clerk sees it."""

from __future__ import annotations

from uuid import UUID

import orjson

from miniapp_api.applications import case_store, desk_store, draft_store, rules
from miniapp_api.applications.bundles import store as bundle_store
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.desk import note_text_place
from miniapp_api.applications.desk_schemas import BundleOfCase, DeskCase, NoteView
from miniapp_api.applications.opening import Opener, material_views, section_views
from miniapp_api.applications.ports import Cashier
from miniapp_api.applications.progress import Progress
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer
from miniapp_api.staff.service import StaffService


class CaseViews:
    """Puts together what a clerk needs on one page."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        sealer: Sealer,
        opener: Opener,
        progress: Progress,
        cashier: Cashier,
        staff: StaffService,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._sealer = sealer
        self._opener = opener
        self._progress = progress
        self._cashier = cashier
        self._staff = staff

    async def view(self, case: Case) -> DeskCase:
        """Return a case in full; whoever calls has written into the audit trail why."""
        form, attached = self._opener.form(case), await draft_store.attached(case.id)
        answers, names = await self._progress.answers(case), await self._opener.file_names(attached)
        at = place("application", "applicant_sealed", case.id)
        who = orjson.loads(await self._sealer.open(case.applicant_sealed, at))
        item, today = self._guides.handbook.items.get(case.item), self._clock.now().date()
        paid = not case.fee_fen or await self._cashier.paid(case.id, case.fee_fen)
        return DeskCase(
            **{name: getattr(case, name) for name in SHOWN},
            applicant=who["name"],
            applicant_code=who["code"],
            by_proxy=case.grant is not None,
            state_name=rules.STATE_NAMES[case.state],
            colour=rules.light(today, case.act_by, case.yellow_on, case.red_on),
            conditions=list(item.conditions) if item else [],
            sections=section_views(form, answers, {}) if form else [],
            materials=material_views(form, attached, names) if form else [],
            steps=await self._progress.steps_of(case, await case_store.events(case.id)),
            notes=await self._notes(case.id),
            may=rules.actions(case.state, "clerk", case.corrections),
            bundle=await _bundle_of(case.id),
            paid=paid,
        )

    async def _notes(self, case: UUID) -> list[NoteView]:
        notes = await desk_store.notes(case)
        people = {id for note in notes for id in (note.author, note.asked) if id}
        names = await self._staff.names(people)
        return [
            NoteView(
                id=note.id,
                at=note.at,
                author=names.get(note.author, ""),
                asked=names.get(note.asked) if note.asked else None,
                text=await self._sealer.open(note.text_sealed, note_text_place(note.id)),
            )
            for note in notes
        ]


async def _bundle_of(case: UUID) -> BundleOfCase | None:
    found = await bundle_store.of_case(case)
    if found is None:
        return None
    accepted = found.concluded_at is not None
    return BundleOfCase(id=found.id, number=found.number, name=found.name, accepted=accepted)


SHOWN = (
    "id", "number", "item", "item_name", "department", "kind", "state", "version", "act_by",
    "due_on", "statutory_on", "fee_fen", "delivery", "assigned_to", "lease_until",
)  # fmt: skip
