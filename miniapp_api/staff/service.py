"""Use cases of staff: accounts, sessions, and who is asking.

Sessions live in PostgreSQL, not in Redis as those of citizens do: a hall with people waiting does
not stop when Redis is away. Nothing about them is cached, so a disabled member is out at once.
Who sees citizens' papers logs in with a second factor (动态口令): see totp.py.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.audit import SYSTEM, Actor, record
from miniapp_api.platform.auth import STAFF_PREFIX, StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import Refusal, SessionExpired, TooManyRequests
from miniapp_api.platform.limits import limit
from miniapp_api.platform.redis import Redis
from miniapp_api.settings import Staff as StaffSettings
from miniapp_api.staff import rules, store
from miniapp_api.staff.errors import (
    FirstPasswordLapsed,
    LoginTaken,
    PasswordUnfit,
    PasswordWrong,
    RolesExclude,
    StaffFault,
    StaffLoginWrong,
    TotpWrong,
)
from miniapp_api.staff.login_failures import LoginFailures, Reason
from miniapp_api.staff.passwords import Passwords
from miniapp_api.staff.schemas import StaffLoggedIn, StaffView
from miniapp_api.staff.totp import SecondFactor

TOKEN_BYTES = 32


class StaffService:
    """Knows the hall's staff by their sessions."""

    def __init__(
        self,
        redis: Redis | None,
        clock: Clock,
        settings: StaffSettings,
        totp: SecondFactor,
        failures: LoginFailures,
    ) -> None:
        """Serve the API, or without Redis the command line, where nobody logs in."""
        self._redis = redis
        self._failures = failures
        self._totp = totp
        self._clock = clock
        self._settings = settings
        self._passwords = Passwords()

    async def member_of_token(self, token: str) -> StaffMember | None:
        """Return the member of a live session, or None."""
        return await store.read_member(_hash(token), self._clock.now())

    async def log_in(self, typed: str, password: str, code: str | None = None) -> StaffLoggedIn:
        """Open a session; what failed is counted for the audit trail.

        Raises StaffLoginWrong, FirstPasswordLapsed, TotpRequired, TotpWrong or TooManyRequests.
        """
        login = rules.canonical_login(typed)
        try:
            await self._limit(login or typed)
        except TooManyRequests as refusal:
            # Of a flood the 1st, 2nd, 4th, 8th … are written down: each says how many there were.
            if refusal.beyond & (refusal.beyond - 1) == 0:
                locked = await store.by_login(login) if login else None
                await self._failures.note(locked, "locked", refusal.beyond)
            raise
        account = await store.by_login(login) if login else None
        try:
            return await self._log_in(account, password, code)
        except (StaffLoginWrong, FirstPasswordLapsed, TotpWrong) as refusal:
            await self._failures.note(account, _reason(refusal, account))
            raise

    async def _log_in(
        self, account: store.Account | None, password: str, code: str | None
    ) -> StaffLoggedIn:
        # An unknown or disabled login costs the same time as a wrong password.
        right = await self._passwords.matches(password, account.password_hash if account else None)
        if account is None or account.disabled_at is not None or not right:
            raise StaffLoginWrong()
        until = account.first_password_until
        if until is not None and until <= self._clock.now():
            raise FirstPasswordLapsed()
        step = await self._totp.step_of(account, code)
        return await self.open_session(account, step, second_factor=step is not None)

    async def open_session(
        self, account: store.Account, step: int | None = None, *, second_factor: bool = False
    ) -> StaffLoggedIn:
        """Open a session for an account whose owner is known; raise StaffLoginWrong or TotpWrong.

        step: of the code that he typed, which is used up.

        It is refused when the account was disabled or got another password since it was read.
        """
        token, now = STAFF_PREFIX + secrets.token_urlsafe(TOKEN_BYTES), self._clock.now()
        seconds = self._settings.session_hours * 3600
        until = now + timedelta(seconds=seconds)
        async with transaction() as connection:
            await store.forget_lapsed(connection, now)
            if step is not None and not await store.use_totp(connection, account.id, step):
                raise TotpWrong()
            hashed = _hash(token)
            if not await store.open_session(connection, hashed, account, now, until, second_factor):
                raise StaffLoginWrong()
            actor, subject = Actor("staff", account.id), f"staff:{account.id}"
            await record(connection, actor, "staff.logged_in", subject, hall=account.hall, at=now)
        return StaffLoggedIn(token=token, expires_in=seconds, member=_view(account))

    async def log_out(self, token: str) -> None:
        """Close a session."""
        now = self._clock.now()
        async with transaction() as connection:
            closed = await store.close_session(connection, _hash(token))
            if closed is None:
                return
            actor, subject = Actor("staff", closed.id), f"staff:{closed.id}"
            await record(connection, actor, "staff.logged_out", subject, hall=closed.hall, at=now)

    async def me(self, id: UUID) -> StaffView:
        """Return one's own account; raise SessionExpired when it is gone."""
        account = await store.by_id(id)
        if account is None:
            raise SessionExpired()
        return _view(account)

    async def names(self, ids: set[UUID]) -> dict[UUID, str]:
        """Return the names of members, for whoever reads what they did."""
        return await store.names(ids) if ids else {}

    async def id_of(self, login: str) -> UUID | None:
        """Return the id of the account with a login, or None."""
        account = await store.by_login(login.strip().lower())
        return account.id if account else None

    async def works_for(self, id: UUID, department: str) -> bool:
        """Tell whether an account is a clerk of a department, and not disabled."""
        account = await store.by_id(id)
        return (
            account is not None
            and account.disabled_at is None
            and "clerk" in account.roles
            and department in account.departments
        )

    async def change_password(self, id: UUID, token: str, old: str, new: str) -> None:
        """Change one's own password and end one's other sessions.

        Raises PasswordWrong, PasswordUnfit or TooManyRequests.
        """
        account = await store.by_id(id)
        if account is None:
            raise SessionExpired()
        await self._limit(account.login)
        if not await self._passwords.matches(old, account.password_hash):
            raise PasswordWrong()
        if old == new:
            raise PasswordUnfit("新密码不能和现在的一样")
        hashed, now = await self.hashed(new), self._clock.now()
        async with transaction() as connection:
            if not await store.change_password(connection, id, account.password_hash, hashed):
                raise PasswordWrong()
            await store.close_others(connection, id, _hash(token))
            actor, subject = Actor("staff", id), f"staff:{id}"
            action = "staff.own_password_changed"
            await record(connection, actor, action, subject, hall=account.hall, at=now)

    async def create(
        self,
        login: str,
        name: str,
        hall: str,
        roles: frozenset[str],
        password: str,
        by: Actor = SYSTEM,
        departments: frozenset[str] = frozenset(),
        skills: frozenset[str] = frozenset(),
    ) -> store.Account:
        """Make an account with a password; raise StaffFault saying what is wrong.

        skills: themes of items whose cases the clerk's inbox shows; none means every one. The
        caller knows the hall, the departments and the themes.
        """
        stored = checked(login, name, roles)
        account = store.Account(
            id=uuid4(),
            login=stored,
            name=name,
            hall=hall,
            roles=sorted(roles),
            departments=sorted(departments),
            skills=sorted(skills),
            windows=[],
            password_hash=await self.hashed(password),
            created_at=self._clock.now(),
        )
        async with transaction() as connection:
            await self.insert(connection, account, by)
        return account

    async def insert(
        self, connection: BaseDBAsyncClient, account: store.Account, by: Actor
    ) -> None:
        """Write a new account and who made it; raise LoginTaken."""
        if not await store.insert(connection, account):
            raise LoginTaken(f"账号 {account.login} 已经有了")
        work = ("roles", "departments", "skills", "windows")
        await record(
            connection, by, "staff.created", f"staff:{account.id}", hall=account.hall,
            detail={name: getattr(account, name) for name in work}, at=account.created_at,
        )  # fmt: skip

    async def disable(self, login: str, by: Actor = SYSTEM) -> None:
        """Disable an account and end its sessions; raise StaffFault when there is none."""
        now = self._clock.now()
        async with transaction() as connection:
            found = await store.disable(connection, login.strip().lower(), now)
            if found is None:
                raise StaffFault(f"没有账号 {login}")
            await store.close_sessions(connection, found.id)
            subject = f"staff:{found.id}"
            await record(connection, by, "staff.disabled", subject, hall=found.hall, at=now)

    async def set_password(self, login: str, password: str, by: Actor = SYSTEM) -> None:
        """Change a password, end the sessions; raise PasswordUnfit or StaffFault."""
        hashed, now = await self.hashed(password), self._clock.now()
        async with transaction() as connection:
            found = await store.set_password(connection, login.strip().lower(), hashed)
            if found is None:
                raise StaffFault(f"没有账号 {login}")
            await store.close_sessions(connection, found.id)
            subject = f"staff:{found.id}"
            await record(connection, by, "staff.password_changed", subject, hall=found.hall, at=now)

    async def reset_totp(self, login: str, by: Actor = SYSTEM) -> None:
        """Take the second factor away and end the account's sessions; raise StaffFault."""
        now = self._clock.now()
        async with transaction() as connection:
            found = await store.reset_totp(connection, login.strip().lower())
            if found is None:
                raise StaffFault(f"没有账号 {login}")
            await store.close_sessions(connection, found.id)
            subject = f"staff:{found.id}"
            await record(connection, by, "staff.totp_reset", subject, hall=found.hall, at=now)

    async def set_work(
        self,
        login: str,
        *,
        departments: frozenset[str] | None = None,
        skills: frozenset[str] | None = None,
        by: Actor = SYSTEM,
    ) -> None:
        """Say what a clerk works on, or leave it; raise StaffFault. The caller knows both."""
        given = {"departments": departments, "skills": skills}
        now, detail = self._clock.now(), {k: sorted(v) for k, v in given.items() if v is not None}
        async with transaction() as connection:
            found = await store.set_work(
                connection, login.strip().lower(), detail.get("departments"), detail.get("skills")
            )
            if found is None:
                raise StaffFault(f"没有账号 {login}")
            await record(
                connection, by, "staff.work_changed", f"staff:{found.id}",
                hall=found.hall, detail=detail, at=now,
            )  # fmt: skip

    async def accounts(self) -> list[store.Account]:
        """Return every account."""
        return await store.all_accounts()

    async def _limit(self, login: str) -> None:
        if self._redis is None:
            return
        most, seconds = self._settings.login_attempts, self._settings.login_minutes * 60
        await limit(self._redis, f"staff:{_hash(login)}", most=most, seconds=seconds)

    async def hashed(self, password: str) -> str:
        """Return the hash of a password that one may have; raise PasswordUnfit."""
        if not rules.SHORTEST_PASSWORD <= len(password) <= rules.LONGEST_PASSWORD:
            raise PasswordUnfit(
                f"密码要有 {rules.SHORTEST_PASSWORD} 到 {rules.LONGEST_PASSWORD} 个字符"
            )
        return await self._passwords.hashed(password)


