"""HTTP in and out of visits."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from miniapp_api.appointments.errors import AppointmentNotFound, NotAllowed
from miniapp_api.appointments.routes import appointment_id, citizen_of, room
from miniapp_api.appointments.visit_schemas import CheckInCode
from miniapp_api.appointments.visits import VisitService
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.http import endpoint

ICALENDAR = "text/calendar"


def _service(request: Request) -> VisitService:
    service: VisitService = request.app.ctx.visits
    return service


@endpoint(
    room,
    "GET",
    "/<id:str>/qr",
    auth=Auth.CITIZEN,
    summary="The check-in code of a booking",
    returns=CheckInCode,
    errors=(AppointmentNotFound, NotAllowed),
)
async def check_in_code(request: Request, principal: Principal, id: str) -> CheckInCode:
    """Show the check-in code (签到码)."""
    return await _service(request).code(citizen_of(principal), appointment_id(id))


@endpoint(
    room,
    "GET",
    "/<id:str>/calendar.ics",
    auth=Auth.CITIZEN,
    summary="A booking as a calendar entry",
    media=ICALENDAR,
    errors=(AppointmentNotFound, NotAllowed),
)
async def calendar_entry(request: Request, principal: Principal, id: str) -> HTTPResponse:
    """Give the booking as an iCalendar file (日历)."""
    content = await _service(request).calendar(citizen_of(principal), appointment_id(id))
    return HTTPResponse(content, content_type=ICALENDAR)
