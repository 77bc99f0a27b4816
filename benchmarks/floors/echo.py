"""A chat that only echoes: the price of HTTP and JSON alone."""

from __future__ import annotations

import orjson
from sanic import HTTPResponse, Request

from benchmarks.floors.pool import bare_app, run

app = bare_app("floor_echo", pool=False)


@app.post("/chat/messages")
async def echo(request: Request) -> HTTPResponse:
    """Say back what was said, in the shape of a chat reply."""
    said = orjson.loads(request.body)
    reply = {"conversation": said.get("conversation"), "messages": [{"text": said["text"]}]}
    return HTTPResponse(orjson.dumps(reply), content_type="application/json")


if __name__ == "__main__":
    run(app)
