"""Use cases of a human agent (人工坐席): see who waits, take over, talk, hand back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications.errors import ApplicationNotFound
from miniapp_api.applications.schemas import CaseView
from miniapp_api.chat import handover_store, rules, store, texts
from miniapp_api.chat.errors import HandoverNotAllowed, HandoverNotFound, HandoverTaken
from miniapp_api.chat.handover_names import named
from miniapp_api.chat.handover_schemas import (
    Canned,
    Desk,
    DeskCase,
    DeskConversation,
    DeskItem,
    DeskRow,
    DeskUpdates,
)
from miniapp_api.chat.handover_store import Handover
from miniapp_api.chat.handovers import Handovers
from miniapp_api.chat.service import entry
from miniapp_api.guides.composer import ABOUT_ITEM
from miniapp_api.guides.errors import ItemNotFound
from miniapp_api.guides.schemas import AnswerRequest
from miniapp_api.guides.service import GuidesService
from miniapp_api.messages.service import MessageService
from miniapp_api.platform import audit
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction

MOST_LISTED = 300
SHOWN = 60  # messages of a conversation
UPDATES = 100
EXCERPT, LONGEST_ANSWER = 30, 60  # characters in the inbox: all of it stands in the conversation
KIND = "message_answered"  # in the inbox
# What an agent may do with a hand-over, in the order of its buttons.
MAY: dict[rules.State, tuple[rules.Step, ...]] = {
    "waiting": ("take",),
    "active": ("hand_back", "close", "release"),
    "message": ("answer",),
    "closed": (),
}
FAREWELLS: dict[rules.Step, str] = {
    "hand_back": texts.HANDED_BACK,
    "close": texts.CLOSED,
    "release": texts.RELEASED,
}


class Cases(Protocol):
    """Shows a citizen's case (办件)."""

    async def view(self, citizen: UUID, id: UUID) -> CaseView:
        """Return a case; raise ApplicationNotFound for another's."""


