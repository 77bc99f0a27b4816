"""The assistant in WeChat: pushes in, each answered once and in order, whatever WeChat does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from miniapp_api.chat import rights
from miniapp_api.chat.wechat import store, texts
from miniapp_api.platform.database import fetch, transaction
from miniapp_api.platform.wechat import fake_pushing
from tests.miniapp_api.chat.wechat.conftest import settled

DOUBT = texts.DOUBT
QUESTION = "身份证丢了怎么办"
SEND, TYPING = "/cgi-bin/message/custom/send", "/cgi-bin/message/custom/typing"
CHECK, UPLOAD = "/wxa/msg_sec_check", "/cgi-bin/media/upload"
TAKEN = [{"status": 200, "body": "success"}]


async def _count(table: str) -> int:
    (row,) = await fetch(f"SELECT count(*) AS n FROM {table}")
    return int(row["n"])


async def _states() -> list[str]:
    return [row["state"] for row in await fetch("SELECT state FROM wechat_piece ORDER BY id")]


# -- in ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["json", "xml"])
async def test_a_question_is_taken_at_once_and_answered_with_choices_and_cards(
    user: Any, wechat: Any, format: str
) -> None:
    wang = user()
    assert await wang.write(QUESTION, format=format) == TAKEN
    await settled(wang.app)
    text, *cards = wang.got()
    assert "居民身份证丢失补领" in text
    assert "回复数字接着问：\n1 " in text
    assert len(text.encode()) <= 2048
    assert cards
    assert all(page.startswith("pages/") for page in cards)
    assert wechat.users.typed["o-wang"] == 1


async def test_what_wechat_asks_of_the_address_is_answered(
    api: Any, app: Any, user: Any, wechat: Any
) -> None:
    user()
    address = wechat.pusher.address
    sent = fake_pushing.sealed(address, fake_pushing.text("o", "x", wechat.now()), wechat.now())
    query = {**sent.query, "echostr": "7349"}
    reply = await api.call("GET", "/chat/wechat/push", params=query)
    assert (reply.status, reply.text) == (200, "7349")
    forged = await api.call("GET", "/chat/wechat/push", params={**query, "signature": "0" * 40})
    assert (forged.status, forged.code) == (403, "push_forged")


@pytest.mark.parametrize(
    ("way", "status"),
    [
        ("wrong_signature", 403),
        ("wrong_appid", 403),
        ("stale", 403),
        ("plain", 400),
        ("garbled", 400),
    ],
)
async def test_what_is_not_wechats_changes_nothing(user: Any, way: str, status: int) -> None:
    wang = user()
    (answer,) = await wang.write(QUESTION, way=way)
    assert answer["status"] == status
    assert wang.openid not in answer["body"]
    assert await _count("wechat_push") == await _count("wechat_talk") == 0


@pytest.mark.parametrize("size", [70_000, 1_000_000])
async def test_a_push_of_a_megabyte_is_refused(api: Any, user: Any, size: int) -> None:
    wang = user()
    sent = fake_pushing.sealed(wang.fake.pusher.address, wang.fields("好"), wang.fake.now())
    async with aiohttp.ClientSession() as session:
        reply = await session.post(
            wang.fake.pusher.address.url, params=sent.query, data=sent.body + b" " * size
        )
        assert reply.status == 413
        assert (await reply.json())["code"] in ("push_too_large", "body_too_large")
    assert await _count("wechat_push") == 0


async def test_a_push_that_comes_twice_at_once_is_answered_once(user: Any) -> None:
    wang = user()
    assert await wang.write(QUESTION, way="twice") == TAKEN * 2
    await settled(wang.app)
    assert sum("居民身份证" in text for text in wang.got()) == 1
    assert await _count("message") == 2  # what was asked, and its answer


async def test_many_users_are_answered_each_in_order(user: Any) -> None:
    users = [user(f"o-{n}") for n in range(20)]
    questions = ["你好", QUESTION, "谢谢"]

    async def talk(one: Any) -> None:
        for question in questions:
            await one.write(question)

    await asyncio.gather(*map(talk, users))
    await settled(users[0].app)
    for one in users:
        words = [text for text in one.got() if not text.startswith("pages/")]
        assert len(words) == 3, words
        assert "您好" in words[0]
        assert "居民身份证" in words[1]
        assert "不客气" in words[2]
    assert set(await _states()) == {"sent"}


async def test_a_number_asks_what_it_stands_for(user: Any) -> None:
    wang = user()
    (first, *_) = await wang.say(QUESTION)
    choice = next(line for line in first.splitlines() if line.startswith("2 "))
    (second, *_) = await wang.say("２。")
    direct, *_ = await user("o-other").say(choice.removeprefix("2 "))
    assert second != first
    assert "居民身份证" in second or second == direct


async def test_who_comes_in_is_greeted_but_not_every_time(user: Any, clock: Any) -> None:
    wang = user()
    enter = lambda: fake_pushing.entering("o-wang", wang.fake.now())  # noqa: E731
    for minutes in (0, 5, 13 * 60):
        clock.advance(timedelta(minutes=minutes))
        wang.fake.users.entered("o-wang")
        await wang.fake.pusher.push(enter())
        await settled(wang.app)
    greetings = wang.got()
    assert len(greetings) == 2
    assert all("您好，我是沈办" in text for text in greetings)
    assert "身份证丢了怎么办" in greetings[0]


async def test_what_is_no_text_is_answered_kindly(user: Any) -> None:
    wang = user()
    wang.fake.users.wrote("o-wang")
    await wang.fake.pusher.push({**wang.fields(""), "MsgType": "image", "PicUrl": "http://x"})
    await settled(wang.app)
    (said,) = wang.got()
    assert "只看得懂文字" in said


async def test_news_of_subscriptions_is_taken_and_not_answered(user: Any) -> None:
    wang = user()
    event = {"MsgType": "event", "Event": "subscribe_msg_popup_event"}
    fields = {**fake_pushing.entering("o-wang", wang.fake.now()), **event}
    assert await wang.fake.pusher.push(fields) == TAKEN
    await settled(wang.app)
    assert wang.got() == []


@pytest.mark.parametrize("format", ["json", "xml"])
async def test_who_accepts_reminders_is_counted_once(
    api: Any, app: Any, user: Any, wechat: Any, format: str
) -> None:
    body = {"code": wechat.login_code("o-wang"), "phone_code": wechat.phone_code("13812345678")}
    await api.post("/identity/wechat/sessions", body)
    wang, template = user(), app.ctx.settings.messages.templates["reminder"].id
    entry = {"TemplateId": template, "SubscribeStatusString": "accept", "PopupScene": "0"}
    event = {"MsgType": "event", "Event": "subscribe_msg_popup_event", "List": [entry]}
    fields = {**fake_pushing.entering("o-wang", wang.fake.now()), **event}
    await wang.fake.pusher.push(fields, "twice", format)
    await settled(wang.app)
    (row,) = await fetch("SELECT by_wechat FROM subscription WHERE template = $1", template)
    assert row["by_wechat"] == 1


# -- who says it, and what may be said -----------------------------------------------------------


async def test_the_assistant_knows_who_logged_in_with_wechat(
    api: Any, user: Any, wechat: Any, app: Any
) -> None:
    wang = user()
    await wang.say("你好")
    (talk,) = await fetch("SELECT conversation FROM wechat_talk")
    assert await app.ctx.sessions.citizen_of_conversation(talk["conversation"]) is None
    body = {"code": wechat.login_code("o-wang"), "phone_code": wechat.phone_code("13812345678")}
    session = await api.post("/identity/wechat/sessions", body)
    await wang.say("你好")
    known = await app.ctx.sessions.citizen_of_conversation(talk["conversation"])
    assert str(known) == session.json["citizen"]["id"]


async def test_an_account_that_is_anothers_now_begins_a_conversation_of_its_own(
    api: Any, user: Any, wechat: Any
) -> None:
    wang = user()
    for phone in ("13812345678", "13912345678"):
        body = {"code": wechat.login_code("o-wang"), "phone_code": wechat.phone_code(phone)}
        assert (await api.post("/identity/wechat/sessions", body)).status == 201
        (said, *_) = await wang.say(QUESTION)
        assert "居民身份证" in said
    owners = await fetch("SELECT citizen FROM conversation")
    assert len({row["citizen"] for row in owners}) == 2


async def test_what_wechat_calls_risky_reaches_nobody(user: Any, wechat: Any) -> None:
    wechat.risky = {"坏话"}
    wang = user()
    assert await wang.say("这是坏话") == ["这段话里有不合适的内容，我没法回答。您换个说法再问我。"]
    assert await _count("message") == 0


async def test_our_own_list_counts_in_every_channel(api: Any, app: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(app.ctx.screen, "_words", ("bad话",))
    reply = await api.post("/chat/messages", {"text": "说句bad话"})
    assert "不合适" in reply.json["messages"][0]["text"]
    rows = await fetch("SELECT text FROM message WHERE author = 'citizen'")
    assert [row["text"] for row in rows] == ["（内容不合适，没有保留）"]


async def test_who_logged_in_with_wechat_is_checked_in_the_mini_program_too(
    api: Any, user: Any, wechat: Any, log_in: Any
) -> None:
    user()
    wechat.risky = {"坏话"}
    body = {"code": wechat.login_code("o-li"), "phone_code": wechat.phone_code("13812345678")}
    session = await api.post("/identity/wechat/sessions", body)
    in_wechat, in_browser = api.as_citizen(session.json["token"]), await log_in("13812345678")
    refused = await in_wechat.post("/chat/messages", {"text": "这是坏话"})
    assert "不合适" in refused.json["messages"][0]["text"]
    await in_browser.post("/chat/messages", {"text": "这也是坏话"})
    await in_wechat.post("/chat/messages", {"text": '/fee{"item":"id-card-lost-replacement"}'})
    assert wechat.checked == ["这是坏话"]


async def test_what_is_blanked_reaches_no_agent_and_its_author_is_told(
    api: Any, app: Any, staff: Any, clock: Any, monkeypatch: Any
) -> None:
    clock.advance(timedelta(hours=1, minutes=30))
    agent, named = await staff("agent"), {"headers": {"X-Conversation": "conversation-of-a-test"}}
    said = {"text": QUESTION, "conversation": "conversation-of-a-test"}
    await api.post("/chat/messages", said)
    await api.post("/chat/handovers", {}, **named)
    (waiting,) = (await agent.get("/chat/desk")).json["waiting"]
    await agent.post(f"/chat/desk/{waiting['id']}/take")
    monkeypatch.setattr(app.ctx.screen, "_words", ("坏话",))
    reply = await api.post("/chat/messages", {**said, "text": "一句坏话"})
    assert reply.json["via"] == "agent"
    assert "不合适" in reply.json["messages"][0]["text"]
    seen = (await agent.get(f"/chat/desk/{waiting['id']}")).text
    assert "坏话" not in seen


@pytest.mark.parametrize("fault", [-1, 45009, 61010, "timeout"])
async def test_without_the_text_check_the_answer_comes_all_the_same(
    user: Any, wechat: Any, fault: Any
) -> None:
    wechat.errcodes[CHECK].append(fault)
    assert "居民身份证" in (await user().say(QUESTION))[0]


async def test_without_typing_the_answer_comes_all_the_same(user: Any, wechat: Any) -> None:
    wechat.errcodes[TYPING].append(45081)
    assert "居民身份证" in (await user().say(QUESTION))[0]


# -- out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [-1, 45011])
async def test_a_busy_wechat_is_asked_again_later_and_the_order_stays(
    user: Any, wechat: Any, clock: Any, fault: int
) -> None:
    wechat.errcodes[SEND].append(fault)
    wang = user()
    assert await wang.say(QUESTION) == []
    clock.advance(timedelta(seconds=2))
    await settled(wang.app)
    text, *cards = wang.got()
    assert "居民身份证" in text
    assert cards


@pytest.mark.parametrize("code", [40001, 42001])
async def test_a_spent_token_is_renewed(user: Any, wechat: Any, code: int) -> None:
    wechat.errcodes[SEND].append(code)
    assert "居民身份证" in (await user().say(QUESTION))[0]


@pytest.mark.parametrize("fault", ["lost", "timeout"])
async def test_what_may_have_arrived_is_not_sent_a_second_time(
    user: Any, wechat: Any, clock: Any, fault: str
) -> None:
    wechat.errcodes[SEND].append(fault)
    wang = user()
    await wang.say("谢谢")
    clock.advance(timedelta(minutes=10))
    await settled(wang.app)
    assert sum("不客气" in text for text in wang.got()) == (1 if fault == "lost" else 0)
    assert wang.got()[-1] == DOUBT
    assert await _states() == ["unknown", "sent"]


async def test_what_did_not_arrive_is_sent_again_when_the_user_asks_for_it(
    user: Any, wechat: Any
) -> None:
    wechat.errcodes[SEND].append("timeout")
    wang = user()
    assert await wang.say("谢谢") == [DOUBT]
    (again,) = await wang.say("重发。")
    assert "不客气" in again
    assert await _states() == ["sent", "sent"]
    said = await fetch("SELECT text FROM message WHERE author = 'citizen'")
    assert [row["text"] for row in said] == ["谢谢"]


async def test_a_doubt_that_may_not_have_arrived_comes_with_the_users_next_word(
    user: Any, wechat: Any, clock: Any
) -> None:
    wechat.errcodes[SEND].extend(["timeout", "timeout"])
    wang = user()
    assert await wang.say("谢谢") == []
    assert await _states() == ["unknown", "held"]
    clock.advance(timedelta(minutes=10))
    await settled(wang.app)
    assert wang.got() == []
    doubt, greeting = await wang.say("你好")
    assert doubt == DOUBT
    assert "您好" in greeting


async def test_what_is_too_much_waits_until_the_user_writes_again(
    user: Any, wechat: Any, clock: Any
) -> None:
    wang = user()
    wechat.errcodes[SEND].append(45047)
    assert await wang.say("谢谢") == []
    assert await _states() == ["held"]
    clock.advance(timedelta(minutes=10))
    await settled(wang.app)
    assert wang.got() == []
    held, greeting = await wang.say("你好")
    assert "不客气" in held
    assert "您好" in greeting


async def test_who_cannot_be_written_to_is_left_in_peace(
    user: Any, wechat: Any, clock: Any
) -> None:
    wechat.errcodes[SEND].append(40003)
    wang = user()
    await wang.say("谢谢")
    clock.advance(timedelta(hours=1))
    await settled(wang.app)
    assert wechat.counts[SEND] == 1
    (row,) = await fetch("SELECT state, reason, body FROM wechat_piece")
    assert (row["state"], row["reason"]) == ("unsent", "40003")


async def test_an_unreachable_wechat_loses_nothing(
    user: Any, wechat: Any, clock: Any, app: Any
) -> None:
    wang = user()
    url, app.ctx.wechat.url = app.ctx.wechat.url, "http://127.0.0.1:9"
    assert await wang.say("谢谢") == []
    app.ctx.wechat.url = url
    clock.advance(timedelta(seconds=30))
    await settled(app)
    assert ["不客气" in text for text in wang.got()] == [True]


async def test_a_wechat_that_stays_busy_is_asked_no_more_until_the_user_writes(
    user: Any, wechat: Any, clock: Any, app: Any
) -> None:
    wang = user()
    most = app.ctx.settings.wechat.attempts
    wechat.errcodes[SEND].extend([-1] * most)
    await wang.say("谢谢")
    for _ in range(most):
        clock.advance(timedelta(minutes=5))
        await settled(app)
    assert wechat.counts[SEND] == most
    assert await _states() == ["held"]
    thanks, greeting = await wang.say("你好")
    assert "不客气" in thanks
    assert "您好" in greeting


async def test_a_question_behind_a_message_that_waits_keeps_nobody_busy(
    user: Any, wechat: Any, clock: Any, app: Any
) -> None:
    wechat.errcodes[SEND].append(45011)
    wang = user()
    await wang.write("谢谢")
    await settled(app)
    await wang.write("你好")
    await settled(app)
    assert wang.got() == []
    assert await app.ctx.wechat_worker.work() is False
    clock.advance(timedelta(seconds=2))
    await settled(app)
    thanks, greeting = wang.got()
    assert "不客气" in thanks
    assert "您好" in greeting


async def test_a_worker_that_dies_while_sending_is_followed_by_one_that_goes_on(
    user: Any, app: Any, clock: Any
) -> None:
    """The piece on its way is not sent again, what comes after it is sent once."""
    wang = user()
    await wang.say("你好")
    (talk,) = await fetch("SELECT id, conversation FROM wechat_talk")
    now = clock.now()
    for state, words in (("sending", "在路上"), ("waiting", "还没发")):
        await fetch(
            "INSERT INTO wechat_piece (talk_id, body, state, attempts, due_at, at) "
            "VALUES ($1, jsonb_build_object('kind', 'text', 'text', $2::text), $3, 0, $4, $4)",
            talk["id"], words, state, now,
        )  # fmt: skip
    until = now + timedelta(seconds=30)
    await fetch(
        "UPDATE wechat_talk SET lease = gen_random_uuid(), lease_until = $1, due_at = $2",
        until, now,
    )  # fmt: skip
    await app.ctx.wechat_worker.work()
    assert len(wang.got()) == 1  # the dead one's lease is respected until it is over
    clock.advance(timedelta(seconds=31))
    await settled(app)
    assert wang.got()[1:] == ["还没发", DOUBT]
    assert (await _states())[-3:] == ["unknown", "sent", "sent"]
    assert await wang.say("重发") == ["在路上"]


async def test_a_worker_that_dies_over_an_answer_asks_for_the_same_one_again(
    user: Any, app: Any, monkeypatch: Any, clock: Any
) -> None:
    wang = user()
    died: list[bool] = []
    real = store.answered

    async def dies(*values: Any) -> bool:
        if not died:
            died.append(True)
            raise ConnectionError
        return await real(*values)

    monkeypatch.setattr(store, "answered", dies)
    await wang.write("谢谢")
    while not died:
        await asyncio.sleep(0.01)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await settled(app)
    clock.advance(timedelta(minutes=2))
    await settled(app)
    assert ["不客气" in text for text in wang.got()] == [True]
    assert await _count("message") == 2


async def test_an_agents_words_reach_the_user_and_his_the_agent(
    user: Any, staff: Any, clock: Any, app: Any
) -> None:
    clock.advance(timedelta(hours=1, minutes=30))
    agent, wang = await staff("agent"), user()
    await wang.say(QUESTION)
    (said,) = await wang.say("转人工")
    assert "正在为您转人工" in said
    (waiting,) = (await agent.get("/chat/desk")).json["waiting"]
    base = f"/chat/desk/{waiting['id']}"
    assert (await agent.post(f"{base}/take", {})).status in (200, 204)
    await settled(app)
    assert "为您服务" in wang.got()[-1]
    assert await wang.say("1") == []  # to a person a number is a number
    assert (await fetch("SELECT text FROM message ORDER BY id DESC LIMIT 1"))[0]["text"] == "1"
    assert await wang.say("我的证是去年丢的") == []
    await agent.post(f"{base}/messages", {"text": "好的，带上户口簿来就行。"}, key="k1")
    await settled(app)
    assert wang.got()[-1] == "好的，带上户口簿来就行。"


# -- what is kept --------------------------------------------------------------------------------


async def test_nothing_personal_stays_readable(user: Any, capsys: Any) -> None:
    wang = user()
    await wang.say("我的电话是13812345678，身份证丢了")
    kept = str(await fetch("SELECT * FROM wechat_talk")) + str(
        await fetch("SELECT * FROM wechat_push")
    ) + str(await fetch("SELECT * FROM wechat_piece"))  # fmt: skip
    for secret in ("o-wang", "13812345678", "身份证丢了"):
        assert secret not in kept
        assert secret not in capsys.readouterr().err


async def test_a_citizens_deletion_takes_his_talk(
    api: Any, user: Any, wechat: Any, app: Any
) -> None:
    wang = user()
    body = {"code": wechat.login_code("o-wang"), "phone_code": wechat.phone_code("13812345678")}
    citizen = (await api.post("/identity/wechat/sessions", body)).json["citizen"]["id"]
    await wang.say(QUESTION)
    async with transaction() as connection:
        await rights.erase(connection, citizen)
    assert await _count("wechat_talk") == await _count("wechat_push") == 0
    assert await _count("wechat_piece") == 0


async def test_what_was_done_long_ago_is_forgotten(user: Any, clock: Any, app: Any) -> None:
    await user().say("谢谢")
    clock.advance(timedelta(days=8))
    await app.ctx.wechat_worker.forget(180)
    assert await _count("wechat_push") == await _count("wechat_piece") == 0
    assert await _count("wechat_talk") == 1
    clock.advance(timedelta(days=180))
    await app.ctx.wechat_worker.forget(180)
    assert await _count("wechat_talk") == 0
