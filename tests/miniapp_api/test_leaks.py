"""A full run; then every log line and every byte that was stored is searched for the citizen."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tortoise.connection import get_connection

from tests.miniapp_api.applications.conftest import (
    Office,
    picture,
    real_name,
    real_name_server,
    verified,
)

__all__ = ["real_name", "real_name_server", "verified"]

# Nobody else in these tests is called or numbered so.
NAME, NUMBER, PHONE = "欧阳春花", "210102198803045522", "13998870651"
STREET = "铁西区北二中路61号3单元"


def _spellings(text: str) -> list[bytes]:
    """A text as it may lie in a file: UTF-8, JSON's escapes, a URL, UTF-16."""
    escaped = text.encode("unicode_escape")
    quoted = "".join(f"%{byte:02X}" for byte in text.encode()).encode()
    return [text.encode(), escaped, quoted, text.encode("utf-16-le")]


async def test_the_needles_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "leak").write_bytes(b"\0" * 9000 + PHONE.encode())
    assert _found(tmp_path, [PHONE]) == [str(tmp_path / "leak")]


async def test_a_full_run_leaves_no_trace_of_who_it_was(
    api: Any,
    app: Any,
    settings: Any,
    stores: Any,
    verified: Any,
    real_name: Any,
    staff: Any,
    capfd: pytest.CaptureFixture[str],
) -> None:
    real_name.people[NUMBER] = NAME
    citizen = await verified(NAME, NUMBER, PHONE)
    await citizen.call("PUT", "/identity/me/address", json={"address": STREET})
    await citizen.post("/chat/messages", {"text": f"我身份证{NUMBER}，电话{PHONE}，办居住证"})
    office = Office(api)
    clerk = await staff("clerk", departments=("public-security",))
    draft = await office.filled(citizen)
    typed = {"revision": draft["revision"], "answers": {"residence_address": STREET}}
    saved = await citizen.call("PATCH", f"/applications/drafts/{draft['id']}", json=typed)
    await citizen.call(
        "POST",
        f"/applications/drafts/{draft['id']}/materials/{NUMBER}/files?name={NAME}.jpg",
        data=picture(),
    )
    case = (await office.submit(citizen, saved.json)).json
    await clerk.get(f"/applications/desk/cases/{case['id']}?purpose=handling")
    await office.go(clerk, case["id"], "accept", "start_review", "propose", "grant", "issue")
    await citizen.get("/certificates/")
    await citizen.get("/identity/me/export")
    await citizen.post("/identity/sessions", {"phone": PHONE, "code": "000000"})
    await citizen.get(f"/applications/{NUMBER}")
    await citizen.get(f"/nothing/{PHONE}?name={NAME}")
    while await app.ctx.messages.drain():
        pass
    await get_connection("default").execute_script("CHECKPOINT")
    await app.ctx.redis.save()
    logged = "".join(capfd.readouterr())
    assert '"event": "request"' in logged
    secrets = [NAME, NUMBER, PHONE, STREET]
    assert [s for s in secrets for spelling in _spellings(s) if spelling in logged.encode()] == []
    folder = Path(stores[0].split("host=")[1].split("&")[0]) if "host=" in stores[0] else None
    postgres = folder or settings.data.folder
    places = {postgres, postgres.parent, settings.data.folder}
    assert _found(postgres, [case["number"]]), "what is stored was not found at all"
    found = await asyncio.gather(*(asyncio.to_thread(_found, p, secrets) for p in places))
    assert [path for paths in found for path in paths] == []


def _found(folder: Path, secrets: list[str]) -> list[str]:
    """Return the files below a folder in which a secret stands, however it is spelled."""
    needles = [spelling for secret in secrets for spelling in _spellings(secret)]
    files = [p for p in folder.rglob("*") if p.is_file() and "models" not in p.parts]
    contents = ((path, _read(path)) for path in files)
    return [str(path) for path, content in contents if any(n in content for n in needles)]


def _read(path: Path) -> bytes:
    """Return a file's bytes; PostgreSQL may have taken it away since it was listed."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
