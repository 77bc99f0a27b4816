"""Files drawn or written anew (文件净化): what hides in them, and where they were taken, is gone.

Runs in a process of its own: a picture may take a second and hundreds of megabytes.
"""

from __future__ import annotations

import hashlib
import warnings
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.files.errors import (
    PdfBroken,
    PdfEncrypted,
    PdfTooLong,
    PictureBroken,
    PictureTooLarge,
)
from miniapp_api.platform.files.sniff import MediaType

LONGEST_SIDE = 4_096  # pixels: an A4 page at 350 dpi, and what phones take; larger is drawn smaller
QUALITY = 88
QUALITY_SUM = 884  # of the steps of brightness that quality 88 is written with
ACTIVE = ("/OpenAction", "/AA", "/JavaScript", "/Names", "/AcroForm", "/Collection")
ACTIVE_ON_PAGE = ("/AA",)
HARMLESS_ACTIONS = ("/GoTo", "/URI")

pillow_heif.register_heif_opener()
# A picture of more pixels than that is refused before it is drawn; see _picture.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class Limits:
    """How large a file may be inside."""

    pixels: int
    pages: int


@dataclass(frozen=True)
class Cleaned:
    """A file after cleaning; hash and size are those of the new content."""

    media_type: MediaType
    size: int
    sha256: str
    pages: int | None


def clean(source: Path, target: Path, media_type: MediaType, limits: Limits) -> Cleaned:
    """Write a clean copy of a file; raise what is wrong with it."""
    pages = None
    if media_type == "application/pdf":
        pages = _pdf(source, target, limits.pages)
    else:
        media_type = _picture(source, target, media_type, limits.pixels)
    digest = hashlib.sha256()
    with target.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return Cleaned(media_type, target.stat().st_size, digest.hexdigest(), pages)


def outcome(source: Path, target: Path, media_type: MediaType, limits: Limits) -> Cleaned | str:
    """Clean for another process: a refusal travels as its code, and never with a message."""
    try:
        return clean(source, target, media_type, limits)
    except Refusal as refusal:
        return refusal.code


def _picture(source: Path, target: Path, media_type: MediaType, most_pixels: int) -> MediaType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with closing(Image.open(source)) as picture:
                if picture.width * picture.height > most_pixels:
                    raise PictureTooLarge()
                return _drawn(picture, target, media_type)
        except (OSError, SyntaxError, ValueError, UnidentifiedImageError, MemoryError):
            raise PictureBroken() from None


def _drawn(picture: Image.Image, target: Path, media_type: MediaType) -> MediaType:
    """Draw a picture anew: upright, of bearable size, without a word of metadata."""
    tables = _coarser(picture)
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded smaller at once
    picture.load()
    ImageOps.exif_transpose(picture, in_place=True)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # Pillow writes a comment that it read; of all that it knows only this concerns the drawing.
    picture.info = {k: v for k, v in picture.info.items() if k == "transparency"}
    if media_type == "image/png":
        mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
        _in(picture, mode).save(target, "PNG", exif=b"", pnginfo=None, icc_profile=None)
        return "image/png"
    options: dict[str, Any] = {"qtables": tables} if tables else {"quality": QUALITY}
    _in(picture, "RGB").save(target, "JPEG", exif=b"", icc_profile=None, **options)
    return "image/jpeg"


def _coarser(picture: Image.Image) -> dict[int, list[int]] | None:
    """Return a JPEG's own quantization where it is coarser than ours: finer shows nothing more."""
    tables: dict[int, list[int]] = getattr(picture, "quantization", {})
    fits = max(picture.size) <= LONGEST_SIDE  # what is drawn smaller needs all that is left
    return tables if fits and sum(tables.get(0, ())) > QUALITY_SUM else None


def _in(picture: Image.Image, mode: str) -> Image.Image:
    """Return a picture in a mode; one of 12 megapixels is not copied for nothing."""
    return picture if picture.mode == mode else picture.convert(mode)


def _pdf(source: Path, target: Path, most_pages: int) -> int:
    try:
        with pikepdf.open(source) as document:
            pages = len(document.pages)
            if pages > most_pages:
                raise PdfTooLong()
            if pages == 0 or document.is_encrypted:
                raise PdfEncrypted() if document.is_encrypted else PdfBroken()
            _disarm(document)
            document.save(target, linearize=False, fix_metadata_version=False)
            return pages
    except pikepdf.PasswordError:
        raise PdfEncrypted() from None
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, OSError, RecursionError):
        raise PdfBroken() from None


def _disarm(document: pikepdf.Pdf) -> None:
    """Take out scripts, actions, attachments and metadata."""
    root: Any = document.Root
    for name in (*ACTIVE, "/Metadata", "/PieceInfo"):
        if name in root:
            del root[name]
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    for page in document.pages:
        for name in ACTIVE_ON_PAGE:
            if name in page.obj:
                del page.obj[name]
        for note in page.obj.get("/Annots", []):
            if isinstance(note, pikepdf.Dictionary):
                _disarm_note(note)


def _disarm_note(note: Any) -> None:
    if note.get("/Subtype") in ("/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/3D"):
        for name in list(note.keys()):
            if name not in ("/Type", "/Subtype", "/Rect"):
                del note[name]
    action = note.get("/A")
    if action is not None and action.get("/S") not in HARMLESS_ACTIONS:
        del note["/A"]
    if "/AA" in note:
        del note["/AA"]
