"""The part of the fake API that is about applications: items, drafts, cases, each its citizen's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.bot.handbook import (
    CAR,
    FOOD,
    ID_CARD,
    ITEMS,
    PASSPORT_FIRST,
    PASSPORT_LOST,
    PENSION,
    RESIDENCE,
)

if TYPE_CHECKING:
    from tests.bot.fake_api import FakeApi

Json = dict[str, Any]
STATES = {
    "submitted": "已提交，等待预审",
    "pre_review": "预审中",
    "correction": "需要补正材料",
    "review": "审查中",
    "special": "特别程序中（不计入办理时限）",
    "granted": "准予，正在制证",
    "delivered": "已办结",
    "refused": "不予受理",
    "withdrawn": "已撤回",
}
UNDECIDED = ("submitted", "pre_review", "correction", "review", "special")


def _choice(id: str, question: str, *options: tuple[str, str, list[str]]) -> Json:
    shown = [{"id": option, "label": label, "tags": tags} for option, label, tags in options]
    return {
        "id": id,
        "question": question,
        "options": [{**each, "default": False} for each in shown],
    }


GROUND = _choice(
    "ground",
    "您属于哪一种？",
    ("job", "在沈阳上班或做生意", []),
    ("house", "在沈阳有房或租房", []),
    ("study", "在沈阳上学", ["student"]),
)
WHO = _choice(
    "who",
    "给谁办？",
    ("self", "本人来办", []),
    ("proxy", "老人、孩子由别人代办", ["for_child", "for_elder"]),
)
KIND = _choice(
    "kind",
    "第一次办，还是补办？",
    ("first", "第一次办", ["first_time"]),
    ("replacement", "丢失补领", ["lost"]),
)
STAFF = _choice(
    "work",
    "是不是公职人员或军人？",
    ("ordinary", "都不是", []),
    ("recorded", "公职人员", []),
    ("soldier", "现役军人", []),
)
PERSON, BOTH, COMPANY = ["personal"], ["personal", "legal_person"], ["legal_person"]
# code: objects, depth of what can be done online, whether by proxy, circumstances
OFFERED: dict[str, tuple[list[str], str, bool, list[Json]]] = {
    RESIDENCE: (PERSON, "partial", True, [GROUND, WHO, KIND]),
    PASSPORT_FIRST: (PERSON, "partial", False, [STAFF]),
    PASSPORT_LOST: (PERSON, "partial", False, []),
    PENSION: (PERSON, "info", True, []),
    ID_CARD: (PERSON, "none", True, []),
    FOOD: (COMPANY, "full", True, []),
    CAR: (BOTH, "full", True, []),
}


def begins_online(code: object) -> bool:
    """Whether the item can be applied for online."""
    return OFFERED.get(str(code), ([], "none", True, []))[1] in ("partial", "full")


def add_case(api: FakeApi, item: str = RESIDENCE, state: str = "submitted", **changes: Any) -> Json:
    """A case of the citizen who is logged in."""
    number = len(api.cases) + 1
    moment = f"2026-11-{10 + number:02d}T02:00:00Z"
    step = {"state": state, "state_name": STATES[state], "who": "市公安局", "since": moment}
    made = {
        "citizen": api.citizen,
        "id": f"c{number}",
        "number": f"SY2026110000{number:02d}",
        "item": item,
        "item_name": ITEMS[item]["name"],
        "department_name": "市公安局",
        "applicant_masked": "王**",
        "state": state,
        "version": 3,
        "since": moment,
        "submitted_at": moment,
        "due_on": "2026-12-08" if state == "review" else None,
        "clock": {"review": "running", "special": "paused"}.get(state, "stopped"),
        "correct_until": "2026-12-24" if state == "correction" else None,
        "missing": [],
        "steps": [{**step, "until": None, "note": "内部的话"}],
        "fee_fen": 0,
        "paid": True,
        "page": f"pages/case/detail?id=c{number}",
        **changes,
    }
    api.cases[made["id"]] = made
    return made


def add_draft(api: FakeApi, item: str = RESIDENCE, faults: list[Json] | None = None) -> Json:
    """A draft of the citizen who is logged in."""
    draft = _draft(api, {"item": item, "options": {}, "principal": None, "enterprise": None})
    draft["faults"] = faults or []
    return draft


def fault(message: str) -> Json:
    """Something that the pre-check finds."""
    return {"place": "material", "name": "m", "code": "missing", "message": message}


def register(app: web.Application, api: FakeApi) -> None:
    """Adds the routes."""
    app.router.add_get("/guides/items/{code}", lambda r: item(r))
    app.router.add_get("/identity/enterprises", lambda r: enterprises(api))
    app.router.add_post("/applications/drafts", lambda r: start(api, r))
    app.router.add_get("/applications/drafts", lambda r: drafts(api))
    app.router.add_get("/applications/drafts/{id}/check", lambda r: check(api, r))
    app.router.add_get("/applications/", lambda r: cases(api))
    app.router.add_get("/applications/{id}", lambda r: case(api, r))
    app.router.add_post("/applications/{id}/withdrawal", lambda r: withdraw(api, r))


def problem(status: int, code: str, detail: str) -> web.Response:
    """A refusal in the contract's shape."""
    body = {"type": "about:blank", "title": detail, "status": status, "code": code}
    return web.json_response({**body, "detail": detail, "request_id": "r"}, status=status)


