"""A bundle as its citizen and as the leading department see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from miniapp_api.applications import case_store, rules
from miniapp_api.applications.bundles import merging
from miniapp_api.applications.bundles import rules as bundle_rules
from miniapp_api.applications.bundles.folder import Folder
from miniapp_api.applications.bundles.progress import BundleProgress, Under, once
from miniapp_api.applications.bundles.schemas import (
    BundleBriefView,
    BundleCaseView,
    BundleCheck,
    BundleFault,
    BundleForm,
    BundleMaterialView,
    BundleMemberView,
    BundleMissing,
    BundleProgressView,
    JointBrief,
    JointView,
)
from miniapp_api.applications.bundles.store import Stored
from miniapp_api.applications.bundles.submitting import page as bundle_page
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.case_views import CaseViews
from miniapp_api.applications.draft_store import Attached
from miniapp_api.applications.forms import Fault, Form, material_key
from miniapp_api.applications.opening import material_views, section_views
from miniapp_api.applications.ports import Cashier
from miniapp_api.applications.progress import Progress
from miniapp_api.applications.schemas import FileView
from miniapp_api.applications.submitting import page
from miniapp_api.guides import bundles as bundling
from miniapp_api.guides.bundle_views import question_view
from miniapp_api.guides.bundles import BundleMember, Paper
from miniapp_api.guides.service import GuidesService
from miniapp_api.identity.rules import mask_name
from miniapp_api.platform.clock import Clock


class BundleViews:
    """Puts together what is shown of a bundle."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        cashier: Cashier,
        progress: Progress,
        bundles: BundleProgress,
        cases: CaseViews,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._cashier = cashier
        self._progress = progress
        self._bundles = bundles
        self._cases = cases

    def _department(self, id: str | None) -> str:
        known = self._guides.handbook.departments.get(id or "")
        return known.name if known else id or ""

    # -- filling in ------------------------------------------------------------------------------

    async def form(self, folder: Folder) -> BundleForm:
        """Return the one form of a bundle that is filled in."""
        stored, name = folder.stored, folder.applicant.name
        questions = bundling.questions(folder.bundle, self._guides.handbook.items)
        forms = [sheet.form for sheet in folder.sheets]
        filled = merging.known(folder.filled)
        shown = _whole(forms, merging.merged(forms))
        return BundleForm(
            id=stored.id,
            bundle=stored.code,
            name=stored.name,
            lead_name=self._department(stored.lead),
            kind=folder.applicant.kind,
            applicant_masked=mask_name(name) if name and stored.kind == "person" else name,
            revision=stored.revision,
            members=[await self._member(folder, each) for each in folder.bundle.ordered],
            questions=[
                question_view(each, folder.answers)
                for each in bundling.asked_of(questions, folder.items)
            ],
            sections=section_views(shown, filled.answers, filled.sources),
            materials=[_material(folder, paper) for paper in folder.papers],
            updated_at=stored.updated_at,
        )

    async def _member(self, folder: Folder, member: BundleMember) -> BundleMemberView:
        item = self._guides.handbook.items[member.item]
        sheet = folder.sheet(member.item) if member.item in folder.items else None
        fee = sheet.form.fee_fen if sheet else 0
        paid = not (sheet and fee) or await self._cashier.paid(sheet.draft.id, fee)
        return BundleMemberView(
            item=item.code,
            item_name=item.name,
            department_name=self._department(item.department),
            draft=sheet.draft.id if sheet else None,
            question=member.question,
            chosen=sheet is not None,
            waits_for=[self._guides.name_of(each) for each in member.after],
            fee_fen=fee,
            fee_due=item.fee.due if item.fee else "submission",
            paid=paid,
            delivery=sheet.draft.delivery if sheet else None,
            deliveries=[way.value for way in item.result.delivery] if item.result else [],
        )

    # -- submitted -------------------------------------------------------------------------------

    async def progress(self, under: Under, *, own: bool) -> BundleProgressView:
        """Return where every member stands, and the whole; own: who looks filed it."""
        stored = under.stored
        named = await self._bundles.missing(under)
        missing = [(case.item, each) for case in under.in_correction() for each in named[case.id]]
        until = [case.correct_until for case in under.in_correction() if case.correct_until]
        members = [await self._case(under, case, own=own) for case in under.cases]
        return BundleProgressView(
            id=stored.id,
            bundle=stored.code,
            name=stored.name,
            number=stored.number or "",
            lead_name=self._department(stored.lead),
            applicant_masked=under.cases[0].applicant_masked,
            submitted_at=under.cases[0].submitted_at,
            version=under.version,
            closed=sum(member.closed for member in members),
            total=len(members),
            joint=stored.concluded_at is not None,
            correct_until=min(until, default=None),
            missing=await self._missing(under, missing),
            members=members,
            may=_may(under) if own else [],
            page=bundle_page(stored.id),
        )

    async def _missing(
        self, under: Under, named: Sequence[tuple[str, dict[str, str]]]
    ) -> list[BundleMissing]:
        """Return what the joint notice names, each once, with what is needed to complete it."""
        bundle, cases = self._bundles.bundle(under), {case.item: case for case in under.cases}
        found = []
        for shown in once(bundle, named):
            item, own = next(
                (item, each)
                for item, each in named
                if merging.key_for(bundle, each["name"]) == shown["name"]
                and each["problem"] == shown["problem"]
            )
            (again,) = await self._progress.asked_again(cases[item], [own])
            found.append(BundleMissing(**{**shown, "field": again.field, "files": again.files}))
        return found

    async def _case(self, under: Under, case: Case, *, own: bool) -> BundleCaseView:
        steps = await self._progress.steps_of(case, await case_store.events(case.id))
        waits = next(each.waits_for for each in under.members if each.id == case.id)
        closed = case.state in bundle_rules.CLOSED
        return BundleCaseView(
            id=case.id,
            item=case.item,
            item_name=case.item_name,
            number=case.number,
            department_name=self._department(case.department),
            state=case.state,
            state_name=rules.STATE_NAMES[case.state],
            who=steps[-1].who,
            since=case.since,
            until=None if closed else _until(case),
            waits_for=[self._guides.name_of(each) for each in waits],
            closed=closed,
            may=list(rules.actions(case.state, "citizen")) if own else [],
            page=page(case.id),
        )

    # -- at the desk -----------------------------------------------------------------------------

    async def joint(self, under: Under) -> JointView:
        """Return every case in full; whoever calls has written into the audit trail why."""
        stored = under.stored
        return JointView(
            id=stored.id,
            number=stored.number or "",
            bundle=stored.code,
            name=stored.name,
            version=under.version,
            joint=stored.concluded_at is not None,
            may=_joint_may(under),
            members=[await self._cases.view(case) for case in under.cases],
        )

    def joint_brief(self, row: Mapping[str, Any]) -> JointBrief:
        """Return a bundle in the inbox."""
        now = self._clock.now()
        shown = {name: row[name] for name in row if name != "code"}
        if row["lease_until"] is None or row["lease_until"] <= now:
            shown |= {"assigned_to": None, "lease_until": None}
        light = rules.light(now.date(), row["act_by"], None, None)
        return JointBrief(**shown, bundle=row["code"], colour=light)


