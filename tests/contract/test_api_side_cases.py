"""The API's side of applying by talking; and that a conversation opens its citizen's cases only."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.conftest import Bot
from tests.miniapp_api.identity.conftest import LI, LI_ID

CONVERSATION, OTHER = "conversation-of-wang", "conversation-of-li"
COMPANY, USCC = "沈阳好味道餐饮有限公司", "91350100M000100Y43"
PERSONAL = [
    ("GET", "/applications/"),
    ("GET", "/applications/drafts"),
    ("POST", "/applications/drafts"),
    ("GET", "/applications/drafts/{draft}/check"),
    ("GET", "/applications/{case}"),
    ("POST", "/applications/{case}/withdrawal"),
    ("GET", "/identity/enterprises"),
]
BODIES = {"/applications/drafts": {"item": "residence-permit-application"}}


@pytest.fixture
async def bot(wang: Any, bot_of: Any) -> Bot:
    return await bot_of(wang, CONVERSATION)


@pytest.fixture
async def lis_bot(verified: Any, bot_of: Any, wang: Any) -> Bot:
    return await bot_of(await verified(LI, LI_ID), OTHER)


async def returned(office: Any, clerk: Any, case: str) -> None:
    """A clerk asks for what is missing."""
    claimed = await office.claim(clerk, case)
    desk = (await clerk.get(f"/applications/desk/cases/{case}?purpose=handling")).json
    missing = [{"name": desk["materials"][0]["key"], "problem": "unclear"}]
    await office.act(
        clerk, case, claimed["version"], "request_correction", missing=missing, note="请补正"
    )


async def test_a_draft_from_the_item_to_its_check_fits_the_samples(bot: Bot) -> None:
    item = (await bot.send("item"))["item"]
    assert {each["id"] for each in item["circumstances"]} == {"ground", "who", "kind"}
    begun = await bot.send("start_draft")
    assert {"id": "ground", "chosen": "house"}.items() <= begun["circumstances"][0].items()
    again = await bot.send("start_draft")
    assert again["id"] == begun["id"]
    (listed,) = (await bot.send("drafts"))["drafts"]
    assert listed["id"] == begun["id"]
    assert (await bot.send("check_draft", id=begun["id"]))["faults"]
    await bot.send("start_draft_not_online")


async def test_a_case_in_correction_fits_the_samples(
    bot: Bot, wang: Any, office: Any, clerk: Any
) -> None:
    case = await office.submitted(wang)
    await returned(office, clerk, case["id"])
    assert [each["id"] for each in (await bot.send("cases"))["cases"]] == [case["id"]]
    view = await bot.send("case", id=case["id"])
    assert view["missing"][0]["title"]
    await bot.send("withdraw_changed", id=case["id"], version=1)
    withdrawn = await bot.send("withdraw", id=case["id"], version=view["version"])
    assert withdrawn["state"] == "withdrawn"
    late = {"id": case["id"], "version": withdrawn["version"]}
    await bot.send("withdraw_too_late", **late)


async def test_an_enterprise_fits_the_sample(bot: Bot, wang: Any) -> None:
    await wang.post("/identity/enterprises", {"uscc": USCC, "name": COMPANY}, key="e")
    (mine,) = (await bot.send("enterprises"))["enterprises"]
    assert (mine["name"], mine["representative"]) == (COMPANY, True)


# -- each citizen his own ------------------------------------------------------------------------


async def test_a_conversation_of_another_citizen_opens_no_case(
    bot: Bot, lis_bot: Bot, wang: Any, office: Any
) -> None:
    case = await office.submitted(wang)
    view = await bot.send("case", id=case["id"])
    await lis_bot.send("case_not_found", id=case["id"])
    path = f"/applications/{case['id']}/withdrawal"
    refused = await lis_bot.client.post(path, {"version": view["version"]})
    assert (refused.status, refused.code) == (404, "application_not_found")
    assert (await lis_bot.send("cases"))["cases"] == []
    assert (await bot.send("case", id=case["id"]))["state"] == "submitted"


async def test_a_conversation_of_another_citizen_opens_no_draft(bot: Bot, lis_bot: Bot) -> None:
    begun = await bot.send("start_draft")
    refused = await lis_bot.client.get(f"/applications/drafts/{begun['id']}/check")
    assert (refused.status, refused.code) == (404, "draft_not_found")
    assert (await lis_bot.send("drafts"))["drafts"] == []
    assert (await lis_bot.send("start_draft"))["id"] != begun["id"]


@pytest.mark.parametrize(("method", "path"), PERSONAL)
async def test_a_conversation_without_a_log_in_opens_nothing(
    api: Any, bot: Bot, wang: Any, office: Any, method: str, path: str
) -> None:
    case, draft = await office.submitted(wang), await bot.send("start_draft")
    path = path.format(case=case["id"], draft=draft["id"])
    body = BODIES.get(path, {"version": 1}) if method == "POST" else None
    for conversation in ("conversation-of-nobody", None):
        refused = await api.as_bot(conversation).call(method, path, json=body)
        assert (refused.status, refused.code) == (401, "login_required")


async def test_after_the_log_out_the_conversation_opens_nothing(
    bot: Bot, wang: Any, office: Any
) -> None:
    case = await office.submitted(wang)
    await bot.send("case", id=case["id"])
    await wang.call("DELETE", "/identity/sessions/current")
    refused = await bot.client.get(f"/applications/{case['id']}")
    assert refused.code == "login_required"


async def test_who_logs_in_next_in_a_conversation_sees_only_his_own(
    bot: Bot, bot_of: Any, wang: Any, verified: Any, office: Any
) -> None:
    case = await office.submitted(wang)
    await bot.send("case", id=case["id"])
    next_one = await bot_of(await verified(LI, LI_ID), CONVERSATION)
    await next_one.send("case_not_found", id=case["id"])
    assert (await next_one.send("cases"))["cases"] == []
    assert (await next_one.send("drafts"))["drafts"] == []
