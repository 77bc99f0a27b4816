"""HTTP in and out of applications, for citizens."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint, Request

from miniapp_api.applications.draft_views import check_view, draft_view
from miniapp_api.applications.drafts import DraftService, Sheet
from miniapp_api.applications.errors import (
    AnswersUnusable,
    DraftChanged,
    DraftItemGone,
    DraftNotFound,
    DraftSubmitted,
    EnterpriseForbidden,
    MaterialUnknown,
    NoFee,
    NotOnline,
    NotReady,
    PartOfBundle,
    ProxyNotAllowed,
    TooManyFiles,
    WrongApplicant,
)
from miniapp_api.applications.schemas import (
    CheckView,
    Covered,
    DraftBrief,
    Drafts,
    DraftView,
    FileQuery,
    Order,
    SaveDraft,
    StartDraft,
    SubmitDraft,
    Submitted,
    UseCertificates,
)
from miniapp_api.applications.submitting import Submitting
from miniapp_api.guides.errors import ItemNotFound, OptionUnknown
from miniapp_api.identity.grants import ConsentExpired, PrincipalNotFound
from miniapp_api.payments.errors import OrderExists
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.errors import LoginRequired
from miniapp_api.platform.files.intake import FILE_ERRORS
from miniapp_api.platform.files.streaming import file_response, stream_of
from miniapp_api.platform.http import STREAMED, endpoint

room = Blueprint("applications", url_prefix="/applications")

OPENING = (
    DraftNotFound, DraftSubmitted, DraftItemGone, EnterpriseForbidden, PrincipalNotFound,
    ConsentExpired,
)  # fmt: skip


def citizen_of(principal: Principal) -> UUID:
    """Return the citizen who asks, or raise LoginRequired."""
    if principal.citizen is None:
        raise LoginRequired()
    return principal.citizen


def id_of(text: str, missing: type[DraftNotFound] | type[Exception] = DraftNotFound) -> UUID:
    """Return an id of the path; one that is none names nothing."""
    try:
        return UUID(text)
    except ValueError:
        raise missing() from None


def _drafts(request: Request) -> DraftService:
    service: DraftService = request.app.ctx.drafts
    return service


def _view(request: Request, sheet: Sheet) -> DraftView:
    return draft_view(sheet, request.app.ctx.guides.handbook.forms)


@endpoint(
    room,
    "POST",
    "/drafts",
    auth=Auth.CITIZEN,
    summary="Begin an application, or open the one that was begun",
    body=StartDraft,
    returns=DraftView,
    errors=(ItemNotFound, OptionUnknown, NotOnline, WrongApplicant, ProxyNotAllowed, *OPENING),
)
async def start(request: Request, principal: Principal, body: StartDraft) -> DraftView:
    """Begin (开始申请)."""
    return _view(request, await _drafts(request).start(citizen_of(principal), body))


@endpoint(room, "GET", "/drafts", auth=Auth.CITIZEN, summary="My drafts", returns=Drafts)
async def drafts(request: Request, principal: Principal) -> Drafts:
    """List my drafts (我的草稿)."""
    rows = await _drafts(request).drafts(citizen_of(principal))
    return Drafts(drafts=[DraftBrief.model_validate(row) for row in rows])


@endpoint(
    room,
    "GET",
    "/drafts/<id:str>",
    auth=Auth.CITIZEN,
    summary="A draft with its form",
    returns=DraftView,
    errors=OPENING,
)
async def read_draft(request: Request, principal: Principal, id: str) -> DraftView:
    """Open a draft (打开草稿)."""
    return _view(request, await _drafts(request).open(citizen_of(principal), id_of(id)))


@endpoint(
    room,
    "PATCH",
    "/drafts/<id:str>",
    auth=Auth.CITIZEN,
    summary="Save what was typed since",
    body=SaveDraft,
    returns=DraftView,
    errors=(DraftChanged, AnswersUnusable, OptionUnknown, PartOfBundle, *OPENING),
)
async def save(request: Request, principal: Principal, id: str, body: SaveDraft) -> DraftView:
    """Save (保存草稿)."""
    return _view(request, await _drafts(request).save(citizen_of(principal), id_of(id), body))


@endpoint(
    room,
    "DELETE",
    "/drafts/<id:str>",
    auth=Auth.CITIZEN,
    summary="Discard a draft and its files",
    status=204,
    errors=(DraftNotFound, PartOfBundle),
)
async def discard(request: Request, principal: Principal, id: str) -> None:
    """Discard (删除草稿)."""
    await _drafts(request).discard(citizen_of(principal), id_of(id))


@endpoint(
    room,
    "POST",
    "/drafts/<id:str>/materials/<material:str>/files",
    auth=Auth.CITIZEN,
    summary="Hand in a file for a material: the body is the file",
    query=FileQuery,
    returns=DraftView,
    errors=(MaterialUnknown, TooManyFiles, PartOfBundle, *FILE_ERRORS, *OPENING),
    stream=True,
)
async def attach(
    request: Request, principal: Principal, id: str, material: str, query: FileQuery
) -> DraftView:
    """Hand in a file (上传材料)."""
    sheet = await _drafts(request).attach(
        citizen_of(principal), id_of(id), material, query.name, stream_of(request)
    )
    return _view(request, sheet)


@endpoint(
    room,
    "DELETE",
    "/drafts/<id:str>/files/<file:str>",
    auth=Auth.CITIZEN,
    summary="Take a file out",
    returns=DraftView,
    errors=(MaterialUnknown, PartOfBundle, *OPENING),
)
async def detach(request: Request, principal: Principal, id: str, file: str) -> DraftView:
    """Take a file out (删除材料)."""
    chosen = id_of(file, MaterialUnknown)
    return _view(request, await _drafts(request).detach(citizen_of(principal), id_of(id), chosen))


@endpoint(
    room,
    "GET",
    "/drafts/<id:str>/files/<file:str>",
    auth=Auth.CITIZEN,
    summary="Show a file of a draft",
    media="application/octet-stream",
    errors=(MaterialUnknown, *OPENING),
)
async def draft_file(request: Request, principal: Principal, id: str, file: str) -> object:
    """Show a file (查看材料)."""
    sheet = await _drafts(request).open(citizen_of(principal), id_of(id))
    chosen = id_of(file, MaterialUnknown)
    found = next((a for a in sheet.attached if a.id == chosen and a.blob), None)
    if found is None:
        raise MaterialUnknown()
    await file_response(request, found.blob or "", found.media_type or "")
    return STREAMED


@endpoint(
    room,
    "POST",
    "/drafts/<id:str>/certificates",
    auth=Auth.CITIZEN,
    summary="Let electronic certificates stand for materials",
    body=UseCertificates,
    returns=Covered,
    errors=(PartOfBundle, *OPENING),
)
async def cover(request: Request, principal: Principal, id: str, body: UseCertificates) -> Covered:
    """Use certificates (免提交)."""
    sheet, outcomes = await _drafts(request).cover(
        citizen_of(principal), id_of(id), authorised=body.authorised
    )
    return Covered(draft=_view(request, sheet), outcomes=outcomes)


@endpoint(
    room,
    "POST",
    "/drafts/<id:str>/order",
    auth=Auth.CITIZEN,
    summary="The order of the fee that is due before submitting",
    returns=Order,
    errors=(NoFee, OrderExists, DraftChanged, *OPENING),
)
async def draft_order(request: Request, principal: Principal, id: str) -> Order:
    """Open an order (缴费)."""
    fee = await _drafts(request).order(citizen_of(principal), id_of(id))
    return Order(id=fee.id, amount_fen=fee.amount_fen, paid=fee.paid)


@endpoint(
    room,
    "GET",
    "/drafts/<id:str>/check",
    auth=Auth.CITIZEN,
    summary="What is missing or wrong",
    returns=CheckView,
    errors=OPENING,
)
async def check(request: Request, principal: Principal, id: str) -> CheckView:
    """Pre-check (预检)."""
    service = _drafts(request)
    sheet = await service.open(citizen_of(principal), id_of(id))
    return check_view(await service.check(sheet))


@endpoint(
    room,
    "POST",
    "/drafts/<id:str>/submission",
    auth=Auth.CITIZEN,
    summary="Submit: once, whoever asks how often",
    body=SubmitDraft,
    returns=Submitted,
    errors=(NotReady, DraftChanged, PartOfBundle, *OPENING),
)
async def submit(request: Request, principal: Principal, id: str, body: SubmitDraft) -> Submitted:
    """Submit (提交申请)."""
    service: Submitting = request.app.ctx.submitting
    return await service.submit(citizen_of(principal), id_of(id), body.revision)
