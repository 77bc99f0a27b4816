"""One paper for all members that need it (材料共用): one stored file, named by every draft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import draft_store
from miniapp_api.applications.bundles.merging import Place, places
from miniapp_api.applications.draft_store import Attached
from miniapp_api.applications.drafts import MOST_FILES, Sheet
from miniapp_api.applications.errors import TooManyFiles
from miniapp_api.guides.bundles import Paper
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer

Lack = tuple[Attached, UUID, str]  # what stands elsewhere, the draft that lacks it, its key there


async def level(
    connection: BaseDBAsyncClient,
    sealer: Sealer,
    papers: Sequence[Paper],
    sheets: Sequence[Sheet],
    now: datetime,
) -> None:
    """Give every member what was handed in for its papers elsewhere."""
    for attached, draft, key in lacking(papers, sheets):
        await copy(connection, sealer, attached, draft, key, now)


async def copy(
    connection: BaseDBAsyncClient,
    sealer: Sealer,
    attached: Attached,
    draft: UUID,
    key: str,
    now: datetime,
) -> None:
    """Name a file or certificate in another draft or case too; raise TooManyFiles."""
    id, name = uuid4(), attached.name_sealed
    if name is not None:
        opened = await sealer.open(name, place("attachment", "name_sealed", attached.id))
        name = await sealer.seal(opened, place("attachment", "name_sealed", id))
    again = replace(attached, id=id, draft=draft, material=key, name_sealed=name)
    if not await draft_store.attach(connection, again, now, MOST_FILES):
        raise TooManyFiles(most=MOST_FILES)


def lacking(papers: Sequence[Paper], sheets: Sequence[Sheet]) -> Iterator[Lack]:
    """Return what some member has for a paper, and another one lacks."""
    by_item = {sheet.draft.item: sheet for sheet in sheets}
    for paper in papers:
        held = {each: _held(by_item[each.item], each) for each in places(paper)}
        every = {_what(a): (a, each) for each, found in held.items() for a in found}
        for target, found in held.items():
            has = {_what(a) for a in found}
            sheet = by_item[target.item]
            for what, (attached, origin) in every.items():
                if what not in has and _fits(attached, by_item[origin.item], origin, sheet, target):
                    yield attached, sheet.draft.id, target.key


def _held(sheet: Sheet, at: Place) -> list[Attached]:
    return [a for a in sheet.attached if a.material == at.key and not a.is_paper]


def _what(attached: Attached) -> tuple[str | None, UUID | None]:
    return attached.blob, attached.certificate


def _fits(attached: Attached, source: Sheet, origin: Place, sheet: Sheet, target: Place) -> bool:
    """Tell whether it stands for the paper there too: a certificate only for its own type."""
    if attached.certificate is None:
        return True
    return _type(source, origin.key) == _type(sheet, target.key)


def _type(sheet: Sheet, key: str) -> str | None:
    return next((n.material.certificate for n in sheet.form.materials if n.key == key), None)
