"""The main job, through everything that `make run` starts."""

from __future__ import annotations

import json
import re
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.conftest import API_SECONDS, SHENBAN
from tests.miniapp_api.applications.conftest import ANSWERS, PERMIT, picture
from tests.miniapp_api.identity.conftest import LI, LI_ID

BOOKED = """
SELECT a.id, a.item, a.reference, s.starts_at FROM appointment a JOIN slot s ON s.id = a.slot_id
WHERE a.status = 'confirmed'
"""

CASES = "SELECT state FROM application WHERE id = $1"
DRAFTS = "SELECT id, options FROM draft WHERE item = $1"


class Talk:
    """One citizen's conversation."""

    def __init__(self, running: Any, phone: str | None) -> None:
        self._running = running
        self.headers = {}
        if phone:
            self.headers["Authorization"] = f"Bearer {running.log_in(phone)}"
        self.conversation: str | None = None
        self.replies: list[dict[str, str]] = []
        self.pages: list[str] = []

    def say(self, text: str) -> str:
        body = {"text": text, "conversation": self.conversation}
        headers = {**self.headers, "Idempotency_Key": uuid.uuid4().hex}
        reply = self._running.post("/chat/messages", body, **headers)
        assert reply["via"] == "rasa", reply
        self.conversation = reply["conversation"]
        self.replies = reply["messages"][-1]["quick_replies"]
        self.pages = [link["page"] for said in reply["messages"] for link in said["links"]]
        return "\n".join(map(_words, reply["messages"]))

    def press(self, title: str) -> str:
        """Press one of the buttons that are offered."""
        return self.say(next(each["payload"] for each in self.replies if each["title"] == title))

    def pick(self, which: int = 0) -> str:
        """Choose of what is offered: a day, if that day is closed, then a time."""
        said = self.say(self._choices()[which])
        for _ in range(3):
            if not self._choices():
                break
            said = self.say(self._choices()[which])
        return said

    def _choices(self) -> list[str]:
        payloads = [each["payload"] for each in self.replies]
        return [each for each in payloads if re.match(r'/inform\{"(day|seat)"', each)]


def _words(message: dict[str, Any]) -> str:
    """Everything a citizen reads in an answer."""
    rows = (message["card"] or {"rows": []})["rows"]
    return "\n".join([message["text"], *(f"{row['label']} {row['value']}" for row in rows)])


async def test_the_conversation_of_the_first_issue_books_moves_and_cancels(ready: Any) -> None:
    talk = Talk(ready, "13800138000")
    assert "沈办" in talk.say("你好")
    assert "居民身份证丢失补领" in talk.say("身份证丢了咋整啊")
    assert "户口簿" in talk.say("都要带啥")
    price = talk.say("多少钱,几天能下来")
    assert "40元" in price
    assert "20个工作日" in price
    talk.say("明天上午能约不")
    assert talk.replies, "times are offered"
    assert "保留" in talk.pick()
    assert "约好了" in talk.say("确认")
    (booked,) = await ready.sql(BOOKED)
    assert booked["item"] == "id-card-lost-replacement"
    assert booked["reference"] in talk.say("我约的是几点")
    talk.say("帮我改到后天下午")
    assert "改好了" in talk.pick(-1), (
        "before a weekend the first that is offered is what was booked"
    )
    (moved,) = await ready.sql(BOOKED)
    assert moved["id"] == booked["id"]
    assert moved["starts_at"] > booked["starts_at"]
    assert "取消" in talk.say("算了不去了")
    assert await ready.sql(BOOKED) == [moved], "nothing is cancelled before the citizen confirms"
    assert "已经取消" in talk.say("确认")
    assert await ready.sql(BOOKED) == []
    seats = await ready.sql("SELECT sum(capacity - remaining) AS taken FROM allotment")
    assert seats == [{"taken": 0}]


