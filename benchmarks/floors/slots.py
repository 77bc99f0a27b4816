"""The slot list, bare: one query, the same JSON, no checks, no cache."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta, timezone
from typing import Any

import orjson
from sanic import HTTPResponse, Request

from benchmarks.floors.pool import bare_app, run

CHINA = timezone(timedelta(hours=8))
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
DAY = timedelta(days=1)
QUERY = """
SELECT s.id, s.starts_at, s.ends_at, a.remaining FROM slot s
JOIN allotment a ON a.slot_id = s.id AND a.channel = 'mini_program'
WHERE s.hall = $1 AND s.queue = $2 AND s.starts_at >= $3 AND s.starts_at < $4 AND a.remaining > 0
ORDER BY s.starts_at
"""
QUEUE = os.environ.get("FLOOR_QUEUE", "")
CLOSED: dict[str, str] = orjson.loads(os.environ.get("FLOOR_CLOSED", "{}"))  # day → reason
app = bare_app("floor_slots")


def _slot(row: Any, start: datetime) -> dict[str, Any]:
    end = row["ends_at"].astimezone(CHINA)
    return {
        "id": str(row["id"]),
        "start": f"{start.hour:02d}:{start.minute:02d}",  # several times faster than strftime
        "end": f"{end.hour:02d}:{end.minute:02d}",
        "part": "morning" if start.hour < 12 else "afternoon",
        "remaining": row["remaining"],
    }


@app.get("/appointments/slots")
async def slots(request: Request) -> HTTPResponse:
    """Answer exactly what the API answers."""
    item, hall = request.args.get("item"), request.args.get("hall")
    first, last = (date.fromisoformat(request.args.get(name)) for name in ("from", "to"))
    begin = datetime(first.year, first.month, first.day, tzinfo=CHINA)
    end = begin + DAY * ((last - first).days + 1)
    rows = await app.ctx.pool.fetch(QUERY, hall, QUEUE, max(begin, datetime.now(CHINA)), end)
    by_day: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        start = row["starts_at"].astimezone(CHINA)
        by_day.setdefault(start.date().isoformat(), []).append(_slot(row, start))
    days = []
    for number in range((last - first).days + 1):
        day = first + DAY * number
        name = day.isoformat()
        reason = CLOSED.get(name)
        free = [] if reason else by_day.get(name, [])
        shown = {"date": name, "weekday": WEEKDAYS[day.weekday()], "open": reason is None}
        days.append({**shown, "reason": reason, "slots": free})
    content = orjson.dumps({"item": item, "hall": hall, "days": days})
    return HTTPResponse(content, content_type="application/json")


if __name__ == "__main__":
    run(app)