async def item(request: web.Request) -> web.Response:
    """An item in full."""
    code = request.match_info["code"]
    if code not in OFFERED:
        return problem(404, "item_not_found", "没有这个事项")
    objects, depth, proxy, circumstances = OFFERED[code]
    shown = {
        "code": code,
        "name": ITEMS[code]["name"],
        "objects": objects,
        "online": {"depth": depth},
        "proxy": {"allowed": proxy},
        "circumstances": circumstances,
    }
    return web.json_response({"item": shown, "label": None})


async def enterprises(api: FakeApi) -> web.Response:
    """The citizen's enterprises."""
    return web.json_response({"enterprises": api.enterprises})


async def start(api: FakeApi, request: web.Request) -> web.Response:
    """Begins a draft, or opens the one begun before."""
    body = await request.json()
    api.bodies.append(body)
    objects, _, proxy, _ = OFFERED[body["item"]]
    if not begins_online(body["item"]):
        return problem(409, "not_online", "这个事项还不能网上申请")
    if ("legal_person" if body["enterprise"] else "personal") not in objects:
        return problem(422, "wrong_applicant", "请切换个人或企业")
    if body["principal"] and not proxy:
        return problem(409, "proxy_not_allowed", "这个事项要本人办")
    if body["principal"] and body["principal"] not in [each["id"] for each in api.principals]:
        return problem(404, "principal_not_found", "代办授权没有了")
    return web.json_response(_draft(api, body))


def _draft(api: FakeApi, body: Json) -> Json:
    whose = (api.citizen, body["item"], body["principal"], body["enterprise"])
    same = [each for each in api.drafts.values() if each["whose"] == whose]
    if same:
        return same[0]
    made = {
        "whose": whose,
        "id": f"d{len(api.drafts) + 1}",
        "item": body["item"],
        "item_name": ITEMS[body["item"]]["name"],
        "kind": "enterprise" if body["enterprise"] else "person",
        "applicant_masked": "王**",
        "circumstances": [
            {"id": each["id"], "chosen": body["options"].get(each["id"], each["options"][0]["id"])}
            for each in OFFERED[body["item"]][3]
        ],
        "materials": [
            {"required": True, "certificate": "id-card"},
            {"required": True, "certificate": None},
            {"required": False, "certificate": None},
        ],
        "fees": [{"name": "工本费", "amount_fen": 2000}],
        "faults": [],
    }
    api.drafts[made["id"]] = made
    return made


async def drafts(api: FakeApi) -> web.Response:
    """The citizen's drafts."""
    mine = [each for each in api.drafts.values() if each["whose"][0] == api.citizen]
    return web.json_response({"drafts": mine})


async def check(api: FakeApi, request: web.Request) -> web.Response:
    """The pre-check of a draft."""
    found = api.drafts.get(request.match_info["id"])
    if found is None or found["whose"][0] != api.citizen:
        return problem(404, "draft_not_found", "没有找到这份草稿")
    return web.json_response({"ready": not found["faults"], "faults": found["faults"]})


def _mine(api: FakeApi, request: web.Request) -> Json | None:
    found = api.cases.get(request.match_info["id"])
    return found if found and found["citizen"] == api.citizen else None


def _view(found: Json) -> Json:
    may = ["withdraw"] if found["state"] in UNDECIDED else []
    return {**found, "state_name": STATES[found["state"]], "may": may}


async def cases(api: FakeApi) -> web.Response:
    """The citizen's cases, the latest first."""
    mine = [_view(each) for each in api.cases.values() if each["citizen"] == api.citizen]
    return web.json_response({"cases": mine[::-1]})


async def case(api: FakeApi, request: web.Request) -> web.Response:
    """A case in full, to whoever filed it."""
    found = _mine(api, request)
    if found is None:
        return problem(404, "application_not_found", "没有找到这个办件")
    return web.json_response(_view(found))


async def withdraw(api: FakeApi, request: web.Request) -> web.Response:
    """Takes a case back."""
    found, body = _mine(api, request), await request.json()
    if found is None:
        return problem(404, "application_not_found", "没有找到这个办件")
    if body["version"] != found["version"]:
        return problem(409, "case_changed", "这个办件刚刚有了变化")
    if found["state"] not in UNDECIDED:
        return problem(409, "action_not_allowed", "现在不能进行这一步")
    found.update(state="withdrawn", version=found["version"] + 1)
    return web.json_response(_view(found))
