"""Use cases of showing a certificate (亮证): a code on the phone, verified at a window."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import segno

from miniapp_api.certificates import ledger_store, rules
from miniapp_api.certificates.errors import (
    CertificateCodeUsed,
    CertificateNotValid,
    WindowUnknown,
)
from miniapp_api.certificates.ledger_store import Entry
from miniapp_api.certificates.rules import Certificate, Holder, State
from miniapp_api.certificates.schemas import ShownCode, Verification
from miniapp_api.certificates.service import VaultService
from miniapp_api.guides.handbook import Handbook
from miniapp_api.platform import audit, signing
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction

PURPOSE = "certificate"


class ShowingService:
    """Makes codes and verifies them."""

    def __init__(
        self,
        vault: VaultService,
        handbook: Callable[[], Handbook],
        clock: Clock,
        secret: str,
        seconds: int,
    ) -> None:
        self._vault = vault
        self._handbook = handbook
        self._clock = clock
        self._secret = secret
        self._time = timedelta(seconds=seconds)

    async def code(self, holder: Holder, id: UUID) -> ShownCode:
        """Return a code (亮证码) for a valid certificate: its id and nothing of its holder.

        Raises CertificateNotFound, CertificateNotValid.
        """
        now = self._clock.now()
        brief = await self._vault.brief(holder, id)
        state = rules.state_at(brief, now)
        if state != "valid":
            raise CertificateNotValid(state=state)
        expires_at = now + self._time
        claims = {"certificate": str(id), "jti": str(uuid4())}
        token = signing.sign(self._secret, PURPOSE, claims, expires_at)
        picture = io.BytesIO()
        segno.make(token, error="m").save(picture, kind="svg", border=2, scale=4, xmldecl=False)
        return ShownCode(token=token, expires_at=expires_at, svg=picture.getvalue().decode())

    async def verify(self, member: StaffMember, token: str, window: str) -> Verification:
        """Say what a shown certificate is worth, once a code; the ledger keeps who asked.

        Raises TokenForged, TokenExpired, CertificateCodeUsed, CertificateNotFound, WindowUnknown.
        """
        now = self._clock.now()
        if window not in self._handbook().floor_plan(member.hall).windows:
            raise WindowUnknown()
        claims = signing.verify(self._secret, PURPOSE, token, now)
        shown = await self._vault.open(UUID(claims["certificate"]))
        state = rules.state_at(shown.brief, now)
        entry = self._entry(member, window, shown, state, UUID(claims["jti"]))
        async with transaction() as connection:
            if await ledger_store.write(connection, entry) is None:
                raise CertificateCodeUsed()
            subject, detail = f"certificate:{shown.brief.id}", {"window": window, "state": state}
            await audit.by_staff(
                connection, member, "certificate.verified", subject, at=now, detail=detail
            )
        return _verification(shown, state)

    def _entry(
        self, member: StaffMember, window: str, shown: Certificate, state: State, code: UUID
    ) -> Entry:
        return Entry(
            at=self._clock.now(),
            purpose="verification",
            asker_kind="staff",
            asker=member.id,
            holder=shown.holder,
            type_id=shown.brief.type_id,
            outcome=state,
            certificate=shown.brief.id,
            department=shown.brief.department,
            hall=member.hall,
            window=window,
            code=code,
        )


def _verification(shown: Certificate, state: State) -> Verification:
    person, name = shown.holder.kind == "person", shown.holder_name
    return Verification(
        certificate=shown.brief.id,
        type_id=shown.brief.type_id,
        certificate_name=shown.brief.name,
        state=state,
        certificate_holder_name=rules.mask_name(name) if person else name,
        certificate_issuing_authority_name=shown.brief.authority_name,
        certificate_validate_end=shown.brief.valid_until,
    )
