"""Use cases of preferences (提醒设置): whether a citizen wants SMS."""

from __future__ import annotations

from uuid import UUID

from miniapp_api.messages.delivery import store
from miniapp_api.messages.delivery.schemas import Preferences
from miniapp_api.platform.clock import Clock


class PreferenceService:
    """Keeps what citizens chose."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def of(self, citizen: UUID) -> Preferences:
        """Return what a citizen chose: who never did gets SMS."""
        return Preferences(sms=await store.wants_sms(citizen))

    async def choose(self, citizen: UUID, chosen: Preferences) -> Preferences:
        """Keep what a citizen chooses; an SMS that waits for the morning heeds it too."""
        await store.prefer(citizen, chosen.sms, self._clock.now())
        return chosen
