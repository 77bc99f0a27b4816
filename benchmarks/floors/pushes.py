"""A push that is neither checked nor kept: the price of taking a request and saying success."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from benchmarks.floors.pool import bare_app, run
from miniapp_api.platform.wechat.fake import PUSH_PATH

app = bare_app("floor_pushes", pool=False)


@app.post(PUSH_PATH)
async def take(_: Request) -> HTTPResponse:
    """Acknowledge whatever comes."""
    return HTTPResponse("success", content_type="text/plain")


if __name__ == "__main__":
    run(app)
