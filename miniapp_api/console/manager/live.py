"""The hall live (现场): every window and queue as they are now, by floor and zone.

The page asks for itself anew every few seconds. It does not listen to the hall's stream of events:
that tells calls and who waits, and neither who sits where, nor who paused, nor how long somebody
has waited, which grows without any event. An answer that is what the page shows already is an empty
one (204), so that nothing moves under the reader and nothing is read aloud twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sanic import HTTPResponse, Request

from miniapp_api.console.pages import page, subject
from miniapp_api.console.shapes import Form, View
from miniapp_api.guides.places import Hall
from miniapp_api.guides.service import GuidesService
from miniapp_api.hall.schemas import Overview, QueueState, WindowState
from miniapp_api.hall.window_routes import SEEING
from miniapp_api.platform.auth import StaffMember

room = subject(__name__)

HOME = "/console/manager/live"
Problem = Literal["unserved", "long"]
PROBLEMS: dict[Problem, str] = {"unserved": "有人等没人办", "long": "等得太久"}
STATES = {"open": ("开着", "good"), "paused": ("暂停", "warn"), "closed": ("没人", "")}
IN_HAND = {"called": "叫了", "serving": "在办"}


class LiveQuery(Form):
    """Which windows; `seen`: the mark of what the page shows."""

    problem: Problem | None = Field(default=None, title="只看")
    seen: str = Field(default="", max_length=64, title="看过的")


@dataclass(frozen=True)
class LiveQueue:
    """A queue, with its windows that call people, and what is wrong with it."""

    state: QueueState
    open_windows: int
    problems: Sequence[Problem]


@dataclass(frozen=True)
class LiveWindow:
    """A window, with its queue, who works there, and for how many minutes he has the ticket."""

    state: WindowState
    queue: LiveQueue
    clerk: str | None
    minutes: int | None


@dataclass(frozen=True)
class LiveZone:
    """A zone of a floor (区域)."""

    name: str
    windows: Sequence[LiveWindow]


def problems_of(queue: QueueState, open_windows: int, long_minutes: int) -> list[Problem]:
    """Return what a manager should see to in a queue."""
    found: list[Problem] = []
    if queue.waiting and not open_windows:
        found.append("unserved")
    if queue.longest_minutes is not None and queue.longest_minutes >= long_minutes:
        found.append("long")
    return found


def queues_of(overview: Overview, long_minutes: int) -> dict[str, LiveQueue]:
    """Return the hall's queues by id."""
    opened = [w.queue for w in overview.windows if w.state == "open" and w.closed is None]
    return {
        queue.queue: LiveQueue(
            queue,
            opened.count(queue.queue),
            problems_of(queue, opened.count(queue.queue), long_minutes),
        )
        for queue in overview.queues
    }


def zones_of(
    hall: Hall, places: Mapping[str, str], windows: Sequence[LiveWindow]
) -> list[LiveZone]:
    """Return the windows by zone, in the order of the floors; places: each window's zone."""
    floors = {floor.number: floor.name for floor in hall.floors}
    zones = sorted(hall.zones, key=lambda zone: (zone.floor, zone.id))
    found = []
    for zone in zones:
        inside = [each for each in windows if places.get(each.state.window) == zone.id]
        name = f"{floors.get(zone.floor, f'{zone.floor}楼')} {zone.id}区 {zone.name}"
        found.append(LiveZone(name, inside))
    known = {zone.id for zone in zones}
    others = [each for each in windows if places.get(each.state.window) not in known]
    return [zone for zone in (*found, LiveZone("其他", others)) if zone.windows]


@page(room, "GET", "/manager/live", roles=SEEING, query=LiveQuery)
async def live(request: Request, member: StaffMember, query: LiveQuery) -> View:
    """Show the hall as it is now (现场)."""
    return View("manager/live.html", **await _shown(request, member, query))


@page(room, "GET", "/manager/live/now", roles=SEEING, query=LiveQuery)
async def refresh(request: Request, member: StaffMember, query: LiveQuery) -> View | HTTPResponse:
    """Show what changed since; nothing when nothing did."""
    shown = await _shown(request, member, query)
    if shown["mark"] == query.seen:
        return HTTPResponse(status=204, headers={"Cache-Control": "no-store"})
    return View("manager/_live.html", **shown)


async def _shown(request: Request, member: StaffMember, query: LiveQuery) -> dict[str, Any]:
    ctx, settings = request.app.ctx, request.app.ctx.settings.console
    overview: Overview = await ctx.hall_overview.of(member.hall)
    clerks = await ctx.staff.names({each.staff for each in overview.windows if each.staff})
    guides: GuidesService = ctx.guides
    queues = queues_of(overview, settings.long_wait_minutes)
    windows = [_window(each, queues, clerks, ctx.clock.now()) for each in overview.windows]
    if query.problem:
        windows = [each for each in windows if query.problem in each.queue.problems]
    places = {window.number: window.zone for window in guides.windows(member.hall)}
    shown: dict[str, Any] = {
        "zones": zones_of(guides.hall(member.hall), places, windows),
        "worrying": [queue for queue in queues.values() if queue.problems],
        "opened": sum(each.state != "closed" for each in overview.windows),
        "total": len(overview.windows),
        "closed": sum(each.closed is not None for each in overview.windows),
        "waiting": sum(queue.waiting for queue in overview.queues),
    }
    return shown | {
        "mark": hashlib.sha256(repr(shown).encode()).hexdigest(),
        "problem": query.problem or "",
        "problems": PROBLEMS,
        "states": STATES,
        "in_hand": IN_HAND,
        "long_minutes": settings.long_wait_minutes,
        "seconds": settings.live_seconds,
    }


def _window(
    state: WindowState, queues: Mapping[str, LiveQueue], clerks: Mapping[UUID, str], now: datetime
) -> LiveWindow:
    minutes = int((now - state.since).total_seconds() // 60) if state.since else None
    clerk = clerks.get(state.staff) if state.staff else None
    return LiveWindow(state, queues[state.queue], clerk, minutes)
