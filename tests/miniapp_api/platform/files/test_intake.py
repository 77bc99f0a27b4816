"""Files on their way into the house: what is taken in is clean and sealed; nothing else remains."""

from __future__ import annotations

import asyncio
import io
import os
import resource
import struct
import tempfile
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from miniapp_api.platform import embedded
from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.files import sealed
from miniapp_api.platform.files.blobs import LocalBlobs, S3Blobs
from miniapp_api.platform.files.fake_scanner import EICAR
from miniapp_api.platform.files.intake import Intake
from miniapp_api.platform.files.scanner import ClamAv
from miniapp_api.platform.files.sniff import media_type
from miniapp_api.platform.sealing import SealBroken
from tests.miniapp_api.platform.files.fake_s3 import serve_s3

MEGABYTE = 1 << 20
SHENYANG = {1: "N", 2: (41.0, 48.0, 20.0), 3: "E", 4: (123.0, 25.0, 50.0)}


async def chunks(data: bytes, size: int = 60_000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def take(intake: Intake, data: bytes, most: int = 20 * MEGABYTE) -> Any:
    return await intake.take(chunks(data), max_bytes=most)


async def read(intake: Intake, key: str) -> bytes:
    return b"".join([piece async for piece in intake.read(key)])


async def refused(intake: Intake, data: bytes, most: int = 20 * MEGABYTE) -> str:
    with pytest.raises(Refusal) as caught:
        await take(intake, data, most)
    return caught.value.code


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    target = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(target, kind, **options)
    return target.getvalue()


def pdf(pages: int = 1, **options: Any) -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        document.save(target, **options)
    return target.getvalue()


@pytest.fixture
def intake(app: Any, scanner: Any) -> Iterator[Intake]:
    yield app.ctx.intake
    scanner.mode = "ok"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_a_picture_comes_back_as_a_picture(intake: Intake, kind: str) -> None:
    stored = await take(intake, picture(kind))
    assert stored.media_type == f"image/{kind.lower()}"
    with Image.open(io.BytesIO(await read(intake, stored.key))) as opened:
        assert opened.size == (64, 48)


async def test_a_picture_of_an_iphone_becomes_a_jpeg(intake: Intake) -> None:
    target = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 64), "red")).save(target)
    stored = await take(intake, target.getvalue())
    assert stored.media_type == "image/jpeg"


async def test_where_a_picture_was_taken_is_not_kept(intake: Intake) -> None:
    exif = Image.Exif()
    exif[0x010F] = "MakerOfThePhone"
    exif.get_ifd(0x8825).update(SHENYANG)
    data = picture(exif=exif)
    assert b"MakerOfThePhone" in data
    content = await read(intake, (await take(intake, data)).key)
    with Image.open(io.BytesIO(content)) as opened:
        assert dict(opened.getexif()) == {}
    assert b"MakerOfThePhone" not in content


async def test_a_picture_taken_sideways_is_put_upright(intake: Intake) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = await take(intake, picture(exif=exif))
    with Image.open(io.BytesIO(await read(intake, stored.key))) as opened:
        assert opened.size == (48, 64)


async def test_what_is_written_into_a_picture_is_gone(intake: Intake) -> None:
    words = "王小明 13800138000".encode()
    for kind, options in (
        ("JPEG", {"comment": words, "xmp": words, "icc_profile": words}),
        ("PNG", {"pnginfo": _note(words.decode()), "icc_profile": words}),
    ):
        raw = picture(kind, **options)
        stored = await take(intake, raw)
        assert b"13800138000" not in await read(intake, stored.key)


def _note(text: str) -> PngImagePlugin.PngInfo:
    note = PngImagePlugin.PngInfo()
    note.add_itxt("Comment", text)
    return note


async def test_a_photo_of_a_phone_keeps_its_pixels_and_a_larger_one_is_drawn_smaller(
    intake: Intake,
) -> None:
    for size, kept in (((4032, 302), (4032, 302)), ((6000, 450), (4096, 307))):
        stored = await take(intake, picture("JPEG", size))
        with Image.open(io.BytesIO(await read(intake, stored.key))) as clean:
            assert clean.size == kept


