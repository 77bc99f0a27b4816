"""HTTP in and out of acceptance on the spot (现场受理): what the ticket in hand opens."""

from __future__ import annotations

from sanic import Request

from miniapp_api.applications.desk_routes import desk_endpoint
from miniapp_api.applications.draft_views import draft_view
from miniapp_api.applications.drafts import Sheet
from miniapp_api.applications.errors import (
    AnswersUnusable,
    ApplicationNotFound,
    DraftChanged,
    ItemNotNamed,
    MaterialUnknown,
    NotOnline,
    NotReady,
    OtherDepartment,
    TooManyFiles,
    WrongApplicant,
)
from miniapp_api.applications.on_site import OnSite
from miniapp_api.applications.routes import OPENING, id_of
from miniapp_api.applications.schemas import (
    Covered,
    DraftView,
    FileQuery,
    SaveDraft,
    UseCertificates,
)
from miniapp_api.applications.walk_in_schemas import AcceptedWalkIn, AcceptWalkIn, OpenWalkIn
from miniapp_api.guides.errors import ItemNotFound, OptionUnknown
from miniapp_api.hall.errors import NotAtWindow, NoTicketInHand
from miniapp_api.identity.citizens import PhoneInvalid, PhoneTaken
from miniapp_api.identity.errors import (
    IdNumberFixed,
    IdNumberTaken,
    NameInvalid,
    RealNameMismatch,
    RealNameNotFound,
    RealNameRefused,
    RealNameUnavailable,
)
from miniapp_api.identity.service import CodeWrong, IdNumberInvalid
from miniapp_api.platform.auth import Principal, staff_of
from miniapp_api.platform.errors import TooManyRequests
from miniapp_api.platform.files.intake import FILE_ERRORS
from miniapp_api.platform.files.streaming import stream_of

AT_WINDOW = (NotAtWindow, NoTicketInHand, *OPENING)
CARD = (
    IdNumberInvalid, NameInvalid, RealNameMismatch, RealNameNotFound, RealNameUnavailable,
    RealNameRefused, IdNumberTaken, IdNumberFixed, TooManyRequests, PhoneInvalid, PhoneTaken,
    CodeWrong,
)  # fmt: skip


def _on_site(request: Request) -> OnSite:
    service: OnSite = request.app.ctx.on_site
    return service


def _view(request: Request, sheet: Sheet) -> DraftView:
    return draft_view(sheet, request.app.ctx.guides.handbook.forms)


@desk_endpoint(
    "POST",
    "/desk/walk-ins",
    summary="Open the draft of the person at one's window, by the ticket in hand and his card",
    body=OpenWalkIn,
    returns=DraftView,
    errors=(
        ItemNotNamed, ItemNotFound, OptionUnknown, OtherDepartment, NotOnline, WrongApplicant,
        *CARD, *AT_WINDOW,
    ),
)  # fmt: skip
async def open_walk_in(request: Request, principal: Principal, body: OpenWalkIn) -> DraftView:
    """Open (现场收件)."""
    return _view(request, await _on_site(request).open(staff_of(principal), body))


@desk_endpoint(
    "GET",
    "/desk/walk-ins/<id:str>",
    summary="The draft again, as the citizen may have changed it meanwhile",
    returns=DraftView,
    errors=AT_WINDOW,
)
async def read_walk_in(request: Request, principal: Principal, id: str) -> DraftView:
    """Read (查看)."""
    return _view(request, await _on_site(request).sheet(staff_of(principal), id_of(id)))


@desk_endpoint(
    "PATCH",
    "/desk/walk-ins/<id:str>",
    summary="Save what the clerk typed",
    body=SaveDraft,
    returns=DraftView,
    errors=(DraftChanged, AnswersUnusable, OptionUnknown, *AT_WINDOW),
)
async def save_walk_in(
    request: Request, principal: Principal, id: str, body: SaveDraft
) -> DraftView:
    """Save (录入)."""
    return _view(request, await _on_site(request).save(staff_of(principal), id_of(id), body))


@desk_endpoint(
    "POST",
    "/desk/walk-ins/<id:str>/materials/<material:str>/files",
    summary="Scan a paper in: the body is the file",
    query=FileQuery,
    returns=DraftView,
    errors=(MaterialUnknown, TooManyFiles, *FILE_ERRORS, *AT_WINDOW),
    stream=True,
)
async def scan(
    request: Request, principal: Principal, id: str, material: str, query: FileQuery
) -> DraftView:
    """Scan (扫描)."""
    member, chunks = staff_of(principal), stream_of(request)
    sheet = await _on_site(request).attach(member, id_of(id), material, query.name, chunks)
    return _view(request, sheet)


@desk_endpoint(
    "POST",
    "/desk/walk-ins/<id:str>/certificates",
    summary="Let electronic certificates stand for papers",
    body=UseCertificates,
    returns=Covered,
    errors=AT_WINDOW,
)
async def cover_walk_in(
    request: Request, principal: Principal, id: str, body: UseCertificates
) -> Covered:
    """Use certificates (免提交)."""
    sheet, outcomes = await _on_site(request).cover(
        staff_of(principal), id_of(id), authorised=body.authorised
    )
    return Covered(draft=_view(request, sheet), outcomes=outcomes)


@desk_endpoint(
    "POST",
    "/desk/walk-ins/<id:str>/acceptance",
    summary="Accept on the spot: the draft becomes an accepted case",
    body=AcceptWalkIn,
    returns=AcceptedWalkIn,
    errors=(
        NotReady, DraftChanged, AnswersUnusable, OptionUnknown, MaterialUnknown,
        ApplicationNotFound, *AT_WINDOW,
    ),
)  # fmt: skip
async def accept_walk_in(
    request: Request, principal: Principal, id: str, body: AcceptWalkIn
) -> AcceptedWalkIn:
    """Accept (现场受理)."""
    return await _on_site(request).accept(staff_of(principal), id_of(id), body)
