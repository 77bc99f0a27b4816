"""What certificates have for a citizen's rights over his data: a copy, what is kept, deletion."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from miniapp_api.certificates import ledger_store, store, views
from miniapp_api.certificates.ledger import LedgerService
from miniapp_api.certificates.rules import Holder
from miniapp_api.certificates.service import VaultService
from miniapp_api.certificates.store import Connection
from miniapp_api.identity.hooks import Kept
from miniapp_api.platform.clock import Clock

ISSUED = (
    "证照是行政机关依法签发的，随办件归档保存（档案法、政务服务电子文件归档和电子档案管理办法）"
)
LEDGER = "证明用您的数据时有您的授权（个人信息保护法第六十九条），其中没有您的姓名和号码"
COPIES = "部门共享的证照副本"

InCases = Callable[[Connection, UUID], Awaitable[set[UUID]]]


class CertificateRights:
    """Answers for the vault and the ledger."""

    def __init__(self, vault: VaultService, ledger: LedgerService, clock: Clock) -> None:
        self._vault = vault
        self._ledger = ledger
        self._clock = clock
        self._in_cases: InCases | None = None

    def in_cases(self, which: InCases) -> None:
        """Let the room of the cases say which of a citizen's certificates stand in them."""
        self._in_cases = which

    async def export(self, citizen: UUID, *, masked: bool) -> dict[str, Any]:
        """Return a citizen's certificates, authorisations and ledger."""
        return {
            "certificates": await self._certificates(citizen, masked=masked),
            "authorisations": [dict(row) for row in await ledger_store.authorised(citizen)],
            "ledger": [e.model_dump(mode="json") for e in await self._ledger.every(citizen)],
        }

    async def _certificates(self, citizen: UUID, *, masked: bool) -> list[dict[str, Any]]:
        now, held = self._clock.now(), await self._vault.own(Holder("person", citizen))
        show = views.detail if masked else views.whole
        return [show(each, now).model_dump(mode="json") for each in held]

    async def retain(self, citizen: UUID) -> list[Kept]:
        """Say that issued certificates and the ledger are kept."""
        kept = []
        if issued := await store.issued(Holder("person", citizen)):
            kept.append(Kept(f"已签发的电子证照（{issued}个）", ISSUED))
        if await ledger_store.own(citizen, None, 1):
            kept.append(Kept("数据共享台账", LEDGER))
        return kept

    async def erase(self, connection: Connection, citizen: UUID) -> list[str]:
        """Delete copies of departments' certificates, but for those that stand in cases."""
        used = await self._in_cases(connection, citizen) if self._in_cases else set()
        holder = Holder("person", citizen)
        return [COPIES] if await self._vault.forget_fetched(connection, holder, used) else []
