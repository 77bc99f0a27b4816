"""HTTP in and out of a citizen's rights over his data."""

from __future__ import annotations

from sanic import Request

from miniapp_api.identity.errors import ConsentNotFound
from miniapp_api.identity.rights import RightsService
from miniapp_api.identity.rights_schemas import Consents, Copy, Erasure, ProofRequest
from miniapp_api.identity.routes import room
from miniapp_api.identity.service import CodeWrong
from miniapp_api.identity.session_routes import citizen_of
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.http import endpoint


def _rights(request: Request) -> RightsService:
    rights: RightsService = request.app.ctx.rights
    return rights


@endpoint(
    room,
    "GET",
    "/me/consents",
    auth=Auth.CITIZEN,
    summary="What I consented to",
    returns=Consents,
)
async def consents(request: Request, principal: Principal) -> Consents:
    """List my consents (同意记录)."""
    return await _rights(request).consents(citizen_of(principal))


@endpoint(
    room,
    "DELETE",
    "/me/consents/<purpose:str>",
    auth=Auth.CITIZEN,
    summary="Withdraw a consent; what was kept on its ground is erased",
    returns=Erasure,
    errors=(ConsentNotFound,),
)
async def withdraw(request: Request, principal: Principal, purpose: str) -> Erasure:
    """Withdraw a consent (撤回同意)."""
    return await _rights(request).withdraw(citizen_of(principal), purpose)


@endpoint(
    room,
    "GET",
    "/me/export",
    auth=Auth.CITIZEN,
    summary="A copy of everything held of me, masked",
    returns=Copy,
)
async def export(request: Request, principal: Principal) -> Copy:
    """Copy what is held of me (查阅个人信息)."""
    return await _rights(request).copy(citizen_of(principal), masked=True)


@endpoint(
    room,
    "POST",
    "/me/export",
    auth=Auth.CITIZEN,
    summary="A copy of everything held of me, in full, against a fresh code",
    body=ProofRequest,
    returns=Copy,
    errors=(CodeWrong,),
)
async def export_in_full(request: Request, principal: Principal, body: ProofRequest) -> Copy:
    """Copy what is held of me, in full (复制个人信息)."""
    citizen = citizen_of(principal)
    await request.app.ctx.identity.prove(citizen, body.code)
    return await _rights(request).copy(citizen, masked=False)


@endpoint(
    room,
    "POST",
    "/me/deletion",
    auth=Auth.CITIZEN,
    summary="Erase my data, against a fresh code, and say what must be kept and why",
    body=ProofRequest,
    returns=Erasure,
    errors=(CodeWrong,),
)
async def delete(request: Request, principal: Principal, body: ProofRequest) -> Erasure:
    """Erase my data (注销账号)."""
    citizen = citizen_of(principal)
    await request.app.ctx.identity.prove(citizen, body.code)
    return await _rights(request).delete(citizen)
