"""HTTP in and out of bundles (一件事), for citizens."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from miniapp_api.applications.bundles.files import BundleFiles
from miniapp_api.applications.bundles.folder import Folder, Folders
from miniapp_api.applications.bundles.progress import BundleProgress, Under
from miniapp_api.applications.bundles.schemas import (
    BundleCheck,
    BundleCovered,
    BundleForm,
    BundleProgressView,
    BundleReceipt,
    CorrectBundle,
    MyBundles,
    SaveBundle,
    StartBundle,
    SubmitBundle,
    WithdrawBundle,
)
from miniapp_api.applications.bundles.service import Bundles
from miniapp_api.applications.bundles.submitting import BundleSubmitting
from miniapp_api.applications.bundles.views import BundleViews, brief, check_view
from miniapp_api.applications.errors import (
    ActionNotAllowed,
    AnswersUnusable,
    BundleChanged,
    BundleGone,
    BundleMemberUnknown,
    BundleNotFound,
    BundleSubmitted,
    CaseChanged,
    CorrectionIncomplete,
    DraftItemGone,
    EnterpriseForbidden,
    MaterialUnknown,
    NotReady,
    ProxyNotAllowed,
    TooManyFiles,
    WrongApplicant,
)
from miniapp_api.applications.routes import citizen_of, id_of, room
from miniapp_api.applications.schemas import FileQuery, UseCertificates
from miniapp_api.guides.errors import OptionUnknown
from miniapp_api.identity.grants import ConsentExpired, PrincipalNotFound
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.files.intake import FILE_ERRORS
from miniapp_api.platform.files.streaming import file_response, stream_of
from miniapp_api.platform.http import STREAMED, endpoint

__all__ = ["room"]

ACTING_FOR = (EnterpriseForbidden, PrincipalNotFound, ConsentExpired)
OPENING = (BundleNotFound, BundleSubmitted, BundleGone, DraftItemGone, *ACTING_FOR)
WRITING = (BundleChanged, AnswersUnusable, OptionUnknown, BundleMemberUnknown)
ACTING = (BundleNotFound, BundleChanged, ActionNotAllowed, CaseChanged, *ACTING_FOR)


def _bundles(request: Request) -> Bundles:
    service: Bundles = request.app.ctx.bundles
    return service


def _folders(request: Request) -> Folders:
    service: Folders = request.app.ctx.folders
    return service


def _progress(request: Request) -> BundleProgress:
    service: BundleProgress = request.app.ctx.bundle_progress
    return service


async def _form(request: Request, folder: Folder) -> BundleForm:
    views: BundleViews = request.app.ctx.bundle_views
    return await views.form(folder)


async def _view(request: Request, principal: Principal, under: Under) -> BundleProgressView:
    views: BundleViews = request.app.ctx.bundle_views
    return await views.progress(under, own=under.stored.citizen == citizen_of(principal))


@endpoint(
    room,
    "POST",
    "/bundles",
    auth=Auth.CITIZEN,
    summary="Begin a bundle, or open the one that was begun",
    body=StartBundle,
    returns=BundleForm,
    errors=(OptionUnknown, BundleMemberUnknown, WrongApplicant, ProxyNotAllowed, *OPENING),
)
async def start_bundle(request: Request, principal: Principal, body: StartBundle) -> BundleForm:
    """Begin a bundle (开始办一件事)."""
    return await _form(request, await _bundles(request).start(citizen_of(principal), body))


@endpoint(room, "GET", "/bundles", auth=Auth.CITIZEN, summary="My bundles", returns=MyBundles)
async def my_bundles(request: Request, principal: Principal) -> MyBundles:
    """List my bundles (我的一件事)."""
    found = await _folders(request).mine(citizen_of(principal))
    return MyBundles(bundles=[brief(each) for each in found])


@endpoint(
    room,
    "GET",
    "/bundles/<id:str>",
    auth=Auth.CITIZEN,
    summary="A bundle with its one form",
    returns=BundleForm,
    errors=OPENING,
)
async def read_bundle(request: Request, principal: Principal, id: str) -> BundleForm:
    """Open a bundle (打开一件事)."""
    bundle = id_of(id, BundleNotFound)
    return await _form(request, await _folders(request).open(citizen_of(principal), bundle))


@endpoint(
    room,
    "PATCH",
    "/bundles/<id:str>",
    auth=Auth.CITIZEN,
    summary="Save what was typed since, in every item that asks it",
    body=SaveBundle,
    returns=BundleForm,
    errors=(WrongApplicant, ProxyNotAllowed, TooManyFiles, *WRITING, *OPENING),
)
async def save_bundle(
    request: Request, principal: Principal, id: str, body: SaveBundle
) -> BundleForm:
    """Save (保存)."""
    bundle = id_of(id, BundleNotFound)
    return await _form(request, await _bundles(request).save(citizen_of(principal), bundle, body))


@endpoint(
    room,
    "DELETE",
    "/bundles/<id:str>",
    auth=Auth.CITIZEN,
    summary="Discard a bundle with its drafts and files",
    status=204,
    errors=(BundleNotFound, BundleSubmitted),
)
async def discard_bundle(request: Request, principal: Principal, id: str) -> None:
    """Discard (删除)."""
    await _bundles(request).discard(citizen_of(principal), id_of(id, BundleNotFound))


@endpoint(
    room,
    "POST",
    "/bundles/<id:str>/materials/<material:str>/files",
    auth=Auth.CITIZEN,
    summary="Hand in a file once for every item that needs it: the body is the file",
    query=FileQuery,
    returns=BundleForm,
    errors=(MaterialUnknown, TooManyFiles, *FILE_ERRORS, *OPENING),
    stream=True,
)
async def attach_to_bundle(
    request: Request, principal: Principal, id: str, material: str, query: FileQuery
) -> BundleForm:
    """Hand in a file (上传材料)."""
    service: BundleFiles = request.app.ctx.bundle_files
    bundle, chunks = id_of(id, BundleNotFound), stream_of(request)
    folder = await service.attach(citizen_of(principal), bundle, material, query.name, chunks)
    return await _form(request, folder)


@endpoint(
    room,
    "DELETE",
    "/bundles/<id:str>/files/<file:str>",
    auth=Auth.CITIZEN,
    summary="Take a file out of every item",
    returns=BundleForm,
    errors=(MaterialUnknown, *OPENING),
)
async def detach_from_bundle(
    request: Request, principal: Principal, id: str, file: str
) -> BundleForm:
    """Take a file out (删除材料)."""
    service: BundleFiles = request.app.ctx.bundle_files
    bundle, chosen = id_of(id, BundleNotFound), id_of(file, MaterialUnknown)
    return await _form(request, await service.detach(citizen_of(principal), bundle, chosen))


@endpoint(
    room,
    "GET",
    "/bundles/<id:str>/files/<file:str>",
    auth=Auth.CITIZEN,
    summary="Show a file of a bundle that is filled in",
    media="application/octet-stream",
    errors=(MaterialUnknown, *OPENING),
)
async def bundle_file(request: Request, principal: Principal, id: str, file: str) -> object:
    """Show a file (查看材料)."""
    service: BundleFiles = request.app.ctx.bundle_files
    bundle, chosen = id_of(id, BundleNotFound), id_of(file, MaterialUnknown)
    found = await service.file(citizen_of(principal), bundle, chosen)
    await file_response(request, found.blob or "", found.media_type or "")
    return STREAMED


@endpoint(
    room,
    "POST",
    "/bundles/<id:str>/certificates",
    auth=Auth.CITIZEN,
    summary="Let electronic certificates stand for papers, each asked for once",
    body=UseCertificates,
    returns=BundleCovered,
    errors=OPENING,
)
async def cover_bundle(
    request: Request, principal: Principal, id: str, body: UseCertificates
) -> BundleCovered:
    """Use certificates (免提交)."""
    service: BundleFiles = request.app.ctx.bundle_files
    folder, outcomes = await service.cover(
        citizen_of(principal), id_of(id, BundleNotFound), authorised=body.authorised
    )
    return BundleCovered(form=await _form(request, folder), outcomes=outcomes)


@endpoint(
    room,
    "GET",
    "/bundles/<id:str>/check",
    auth=Auth.CITIZEN,
    summary="What is missing or wrong over all items",
    returns=BundleCheck,
    errors=OPENING,
)
async def check_bundle(request: Request, principal: Principal, id: str) -> BundleCheck:
    """Pre-check (预检)."""
    folder = await _folders(request).open(citizen_of(principal), id_of(id, BundleNotFound))
    return check_view(await _bundles(request).check(folder))


@endpoint(
    room,
    "POST",
    "/bundles/<id:str>/submission",
    auth=Auth.CITIZEN,
    summary="Submit all items or none: once, whoever asks how often",
    body=SubmitBundle,
    returns=BundleReceipt,
    errors=(NotReady, BundleChanged, *OPENING),
)
async def submit_bundle(
    request: Request, principal: Principal, id: str, body: SubmitBundle
) -> BundleReceipt:
    """Submit (提交)."""
    service: BundleSubmitting = request.app.ctx.bundle_submitting
    bundle = id_of(id, BundleNotFound)
    return await service.submit(citizen_of(principal), bundle, body.revision)


@endpoint(
    room,
    "GET",
    "/bundles/<id:str>/progress",
    auth=Auth.CITIZEN,
    summary="Where every item stands, who has it, since when, until when",
    returns=BundleProgressView,
    errors=(BundleNotFound,),
)
async def bundle_progress(request: Request, principal: Principal, id: str) -> BundleProgressView:
    """Show progress (办理进度)."""
    bundle = id_of(id, BundleNotFound)
    under = await _progress(request).under(citizen_of(principal), bundle)
    return await _view(request, principal, under)


@endpoint(
    room,
    "GET",
    "/bundles/<id:str>/receipt",
    auth=Auth.CITIZEN,
    summary="The receipts of all items, to print",
    media="application/pdf",
    errors=(BundleNotFound,),
)
async def bundle_receipt(request: Request, principal: Principal, id: str) -> HTTPResponse:
    """Print the receipts (受理回执)."""
    bundle = id_of(id, BundleNotFound)
    under = await _progress(request).under(citizen_of(principal), bundle)
    paper = await request.app.ctx.papers.batch(under.cases)
    return HTTPResponse(paper, content_type="application/pdf")


@endpoint(
    room,
    "POST",
    "/bundles/<id:str>/withdrawal",
    auth=Auth.CITIZEN,
    summary="Take items back, or all that are not decided",
    body=WithdrawBundle,
    returns=BundleProgressView,
    errors=ACTING,
)
async def withdraw_bundle(
    request: Request, principal: Principal, id: str, body: WithdrawBundle
) -> BundleProgressView:
    """Withdraw (撤回)."""
    bundle = id_of(id, BundleNotFound)
    under = await _progress(request).withdraw(citizen_of(principal), bundle, body)
    return await _view(request, principal, under)


@endpoint(
    room,
    "POST",
    "/bundles/<id:str>/corrections/<material:str>/files",
    auth=Auth.CITIZEN,
    summary="Hand in a file that the joint notice asks for, once for every item",
    query=FileQuery,
    returns=BundleProgressView,
    errors=(MaterialUnknown, TooManyFiles, *FILE_ERRORS, *ACTING),
    stream=True,
)
async def attach_missing_to_bundle(
    request: Request, principal: Principal, id: str, material: str, query: FileQuery
) -> BundleProgressView:
    """Hand in what was missing (补正材料)."""
    bundle, chunks = id_of(id, BundleNotFound), stream_of(request)
    under = await _progress(request).attach(
        citizen_of(principal), bundle, material, query.name, chunks
    )
    return await _view(request, principal, under)


@endpoint(
    room,
    "POST",
    "/bundles/<id:str>/correction",
    auth=Auth.CITIZEN,
    summary="Send what was missing in all items",
    body=CorrectBundle,
    returns=BundleProgressView,
    errors=(CorrectionIncomplete, AnswersUnusable, *ACTING),
)
async def correct_bundle(
    request: Request, principal: Principal, id: str, body: CorrectBundle
) -> BundleProgressView:
    """Correct (补正)."""
    bundle = id_of(id, BundleNotFound)
    under = await _progress(request).correct(citizen_of(principal), bundle, body)
    return await _view(request, principal, under)
