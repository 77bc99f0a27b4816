"""A citizen's rights over his conversations."""

from __future__ import annotations

from typing import Any

from miniapp_api.platform.database import fetch
from tests.miniapp_api.identity.conftest import fresh_code

__all__ = ["fresh_code"]

PHONE, SAID = "13800138000", "身份证丢了咋整"


async def test_the_copy_says_what_was_said_to_who_proves_his_phone(
    citizen: Any, fresh_code: Any
) -> None:
    await citizen.post("/chat/messages", {"text": SAID})
    masked = (await citizen.get("/identity/me/export")).json["data"]["conversations"]
    assert [each["author"] for each in masked] == ["citizen", "bot"]
    assert SAID not in str(masked)
    code = await fresh_code(PHONE)
    whole = await citizen.post("/identity/me/export", {"code": code})
    assert whole.status == 200, whole.text
    said, answered = whole.json["data"]["conversations"]
    assert said["text"] == SAID
    assert answered["text"]


async def test_deletion_takes_his_conversations_and_nobody_elses(
    citizen: Any, log_in: Any, fresh_code: Any
) -> None:
    other = await log_in("13900139000")
    for each in (citizen, other):
        await each.post("/chat/messages", {"text": SAID})
    reply = await citizen.post("/identity/me/deletion", {"code": await fresh_code(PHONE)})
    assert "和智能助手的对话" in reply.json["erased"]
    (row,) = await fetch("SELECT count(*) n, count(DISTINCT conversation_id) c FROM message")
    assert (row["n"], row["c"]) == (2, 1)
