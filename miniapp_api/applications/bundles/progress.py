"""Use cases of a submitted bundle (一件事进度): where every member stands, correct, withdraw."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_store, draft_store, forms
from miniapp_api.applications.applicants import Applicants
from miniapp_api.applications.bundles import merging
from miniapp_api.applications.bundles import store as bundle_store
from miniapp_api.applications.bundles.copies import copy
from miniapp_api.applications.bundles.messages import BundleMessages
from miniapp_api.applications.bundles.schemas import CorrectBundle, WithdrawBundle
from miniapp_api.applications.bundles.store import Member, Stored
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.draft_store import Attached
from miniapp_api.applications.drafts import MOST_FILES, clean_name
from miniapp_api.applications.errors import (
    ActionNotAllowed,
    AnswersUnusable,
    BundleChanged,
    BundleNotFound,
    CorrectionIncomplete,
    MaterialUnknown,
    TooManyFiles,
)
from miniapp_api.applications.ports import Files, StoredFile
from miniapp_api.applications.progress import CORRECTED, Progress, answers_place, missing_of
from miniapp_api.applications.rules import UNDECIDED
from miniapp_api.applications.steps import Doer, Said, Steps
from miniapp_api.guides.bundles import Bundle
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer


@dataclass(frozen=True)
class Under:
    """A submitted bundle with its cases, whoever is waited for before who waits."""

    stored: Stored
    members: Sequence[Member]
    cases: Sequence[Case]

    @property
    def version(self) -> int:
        """Return what grows with every step of any case."""
        return sum(case.version for case in self.cases)

    def in_correction(self) -> list[Case]:
        """Return the cases that wait for the citizen."""
        return [case for case in self.cases if case.state == "correction"]


class BundleProgress:
    """Shows citizens their bundles, and lets them act where they may."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        sealer: Sealer,
        steps: Steps,
        applicants: Applicants,
        progress: Progress,
        files: Files,
        messages: BundleMessages,
        max_bytes: int,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._sealer = sealer
        self._steps = steps
        self._applicants = applicants
        self._progress = progress
        self._files = files
        self._messages = messages
        self._max_bytes = max_bytes

    async def under(self, citizen: UUID, id: UUID) -> Under:
        """Return a submitted bundle that a citizen filed or that is about him."""
        stored = await bundle_store.read(id)
        if stored is None or stored.number is None:
            raise BundleNotFound()
        if citizen not in (stored.citizen, stored.applicant):
            raise BundleNotFound()
        members = await bundle_store.members(id)
        cases = await bundle_store.cases([member.id for member in members])
        return Under(stored, members, cases)

    async def missing(self, under: Under) -> dict[UUID, list[dict[str, str]]]:
        """Return what the notice names, by the cases that wait for the citizen."""
        return {
            case.id: missing_of(await case_store.events(case.id)) for case in under.in_correction()
        }

    def bundle(self, under: Under) -> Bundle | None:
        """Return the handbook's bundle, as it is today; None when it is gone."""
        return self._guides.handbook.bundles.get(under.stored.code)

    # -- acting ----------------------------------------------------------------------------------

    async def withdraw(self, citizen: UUID, id: UUID, asked: WithdrawBundle) -> Under:
        """Take members back, or all that can be; raise ActionNotAllowed for what is decided."""
        async with transaction() as connection:
            under = await self._own(connection, citizen, id, asked.version)
            chosen = _to_withdraw(under, asked.items)
            doer, said = Doer("citizen", citizen), Said(note=asked.reason, quiet=True)
            # Whoever waits goes first: else taking back what he waits for would set him going.
            for case in reversed(chosen):
                await self._steps.take(connection, case, "withdraw", doer, said)
            await self._messages.withdrawn(connection, under.stored, chosen)
        return await self.under(citizen, id)

    async def attach(
        self, citizen: UUID, id: UUID, key: str, name: str, chunks: AsyncIterator[bytes]
    ) -> Under:
        """Take a file in for a paper that the notice names, for every case that misses it."""
        await self._targets(await self.under(citizen, id), key)
        stored = await self._files.take(chunks, max_bytes=self._max_bytes)
        try:
            async with transaction() as connection:
                under = await self._own(connection, citizen, id, None)
                await self._add(connection, await self._targets(under, key), name, stored)
        except BaseException:
            await self._files.delete(stored.key)
            raise
        return await self.under(citizen, id)

    async def correct(self, citizen: UUID, id: UUID, asked: CorrectBundle) -> Under:
        """Send what was missing in all members; raise CorrectionIncomplete naming what still is."""
        if not forms.storable(asked.answers):
            raise AnswersUnusable()
        async with transaction() as connection:
            under = await self._own(connection, citizen, id, asked.version)
            missing = await self.missing(under)
            if not missing:
                raise ActionNotAllowed(allowed=[])
            answers = {
                case.id: await self._corrected(case, asked.answers, missing[case.id])
                for case in under.in_correction()
            }
            await self._require_complete(under, missing, asked.answers, answers)
            led = under.stored.concluded_at is None
            office = {"office": self._messages.office(under.stored)} if led else {}
            for case in under.in_correction():
                text = orjson.dumps(answers[case.id]).decode()
                sealed = await self._sealer.seal(text, answers_place(case.id))
                said = Said(office, answers=sealed, quiet=True)
                await self._steps.take(connection, case, "correct", Doer("citizen", citizen), said)
            await self._messages.corrected(connection, under.stored)
        return await self.under(citizen, id)

    # -- inside ----------------------------------------------------------------------------------

    async def _own(
        self, connection: BaseDBAsyncClient, citizen: UUID, id: UUID, version: int | None
    ) -> Under:
        """Lock a bundle that the citizen filed, with its cases, as he saw it last."""
        stored = await bundle_store.lock(connection, id)
        if stored is None or stored.citizen != citizen or stored.number is None:
            raise BundleNotFound()
        await self._applicants.again(citizen, stored.kind, stored.applicant, stored.grant)
        members = await bundle_store.members(id)
        cases = await bundle_store.lock_cases(connection, [member.id for member in members])
        under = Under(stored, members, cases)
        if version not in (None, under.version):
            raise BundleChanged(version=under.version)
        return under

    async def _targets(self, under: Under, key: str) -> list[tuple[UUID, str]]:
        """Return (case, its own key) wherever the notice names a paper; or MaterialUnknown."""
        keys = merging.keys_of(self.bundle(under), key)
        found = [
            (id, each["name"])
            for id, named in (await self.missing(under)).items()
            for each in named
            if each["name"] in keys and forms.is_material_key(each["name"])
        ]
        if not found:
            raise MaterialUnknown()
        return found

    async def _add(
        self,
        connection: BaseDBAsyncClient,
        targets: Sequence[tuple[UUID, str]],
        name: str,
        stored: StoredFile,
    ) -> None:
        (case, key), *others = targets
        id, now = uuid4(), self._clock.now()
        sealed = await self._sealer.seal(clean_name(name), place("attachment", "name_sealed", id))
        attached = Attached(
            id, case, key, stored.key, None, stored.media_type, stored.size, stored.sha256,
            stored.pages, sealed, CORRECTED,
        )  # fmt: skip
        if not await draft_store.attach(connection, attached, now, MOST_FILES):
            raise TooManyFiles(most=MOST_FILES)
        for other, its_key in others:
            await copy(connection, self._sealer, attached, other, its_key, now)

    async def _corrected(
        self, case: Case, typed: Mapping[str, Any], missing: Sequence[Mapping[str, str]]
    ) -> dict[str, Any]:
        """Return a case's answers with those typed now that it holds or misses."""
        answers = await self._progress.answers(case)
        holds = answers.keys() | {each["name"] for each in missing}
        return {**answers, **{name: value for name, value in typed.items() if name in holds}}

    async def _require_complete(
        self,
        under: Under,
        missing: Mapping[UUID, list[dict[str, str]]],
        typed: dict[str, Any],
        answers: Mapping[UUID, dict[str, Any]],
    ) -> None:
        still = [
            (case.item, each)
            for case in under.in_correction()
            for each in await self._progress.still_missing(
                case, missing[case.id], typed, answers[case.id]
            )
        ]
        if still:
            raise CorrectionIncomplete(missing=once(self.bundle(under), still))


def once(
    bundle: Bundle | None, named: Sequence[tuple[str, Mapping[str, str]]]
) -> list[dict[str, Any]]:
    """Return what is missing, each thing once with the items it is missing in."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    shared = bundle.same if bundle else ()
    titles = {forms.material_key(same.name): same.name for same in shared}
    for item, each in named:
        name = merging.key_for(bundle, each["name"])
        shown = {**each, "name": name, "title": titles.get(name, each["title"]), "items": []}
        found.setdefault((name, each["problem"]), shown)["items"].append(item)
    return list(found.values())


def _to_withdraw(under: Under, items: Collection[str] | None) -> list[Case]:
    """Return the cases to take back; those that are over already are left out of the whole."""
    open_ones = [case for case in under.cases if case.state in UNDECIDED]
    if items is None:
        chosen = open_ones
    else:
        chosen = [case for case in open_ones if case.item in items]
        if len(chosen) != len(set(items)):
            raise ActionNotAllowed(allowed=[])
    if not chosen:
        raise ActionNotAllowed(allowed=[])
    return chosen
