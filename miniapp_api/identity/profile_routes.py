"""HTTP in and out of profiles and real-name verification."""

from __future__ import annotations

from sanic import Request

from miniapp_api.identity.errors import (
    AssuranceTooLow,
    FaceMismatch,
    IdNumberFixed,
    IdNumberTaken,
    NameInvalid,
    RealNameMismatch,
    RealNameNotFound,
    RealNameRefused,
    RealNameUnavailable,
)
from miniapp_api.identity.profile_schemas import AddressRequest, FaceRequest, Me, RealNameRequest
from miniapp_api.identity.profiles import ProfileService
from miniapp_api.identity.routes import room
from miniapp_api.identity.service import IdNumberInvalid
from miniapp_api.identity.session_routes import citizen_of
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.errors import TooManyRequests
from miniapp_api.platform.http import endpoint


def _profiles(request: Request) -> ProfileService:
    profiles: ProfileService = request.app.ctx.profiles
    return profiles


@endpoint(
    room,
    "GET",
    "/me",
    auth=Auth.CITIZEN,
    summary="Who I am, masked",
    returns=Me,
)
async def me(request: Request, principal: Principal) -> Me:
    """Show who I am (个人信息)."""
    return await _profiles(request).me(citizen_of(principal))


@endpoint(
    room,
    "POST",
    "/real-name",
    auth=Auth.CITIZEN,
    summary="Verify my name, or correct it",
    body=RealNameRequest,
    returns=Me,
    errors=(
        IdNumberInvalid,
        NameInvalid,
        RealNameMismatch,
        RealNameNotFound,
        IdNumberTaken,
        IdNumberFixed,
        TooManyRequests,
        RealNameUnavailable,
        RealNameRefused,
    ),
)
async def verify(request: Request, principal: Principal, body: RealNameRequest) -> Me:
    """Verify my name (实名认证)."""
    return await _profiles(request).verify(citizen_of(principal), body.name, body.id_number)


@endpoint(
    room,
    "POST",
    "/real-name/face",
    auth=Auth.CITIZEN,
    summary="Verify my face",
    body=FaceRequest,
    returns=Me,
    errors=(AssuranceTooLow, FaceMismatch, TooManyRequests, RealNameUnavailable, RealNameRefused),
)
async def verify_face(request: Request, principal: Principal, body: FaceRequest) -> Me:
    """Verify my face (人脸核验)."""
    return await _profiles(request).verify_face(citizen_of(principal), body.token)


@endpoint(
    room,
    "PUT",
    "/me/address",
    auth=Auth.CITIZEN,
    summary="Keep my address, or delete it",
    body=AddressRequest,
    returns=Me,
)
async def set_address(request: Request, principal: Principal, body: AddressRequest) -> Me:
    """Keep my address (联系地址)."""
    return await _profiles(request).set_address(citizen_of(principal), body.address)
