"""What a file is, by its content (文件类型识别): its name and the sender's word count nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from miniapp_api.platform.files.errors import FileEmpty, FileSuspicious, FileTypeUnsupported

MediaType = Literal["application/pdf", "image/jpeg", "image/png", "image/heic"]
HEIC_BRANDS = frozenset((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"))
WINDOW, OVERLAP = 1 << 20, 64
# A PDF that also opens as one of these is a polyglot: pictures are drawn anew and lose them.
FOREIGN_IN_PDF = (b"PK\x05\x06", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")


def media_type(head: bytes) -> MediaType:
    """Return what a file's first bytes say; raise FileEmpty or FileTypeUnsupported."""
    if not head:
        raise FileEmpty()
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return "image/heic"
    raise FileTypeUnsupported()


def sniff(path: Path) -> MediaType:
    """Return what a file is; raise FileEmpty, FileTypeUnsupported or FileSuspicious."""
    with path.open("rb") as file:
        found = media_type(file.read(64))
    if found == "application/pdf" and any(
        mark in window for window in _windows(path) for mark in FOREIGN_IN_PDF
    ):
        raise FileSuspicious()
    return found


def _windows(path: Path) -> Iterator[bytes]:
    """Return a file in pieces that overlap, so that no mark falls between two."""
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(WINDOW):
            yield tail + piece
            tail = piece[-OVERLAP:]
