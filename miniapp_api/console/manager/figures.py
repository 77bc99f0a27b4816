"""The figures (数据): charts of the hall's days, each with its table."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from pydantic import Field
from sanic import Request

from miniapp_api.console.manager import charts
from miniapp_api.console.pages import page, subject
from miniapp_api.console.shapes import Form, View
from miniapp_api.hall.window_routes import SEEING
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import ValidationFailed

room = subject(__name__)

PERIODS = (1, 7, 30)  # days that are offered
TOO_LONG = "最多看{days}天"


class PeriodQuery(Form):
    """How many days, today included."""

    days: int = Field(default=7, ge=1, title="天数")


@page(room, "GET", "/manager/figures", roles=SEEING, query=PeriodQuery)
async def figures(request: Request, member: StaffMember, query: PeriodQuery) -> View:
    """Show the figures of the last days (数据)."""
    ctx = request.app.ctx
    most = ctx.settings.console.figures_days
    if query.days > most:
        raise ValidationFailed(TOO_LONG.format(days=most), fields=["days"])
    today, hall = ctx.clock.now().date(), member.hall
    days = [today - timedelta(days=n) for n in reversed(range(query.days))]
    came, waits, booked, cases, overdue, judged = await asyncio.gather(
        ctx.hall_figures.arrivals(hall, today),
        ctx.hall_figures.waits(hall, days[0], today),
        ctx.booking_figures.by_channel(hall, days[0], today),
        ctx.case_figures.days(hall, days[0], today),
        ctx.case_figures.overdue(hall),
        ctx.unanswered.judged(days[0]),
    )
    return View(
        "manager/figures.html",
        panels=[
            charts.arrivals(came, today),
            charts.waits(waits),
            charts.channels(booked, days),
            charts.no_shows(booked, days),
            charts.cases(cases),
            charts.overdue(overdue),
            charts.judged(judged, days),
        ],
        first=days[0],
        today=today,
        days=query.days,
        periods=[each for each in PERIODS if each <= most],
    )
