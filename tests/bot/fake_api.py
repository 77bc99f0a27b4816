"""A small real HTTP server that speaks the contract of miniapp_api, with its state in memory.

It can be told to lag, to break and to refuse; it counts what it is asked.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.bot import fake_cases
from tests.bot.fake_cases import problem

Json = dict[str, Any]
NOW = datetime.fromisoformat("2026-11-24T10:00:00+08:00")  # a Tuesday
HORIZON = timedelta(days=14)
LONGEST_LIST = 62
HALF_HOURS = ["09:00", "09:30", "10:00", "10:30", "11:00", "13:30", "14:00", "14:30", "15:00"]
TOKEN = "service-token"
WEEKDAYS = "一二三四五六日"


@dataclass
class Trouble:
    """What goes wrong on paths that match: status (0 = hang), for so many calls.

    late: what was asked is done first, only its answer is lost.
    """

    path: str
    status: int
    times: int = 10**6
    code: str = "unavailable"
    late: bool = False


@dataclass
class FakeApi:
    """State and handlers."""

    now: datetime = NOW
    logged_in: bool = True
    citizen: str = "wang"
    capacity: dict[str, int] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    halls: list[Json] = field(default_factory=lambda: [dict(HALL)])
    bookings: dict[str, Json] = field(default_factory=dict)
    keys: dict[str, Json] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    answers: list[Json] = field(default_factory=list)
    principals: list[Json] = field(default_factory=list)
    waiting: dict[str, Json] = field(default_factory=dict)
    tickets: list[Json] = field(default_factory=list)
    enterprises: list[Json] = field(default_factory=list)
    drafts: dict[str, Json] = field(default_factory=dict)
    cases: dict[str, Json] = field(default_factory=dict)
    materials_check: str = "reminder"
    bodies: list[Json] = field(default_factory=list)
    before: Any = None

    def reset(self) -> None:
        """As new."""
        self.__dict__.update(FakeApi().__dict__)

    # slots

    def remaining(self, slot: str) -> int:
        """Places left."""
        taken = sum(
            1
            for each in self.bookings.values()
            if each["slot"] == slot and each["status"] in ("held", "confirmed")
        )
        return self.capacity.get(slot, 3) - taken

    def day(self, day: date) -> Json:
        """One day with its slots."""
        slots = [self.slot(day, start) for start in HALF_HOURS]
        free = [
            slot
            for slot in slots
            if slot["remaining"] > 0 and f"{slot['day']}T{slot['start']}" > self.clock()
        ]
        reason = self.closed_reason(day) or (None if free else "已经约满了")
        return {
            "date": day.isoformat(),
            "weekday": f"周{WEEKDAYS[day.weekday()]}",
            "open": reason is None,
            "reason": reason,
            "slots": [] if reason else free,
        }

    def closed_reason(self, day: date) -> str | None:
        """Why the hall is closed or does not book yet."""
        if day > self.now.date() + HORIZON:
            return "还没有放号"
        return self.closed.get(day.isoformat()) or ("周末不上班" if day.weekday() > 4 else None)

    def clock(self) -> str:
        """Now, to compare with a slot's start."""
        return self.now.strftime("%Y-%m-%dT%H:%M")

    def slot(self, day: date, start: str) -> Json:
        """One slot."""
        end = (datetime.combine(day, datetime.min.time()) + _clock(start) + _clock("0:30")).time()
        key = f"{day.isoformat()}.{start}"
        return {
            "id": key,
            "day": day.isoformat(),
            "start": start,
            "end": end.strftime("%H:%M"),
            "part": "morning" if start < "12:00" else "afternoon",
            "remaining": self.remaining(key),
        }


HALL = {
    "id": "municipal",
    "name": "沈阳市政务服务中心",
    "address": "浑南区示例路1号",
    "phone": "024-12345",
    "queue": "public-security",
    "windows": ["021"],
    "hours": "09:00-17:00",
}


