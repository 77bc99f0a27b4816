"""The plan (排班): the week as it is, a form to change it, a look at what that does, publishing.

What is typed travels with every step, and nothing of it is kept before it is published. A plan that
somebody else changed meanwhile is refused by its version; what was typed stays in the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import Field, ValidationError
from sanic import Request
from sanic.request import RequestParameters

from miniapp_api.appointments.errors import PlanChanged, PlanInvalid
from miniapp_api.appointments.plan_schemas import PlanBody
from miniapp_api.appointments.plan_succession import succeed
from miniapp_api.appointments.schedule_schemas import DayChange, DayHours, PlanChange, QueueWeek
from miniapp_api.appointments.schedules import ScheduleService
from miniapp_api.appointments.standing_routes import MANAGERS
from miniapp_api.console.guarding import FIELD
from miniapp_api.console.manager import plan_form
from miniapp_api.console.manager.plan_form import Typed
from miniapp_api.console.pages import page, subject
from miniapp_api.console.rendering import by_htmx
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.guides.places import WEEKDAYS
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import ValidationFailed

room = subject(__name__)

HOME = "/console/manager/plan"
EDIT = "/manager/plan/edit"
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
NAMED = 3  # so many queues of a row are named, the others counted
SHOWN = 100  # displaced bookings that the preview lists
NAMES = dict(zip(WEEKDAYS, "一二三四五六日", strict=True))
START_OVER = "从哪天起：日期不对，或者已经过去了"
TOO_LONG = "办公时间的条数太多，先去掉几条"


class WeekQuery(Form):
    """Which week: any day of it."""

    week: date | None = Field(default=None, title="星期")


@dataclass(frozen=True)
class WeekRow:
    """Queues that have the same week."""

    title: str
    days: Sequence[DayHours]


@dataclass(frozen=True)
class DaySum:
    """What a plan changes on a day, over its queues."""

    date: date
    changes: Sequence[DayChange]

    def sum(self, kind: str) -> int:
        """Return how many slots are added, removed or resized, or seats more."""
        return sum(getattr(each, kind) for each in self.changes)


def _schedules(request: Request) -> ScheduleService:
    service: ScheduleService = request.app.ctx.schedules
    return service


def _today(request: Request) -> date:
    today: date = request.app.ctx.clock.now().date()
    return today


@page(room, "GET", "/manager/plan", roles=MANAGERS, query=WeekQuery)
async def week(request: Request, member: StaffMember, query: WeekQuery) -> View:
    """Show a week of the plan in force (一周排班)."""
    today = _today(request)
    day = query.week or today
    if abs(day - today) > timedelta(days=366):
        raise ValidationFailed("只能看前后一年的排班", fields=["week"])
    monday = day - timedelta(days=day.weekday())
    queues = await _schedules(request).week(member.hall, monday)
    return View(
        "manager/plan.html",
        rows=_rows(queues),
        queues=queues,
        seats=[(each, _open_day(each)) for each in queues],
        channels=plan_form.CHANNELS,
        monday=monday,
        today=today,
        before=monday - WEEK,
        after=monday + WEEK,
    )


@page(room, "GET", EDIT, roles=MANAGERS)
async def edit(request: Request, member: StaffMember) -> View:
    """Show the form of the plan in force (改排班)."""
    found, today = await _schedules(request).view(member.hall), _today(request)
    return _form(request, member, plan_form.shown(found.plan, found.version, today + DAY, today))


@page(room, "POST", EDIT, roles=MANAGERS)
async def act(request: Request, member: StaffMember) -> View | Redirect:
    """Do what the pressed button says (增删行、预览、发布); only publishing changes anything."""
    sent = request.form or RequestParameters()
    fields = {name: [each.replace("\x00", "") for each in sent.getlist(name)] for name in sent}
    typed, do = plan_form.read(fields), sent.get("do") or "preview"
    schedules = _schedules(request)
    if do == "publish":
        wanted = await _wanted(request, member, typed)
        done = await schedules.apply(member.hall, wanted, typed.version, member.id)
        return Redirect(HOME, said=f"新排班发布了，{_told(len(done.displaced))}")
    if do == "preview":
        wanted = await _wanted(request, member, typed)
        found = await schedules.preview(member.hall, wanted)
        return _preview(request, member, typed, found, fields)
    return _form(request, member, plan_form.rearranged(typed, do))


async def _wanted(request: Request, member: StaffMember, typed: Typed) -> PlanBody:
    """Return the plan that shall be in force; raise PlanChanged, PlanInvalid."""
    schedules, today = _schedules(request), _today(request)
    now = await schedules.view(member.hall)
    if now.version != typed.version:
        raise PlanChanged()
    start, body = _start(typed.start, today), plan_form.body_of(typed)
    try:
        schedules.check(member.hall, body)
    except PlanInvalid as refusal:
        raise plan_form.invalid(refusal.extra["faults"]) from None
    try:
        return body if start == today else succeed(now.plan, body, start, today)
    except ValidationError:
        raise PlanInvalid(TOO_LONG) from None


def _start(typed: str, today: date) -> date:
    try:
        start = date.fromisoformat(typed)
    except ValueError:
        raise ValidationFailed(START_OVER, fields=["start"]) from None
    if start < today:
        raise ValidationFailed(START_OVER, fields=["start"])
    return start


def _form(request: Request, member: StaffMember, typed: Typed) -> View:
    return View(
        "manager/_plan_form.html" if by_htmx(request) else "manager/plan_edit.html",
        part="manager/_plan_form.html",
        typed=typed,
        today=_today(request),
        rules=plan_form.RULES,
        clocks=plan_form.CLOCKS,
        channels=plan_form.CHANNELS,
        weekdays=NAMES,
        queues=[(each.id, each.name) for each in request.app.ctx.guides.queues(member.hall)],
    )


def _preview(
    request: Request,
    member: StaffMember,
    typed: Typed,
    found: PlanChange,
    sent: dict[str, list[str]],
) -> View:
    by_day: dict[date, list[DayChange]] = {}
    for each in found.days:
        by_day.setdefault(each.date, []).append(each)
    return View(
        "manager/_plan_preview.html" if by_htmx(request) else "manager/plan_edit.html",
        part="manager/_plan_preview.html",
        start=date.fromisoformat(typed.start),
        days=[DaySum(day, changes) for day, changes in by_day.items()],
        displaced=found.displaced[:SHOWN],
        count=len(found.displaced),
        names={queue.id: queue.name for queue in request.app.ctx.guides.queues(member.hall)},
        fields=[(n, v) for n, many in sent.items() if n not in ("do", FIELD) for v in many],
    )


def _told(displaced: int) -> str:
    return f"{displaced}个预约要改期，已经通知本人" if displaced else "没有预约受影响"


def _rows(queues: Sequence[QueueWeek]) -> list[WeekRow]:
    """Return the queues with the same week as one row each, the most usual week first."""
    same: dict[tuple[object, ...], list[QueueWeek]] = {}
    for queue in queues:
        # Seats are the queue's own, and stand in the table of seats.
        key = tuple((str(day.hours), day.reason, day.slot_minutes) for day in queue.days)
        same.setdefault(key, []).append(queue)
    groups = sorted(same.values(), key=len, reverse=True)
    return [WeekRow(_title([each.name for each in group]), group[0].days) for group in groups]


def _title(names: Sequence[str]) -> str:
    if len(names) <= NAMED:
        return "、".join(names)
    return f"{'、'.join(names[:NAMED])}等{len(names)}个队列"


def _open_day(queue: QueueWeek) -> DayHours | None:
    return next((day for day in queue.days if day.hours), None)
