"""The built client in memory: each file with its type, its compressed form and its tag."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PAGE = "index.html"
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
    """A file of the client; `packed` is its gzip form, where that is smaller."""

    content: bytes
    packed: bytes | None
    type: str
    tag: str
    hashed: bool  # its name changes with its content, so that it may be kept for ever


def read(folder: Path) -> Mapping[str, File]:
    """Read a built client: path below the folder → file; empty when it was never built."""
    if not (folder / PAGE).is_file():
        return {}
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _file(path, folder) for path in found}


def _file(path: Path, folder: Path) -> File:
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
        hashed=path.relative_to(folder).parts[0] == "assets",
    )
