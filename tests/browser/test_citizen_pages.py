"""Every page of a citizen's own: axe-core, targets and width, in each view."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.chromium import assert_usable
from tests.browser.citizens import ITEM, book, token_of

PAGES = [
    "login/index",
    "identity/index",
    "booking/index",
    "booking/mine",
    "booking/standing",
    "waiting/mine",
    "queue/index",
    "queue/mine",
    "messages/index",
    "payment/index",
    "progress/index",
    "certificates/index",
    "family/index",
    "enterprise/index",
    "privacy/index",
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
async def test_every_page_is_accessible_to_who_is_not_logged_in(
    phone: Any, elder: bool, dark: bool
) -> None:
    page = await phone("/pages/settings/index", elder=elder, dark=dark)
    for path in PAGES:
        await page.goto(f"/pages/{path}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_text("正在打开…")).to_have_count(0)
        await assert_usable(page, elder=elder)


@pytest.mark.parametrize(
    ("elder", "dark"), [(False, True), (True, False)], ids=["normal-dark", "elder-light"]
)
async def test_every_page_is_accessible_to_who_is_logged_in(
    phone: Any, citizen: Any, app: Any, elder: bool, dark: bool
) -> None:
    id = await book(citizen)
    await app.ctx.messages.drain()
    parts = ("consents", "copy", "ledger", "devices", "deletion")
    own = [f"privacy/index?part={part}" for part in parts]
    own += [f"booking/detail?id={id}", f"booking/move?id={id}", f"queue/index?item={ITEM}"]
    page = await phone("/pages/settings/index", elder=elder, dark=dark, token=token_of(citizen))
    for path in [*PAGES, *own]:
        await page.goto(f"/pages/{path}")
        await page.wait_for_load_state("networkidle")
        await expect(page.get_by_text("正在打开…")).to_have_count(0)
        await assert_usable(page, elder=elder)
