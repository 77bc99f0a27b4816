"""The inbox and the progress of a case, bare: the same rows, found by the same indexes, as JSON.

No session, no rights, no form, nothing opened: what comes out of the database, put into words.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import orjson
from sanic import HTTPResponse, Request

from benchmarks.floors.pool import bare_app, run

INBOX = """
SELECT id, number, item, item_name, department, applicant_masked, state, channel, since, act_by,
       yellow_on, red_on
FROM application
WHERE department = $1 AND state IN ('accepted', 'decision', 'denied', 'granted', 'issued',
  'pre_review', 'review', 'special', 'submitted') AND (act_by, id) > ($2, $3)
ORDER BY act_by, id LIMIT 50
"""
CASE = """
SELECT id, number, item, item_name, applicant_masked, state, version, submitted_at, accepted_on,
       due_on, statutory_on, correct_until, fee_fen, delivery
FROM application WHERE id = $1
"""
STEPS = "SELECT at, after, actor_kind FROM case_event WHERE application = $1 ORDER BY version"
app = bare_app("floor_cases")


def _json(content: object) -> HTTPResponse:
    return HTTPResponse(orjson.dumps(content, default=str), content_type="application/json")


@app.get("/applications/desk/cases")
async def inbox(request: Request) -> HTTPResponse:
    """Answer a page of one department."""
    day, _, id = request.args.get("after", f"0001-01-01_{UUID(int=0)}").partition("_")
    values = (request.args.get("department"), date.fromisoformat(day), UUID(id))
    return _json([dict(row) for row in await app.ctx.pool.fetch(INBOX, *values)])


@app.get("/applications/<id:uuid>")
async def case(_: Request, id: UUID) -> HTTPResponse:
    """Answer a case and its steps."""
    row = await app.ctx.pool.fetchrow(CASE, id)
    steps = await app.ctx.pool.fetch(STEPS, id)
    return _json({**dict(row), "steps": [dict(step) for step in steps]})


if __name__ == "__main__":
    run(app)