async def test_a_full_day_a_waiting_list_and_the_halls_days_by_talking(ready: Any) -> None:
    talk = Talk(ready, "13800138077")
    assert "上班" in talk.say("明天大厅上班吗")
    talk.say("身份证丢了咋整啊")
    assert "人少" in talk.say("哪天人少")
    day = re.search(r"\d+月\d+日", talk.replies[0]["payload"])
    assert day, talk.replies
    await ready.sql(
        "UPDATE allotment SET capacity = 0, remaining = 0 WHERE slot_id IN "
        "(SELECT id FROM slot WHERE queue = 'public-security')"
    )
    assert "候补" in talk.say(f"帮我约{day.group()}上午")
    assert "候补上了" in talk.say("候补")
    (waiting,) = await ready.sql("SELECT status, first_day FROM waiting")
    assert waiting["status"] == "waiting"
    assert "候补" in talk.say("我的候补")
    assert "取消" in talk.say("取消候补")
    assert "过号" in talk.say("我迟到了怎么办")


async def test_applying_online_by_talking_opens_a_draft_that_knows_what_it_lacks(
    ready: Any,
) -> None:
    talk = Talk(ready, "13800138055")
    assert "您属于哪一种" in talk.say("我要网上办居住证")
    assert "给谁办" in talk.press("在沈阳有房或租房")
    assert "第一次办" in talk.say("给我本人办")
    opened = talk.say("不清楚")
    assert "租房合同" in opened, "the checklist is that of the circumstances"
    assert "草稿开好了" in opened
    (draft,) = await ready.sql(DRAFTS, PERMIT)
    assert f"pages/apply/form?id={draft['id']}" in talk.pages
    assert json.loads(draft["options"]) == {"ground": "house", "who": "self", "kind": "first"}
    missing = talk.press("还缺啥材料")
    assert "草稿还差这些" in missing
    assert talk.pages == [f"pages/apply/form?id={draft['id']}"]
    assert "还有一份草稿没交" in talk.say("办到哪一步了")
    assert "不用撤" in talk.say("我要撤回")
    assert "草稿开好了" in talk.say("我要网上办居住证"), "what was said is not asked again"
    assert await ready.sql(DRAFTS, PERMIT) == [draft]


async def test_another_citizen_hears_nothing_of_the_draft(ready: Any) -> None:
    mine, others = Talk(ready, "13800138056"), Talk(ready, "13800138057")
    mine.say("我要网上办居住证")
    for _ in range(3):
        mine.say("不清楚")
    assert "草稿" in mine.say("还缺啥材料")
    assert "草稿" not in others.say("居住证申领还缺啥材料")
    assert "草稿" not in others.say("办到哪一步了")


def _hand_in(running: Any, headers: dict[str, str]) -> dict[str, Any]:
    """Submit an application for the residence permit, as the client does."""
    running.post(
        "/identity/real-name", {"name": LI, "id_number": LI_ID, "consent": True}, **headers
    )
    begun = {"item": PERMIT, "options": {"ground": "house"}}
    draft = running.post("/applications/drafts", begun, **headers)
    path = f"/applications/drafts/{draft['id']}"
    typed = {"answers": ANSWERS, "delivery": "window", "revision": draft["revision"]}
    draft = running.patch(path, typed, **headers)
    for material in draft["materials"]:
        if material["required"]:
            to = f"{path}/materials/{material['key']}/files"
            draft = running.post(to, picture(), **headers)
    declared = {"revision": draft["revision"], "declared_true": True}
    return running.post(f"{path}/submission", declared, **headers)


