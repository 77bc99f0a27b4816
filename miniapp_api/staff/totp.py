"""The second factor of staff (动态口令, RFC 6238): an authenticator app beside the password."""

from __future__ import annotations

from hmac import compare_digest
from uuid import UUID

import pyotp

from miniapp_api.platform.audit import Actor, record
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer
from miniapp_api.staff import store
from miniapp_api.staff.errors import TotpEnrolled, TotpRequired, TotpWrong
from miniapp_api.staff.schemas import TotpSecret

STEP_SECONDS = 30
DRIFT = (0, -1, 1)  # steps that a phone's clock may be off
ISSUER = "沈办"


class SecondFactor:
    """Knows the secrets of staff's authenticator apps."""

    def __init__(self, clock: Clock, sealer: Sealer) -> None:
        self._clock = clock
        self._sealer = sealer

    async def step_of(self, account: store.Account, code: str | None) -> int | None:
        """Return the time step of a right code, None for an account without a second factor.

        Raises TotpRequired or TotpWrong.
        """
        if account.totp_sealed is None:
            return None
        if code is None:
            raise TotpRequired()
        secret = await self._open(account.id, account.totp_sealed)
        return self._step(secret, code)

    async def enrol(self, member: StaffMember, login: str) -> TotpSecret:
        """Make a secret and return what the app scans; raise TotpEnrolled."""
        secret = pyotp.random_base32()
        sealed = await self._sealer.seal(secret, _place(member.id))
        if not await store.enrol_totp(member.id, sealed):
            raise TotpEnrolled()
        uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
        return TotpSecret(secret=secret, uri=uri)

    async def confirm(self, member: StaffMember, code: str) -> None:
        """Switch the second factor on by its first code; raise TotpWrong."""
        sealed = await store.pending_totp(member.id)
        if sealed is None:
            raise TotpWrong()
        step, now = self._step(await self._open(member.id, sealed), code), self._clock.now()
        async with transaction() as connection:
            if not await store.confirm_totp(connection, member.id, sealed, now, step):
                raise TotpWrong()
            actor, subject = Actor("staff", member.id), f"staff:{member.id}"
            await record(connection, actor, "staff.totp_on", subject, hall=member.hall, at=now)

    async def _open(self, id: UUID, sealed: bytes) -> str:
        return await self._sealer.open(sealed, _place(id))

    def _step(self, secret: str, code: str) -> int:
        totp, now = pyotp.TOTP(secret), int(self._clock.now().timestamp()) // STEP_SECONDS
        for step in (now + drift for drift in DRIFT):
            if compare_digest(totp.generate_otp(step), code):
                return step
        raise TotpWrong()


def _place(id: UUID) -> str:
    return place("staff_account", "totp_sealed", id)