def checked(login: str, name: str, roles: frozenset[str]) -> str:
    """Return the login as it is stored; raise StaffFault for what an account cannot have."""
    stored = rules.canonical_login(login)
    if stored is None:
        raise StaffFault("账号要用 2 到 40 个字母、数字、点、横线或下划线，以字母或数字开头")
    if not 1 <= len(name) <= rules.LONGEST_NAME or not name.isprintable() or not name.strip():
        raise StaffFault(f"姓名要有 1 到 {rules.LONGEST_NAME} 个字")
    check_roles(roles)
    return stored


def check_roles(roles: frozenset[str]) -> None:
    """Raise StaffFault for roles that nobody has, RolesExclude for those one may not have both."""
    if unknown := rules.unknown_roles(roles):
        raise StaffFault(f"没有这种角色：{'、'.join(unknown)}；可用：{'、'.join(rules.ROLES)}")
    if not roles:
        raise StaffFault(f"至少要有一个角色；可用：{'、'.join(rules.ROLES)}")
    if pair := rules.excluding(roles):
        one, other = rules.names_of([pair[0]]) + rules.names_of([pair[1]])
        raise RolesExclude(f"{one}和{other}不能由一个人兼任", roles=sorted(pair))


def _reason(refusal: Refusal, account: store.Account | None) -> Reason:
    if isinstance(refusal, StaffLoginWrong):
        return "disabled" if account and account.disabled_at else "password"
    return "code" if isinstance(refusal, TotpWrong) else "lapsed"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _view(account: store.Account) -> StaffView:
    return StaffView(
        id=account.id,
        name=account.name,
        hall=account.hall,
        roles=account.roles,
        departments=account.departments,
        skills=account.skills,
        windows=account.windows,
        first_password=account.first_password_until is not None,
        second_factor=account.totp_sealed is not None,
    )
