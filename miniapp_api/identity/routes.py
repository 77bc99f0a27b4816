"""HTTP in and out of identity."""

from __future__ import annotations

from sanic import Blueprint, Request

from miniapp_api.identity.errors import RefreshInvalid
from miniapp_api.identity.schemas import CodeRequest, CodeSent, SessionRequest
from miniapp_api.identity.service import CodeWrong, IdentityService, PhoneInvalid
from miniapp_api.identity.session_schemas import Session
from miniapp_api.identity.sms import SmsUnavailable
from miniapp_api.platform.auth import Auth
from miniapp_api.platform.errors import TooManyRequests
from miniapp_api.platform.http import endpoint

room = Blueprint("identity", url_prefix="/identity")


def _service(request: Request) -> IdentityService:
    service: IdentityService = request.app.ctx.identity
    return service


def user_agent(request: Request) -> str:
    """Return what the caller's device calls itself, shortened."""
    return str(request.headers.get("user-agent", ""))[:300]


@endpoint(
    room,
    "POST",
    "/codes",
    auth=Auth.PUBLIC,
    summary="Send a log-in code to a phone",
    body=CodeRequest,
    returns=CodeSent,
    status=202,
    errors=(PhoneInvalid, TooManyRequests, SmsUnavailable),
)
async def send_code(request: Request, body: CodeRequest) -> CodeSent:
    """Send a code (获取验证码)."""
    return await _service(request).send_code(body.phone)


@endpoint(
    room,
    "POST",
    "/sessions",
    auth=Auth.PUBLIC,
    summary="Log in with phone and code",
    body=SessionRequest,
    returns=Session,
    status=201,
    errors=(PhoneInvalid, CodeWrong, RefreshInvalid),
)
async def log_in(request: Request, body: SessionRequest) -> Session:
    """Log in (登录)."""
    return await _service(request).log_in(body.phone, body.code, user_agent(request))
