"""Files that browsers load, in memory: each with its type, its compressed form and its tag."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sanic import HTTPResponse, Request

YEAR = "public, max-age=31536000, immutable"
SMALLEST = 512  # bytes; below that compressing is not worth a header
# Not left to the machine's own list of types, which may know neither.
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
PACKED = frozenset({".js", ".css", ".html", ".svg", ".json"})


@dataclass(frozen=True)
class File:
    """A file; `packed` is its gzip form, where that is smaller."""

    content: bytes
    packed: bytes | None
    type: str
    tag: str
    hashed: bool  # its name changes with its content, so that it may be kept for ever


def read_folder(folder: Path) -> Mapping[str, File]:
    """Read a folder: path below it → file; those below assets/ have hashed names."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path: path.relative_to(folder).as_posix() for path in found}
    return {name: read_file(path, name.startswith("assets/")) for path, name in names.items()}


def read_file(path: Path, hashed: bool = False) -> File:
    """Read one file."""
    content, suffix = path.read_bytes(), path.suffix.lower()
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = None
    if suffix in PACKED and len(content) >= SMALLEST:
        packed = gzip.compress(content, mtime=0)
    return File(
        content=content,
        packed=packed if packed and len(packed) < len(content) else None,
        type=TYPES.get(suffix, guessed),
        tag=f'"{hashlib.sha256(content).hexdigest()[:24]}"',
        hashed=hashed,
    )


def answer(request: Request, file: File, headers: Mapping[str, str]) -> HTTPResponse:
    """Answer with a file: packed where the browser takes it, nothing when it has it already."""
    stated = {**headers, "ETag": file.tag, "Vary": "Accept-Encoding"}
    stated["Cache-Control"] = YEAR if file.hashed else "no-cache"
    if request.headers.get("if-none-match") == file.tag:
        return HTTPResponse(status=304, headers=stated)
    content = file.content
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content, stated["Content-Encoding"] = file.packed, "gzip"
    return HTTPResponse(content, content_type=file.type, headers=stated)
