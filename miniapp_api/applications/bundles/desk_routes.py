"""HTTP in and out of joint acceptance (联合受理), for clerks of the leading department."""

from __future__ import annotations

from uuid import UUID

from sanic import Request

from miniapp_api.applications.bundles.desk import JointDesk
from miniapp_api.applications.bundles.progress import Under
from miniapp_api.applications.bundles.schemas import (
    JointAction,
    JointClaimed,
    JointInbox,
    JointQuery,
    JointView,
)
from miniapp_api.applications.bundles.views import BundleViews
from miniapp_api.applications.desk_routes import desk_endpoint
from miniapp_api.applications.desk_schemas import PurposeQuery
from miniapp_api.applications.errors import (
    ActionNotAllowed,
    AlreadyClaimed,
    AwaitsPredecessor,
    BundleChanged,
    BundleMemberUnknown,
    BundleNotFound,
    BundleWithCitizen,
    CaseChanged,
    CorrectionEmpty,
    LeaseExpired,
    MaterialUnknown,
    NotClaimed,
    NotTheLead,
)
from miniapp_api.applications.routes import id_of, room
from miniapp_api.platform.auth import Principal, staff_of
from miniapp_api.platform.files.streaming import file_response
from miniapp_api.platform.http import STREAMED

__all__ = ["room"]

FINDING = (BundleNotFound, NotTheLead)
ACTING = (ActionNotAllowed, BundleWithCitizen, CaseChanged)


def _desk(request: Request) -> JointDesk:
    service: JointDesk = request.app.ctx.joint_desk
    return service


def _views(request: Request) -> BundleViews:
    views: BundleViews = request.app.ctx.bundle_views
    return views


def _bundle(id: str) -> UUID:
    return id_of(id, BundleNotFound)


async def _shown(request: Request, under: Under) -> JointView:
    return await _views(request).joint(under)


@desk_endpoint(
    "GET",
    "/desk/bundles",
    summary="Bundles that wait for joint acceptance, the most urgent first",
    query=JointQuery,
    returns=JointInbox,
)
async def joint_inbox(request: Request, principal: Principal, query: JointQuery) -> JointInbox:
    """List bundles (待联合受理)."""
    rows = await _desk(request).inbox(staff_of(principal), query.limit)
    return JointInbox(bundles=[_views(request).joint_brief(row) for row in rows])


@desk_endpoint(
    "GET",
    "/desk/bundles/<id:str>",
    summary="A bundle with every case in full; the purpose stands in the audit trail",
    query=PurposeQuery,
    returns=JointView,
    errors=FINDING,
)
async def read_joint(
    request: Request, principal: Principal, id: str, query: PurposeQuery
) -> JointView:
    """Open a bundle (联办详情)."""
    under = await _desk(request).read(staff_of(principal), _bundle(id), query.purpose)
    return await _shown(request, under)


@desk_endpoint(
    "GET",
    "/desk/bundles/<id:str>/files/<file:str>",
    summary="Show a file of any case; the purpose stands in the audit trail",
    query=PurposeQuery,
    media="application/octet-stream",
    errors=(MaterialUnknown, *FINDING),
)
async def joint_file(
    request: Request, principal: Principal, id: str, file: str, query: PurposeQuery
) -> object:
    """Show a file (查看材料)."""
    bundle, chosen = _bundle(id), id_of(file, MaterialUnknown)
    found = await _desk(request).file(staff_of(principal), bundle, chosen, query.purpose)
    await file_response(request, found.blob or "", found.media_type or "")
    return STREAMED


@desk_endpoint(
    "POST",
    "/desk/bundles/<id:str>/claim",
    summary="Take all cases of a bundle, or keep them longer",
    returns=JointClaimed,
    errors=(AlreadyClaimed, *ACTING, *FINDING),
)
async def claim_joint(request: Request, principal: Principal, id: str) -> JointClaimed:
    """Claim (认领)."""
    return await _desk(request).claim(staff_of(principal), _bundle(id))


@desk_endpoint(
    "DELETE",
    "/desk/bundles/<id:str>/claim",
    summary="Put all cases of a bundle back",
    status=204,
    errors=(NotClaimed, *ACTING, *FINDING),
)
async def release_joint(request: Request, principal: Principal, id: str) -> None:
    """Release (放回)."""
    await _desk(request).release(staff_of(principal), _bundle(id))


@desk_endpoint(
    "POST",
    "/desk/bundles/<id:str>/actions",
    summary="Accept for all, refusing some with reason, or say once what is missing over all",
    body=JointAction,
    returns=JointView,
    errors=(
        BundleChanged, NotClaimed, LeaseExpired, CorrectionEmpty, BundleMemberUnknown,
        AwaitsPredecessor, *ACTING, *FINDING,
    ),
)  # fmt: skip
async def act_jointly(
    request: Request, principal: Principal, id: str, body: JointAction
) -> JointView:
    """Act for all (联合受理)."""
    under = await _desk(request).act(staff_of(principal), _bundle(id), body)
    return await _shown(request, under)
