"""HTTP in and out of staff."""

from __future__ import annotations

from sanic import Blueprint, Request

from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.errors import TooManyRequests
from miniapp_api.platform.http import endpoint
from miniapp_api.staff.errors import (
    FirstPasswordLapsed,
    PasswordUnfit,
    PasswordWrong,
    StaffLoginWrong,
    TotpEnrolled,
    TotpRequired,
    TotpWrong,
)
from miniapp_api.staff.rules import ROLES
from miniapp_api.staff.schemas import (
    PasswordChange,
    StaffLoggedIn,
    StaffLogin,
    StaffView,
    TotpConfirmation,
    TotpSecret,
)
from miniapp_api.staff.service import StaffService
from miniapp_api.staff.totp import SecondFactor

room = Blueprint("staff", url_prefix="/staff")
ANYBODY = frozenset(ROLES)


def _service(request: Request) -> StaffService:
    service: StaffService = request.app.ctx.staff
    return service


@endpoint(
    room,
    "POST",
    "/sessions",
    auth=Auth.PUBLIC,
    summary="Log in as a member of staff",
    body=StaffLogin,
    returns=StaffLoggedIn,
    status=201,
    errors=(StaffLoginWrong, FirstPasswordLapsed, TotpRequired, TotpWrong, TooManyRequests),
)
async def log_in(request: Request, body: StaffLogin) -> StaffLoggedIn:
    """Log in (工作人员登录)."""
    return await _service(request).log_in(body.login, body.password, body.code)


@endpoint(
    room,
    "POST",
    "/me/totp",
    auth=Auth.STAFF,
    roles=ANYBODY,
    summary="Get a secret for an authenticator app",
    returns=TotpSecret,
    errors=(TotpEnrolled,),
)
async def enrol_totp(request: Request, principal: Principal) -> TotpSecret:
    """Enrol a second factor (绑定动态口令)."""
    member = staff_of(principal)
    account = await _service(request).me(member.id)
    factor: SecondFactor = request.app.ctx.second_factor
    return await factor.enrol(member, account.name)


@endpoint(
    room,
    "POST",
    "/me/totp/confirmation",
    auth=Auth.STAFF,
    roles=ANYBODY,
    summary="Switch the second factor on by its first code",
    body=TotpConfirmation,
    status=204,
    errors=(TotpWrong,),
)
async def confirm_totp(request: Request, principal: Principal, body: TotpConfirmation) -> None:
    """Confirm the second factor (确认绑定)."""
    factor: SecondFactor = request.app.ctx.second_factor
    await factor.confirm(staff_of(principal), body.code)


@endpoint(
    room,
    "PUT",
    "/me/password",
    auth=Auth.STAFF,
    roles=ANYBODY,
    first_password=True,
    summary="Change one's own password, and end one's other sessions",
    body=PasswordChange,
    status=204,
    errors=(PasswordWrong, PasswordUnfit, TooManyRequests),
)
async def change_password(request: Request, principal: Principal, body: PasswordChange) -> None:
    """Change one's own password (改密码)."""
    member, token = staff_of(principal), principal.token or ""
    await _service(request).change_password(member.id, token, body.old, body.new)


@endpoint(
    room,
    "DELETE",
    "/sessions/current",
    auth=Auth.STAFF,
    roles=ANYBODY,
    first_password=True,
    summary="Log out",
    status=204,
)
async def log_out(request: Request, principal: Principal) -> None:
    """Log out (退出)."""
    if principal.token:
        await _service(request).log_out(principal.token)


@endpoint(
    room,
    "GET",
    "/me",
    auth=Auth.STAFF,
    roles=ANYBODY,
    first_password=True,
    summary="Who am I",
    returns=StaffView,
)
async def me(request: Request, principal: Principal) -> StaffView:
    """Show one's own account."""
    return await _service(request).me(staff_of(principal).id)
