"""Use cases of staff: accounts, sessions, and who is asking.

Passwords are kept as Argon2id hashes. The second factor (TOTP) comes with the unified desk.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.audit import SYSTEM, Actor, record
from miniapp_api.platform.auth import STAFF_PREFIX, StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.limits import limit
from miniapp_api.platform.redis import Redis
from miniapp_api.settings import Staff as StaffSettings
from miniapp_api.staff import store
from miniapp_api.staff.rules import unknown_roles
from miniapp_api.staff.schemas import StaffLoggedIn, StaffView

TOKEN_BYTES = 32
SHORTEST_PASSWORD = 10


class StaffLoginWrong(Refusal):
    """Login or password is wrong, or the account is disabled: which one is not said."""

    status, code, title = 401, "staff_login_wrong", "账号或密码不对"


class StaffFault(Exception):
    """An account cannot be made or changed like this; the message is for the operator."""


class StaffService:
    """Knows the hall's staff by their sessions."""

    def __init__(self, redis: Redis | None, clock: Clock, settings: StaffSettings) -> None:
        self._redis = redis
        self._clock = clock
        self._settings = settings
        self._hasher = PasswordHasher()
        self._decoy = ""

    async def member_of_token(self, token: str) -> StaffMember | None:
        """Return the member of a live session, or None."""
        found = await store.read_member(_hash(token), self._clock.now())
        return StaffMember(found[0], found[1], frozenset(found[2])) if found else None

    async def log_in(self, login: str, password: str) -> StaffLoggedIn:
        """Open a session; raise StaffLoginWrong or TooManyRequests."""
        if self._redis is not None:
            most, seconds = self._settings.login_attempts, self._settings.login_minutes * 60
            name = f"staff:{hashlib.sha256(login.encode()).hexdigest()}"
            await limit(self._redis, name, most=most, seconds=seconds)
        account = await store.by_login(login)
        usable = account is not None and account.disabled_at is None
        # An unknown login costs the same time as a wrong password.
        hashed = account.password_hash if account else await self._decoy_hash()
        right = await asyncio.to_thread(self._verify, hashed, password)
        if account is None or not (usable and right):
            raise StaffLoginWrong()
        return await self.open_session(account)

    async def open_session(self, account: store.Account) -> StaffLoggedIn:
        """Open a session for an account whose owner is known."""
        token, now = STAFF_PREFIX + secrets.token_urlsafe(TOKEN_BYTES), self._clock.now()
        seconds = self._settings.session_hours * 3600
        async with transaction() as connection:
            until = now + timedelta(seconds=seconds)
            await store.open_session(connection, _hash(token), account.id, now, until)
            actor = Actor("staff", account.id)
            subject = f"staff:{account.id}"
            await record(connection, actor, "staff.logged_in", subject, hall=account.hall, at=now)
        return StaffLoggedIn(token=token, expires_in=seconds, member=_view(account))

    async def log_out(self, token: str) -> None:
        """Close a session."""
        await store.close_session(_hash(token))

    async def me(self, id: UUID) -> StaffView:
        """Return one's own account; raise StaffLoginWrong when it is gone."""
        account = await store.by_id(id)
        if account is None:
            raise StaffLoginWrong()
        return _view(account)

    async def create(
        self, login: str, name: str, hall: str, roles: frozenset[str], password: str
    ) -> store.Account:
        """Make an account; raise StaffFault saying what is wrong."""
        if unknown := unknown_roles(roles):
            raise StaffFault(f"没有这种角色:{'、'.join(unknown)}")
        if not roles:
            raise StaffFault("至少要有一个角色")
        hashed = await self._hashed(password)
        account = store.Account(uuid4(), login, name, hall, sorted(roles), hashed, None)
        async with transaction() as connection:
            if not await store.insert(connection, account, self._clock.now()):
                raise StaffFault(f"账号 {login} 已经有了")
            await self._audited(connection, account.id, hall, "staff.created", sorted(roles))
        return account

    async def disable(self, login: str) -> None:
        """Disable an account and end its sessions; raise StaffFault when there is none."""
        async with transaction() as connection:
            now = self._clock.now()
            id = await store.disable(connection, login, now)
            if id is None:
                raise StaffFault(f"没有账号 {login}")
            await store.close_sessions(connection, id, now)
            await self._audited(connection, id, None, "staff.disabled")

    async def set_password(self, login: str, password: str) -> None:
        """Change a password and end the account's sessions; raise StaffFault."""
        hashed = await self._hashed(password)
        async with transaction() as connection:
            id = await store.set_password(connection, login, hashed)
            if id is None:
                raise StaffFault(f"没有账号 {login}")
            await store.close_sessions(connection, id, self._clock.now())
            await self._audited(connection, id, None, "staff.password_changed")

    async def accounts(self) -> list[store.Account]:
        """Return every account."""
        return await store.all_accounts()

    async def _audited(
        self,
        connection: BaseDBAsyncClient,
        id: UUID,
        hall: str | None,
        action: str,
        roles: list[str] | None = None,
    ) -> None:
        detail = {"roles": roles} if roles else None
        now = self._clock.now()
        await record(connection, SYSTEM, action, f"staff:{id}", hall=hall, detail=detail, at=now)

    async def _hashed(self, password: str) -> str:
        if len(password) < SHORTEST_PASSWORD:
            raise StaffFault(f"密码至少要 {SHORTEST_PASSWORD} 个字符")
        return await asyncio.to_thread(self._hasher.hash, password)

    async def _decoy_hash(self) -> str:
        if not self._decoy:
            self._decoy = await self._hashed(secrets.token_urlsafe(16))
        return self._decoy

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except VerificationError:
            return False


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _view(account: store.Account) -> StaffView:
    return StaffView(id=account.id, name=account.name, hall=account.hall, roles=account.roles)