@pytest.mark.parametrize("quality", [10, 60, 98])
async def test_a_photo_does_not_become_finer_than_it_came(intake: Intake, quality: int) -> None:
    raw = picture("JPEG", (1200, 900), quality=quality)
    stored = await take(intake, raw)
    assert stored.size < len(raw) * 1.05
    with (
        Image.open(io.BytesIO(await read(intake, stored.key))) as clean,
        Image.open(io.BytesIO(raw)) as came,
    ):
        assert (clean.quantization == came.quantization) == (quality < 88)  # type: ignore[attr-defined]


async def test_a_photo_that_is_drawn_smaller_keeps_what_is_left_finely(intake: Intake) -> None:
    stored = await take(intake, picture("JPEG", (8192, 400), quality=30))
    with Image.open(io.BytesIO(await read(intake, stored.key))) as clean:
        assert clean.size == (4096, 200)
        assert sum(clean.quantization[0]) < 1000  # type: ignore[attr-defined]


async def test_what_hangs_behind_a_picture_is_gone(intake: Intake) -> None:
    content = await read(intake, (await take(intake, picture() + b"<script>evil()</script>")).key)
    assert b"evil" not in content


async def test_a_pdf_loses_its_scripts_and_attachments(intake: Intake) -> None:
    target = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        document.Root.OpenAction = document.make_indirect(script)
        document.attachments["evil.exe"] = b"MZ payload"
        document.docinfo["/Author"] = "王小明"
        document.save(target)
    content = await read(intake, (await take(intake, target.getvalue())).key)
    with pikepdf.open(io.BytesIO(content)) as clean:
        assert "/OpenAction" not in clean.Root
        assert len(clean.attachments) == 0
        assert "/Info" not in clean.trailer or not dict(clean.docinfo)


async def test_pages_are_counted(intake: Intake) -> None:
    assert (await take(intake, pdf(3))).pages == 3


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "hello")
    return target.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack("!I", zlib.crc32(kind + data))
        return struct.pack("!I", len(data)) + kind + data + crc

    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"GIF89a" + b"x" * 100, "file_type_unsupported"),
        (b"MZ" + b"\0" * 200, "file_type_unsupported"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 3, "file_type_unsupported"),
        (zipped(), "file_type_unsupported"),
        (pdf() + zipped(), "file_suspicious"),
        (picture()[:300], "picture_broken"),
        (bomb(60_000, 60_000), "picture_too_large"),
        (bomb(4_000, 4_000), "picture_broken"),
        (b"%PDF-1.7\n" + b"garbage" * 50, "pdf_broken"),
        (pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "pdf_encrypted"),
        (pdf(201), "pdf_too_long"),
        (b"%PDF-1.4\n" + EICAR, "file_infected"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_file_of_ours_is_refused_by_name(
    intake: Intake, data: bytes, code: str
) -> None:
    assert await refused(intake, data) == code


@pytest.mark.parametrize("mode", ["error", "garbage", "slow"])
async def test_nothing_is_taken_in_unscanned(
    intake: Intake, scanner: Any, app: Any, mode: str
) -> None:
    scanner.mode = mode
    clam = app.ctx.intake._scanner
    hasty = Intake(
        app.ctx.blobs, ClamAv(clam._host, clam._port, 0.3), app.ctx.sealer, app.ctx.cleaners
    )
    assert await refused(hasty, picture()) == "scan_unavailable"


async def test_a_scanner_that_is_away_takes_nothing_in(app: Any) -> None:
    away = ClamAv("127.0.0.1", embedded.free_port(), 0.5)
    intake = Intake(app.ctx.blobs, away, app.ctx.sealer, app.ctx.cleaners)
    assert await refused(intake, picture()) == "scan_unavailable"


async def test_a_hundred_megabytes_are_refused_with_flat_memory(intake: Intake) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield picture()
        for _ in range(1600):
            yield b"x" * 65_536

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refusal) as caught:
        await intake.take(endless(), max_bytes=100 * MEGABYTE)
    assert caught.value.code == "file_too_large"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 30_000  # KiB


