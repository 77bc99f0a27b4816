"""HTTP in and out of the clerk's unified desk; a password alone does not open it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from sanic import HTTPResponse, Request

from miniapp_api.applications.case_views import CaseViews
from miniapp_api.applications.desk import Desk
from miniapp_api.applications.desk_schemas import (
    CaseInbox,
    Claimed,
    DeskAction,
    DeskCase,
    HandOver,
    InboxQuery,
    Moved,
    NewNote,
    PrintQuery,
    PurposeQuery,
    Sampled,
    SampleRequest,
    Template,
    Templates,
)
from miniapp_api.applications.desk_texts import PROBLEMS, REASONS
from miniapp_api.applications.errors import (
    ActionNotAllowed,
    AlreadyClaimed,
    ApplicationNotFound,
    AwaitsJointAcceptance,
    AwaitsPredecessor,
    CaseChanged,
    ColleagueUnknown,
    CorrectionEmpty,
    FeeUnpaid,
    LeaseExpired,
    MaterialUnknown,
    NotClaimed,
    OtherDepartment,
    ReasonRequired,
)
from miniapp_api.applications.routes import id_of, room
from miniapp_api.hall.errors import WindowUnknown
from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.files.streaming import file_response
from miniapp_api.platform.http import STREAMED, endpoint

__all__ = ["room"]

CLERK = frozenset({"clerk"})
FINDING = (ApplicationNotFound, OtherDepartment)
desk_endpoint: Any = partial(endpoint, room, auth=Auth.STAFF, roles=CLERK, second_factor=True)


def _desk(request: Request) -> Desk:
    service: Desk = request.app.ctx.desk
    return service


def _case(id: str) -> UUID:
    return id_of(id, ApplicationNotFound)


@desk_endpoint(
    "GET",
    "/desk/cases",
    summary="The inbox of one's departments, skills and window, the most urgent first",
    query=InboxQuery,
    returns=CaseInbox,
    errors=(WindowUnknown,),
)
async def inbox(request: Request, principal: Principal, query: InboxQuery) -> CaseInbox:
    """List the inbox (待办件)."""
    return await _desk(request).inbox(staff_of(principal), query)


@desk_endpoint(
    "GET",
    "/desk/cases/<id:str>",
    summary="A case in full; the purpose stands in the audit trail",
    query=PurposeQuery,
    returns=DeskCase,
    errors=FINDING,
)
async def read_case(
    request: Request, principal: Principal, id: str, query: PurposeQuery
) -> DeskCase:
    """Open a case (办件详情)."""
    case = await _desk(request).read(staff_of(principal), _case(id), query.purpose)
    views: CaseViews = request.app.ctx.case_views
    return await views.view(case)


@desk_endpoint(
    "POST",
    "/desk/cases/<id:str>/claim",
    summary="Take a case, or keep it longer",
    returns=Claimed,
    errors=(AlreadyClaimed, ActionNotAllowed, CaseChanged, AwaitsJointAcceptance, *FINDING),
)
async def claim(request: Request, principal: Principal, id: str) -> Claimed:
    """Claim (认领)."""
    return await _desk(request).claim(staff_of(principal), _case(id))


@desk_endpoint(
    "DELETE",
    "/desk/cases/<id:str>/claim",
    summary="Put a case back",
    status=204,
    errors=(NotClaimed, *FINDING),
)
async def release(request: Request, principal: Principal, id: str) -> None:
    """Release (放回)."""
    await _desk(request).release(staff_of(principal), _case(id))


@desk_endpoint(
    "POST",
    "/desk/cases/<id:str>/actions",
    summary="Take a step: accept, ask for corrections, review, decide, issue, deliver",
    body=DeskAction,
    returns=Moved,
    errors=(
        ActionNotAllowed, CaseChanged, NotClaimed, LeaseExpired, ReasonRequired, CorrectionEmpty,
        FeeUnpaid, AwaitsJointAcceptance, AwaitsPredecessor, *FINDING,
    ),
)  # fmt: skip
async def act(request: Request, principal: Principal, id: str, body: DeskAction) -> Moved:
    """Take a step (办理)."""
    return await _desk(request).act(staff_of(principal), _case(id), body)


@desk_endpoint(
    "POST",
    "/desk/cases/<id:str>/hand-over",
    summary="Give a case to a colleague",
    body=HandOver,
    status=204,
    errors=(NotClaimed, ColleagueUnknown, AwaitsJointAcceptance, *FINDING),
)
async def hand_over(request: Request, principal: Principal, id: str, body: HandOver) -> None:
    """Hand over (移交)."""
    await _desk(request).hand_over(staff_of(principal), _case(id), body.to, body.note)


@desk_endpoint(
    "POST",
    "/desk/cases/<id:str>/notes",
    summary="Write a note, or ask a colleague",
    body=NewNote,
    status=204,
    errors=(ColleagueUnknown, *FINDING),
)
async def note(request: Request, principal: Principal, id: str, body: NewNote) -> None:
    """Consult (会商)."""
    await _desk(request).note(staff_of(principal), _case(id), body.text, body.ask)


@desk_endpoint(
    "GET",
    "/desk/cases/<id:str>/files/<file:str>",
    summary="Show a file; the purpose stands in the audit trail",
    query=PurposeQuery,
    media="application/octet-stream",
    errors=(MaterialUnknown, *FINDING),
)
async def desk_file(
    request: Request, principal: Principal, id: str, file: str, query: PurposeQuery
) -> object:
    """Show a file (查看材料)."""
    chosen = id_of(file, MaterialUnknown)
    found = await _desk(request).file(staff_of(principal), _case(id), chosen, query.purpose)
    await file_response(request, found.blob or "", found.media_type or "")
    return STREAMED


@desk_endpoint(
    "GET",
    "/desk/papers",
    summary="Receipts and notices of several cases in one PDF",
    query=PrintQuery,
    media="application/pdf",
    errors=FINDING,
)
async def papers(request: Request, principal: Principal, query: PrintQuery) -> HTTPResponse:
    """Print (批量打印)."""
    desk, member = _desk(request), staff_of(principal)
    cases = [await desk.read(member, _case(id), query.purpose) for id in query.ids.split(",")]
    paper = await request.app.ctx.papers.batch(cases)
    return HTTPResponse(paper, content_type="application/pdf")


@desk_endpoint("GET", "/desk/templates", summary="Sentences for notices", returns=Templates)
async def templates(request: Request) -> Templates:
    """List sentences (常用语)."""
    problems = [Template(problem=p, words=w) for p, w in PROBLEMS.items()]  # type: ignore[arg-type]
    return Templates(problems=problems, reasons=REASONS)


@endpoint(
    room,
    "POST",
    "/desk/samples",
    auth=Auth.STAFF,
    roles=frozenset({"hall_manager", "auditor"}),
    second_factor=True,
    summary="Draw closed cases for quality sampling",
    body=SampleRequest,
    returns=Sampled,
)
async def sample(request: Request, principal: Principal, body: SampleRequest) -> Sampled:
    """Draw cases (质量抽查)."""
    drawn = await _desk(request).sample(staff_of(principal), body.since, body.until, body.percent)
    return Sampled(cases=drawn)
