"""HTTP in and out of enterprises and their delegates."""

from __future__ import annotations

from uuid import UUID

from sanic import Request

from miniapp_api.identity.citizens import PhoneInvalid
from miniapp_api.identity.enterprise_schemas import (
    DelegateRequest,
    Delegates,
    DelegateView,
    EnterpriseRequest,
    Enterprises,
    EnterpriseView,
    Offers,
)
from miniapp_api.identity.enterprises import EnterpriseService
from miniapp_api.identity.errors import (
    AssuranceTooLow,
    DelegateUnknown,
    DelegationLapsed,
    DelegationNotFound,
    EnterpriseNotFound,
    EnterpriseUnknown,
    NotRepresentative,
    RealNameRefused,
    RealNameUnavailable,
    ScopeMissing,
    SelfDelegation,
)
from miniapp_api.identity.grants import OrganisationInvalid
from miniapp_api.identity.routes import room
from miniapp_api.identity.session_routes import citizen_of
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.errors import Refusal, TooManyRequests
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.idempotency import KeyReused


def _service(request: Request) -> EnterpriseService:
    service: EnterpriseService = request.app.ctx.enterprises
    return service


def _id(text: str, missing: type[Refusal]) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise missing() from None


@endpoint(
    room,
    "POST",
    "/enterprises",
    auth=Auth.CITIZEN,
    summary="Open the account of an enterprise that I represent",
    body=EnterpriseRequest,
    returns=EnterpriseView,
    status=201,
    errors=(
        OrganisationInvalid,
        AssuranceTooLow,
        NotRepresentative,
        EnterpriseUnknown,
        TooManyRequests,
        RealNameUnavailable,
        RealNameRefused,
        KeyReused,
    ),
    idempotency="required",
)
async def open_enterprise(
    request: Request, principal: Principal, body: EnterpriseRequest, key: str
) -> EnterpriseView:
    """Open an enterprise's account (开通法人账号)."""
    return await _service(request).open(citizen_of(principal), body, key)


@endpoint(
    room,
    "GET",
    "/enterprises",
    auth=Auth.CITIZEN,
    summary="For which enterprises I may act",
    returns=Enterprises,
)
async def enterprises(request: Request, principal: Principal) -> Enterprises:
    """List my enterprises (我的企业)."""
    return Enterprises(enterprises=await _service(request).mine(citizen_of(principal)))


@endpoint(
    room,
    "POST",
    "/enterprises/<id:str>/delegates",
    auth=Auth.CITIZEN,
    summary="Delegate somebody to act for an enterprise",
    body=DelegateRequest,
    returns=DelegateView,
    status=201,
    errors=(
        EnterpriseNotFound,
        ScopeMissing,
        PhoneInvalid,
        DelegateUnknown,
        SelfDelegation,
        TooManyRequests,
        KeyReused,
    ),
    idempotency="required",
)
async def delegate(
    request: Request, principal: Principal, id: str, body: DelegateRequest, key: str
) -> DelegateView:
    """Delegate somebody (企业授权)."""
    enterprise = _id(id, EnterpriseNotFound)
    return await _service(request).delegate(citizen_of(principal), enterprise, body, key)


@endpoint(
    room,
    "GET",
    "/enterprises/<id:str>/delegates",
    auth=Auth.CITIZEN,
    summary="Who may act for an enterprise",
    returns=Delegates,
    errors=(EnterpriseNotFound,),
)
async def delegates(request: Request, principal: Principal, id: str) -> Delegates:
    """List an enterprise's delegates (被授权人)."""
    found = await _service(request).delegates(citizen_of(principal), _id(id, EnterpriseNotFound))
    return Delegates(delegates=found)


@endpoint(
    room,
    "DELETE",
    "/enterprises/<id:str>/delegates/<delegation:str>",
    auth=Auth.CITIZEN,
    summary="Revoke a delegation, or give up mine",
    status=204,
    errors=(EnterpriseNotFound, DelegationNotFound, ScopeMissing),
)
async def revoke_delegation(
    request: Request, principal: Principal, id: str, delegation: str
) -> None:
    """Revoke a delegation (取消企业授权)."""
    enterprise, found = _id(id, EnterpriseNotFound), _id(delegation, DelegationNotFound)
    await _service(request).revoke(citizen_of(principal), enterprise, found)


@endpoint(
    room,
    "GET",
    "/delegations",
    auth=Auth.CITIZEN,
    summary="What was delegated to me, accepted or not",
    returns=Offers,
)
async def offers(request: Request, principal: Principal) -> Offers:
    """List what was delegated to me (授权给我的企业)."""
    return Offers(delegations=await _service(request).offers(citizen_of(principal)))


@endpoint(
    room,
    "POST",
    "/delegations/<id:str>/accept",
    auth=Auth.CITIZEN,
    summary="Accept a delegation",
    status=204,
    errors=(DelegationNotFound, DelegationLapsed),
)
async def accept(request: Request, principal: Principal, id: str) -> None:
    """Accept a delegation (接受授权)."""
    await _service(request).accept(citizen_of(principal), _id(id, DelegationNotFound))
