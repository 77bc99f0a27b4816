"""Opens bundles (一件事): the drafts of the members, and what they ask together, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import forms
from miniapp_api.applications.applicants import Applicant, Applicants
from miniapp_api.applications.bundles import store as bundle_store
from miniapp_api.applications.bundles.merging import Filled
from miniapp_api.applications.bundles.store import Stored
from miniapp_api.applications.drafts import DraftService, Sheet
from miniapp_api.applications.errors import (
    BundleChanged,
    BundleGone,
    BundleNotFound,
    BundleSubmitted,
)
from miniapp_api.guides import bundles as bundling
from miniapp_api.guides.bundles import Bundle, Paper
from miniapp_api.guides.service import GuidesService


@dataclass(frozen=True)
class Folder:
    """A bundle, opened: the sheets of the members that take part, in their order."""

    stored: Stored
    bundle: Bundle
    applicant: Applicant
    sheets: tuple[Sheet, ...]
    answers: Mapping[str, str]  # question → option
    papers: tuple[Paper, ...]

    @property
    def items(self) -> list[str]:
        """Return the members that take part."""
        return [sheet.draft.item for sheet in self.sheets]

    @property
    def filled(self) -> list[Filled]:
        """Return what stands in each member."""
        return [Filled(sheet.answers, sheet.sources) for sheet in self.sheets]

    def sheet(self, item: str) -> Sheet:
        """Return the sheet of a member."""
        return next(each for each in self.sheets if each.draft.item == item)

    def paper(self, key: str) -> Paper | None:
        """Return a material of the merged form by its key."""
        return next((p for p in self.papers if forms.material_key(p.name) == key), None)


class Folders:
    """Opens citizens' bundles."""

    def __init__(self, guides: GuidesService, drafts: DraftService, applicants: Applicants) -> None:
        self._guides = guides
        self._drafts = drafts
        self._applicants = applicants

    async def open(self, citizen: UUID, id: UUID) -> Folder:
        """Return a citizen's open bundle; raise BundleNotFound, BundleSubmitted or BundleGone."""
        stored = await self.stored(citizen, id)
        if stored.submitted_at is not None:
            raise BundleSubmitted()
        bundle = self._guides.handbook.bundles.get(stored.code)
        if bundle is None:
            raise BundleGone()
        applicant = await self._applicants.again(
            citizen, stored.kind, stored.applicant, stored.grant
        )
        drafts = await bundle_store.drafts(id)
        known = drafts.keys() & {member.item for member in bundle.members}
        chosen = [m.item for m in await bundle_store.members(id) if m.chosen and m.item in known]
        if not chosen:  # whose matter it is had his data erased meanwhile
            raise BundleNotFound()
        sheets = [await self._drafts.sheet(drafts[item], applicant) for item in chosen]
        return self._folder(stored, bundle, applicant, sheets)

    async def stored(self, citizen: UUID, id: UUID) -> Stored:
        """Return a citizen's bundle, submitted or not; or BundleNotFound."""
        stored = await bundle_store.read(id)
        if stored is None or stored.citizen != citizen:
            raise BundleNotFound()
        return stored

    async def mine(self, citizen: UUID) -> list[Stored]:
        """Return the bundles that a citizen began or that are about him, the latest first."""
        return await bundle_store.mine(citizen, 50)

    async def locked(self, connection: BaseDBAsyncClient, folder: Folder) -> Stored:
        """Lock a bundle as it was opened; raise BundleNotFound, -Submitted or -Changed."""
        stored = await bundle_store.lock(connection, folder.stored.id)
        if stored is None:
            raise BundleNotFound()
        if stored.submitted_at is not None:
            raise BundleSubmitted()
        if stored.revision != folder.stored.revision:
            raise BundleChanged(revision=stored.revision)
        return stored

    def _folder(
        self, stored: Stored, bundle: Bundle, applicant: Applicant, sheets: Sequence[Sheet]
    ) -> Folder:
        """Put together what is asked once."""
        items = self._guides.handbook.items
        taken = {sheet.draft.item: sheet.form.options for sheet in sheets}
        answers = {
            question.id: taken[item][circumstance]
            for question in bundling.questions(bundle, items)
            for item, circumstance in reversed(question.askers)
            if item in taken
        }
        members = [member for member in bundle.ordered if member.item in taken]
        needs = bundling.needs_of(bundle, members, items, taken)
        papers = bundling.papers(bundle, needs)
        return Folder(stored, bundle, applicant, tuple(sheets), answers, papers)
