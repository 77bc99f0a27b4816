"""HTTP in and out of sessions and devices."""

from __future__ import annotations

from uuid import UUID

from sanic import Request

from miniapp_api.identity.citizens import PhoneInvalid
from miniapp_api.identity.errors import (
    DeviceNotFound,
    PhoneNeeded,
    RefreshInvalid,
    RefreshReused,
    WeChatCodeInvalid,
    WeChatCodeUsed,
    WeChatTooOften,
    WeChatUnavailable,
    WeChatUserBlocked,
)
from miniapp_api.identity.routes import room, user_agent
from miniapp_api.identity.session_schemas import (
    Devices,
    RefreshRequest,
    Session,
    WeChatSessionRequest,
)
from miniapp_api.identity.sessions import Sessions
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.errors import LoginRequired
from miniapp_api.platform.http import endpoint


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.ctx.sessions
    return sessions


def citizen_of(principal: Principal) -> UUID:
    """Return the citizen who asks, or raise LoginRequired."""
    if principal.citizen is None:
        raise LoginRequired()
    return principal.citizen


@endpoint(
    room,
    "POST",
    "/wechat/sessions",
    auth=Auth.PUBLIC,
    summary="Log in with WeChat",
    body=WeChatSessionRequest,
    returns=Session,
    status=201,
    errors=(
        PhoneNeeded,
        PhoneInvalid,
        WeChatCodeInvalid,
        WeChatCodeUsed,
        WeChatUserBlocked,
        WeChatTooOften,
        WeChatUnavailable,
        RefreshInvalid,
    ),
)
async def log_in_with_wechat(request: Request, body: WeChatSessionRequest) -> Session:
    """Log in with WeChat (微信登录)."""
    service = request.app.ctx.wechat_log_in
    session: Session = await service.log_in(body.code, body.phone_code, user_agent(request))
    return session


@endpoint(
    room,
    "POST",
    "/sessions/refresh",
    auth=Auth.PUBLIC,
    summary="Renew a session: both tokens are new, the old refresh token is spent",
    body=RefreshRequest,
    returns=Session,
    errors=(RefreshInvalid, RefreshReused),
    idempotency="optional",
)
async def refresh(request: Request, body: RefreshRequest, key: str | None) -> Session:
    """Renew a session (续期)."""
    return await _sessions(request).refresh(body.refresh_token, key)


@endpoint(
    room,
    "DELETE",
    "/sessions/current",
    auth=Auth.CITIZEN,
    summary="Log out",
    status=204,
)
async def log_out(request: Request, principal: Principal) -> None:
    """Log out (退出登录)."""
    if principal.token:
        await _sessions(request).end_token(principal.token)


@endpoint(
    room,
    "GET",
    "/devices",
    auth=Auth.CITIZEN,
    summary="On which devices I am logged in",
    returns=Devices,
)
async def devices(request: Request, principal: Principal) -> Devices:
    """List my devices (登录设备)."""
    found = await _sessions(request).devices(citizen_of(principal), principal.token)
    return Devices(devices=found)


@endpoint(
    room,
    "DELETE",
    "/devices",
    auth=Auth.CITIZEN,
    summary="Log out everywhere",
    status=204,
)
async def log_out_everywhere(request: Request, principal: Principal) -> None:
    """Log out everywhere (退出所有设备)."""
    await _sessions(request).end_all(citizen_of(principal))


@endpoint(
    room,
    "DELETE",
    "/devices/<id:str>",
    auth=Auth.CITIZEN,
    summary="Log a device out",
    status=204,
    errors=(DeviceNotFound,),
)
async def log_device_out(request: Request, principal: Principal, id: str) -> None:
    """Log a device out (退出一台设备)."""
    try:
        device = UUID(id)
    except ValueError:
        raise DeviceNotFound() from None
    await _sessions(request).end(citizen_of(principal), device)
