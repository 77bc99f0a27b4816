"""A citizen's rights over his data (个人信息权利): consents, a copy, deletion.

Personal Information Protection Law (个人信息保护法), articles 15, 29, 45 and 47. The exception of
article 47: what the archive rules make us keep is sealed, found by no index and read by no
service, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.identity import rights_store, rules
from miniapp_api.identity.enterprises import EnterpriseService
from miniapp_api.identity.errors import ConsentMissing, ConsentNotFound
from miniapp_api.identity.grants import GrantService
from miniapp_api.identity.hooks import Kept
from miniapp_api.identity.profiles import ProfileService
from miniapp_api.identity.rights_schemas import Consents, ConsentView, Copy, Erasure, KeptView
from miniapp_api.identity.sessions import Sessions
from miniapp_api.platform import audit
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction

ERASED = ["手机号", "地址", "微信账号", "登录设备", "代办授权", "企业授权"]
NAME = "姓名和身份证号"
ALWAYS_KEPT = [
    KeptView(what="同意记录", reason="证明曾依您的同意处理个人信息（个人信息保护法第六十九条）"),
    KeptView(what="操作日志", reason="网络安全法要求至少保存六个月，其中没有您的个人信息"),
]


class RightsService:
    """Answers what citizens may ask of us."""

    def __init__(
        self,
        clock: Clock,
        sessions: Sessions,
        profiles: ProfileService,
        grants: GrantService,
        enterprises: EnterpriseService,
    ) -> None:
        self._clock = clock
        self._sessions = sessions
        self._profiles = profiles
        self._grants = grants
        self._enterprises = enterprises

    async def consent(
        self, connection: BaseDBAsyncClient, citizen: UUID, purpose: str, version: str
    ) -> None:
        """Write another room's consent (单独同意), in its transaction; purpose: up to 32 signs."""
        await rights_store.give(connection, citizen, purpose, version, self._clock.now())

    async def require_consent(self, citizen: UUID, purpose: str) -> None:
        """Raise ConsentMissing unless a consent is in force."""
        if not await rights_store.consented(citizen, purpose):
            raise ConsentMissing(purpose=purpose)

    async def consents(self, citizen: UUID) -> Consents:
        """Return a citizen's consents, in force or withdrawn."""
        texts: dict[str, str] = {str(name): text for name, text in rules.PURPOSES.items()}
        found = [
            ConsentView(text=texts.get(row["purpose"], ""), **row)
            for row in await rights_store.consents(citizen)
        ]
        return Consents(consents=found)

    async def withdraw(self, citizen: UUID, purpose: str) -> Erasure:
        """Withdraw a consent (撤回同意) and erase what was kept on its ground."""
        if not purpose.isprintable():
            raise ConsentNotFound()
        reasons = _for_name(await self._kept(citizen)) if purpose == "real_name" else []
        purposes = [purpose, "face"] if purpose == "real_name" else [purpose]
        now = self._clock.now()
        async with transaction() as connection:
            ended = await rights_store.withdraw(connection, citizen, purposes, now)
            if purpose not in ended:
                raise ConsentNotFound()
            if purpose == "real_name":
                await rights_store.drop_name(connection, citizen, now, restrict=bool(reasons))
            if purpose == "face":
                await rights_store.drop_face(connection, citizen, now)
            await self._record(connection, citizen, "consent.withdrawn", {"purpose": purpose})
        return _erasure([NAME] if purpose == "real_name" else [], reasons)

    async def copy(self, citizen: UUID, *, masked: bool) -> Copy:
        """Return a copy of what is held; in full only to who proved that he holds the phone."""
        data: dict[str, Any] = {"identity": await self._identity(citizen, masked=masked)}
        for name, export in self._profiles.exporters.items():
            data[name] = await export(citizen, masked=masked)
        async with transaction() as connection:
            await self._record(connection, citizen, "identity.exported", {"masked": masked})
        return Copy(exported_at=self._clock.now(), masked=masked, data=data)

    async def _identity(self, citizen: UUID, *, masked: bool) -> dict[str, Any]:
        me = await self._profiles.me(citizen)
        held: dict[str, Any] = me.model_dump(mode="json")
        if not masked:
            held |= await self._in_full(citizen)
        lists: dict[str, Sequence[BaseModel]] = {
            "devices": await self._sessions.devices(citizen, None),
            "principals": await self._grants.principals(citizen),
            "agents": await self._grants.agents(citizen),
            "enterprises": await self._enterprises.mine(citizen),
            "delegations": await self._enterprises.offers(citizen),
            "consents": (await self.consents(citizen)).consents,
        }
        return held | {
            name: [each.model_dump(mode="json") for each in found] for name, found in lists.items()
        }

    async def _in_full(self, citizen: UUID) -> dict[str, Any]:
        person = await self._profiles.person(citizen)
        return {
            "phone": await self._profiles.phone(citizen),
            "address": await self._profiles.address(citizen),
            "name": person.name if person else None,
            "id_number": person.id_number if person else None,
        }

    async def delete(self, citizen: UUID) -> Erasure:
        """Erase a citizen's data (注销), log him out, and say what is kept and why."""
        await self._sessions.end_all(citizen)
        kept, now = await self._kept(citizen), self._clock.now()
        reasons, erased = _for_name(kept), list(ERASED)
        async with transaction() as connection:
            named = await rights_store.holds_name(connection, citizen)
            if await rights_store.lock(connection, citizen):
                if named:
                    await rights_store.drop_name(connection, citizen, now, restrict=bool(reasons))
                await rights_store.erase(connection, citizen, now)
                for erase in self._profiles.erasers.values():
                    erased += await erase(connection, citizen)
                await self._record(connection, citizen, "identity.erased", {"kept": bool(reasons)})
        await self._sessions.end_all(citizen)  # who logged in meanwhile
        erasure = _erasure([*erased, NAME] if named else erased, reasons)
        rooms = [KeptView(what=each.what, reason=each.reason) for each in kept]
        return erasure.model_copy(update={"kept": [*erasure.kept, *rooms, *ALWAYS_KEPT]})

    async def _kept(self, citizen: UUID) -> list[Kept]:
        """Return what must be kept (档案例外), as the rooms say."""
        return [
            each for retain in self._profiles.retainers.values() for each in await retain(citizen)
        ]

    async def _record(
        self, connection: BaseDBAsyncClient, citizen: UUID, action: str, detail: dict[str, Any]
    ) -> None:
        actor, now = audit.Actor("citizen", citizen), self._clock.now()
        await audit.record(connection, actor, action, f"citizen:{citizen}", at=now, detail=detail)


def _for_name(kept: Sequence[Kept]) -> list[str]:
    """Return why the name is kept, for the archive alone."""
    return [each.reason for each in kept if each.needs_name]


def _erasure(items: list[str], reasons: list[str]) -> Erasure:
    """Name is kept, with the reasons, or erased."""
    kept = [KeptView(what=NAME, reason=reason) for reason in reasons if NAME in items]
    return Erasure(erased=[item for item in items if not (kept and item == NAME)], kept=kept)
