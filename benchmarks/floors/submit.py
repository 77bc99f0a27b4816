"""An application handed in, bare: the bytes are read, hashed and written; then one INSERT.

No session, no form, no scan, nothing recognised, cleaned or sealed: what must not be left out.
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

from sanic import HTTPResponse, Request

from benchmarks.floors.pool import bare_app, run

INSERT = """
INSERT INTO application (id, number, citizen, kind, applicant, item, item_name, item_version,
  department, hall, form_version, options, answers_sealed, applicant_sealed, applicant_masked,
  channel, state, version, since, submitted_at, statutory_working, corrections, fee_fen, fee_due,
  act_by)
VALUES ($1, $2, $3, 'person', $3, 'i', 'i', 1, 'd', 'h', 'f', '{}', $4, $4, 'm', 'online',
  'submitted', 1, $5, $5, true, 0, 0, 'submission', $6)
"""
app = bare_app("floor_submit")
FOLDER = Path(os.environ.get("FLOOR_FOLDER", "."))


@app.post("/files", stream=True)
async def take(request: Request) -> HTTPResponse:
    """Take a file in."""
    digest = hashlib.sha256()
    with (FOLDER / uuid4().hex).open("wb") as file:
        while (piece := await request.stream.read()) is not None:  # type: ignore[union-attr]
            digest.update(piece)
            file.write(piece)
    return HTTPResponse(digest.hexdigest())


@app.post("/submission")
async def submit(_: Request) -> HTTPResponse:
    """Write the case."""
    id, now = uuid4(), datetime.now(UTC)
    await app.ctx.pool.execute(INSERT, id, id.hex[:17], id, os.urandom(400), now, date.today())
    return HTTPResponse(b"{}", content_type="application/json")


if __name__ == "__main__":
    app.config.REQUEST_MAX_SIZE = 1 << 28
    run(app)
