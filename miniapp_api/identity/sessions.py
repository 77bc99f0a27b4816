"""Use cases of sessions (会话): open, renew, list, end.

A session has a short access token, in Redis, and a refresh token that is another one after each
use. Whoever comes with one that was used ends the session: it was stolen, from him or by him. Who
did not get the answer may ask again within a minute under the same Idempotency-Key.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

from miniapp_api.identity import rules, session_store
from miniapp_api.identity.citizens import Citizens
from miniapp_api.identity.errors import DeviceNotFound, RefreshInvalid, RefreshReused
from miniapp_api.identity.schemas import CitizenView
from miniapp_api.identity.session_schemas import DeviceView, Session
from miniapp_api.identity.session_store import Device
from miniapp_api.platform import audit
from miniapp_api.platform.batching import Batched
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import Unavailable
from miniapp_api.platform.logs import log
from miniapp_api.platform.redis import Redis, RedisError
from miniapp_api.settings import Identity

RETRY = timedelta(minutes=1)
KEPT = timedelta(days=180)  # lapsed sessions: the law wants logs for six months


@asynccontextmanager
async def _redis() -> AsyncIterator[None]:
    try:
        yield
    except RedisError:
        raise Unavailable(retry_after=5) from None


class Sessions:
    """Knows who is logged in, and on which devices."""

    def __init__(
        self, redis: Redis, citizens: Citizens, clock: Clock, settings: Identity, pepper: str
    ) -> None:
        self._redis = redis
        self._citizens = citizens
        self._clock = clock
        self._access = settings.access_minutes * 60
        self._lasts = timedelta(hours=settings.session_hours)
        self._pepper = pepper
        self._citizens_of = Batched(self._read)

    async def _read(self, tokens: list[str]) -> Mapping[str, UUID]:
        return await session_store.citizens_of(self._redis, tokens)

    async def citizen_of_token(self, token: str) -> UUID | None:
        """Return the citizen of an access token, or None; raise Unavailable without Redis."""
        async with _redis():
            return await self._citizens_of.get(token)

    async def open(self, citizen: UUID, channel: str, agent: str) -> Session:
        """Open a session on a new device; `agent` is what it calls itself."""
        id, now = uuid4(), self._clock.now()
        label = rules.device_label(agent)
        if not await session_store.insert(id, citizen, label, channel, now, now + self._lasts):
            raise RefreshInvalid()
        await session_store.forget(now - KEPT)
        return await self._session(id, citizen, 1)

    async def refresh(self, token: str, key: str | None) -> Session:
        """Renew a session; raise RefreshInvalid, or RefreshReused, which ended it."""
        read = rules.read_token(self._pepper, "refresh", token)
        device = await session_store.read(read[0]) if read else None
        if read is None or device is None or not self._live(device):
            raise RefreshInvalid()
        id, generation = read
        retry = _retry(token, key)
        if device.generation == generation:
            # Opened before it is rotated: without Redis the old refresh token still works.
            session = await self._session(id, device.citizen, generation + 1)
            now = self._clock.now()
            if await session_store.rotate(id, generation, retry, now, now + self._lasts):
                return session
            device = await session_store.read(id)
        return await self._again(device, generation, retry)

    async def _again(self, device: Device | None, generation: int, retry: str | None) -> Session:
        """Answer a refresh token that was used: the same again, or the session's end."""
        if device is None or not self._live(device):
            raise RefreshInvalid()
        asked_again = (
            retry is not None
            and device.retry == retry
            and device.generation == generation + 1
            and self._clock.now() <= device.used_at + RETRY
        )
        if asked_again:
            return await self._session(device.id, device.citizen, device.generation)
        await self._end([device.id])
        log.warning("refresh_token_reused", session=str(device.id))
        async with transaction() as connection:
            await audit.record(
                connection, audit.SYSTEM, "session.stolen", f"session:{device.id}",
                at=self._clock.now(),
            )  # fmt: skip
        raise RefreshReused()

    async def devices(self, citizen: UUID, token: str | None) -> list[DeviceView]:
        """Return on which devices a citizen is logged in."""
        here = rules.session_of(token or "")
        return [
            DeviceView(
                id=device.id,
                label=device.label,
                channel="wechat" if device.channel == "wechat" else "sms",
                current=device.id.hex == here,
                logged_in_at=device.created_at,
                used_at=device.used_at,
            )
            for device in await session_store.live(citizen, self._clock.now())
        ]

    async def end(self, citizen: UUID, id: UUID) -> None:
        """Log a device out; raise DeviceNotFound."""
        device = await session_store.read(id)
        if device is None or device.citizen != citizen or not self._live(device):
            raise DeviceNotFound()
        await self._end([id])

    async def end_all(self, citizen: UUID) -> None:
        """Log a citizen out everywhere (退出所有设备)."""
        await self._end([d.id for d in await session_store.live(citizen, self._clock.now())])

    async def end_token(self, token: str) -> None:
        """Log out the device that an access token is of."""
        if name := rules.session_of(token):
            await self._end([UUID(name)])

    async def bind_conversation(self, conversation: str, citizen: UUID, token: str) -> None:
        """Let a chat's bot act for the citizen who is logged in in it."""
        seconds, session = int(self._lasts.total_seconds()), rules.session_of(token) or ""
        async with _redis():
            await session_store.bind_conversation(
                self._redis, conversation, citizen, session, seconds
            )

    async def let_speak(self, conversation: str, citizen: UUID, seconds: int) -> None:
        """Let a chat's bot act for a citizen for a while, by the word of the channel he uses."""
        async with _redis():
            await session_store.let_speak(self._redis, conversation, citizen, seconds)

    async def citizen_of_conversation(self, conversation: str) -> UUID | None:
        """Return the citizen logged in in a conversation, or None."""
        async with _redis():
            return await session_store.read_conversation(self._redis, conversation)

    def _live(self, device: Device) -> bool:
        return device.ended_at is None and device.expires_at > self._clock.now()

    async def _end(self, ids: list[UUID]) -> None:
        """Access ends first: if PostgreSQL fails then, the citizen sees it and tries again."""
        async with _redis():
            await session_store.end_access(self._redis, ids, self._access)
        await session_store.end(ids, self._clock.now())

    async def _session(self, id: UUID, citizen: UUID, generation: int) -> Session:
        token = rules.token(self._pepper, "access", id, generation)
        async with _redis():
            opened = await session_store.open_access(self._redis, id, citizen, token, self._access)
        if not opened:
            raise RefreshInvalid()
        return Session(
            token=token,
            expires_in=self._access,
            refresh_token=rules.token(self._pepper, "refresh", id, generation),
            refresh_expires_in=int(self._lasts.total_seconds()),
            citizen=CitizenView(id=citizen, phone_masked=await self._citizens.masked(citizen)),
        )


def _retry(token: str, key: str | None) -> str | None:
    return hashlib.sha256(f"{token} {key}".encode()).hexdigest() if key else None
