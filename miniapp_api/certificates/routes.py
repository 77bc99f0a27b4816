"""HTTP in and out of certificates."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint, Request

from miniapp_api.certificates import views
from miniapp_api.certificates.errors import (
    AuthorisationUsed,
    CertificateCodeUsed,
    CertificateNotFound,
    CertificateNotValid,
    CertificateTypeUnknown,
    RealNameRequired,
    WindowUnknown,
)
from miniapp_api.certificates.people import Enterprises
from miniapp_api.certificates.rules import Holder
from miniapp_api.certificates.schemas import (
    CertificateDetail,
    Certificates,
    FetchableTypes,
    Fetched,
    FetchRequest,
    HallLedgerQuery,
    Ledger,
    LedgerQuery,
    Savings,
    SavingsQuery,
    ShownCode,
    Verification,
    VerificationRequest,
)
from miniapp_api.identity.errors import EnterpriseNotFound
from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.errors import LoginRequired, TooManyRequests
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.idempotency import KeyReused
from miniapp_api.platform.signing import TokenExpired, TokenForged

room = Blueprint("certificates", url_prefix="/certificates")


def _citizen(principal: Principal) -> UUID:
    if principal.citizen is None:
        raise LoginRequired()
    return principal.citizen


def _holder(principal: Principal) -> Holder:
    return Holder("person", _citizen(principal))


def _certificate_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CertificateNotFound() from None


async def _enterprise(request: Request, principal: Principal, id: str) -> Holder:
    """Return an enterprise whose certificates the citizen may see; raise EnterpriseNotFound."""
    enterprises: Enterprises = request.app.ctx.enterprises
    try:
        holder = Holder("enterprise", UUID(id))
    except ValueError:
        raise EnterpriseNotFound() from None
    if not await enterprises.may_act(_citizen(principal), holder.id, "view"):
        raise EnterpriseNotFound()
    return holder


@endpoint(
    room,
    "GET",
    "/",
    auth=Auth.CITIZEN,
    summary="My certificates",
    returns=Certificates,
)
async def list_certificates(request: Request, principal: Principal) -> Certificates:
    """List my certificates (我的证照)."""
    ctx = request.app.ctx
    return views.listed(await ctx.certificates.own(_holder(principal)), ctx.clock.now())


@endpoint(
    room,
    "GET",
    "/types",
    auth=Auth.PUBLIC,
    summary="What can be fetched into a person's vault",
    returns=FetchableTypes,
)
async def list_types(request: Request) -> FetchableTypes:
    """List what can be fetched (可领取的证照)."""
    return FetchableTypes(types=request.app.ctx.certificate_types.fetchable())


@endpoint(
    room,
    "GET",
    "/enterprises/<id:str>",
    auth=Auth.CITIZEN,
    summary="The certificates of an enterprise that I represent, or may see",
    returns=Certificates,
    errors=(EnterpriseNotFound,),
)
async def list_of_enterprise(request: Request, principal: Principal, id: str) -> Certificates:
    """List an enterprise's certificates (企业证照)."""
    ctx, holder = request.app.ctx, await _enterprise(request, principal, id)
    return views.listed(await ctx.certificates.own(holder), ctx.clock.now())


@endpoint(
    room,
    "GET",
    "/enterprises/<id:str>/<certificate:str>",
    auth=Auth.CITIZEN,
    summary="A certificate of an enterprise that I represent, or may see",
    returns=CertificateDetail,
    errors=(EnterpriseNotFound, CertificateNotFound),
)
async def show_of_enterprise(
    request: Request, principal: Principal, id: str, certificate: str
) -> CertificateDetail:
    """Show an enterprise's certificate (企业证照详情)."""
    ctx, holder = request.app.ctx, await _enterprise(request, principal, id)
    found = await ctx.certificates.mine(holder, _certificate_id(certificate))
    return views.detail(found, ctx.clock.now())


@endpoint(
    room,
    "POST",
    "/enterprises/<id:str>/<certificate:str>/codes",
    auth=Auth.CITIZEN,
    summary="A code to show an enterprise's certificate with",
    returns=ShownCode,
    errors=(EnterpriseNotFound, CertificateNotFound, CertificateNotValid),
)
async def code_of_enterprise(
    request: Request, principal: Principal, id: str, certificate: str
) -> ShownCode:
    """Make a code for an enterprise's certificate (企业亮证码)."""
    holder = await _enterprise(request, principal, id)
    shown: ShownCode = await request.app.ctx.certificate_codes.code(
        holder, _certificate_id(certificate)
    )
    return shown


