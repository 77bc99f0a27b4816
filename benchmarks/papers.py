"""Papers as citizens hand them in (材料): photos of a phone and scans in a PDF, of 2 MB each.

Drawn here, so that nobody's papers are in the repository: lines of print, the light across a page,
the noise of a sensor; the size comes out as a phone's of 12 megapixels at its usual quality.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

from PIL import ExifTags, Image, ImageChops, ImageDraw

PHOTO = (4032, 3024)  # as phones of 12 megapixels take it
SCAN = (1654, 2339)  # A4 at 200 dpi
SCAN_PAGES = 4
TOLERANCE = 0.05  # of the size
LOCATION = {1: "N", 2: (41.0, 48.0, 20.0), 3: "E", 4: (123.0, 25.0, 50.0)}


def photo(seed: int, size: int) -> bytes:
    """Return a JPEG photo of about so many bytes, taken upright, with where it was taken."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(LOCATION)
    page = _page(PHOTO, seed, noise=5)
    tinted = Image.merge("RGB", (page, page.point(_scaled(0.98)), page.point(_scaled(0.92))))
    return _sized(size, lambda target, quality: tinted.save(target, quality=quality, exif=exif))


def scan(seed: int, size: int, pages: int = SCAN_PAGES) -> bytes:
    """Return a PDF of some scanned pages, of about so many bytes."""
    first, *rest = (_page(SCAN, seed * 10 + n, noise=6) for n in range(pages))

    def save(target: io.BytesIO, quality: int) -> None:
        first.save(
            target, "PDF", save_all=True, append_images=rest, resolution=200, quality=quality
        )

    return _sized(size, save)


def _sized(size: int, save: Callable[[io.BytesIO, int], None]) -> bytes:
    """Return what comes nearest to a size, by the quality it is saved with."""
    low, high, found = 30, 98, b""
    while low <= high:
        quality, target = (low + high) // 2, _Named()
        save(target, quality)
        content = target.getvalue()
        if not found or abs(len(content) - size) < abs(len(found) - size):
            found = content
        if abs(len(content) - size) <= size * TOLERANCE:
            break
        low, high = (quality + 1, high) if len(content) < size else (low, quality - 1)
    return found


class _Named(io.BytesIO):
    """A file in memory whose name says what it becomes."""

    name = "paper.jpg"


def _page(size: tuple[int, int], seed: int, noise: float) -> Image.Image:
    random, (width, height) = Random(seed), size
    page = Image.linear_gradient("L").resize(size).point(lambda level: 190 + level // 5)
    pen, line = ImageDraw.Draw(page), height // 50
    for y in range(line * 3, height - line * 3, line):
        x = width // 18
        while x < width * 17 // 18:
            across = random.randint(line // 3, line * 2 // 3)
            for _ in range(4):
                ends = [(x + random.randint(0, across), y + random.randint(0, line * 2 // 3))]
                ends.append((x + random.randint(0, across), y + random.randint(0, line * 2 // 3)))
                pen.line(ends, fill=random.randint(20, 70), width=max(2, line // 20))
            x += across + random.randint(line // 8, line // 4)
    return ImageChops.add(page, Image.effect_noise(size, noise), offset=-128)


def _scaled(by: float) -> Callable[[int], int]:
    return lambda level: int(level * by)
