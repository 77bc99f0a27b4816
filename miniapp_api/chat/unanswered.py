"""What citizens asked that has no answer (没答上的问题): counted, and settled by the editors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from miniapp_api.chat import rules, unanswered_store
from miniapp_api.chat.errors import QuestionNotFound, QuestionSettled
from miniapp_api.chat.unanswered_store import Disliked, Judged, Question
from miniapp_api.guides import payloads
from miniapp_api.guides.schemas import Answer
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.settings import Chat

MOST_NEAR = 5


class Unanswered:
    """Counts what was missed, without who said it; an editor settles each wording once."""

    def __init__(self, clock: Clock, settings: Chat) -> None:
        self._clock = clock
        self._settings = settings

    async def note(self, text: str, answers: Sequence[Answer]) -> None:
        """Count a question if one of its answers says that there is none.

        text: as `rules.cleaned` left it; what may name a person is not kept.
        """
        missed = [answer for answer in answers if answer.missed]
        wording = rules.wording(text) if missed else None
        if wording:
            await unanswered_store.note(wording, text, _near(missed), self._clock.now())

    async def questions(self, state: str, most: int, offset: int) -> tuple[list[Question], int]:
        """Return a page of questions, the most frequent first, and how many there are."""
        return await unanswered_store.list_(state, most, offset)

    async def question(self, id: int) -> Question:
        """Return a question; raise QuestionNotFound."""
        found = await unanswered_store.read(id)
        if found is None:
            raise QuestionNotFound()
        return found

    async def added(self, member: StaffMember, id: int, item: str) -> None:
        """Settle a question that a guide was taught to answer; raise QuestionSettled."""
        await self._settle(member, id, "added", item, None)

    async def dismiss(self, member: StaffMember, id: int, reason: str) -> None:
        """Settle a question that is none of ours; raise QuestionSettled."""
        await self._settle(member, id, "dismissed", None, reason)

    async def reopen(self, id: int) -> None:
        """Open a settled question again; raise QuestionNotFound when none is settled."""
        if not await unanswered_store.reopen(id):
            raise QuestionNotFound()

    async def disliked(self, days: int, most: int) -> list[Disliked]:
        """Return the items whose answers helped least in the last days (差评最多的事项)."""
        since = self._clock.now() - timedelta(days=days)
        return await unanswered_store.disliked(since, most)

    async def judged(self, first: date) -> list[Judged]:
        """Return how the answers were judged on each day since one (👍👎)."""
        midnight = datetime.combine(first, time(0), self._clock.now().tzinfo)
        return await unanswered_store.judged(midnight)

    async def forget(self) -> int:
        """Delete what nobody asked for as long as conversations are kept; return how many."""
        before = self._clock.now() - timedelta(days=self._settings.history_days)
        return await unanswered_store.forget(before)

    async def _settle(
        self, member: StaffMember, id: int, state: rules.Settled, item: str | None, why: str | None
    ) -> None:
        now = self._clock.now()
        if await unanswered_store.settle(id, state, item, why, member.id, now):
            return
        await self.question(id)
        raise QuestionSettled()


def _near(missed: Sequence[Answer]) -> list[str]:
    """Return the items that the answers offered instead."""
    offered = (payloads.read(reply.payload) for answer in missed for reply in answer.quick_replies)
    codes = [each.item for each in offered if each and each.item]
    return list(dict.fromkeys(codes))[:MOST_NEAR]