class AgentDesk:
    """What an agent sees and does: nobody's name, and only conversations that asked for him."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        handovers: Handovers,
        cases: Cases,
        messages: MessageService,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._handovers = handovers
        self._cases = cases
        self._messages = messages

    async def desk(self, agent: StaffMember) -> Desk:
        """List who waits, mine and messages; it says that the agent is there."""
        now = self._clock.now()
        number = await handover_store.at_desk(agent.id, now)
        rows = await handover_store.desk(agent.id, MOST_LISTED)
        listed: dict[str, list[DeskRow]] = {"waiting": [], "active": [], "message": []}
        for row in rows:
            listed[row.state].append(self._row(row, now))
        return Desk(
            agent=named(number) or "",
            attended=self._handovers.hours.attended(now),
            waiting=listed["waiting"],
            mine=listed["active"],
            messages=listed["message"],
        )

    async def open(self, agent: StaffMember, id: UUID) -> DeskConversation:
        """Show a conversation with its context; a case that is shown stands in the audit trail."""
        found = await self._mine_or_nobodys(agent, id)
        said = await store.history(found.conversation, SHOWN)
        return DeskConversation(
            handover=self._row(found, self._clock.now()),
            item=self._item(found.item),
            candidates=[item for code in found.candidates if (item := self._item(code))],
            case=await self._case(agent, found),
            messages=[entry(row) for row in said],
            may=list(MAY[found.state]),
        )

    async def updates(self, agent: StaffMember, id: UUID, since: int) -> DeskUpdates:
        """Return what was said since, as long as it is mine or nobody's."""
        found = await self._mine_or_nobodys(agent, id)
        said = await store.since(found.conversation, since, UPDATES)
        return DeskUpdates(state=found.state, messages=[entry(row) for row in said])

    async def take(self, agent: StaffMember, id: UUID) -> None:
        """Take over; of two who click at once one is told HandoverTaken."""
        now = self._clock.now()
        number = await handover_store.at_desk(agent.id, now)
        async with transaction() as connection:
            found = await self._locked(connection, id)
            if not await handover_store.move(connection, id, "take", now, by=agent.id):
                raise HandoverTaken() if found.state == "active" else _refused(found)
            text = texts.TAKEN.format(agent=named(number))
            await self._handovers.tell(connection, found.conversation, text)
            await self._record(connection, agent, "taken", id, now)

    async def say(self, agent: StaffMember, id: UUID, text: str, key: str | None) -> int:
        """Say something to the citizen; a repeated key says it once."""
        now, kept = self._clock.now(), _key(agent, key)
        number = await handover_store.at_desk(agent.id, now)
        plain = rules.CONTROLS.sub("", text).strip()
        async with transaction() as connection:
            found = await self._locked(connection, id)
            _require_mine(found, agent)
            said = await handover_store.say(
                connection, found.conversation, now, text=plain, agent=number, key=kept
            )
            if said is None:
                return await handover_store.keyed(connection, found.conversation, kept or "")
            await self._handovers.spread(connection, found.conversation, plain)
        return said

    async def end(self, agent: StaffMember, id: UUID, step: rules.Step) -> None:
        """Hand back to the assistant, close, or put back into the line; the citizen is told."""
        now = self._clock.now()
        async with transaction() as connection:
            found = await self._locked(connection, id)
            _require_mine(found, agent)
            await handover_store.move(connection, id, step, now, holder=agent.id)
            await self._handovers.tell(connection, found.conversation, FAREWELLS[step])
            await self._record(connection, agent, step, id, now)

    async def answer(self, agent: StaffMember, id: UUID, text: str) -> None:
        """Answer a message: it stands in the conversation, and in the citizen's inbox."""
        now, plain = self._clock.now(), rules.CONTROLS.sub("", text).strip()
        number = await handover_store.at_desk(agent.id, now)
        async with transaction() as connection:
            found = await self._locked(connection, id)
            citizen = await handover_store.lock(connection, found.conversation)
            if not await handover_store.move(connection, id, "answer", now, by=agent.id):
                raise _refused(found)
            await handover_store.say(connection, found.conversation, now, text=plain, agent=number)
            await self._handovers.spread(connection, found.conversation, plain)
            if citizen is not None:
                asked, told = _clipped(found.question, EXCERPT), _clipped(plain, LONGEST_ANSWER)
                about = {"question": asked, "answer": told}
                await self._messages.tell(connection, citizen, KIND, about=about, due=now)
            await self._record(connection, agent, "answered", id, now)

    def canned(self, item: str, aspect: str) -> Canned:
        """Return an answer of the handbook to send or edit; raise ItemNotFound, AspectUnknown."""
        answer = self._guides.answer(AnswerRequest(aspect=aspect, item=item))
        return Canned(text=answer.text, links=answer.links, aspects=[str(a) for a in ABOUT_ITEM])

    # -- inside ----------------------------------------------------------------------------------

    async def _mine_or_nobodys(self, agent: StaffMember, id: UUID) -> Handover:
        found = await handover_store.read(id)
        if found is None or found.state == "closed":
            raise HandoverNotFound()
        if found.state == "active" and found.staff != agent.id:
            raise HandoverTaken()
        return found

    async def _locked(self, connection: BaseDBAsyncClient, id: UUID) -> Handover:
        """Return a hand-over whose conversation is locked, so that it stays as it is."""
        seen = await handover_store.read(id, connection)
        if seen is None:
            raise HandoverNotFound()
        await handover_store.lock(connection, seen.conversation)
        found = await handover_store.read(id, connection)
        if found is None:
            raise HandoverNotFound()
        return found

    async def _case(self, agent: StaffMember, found: Handover) -> DeskCase | None:
        """Return the case that the citizen asked about, if it is his; reading it is recorded."""
        known, citizen = await store.owner(found.conversation)
        if found.case is None or not known or citizen is None:
            return None
        try:
            case = await self._cases.view(citizen, found.case)
        except ApplicationNotFound:
            return None
        async with transaction() as connection:
            detail = {"application": str(found.case), "purpose": "handover"}
            now = self._clock.now()
            await self._record(connection, agent, "case_read", found.id, now, detail)
        shown = {name: getattr(case, name) for name in SHOWN_OF_CASE}
        return DeskCase(**shown, missing=[each.title for each in case.missing])

    async def _record(
        self,
        connection: BaseDBAsyncClient,
        agent: StaffMember,
        what: str,
        id: UUID,
        now: datetime,
        detail: dict[str, Any] | None = None,
    ) -> None:
        action, subject = f"handover.{what}", f"handover:{id}"
        await audit.by_staff(connection, agent, action, subject, at=now, detail=detail)

    def _item(self, code: str | None) -> DeskItem | None:
        if code is None:
            return None
        try:
            item, scene = self._guides.item(code), self._guides.scene()
        except ItemNotFound:
            return None
        department = scene.handbook.department_name(item)
        notice = None if item.verified else texts.NOT_VERIFIED
        return DeskItem(code=item.code, name=item.name, department=department, notice=notice)

    def _row(self, found: Handover, now: datetime) -> DeskRow:
        return DeskRow(
            id=found.id,
            state=found.state,  # type: ignore[arg-type]
            question=found.question,
            item=found.item,
            item_name=self._guides.name_of(found.item) if found.item else None,
            asked_at=found.asked_at,
            promised_for=found.promised_for if found.state == "message" else None,
            waited_minutes=max(0, int((now - found.asked_at).total_seconds()) // 60),
            unread=found.unread,
        )


SHOWN_OF_CASE: Iterable[str] = (
    "number", "item_name", "state_name", "submitted_at", "due_on", "clock",
)  # fmt: skip


def _require_mine(found: Handover, agent: StaffMember) -> None:
    if found.state == "active" and found.staff != agent.id:
        raise HandoverTaken()
    if found.state != "active":
        raise _refused(found)


def _refused(found: Handover) -> HandoverNotFound | HandoverNotAllowed:
    return HandoverNotFound() if found.state == "closed" else HandoverNotAllowed(state=found.state)


def _key(agent: StaffMember, key: str | None) -> str | None:
    """Return the key under which an agent's words are kept: never a citizen's."""
    if key is None:
        return None
    return "agent:" + hashlib.sha256(f"{agent.id}:{key}".encode()).hexdigest()[:48]


def _clipped(text: str, most: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"
