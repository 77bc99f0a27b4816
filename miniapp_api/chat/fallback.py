"""The fallback (兜底): single-turn answers from the same intents and composer, without Rasa."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from intents.understand import Understander, Understanding
from miniapp_api.chat import texts
from miniapp_api.guides import payloads
from miniapp_api.guides.schemas import Answer, AnswerRequest, Link
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.logs import log

BOOKING_ASPECTS = frozenset(
    {"book", "reschedule", "cancel", "my_bookings", "wait_list", "affirm", "deny"}
)
CASE_ASPECTS = frozenset({"missing", "withdraw"})
OFFERED = 4  # candidates to choose from


class Fallback:
    """Understands one sentence and lets guides compose the answer."""

    def __init__(
        self,
        guides: GuidesService,
        handbook: Path,
        catalogues: Path,
        cache: Path,
        published: Path | None = None,
    ) -> None:
        self._guides = guides
        self._handbook = handbook
        self._catalogues: Sequence[Path] = (catalogues,)
        self._cache = cache
        self._published = published
        self._understander: Understander | None = None

    async def keep_current(self, seconds: float) -> None:
        """Load in the background, and again whenever an editor or an import changed a file."""
        while True:
            try:
                await asyncio.to_thread(self._refresh)
            except Exception as error:
                log.error("understander_not_loaded", error=type(error).__name__, trace=error)
            await asyncio.sleep(seconds)

    def _refresh(self) -> None:
        if self._understander is None or self._understander.is_stale():
            self._understander = Understander.load(
                self._handbook, self._catalogues, self._cache, self._published
            )

    def answer(self, text: str, now: datetime) -> list[Answer]:
        """Answer a sentence on its own: what was said before is not known here."""
        if self._understander is None:
            return [Answer(text=texts.WARMING_UP)]
        chosen = payloads.read(text)
        if chosen is not None:
            return [self._guides.answer(chosen)]
        understood = self._understander.understand(text, now)
        if understood.aspect in BOOKING_ASPECTS:
            return [self._no_booking(understood)]
        if understood.aspect in CASE_ASPECTS:
            return [_no_case()]
        return [self._guides.answer(_request(understood))]

    def _no_booking(self, understood: Understanding) -> Answer:
        links = [Link(title=texts.LINK_MINE, page="pages/booking/mine")]
        if understood.decision == "answer":
            page = f"pages/booking/index?item={understood.items[0].id}"
            links.insert(0, Link(title=texts.LINK_BOOKING, page=page))
        return Answer(text=texts.NO_BOOKING_BY_CHAT, links=links)


def _no_case() -> Answer:
    """A citizen's own cases are the assistant's: here is only the way to them."""
    links = [Link(title=texts.LINK_CASES, page="pages/progress/index")]
    return Answer(text=texts.NO_CASES_BY_CHAT, links=links)


def _request(understood: Understanding) -> AnswerRequest:
    """Say to the composer what was understood."""
    aspect, item = understood.aspect, None
    candidates: list[str] = []
    if understood.decision == "answer":
        item = understood.items[0].id
        aspect = "overview" if aspect in ("inform", "apply") else aspect
    elif understood.decision == "ask":
        candidates = [candidate.id for candidate in understood.items[:OFFERED]]
        aspect = "candidates"
    elif understood.decision == "unknown":
        aspect = "unknown"
    return AnswerRequest(
        aspect=aspect, item=item, candidates=candidates, tags=sorted(understood.tags)
    )
