"""Use cases of drafts (草稿): begin, fill in, attach, pre-check, discard.

What a citizen types is sealed before it reaches the database, together with where it comes from.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_store, checking, draft_store, forms
from miniapp_api.applications.applicants import Applicant, Applicants
from miniapp_api.applications.draft_store import Attached, Draft
from miniapp_api.applications.errors import (
    AnswersUnusable,
    DraftChanged,
    DraftItemGone,
    DraftNotFound,
    DraftSubmitted,
    MaterialUnknown,
    NoFee,
    NotOnline,
    PartOfBundle,
    TooManyFiles,
)
from miniapp_api.applications.forms import Fault, Form
from miniapp_api.applications.ports import Cashier, Fee, Files, Vault
from miniapp_api.applications.schemas import SaveDraft, StartDraft
from miniapp_api.guides.item import Item
from miniapp_api.guides.service import GuidesService, check_options
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer

MOST_FILES = 20  # for one material
LONGEST_NAME = 120  # characters of a file's name that are kept
DISCARDED = "草稿已删除，缴的费退回"
Outcomes = dict[str, str]  # certificate type → covered, not_found, or why it has to be uploaded
Sources = dict[str, str]  # field → "real_name", "enterprise", "earlier:<number>", "typed"


@dataclass(frozen=True)
class Sheet:
    """A draft, opened: its form, what was typed, where that came from, what is attached."""

    draft: Draft
    form: Form
    applicant: Applicant
    answers: dict[str, Any]
    sources: Sources
    attached: list[Attached]
    names: Mapping[UUID, str]

    @property
    def handed_in(self) -> Counter[str]:
        """Return how many files or certificates stand for each material."""
        return Counter(each.material for each in self.attached)


class DraftService:
    """Keeps drafts as citizens type."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        sealer: Sealer,
        applicants: Applicants,
        files: Files,
        vault: Vault,
        cashier: Cashier,
        max_bytes: int,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._sealer = sealer
        self._applicants = applicants
        self._files = files
        self._vault = vault
        self._cashier = cashier
        self._max_bytes = max_bytes

    async def start(self, citizen: UUID, asked: StartDraft) -> Sheet:
        """Begin an application, pre-filled, or open the one that was begun before."""
        item = self._guides.item(asked.item)
        if not self._guides.handbook.applies_online(item):
            raise NotOnline()
        check_options(item, asked.options)
        applicant = await self._applicants.of(
            citizen, item, grant=asked.principal, enterprise=asked.enterprise
        )
        draft = await draft_store.start(await self.blank(item, applicant, asked.options))
        return await self.sheet(draft, applicant)

    async def blank(
        self,
        item: Item,
        applicant: Applicant,
        options: Mapping[str, str],
        bundle: UUID | None = None,
    ) -> Draft:
        """Return a draft, pre-filled, that is not written yet."""
        form = self.form(item, applicant, options)
        answers, sources = await self._prefilled(form, applicant)
        now, id = self._clock.now(), uuid4()
        return Draft(
            id, applicant.citizen, applicant.kind, applicant.id, applicant.grant, item.code,
            form.version, dict(form.options), await self.seal(id, answers, sources), None, 1, now,
            now, None, bundle,
        )  # fmt: skip

    async def open(self, citizen: UUID, id: UUID) -> Sheet:
        """Return a citizen's open draft; raise DraftNotFound, DraftSubmitted or DraftItemGone."""
        draft = await self._draft(citizen, id)
        applicant = await self._applicants.again(citizen, draft.kind, draft.applicant, draft.grant)
        return await self.sheet(draft, applicant)

    async def drafts(self, citizen: UUID) -> list[dict[str, Any]]:
        """Return a citizen's open drafts with the names of their items."""
        rows = await draft_store.list_of(citizen)
        return [{**row, "item_name": self._guides.name_of(row["item"])} for row in rows]

    async def save(self, citizen: UUID, id: UUID, typed: SaveDraft) -> Sheet:
        """Write what was typed since; raise DraftChanged when another device wrote meanwhile."""
        sheet = await self._alone(citizen, id)
        if sheet.draft.revision != typed.revision:
            raise DraftChanged(revision=sheet.draft.revision)
        if not forms.storable(typed.answers):
            raise AnswersUnusable()
        options = {**sheet.form.options, **(typed.options or {})}
        check_options(sheet.form.item, options)
        answers, sources = _merged(sheet, typed.answers)
        form = self.form(sheet.form.item, sheet.applicant, options)
        saved = await draft_store.save(
            id,
            citizen,
            typed.revision,
            await self.seal(id, answers, sources),
            dict(form.options),
            typed.delivery or sheet.draft.delivery,
            form.version,
            self._clock.now(),
        )
        if saved is None:
            raise DraftChanged()
        return await self.sheet(saved, sheet.applicant)

    async def discard(self, citizen: UUID, id: UUID) -> None:
        """Delete an open draft and its files; raise DraftNotFound or PartOfBundle."""
        async with transaction() as connection:
            blobs = await draft_store.discard(connection, id, citizen)
            if blobs is not None:
                await self._cashier.call_off(connection, id, DISCARDED)
        if blobs is None:
            require_alone(await draft_store.read(id, citizen))
            raise DraftNotFound()
        for blob in blobs:
            await self._files.delete(blob)

    async def forget(self, days: int) -> int:
        """Delete drafts that nobody touched for so long, and return how many."""
        stale = await draft_store.stale(self._clock.now() - timedelta(days=days), 100)
        for id, citizen in stale:
            with contextlib.suppress(DraftNotFound):  # another replica was faster
                await self.discard(citizen, id)
        return len(stale)

    async def attach(
        self, citizen: UUID, id: UUID, material: str, name: str, chunks: AsyncIterator[bytes]
    ) -> Sheet:
        """Take a file in for a material; raise what is wrong with it."""
        sheet = await self._alone(citizen, id)
        _require_material(sheet.form, material)
        stored = await self._files.take(chunks, max_bytes=self._max_bytes)
        attachment = uuid4()
        at = place("attachment", "name_sealed", attachment)
        sealed = await self._sealer.seal(clean_name(name), at)
        attached = Attached(
            attachment, id, material, stored.key, None, stored.media_type, stored.size,
            stored.sha256, stored.pages, sealed, 0,
        )  # fmt: skip
        try:
            await self._add(attached)
        except BaseException:
            await self._files.delete(stored.key)
            raise
        return await self.open(citizen, id)

    async def _add(self, attached: Attached) -> None:
        now = self._clock.now()
        async with transaction() as connection:
            if await draft_store.touch(connection, attached.draft, now) is None:
                raise DraftSubmitted()
            if not await draft_store.attach(connection, attached, now, MOST_FILES):
                raise TooManyFiles(most=MOST_FILES)

    async def detach(self, citizen: UUID, id: UUID, attachment: UUID) -> Sheet:
        """Take a file out; raise MaterialUnknown when there is none."""
        require_alone(await self._draft(citizen, id))
        async with transaction() as connection:
            if await draft_store.touch(connection, id, self._clock.now()) is None:
                raise DraftSubmitted()
            blob = await draft_store.detach(connection, attachment, id, 0)
            if blob is None:
                raise MaterialUnknown()
        if blob:
            await self._files.delete(blob)
        return await self.open(citizen, id)

    async def cover(self, citizen: UUID, id: UUID, *, authorised: bool) -> tuple[Sheet, Outcomes]:
        """Let certificates stand for materials (免提交); say of each type how that went.

        authorised: the citizen lets us ask the departments this once, for this application.
        """
        sheet = await self._alone(citizen, id)
        wanted = {n.key: n.material.certificate for n in sheet.form.materials}
        types = sorted({type for type in wanted.values() if type})
        found = await self._vault.obtain(
            sheet.applicant, types, sheet.form.item.code, id, authorised=authorised
        )
        now = self._clock.now()
        async with transaction() as connection:
            if await draft_store.touch(connection, id, now) is None:
                raise DraftSubmitted()
            for key, type in wanted.items():
                obtained = found.get(type or "")
                if obtained and obtained.certificate:
                    await draft_store.uncover(connection, id, key)
                    attached = _covered(id, key, obtained.certificate)
                    await draft_store.attach(connection, attached, now, MOST_FILES)
        outcomes = {type: obtained.outcome for type, obtained in found.items()}
        return await self.open(citizen, id), outcomes

    async def order(self, citizen: UUID, id: UUID) -> Fee:
        """Return the order of the fee that is due before submitting; raise NoFee."""
        sheet = await self.open(citizen, id)
        item, amount = sheet.form.item, sheet.form.fee_fen
        if not amount or (item.fee and item.fee.due != "submission"):
            raise NoFee()
        async with transaction() as connection:
            await self._require_same(connection, sheet.draft)
            return await self._cashier.order(connection, citizen, id, amount, item.name)

    async def _require_same(self, connection: BaseDBAsyncClient, draft: Draft) -> None:
        """Lock a draft; raise what became of it meanwhile: nobody is to pay for what is gone."""
        locked = await draft_store.lock(connection, draft.id, draft.citizen)
        if locked is None:
            raise DraftNotFound()
        if locked.submitted_at is not None:
            raise DraftSubmitted(application=str(draft.id))
        if locked.options != draft.options:
            raise DraftChanged(revision=locked.revision)

    async def check(self, sheet: Sheet) -> list[Fault]:
        """Return what is missing or wrong (预检)."""
        form = sheet.form
        paid = not form.fee_fen or await self._cashier.paid(sheet.draft.id, form.fee_fen)
        today = self._clock.now().date()
        return checking.faults(
            form, sheet.applicant, sheet.answers, sheet.handed_in, sheet.draft.delivery, today,
            paid=paid,
        )  # fmt: skip

    # -- inside ----------------------------------------------------------------------------------

    async def _alone(self, citizen: UUID, id: UUID) -> Sheet:
        """Open a draft to change it; raise PartOfBundle."""
        sheet = await self.open(citizen, id)
        require_alone(sheet.draft)
        return sheet

    async def _draft(self, citizen: UUID, id: UUID) -> Draft:
        draft = await draft_store.read(id, citizen)
        if draft is None:
            raise DraftNotFound()
        if draft.submitted_at is not None:
            raise DraftSubmitted(application=str(draft.id))
        return draft

    async def sheet(self, draft: Draft, applicant: Applicant) -> Sheet:
        """Return a draft, opened; raise DraftItemGone."""
        item = self._guides.handbook.items.get(draft.item)
        if item is None or not self._guides.handbook.applies_online(item):
            raise DraftItemGone()
        form = self.form(item, applicant, draft.options)
        opened = await self._sealer.open(draft.answers_sealed, _answers_place(draft.id))
        kept = orjson.loads(opened)
        attached = await draft_store.attached(draft.id)
        names = {
            each.id: await self._sealer.open(
                each.name_sealed, place("attachment", "name_sealed", each.id)
            )
            for each in attached
            if each.name_sealed
        }
        answers, sources = kept["answers"], kept["sources"]
        return Sheet(draft, form, applicant, answers, sources, attached, names)

    def form(self, item: Item, applicant: Applicant, options: Mapping[str, str]) -> Form:
        """Return an item's form; options that it does not know (any more) are left out."""
        known = {c.id: {o.id for o in c.options} for c in item.circumstances}
        valid = {c: o for c, o in options.items() if o in known.get(c, ())}
        return forms.build(item, self._guides.handbook.forms, applicant.kind, valid)

    async def seal(self, id: UUID, answers: Mapping[str, Any], sources: Mapping[str, str]) -> bytes:
        """Return what was typed, sealed for its draft."""
        kept = orjson.dumps({"answers": answers, "sources": sources}).decode()
        return await self._sealer.seal(kept, _answers_place(id))

    async def _prefilled(self, form: Form, applicant: Applicant) -> tuple[dict[str, Any], Sources]:
        """Return answers known before anything is typed, and where each comes from."""
        facts, answers, sources = applicant.facts, {}, {}
        earlier = await self._earlier(applicant)
        for ask in form.asks:
            source = ask.field.source or ""
            if source in facts:
                answers[ask.name] = facts[source]
                sources[ask.name] = "enterprise" if source.startswith("enterprise") else "real_name"
            elif ask.name in earlier:
                answers[ask.name], sources[ask.name] = earlier[ask.name]
        return answers, sources

    async def _earlier(self, applicant: Applicant) -> dict[str, tuple[Any, str]]:
        """Return answers of the applicant's latest cases, by field, with the case's number."""
        found: dict[str, tuple[Any, str]] = {}
        for row in await case_store.latest_answers(applicant.id, applicant.citizen, 5):
            at = place("application", "answers_sealed", row["id"])
            answers = orjson.loads(await self._sealer.open(row["answers_sealed"], at))
            for name, value in answers.items():
                found.setdefault(name, (value, f"earlier:{row['number']}"))
        return found


def _covered(draft: UUID, material: str, certificate: UUID) -> Attached:
    return Attached(uuid4(), draft, material, None, certificate, None, None, None, None, None, 0)


def _merged(sheet: Sheet, typed: Mapping[str, Any]) -> tuple[dict[str, Any], Sources]:
    """Return all answers with those typed now; what is not asked any more stays."""
    answers, sources = dict(sheet.answers), dict(sheet.sources)
    for name, value in typed.items():
        if value is None:
            answers.pop(name, None)
            sources.pop(name, None)
        elif answers.get(name) != value:
            answers[name], sources[name] = value, "typed"
    return answers, sources


def _require_material(form: Form, key: str) -> None:
    if key not in {each.key for each in form.materials}:
        raise MaterialUnknown()


def require_alone(draft: Draft | None) -> None:
    """Raise PartOfBundle for a draft that is filled in and submitted with others."""
    if draft and draft.bundle:
        raise PartOfBundle(bundle=str(draft.bundle))


def clean_name(name: str) -> str:
    """Return a file's name without folders and without what is not printed."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:LONGEST_NAME] or "文件"


def _answers_place(id: UUID) -> str:
    return place("draft", "answers_sealed", id)
