"""What editors look at (编辑查看): the list, a guide, a version, a preview, what waits."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from miniapp_api.guides.announcements import Announcement
from miniapp_api.guides.editing import preview, rules, store, texts
from miniapp_api.guides.editing.errors import GuideNotFound, VersionNotFound
from miniapp_api.guides.editing.publishing import stamped
from miniapp_api.guides.editing.reading import Draft, Reader
from miniapp_api.guides.editing.rules import Kind
from miniapp_api.guides.editing.schemas import (
    GuideRow,
    GuideRows,
    GuidesQuery,
    GuideView,
    Preview,
    SaveView,
    VersionBrief,
    VersionView,
    Waiting,
)
from miniapp_api.guides.editing.service import EditingService
from miniapp_api.guides.editing.store import Version
from miniapp_api.guides.item import Item
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock, today
from miniapp_api.staff.service import StaffService

Names = Mapping[UUID, str]


class Looking:
    """Shows editors what there is; changes nothing."""

    def __init__(
        self,
        guides: GuidesService,
        editing: EditingService,
        reader: Reader,
        clock: Clock,
        staff: StaffService,
    ) -> None:
        self._guides = guides
        self._editing = editing
        self._reader = reader
        self._clock = clock
        self._staff = staff

    # -- lists -----------------------------------------------------------------------------------

    async def guides(self, kind: str, query: GuidesQuery) -> GuideRows:
        """Return guides or notices with what is open of each (一览); the new ones first."""
        known = rules.kind_of(kind)
        if known is None:
            raise GuideNotFound()
        opened = {v.code: v for v in await store.all_open() if v.kind == known}
        names = await self._names(opened.values())
        published = {row["code"] for row in await store.published() if row["kind"] == known}
        rows = self._rows(known, opened, names, published)
        words = query.q.strip()
        kept = [
            row
            for row in rows
            if self._matches(row, words)
            and (query.due is None or row.overdue)
            and _has_state(row, query.state, published)
        ]
        page = kept[query.offset : query.offset + query.limit]
        overdue = sum(row.overdue for row in rows)
        return GuideRows(total=len(kept), overdue=overdue, guides=page)

    def _rows(
        self, kind: Kind, opened: Mapping[str, Version], names: Names, published: set[str]
    ) -> list[GuideRow]:
        handbook = self._guides.handbook
        found: dict[str, Item | Announcement] = (
            {item.code: item for item in handbook.own}
            if kind == "items"
            else dict(handbook.announcements)
        )
        new = [version for code, version in opened.items() if code not in found]
        rows = [self._new_row(version, names) for version in new]
        for code, content in found.items():
            row = self._row(code, content, in_file=code not in published)
            rows.append(_opened(row, opened.get(code), names))
        return rows

    def _row(self, code: str, content: Item | Announcement, *, in_file: bool) -> GuideRow:
        day, department = today(self._clock), None
        if isinstance(content, Item):
            name, effective, review_by = content.name, content.effective, content.review_by
            department = self._guides.handbook.department_name(content)
        else:
            name, effective, review_by = content.title, content.starts, content.ends
        return GuideRow(
            code=code,
            name=name,
            department=department,
            version=content.version,
            effective=effective,
            review_by=review_by,
            overdue=review_by is not None and review_by < day,
            in_file=in_file,
            open_state=None,
            open_version=None,
            open_by=None,
        )

    def _new_row(self, version: Version, names: Names) -> GuideRow:
        row = GuideRow(
            code=version.code, name=version.name, department=None, version=0, effective=None,
            review_by=None, overdue=False, in_file=False, open_state=None, open_version=None,
            open_by=None,
        )  # fmt: skip
        return _opened(row, version, names)

    def _matches(self, row: GuideRow, words: str) -> bool:
        item = self._guides.handbook.items.get(row.code)
        said = (row.name, row.code, row.department or "", *(item.aliases if item else ()))
        return not words or any(words in each for each in said)

    async def waiting(self, member: StaffMember) -> Waiting:
        """Return what waits for approval (待审批)."""
        found = [v for v in await store.all_open() if v.state == "submitted"]
        found.sort(key=lambda version: version.submitted_at or version.saved_at)
        names = await self._names(found)
        return Waiting(versions=[_brief(version, names, member) for version in found])

    # -- one guide -------------------------------------------------------------------------------

    async def guide(self, member: StaffMember, kind: str, code: str) -> GuideView:
        """Return a guide: what is in force, what is open, and all that was (历史)."""
        known = rules.kind_of(kind)
        if known is None:
            raise GuideNotFound()
        in_force = await self._editing.in_force(known, code)
        versions = await store.history(known, code)
        if in_force is None and not versions:
            raise GuideNotFound()
        names = await self._names(versions)
        briefs = [_brief(version, names, member) for version in versions]
        text, number = in_force or ("", 0)
        published = any(v.version == number and v.state == "published" for v in versions)
        return GuideView(
            kind=known,
            code=code,
            name=self._name_of(known, code) or versions[0].name,
            version=number,
            in_file=in_force is not None and not published,
            text=text,
            open=next((each for each in briefs if each.state in rules.OPEN), None),
            history=briefs,
        )

    def _name_of(self, kind: Kind, code: str) -> str | None:
        if kind == "items":
            item = self._guides.handbook.items.get(code)
            return item.name if item else None
        found = self._guides.handbook.announcements.get(code)
        return found.title if found else None

    async def version(
        self, member: StaffMember, id: UUID, revision: int | None = None
    ) -> VersionView:
        """Return a version with its text, faults and changes; of a draft, any save of it."""
        version = await self._editing.version(id)
        if revision is not None and revision != version.revision:
            text = await store.saved_text(id, revision)
            if text is None:
                raise VersionNotFound()
            version = dataclasses.replace(version, text=text, revision=revision)
        saves = await store.saves(id)
        ids = {row["saved_by"] for row in saves}
        names = {**await self._names([version]), **await self._staff.names(ids)}
        old = await self._against(version)
        draft = await self._read(version)
        found = preview.changes(draft.kind, old, version.text)
        return VersionView(
            **_brief(version, names, member).model_dump(),
            text=version.text,
            faults=preview.fault_views(draft.faults),
            changes=preview.change_views(found),
            saves=[
                SaveView(
                    revision=row["revision"],
                    saved_by=names.get(row["saved_by"]),
                    saved_at=row["saved_at"],
                )
                for row in saves
            ],
        )

    async def _against(self, version: Version) -> str | None:
        """Return the text that a version was, or shall be, put in the place of."""
        kind = rules.kind_of(version.kind) or "items"
        if version.state in rules.OPEN:
            in_force = await self._editing.in_force(kind, version.code)
            return in_force[0] if in_force else None
        old = await store.by_number(kind, version.code, version.base_version)
        return old.text if old and old.id != version.id else None

    async def _read(self, version: Version) -> Draft:
        kind, day = rules.kind_of(version.kind) or "items", today(self._clock)
        text = version.text
        if version.state in rules.OPEN:
            text = stamped(kind, text, version.base_version + 1, version.publish_on or day)
        return await asyncio.to_thread(self._reader.read, kind, version.code, text, day)

    # -- preview ---------------------------------------------------------------------------------

    async def preview(self, kind: str, code: str, text: str, options: Mapping[str, str]) -> Preview:
        """Return what a text would say to citizens if it were published now; save nothing."""
        known = rules.kind_of(kind)
        if known is None:
            raise GuideNotFound()
        in_force = await self._editing.in_force(known, code)
        old, current = in_force or (None, 0)
        return await asyncio.to_thread(
            self._preview, known, code, text, old, current + 1, dict(options)
        )

    def _preview(
        self,
        kind: Kind,
        code: str,
        text: str,
        old: str | None,
        number: int,
        options: Mapping[str, str],
    ) -> Preview:
        draft, scene = self._draft(kind, code, text, number), self._guides.scene()
        return Preview(
            sound=draft.is_sound,
            version=number,
            faults=preview.fault_views(draft.faults),
            changes=preview.change_views(preview.changes(kind, old, text)),
            answers=preview.answers(draft, scene, options),
            materials=preview.materials(draft, scene, options),
            announcement=preview.announcement(draft, scene),
        )

    def _draft(self, kind: Kind, code: str, text: str, number: int) -> Draft:
        day = today(self._clock)
        return self._reader.read(kind, code, stamped(kind, text, number, day), day)

    async def checklist(self, id: UUID, options: Mapping[str, str]) -> str:
        """Return the page to print (打印清单), from a version that can be read."""
        version = await self._editing.version(id)
        page = preview.checklist(await self._read(version), self._guides.scene(), options)
        if page is None:
            raise VersionNotFound()
        return page

    async def _names(self, versions: Iterable[Version]) -> dict[UUID, str]:
        people = {
            person
            for v in versions
            for person in (*v.authors, v.saved_by, v.submitted_by, v.approved_by, v.closed_by)
            if person
        }
        return await self._staff.names(people)


def _opened(row: GuideRow, version: Version | None, names: Names) -> GuideRow:
    if version is None:
        return row
    by = "、".join(names[each] for each in version.authors if each in names)
    found = {"open_state": version.state, "open_version": version.id, "open_by": by or None}
    return row.model_copy(update=found)


def _has_state(row: GuideRow, state: str | None, published: set[str]) -> bool:
    if state == "published":
        return row.code in published
    return state is None or row.open_state == state


def _brief(version: Version, names: Names, member: StaffMember) -> VersionBrief:
    shown: dict[str, Any] = {
        name: getattr(version, name) for name in VersionBrief.model_fields if hasattr(version, name)
    }
    people = ("saved_by", "submitted_by", "approved_by", "closed_by")
    shown |= {who: names.get(getattr(version, who)) for who in people}
    shown["authors"] = [names.get(each, "") for each in version.authors]
    mine = member.id in version.authors
    return VersionBrief(**shown, state_name=texts.STATE_NAMES[version.state], mine=mine)