async def test_a_case_is_followed_and_taken_back_by_talking(ready: Any) -> None:
    talk, other = Talk(ready, "13800138058"), Talk(ready, "13800138059")
    case = _hand_in(ready, talk.headers)
    told = talk.say("我的居住证办到哪一步了")
    assert "已提交，等待预审" in told
    assert case["number"] in told
    assert talk.pages == [f"pages/case/detail?id={case['id']}"]
    assert case["number"] not in other.say("我的居住证办到哪一步了")
    assert "没有能撤回的申请" in other.say("我要撤回")
    assert "要撤回“居住证申领”吗" in talk.press("撤回申请")
    (before,) = await ready.sql(CASES, uuid.UUID(case["id"]))
    assert before["state"] == "submitted", "nothing is withdrawn before the citizen confirms"
    assert "撤回来了" in talk.say("确认撤回")
    (after,) = await ready.sql(CASES, uuid.UUID(case["id"]))
    assert after["state"] == "withdrawn"


def test_an_anonymous_citizen_is_asked_to_log_in_before_booking(ready: Any) -> None:
    talk = Talk(ready, None)
    talk.say("食品经营许可证咋办")
    talk.say("明天上午能约不")
    assert "登录" in talk.pick()


@pytest.mark.parametrize(
    "text", ["😀😀😀", "/restart", "<script>alert(1)</script>", "{}", "a" * 1999]
)
def test_hostile_messages_get_a_polite_answer(ready: Any, text: str) -> None:
    talk = Talk(ready, None)
    assert talk.say(text)


def test_the_api_answers_without_rasa_and_says_so(ready: Any) -> None:
    """Rasa is killed; the citizen is answered by the fallback, then Rasa comes back by itself."""
    for process in ready.children("bot.serve "):
        process.kill()
    reply = ready.post("/chat/messages", {"text": "身份证丢了要带什么"})
    assert reply["via"] == "fallback"
    assert "居民身份证丢失补领" in reply["messages"][0]["text"] + str(
        reply["messages"][0]["source"]
    )
    booking = ready.post("/chat/messages", {"text": "身份证丢失补领帮我约明天上午"})
    assert "聊天预约暂时用不了" in booking["messages"][0]["text"]
    assert booking["messages"][0]["links"]
    ready.wait_for("ready")


def test_a_dead_action_server_is_answered_politely_and_restarts(ready: Any) -> None:
    for process in ready.children("serve_actions"):
        process.kill()
    question = {"text": "身份证丢了要带什么"}
    assert ready.post("/chat/messages", question)["messages"][0]["text"]
    deadline = time.monotonic() + API_SECONDS
    while ready.post("/chat/messages", question)["via"] != "rasa":
        assert time.monotonic() < deadline, "the action server came back"
        time.sleep(0.5)


def test_a_redis_that_dies_costs_no_answer_and_no_session(ready: Any) -> None:
    talk = Talk(ready, "13800138001")
    talk.say("你好")
    time.sleep(1.1)  # Redis writes its log every second: what is older survives a kill
    (server,) = [p for p in psutil.Process(ready.process.pid).children() if "redis" in p.name()]
    server.kill()
    assert ready.post("/chat/messages", {"text": "身份证丢了要带什么"})["messages"][0]["text"]
    deadline = time.monotonic() + API_SECONDS
    while not ready.get("/health")["redis"] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "没有预约" in talk.say("我约的是几点"), "the citizen is still logged in"


def test_an_imported_catalogue_is_answered_from_and_marked(ready: Any) -> None:
    source = Path(__file__).resolve().parents[3] / "shared/data/items/guangdong_items.jsonl"
    if not source.is_file():
        pytest.skip("../shared/data is not here: third-party data is not part of the project")
    command = [str(SHENBAN), "handbook", "import", str(source), "--json"]
    run = subprocess.run(command, env=ready.environment, capture_output=True, check=True)
    assert json.loads(run.stdout)["taken"] == 2262
    question = {"text": "临时价格干预范围事项提价申报要什么材料"}
    deadline = time.monotonic() + API_SECONDS
    said = ""
    while "此为广东省事项" not in said:
        assert time.monotonic() < deadline, said
        time.sleep(1)
        said = _words(ready.post("/chat/messages", question)["messages"][0])
    assert "提价申报申请报告" in said
