"""Use cases of the administrator (系统管理员): whose account is what, and whether it opens.

An administrator keeps the accounts of his hall. Nobody changes his own, and who changes another one
must still be an administrator when he does: so of two who take the rights from each other at the
same time one stays, and a hall never loses its last one here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.guides.service import GuidesService
from miniapp_api.platform import idempotency
from miniapp_api.platform.audit import Actor, by_staff
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import Forbidden
from miniapp_api.settings import Staff as StaffSettings
from miniapp_api.staff import administration_store, rules, service, store
from miniapp_api.staff.account_schemas import (
    AccountChange,
    AccountDetail,
    AccountList,
    AccountsQuery,
    AccountView,
    FirstPassword,
    NewAccount,
    Password,
    SessionView,
    Work,
)
from miniapp_api.staff.errors import AccountChanged, AccountNotFound, OwnAccount, StaffFault
from miniapp_api.staff.service import StaffService
from miniapp_api.staff.store import Account

WORK = ("roles", "departments", "skills", "windows")


@dataclass(frozen=True)
class Opened:
    """An account that an administrator has locked to change it."""

    connection: BaseDBAsyncClient
    account: Account
    now: datetime
    by: StaffMember

    async def record(self, action: str, detail: dict[str, Any] | None = None) -> None:
        """Write what was done into the audit trail."""
        subject = f"staff:{self.account.id}"
        await by_staff(self.connection, self.by, action, subject, at=self.now, detail=detail)


class Administration:
    """Keeps the accounts of halls."""

    def __init__(
        self, staff: StaffService, guides: GuidesService, clock: Clock, settings: StaffSettings
    ) -> None:
        self._staff = staff
        self._guides = guides
        self._clock = clock
        self._settings = settings

    async def accounts(self, by: StaffMember, query: AccountsQuery) -> AccountList:
        """Return accounts of the hall, by login."""
        words = query.q.strip().lower() or None
        disabled = None if query.state is None else query.state == "disabled"
        found, total = await administration_store.page(
            by.hall, query.after, words, query.role, disabled, query.limit + 1
        )
        shown = found[: query.limit]
        return AccountList(
            accounts=[self._view(account) for account in shown],
            total=total,
            next=shown[-1].login if len(found) > query.limit else None,
        )

    async def account(self, by: StaffMember, id: UUID) -> AccountDetail:
        """Return an account with its live sessions; raise AccountNotFound."""
        account = await administration_store.read(by.hall, id)
        if account is None:
            raise AccountNotFound()
        live = await administration_store.sessions(id, self._clock.now())
        sessions = [SessionView.model_validate(row) for row in live]
        return AccountDetail(**dict(self._view(account)), sessions=sessions)

    async def add(self, by: StaffMember, asked: NewAccount, key: str) -> AccountView:
        """Add an account without a password; raise StaffFault, LoginTaken or RolesExclude."""
        login = service.checked(asked.login, asked.name, frozenset(asked.roles))
        self._check_work(by.hall, asked)
        account = Account(
            id=uuid4(), login=login, name=asked.name, hall=by.hall, password_hash="",
            created_at=self._clock.now(), **_work(asked),
        )  # fmt: skip
        view, name = self._view(account), idempotency.Key(by.id, "staff-account", key)
        async with transaction() as connection:
            request = asked.model_dump()
            if earlier := await idempotency.earlier(connection, name, request, view):
                return AccountView.model_validate(earlier)
            await self._staff.insert(connection, account, Actor("staff", by.id))
        return view

    async def change(self, by: StaffMember, id: UUID, asked: AccountChange) -> AccountView:
        """Change name, roles and work (改账号); raise StaffFault, RolesExclude or as `_opened`."""
        service.checked("unchanged", asked.name, frozenset(asked.roles))
        self._check_work(by.hall, asked)
        async with self._opened(by, id, asked.version) as opened:
            old = opened.account
            new = replace(old, name=asked.name, **_work(asked), version=old.version + 1)
            await administration_store.change(opened.connection, new)
            detail: dict[str, Any] = {
                name: {"before": getattr(old, name), "after": getattr(new, name)}
                for name in WORK
                if getattr(old, name) != getattr(new, name)
            }
            await opened.record("staff.changed", detail | {"renamed": old.name != new.name})
        return self._view(new)

    async def give_first_password(self, by: StaffMember, id: UUID, version: int) -> FirstPassword:
        """Give a first password (发初始密码) and end the sessions; its owner changes it at once."""
        password = rules.first_password()
        hashed = await self._staff.hashed(password)
        async with self._opened(by, id, version) as opened:
            until = opened.now + timedelta(days=self._settings.first_password_days)
            await administration_store.set_first_password(opened.connection, id, hashed, until)
            await store.close_sessions(opened.connection, id)
            await opened.record("staff.first_password_given")
        return FirstPassword(account=await self._now(by, id), password=password, until=until)

    async def disable(self, by: StaffMember, id: UUID, version: int) -> AccountView:
        """Switch an account off (停用) and end its sessions at once."""
        async with self._opened(by, id, version) as opened:
            await store.disable(opened.connection, opened.account.login, opened.now)
            await store.close_sessions(opened.connection, id)
            await opened.record("staff.disabled")
        return await self._now(by, id)

    async def enable(self, by: StaffMember, id: UUID, version: int) -> AccountView:
        """Switch an account on again (恢复使用)."""
        async with self._opened(by, id, version) as opened:
            await administration_store.enable(opened.connection, id)
            await opened.record("staff.enabled")
        return await self._now(by, id)

    async def reset_second_factor(self, by: StaffMember, id: UUID, version: int) -> AccountView:
        """Take the second factor away (重置动态口令) and end the sessions."""
        async with self._opened(by, id, version) as opened:
            await store.reset_totp(opened.connection, opened.account.login)
            await store.close_sessions(opened.connection, id)
            await opened.record("staff.totp_reset")
        return await self._now(by, id)

    async def end_sessions(self, by: StaffMember, id: UUID) -> None:
        """End an account's sessions (强制下线)."""
        async with self._opened(by, id, None) as opened:
            await store.close_sessions(opened.connection, id)
            await opened.record("staff.sessions_ended")

    @asynccontextmanager
    async def _opened(
        self, by: StaffMember, id: UUID, version: int | None
    ) -> AsyncIterator[Opened]:
        """Lock an account to change it, and commit together with its entry in the audit trail.

        Raises Forbidden for who is an administrator no more, AccountNotFound, OwnAccount, and
        AccountChanged when the account is not as he saw it.
        """
        async with transaction() as connection:
            locked = await administration_store.lock(connection, by.hall, id)
            acting, account = locked.get(by.id), locked.get(id)
            if acting is None or not _is_administrator(acting):
                raise Forbidden()
            if account is None:
                raise AccountNotFound()
            if id == by.id:
                raise OwnAccount()
            if version is not None and version != account.version:
                raise AccountChanged()
            yield Opened(connection, account, self._clock.now(), by)

    async def _now(self, by: StaffMember, id: UUID) -> AccountView:
        return AccountView(**(await self.account(by, id)).model_dump(exclude={"sessions"}))

    def _check_work(self, hall: str, asked: Work) -> None:
        """Raise StaffFault for what the handbook does not have."""
        handbook = self._guides.handbook
        windows = {window.number for window in self._guides.windows(hall)}
        _require(asked.departments, handbook.departments, "部门")
        _require(asked.skills, handbook.themes, "主题")
        _require(asked.windows, windows, "窗口")

    def _view(self, account: Account) -> AccountView:
        return AccountView(
            id=account.id,
            login=account.login,
            name=account.name,
            hall=account.hall,
            roles=account.roles,
            departments=account.departments,
            skills=account.skills,
            windows=account.windows,
            state="disabled" if account.disabled_at else "active",
            disabled_at=account.disabled_at,
            created_at=account.created_at,
            second_factor=account.totp_sealed is not None,
            password=self._password(account),
            version=account.version,
        )

    def _password(self, account: Account) -> Password:
        if not account.password_hash:
            return "none"
        if account.first_password_until is None:
            return "own"
        return "first" if account.first_password_until > self._clock.now() else "lapsed"


def _is_administrator(account: Account) -> bool:
    return rules.ADMINISTRATOR in account.roles and account.disabled_at is None


def _work(asked: Work) -> dict[str, Any]:
    return {name: sorted(set(getattr(asked, name))) for name in WORK}


def _require(given: Iterable[str], known: Iterable[str], what: str) -> None:
    if unknown := sorted(set(given) - set(known)):
        raise StaffFault(f"没有这个{what}：{'、'.join(unknown)}")
