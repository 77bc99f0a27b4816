"""Hold and confirm, bare: a conditional update and an insert in one transaction; then an update.

No session, no idempotency key, no rules, no names in the answer; the same tables and indexes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import orjson
from sanic import HTTPResponse, Request

from benchmarks.floors.pool import bare_app, run

HOLD = timedelta(minutes=10)
TAKE = """
UPDATE allotment SET remaining = remaining - 1
WHERE slot_id = $1 AND channel = 'mini_program' AND remaining > 0 RETURNING id
"""
INSERT = """
INSERT INTO appointment (id, slot_id, citizen, principal, item, hall, queue, starts_at, ends_at,
    day, nth, attendee, status, channel, reference, materials_ready, counted, hold_expires_at,
    created_at, updated_at)
VALUES ($1, $2, $3, $3, $4, 'municipal', 'q', $8, $8, $5, 1, 'self', 'held', 'mini_program', $6,
        false, false, $7, $8, $8)
"""
CONFIRM = """
UPDATE appointment SET status = 'confirmed', updated_at = $2
WHERE id = $1 AND status = 'held' RETURNING id
"""
app = bare_app("floor_booking")


def _answer(id: UUID, status: str, code: int) -> HTTPResponse:
    content = orjson.dumps({"id": id, "status": status})
    return HTTPResponse(content, status=code, content_type="application/json")


@app.post("/appointments/holds")
async def hold(request: Request) -> HTTPResponse:
    """Take a seat and write the hold."""
    asked = orjson.loads(request.body)
    id, citizen, now, slot = uuid4(), uuid4(), datetime.now(UTC), int(asked["slot"])
    async with app.ctx.pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(TAKE, slot) is None:
            return HTTPResponse(b"{}", status=409, content_type="application/json")
        values = (id, slot, citizen, asked["item"], date.today())
        await connection.execute(INSERT, *values, id.hex[:12], now + HOLD, now)
    return _answer(id, "held", 201)


@app.post("/appointments/<id:uuid>/confirm")
async def confirm(_: Request, id: UUID) -> HTTPResponse:
    """Confirm the hold."""
    done = await app.ctx.pool.fetchval(CONFIRM, id, datetime.now(UTC))
    return _answer(id, "confirmed", 200 if done else 409)


if __name__ == "__main__":
    run(app)
