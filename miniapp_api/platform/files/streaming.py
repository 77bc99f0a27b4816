"""Files over HTTP: a body that is read as it comes, an answer that is sent as it is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sanic import Request

from miniapp_api.platform.files.errors import FileTooLarge

HEADERS = 1 << 16  # bytes of a request that are not its body


def require_bearable(request: Request, most: int) -> None:
    """Refuse a body that says itself that it is too large, before a byte of it is read."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise FileTooLarge(most=most)


async def stream_of(request: Request) -> AsyncIterator[bytes]:
    """Return a request's body in pieces, as they come."""
    most = request.app.ctx.settings.uploads.max_bytes
    require_bearable(request, most)
    # Files may be larger than other bodies; whoever reads counts, and this is the last resort.
    request.stream.request_max_size = most + HEADERS  # type: ignore[union-attr]
    while (piece := await request.stream.read()) is not None:  # type: ignore[union-attr]
        if piece:
            yield piece


async def file_response(
    request: Request, key: str, media_type: str, policy: str = "sandbox"
) -> None:
    """Send a stored file: to be shown, never run, and kept by no cache.

    policy: a browser's own PDF viewer does not open in a sandbox, whoever frames it says so.
    """
    headers = {
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": policy,
        "Cache-Control": "private, no-store",
    }
    pieces = request.app.ctx.intake.read(key)
    first = await anext(pieces)  # a store that is away is a refusal, not half an answer
    response = await request.respond(content_type=media_type, headers=headers)
    await response.send(first)
    async for piece in pieces:
        await response.send(piece)
    await response.eof()
