"""What people hand in by mistake, or on purpose: each is named, and does no harm."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from miniapp_api.guides.forms import FormBlock, FormField
from miniapp_api.platform.database import fetch
from tests.miniapp_api.applications.conftest import PERMIT, Office, picture


async def _draft(citizen: Any, **answers: Any) -> tuple[str, dict[str, Any]]:
    begun = (await citizen.post("/applications/drafts", {"item": PERMIT})).json
    path = f"/applications/drafts/{begun['id']}"
    saved = await citizen.call("PATCH", path, json={"revision": 1, "answers": answers})
    assert saved.status == 200, saved.text
    return path, saved.json


async def _faults(citizen: Any, path: str) -> dict[str, str]:
    return {f["name"]: f["code"] for f in (await citizen.get(f"{path}/check")).json["faults"]}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("id_number", "110105194912310021", "format"),  # the check character
        ("id_number", "440524188001010014", "mismatch"),  # somebody else's
        ("name", "李梅", "mismatch"),
        ("phone", "12345", "format"),
        ("residence_since", "2026-11-25", "format"),  # tomorrow
        ("residence_since", "2026-02-30", "format"),
    ],
)
async def test_the_pre_check_finds_it(wang: Any, field: str, value: str, code: str) -> None:
    path, draft = await _draft(wang, **{field: value})
    assert (await _faults(wang, path))[field] == code
    body = {"revision": draft["revision"], "declared_true": True}
    refused = await wang.post(f"{path}/submission", body)
    assert refused.code == "not_ready"
    assert value not in refused.text  # no refusal repeats what was typed


async def test_what_is_typed_in_another_way_is_the_same(wang: Any) -> None:
    path, _ = await _draft(wang, id_number=" 11010519491231002x ", phone="138 0013 8000")
    assert not {"id_number", "phone"} & (await _faults(wang, path)).keys()


@pytest.mark.parametrize(
    "value", [["a"], {"a": 1}, "x" * 2_001, "某\x00公司"], ids=["list", "object", "long", "nul"]
)
async def test_what_no_field_can_hold_is_refused_and_nothing_is_written(
    wang: Any, value: Any
) -> None:
    path, draft = await _draft(wang, employer="某公司")
    body = {"revision": draft["revision"], "answers": {"employer": value}}
    refused = await wang.call("PATCH", path, json=body)
    assert refused.code == "answers_unusable"
    fields = {f["name"]: f for s in (await wang.get(path)).json["sections"] for f in s["fields"]}
    assert fields["employer"]["value"] == "某公司"


def _zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "x" * 100)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("租房合同.pdf", _zip()),
        ("租房合同.pdf", b"<html><script>alert(1)</script></html>"),
        ("照片.jpg", b"MZ" + b"\x00" * 200),
        ("照片.jpg", b""),
    ],
    ids=["a ZIP", "a page", "a program", "nothing"],
)
async def test_a_file_that_is_not_what_it_says_is_not_taken(
    wang: Any, name: str, data: bytes
) -> None:
    path, draft = await _draft(wang)
    url = f"{path}/materials/{draft['materials'][0]['key']}/files?name={name}"
    refused = await wang.call("POST", url, data=data)
    assert 400 <= refused.status < 500
    assert refused.code.startswith("file_")
    (row,) = await fetch("SELECT count(*) n FROM attachment")
    assert row["n"] == 0


async def test_a_hundred_megabytes_are_refused_before_they_are_read(wang: Any) -> None:
    path, draft = await _draft(wang)
    url = f"{path}/materials/{draft['materials'][0]['key']}/files"
    refused = await wang.call("POST", url, data=b"%PDF-1.7\n" + bytes(100 << 20))
    assert refused.code == "file_too_large"


async def test_a_picture_and_a_page_in_one_file_is_only_the_picture(
    wang: Any, office: Office
) -> None:
    path, draft = await _draft(wang)
    both = picture() + b"<script>alert(1)</script>" + _zip()
    key = draft["materials"][0]["key"]
    draft = await office.upload(wang, draft["id"], key, both)
    (file,) = next(m["files"] for m in draft["materials"] if m["key"] == key)
    shown = await wang.get(f"{path}/files/{file['id']}")
    assert shown.headers["Content-Security-Policy"] == "sandbox"
    assert b"script" not in shown.content
    assert b"PK\x03\x04" not in shown.content


async def test_a_name_of_a_file_runs_nowhere(wang: Any, clerk: Any, office: Office) -> None:
    path, draft = await _draft(wang)
    url = f"{path}/materials/{draft['materials'][0]['key']}/files"
    params = {"name": "../../etc/<script>alert(1)</script>\x07.jpg"}
    shown = (await wang.call("POST", url, params=params, data=picture())).json
    (file,) = shown["materials"][0]["files"]
    assert file["name"] == "script>.jpg"


async def test_a_draft_of_an_older_form_loses_nothing_and_says_what_changed(
    wang: Any, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The editors take a field out and ask for another while a citizen fills the form in."""
    path, draft = await _draft(wang, employer="某公司", residence_since="2025-03-01")
    assert draft["changed"] is None
    library = app.ctx.guides._library
    book = library.shelf.handbook.forms
    fields = book.fields | {
        "landlord": FormField(
            title="房主姓名",
            widget="text",
            accepts={"type": "string"},
            choices=None,
            hint=None,
            source=None,
        )
    }
    block = FormBlock(title="工作信息", fields=("landlord",), optional=(), when=None)
    newer = book.model_copy(
        update={"fields": fields, "blocks": book.blocks | {"employment": block}}
    )
    handbook = replace(library.shelf.handbook, forms=newer)
    monkeypatch.setattr(library, "shelf", replace(library.shelf, handbook=handbook))
    shown = (await wang.get(path)).json
    assert shown["changed"]["dropped"] == [book.fields["employer"].title]
    assert "房主姓名" in shown["changed"]["added"]
    assert (await _faults(wang, path))["landlord"] == "missing"
    saved = {"revision": shown["revision"], "answers": {"landlord": "李某"}}
    assert (await wang.call("PATCH", path, json=saved)).json["changed"] is None
    monkeypatch.undo()
    back = (await wang.get(path)).json
    values = {f["name"]: f["value"] for s in back["sections"] for f in s["fields"]}
    assert values["employer"] == "某公司"  # it was kept all the time
    assert values["residence_since"] == "2025-03-01"


async def test_an_item_that_was_withdrawn_keeps_what_was_typed(
    wang: Any, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = await _draft(wang, employer="某公司")
    library = app.ctx.guides._library
    items = {c: i for c, i in library.shelf.handbook.items.items() if c != PERMIT}
    handbook = replace(library.shelf.handbook, items=items)
    monkeypatch.setattr(library, "shelf", replace(library.shelf, handbook=handbook))
    gone = await wang.get(path)
    assert (gone.status, gone.code) == (410, "draft_item_gone")
    (row,) = await fetch("SELECT count(*) n FROM draft")
    assert row["n"] == 1
    monkeypatch.undo()
    assert (await wang.get(path)).status == 200
