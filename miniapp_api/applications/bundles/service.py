"""Use cases of a bundle that is filled in (一件事): one form, written into a draft per member.

Whoever changes a bundle locks its row, so that its members are always those of one revision.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import forms
from miniapp_api.applications.applicants import Applicant, Applicants
from miniapp_api.applications.bundles import merging
from miniapp_api.applications.bundles import store as bundle_store
from miniapp_api.applications.bundles.copies import level
from miniapp_api.applications.bundles.folder import Folder, Folders
from miniapp_api.applications.bundles.merging import Filled
from miniapp_api.applications.bundles.schemas import SaveBundle, StartBundle
from miniapp_api.applications.bundles.store import Stored
from miniapp_api.applications.draft_store import Draft
from miniapp_api.applications.drafts import DISCARDED, DraftService, Sheet
from miniapp_api.applications.errors import (
    AnswersUnusable,
    BundleChanged,
    BundleMemberUnknown,
    BundleNotFound,
    BundleSubmitted,
)
from miniapp_api.applications.forms import Fault
from miniapp_api.applications.ports import Cashier, Files
from miniapp_api.guides import bundles as bundling
from miniapp_api.guides.bundle_views import check_answers
from miniapp_api.guides.bundles import Bundle
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.sealing import Sealer

BATCH = 100
NEWLY_REQUIRED = "这件事新加了必办的事项，请刷新、保存后再提交"


class Bundles:
    """Keeps bundles as citizens type."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        sealer: Sealer,
        folders: Folders,
        drafts: DraftService,
        applicants: Applicants,
        cashier: Cashier,
        files: Files,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._sealer = sealer
        self._folders = folders
        self._drafts = drafts
        self._applicants = applicants
        self._cashier = cashier
        self._files = files

    async def start(self, citizen: UUID, asked: StartBundle) -> Folder:
        """Begin a bundle, pre-filled, or open the one that was begun before."""
        bundle = self._guides.bundle(asked.bundle)
        _require_members(bundle, asked.chosen)
        check_answers(bundling.questions(bundle, self._items), asked.options)
        items = [member.item for member in bundle.chosen(asked.chosen)]
        applicant = await self._applicant(citizen, items, asked.principal, asked.enterprise)
        if begun := await bundle_store.open_one(citizen, applicant.id, bundle.id):
            return await self._folders.open(citizen, begun.id)
        now = self._clock.now()
        stored = Stored(
            uuid4(), None, citizen, applicant.kind, applicant.id, applicant.grant, bundle.id,
            bundle.name, bundle.lead, [], 1, now, now, None, None,
        )  # fmt: skip
        blanks = await self._blanks(stored, bundle, applicant, items, asked.options)
        async with transaction() as connection:
            written = await bundle_store.start(connection, stored)
            if written:
                await self._join(connection, bundle, blanks)
        found = written or await bundle_store.open_one(citizen, applicant.id, bundle.id)
        if found is None:  # the other one was submitted between the two looks
            return await self.start(citizen, asked)
        return await self._folders.open(citizen, found.id)

    async def save(self, citizen: UUID, id: UUID, typed: SaveBundle) -> Folder:
        """Write what was typed into every member that asks it.

        Raises BundleChanged when another device wrote meanwhile.
        """
        folder = await self._folders.open(citizen, id)
        if folder.stored.revision != typed.revision:
            raise BundleChanged(revision=folder.stored.revision)
        if not forms.storable(typed.answers):
            raise AnswersUnusable()
        check_answers(bundling.questions(folder.bundle, self._items), typed.options or {})
        answers = {**folder.answers, **(typed.options or {})}
        wanted = folder.items if typed.chosen is None else typed.chosen
        sheets, blanks = await self._members(folder, wanted, answers)
        async with transaction() as connection:
            await self._folders.locked(connection, folder)
            await self._join(connection, folder.bundle, blanks)
            await self._write(connection, folder, sheets, typed, answers)
            await bundle_store.choose(connection, id, [sheet.draft.item for sheet in sheets])
            await self.settle(connection, citizen, id)
        return await self._folders.open(citizen, id)

    async def settle(self, connection: BaseDBAsyncClient, citizen: UUID, id: UUID) -> None:
        """Give every member the files of its papers, and count a change."""
        await bundle_store.touch(connection, id, self._clock.now())
        folder = await self._folders.open(citizen, id)
        await level(connection, self._sealer, folder.papers, folder.sheets, self._clock.now())

    async def check(self, folder: Folder) -> list[tuple[Fault, list[str]]]:
        """Return what is missing or wrong over all members, each thing once (预检)."""
        found = [
            (sheet.draft.item, fault)
            for sheet in folder.sheets
            for fault in await self._drafts.check(sheet)
            if not _comes(folder, sheet, fault)
        ]
        # An editor made another item part of it meanwhile: saving begins its draft.
        new = [m.item for m in folder.bundle.chosen(()) if m.item not in folder.items]
        found += [(item, Fault("form", item, "missing", NEWLY_REQUIRED)) for item in new]
        return merging.merged_faults(folder.bundle, found)

    async def discard(self, citizen: UUID, id: UUID) -> None:
        """Delete an open bundle with its drafts and files; raise BundleNotFound."""
        await self._folders.stored(citizen, id)
        async with transaction() as connection:
            stored = await bundle_store.lock(connection, id)
            if stored is None:
                raise BundleNotFound()
            if stored.submitted_at is not None:
                raise BundleSubmitted()
            members = await bundle_store.members(id)
            blobs = await self.drop(connection, [member.id for member in members])
            await bundle_store.discard(connection, id)
        for blob in blobs:
            await self._files.delete(blob)

    async def drop(self, connection: BaseDBAsyncClient, ids: list[UUID]) -> set[str]:
        """Delete members, give back what was paid for them, and return their files."""
        blobs = await bundle_store.drop(connection, ids)
        for id in ids:  # after the drafts' rows, as whoever opens an order does
            await self._cashier.call_off(connection, id, DISCARDED)
        return blobs

    async def forget(self, days: int) -> int:
        """Delete bundles that nobody touched for so long, and return how many."""
        stale = await bundle_store.stale(self._clock.now() - timedelta(days=days), BATCH)
        for id, citizen in stale:
            await self.discard(citizen, id)
        return len(stale)

    # -- inside ----------------------------------------------------------------------------------

    @property
    def _items(self) -> Mapping[str, Any]:
        return self._guides.handbook.items

    async def _applicant(
        self, citizen: UUID, items: Sequence[str], grant: UUID | None, enterprise: UUID | None
    ) -> Applicant:
        """Return the applicant, who may apply for every one of the items."""
        found = [
            await self._applicants.of(
                citizen, self._items[item], grant=grant, enterprise=enterprise
            )
            for item in items
        ]
        return found[0]

    async def _blanks(
        self,
        stored: Stored,
        bundle: Bundle,
        applicant: Applicant,
        items: Collection[str],
        answers: Mapping[str, str],
    ) -> list[Draft]:
        """Return new drafts, pre-filled, that are not written yet."""
        options = bundling.options_for(bundle, self._items, answers)
        return [
            await self._drafts.blank(self._items[item], applicant, options[item], stored.id)
            for item in items
        ]

    async def _join(
        self, connection: BaseDBAsyncClient, bundle: Bundle, blanks: Sequence[Draft]
    ) -> None:
        order = [member.item for member in bundle.ordered]
        for draft in blanks:
            way = merging.way(self._ways(draft.item), None)
            await bundle_store.join(connection, draft, order.index(draft.item), way)

    async def _members(
        self, folder: Folder, wanted: Collection[str], answers: Mapping[str, str]
    ) -> tuple[list[Sheet], list[Draft]]:
        """Return the sheets of those that take part from now on, and drafts that are new.

        Who took part before comes first: what stands there is believed.
        """
        _require_members(folder.bundle, wanted)
        chosen = [member.item for member in folder.bundle.chosen(wanted)]
        staying = [sheet for sheet in folder.sheets if sheet.draft.item in chosen]
        coming = [item for item in chosen if item not in folder.items]
        drafts = await bundle_store.drafts(folder.stored.id)
        new = [item for item in coming if item not in drafts]
        stored = folder.stored
        if coming:
            enterprise = stored.applicant if stored.kind == "enterprise" else None
            await self._applicant(stored.citizen, coming, stored.grant, enterprise)
        blanks = await self._blanks(stored, folder.bundle, folder.applicant, new, answers)
        drafts |= {draft.item: draft for draft in blanks}
        back = [await self._drafts.sheet(drafts[item], folder.applicant) for item in coming]
        return [*staying, *back], blanks

    async def _write(
        self,
        connection: BaseDBAsyncClient,
        folder: Folder,
        sheets: Sequence[Sheet],
        typed: SaveBundle,
        answers: Mapping[str, str],
    ) -> None:
        """Write what was typed into the members' drafts."""
        options = bundling.options_for(folder.bundle, self._items, answers)
        new = [
            self._drafts.form(sheet.form.item, folder.applicant, options[sheet.draft.item])
            for sheet in sheets
        ]
        filled = [Filled(sheet.answers, sheet.sources) for sheet in sheets]
        spread = merging.spread(typed.answers, filled, new)
        for sheet, form, each in zip(sheets, new, spread, strict=True):
            item, id = sheet.draft.item, sheet.draft.id
            sealed = await self._drafts.seal(id, each.answers, each.sources)
            wanted = typed.deliveries.get(item) or typed.delivery
            way = merging.way(self._ways(item), wanted) or sheet.draft.delivery
            await bundle_store.save(
                connection, id, sealed, dict(form.options), way, form.version, self._clock.now()
            )

    def _ways(self, item: str) -> list[str]:
        result = self._items[item].result
        return [way.value for way in result.delivery] if result else []


def _require_members(bundle: Bundle, wanted: Collection[str] | None) -> None:
    """Raise BundleMemberUnknown for an item that the bundle does not have."""
    if not set(wanted or ()) <= {member.item for member in bundle.members}:
        raise BundleMemberUnknown()


def _comes(folder: Folder, sheet: Sheet, fault: Fault) -> bool:
    """Tell whether what is missing comes from another member's result."""
    names = {each.key: each.material.name for each in sheet.form.materials}
    name = names.get(fault.name) if fault.place == "material" else None
    return name is not None and folder.bundle.comes(sheet.draft.item, name, folder.items)
