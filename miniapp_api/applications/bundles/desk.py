"""Use cases of joint acceptance (联合受理): the leading department accepts all members in one step.

Everything happens under the locks of the bundle and of its cases, in one transaction: all cases
move, or none. Afterwards every department reviews its own at its own desk (并联审批).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import desk_store, draft_store
from miniapp_api.applications.bundles import merging
from miniapp_api.applications.bundles import rules as bundle_rules
from miniapp_api.applications.bundles import store as bundle_store
from miniapp_api.applications.bundles.gate import outcomes
from miniapp_api.applications.bundles.messages import BundleMessages
from miniapp_api.applications.bundles.progress import Under
from miniapp_api.applications.bundles.rules import JOINT
from miniapp_api.applications.bundles.schemas import JointAction, JointClaimed, JointMissing
from miniapp_api.applications.bundles.store import Stored
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.desk_texts import PROBLEMS
from miniapp_api.applications.draft_store import Attached
from miniapp_api.applications.errors import (
    ActionNotAllowed,
    AlreadyClaimed,
    AwaitsPredecessor,
    BundleChanged,
    BundleMemberUnknown,
    BundleNotFound,
    BundleWithCitizen,
    CorrectionEmpty,
    LeaseExpired,
    MaterialUnknown,
    NotClaimed,
    NotTheLead,
)
from miniapp_api.applications.opening import Opener
from miniapp_api.applications.steps import Doer, Said, Steps
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform import audit
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import Rows, transaction


class JointDesk:
    """Lets clerks of the leading department act for all."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        steps: Steps,
        opener: Opener,
        messages: BundleMessages,
        lease_minutes: int,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._steps = steps
        self._opener = opener
        self._messages = messages
        self._lease = timedelta(minutes=lease_minutes)

    # -- reading ---------------------------------------------------------------------------------

    async def inbox(self, member: StaffMember, limit: int) -> Rows:
        """Return the bundles that wait for a clerk, the most urgent first."""
        return await bundle_store.inbox(sorted(member.departments), limit)

    async def read(self, member: StaffMember, id: UUID, purpose: str) -> Under:
        """Return a bundle in full; why it was read stands in every case's audit trail."""
        under = await self._under(member, id)
        async with transaction() as connection:
            for case in under.cases:
                await self._record(connection, member, f"case:{case.id}", "case.read", {
                    "purpose": purpose, "bundle": str(id)})  # fmt: skip
        return under

    async def file(self, member: StaffMember, id: UUID, file: UUID, purpose: str) -> Attached:
        """Return a file of any case, and write into the audit trail that it was read."""
        under = await self._under(member, id)
        for case in under.cases:
            for each in await draft_store.attached(case.id):
                if each.id == file and each.blob:
                    detail = {"purpose": purpose, "file": str(file), "bundle": str(id)}
                    async with transaction() as connection:
                        subject = f"case:{case.id}"
                        await self._record(connection, member, subject, "case.file_read", detail)
                    return each
        raise MaterialUnknown()

    # -- claiming --------------------------------------------------------------------------------

    async def claim(self, member: StaffMember, id: UUID) -> JointClaimed:
        """Take all cases for as long as the lease lasts; again prolongs it. Or AlreadyClaimed."""
        now = self._clock.now()
        until = now + self._lease
        async with transaction() as connection:
            under = await self._locked(connection, member, id)
            ids = [case.id for case in _joint(under)]
            for waiting in ids:
                if not await desk_store.claim(connection, waiting, member.id, until, now):
                    raise AlreadyClaimed()
            doer, said = Doer("clerk", member.id), self._led_by(under)
            for case in await bundle_store.lock_cases(connection, ids):
                if case.state == "submitted":
                    await self._steps.take(connection, case, "claim", doer, said)
            await self._record(connection, member, f"bundle:{id}", "bundle.claimed", {})
            fresh = await self._reloaded(connection, under)
        return JointClaimed(id=id, version=fresh.version, lease_until=until)

    async def release(self, member: StaffMember, id: UUID) -> None:
        """Put all cases back; raise NotClaimed."""
        async with transaction() as connection:
            under = await self._locked(connection, member, id)
            freed = [await desk_store.release(case.id, member.id) for case in _joint(under)]
            if not any(freed):
                raise NotClaimed()

    # -- acting ----------------------------------------------------------------------------------

    async def act(self, member: StaffMember, id: UUID, asked: JointAction) -> Under:
        """Accept for all, or say once what is missing over all; raise what forbids it."""
        async with transaction() as connection:
            under = await self._locked(connection, member, id)
            if under.version != asked.version:
                raise BundleChanged(version=under.version)
            cases = _joint(under)
            self._require_claim(member, cases)
            if asked.action == "accept":
                detail = await self._accept(connection, member, under, cases, asked)
            else:
                detail = await self._correct(connection, member, under, cases, asked)
            for case in cases:
                subject = f"case:{case.id}"
                about = {"bundle": str(id)}
                await self._record(connection, member, subject, f"case.joint_{asked.action}", about)
            action = f"bundle.{asked.action}"
            await self._record(connection, member, f"bundle:{id}", action, detail)
        return await self._under(member, id)

    async def _accept(
        self,
        connection: BaseDBAsyncClient,
        member: StaffMember,
        under: Under,
        cases: Sequence[Case],
        asked: JointAction,
    ) -> dict[str, Any]:
        """Accept, refuse or let wait every case; clocks of those accepted start the same day."""
        refused = {each.item: each.reason for each in asked.refused}
        if not refused.keys() <= {case.item for case in cases}:
            raise BundleMemberUnknown()
        doer, done = Doer("clerk", member.id), Counter[str]()
        for case in cases:  # whoever is waited for comes first
            if reason := refused.get(case.item):
                await self._steps.take(connection, case, "refuse", doer, Said(note=reason))
                done["refuse"] += 1
            else:
                done[await self._accept_one(connection, doer, under, case, asked.note)] += 1
        await bundle_store.conclude(connection, under.stored.id, self._clock.now())
        if done["accept"]:
            await self._messages.accepted(connection, under.stored, done["accept"], done["wait"])
        return dict(done)

    async def _accept_one(
        self, connection: BaseDBAsyncClient, doer: Doer, under: Under, case: Case, note: str
    ) -> bundle_rules.Verdict:
        """Accept a case, or let it wait for what it builds on; raise AwaitsPredecessor."""
        waits = next(each.waits_for for each in under.members if each.id == case.id)
        known = outcomes(await bundle_store.standings(under.stored.id))
        verdict = bundle_rules.verdict(waits, known)
        if verdict == "blocked":
            failed = [item for item in waits if known.get(item) == "failed"]
            raise AwaitsPredecessor(item=case.item, items=failed)
        said = Said({"handed_on": True}, note, quiet=True, release=True)
        if verdict == "wait":
            await self._steps.take(connection, case, "wait", Doer("system"), said)
        else:
            await self._steps.take(connection, case, "accept", doer, said)
        return verdict

    async def _correct(
        self,
        connection: BaseDBAsyncClient,
        member: StaffMember,
        under: Under,
        cases: Sequence[Case],
        asked: JointAction,
    ) -> dict[str, Any]:
        """Send one notice over all cases; those that miss nothing wait for the others."""
        if any(case.corrections for case in under.cases):
            raise ActionNotAllowed(state="pre_review", allowed=["accept"])
        missing = self._missing(under, cases, asked.missing)
        doer, until = Doer("clerk", member.id), None
        for case in cases:
            if case.id not in missing:
                await desk_store.release(case.id, member.id)
                continue
            said = Said({"missing": missing[case.id]}, asked.note, quiet=True)
            moved = await self._steps.take(connection, case, "request_correction", doer, said)
            until = moved.correct_until
        if until is not None:
            await self._messages.correction(connection, under.stored, until)
        return {"cases": len(missing), "named": len(asked.missing)}

    def _missing(
        self, under: Under, cases: Sequence[Case], named: Sequence[JointMissing]
    ) -> Mapping[UUID, list[dict[str, str]]]:
        """Return what each case's part of the notice names; or CorrectionEmpty.

        A thing of the merged form is missing in every case that has it, or in those named.
        """
        bundle = self._guides.handbook.bundles.get(under.stored.code)
        found: dict[UUID, list[dict[str, str]]] = {}
        for each in named:
            keys = merging.keys_of(bundle, each.name)
            concerned = [c for c in cases if each.items is None or c.item in each.items]
            rows = [(c.id, row) for c in concerned for row in self._rows(c, keys, each)]
            if not rows:
                raise CorrectionEmpty()
            for id, row in rows:
                found.setdefault(id, []).append(row)
        if not found:
            raise CorrectionEmpty()
        return found

    def _rows(self, case: Case, keys: Collection[str], each: JointMissing) -> list[dict[str, str]]:
        """Return how a case's part of the notice names a thing of the merged form."""
        problem = each.words or PROBLEMS[each.problem]
        return [
            {"name": name, "title": title, "problem": problem}
            for name, title in self._opener.titles(case).items()
            if name in keys
        ]

    # -- inside ----------------------------------------------------------------------------------

    async def _under(self, member: StaffMember, id: UUID) -> Under:
        """Return a bundle that a clerk may lead; or BundleNotFound, NotTheLead."""
        stored = _led(member, await bundle_store.read(id))
        members = await bundle_store.members(id)
        cases = await bundle_store.cases([each.id for each in members])
        return Under(stored, members, cases)

    async def _locked(self, connection: BaseDBAsyncClient, member: StaffMember, id: UUID) -> Under:
        stored = _led(member, await bundle_store.lock(connection, id))
        members = await bundle_store.members(id)
        return await self._reloaded(connection, Under(stored, members, ()))

    async def _reloaded(self, connection: BaseDBAsyncClient, under: Under) -> Under:
        ids = [each.id for each in under.members]
        cases = await bundle_store.lock_cases(connection, ids)
        return Under(under.stored, under.members, cases)

    def _led_by(self, under: Under) -> Said:
        return Said({"office": self._messages.office(under.stored)})

    def _require_claim(self, member: StaffMember, cases: Sequence[Case]) -> None:
        now = self._clock.now()
        for case in cases:
            if case.assigned_to != member.id or case.state != "pre_review":
                raise NotClaimed(taken=case.assigned_to is not None)
            if case.lease_until is None or case.lease_until <= now:
                raise LeaseExpired()

    async def _record(
        self,
        connection: BaseDBAsyncClient,
        member: StaffMember,
        subject: str,
        action: str,
        detail: dict[str, Any],
    ) -> None:
        now = self._clock.now()
        await audit.by_staff(connection, member, action, subject, at=now, detail=detail)


def _led(member: StaffMember, stored: Stored | None) -> Stored:
    if stored is None or stored.number is None:
        raise BundleNotFound()
    if not bundle_rules.may_lead(member.departments, stored.lead, stored.departments):
        raise NotTheLead()
    return stored


def _joint(under: Under) -> list[Case]:
    """Return the cases that wait for joint acceptance; raise what forbids it now."""
    if under.stored.concluded_at is not None:
        raise ActionNotAllowed(state="accepted", allowed=[])
    if under.in_correction():
        raise BundleWithCitizen()
    cases = [case for case in under.cases if case.state in JOINT]
    if not cases:
        raise ActionNotAllowed(allowed=[])
    return cases
