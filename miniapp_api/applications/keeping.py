"""What time does to applications (到期处理): corrections lapse, forgotten drafts go."""

from __future__ import annotations

from miniapp_api.applications import case_store, desk_store
from miniapp_api.applications.bundles.service import Bundles
from miniapp_api.applications.drafts import DraftService
from miniapp_api.applications.errors import ActionNotAllowed, CaseChanged
from miniapp_api.applications.steps import Doer, Said, Steps
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction

BATCH = 100


class Keeping:
    """Looks at the clocks from time to time."""

    def __init__(
        self, clock: Clock, steps: Steps, drafts: DraftService, bundles: Bundles, draft_days: int
    ) -> None:
        self._clock = clock
        self._steps = steps
        self._drafts = drafts
        self._bundles = bundles
        self._draft_days = draft_days

    async def sweep(self) -> int:
        """Close cases that were not completed in time and return how many."""
        await self._drafts.forget(self._draft_days)
        await self._bundles.forget(self._draft_days)
        lapsed = 0
        for id in await desk_store.overdue_corrections(self._clock.now().date(), BATCH):
            case = await case_store.read(id)
            if case is None:
                continue
            try:
                async with transaction() as connection:
                    await self._steps.take(connection, case, "lapse", Doer("system"), Said())
            except (ActionNotAllowed, CaseChanged):
                continue  # the citizen, or another process, was quicker
            lapsed += 1
        return lapsed