async def test_whoever_goes_away_leaves_nothing_behind(
    intake: Intake, app: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def broken() -> AsyncIterator[bytes]:
        yield picture()
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await intake.take(broken(), max_bytes=MEGABYTE)
    assert list(tmp_path.iterdir()) == []


async def test_what_lies_on_the_disk_cannot_be_read(intake: Intake, app: Any) -> None:
    stored = await take(intake, picture(size=(900, 600)))
    plain = await read(intake, stored.key)
    raw = app.ctx.blobs._path(stored.key).read_bytes()
    assert len(plain) > 200_000
    assert raw.find(plain[1000:1032]) == -1
    assert not raw.startswith(b"\xff\xd8")


async def test_a_file_that_was_touched_does_not_open(intake: Intake, app: Any) -> None:
    stored = await take(intake, picture(size=(900, 600)))
    path: Path = app.ctx.blobs._path(stored.key)
    raw = bytearray(path.read_bytes())
    path.write_bytes(raw[: sealed.PREFIX + sealed.PIECE + sealed.TAG])  # cut at a piece's end
    with pytest.raises(SealBroken):
        await read(intake, stored.key)
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(SealBroken):
        await read(intake, stored.key)


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(size=st.integers(0, 3 * sealed.PIECE + 2), cut=st.integers(1, 100_000))
def test_every_size_comes_back_whole(tmp_path_factory: Any, size: int, cut: int) -> None:
    folder = tmp_path_factory.mktemp("sealed")
    plain = os.urandom(1) * size
    (folder / "plain").write_bytes(plain)
    sealed.seal_file(folder / "plain", folder / "sealed", b"k" * 32)

    async def opened() -> bytes:
        raw = chunks((folder / "sealed").read_bytes(), cut)
        return b"".join([p async for p in sealed.open_stream(raw, b"k" * 32)])

    assert asyncio.run(opened()) == plain


@given(data=st.binary(max_size=64))
def test_random_bytes_are_recognised_or_refused(data: bytes) -> None:
    try:
        found: str = media_type(data)
    except Refusal as refusal:
        found = refusal.code
    known = ("application/pdf", "image/jpeg", "image/png", "image/heic")
    assert found in (*known, "file_empty", "file_type_unsupported")


@pytest.mark.parametrize("head", [b"%PDF-1.4", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
async def test_broken_files_are_refused_and_never_crash(intake: Intake, head: bytes) -> None:
    for n in range(8):
        assert (await refused(intake, head + os.urandom(50 + 40 * n))).endswith("_broken")


async def test_an_s3_store_keeps_and_gives_back(app: Any, tmp_path: Path) -> None:
    async with serve_s3() as (url, objects):
        store = S3Blobs(url, "shenban", "us-east-1", "key", "secret", 2)
        intake = Intake(store, app.ctx.intake._scanner, app.ctx.sealer, app.ctx.cleaners)
        stored = await take(intake, picture())
        assert list(objects) == [f"/shenban/{stored.key}"]
        assert (await read(intake, stored.key)).startswith(b"\xff\xd8")
        await intake.delete(stored.key)
        assert objects == {}
        await store.close()


async def test_a_store_that_is_away_takes_nothing(app: Any) -> None:
    store = S3Blobs(f"http://127.0.0.1:{embedded.free_port()}", "b", "us-east-1", "k", "s", 0.5)
    intake = Intake(store, app.ctx.intake._scanner, app.ctx.sealer, app.ctx.cleaners)
    assert await refused(intake, picture()) == "store_unavailable"
    await store.close()


async def test_a_full_or_forbidden_folder_is_a_store_that_is_away(app: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = LocalBlobs(tmp_path / "file")  # no folder can be made in a file
    intake = Intake(store, app.ctx.intake._scanner, app.ctx.sealer, app.ctx.cleaners)
    assert await refused(intake, picture()) == "store_unavailable"
