"""Use cases of editing (指南编辑): begin, save, submit, approve, reject, withdraw, roll back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from miniapp_api.guides.editing import rules, store, texts
from miniapp_api.guides.editing.errors import (
    DraftChanged,
    DraftOpen,
    GuideNotFound,
    OwnWork,
    VersionMoved,
    VersionNotFound,
)
from miniapp_api.guides.editing.limits import MOST_BYTES, TOO_LARGE
from miniapp_api.guides.editing.patching import load, patch
from miniapp_api.guides.editing.publishing import Publisher, stamped
from miniapp_api.guides.editing.rules import Kind, State
from miniapp_api.guides.editing.store import NewVersion, Version
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform import audit
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock, today
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import ValidationFailed
from miniapp_api.staff.service import StaffService

CODE = re.compile(r"[a-z0-9-]{3,64}")
REVIEW_AFTER = timedelta(days=365)
LONGEST_NAME = 200


class EditingService:
    """Moves versions through their life; rules.MOVES says which moves there are."""

    def __init__(
        self, guides: GuidesService, publisher: Publisher, clock: Clock, staff: StaffService
    ) -> None:
        self._guides = guides
        self._publisher = publisher
        self._clock = clock
        self._staff = staff

    # -- writing ---------------------------------------------------------------------------------

    async def begin(
        self,
        member: StaffMember,
        kind: str,
        code: str,
        source: UUID | None = None,
        *,
        new: bool = False,
        changes: Mapping[str, Any] | None = None,
    ) -> Version:
        """Begin a version (起草); raise DraftOpen when the guide has one that is not decided.

        source: an earlier version to begin from, instead of what is in force. new: the guide does
        not exist yet. changes: fields that are different at once.
        """
        known = self._kind(kind)
        text, current = await self._source(known, code, source, new=new)
        text = patch(text, changes) if changes else text
        return await self._begin(member, known, code, text, current, "draft", "editor", None)

    async def _source(
        self, kind: Kind, code: str, source: UUID | None, *, new: bool
    ) -> tuple[str, int]:
        """Return the text to begin from and the version in force."""
        current = await self.in_force(kind, code)
        if source is not None:
            version = await self.version(source)
            if (version.kind, version.code) != (kind, code):
                raise VersionNotFound()
            return version.text, current[1] if current else 0
        if current:
            return current
        if not new or not CODE.fullmatch(code) or code in self._guides.handbook.items:
            raise GuideNotFound()
        day = today(self._clock)
        text = texts.NEW[kind].format(code=code, today=day, review_by=day + REVIEW_AFTER)
        return text, 0

    async def _begin(
        self,
        member: StaffMember,
        kind: Kind,
        code: str,
        text: str,
        current: int,
        state: State,
        origin: str,
        why: str | None,
    ) -> Version:
        now, id = self._clock.now(), uuid4()
        name = _name(text) or self._guides.name_of(code)
        new = NewVersion(id, kind, code, name, state, origin, text, current, member.id, now, why)
        async with transaction() as connection:
            if not await store.begin(connection, new):
                raise await self._draft_open(kind, code)
            await self._record(connection, member, "guide.begun", new, {"origin": origin})
        return await self.version(id)

    async def _draft_open(self, kind: Kind, code: str) -> DraftOpen:
        found = [v for v in await store.all_open() if (v.kind, v.code) == (kind, code)]
        if not found:
            return DraftOpen()
        names = await self._staff.names(set(found[0].authors))
        return DraftOpen(
            version=str(found[0].id), state=found[0].state, by="、".join(names.values())
        )

    async def save(self, member: StaffMember, id: UUID, revision: int, text: str) -> Version:
        """Save a draft (保存草稿), faulty or not, over the revision that was read.

        Raises DraftChanged when somebody saved meanwhile, VersionMoved when it is no draft.
        """
        if len(text.encode("utf-8", "replace")) > MOST_BYTES or "\x00" in text:
            raise ValidationFailed(TOO_LARGE, fields=["text"])
        version = await self.version(id)
        kind = self._kind(version.kind)
        in_force = await self.in_force(kind, version.code)
        current, now = in_force[1] if in_force else 0, self._clock.now()
        name = _name(text) or version.name
        async with transaction() as connection:
            saved = await store.save(
                connection, version, revision, member.id, text, name, current, now
            )
            if saved is None:
                raise await self._why_not(id, revision, "draft")
        return await self.version(id)

    async def submit(self, member: StaffMember, id: UUID, revision: int, why: str) -> Version:
        """Hand a draft in (提交审批); raise GuideFaulty when it has errors."""
        version, now = await self.version(id), self._clock.now()
        if version.state == "draft" and version.revision == revision:
            await self._publishable(version)
        async with transaction() as connection:
            if not await store.submit(connection, id, revision, member.id, why, now):
                raise await self._why_not(id, revision, "draft")
            await self._record(connection, member, "guide.submitted", version, {"why": why})
        return await self.version(id)

    # -- deciding --------------------------------------------------------------------------------

    async def approve(
        self, member: StaffMember, id: UUID, revision: int, publish_on: date | None = None
    ) -> Version:
        """Approve (审批通过) and publish, at once or on a day; raise OwnWork for an author.

        The checks run again: what was sound when it was submitted may not be so any more.
        """
        version, now = await self.version(id), self._clock.now()
        day = publish_on or now.date()
        if not rules.is_plannable(day, now.date()):
            raise ValidationFailed(fields=["publish_on"])
        if version.state == "submitted" and version.revision == revision:
            await self._publishable(version, day)
        async with transaction() as connection:
            if not await store.approve(connection, id, revision, member.id, now, day):
                raise await self._why_not(id, revision, "submitted", member=member)
            detail = {"publish_on": day.isoformat()}
            await self._record(connection, member, "guide.approved", version, detail)
            if day == now.date():
                await self._publisher.publish(connection, id, now)
        if day == now.date():
            await self._publisher.round()
        return await self.version(id)

    async def reject(self, member: StaffMember, id: UUID, revision: int, why: str) -> Version:
        """Send a submitted version back (退回)."""
        return await self._close(member, id, revision, why, ["submitted"], "rejected")

    async def withdraw(self, member: StaffMember, id: UUID, revision: int, why: str) -> Version:
        """Give up a version that is not published (撤回)."""
        states = list(rules.sources("withdraw"))
        return await self._close(member, id, revision, why, states, "withdrawn")

    async def _close(
        self,
        member: StaffMember,
        id: UUID,
        revision: int,
        why: str,
        states: list[State],
        state: State,
    ) -> Version:
        version, now = await self.version(id), self._clock.now()
        async with transaction() as connection:
            if not await store.close(
                connection, id, list(states), state, member.id, now, why, revision
            ):
                raise await self._why_not(id, revision, *states)
            await self._record(connection, member, f"guide.{state}", version, {"why": why})
        return await self.version(id)

    async def roll_back(
        self, member: StaffMember, kind: str, code: str, number: int, why: str
    ) -> Version:
        """Put an earlier version forward to be published anew (恢复旧版).

        A second person approves it like any other: it goes straight to approval.
        """
        known = self._kind(kind)
        old = await store.by_number(known, code, number)
        if old is None:
            raise VersionNotFound()
        in_force = await self.in_force(known, code)
        current, reason = in_force[1] if in_force else 0, texts.ROLL_BACK
        day = today(self._clock)
        await asyncio.to_thread(
            self._publisher.sound, known, code, stamped(known, old.text, current + 1, day), day
        )
        why = reason.format(version=number, why=why)
        return await self._begin(
            member, known, code, old.text, current, "submitted", "rollback", why
        )

    # -- what both need --------------------------------------------------------------------------

    async def version(self, id: UUID) -> Version:
        """Return a version, or raise VersionNotFound."""
        found = await store.by_id(id)
        if found is None:
            raise VersionNotFound()
        return found

    async def in_force(self, kind: Kind, code: str) -> tuple[str, int] | None:
        """Return text and number of what citizens see; None for what does not exist."""
        published = await store.in_force(kind, code)
        filed = self._guides.handbook.filed.get(f"{kind}/{code}")
        number = filed.version if filed else None
        if published and published.version and rules.covers(published.version, number):
            return published.text, published.version
        if filed is None:
            return None
        text = await asyncio.to_thread(filed.path.read_text, encoding="utf-8-sig")
        return text, filed.version

    async def _publishable(self, version: Version, day: date | None = None) -> None:
        """Raise GuideFaulty or GuideMoved when the version could not be published on a day."""
        in_force = await self.in_force(self._kind(version.kind), version.code)
        current = in_force[1] if in_force else 0
        day = day or today(self._clock)
        text = stamped(version.kind, version.text, current + 1, day)
        await asyncio.to_thread(self._publisher.check, version, text, current, day)

    async def _why_not(
        self, id: UUID, revision: int, *states: str, member: StaffMember | None = None
    ) -> Exception:
        """Return why a conditional statement changed nothing."""
        version = await self.version(id)
        if version.state not in states:
            return VersionMoved(state=version.state)
        if version.revision != revision:
            names = await self._staff.names({version.saved_by} if version.saved_by else set())
            return DraftChanged(
                revision=version.revision,
                saved_by=next(iter(names.values()), None),
                saved_at=version.saved_at.isoformat(),
            )
        if member and member.id in version.authors:
            return OwnWork()
        return VersionMoved(state=version.state)

    async def _record(
        self,
        connection: store.Connection,
        member: StaffMember,
        action: str,
        of: Version | NewVersion,
        detail: dict[str, Any],
    ) -> None:
        now, facts = self._clock.now(), {"id": str(of.id), **detail}
        name = f"guide:{of.kind}/{of.code}"
        await audit.by_staff(connection, member, action, name, at=now, detail=facts)

    def _kind(self, kind: str) -> Kind:
        known = rules.kind_of(kind)
        if known is None:
            raise GuideNotFound()
        return known


def _name(text: str) -> str | None:
    """Return what a text calls its guide or notice, as far as it can be read."""
    values = load(text)
    found = (values or {}).get("name") or (values or {}).get("title")
    return found[:LONGEST_NAME].replace("\x00", "") if isinstance(found, str) and found else None
