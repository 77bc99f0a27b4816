"""Turning views, redirects and refusals into responses."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import HTTPResponse, Request

from miniapp_api.console import guarding
from miniapp_api.console.navigation import entries_for
from miniapp_api.console.shapes import Redirect, View
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import Refusal

HTML = "text/html; charset=utf-8"
WEEKDAYS = "一二三四五六日"
NOTHING = "—"


def environment(zone: tzinfo) -> Environment:
    """Return the templates: everything shown is escaped, and a missing name is our bug."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def local(value: datetime | date) -> datetime | date:
        return value.astimezone(zone) if isinstance(value, datetime) else value

    def day(value: datetime | date | None) -> str:
        """11月25日（周三）."""
        if value is None:
            return NOTHING
        there = local(value)
        return f"{there.month}月{there.day}日（周{WEEKDAYS[there.weekday()]}）"

    def clock(value: datetime | None) -> str:
        """09:30."""
        return f"{local(value):%H:%M}" if value else NOTHING

    def moment(value: datetime | None) -> str:
        """11月25日（周三） 09:30."""
        return f"{day(value)} {clock(value)}" if value else NOTHING

    made.filters.update(day=day, clock=clock, moment=moment)
    return made


def by_htmx(request: Request) -> bool:
    """Whether htmx asks, and swaps in what it gets."""
    return request.headers.get("hx-request") == "true"


def show(request: Request, view: View, member: StaffMember | None, csrf: str) -> HTTPResponse:
    """Render a view, with what every page has around it."""
    said = guarding.said_before(request)
    shown = {
        "member": member,
        "menu": entries_for(member.roles) if member else [],
        "here": request.path,
        "csrf": csrf,
        "said": said,
        "city": request.app.ctx.settings.city.name,
        **view.shown,
    }
    html = request.app.ctx.console.get_template(view.template).render(shown)
    response = HTTPResponse(html, view.status, guarding.HEADERS, HTML)
    if said and not view.is_fragment:
        response.delete_cookie(guarding.SAID, path=guarding.PATH)
    return response


def go(request: Request, redirect: Redirect) -> HTTPResponse:
    """Go on: htmx by its own header, since it would follow a redirect unseen."""
    if by_htmx(request) and not request.headers.get("hx-boosted"):
        response = HTTPResponse(status=204, headers={"HX-Redirect": redirect.path})
    else:
        response = HTTPResponse(status=303, headers={"Location": redirect.path})
    response.headers.update(guarding.HEADERS)
    if redirect.said:
        guarding.say_next(request, response, redirect.said)
    return response


def refuse(
    request: Request, refusal: Refusal, member: StaffMember | None, csrf: str
) -> HTTPResponse:
    """Say why not: in the page that is shown, or on one of its own."""
    if by_htmx(request):
        response = show(request, View("_problem.html", problem=refusal), member, csrf)
        response.headers.update({"HX-Retarget": "#alert", "HX-Reswap": "innerHTML"})
    else:
        response = show(request, View("problem.html", problem=refusal), member, csrf)
    response.status = refusal.status
    return response
