"""Use cases of a bundle's papers (一件事材料): handed in once, certificates asked for once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import draft_store
from miniapp_api.applications.bundles import merging
from miniapp_api.applications.bundles import store as bundle_store
from miniapp_api.applications.bundles.folder import Folder, Folders
from miniapp_api.applications.bundles.service import Bundles
from miniapp_api.applications.draft_store import Attached
from miniapp_api.applications.drafts import MOST_FILES, Outcomes, clean_name
from miniapp_api.applications.errors import BundleNotFound, MaterialUnknown, TooManyFiles
from miniapp_api.applications.ports import Files, Obtained, StoredFile, Vault
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer


class BundleFiles:
    """Takes a bundle's papers in, for every member that needs them."""

    def __init__(
        self,
        clock: Clock,
        sealer: Sealer,
        folders: Folders,
        bundles: Bundles,
        files: Files,
        vault: Vault,
        max_bytes: int,
    ) -> None:
        self._clock = clock
        self._sealer = sealer
        self._folders = folders
        self._bundles = bundles
        self._files = files
        self._vault = vault
        self._max_bytes = max_bytes

    async def attach(
        self, citizen: UUID, id: UUID, key: str, name: str, chunks: AsyncIterator[bytes]
    ) -> Folder:
        """Take a file in for a paper; raise what is wrong with it."""
        if (await self._folders.open(citizen, id)).paper(key) is None:
            raise MaterialUnknown()
        stored = await self._files.take(chunks, max_bytes=self._max_bytes)
        try:
            async with transaction() as connection:
                folder = await self._opened(connection, citizen, id)
                await self._add(connection, folder, key, name, stored)
                await self._bundles.settle(connection, citizen, id)
        except BaseException:
            await self._files.delete(stored.key)
            raise
        return await self._folders.open(citizen, id)

    async def detach(self, citizen: UUID, id: UUID, file: UUID) -> Folder:
        """Take a file out of every member; raise MaterialUnknown when there is none."""
        async with transaction() as connection:
            folder = await self._opened(connection, citizen, id)
            ids = [member.id for member in await bundle_store.members(id)]
            found = next((a for a in await bundle_store.attached(ids) if a.id == file), None)
            if found is None or found.blob is None:
                raise MaterialUnknown()
            await bundle_store.detach(connection, ids, found.blob)
            await bundle_store.touch(connection, folder.stored.id, self._clock.now())
        await self._files.delete(found.blob)
        return await self._folders.open(citizen, id)

    async def file(self, citizen: UUID, id: UUID, file: UUID) -> Attached:
        """Return a file of an open bundle; raise MaterialUnknown."""
        folder = await self._folders.open(citizen, id)
        for sheet in folder.sheets:
            for attached in sheet.attached:
                if attached.id == file and attached.blob:
                    return attached
        raise MaterialUnknown()

    async def cover(self, citizen: UUID, id: UUID, *, authorised: bool) -> tuple[Folder, Outcomes]:
        """Let certificates stand for papers (免提交): each type is asked for once for all members.

        authorised: the citizen lets us ask the departments this once, for this bundle.
        """
        folder = await self._folders.open(citizen, id)
        types = sorted({type for _, _, type in _coverable(folder)})
        found = await self._vault.obtain(
            folder.applicant, types, folder.bundle.id, id, authorised=authorised
        )
        async with transaction() as connection:
            await self._cover(connection, await self._opened(connection, citizen, id), found)
            await self._bundles.settle(connection, citizen, id)
        outcomes = {type: obtained.outcome for type, obtained in found.items()}
        return await self._folders.open(citizen, id), outcomes

    # -- inside ----------------------------------------------------------------------------------

    async def _opened(self, connection: BaseDBAsyncClient, citizen: UUID, id: UUID) -> Folder:
        """Lock a bundle and open it as it is now."""
        if await bundle_store.lock(connection, id) is None:
            raise BundleNotFound()
        return await self._folders.open(citizen, id)

    async def _add(
        self,
        connection: BaseDBAsyncClient,
        folder: Folder,
        key: str,
        name: str,
        stored: StoredFile,
    ) -> None:
        """Name a file in the first member that needs it; the others follow when all settle."""
        paper = folder.paper(key)
        if paper is None:  # another device chose other options meanwhile
            raise MaterialUnknown()
        first = merging.places(paper)[0]
        attachment, draft = uuid4(), folder.sheet(first.item).draft.id
        at = place("attachment", "name_sealed", attachment)
        sealed = await self._sealer.seal(clean_name(name), at)
        attached = Attached(
            attachment, draft, first.key, stored.key, None, stored.media_type, stored.size,
            stored.sha256, stored.pages, sealed, 0,
        )  # fmt: skip
        if not await draft_store.attach(connection, attached, self._clock.now(), MOST_FILES):
            raise TooManyFiles(most=MOST_FILES)

    async def _cover(
        self, connection: BaseDBAsyncClient, folder: Folder, found: Mapping[str, Obtained]
    ) -> None:
        now = self._clock.now()
        for draft, key, type in _coverable(folder):
            obtained = found.get(type)
            if obtained and obtained.certificate:
                await draft_store.uncover(connection, draft, key)
                attached = Attached(
                    uuid4(), draft, key, None, obtained.certificate, None, None, None, None, None, 0
                )
                await draft_store.attach(connection, attached, now, MOST_FILES)


def _coverable(folder: Folder) -> list[tuple[UUID, str, str]]:
    """Return (draft, key, type) of every member's material that a certificate can stand for."""
    wanted = {place for paper in folder.papers for place in merging.places(paper)}
    return [
        (sheet.draft.id, each.key, each.material.certificate)
        for sheet in folder.sheets
        for each in sheet.form.materials
        if each.material.certificate and (sheet.draft.item, each.key) in wanted
    ]
