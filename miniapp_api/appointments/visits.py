"""Use cases of visits (到厅办理): code, calendar entry, arrival, end, no-show, reminder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import icalendar
import segno

from miniapp_api.appointments import store, texts, visit_store
from miniapp_api.appointments.errors import (
    AppointmentNotFound,
    NotAllowed,
    NothingBookedToday,
    QrReplayed,
    QrWrongDay,
    QrWrongHall,
)
from miniapp_api.appointments.plans import Plans
from miniapp_api.appointments.standing import StandingService
from miniapp_api.appointments.views import facts
from miniapp_api.appointments.visit_schemas import CheckInCode
from miniapp_api.guides.service import GuidesService
from miniapp_api.identity.service import IdentityService
from miniapp_api.messages.service import MessageService
from miniapp_api.platform import signing
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction

PURPOSE = "check-in"
CODE_TIME = timedelta(minutes=2)
EVENING = time(18)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class QrToken:
    """Arrives with the code on the phone."""

    token: str


@dataclass(frozen=True)
class Phone:
    """Arrives and says the phone number."""

    number: str


@dataclass(frozen=True)
class IdNumber:
    """Arrives and puts the identity card on the reader."""

    number: str


Arriving = QrToken | Phone | IdNumber


@dataclass(frozen=True)
class Arrival:
    """A booking whose person is here (签到)."""

    appointment: UUID
    citizen: UUID
    principal: UUID
    item: str
    queue: str
    starts_at: datetime
    ends_at: datetime
    late: bool


class VisitService:
    """Knows who comes, who came and who did not."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        plans: Plans,
        identity: IdentityService,
        standing: StandingService,
        messages: MessageService,
        secret: str,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._plans = plans
        self._identity = identity
        self._standing = standing
        self._messages = messages
        self._secret = secret

    # -- for the citizen -------------------------------------------------------------------------

    async def code(self, citizen: UUID, id: UUID) -> CheckInCode:
        """Return the check-in code (签到码), good for two minutes and one use."""
        booked = await self._mine(citizen, id)
        if booked.status != "confirmed":
            raise NotAllowed()
        expires_at = self._clock.now() + CODE_TIME
        claims = {"appointment": str(id), "jti": uuid4().hex}
        token = signing.sign(self._secret, PURPOSE, claims, expires_at)
        picture = io.BytesIO()
        segno.make(token, error="m").save(picture, kind="svg", border=2, scale=4, xmldecl=False)
        return CheckInCode(token=token, expires_at=expires_at, svg=picture.getvalue().decode())

    async def calendar(self, citizen: UUID, id: UUID) -> bytes:
        """Return the booking as an iCalendar file (RFC 5545) with an alarm an hour before."""
        booked = await self._mine(citizen, id)
        if booked.status not in ("confirmed", "checked_in", "completed"):
            raise NotAllowed()
        hall, queue = self._guides.hall(booked.hall), self._guides.queue(booked.hall, booked.queue)
        now = self._clock.now()
        event = icalendar.Event()
        event.add("uid", f"{booked.id}@shenban")
        event.add("dtstamp", now)
        event.add("dtstart", booked.starts_at.astimezone(now.tzinfo))
        event.add("dtend", booked.ends_at.astimezone(now.tzinfo))
        event.add("summary", self._guides.name_of(booked.item))
        windows = "、".join(queue.windows)
        event.add("location", texts.WHERE.format(hall=hall.name, windows=windows))
        event.add("description", texts.CALENDAR_NOTE.format(reference=booked.reference))
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", self._guides.name_of(booked.item))
        alarm.add("trigger", -HOUR)
        event.add_component(alarm)
        calendar = icalendar.Calendar()
        calendar.add("prodid", "-//Shenban//CN")
        calendar.add("version", "2.0")
        calendar.add_component(event)
        return bytes(calendar.to_ical())

    async def _mine(self, citizen: UUID, id: UUID) -> store.Booked:
        booked = await store.read_mine(id, citizen)
        if booked is None:
            raise AppointmentNotFound()
        return booked

    # -- for the hall, in its own transaction ------------------------------------------------------

    async def arrive(
        self, connection: store.Connection, hall: str, by: Arriving, now: datetime
    ) -> list[Arrival]:
        """Check in who came; a second time gives the same arrivals.

        Raises TokenForged, TokenExpired, QrReplayed, QrWrongDay, QrWrongHall, NothingBookedToday.
        """
        rows = await self._bookings(connection, hall, by, now)
        coming = [row["id"] for row in rows if row["status"] == "confirmed"]
        if coming:
            await visit_store.check_in(connection, coming, now)
        late = timedelta(minutes=(await self._plans.of(hall)).rules.late_minutes)
        return [_arrival(row, late=now > row["starts_at"] + late) for row in rows]

    async def _bookings(
        self, connection: store.Connection, hall: str, by: Arriving, now: datetime
    ) -> list[dict[str, Any]]:
        match by:
            case QrToken(token):
                return [await self._by_code(connection, hall, token, now)]
            case Phone(number):
                citizen = await self._identity.citizen_of_phone(number)
                day = now.date()
                rows = (
                    await visit_store.by_citizen(connection, hall, day, citizen) if citizen else []
                )
            case IdNumber(number):
                index = self._identity.document_index(number)
                rows = await visit_store.by_document(connection, hall, now.date(), index)
        if not rows:
            raise NothingBookedToday()
        return list(rows)

    async def _by_code(
        self, connection: store.Connection, hall: str, token: str, now: datetime
    ) -> dict[str, Any]:
        claims = signing.verify(self._secret, PURPOSE, token, now)
        if not await visit_store.use_token(connection, claims["jti"], now + DAY):
            raise QrReplayed()
        rows = await visit_store.by_id(connection, UUID(claims["appointment"]))
        if not rows or rows[0]["status"] not in ("confirmed", "checked_in"):
            raise NothingBookedToday()
        if rows[0]["hall"] != hall:
            raise QrWrongHall()
        if rows[0]["day"] != now.date():
            raise QrWrongDay()
        return rows[0]

    async def finish(self, connection: store.Connection, appointment: UUID, now: datetime) -> None:
        """Write that a visit is over."""
        await visit_store.finish(connection, appointment, now)

    # -- keeping house ---------------------------------------------------------------------------

    async def miss_no_shows(self) -> int:
        """Note who did not come, tell them, and judge their standing."""
        now = self._clock.now()
        tolerance = [
            (await self._plans.of(hall.id)).rules.late_minutes for hall in self._guides.halls()
        ]
        over = now - timedelta(minutes=max(tolerance, default=0))
        async with transaction() as connection:
            missed = await visit_store.lock_missed(connection, over)
            await visit_store.miss(connection, [row["id"] for row in missed], now)
            for row in missed:
                about = self._facts(row)
                await self._messages.tell(
                    connection, row["citizen"], "no_show", about=about, due=now
                )
                await self._standing.after_no_show(
                    connection,
                    row["principal"],
                    row["hall"],
                    row["starts_at"].astimezone(now.tzinfo),
                )
        return len(missed)

    async def queue_reminders(self) -> None:
        """Put reminders into the outbox: the evening before, and an hour before the visit.

        A look ahead of two days, again and again: the same reminder's key makes it one.
        """
        now = self._clock.now()
        rows = await visit_store.starting(now, now + 2 * DAY)
        for row in rows:
            start = row["starts_at"].astimezone(now.tzinfo)
            evening = datetime.combine(start.date() - DAY, EVENING, now.tzinfo)
            about = self._facts(row) | {"starts_at": row["starts_at"].isoformat()}
            async with transaction() as connection:
                for name, due in (("evening", evening), ("hour", start - HOUR)):
                    if due <= now:
                        continue
                    key = f"reminder:{row['id']}:{int(start.timestamp())}:{name}"
                    await self._messages.tell(
                        connection,
                        row["citizen"],
                        "booking_reminder",
                        about=about,
                        due=due,
                        key=key,
                    )

    async def still_booked(self, about: Mapping[str, Any]) -> bool:
        """Return whether a reminder's booking is still for that time."""
        starts_at = datetime.fromisoformat(about["starts_at"])
        return await visit_store.still_starts(UUID(about["appointment"]), starts_at)

    async def forget_tokens(self) -> None:
        """Delete used codes that have expired long ago."""
        await visit_store.forget_tokens(self._clock.now())

    def _facts(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return facts(row, self._guides, self._clock.now().tzinfo)


def _arrival(row: Mapping[str, Any], *, late: bool) -> Arrival:
    return Arrival(
        appointment=row["id"],
        citizen=row["citizen"],
        principal=row["principal"],
        item=row["item"],
        queue=row["queue"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        late=late,
    )
