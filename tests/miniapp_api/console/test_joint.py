"""The leading department's clerk accepts a bundle from the console."""

from __future__ import annotations

from typing import Any

import pytest

from tests.miniapp_api.applications.bundles.office import BundleOffice
from tests.miniapp_api.applications.conftest import (
    fresh_code,
    real_name,
    real_name_server,
    verified,
    wang,
)

__all__ = ["fresh_code", "real_name", "real_name_server", "verified", "wang"]

BUNDLES = "/console/desk/bundles"


@pytest.fixture
async def done(wang: Any) -> dict[str, Any]:
    return await BundleOffice().submitted(wang)


@pytest.fixture
async def lead(desks: Any, staff: Any) -> Any:
    return desks(await staff("clerk", departments=("public-security",)))


async def test_a_bundle_is_claimed_and_accepted_for_all(lead: Any, done: Any, wang: Any) -> None:
    inbox = await lead.open(BUNDLES)
    assert done["number"] in inbox.words
    page = await lead.open(f"{BUNDLES}/{done['id']}")
    page = await lead.submit(page, "/claim")
    assert "认领了" in page.words
    page = await lead.submit(page, "/acceptance")
    assert "联合受理完成" in page.words
    assert set((await BundleOffice().states(wang, done["id"])).values()) == {"accepted"}
    assert "没有等联合受理的一件事" in (await lead.open(BUNDLES)).words


async def test_a_case_of_a_bundle_is_refused_with_its_reason(
    lead: Any, done: Any, wang: Any
) -> None:
    page = await lead.submit(await lead.open(f"{BUNDLES}/{done['id']}"), "/claim")
    item = done["cases"][1]["item"]
    refused = await lead.submit(page, "/acceptance", refused=item)
    assert refused.status == 422
    await lead.submit(page, "/acceptance", refused=item, **{f"reason_{item}": "不符合条件"})
    states = await BundleOffice().states(wang, done["id"])
    assert sorted(states.values()).count("accepted") == len(states) - 1


async def test_one_notice_says_what_is_missing_over_all(lead: Any, done: Any, wang: Any) -> None:
    page = await lead.submit(await lead.open(f"{BUNDLES}/{done['id']}"), "/claim")
    empty = await lead.submit(page, "/correction")
    assert empty.status == 422
    key = page.html.partition('name="missing" value="')[2].partition('"')[0]
    page = await lead.submit(page, "/correction", missing=key, **{f"problem_{key}": "unclear"})
    assert "补正通知发出了" in page.words
    assert "correction" in (await BundleOffice().states(wang, done["id"])).values()


async def test_two_tabs_on_a_bundle_accept_once(lead: Any, done: Any) -> None:
    page = await lead.submit(await lead.open(f"{BUNDLES}/{done['id']}"), "/claim")
    await lead.submit(page, "/acceptance")
    assert (await lead.submit(page, "/acceptance")).status == 409


async def test_a_bundles_papers_are_shown_and_another_department_sees_none(
    lead: Any, done: Any, desks: Any, staff: Any
) -> None:
    page = await lead.open(f"{BUNDLES}/{done['id']}")
    file = page.html.partition("/files/")[2].partition('"')[0]
    paper = await lead.open(f"{BUNDLES}/{done['id']}/files/{file}")
    assert (paper.status, paper.reply.headers["Content-Security-Policy"]) == (200, "sandbox")
    stranger = desks(await staff("clerk", departments=("civil-affairs",)))
    assert (await stranger.open(f"{BUNDLES}/{done['id']}")).status in (403, 404)
    assert (await stranger.open(f"{BUNDLES}/{done['id']}/files/{file}")).status in (403, 404)