def _clock(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def routes(api: FakeApi) -> web.Application:
    """The server's routes."""

    @web.middleware
    async def troubled(request: web.Request, handler: Any) -> web.StreamResponse:
        api.calls[f"{request.method} {request.path}"] += 1
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert request.headers["X-Conversation"]
        if api.before:
            api.before(request)
        for trouble in api.troubles:
            if trouble.times > 0 and re.search(trouble.path, request.path):
                trouble.times -= 1
                if trouble.status == 0:
                    await asyncio.sleep(4)
                if trouble.late:
                    await handler(request)
                return problem(trouble.status or 503, trouble.code, "现在办不了")
        if _personal(request) and not api.logged_in:
            return problem(401, "login_required", "请先登录")
        return await handler(request)

    app = web.Application(middlewares=[troubled])
    app.router.add_post("/guides/answers", lambda r: answer(api, r))
    app.router.add_post("/chat/handovers", ask_human)
    fake_cases.register(app, api)
    app.router.add_get("/appointments/halls", lambda r: halls(api, r))
    app.router.add_get("/appointments/slots", lambda r: slots(api, r))
    app.router.add_post("/appointments/holds", lambda r: hold(api, r))
    app.router.add_post("/appointments/{id}/confirm", lambda r: confirm(api, r))
    app.router.add_post("/appointments/{id}/cancel", lambda r: cancel(api, r))
    app.router.add_post("/appointments/{id}/reschedule", lambda r: reschedule(api, r))
    app.router.add_get("/appointments", lambda r: mine(api, r))
    app.router.add_get("/identity/principals", lambda r: principals(api, r))
    app.router.add_get("/appointments/waiting", lambda r: waiting(api, r))
    app.router.add_post("/appointments/waiting", lambda r: wait(api, r))
    app.router.add_post("/appointments/waiting/{id}/leave", lambda r: leave_waiting(api, r))
    app.router.add_get("/appointments/crowds", lambda r: crowds(api, r))
    app.router.add_get("/appointments/days", lambda r: hall_days(api, r))
    app.router.add_get("/hall/tickets/mine", lambda r: tickets(api, r))
    app.router.add_post("/hall/{hall}/remote-tickets", lambda r: take_ticket(api, r))
    app.router.add_post("/hall/tickets/{id}/leave", lambda r: leave_ticket(api, r))
    return app


PUBLIC = re.compile(r"/guides/.*|/appointments/(halls|slots|crowds|days)")


def _personal(request: web.Request) -> bool:
    return not PUBLIC.fullmatch(request.path)


async def ask_human(request: web.Request) -> web.Response:
    """The place in line for a person."""
    return web.json_response({"text": "好的，正在为您转人工，您前面还有2位。"})


async def answer(api: FakeApi, request: web.Request) -> web.Response:
    """Composes: the text tells aspect and item, so that tests can see what was asked."""
    body = await request.json()
    api.answers.append(body)
    item = body["item"]
    replies = [
        {"title": code, "payload": f'/inform{{"item":"{code}"}}'} for code in body["candidates"]
    ]
    return web.json_response(
        {
            "text": f"答:{body['aspect']}:{item or ','.join(body['candidates']) or '-'}",
            "card": None,
            "quick_replies": replies,
            "links": _links(item),
            "source": {"item": item, "name": item, "version": 1} if item else None,
        }
    )


def _links(item: str | None) -> list[Json]:
    """As the composer: the way to apply, where that can be done online."""
    page = f"pages/apply/index?item={item}"
    return [{"title": "网上申请", "page": page}] if fake_cases.begins_online(item) else []


async def halls(api: FakeApi, request: web.Request) -> web.Response:
    """Halls of an item."""
    return web.json_response({"halls": api.halls})


async def slots(api: FakeApi, request: web.Request) -> web.Response:
    """Days and slots; a day that cannot be booked says why."""
    first = date.fromisoformat(request.query["from"])
    last = date.fromisoformat(request.query["to"])
    if (last - first).days >= LONGEST_LIST:
        return problem(422, "validation_failed", "日期范围不对")
    days = [api.day(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    return web.json_response(
        {"item": request.query["item"], "hall": request.query["hall"], "days": days}
    )


async def hold(api: FakeApi, request: web.Request) -> web.Response:
    """Takes a place."""
    body, key = await request.json(), request.headers["Idempotency-Key"]
    api.bodies.append(body)
    if key in api.keys:
        return web.json_response(api.keys[key], status=201)
    day = str(body["slot"]).split(".")[0]
    if any(_same(each, body["item"], day) for each in api.bookings.values()):
        return problem(409, "already_booked", "这天已经约过")
    if api.remaining(body["slot"]) <= 0:
        return problem(409, "slot_full", "这个时段刚刚约满")
    booking = _booking(api, body)
    api.bookings[booking["id"]] = api.keys[key] = booking
    return web.json_response(booking, status=201)


def _same(each: Json, item: str, day: str) -> bool:
    live = each["status"] in ("held", "confirmed")
    return live and each["item"]["code"] == item and each["date"] == day


def _booking(api: FakeApi, body: Json) -> Json:
    day, start = body["slot"].split(".")
    slot = api.slot(date.fromisoformat(day), start)
    return {
        "id": f"a{len(api.bookings) + 1}",
        "slot": body["slot"],
        "status": "held",
        "item": {"code": body["item"], "name": f"名:{body['item']}"},
        "hall": {"id": body["hall"], "name": HALL["name"], "address": HALL["address"]},
        "windows": ["021"],
        "date": day,
        "start": start,
        "end": slot["end"],
        "attendee": _relation(api, body["principal"]),
        "principal": body["principal"],
        "channel": body["channel"],
        "materials_check": api.materials_check,
        "offered": False,
        "expires_at": (api.now + timedelta(minutes=15)).isoformat(),
        "reference": None,
    }


def _relation(api: FakeApi, principal: str | None) -> str:
    known = {each["id"]: each["relation"] for each in api.principals}
    return known[principal] if principal else "self"


def _find(api: FakeApi, request: web.Request) -> Json | None:
    return api.bookings.get(request.match_info["id"])


async def confirm(api: FakeApi, request: web.Request) -> web.Response:
    """Hold → booking."""
    booking = _find(api, request)
    if booking is None:
        return problem(404, "appointment_not_found", "没有这个预约")
    if booking["status"] not in ("held", "confirmed"):
        return problem(409, "hold_expired", "留的号过期了")
    ready = (await request.json())["materials_ready"]
    if booking["materials_check"] == "required" and not ready:
        return problem(422, "materials_not_ready", "先备齐材料")
    booking.update(status="confirmed", reference="A001", expires_at=None)
    return web.json_response(booking)


async def cancel(api: FakeApi, request: web.Request) -> web.Response:
    """Gives back."""
    booking = _find(api, request)
    if booking is None:
        return problem(404, "appointment_not_found", "没有这个预约")
    booking["status"] = "cancelled"
    return web.json_response(booking)


async def reschedule(api: FakeApi, request: web.Request) -> web.Response:
    """Moves."""
    body, key = await request.json(), request.headers["Idempotency-Key"]
    booking = _find(api, request)
    if booking is None:
        return problem(404, "appointment_not_found", "没有这个预约")
    if key not in api.keys:
        if api.remaining(body["slot"]) <= 0:
            return problem(409, "slot_full", "这个时段刚刚约满")
        day, start = body["slot"].split(".")
        slot = api.slot(date.fromisoformat(day), start)
        booking.update(slot=body["slot"], date=day, start=start, end=slot["end"])
        api.keys[key] = booking
    return web.json_response(booking)


async def mine(api: FakeApi, request: web.Request) -> web.Response:
    """The citizen's live bookings."""
    shown = ("held", "confirmed", "displaced")
    live = [each for each in api.bookings.values() if each["status"] in shown]
    return web.json_response({"appointments": live})


async def principals(api: FakeApi, request: web.Request) -> web.Response:
    """Those the citizen may book for."""
    return web.json_response({"principals": api.principals})


async def waiting(api: FakeApi, request: web.Request) -> web.Response:
    """Places on the waiting list."""
    return web.json_response({"waiting": list(api.waiting.values())})


async def wait(api: FakeApi, request: web.Request) -> web.Response:
    """Joins the waiting list, unless there are seats."""
    body = await request.json()
    day = api.day(date.fromisoformat(body["first"]))
    if day["slots"]:
        return problem(409, "seats_free", "还有号")
    place = {
        "id": f"w{len(api.waiting) + 1}",
        "status": "waiting",
        "item": body["item"],
        "item_name": f"名:{body['item']}",
        "hall": body["hall"],
        "first": body["first"],
        "last": body["last"],
        "ahead": 2,
        "appointment": None,
    }
    api.waiting[str(place["id"])] = place
    return web.json_response(place, status=201)


async def leave_waiting(api: FakeApi, request: web.Request) -> web.Response:
    """Leaves the waiting list."""
    place = api.waiting.pop(request.match_info["id"])
    return web.json_response({**place, "status": "left"})


async def crowds(api: FakeApi, request: web.Request) -> web.Response:
    """How busy the next days are: the later the emptier."""
    days = []
    for n in range(1, 10):
        day = api.day(api.now.date() + timedelta(days=n))
        taken = 10 - n
        level = "busy" if taken > 6 else "normal" if taken > 3 else "quiet"
        days.append({**day, "taken": taken, "capacity": 10, "level": level})
    return web.json_response({"days": days})


async def hall_days(api: FakeApi, request: web.Request) -> web.Response:
    """On which days the hall works."""
    day = date.fromisoformat(request.query["from"])
    reason = api.closed.get(day.isoformat()) or ("周末不办公" if day.weekday() > 4 else None)
    hours = [] if reason else [["09:00", "11:30"], ["13:00", "16:30"]]
    shown = {
        "date": day.isoformat(),
        "weekday": f"周{WEEKDAYS[day.weekday()]}",
        "open": reason is None,
        "reason": reason,
        "hours": hours,
        "provisional": day.year == 2027,
    }
    return web.json_response({"hall": "municipal", "name": HALL["name"], "days": [shown]})


def ticket(number: str = "A012", **changes: Any) -> Json:
    """A ticket as the API shows it."""
    return {
        "id": "t1",
        "number": number,
        "hall": "municipal",
        "queue": "public-security",
        "queue_name": "户籍",
        "windows": ["021"],
        "kind": "remote",
        "priority": None,
        "status": "waiting",
        "window": None,
        "ahead": 3,
        "wait_minutes": 15,
        "wait_low": 8,
        "wait_high": 25,
        "arrived_at": NOW.isoformat(),
        **changes,
    }


async def tickets(api: FakeApi, request: web.Request) -> web.Response:
    """The citizen's tickets."""
    return web.json_response({"tickets": api.tickets})


async def take_ticket(api: FakeApi, request: web.Request) -> web.Response:
    """A ticket from the phone."""
    api.tickets.append(ticket())
    return web.json_response(api.tickets[-1], status=201)


async def leave_ticket(api: FakeApi, request: web.Request) -> web.Response:
    """Gives a ticket back."""
    left = api.tickets.pop()
    return web.json_response({**left, "status": "left"})
