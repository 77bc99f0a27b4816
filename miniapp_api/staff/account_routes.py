"""HTTP in and out of accounts, for administrators."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from sanic import Blueprint, Request

from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.idempotency import KeyReused
from miniapp_api.staff.account_schemas import (
    AccountChange,
    AccountDetail,
    AccountList,
    AccountsQuery,
    AccountView,
    AtVersion,
    FirstPassword,
    NewAccount,
)
from miniapp_api.staff.administration import Administration
from miniapp_api.staff.errors import (
    AccountChanged,
    AccountNotFound,
    LoginTaken,
    OwnAccount,
    RolesExclude,
    StaffFault,
)
from miniapp_api.staff.rules import ADMINISTRATOR

room = Blueprint("staff_accounts", url_prefix="/staff/accounts")
ADMINISTRATORS = frozenset({ADMINISTRATOR})
ONE = "/<id:str>"
administrator_endpoint: Any = partial(
    endpoint, room, auth=Auth.STAFF, roles=ADMINISTRATORS, second_factor=True
)
OPENING = (AccountNotFound, OwnAccount, AccountChanged)


def _administration(request: Request) -> Administration:
    service: Administration = request.app.ctx.administration
    return service


def account_id(text: str) -> UUID:
    """Read an account's id from a path."""
    try:
        return UUID(text)
    except ValueError:
        raise AccountNotFound() from None


@administrator_endpoint(
    "GET",
    "/",
    summary="The accounts of one's hall",
    query=AccountsQuery,
    returns=AccountList,
)
async def accounts(request: Request, principal: Principal, query: AccountsQuery) -> AccountList:
    """List accounts (工作人员账号)."""
    return await _administration(request).accounts(staff_of(principal), query)


@administrator_endpoint(
    "POST",
    "/",
    summary="Add an account, which opens once it has a first password",
    body=NewAccount,
    returns=AccountView,
    status=201,
    errors=(StaffFault, LoginTaken, RolesExclude, KeyReused),
    idempotency="required",
)
async def add(request: Request, principal: Principal, body: NewAccount, key: str) -> AccountView:
    """Add an account (新增账号)."""
    return await _administration(request).add(staff_of(principal), body, key)


@administrator_endpoint(
    "GET",
    ONE,
    summary="An account and its live sessions",
    returns=AccountDetail,
    errors=(AccountNotFound,),
)
async def account(request: Request, principal: Principal, id: str) -> AccountDetail:
    """Show an account (账号详情)."""
    return await _administration(request).account(staff_of(principal), account_id(id))


@administrator_endpoint(
    "PUT",
    ONE,
    summary="Change name, roles, departments, skills and windows",
    body=AccountChange,
    returns=AccountView,
    errors=(*OPENING, StaffFault, RolesExclude),
)
async def change(
    request: Request, principal: Principal, id: str, body: AccountChange
) -> AccountView:
    """Change an account (改账号)."""
    return await _administration(request).change(staff_of(principal), account_id(id), body)


@administrator_endpoint(
    "POST",
    f"{ONE}/first-password",
    summary="Give a first password, which is shown this once, and end the sessions",
    body=AtVersion,
    returns=FirstPassword,
    errors=OPENING,
)
async def give_first_password(
    request: Request, principal: Principal, id: str, body: AtVersion
) -> FirstPassword:
    """Give a first password (发初始密码)."""
    service, by = _administration(request), staff_of(principal)
    return await service.give_first_password(by, account_id(id), body.version)


@administrator_endpoint(
    "POST",
    f"{ONE}/disabling",
    summary="Switch an account off, and end its sessions at once",
    body=AtVersion,
    returns=AccountView,
    errors=OPENING,
)
async def disable(request: Request, principal: Principal, id: str, body: AtVersion) -> AccountView:
    """Switch an account off (停用)."""
    service, by = _administration(request), staff_of(principal)
    return await service.disable(by, account_id(id), body.version)


@administrator_endpoint(
    "POST",
    f"{ONE}/enabling",
    summary="Switch an account on again",
    body=AtVersion,
    returns=AccountView,
    errors=OPENING,
)
async def enable(request: Request, principal: Principal, id: str, body: AtVersion) -> AccountView:
    """Switch an account on (恢复使用)."""
    service, by = _administration(request), staff_of(principal)
    return await service.enable(by, account_id(id), body.version)


@administrator_endpoint(
    "POST",
    f"{ONE}/second-factor-reset",
    summary="Take the second factor away, and end the sessions",
    body=AtVersion,
    returns=AccountView,
    errors=OPENING,
)
async def reset_second_factor(
    request: Request, principal: Principal, id: str, body: AtVersion
) -> AccountView:
    """Reset the second factor (重置动态口令)."""
    service, by = _administration(request), staff_of(principal)
    return await service.reset_second_factor(by, account_id(id), body.version)


@administrator_endpoint(
    "DELETE",
    f"{ONE}/sessions",
    summary="End an account's sessions",
    status=204,
    errors=(AccountNotFound, OwnAccount),
)
async def end_sessions(request: Request, principal: Principal, id: str) -> None:
    """End an account's sessions (强制下线)."""
    await _administration(request).end_sessions(staff_of(principal), account_id(id))
