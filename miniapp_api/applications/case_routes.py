"""HTTP in and out of a citizen's cases."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from miniapp_api.applications.errors import (
    ActionNotAllowed,
    AnswersUnusable,
    ApplicationNotFound,
    CaseChanged,
    CorrectionIncomplete,
    EnterpriseForbidden,
    MaterialUnknown,
    NoFee,
    TooManyFiles,
)
from miniapp_api.applications.progress import Progress
from miniapp_api.applications.routes import citizen_of, id_of, room
from miniapp_api.applications.schemas import (
    CaseQuery,
    Cases,
    CaseView,
    Correct,
    FileQuery,
    Order,
    Withdraw,
)
from miniapp_api.identity.grants import ConsentExpired, PrincipalNotFound
from miniapp_api.payments.errors import OrderExists
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.files.intake import FILE_ERRORS
from miniapp_api.platform.files.streaming import file_response, stream_of
from miniapp_api.platform.http import STREAMED, endpoint

__all__ = ["room"]

ACTING = (
    ApplicationNotFound, ActionNotAllowed, CaseChanged, EnterpriseForbidden, PrincipalNotFound,
    ConsentExpired,
)  # fmt: skip


def _progress(request: Request) -> Progress:
    service: Progress = request.app.ctx.progress
    return service


@endpoint(room, "GET", "/", auth=Auth.CITIZEN, summary="My cases", query=CaseQuery, returns=Cases)
async def mine(request: Request, principal: Principal, query: CaseQuery) -> Cases:
    """List my cases (我的办件)."""
    return await _progress(request).mine(citizen_of(principal), query.before, query.limit)


@endpoint(
    room,
    "GET",
    "/<id:str>",
    auth=Auth.CITIZEN,
    summary="Where a case stands: each step, who has it, since when, until when",
    returns=CaseView,
    errors=(ApplicationNotFound,),
)
async def view(request: Request, principal: Principal, id: str) -> CaseView:
    """Show a case (办件进度)."""
    case = id_of(id, ApplicationNotFound)
    return await _progress(request).view(citizen_of(principal), case)


@endpoint(
    room,
    "GET",
    "/<id:str>/receipt",
    auth=Auth.CITIZEN,
    summary="The receipt, to print",
    media="application/pdf",
    errors=(ApplicationNotFound,),
)
async def receipt(request: Request, principal: Principal, id: str) -> HTTPResponse:
    """Print the receipt (受理回执)."""
    case = await _progress(request).case(citizen_of(principal), id_of(id, ApplicationNotFound))
    paper = await request.app.ctx.papers.receipt(case)
    return HTTPResponse(paper, content_type="application/pdf")


@endpoint(
    room,
    "POST",
    "/<id:str>/withdrawal",
    auth=Auth.CITIZEN,
    summary="Take a case back",
    body=Withdraw,
    returns=CaseView,
    errors=ACTING,
)
async def withdraw(request: Request, principal: Principal, id: str, body: Withdraw) -> CaseView:
    """Withdraw (撤回申请)."""
    case = id_of(id, ApplicationNotFound)
    return await _progress(request).withdraw(citizen_of(principal), case, body)


@endpoint(
    room,
    "POST",
    "/<id:str>/materials/<material:str>/files",
    auth=Auth.CITIZEN,
    summary="Hand in a file that a correction notice asks for: the body is the file",
    query=FileQuery,
    returns=CaseView,
    errors=(MaterialUnknown, TooManyFiles, *FILE_ERRORS, *ACTING),
    stream=True,
)
async def attach_missing(
    request: Request, principal: Principal, id: str, material: str, query: FileQuery
) -> CaseView:
    """Hand in what was missing (补正材料)."""
    case = id_of(id, ApplicationNotFound)
    chunks = stream_of(request)
    return await _progress(request).attach(
        citizen_of(principal), case, material, query.name, chunks
    )


@endpoint(
    room,
    "GET",
    "/<id:str>/files/<file:str>",
    auth=Auth.CITIZEN,
    summary="Show a file of a case",
    media="application/octet-stream",
    errors=(MaterialUnknown, ApplicationNotFound),
)
async def case_file(request: Request, principal: Principal, id: str, file: str) -> object:
    """Show a file (查看材料)."""
    case, chosen = id_of(id, ApplicationNotFound), id_of(file, MaterialUnknown)
    found = await _progress(request).file(citizen_of(principal), case, chosen)
    await file_response(request, found.blob or "", found.media_type or "")
    return STREAMED


@endpoint(
    room,
    "POST",
    "/<id:str>/order",
    auth=Auth.CITIZEN,
    summary="The order of the fee that a case waits for",
    returns=Order,
    errors=(NoFee, OrderExists, *ACTING),
)
async def case_order(request: Request, principal: Principal, id: str) -> Order:
    """Open an order (缴费)."""
    case = id_of(id, ApplicationNotFound)
    fee = await _progress(request).order(citizen_of(principal), case)
    return Order(id=fee.id, amount_fen=fee.amount_fen, paid=fee.paid)


@endpoint(
    room,
    "POST",
    "/<id:str>/correction",
    auth=Auth.CITIZEN,
    summary="Send what was missing",
    body=Correct,
    returns=CaseView,
    errors=(CorrectionIncomplete, AnswersUnusable, *ACTING),
)
async def correct(request: Request, principal: Principal, id: str, body: Correct) -> CaseView:
    """Correct (补正)."""
    case = id_of(id, ApplicationNotFound)
    return await _progress(request).correct(citizen_of(principal), case, body)
