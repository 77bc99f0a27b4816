"""What the tests of online applications do again and again: the residence permit (居住证)."""

from __future__ import annotations

import re

from playwright.async_api import FilePayload, Page, expect

from tests.miniapp_api.applications.conftest import PERMIT, picture

BEGIN = f"/pages/apply/index?item={PERMIT}"
PHOTO: FilePayload = {
    "name": "照片.jpg",
    "mimeType": "image/jpeg",
    "buffer": picture(400, 300),
}
TYPED = {
    "联系地址": "沈河区青年大街1号",
    "户口所在地": "吉林省长春市人民大街1号",
    "现在住在哪里": "沈河区青年大街1号2-3-1",
    "从哪天开始住": "2025-03-01",
}


async def begin(page: Page) -> None:
    """Choose the circumstances of a permit that costs a fee, and open the draft."""
    await page.get_by_role("radio", name=re.compile("在沈阳有房")).check()
    await page.get_by_role("radio", name=re.compile("丢失补领")).check()
    await page.get_by_role("button", name="开始填").click()
    await expect(page.get_by_role("heading", name="材料")).to_be_visible()


async def type_answers(page: Page, answers: dict[str, str], delivery: str) -> None:
    """Type into a draft's fields, each named by how its label begins."""
    for label, text in answers.items():
        await page.get_by_label(re.compile(f"^{label}")).fill(text)
    await page.get_by_role("radio", name=delivery).check()
    await expect(page.get_by_text("已保存")).to_be_visible()


async def hand_in(page: Page, material: str = "照片", *, before: int = 0) -> None:
    """Choose the photo's file for a material; so many files are shown `before`."""
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name=re.compile(f"{material}：拍照或选文件")).click()
    await (await chooser.value).set_files([PHOTO])
    await expect(page.get_by_text("✓ 照片.jpg")).to_have_count(before + 1)


async def pay(page: Page) -> None:
    """Pay an order on WeChat Pay's page (our own), and come back."""
    await page.get_by_role("button", name="微信支付").click()
    await page.get_by_role("button", name="确认支付").click()
    await expect(page.get_by_text("已支付")).to_be_visible()


async def submit(page: Page) -> None:
    """Declare that all is true, and submit."""
    await page.get_by_role("checkbox", name="我填的和交的都是真的").check()
    await page.get_by_role("button", name="提交").click()
    await expect(page.get_by_role("status").get_by_text("已提交，等待预审")).to_be_visible()