@endpoint(
    room,
    "GET",
    "/<id:str>",
    auth=Auth.CITIZEN,
    summary="A certificate of mine",
    returns=CertificateDetail,
    errors=(CertificateNotFound,),
)
async def show_certificate(request: Request, principal: Principal, id: str) -> CertificateDetail:
    """Show a certificate (证照详情)."""
    ctx = request.app.ctx
    found = await ctx.certificates.mine(_holder(principal), _certificate_id(id))
    return views.detail(found, ctx.clock.now())


@endpoint(
    room,
    "POST",
    "/fetches",
    auth=Auth.CITIZEN,
    summary="Authorise departments' data into my vault, once",
    body=FetchRequest,
    returns=Fetched,
    status=201,
    errors=(
        CertificateTypeUnknown,
        RealNameRequired,
        AuthorisationUsed,
        KeyReused,
        TooManyRequests,
    ),
    idempotency="required",
)
async def fetch(request: Request, principal: Principal, body: FetchRequest, key: str) -> Fetched:
    """Fetch certificates (授权领取)."""
    fetched: Fetched = await request.app.ctx.data_sharing.fetch_own(
        _citizen(principal), body.types, key
    )
    return fetched


@endpoint(
    room,
    "POST",
    "/<id:str>/codes",
    auth=Auth.CITIZEN,
    summary="A code to show a certificate with",
    returns=ShownCode,
    errors=(CertificateNotFound, CertificateNotValid),
)
async def show_code(request: Request, principal: Principal, id: str) -> ShownCode:
    """Make a code (亮证码); every call makes another one, and nothing is kept."""
    code: ShownCode = await request.app.ctx.certificate_codes.code(
        _holder(principal), _certificate_id(id)
    )
    return code


@endpoint(
    room,
    "POST",
    "/verifications",
    auth=Auth.STAFF,
    roles=frozenset({"clerk", "queue_manager", "hall_manager"}),
    second_factor=True,
    summary="Verify a shown code at a window",
    body=VerificationRequest,
    returns=Verification,
    errors=(TokenForged, TokenExpired, CertificateCodeUsed, CertificateNotFound, WindowUnknown),
)
async def verify(request: Request, principal: Principal, body: VerificationRequest) -> Verification:
    """Verify a code (核验)."""
    verified: Verification = await request.app.ctx.certificate_codes.verify(
        staff_of(principal), body.token, body.window
    )
    return verified


@endpoint(
    room,
    "GET",
    "/ledger",
    auth=Auth.CITIZEN,
    summary="Who asked for my data",
    query=LedgerQuery,
    returns=Ledger,
)
async def my_ledger(request: Request, principal: Principal, query: LedgerQuery) -> Ledger:
    """Read my ledger (我的数据共享台账)."""
    ledger: Ledger = await request.app.ctx.data_ledger.own(_citizen(principal), query)
    return ledger


@endpoint(
    room,
    "GET",
    "/desk/ledger",
    auth=Auth.STAFF,
    roles=frozenset({"auditor"}),
    second_factor=True,
    summary="The ledger of one's hall and of what was asked online",
    query=HallLedgerQuery,
    returns=Ledger,
)
async def hall_ledger(request: Request, principal: Principal, query: HallLedgerQuery) -> Ledger:
    """Read the ledger (数据共享台账)."""
    ledger: Ledger = await request.app.ctx.data_ledger.of_hall(staff_of(principal).hall, query)
    return ledger


@endpoint(
    room,
    "GET",
    "/savings",
    auth=Auth.STAFF,
    roles=frozenset({"hall_manager", "auditor"}),
    summary="Papers and trips saved",
    query=SavingsQuery,
    returns=Savings,
)
async def savings(request: Request, query: SavingsQuery) -> Savings:
    """Count what was saved (减材料、减跑动)."""
    counted: Savings = await request.app.ctx.data_ledger.savings(query)
    return counted
