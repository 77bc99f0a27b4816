"""Looking at one's own files on a phone: a picture over the page, a PDF as a file."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, Request, expect

from tests.browser.applying import BEGIN, PHOTO, begin, hand_in
from tests.browser.chromium import assert_accessible, assert_targets
from tests.browser.citizens import Losing, token_of
from tests.miniapp_api.applications.bundles.office import BundleOffice
from tests.miniapp_api.applications.conftest import (
    Office,
    department_server,
    office,
    real_name,
    real_name_server,
    verified,
    wang,
)
from tests.miniapp_api.platform.files.test_intake import pdf

__all__ = ["department_server", "office", "real_name", "real_name_server", "verified", "wang"]

LARGE = "(img) => img.decode().then(() => img.naturalWidth > 0)"
PAPER: FilePayload = {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": pdf()}


async def _look(page: Page, *, elder: bool = False) -> None:
    """Look at the photo, and put it away by the keyboard."""
    look = page.get_by_role("button", name="看一看 照片.jpg").first
    await look.click()
    shown = page.get_by_role("dialog", name="照片.jpg")
    await expect(shown.get_by_role("img", name="照片.jpg")).to_be_visible()
    assert await shown.get_by_role("img").evaluate(LARGE)
    await assert_accessible(page)
    await assert_targets(page, elder=elder)
    await page.keyboard.press("Escape")
    await expect(shown).to_be_hidden()
    await expect(look).to_be_focused()


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
async def test_a_photo_of_a_draft_is_looked_at_with_the_session_in_no_address(
    phone: Any, wang: Any, elder: bool
) -> None:
    token, asked = token_of(wang), list[Request]()
    page = await phone(BEGIN, elder=elder, token=token)
    page.on("request", lambda request: asked.append(request))
    await begin(page)
    await hand_in(page)
    await _look(page, elder=elder)
    (file,) = [each for each in asked if re.search(r"/files/[0-9a-f-]{36}$", each.url)]
    assert (await file.all_headers())["authorization"] == f"Bearer {token}"
    assert not any(token in each.url for each in asked)


async def test_a_pdf_of_a_draft_is_given_as_a_file(phone: Any, wang: Any) -> None:
    page = await phone(BEGIN, token=token_of(wang))
    await begin(page)
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name=re.compile("照片：拍照或选文件")).click()
    await (await chooser.value).set_files([PAPER])
    async with page.expect_download() as download:
        await page.get_by_role("button", name="下载看 合同.pdf").click()
    found = await download.value
    assert found.suggested_filename == "合同.pdf"
    assert (await found.path()).read_bytes().startswith(b"%PDF")


async def test_a_photo_that_does_not_come_says_so_and_comes_at_the_next_press(
    phone: Any, wang: Any, heard: Any
) -> None:
    heard.expected += ("Failed to load resource: net::ERR_",)
    page = await phone(BEGIN, token=token_of(wang))
    await begin(page)
    await hand_in(page)
    await Losing(page).requests(re.compile(r"/files/[0-9a-f-]{36}$"))
    await page.get_by_role("button", name="看一看 照片.jpg").click()
    await expect(page.get_by_role("alert")).to_contain_text("网络好像断了")
    await _look(page)


async def test_files_of_a_case_and_of_its_correction_are_looked_at(
    phone: Any, wang: Any, office: Office, staff: Any
) -> None:
    case = (await office.submitted(wang))["id"]
    page = await phone(f"/pages/case/detail?id={case}", token=token_of(wang))
    await _look(page)
    clerk = await staff("clerk", departments=("public-security",))
    claimed = await office.claim(clerk, case)
    shown = (await clerk.get(f"/applications/desk/cases/{case}?purpose=handling")).json
    photo = next(m["key"] for m in shown["materials"] if "照片" in m["name"])
    missing = [{"name": photo, "problem": "unclear"}]
    asked = await office.act(
        clerk, case, claimed["version"], "request_correction", missing=missing, note="照片糊"
    )
    assert asked.status == 200, asked.text
    await page.reload()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name=re.compile("照片：拍照或选文件")).click()
    await (await chooser.value).set_files([{**PHOTO, "name": "新照片.jpg"}])
    # Here and among what was handed in.
    await expect(page.get_by_role("button", name="看一看 新照片.jpg")).to_have_count(2)
    await page.get_by_role("button", name="看一看 新照片.jpg").first.click()
    await expect(page.get_by_role("img", name="新照片.jpg")).to_be_visible()
    await page.get_by_role("button", name="关上").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_files_of_a_bundle_and_of_its_correction_are_looked_at(
    phone: Any, wang: Any, staff: Any
) -> None:
    bundles = BundleOffice()
    begun = await bundles.start(wang)
    page = await phone(f"/pages/bundle/detail?id={begun['id']}", token=token_of(wang))
    await _hand_in_first(page)
    await _look(page)
    done = await bundles.submitted(wang)
    lead = await staff("clerk", departments=("public-security",))
    claimed = await bundles.claim(lead, done["id"])
    shown = (await lead.get(f"/applications/desk/bundles/{done['id']}?purpose=handling")).json
    papers = [paper for member in shown["members"] for paper in member["materials"]]
    missing = [{"name": next(p["key"] for p in papers if p["files"]), "problem": "unclear"}]
    asked = await bundles.act(
        lead, done["id"], claimed["version"], "request_correction", missing=missing, note="请补"
    )
    assert asked.status == 200, asked.text
    await page.goto(f"/pages/bundle/detail?id={done['id']}")
    await _hand_in_first(page)
    await _look(page)


async def _hand_in_first(page: Page) -> None:
    """Hand in the photo for the first paper of a page."""
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name=re.compile("：拍照或选文件")).first.click()
    await (await chooser.value).set_files([PHOTO])
    await expect(page.get_by_role("button", name="看一看 照片.jpg").first).to_be_visible()
