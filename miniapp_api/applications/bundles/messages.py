"""What is told of a bundle (一件事消息): once for all members, not once for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications.bundles.store import Stored
from miniapp_api.applications.case_store import Case
from miniapp_api.guides.service import GuidesService
from miniapp_api.messages.service import MessageService
from miniapp_api.platform.clock import Clock

WAITING = "{count}个后面的事项等前面的办好再受理。"


class BundleMessages:
    """Tells the citizen, and whom the matter is about."""

    def __init__(self, guides: GuidesService, clock: Clock, messages: MessageService) -> None:
        self._guides = guides
        self._clock = clock
        self._messages = messages

    async def submitted(
        self, connection: BaseDBAsyncClient, bundle: Stored, number: str, count: int
    ) -> None:
        """Tell that all cases came in."""
        about = {"number": number, "count": count, "lead": self.office(bundle)}
        await self._tell(connection, bundle, "bundle_submitted", about)

    async def correction(self, connection: BaseDBAsyncClient, bundle: Stored, until: date) -> None:
        """Tell what is missing over all cases, once (一次性告知)."""
        about = {"until": f"{until:%Y-%m-%d}"}
        await self._tell(connection, bundle, "bundle_correction", about)

    async def corrected(self, connection: BaseDBAsyncClient, bundle: Stored) -> None:
        """Tell that the correction came in."""
        await self._tell(connection, bundle, "bundle_corrected", {})

    async def accepted(
        self, connection: BaseDBAsyncClient, bundle: Stored, accepted: int, waiting: int
    ) -> None:
        """Tell that the cases are accepted together."""
        later = WAITING.format(count=waiting) if waiting else ""
        about = {"count": accepted, "waiting": later}
        await self._tell(connection, bundle, "bundle_accepted", about)

    async def resumed(self, connection: BaseDBAsyncClient, bundle: Stored, case: Case) -> None:
        """Tell that a case goes on that waited for another."""
        about = {"item_name": case.item_name, "number": case.number}
        await self._tell(connection, bundle, "bundle_resumed", about)

    async def withdrawn(
        self, connection: BaseDBAsyncClient, bundle: Stored, cases: Sequence[Case]
    ) -> None:
        """Tell which cases were taken back."""
        names = "、".join(case.item_name for case in cases)
        about = {"count": len(cases), "items": names}
        await self._tell(connection, bundle, "bundle_withdrawn", about)

    def office(self, bundle: Stored) -> str:
        """Return the name of the leading department (牵头部门)."""
        lead = self._guides.handbook.departments.get(bundle.lead)
        return lead.name if lead else bundle.lead

    async def _tell(
        self, connection: BaseDBAsyncClient, bundle: Stored, kind: str, about: dict[str, Any]
    ) -> None:
        now = self._clock.now()
        facts = {"name": bundle.name, "number": bundle.number, "bundle": str(bundle.id), **about}
        told = {bundle.citizen} | ({bundle.applicant} if bundle.kind == "person" else set())
        for citizen in told:
            used = kind == "bundle_submitted" and bundle.grant and citizen != bundle.citizen
            said = "consent_used" if used else kind
            facts |= {"item_name": bundle.name} if used else {}
            await self._messages.tell(connection, citizen, said, about=facts, due=now)
