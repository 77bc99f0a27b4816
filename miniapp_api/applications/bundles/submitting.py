"""The use case of submitting a bundle (一件事提交): all its drafts become cases, or none."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_store, draft_store, rules
from miniapp_api.applications.bundles import store as bundle_store
from miniapp_api.applications.bundles.folder import Folder, Folders
from miniapp_api.applications.bundles.messages import BundleMessages
from miniapp_api.applications.bundles.schemas import BundleReceipt, SubmittedCase
from miniapp_api.applications.bundles.service import Bundles
from miniapp_api.applications.bundles.store import Stored
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.errors import BundleChanged, BundleNotFound, NotReady
from miniapp_api.applications.ports import Files
from miniapp_api.applications.steps import Doer, Said, Steps
from miniapp_api.applications.submitting import Submitting
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import Refusal


class BundleSubmitting:
    """Turns bundles of drafts into bundles of cases."""

    def __init__(
        self,
        clock: Clock,
        folders: Folders,
        bundles: Bundles,
        submitting: Submitting,
        steps: Steps,
        files: Files,
        messages: BundleMessages,
    ) -> None:
        self._clock = clock
        self._folders = folders
        self._bundles = bundles
        self._submitting = submitting
        self._steps = steps
        self._files = files
        self._messages = messages

    async def submit(self, citizen: UUID, id: UUID, revision: int) -> BundleReceipt:
        """Submit a bundle; the same one again, from any device, gives the same cases.

        Raises NotReady naming every fault, or BundleChanged when another device wrote meanwhile.
        """
        try:
            folder = await self._ready(citizen, id, revision)
        except Refusal:  # it may be submitted already, or by another device while we looked
            if done := await self._submitted(citizen, id):
                return done
            raise
        cases = [await self._submitting.case_of(sheet) for sheet in folder.sheets]
        async with transaction() as connection:
            stored = await bundle_store.lock(connection, id)
            left = await self._closed(connection, stored, folder, cases)
        if left is not None:
            for blob in left:
                await self._files.delete(blob)
        done = await self._submitted(citizen, id)
        if done is None:
            raise BundleNotFound()
        return done

    # -- inside ----------------------------------------------------------------------------------

    async def _closed(
        self,
        connection: BaseDBAsyncClient,
        stored: Stored | None,
        folder: Folder,
        cases: Sequence[Case],
    ) -> set[str] | None:
        """Write the cases and return files that nobody needs; None when it is submitted already."""
        if stored is None:
            raise BundleNotFound()
        if stored.submitted_at is not None:
            return None
        if stored.revision != folder.stored.revision:
            raise BundleChanged(revision=stored.revision)
        left = await self._drop_unchosen(connection, folder)
        for case in cases:
            await draft_store.mark_submitted(connection, case.id, self._clock.now())
            waits = folder.bundle.waits(case.item) & set(folder.items)
            await bundle_store.wait_for(connection, case.id, sorted(waits))
            doer, office = Doer("citizen", case.citizen), self._messages.office(stored)
            said = Said({"office": office}, quiet=True)
            await self._steps.begin(connection, case, doer, said)
        await self._number(connection, folder, cases)
        return left

    async def _number(
        self, connection: BaseDBAsyncClient, folder: Folder, cases: Sequence[Case]
    ) -> None:
        now = self._clock.now()
        number = bundle_number(rules.receipt_number(now.date(), await case_store.next_sequence()))
        departments = sorted({case.department for case in cases})
        await bundle_store.mark_submitted(connection, folder.stored.id, number, departments, now)
        await self._messages.submitted(connection, folder.stored, number, len(cases))

    async def _drop_unchosen(self, connection: BaseDBAsyncClient, folder: Folder) -> set[str]:
        """Delete drafts that were begun and given up; what others share with them stays."""
        members = await bundle_store.members(folder.stored.id)
        given_up = [member.id for member in members if member.item not in folder.items]
        blobs = await self._bundles.drop(connection, given_up) if given_up else set()
        kept = await bundle_store.attached([sheet.draft.id for sheet in folder.sheets])
        return blobs - {attached.blob for attached in kept if attached.blob}

    async def _ready(self, citizen: UUID, id: UUID, revision: int) -> Folder:
        folder = await self._folders.open(citizen, id)
        if found := await self._bundles.check(folder):
            raise NotReady(faults=[{**vars(fault), "items": items} for fault, items in found])
        if folder.stored.revision != revision:
            raise BundleChanged(revision=folder.stored.revision)
        return folder

    async def _submitted(self, citizen: UUID, id: UUID) -> BundleReceipt | None:
        stored = await self._folders.stored(citizen, id)
        if stored.number is None:
            return None
        members = await bundle_store.members(id)
        cases = await bundle_store.cases([member.id for member in members])
        shown = [SubmittedCase(id=case.id, item=case.item, number=case.number) for case in cases]
        return BundleReceipt(id=id, number=stored.number, cases=shown, page=page(id))


def bundle_number(receipt: str) -> str:
    """Return the number of a bundle (一件事编号): YJS, then like a receipt's."""
    return f"YJS{receipt}"


def page(id: UUID) -> str:
    """Return the client's page of a bundle."""
    return f"pages/bundle/detail?id={id}"
