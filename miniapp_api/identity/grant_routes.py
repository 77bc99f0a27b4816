"""HTTP in and out of booking for somebody else."""

from __future__ import annotations

from uuid import UUID

from sanic import Request

from miniapp_api.identity.grant_schemas import (
    Agents,
    ConsentCodeRequest,
    GrantRequest,
    GrantView,
    Principals,
)
from miniapp_api.identity.grants import (
    GrantService,
    OrganisationInvalid,
    PrincipalNotFound,
    SelfConsent,
    TooManyPrincipals,
)
from miniapp_api.identity.routes import room
from miniapp_api.identity.schemas import CodeSent
from miniapp_api.identity.service import CodeWrong, PhoneInvalid
from miniapp_api.identity.sms import SmsUnavailable
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.errors import LoginRequired, TooManyRequests, ValidationFailed
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.idempotency import KeyReused

__all__ = ["room"]


def _service(request: Request) -> GrantService:
    service: GrantService = request.app.ctx.grants
    return service


def _citizen(principal: Principal) -> UUID:
    if principal.citizen is None:
        raise LoginRequired()
    return principal.citizen


@endpoint(
    room,
    "POST",
    "/principals/codes",
    auth=Auth.CITIZEN,
    summary="Send a consent code to the phone of whom you want to book for",
    body=ConsentCodeRequest,
    returns=CodeSent,
    status=202,
    errors=(PhoneInvalid, TooManyRequests, SmsUnavailable),
)
async def send_consent_code(
    request: Request, principal: Principal, body: ConsentCodeRequest
) -> CodeSent:
    """Send a consent code (授权验证码)."""
    return await _service(request).send_code(_citizen(principal), body.phone)


@endpoint(
    room,
    "POST",
    "/principals",
    auth=Auth.CITIZEN,
    summary="Be allowed to book for somebody else",
    body=GrantRequest,
    returns=GrantView,
    status=201,
    errors=(
        PhoneInvalid,
        CodeWrong,
        SelfConsent,
        TooManyPrincipals,
        OrganisationInvalid,
        ValidationFailed,
        KeyReused,
    ),
    idempotency="required",
)
async def grant(request: Request, principal: Principal, body: GrantRequest, key: str) -> GrantView:
    """Consent (授权代办)."""
    return await _service(request).grant(_citizen(principal), body, key)


@endpoint(
    room,
    "GET",
    "/principals",
    auth=Auth.CITIZEN,
    summary="For whom I may book",
    returns=Principals,
)
async def principals(request: Request, principal: Principal) -> Principals:
    """List for whom I may book (我能替谁办)."""
    return Principals(principals=await _service(request).principals(_citizen(principal)))


@endpoint(
    room,
    "GET",
    "/agents",
    auth=Auth.CITIZEN,
    summary="Who may book for me",
    returns=Agents,
)
async def agents(request: Request, principal: Principal) -> Agents:
    """List who may book for me (谁能替我办)."""
    return Agents(agents=await _service(request).agents(_citizen(principal)))


@endpoint(
    room,
    "DELETE",
    "/principals/<id:str>",
    auth=Auth.CITIZEN,
    summary="Revoke a consent, as either side",
    status=204,
    errors=(PrincipalNotFound,),
)
async def revoke(request: Request, principal: Principal, id: str) -> None:
    """Revoke (取消授权)."""
    try:
        grant_id = UUID(id)
    except ValueError:
        raise PrincipalNotFound() from None
    await _service(request).revoke(_citizen(principal), grant_id)