def brief(stored: Stored) -> BundleBriefView:
    """Return a bundle in a list."""
    return BundleBriefView(
        id=stored.id,
        bundle=stored.code,
        name=stored.name,
        number=stored.number,
        submitted_at=stored.submitted_at,
        updated_at=stored.updated_at,
    )


def check_view(found: Sequence[tuple[Fault, list[str]]]) -> BundleCheck:
    """Return the pre-check over all members."""
    faults = [BundleFault(**vars(fault), items=items) for fault, items in found]
    return BundleCheck(ready=not faults, faults=faults)


def _whole(forms: Sequence[Form], sections: Sequence[Any]) -> Form:
    """Return a form that asks what all ask."""
    first = forms[0]
    return Form(
        first.item, first.kind, first.version, first.options, tuple(sections), first.materials, ()
    )


def _material(folder: Folder, paper: Paper) -> BundleMaterialView:
    """Return a paper with the files that stand for it, each once."""
    files: dict[str, FileView] = {}
    covered = []
    for item, key in merging.places(paper):
        sheet = folder.sheet(item)
        mine = [each for each in sheet.attached if each.material == key]
        (view,) = [v for v in material_views(sheet.form, mine, sheet.names) if v.key == key]
        covered.append(view.covered)
        for attached, file in zip(_files(mine), view.files, strict=True):
            files.setdefault(attached.blob or "", file)
    material = paper.material
    return BundleMaterialView(
        key=material_key(paper.name),
        name=paper.name,
        required=material.required,
        note=material.note,
        certificate=material.certificate,
        covered=all(covered),
        paper=False,
        files=list(files.values()),
        items=[item for item, _ in paper.places],
    )


def _files(attached: Sequence[Attached]) -> list[Attached]:
    return [each for each in attached if each.blob]


def _until(case: Case) -> date | None:
    if case.state == "waiting":
        return None
    return case.due_on or case.correct_until or case.act_by


def _may(under: Under) -> list[Any]:
    states = {case.state for case in under.cases}
    may = ["withdraw"] if states & set(rules.UNDECIDED) else []
    return [*may, "correct"] if "correction" in states else may


def _joint_may(under: Under) -> list[Any]:
    if under.stored.concluded_at is not None or under.in_correction():
        return []
    due = [case for case in under.cases if case.state in bundle_rules.JOINT]
    if not due:
        return []
    if any(case.state == "submitted" for case in due):
        return ["claim"]
    told = any(case.corrections for case in under.cases)
    return ["claim", "accept"] if told else ["claim", "accept", "request_correction"]
