"""HTTP in and out of guides: public to read; answers are composed for our own bot."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import html

from miniapp_api.guides import texts
from miniapp_api.guides.errors import (
    AnnouncementNotFound,
    AspectUnknown,
    BundleNotFound,
    FilterUnknown,
    ItemNotFound,
    OptionUnknown,
)
from miniapp_api.guides.schemas import (
    Announcements,
    AnnouncementsQuery,
    AnnouncementView,
    Answer,
    AnswerRequest,
    BundleChecklist,
    Bundles,
    BundlesQuery,
    HallInfos,
    HotItemViews,
    Items,
    ItemsQuery,
    ItemView,
    LifeEvents,
    Materials,
    Suggestions,
    SuggestQuery,
    Themes,
)
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.auth import Auth
from miniapp_api.platform.http import endpoint

room = Blueprint("guides", url_prefix="/guides")

CHECKLIST_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def _service(request: Request) -> GuidesService:
    service: GuidesService = request.app.ctx.guides
    return service


def _options(request: Request) -> dict[str, str]:
    """Read circumstance=option pairs; a repeated circumstance is refused."""
    pairs = request.get_query_args(keep_blank_values=True)
    options = dict(pairs)
    if len(options) != len(pairs):
        raise OptionUnknown(texts.REPEATED_CIRCUMSTANCE, fields=["options"])
    return options


@endpoint(
    room,
    "GET",
    "/items",
    auth=Auth.PUBLIC,
    summary="Search and list service items",
    query=ItemsQuery,
    returns=Items,
    errors=(FilterUnknown,),
)
async def items(request: Request, query: ItemsQuery) -> Items:
    """List items (事项列表)."""
    return _service(request).items(query)


@endpoint(
    room,
    "GET",
    "/suggest",
    auth=Auth.PUBLIC,
    summary="Complete what is being typed, in Chinese or by pinyin initials",
    query=SuggestQuery,
    returns=Suggestions,
)
async def suggest(request: Request, query: SuggestQuery) -> Suggestions:
    """Suggest as you type (联想)."""
    return _service(request).suggest(query.q)


@endpoint(
    room,
    "GET",
    "/hot",
    auth=Auth.PUBLIC,
    summary="What citizens look at most",
    returns=HotItemViews,
)
async def hot(request: Request) -> HotItemViews:
    """List hot items (热门服务)."""
    return _service(request).hot()


@endpoint(
    room, "GET", "/themes", auth=Auth.PUBLIC, summary="Themes with item counts", returns=Themes
)
async def themes(request: Request) -> Themes:
    """List themes (主题)."""
    return _service(request).themes()


@endpoint(
    room,
    "GET",
    "/life-events",
    auth=Auth.PUBLIC,
    summary="Life events with item counts",
    returns=LifeEvents,
)
async def life_events(request: Request) -> LifeEvents:
    """List life events (人生事件)."""
    return _service(request).life_events()


@endpoint(
    room,
    "GET",
    "/bundles",
    auth=Auth.PUBLIC,
    summary="Bundles of items that one event in life brings",
    query=BundlesQuery,
    returns=Bundles,
)
async def bundles(request: Request, query: BundlesQuery) -> Bundles:
    """List bundles (一件事)."""
    return _service(request).bundles(query)


@endpoint(
    room,
    "GET",
    "/bundles/<id:str>",
    auth=Auth.PUBLIC,
    summary="A bundle's one checklist: `with` names optional items, then question=option",
    returns=BundleChecklist,
    errors=(BundleNotFound, OptionUnknown),
)
async def bundle(request: Request, id: str) -> BundleChecklist:
    """Show a bundle (联办清单)."""
    return _service(request).bundle_checklist(id, _options(request))


@endpoint(
    room,
    "GET",
    "/halls",
    auth=Auth.PUBLIC,
    summary="Halls with address, hours and facilities",
    returns=HallInfos,
)
async def halls(request: Request) -> HallInfos:
    """List halls (大厅信息)."""
    return _service(request).hall_infos()


@endpoint(
    room,
    "GET",
    "/notices",
    auth=Auth.PUBLIC,
    summary="Public notices of today, newest first",
    query=AnnouncementsQuery,
    returns=Announcements,
)
async def announcements(request: Request, query: AnnouncementsQuery) -> Announcements:
    """List notices (通知公告)."""
    return _service(request).announcements(query)


@endpoint(
    room,
    "GET",
    "/notices/<id:str>",
    auth=Auth.PUBLIC,
    summary="A public notice",
    returns=AnnouncementView,
    errors=(AnnouncementNotFound,),
)
async def announcement(request: Request, id: str) -> AnnouncementView:
    """Show a notice (公告内容)."""
    return _service(request).announcement(id)


@endpoint(
    room,
    "GET",
    "/items/<code:str>",
    auth=Auth.PUBLIC,
    summary="A service item in full",
    returns=ItemView,
    errors=(ItemNotFound,),
)
async def item(request: Request, code: str) -> ItemView:
    """Show an item (事项详情)."""
    return _service(request).view(code)


@endpoint(
    room,
    "GET",
    "/items/<code:str>/materials",
    auth=Auth.PUBLIC,
    summary="Materials tailored by circumstance=option in the query",
    returns=Materials,
    errors=(ItemNotFound, OptionUnknown),
)
async def materials(request: Request, code: str) -> Materials:
    """Tailor the materials (材料清单)."""
    return _service(request).materials(code, _options(request))


@endpoint(
    room,
    "GET",
    "/items/<code:str>/checklist",
    auth=Auth.PUBLIC,
    summary="The tailored materials as a page to print",
    media="text/html",
    errors=(ItemNotFound, OptionUnknown),
)
async def checklist(request: Request, code: str) -> HTTPResponse:
    """Print the checklist (打印清单)."""
    page = _service(request).checklist(code, _options(request))
    return html(page, headers={"Content-Security-Policy": CHECKLIST_POLICY})


@endpoint(
    room,
    "POST",
    "/answers",
    auth=Auth.SERVICE,
    summary="Compose the answer to what was understood",
    body=AnswerRequest,
    returns=Answer,
    errors=(ItemNotFound, AspectUnknown, OptionUnknown),
)
async def answers(request: Request, body: AnswerRequest) -> Answer:
    """Compose an answer (回答)."""
    return _service(request).answer(body)
