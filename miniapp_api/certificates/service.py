"""Use cases of the vault (电子证照库): issue, suspend, revoke, keep, find, open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson

from miniapp_api.certificates import rules, store
from miniapp_api.certificates.departments import DepartmentCertificate
from miniapp_api.certificates.errors import (
    CertificateNotChangeable,
    CertificateNotFound,
)
from miniapp_api.certificates.rules import Certificate, CertificateBrief, Department, Holder
from miniapp_api.certificates.sources import TypeSource
from miniapp_api.certificates.store import Connection, Stored
from miniapp_api.certificates.types import Types
from miniapp_api.platform import audit
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer

MOST_SHOWN = 200
VERSION = "001"


@dataclass(frozen=True)
class Issuing:
    """What our own decision issues (我方决定签发的证照)."""

    type_id: str
    holder: Holder
    holder_name: str
    holder_code: str
    authority_name: str
    valid_from: date
    valid_until: date | None
    content: dict[str, Any]
    case: UUID
    item: str | None


class VaultService:
    """Keeps everybody's certificates."""

    def __init__(
        self, types: Types, sealer: Sealer, clock: Clock, cache: timedelta, area_code: str
    ) -> None:
        self._types = types
        self._sealer = sealer
        self._clock = clock
        self._cache = cache
        self._area_code = area_code

    # -- our own decisions -----------------------------------------------------------------------

    async def issue(
        self,
        connection: Connection,
        *,
        type_id: str,
        holder: Holder,
        holder_name: str,
        holder_code: str,
        authority_name: str,
        valid_from: date,
        valid_until: date | None,
        content: dict[str, Any],
        case: UUID,
        item: str | None = None,
    ) -> Certificate:
        """Issue a certificate (签发) in the caller's transaction, once a case, type and holder.

        Without an end of its own it ends as its type says. content["certificate_number"] is its
        number; without one it gets one. Raises CertificateTypeUnknown.
        """
        source = self._types.require(type_id)
        until = rules.end_of(valid_from, valid_until, source.valid_months)
        issuing = Issuing(
            type_id, holder, holder_name, holder_code, authority_name, valid_from, until,
            content, case, item,
        )  # fmt: skip
        id, now = uuid4(), self._clock.now()
        if await store.insert(connection, await self._row(id, issuing, now)):
            detail = {"type": type_id, "case": str(case)}
            subject = f"certificate:{id}"
            await audit.record(
                connection, audit.SYSTEM, "certificate.issued", subject, at=now, detail=detail
            )
        issued = await store.of_case(connection, case, type_id, holder)
        if issued is None:
            raise CertificateNotFound()
        return await self._opened(issued)

    async def change(
        self,
        connection: Connection,
        id: UUID,
        action: rules.Action,
        *,
        reason: str,
        actor: audit.Actor,
        hall: str | None = None,
    ) -> Certificate:
        """Suspend (暂扣), restore (恢复) or revoke (吊销) a certificate that we issued.

        Raises CertificateNotFound, or CertificateNotChangeable when its state does not allow it.
        """
        before, after = rules.CHANGES[action]
        now = self._clock.now()
        sealed = await self._sealer.seal(reason, _place("status_reason", id))
        if not await store.change(connection, id, before, after, sealed, now):
            known = await store.read(id, connection)
            raise CertificateNotChangeable() if known else CertificateNotFound()
        subject, done = f"certificate:{id}", f"certificate.{after}"
        detail = {"action": action}
        await audit.record(connection, actor, done, subject, at=now, hall=hall, detail=detail)
        return await self.open(id, connection)

    async def suspend(
        self, connection: Connection, id: UUID, *, reason: str, actor: audit.Actor
    ) -> Certificate:
        """Suspend a certificate (暂扣)."""
        return await self.change(connection, id, "suspend", reason=reason, actor=actor)

    async def revoke(
        self, connection: Connection, id: UUID, *, reason: str, actor: audit.Actor
    ) -> Certificate:
        """Revoke a certificate (吊销), for good."""
        return await self.change(connection, id, "revoke", reason=reason, actor=actor)

    # -- what departments told -------------------------------------------------------------------

    async def keep(
        self,
        connection: Connection,
        holder: Holder,
        department: Department,
        told: DepartmentCertificate | None,
        type_id: str,
    ) -> CertificateBrief | None:
        """Keep what a department told (缓存), the holder locked; the same again is only renewed."""
        now = self._clock.now()
        fresh_until = now + self._cache
        last = await store.fetched(connection, holder, type_id)
        if told is None:
            await store.supersede(connection, holder, type_id, now)
            return None
        index = self._content_index(told)
        if last is not None and last[0] == index:
            await store.renew(connection, last[1].id, fresh_until)
        else:
            await store.supersede(connection, holder, type_id, now)
            row = await self._told_row(holder, department, told, now, index)
            await store.insert(connection, {**row, "fresh_until": fresh_until})
        kept = await store.fetched(connection, holder, type_id)
        return kept[1] if kept else None

    async def lock(self, connection: Connection, holder: Holder) -> None:
        """Write for a holder alone until the transaction ends."""
        await store.lock_holder(connection, holder)

    async def forget_fetched(
        self, connection: Connection, holder: Holder, but: Iterable[UUID] = ()
    ) -> int:
        """Delete what departments told about a holder (删除共享数据) and return how much it was.

        but: certificates that stand in cases, and belong to their archive.
        """
        return await store.forget_fetched(connection, holder, but)

    # -- finding and opening ---------------------------------------------------------------------

    async def covering(
        self,
        holder: Holder,
        type_ids: Iterable[str],
        today: date,
        connection: Connection | None = None,
    ) -> dict[str, CertificateBrief]:
        """Return which valid certificates the vault holds of some types (免提交)."""
        held = await store.held(holder, type_ids, connection)
        return rules.covering(held, today, self._clock.now())

    async def open(self, id: UUID, connection: Connection | None = None) -> Certificate:
        """Return a certificate with its personal data, for its case; the caller audits the read.

        Raises CertificateNotFound.
        """
        stored = await store.read(id, connection)
        if stored is None:
            raise CertificateNotFound()
        return await self._opened(stored)

    async def own(self, holder: Holder) -> list[Certificate]:
        """Return a holder's certificates, newest first."""
        return [await self._opened(stored) for stored in await store.held_whole(holder, MOST_SHOWN)]

    async def mine(self, holder: Holder, id: UUID) -> Certificate:
        """Return a holder's certificate; somebody else's does not exist (CertificateNotFound)."""
        stored = await store.read(id)
        if stored is None or stored.holder != holder:
            raise CertificateNotFound()
        return await self._opened(stored)

    async def brief(self, holder: Holder, id: UUID) -> CertificateBrief:
        """Return a holder's certificate without opening it; raise CertificateNotFound."""
        stored = await store.read(id)
        if stored is None or stored.holder != holder:
            raise CertificateNotFound()
        return stored.brief

    # -- rows ------------------------------------------------------------------------------------

    async def _row(self, id: UUID, new: Issuing, now: datetime) -> dict[str, Any]:
        number = str(new.content.get("certificate_number") or _new_number(id, new.valid_from))
        holder_type, holder_type_name = rules.HOLDER_TYPES[new.holder.kind]
        name = self._types.name(new.type_id)
        sealed = {
            "certificate_holder_name": new.holder_name,
            "certificate_holder_code": rules.plain_code(new.holder_code),
            "certificate_number": number,
            # An identifier by GB/T 36904 needs the city's codes of types and authorities.
            "certificate_identifier": f"urn:uuid:{id}",
            "extend_info": orjson.dumps(new.content).decode(),
        }
        return {
            "id": id,
            "holder_kind": new.holder.kind,
            "holder": new.holder.id,
            "certificate_type_no": new.type_id,
            "certificate_name": name,
            "certificate_version": VERSION,
            "certificate_type_name": name,
            "certificate_issuing_authority_date": now.date(),
            "certificate_issuing_authority_name": new.authority_name,
            "certificate_validate_start": new.valid_from,
            "certificate_validate_end": new.valid_until,
            "certificate_area_code": self._area_code,
            "certificate_holder_type": holder_type,
            "certificate_holder_type_name": holder_type_name,
            "related_item_code": new.item,
            "status": "valid",
            "source": "issued",
            "case_id": new.case,
            "content_index": self._sealer.index("certificate.content", sealed["extend_info"]),
            "created_at": now,
            "changed_at": now,
            **await self._sealed(id, sealed),
        }

    async def _told_row(
        self,
        holder: Holder,
        department: Department,
        told: DepartmentCertificate,
        now: datetime,
        index: str,
    ) -> dict[str, Any]:
        id = uuid4()
        plain = told.model_dump(exclude={"extend_info", "status", *store.SEALED})
        source = self._types.require(told.certificate_type_no)
        sealed = {name: getattr(told, name) for name in store.SEALED[:4]}
        sealed["extend_info"] = orjson.dumps(told.extend_info).decode()
        return {
            **plain,
            "id": id,
            "holder_kind": holder.kind,
            "holder": holder.id,
            "certificate_holder_type_name": rules.HOLDER_TYPES[holder.kind][1],
            "certificate_validate_end": _told_end(told, source),
            "status": "valid",
            "source": "fetched",
            "department": department,
            "content_index": index,
            "created_at": now,
            "changed_at": now,
            **await self._sealed(id, sealed),
        }

    def _content_index(self, told: DepartmentCertificate) -> str:
        text = orjson.dumps(told.model_dump(exclude={"status"}), option=orjson.OPT_SORT_KEYS)
        return self._sealer.index("certificate.content", text.decode())

    async def _sealed(self, id: UUID, texts: dict[str, str]) -> dict[str, bytes]:
        return {
            name: await self._sealer.seal(text, _place(name, id)) for name, text in texts.items()
        }

    async def _opened(self, stored: Stored) -> Certificate:
        id = stored.brief.id
        opened = {
            name: await self._sealer.open(value, _place(name, id))
            for name, value in stored.sealed.items()
            if value is not None
        }
        return Certificate(
            brief=stored.brief,
            holder=stored.holder,
            holder_name=opened["certificate_holder_name"],
            holder_code=opened["certificate_holder_code"],
            identifier=opened["certificate_identifier"],
            number=opened["certificate_number"],
            content=orjson.loads(opened["extend_info"]),
            version=stored.version,
            area_code=stored.area_code,
            case=stored.case,
            status_reason=opened.get("status_reason"),
        )


def _told_end(told: DepartmentCertificate, source: TypeSource) -> date | None:
    """Return the last day of a department's certificate (有效期截至)."""
    start = told.certificate_validate_start or told.certificate_issuing_authority_date
    return rules.end_of(start, told.certificate_validate_end, source.valid_months)


def _place(column: str, id: UUID) -> str:
    return place("certificate", column, id)


def _new_number(id: UUID, day: date) -> str:
    return f"{day:%Y%m%d}{id.hex[:10].upper()}"
