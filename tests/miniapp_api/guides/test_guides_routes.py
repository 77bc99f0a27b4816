"""The public guide over HTTP, on the real app."""

from __future__ import annotations

from typing import Any

import pytest

CODE = "id-card-lost-replacement"
ASK = {"aspect": "materials", "item": CODE}


async def test_a_search_finds_the_item_by_everyday_words(api: Any) -> None:
    reply = await api.get("/guides/items", params={"q": "身份证丢了"})
    assert reply.status == 200
    assert reply.json["items"][0]["code"] == CODE
    assert reply.json["items"][0]["department"] == "市公安局"


async def test_pages_cover_the_list_without_gap_or_repeat(api: Any) -> None:
    codes: list[str] = []
    total = (await api.get("/guides/items", params={"limit": 1})).json["total"]
    for offset in range(0, total, 100):
        page = await api.get("/guides/items", params={"limit": 100, "offset": offset})
        codes += [item["code"] for item in page.json["items"]]
    assert len(codes) == len(set(codes)) == total >= 100


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("theme", "vehicles"),
        ("life_event", "marriage"),
        ("object", "legal_person"),
        ("department", "public-security"),
        ("catalogue", "handbook"),
    ],
)
async def test_filters_narrow_the_list(api: Any, field: str, value: str) -> None:
    everything = (await api.get("/guides/items")).json["total"]
    reply = await api.get("/guides/items", params={field: value, "limit": 100})
    assert reply.status == 200
    assert 0 < reply.json["total"] <= everything
    if field == "theme":
        assert all(value in item["themes"] for item in reply.json["items"])


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"q": "长" * 101}, "q"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1000"}, "limit"),
        ({"offset": "-5"}, "offset"),
        ({"offset": "x"}, "offset"),
        ({"theme": "magic"}, "theme"),
        ({"object": "alien"}, "object"),
        ({"catalogue": "moon"}, "catalogue"),
    ],
)
async def test_a_wrong_filter_is_refused_by_name(api: Any, params: Any, field: str) -> None:
    reply = await api.get("/guides/items", params=params)
    assert (reply.status, reply.code) == (422, "validation_failed")
    assert reply.json["fields"] == [field]


async def test_an_unknown_filter_value_is_told_the_possible_ones(api: Any) -> None:
    reply = await api.get("/guides/items", params={"theme": "magic"})
    assert "vehicles" in reply.json["detail"]
    assert "magic" not in reply.text


async def test_typing_initials_suggests_items(api: Any) -> None:
    found = (await api.get("/guides/suggest", params={"q": "sfz"})).json["suggestions"]
    assert 1 <= len(found) <= 10
    assert "身份证" in found[0]["matched"]


async def test_themes_and_life_events_count_items(api: Any) -> None:
    themes = (await api.get("/guides/themes")).json["themes"]
    events = (await api.get("/guides/life-events")).json["life_events"]
    assert len(themes) == 21
    assert len(events) == 14
    assert all(group["count"] > 0 for group in (*themes, *events))


async def test_an_item_is_shown_in_full_with_its_windows(api: Any) -> None:
    shown = (await api.get(f"/guides/items/{CODE}")).json
    assert shown["item"]["name"] == "居民身份证丢失补领"
    assert shown["department_name"] == "市公安局"
    assert shown["windows"]
    assert shown["bookable"] is True
    assert "待核实" in shown["notice"]
    assert {near["code"] for near in shown["related"]} <= set(shown["item"]["related"])


@pytest.mark.parametrize("path", ["", "/materials", "/checklist"])
async def test_an_unknown_item_is_not_found_and_near_ones_are_suggested(
    api: Any, path: str
) -> None:
    reply = await api.get(f"/guides/items/id-card-lost{path}")
    assert (reply.status, reply.code) == (404, "item_not_found")
    assert CODE in [near["code"] for near in reply.json["suggestions"]]


@pytest.mark.parametrize("code", ["x" * 5000, "..%2F..%2Fetc", "%00", "😀"])
async def test_a_hostile_code_is_not_found(api: Any, code: str) -> None:
    reply = await api.get(f"/guides/items/{code}")
    assert reply.status in (404, 414)


async def test_materials_follow_the_chosen_option(api: Any) -> None:
    usual = (await api.get(f"/guides/items/{CODE}/materials")).json
    child = (await api.get(f"/guides/items/{CODE}/materials", params={"applicant": "child"})).json
    assert usual["circumstances"][0]["assumed"] is True
    assert child["circumstances"][0]["assumed"] is False
    assert len(child["materials"]) > len(usual["materials"])
    assert usual["materials"][0]["certificate"] == "居民户口簿"


@pytest.mark.parametrize(
    ("params", "allowed"),
    [
        ({"planet": "mars"}, "applicant"),
        ({"applicant": "alien"}, "child"),
        ([("applicant", "child"), ("applicant", "adult")], "两次"),
    ],
)
async def test_an_unknown_circumstance_or_option_is_told_the_possible_ones(
    api: Any, params: Any, allowed: str
) -> None:
    for page in ("materials", "checklist"):
        reply = await api.get(f"/guides/items/{CODE}/{page}", params=params)
        assert (reply.status, reply.code) == (422, "validation_failed")
        assert allowed in reply.json["detail"]
        assert "alien" not in reply.text


async def test_the_checklist_is_a_page_to_print(api: Any) -> None:
    reply = await api.get(f"/guides/items/{CODE}/checklist", params={"applicant": "child"})
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    for words in ("居民身份证丢失补领", "监护人居民身份证", "第1版", "2026年1月1日", "待核实"):
        assert words in reply.text
    assert "<script" not in reply.text


async def test_halls_are_shown_with_what_is_not_confirmed(api: Any) -> None:
    hall = (await api.get("/guides/halls")).json["halls"][0]
    assert (hall["windows"], hall["departments"]) == (163, 66)
    assert "周一到周五" in hall["hours"]
    assert "大厅地址" in hall["notice"]
    assert hall["coordinates"] is None


async def test_only_our_own_bot_may_ask_for_answers(api: Any, citizen: Any) -> None:
    assert (await api.post("/guides/answers", ASK)).code == "forbidden"
    assert (await citizen.post("/guides/answers", ASK)).code == "forbidden"
    assert (await api.as_bot().post("/guides/answers", ASK)).status == 200


async def test_an_answer_has_text_card_buttons_links_and_source(api: Any) -> None:
    answer = (await api.as_bot().post("/guides/answers", ASK)).json
    assert set(answer) == {"text", "card", "quick_replies", "links", "source", "missed"}
    assert answer["card"]["title"] == "居民身份证丢失补领"
    assert answer["source"]["item"] == CODE
    assert answer["source"]["effective"] == "2026-01-01"
    assert {"title", "page"} == set(answer["links"][0])


@pytest.mark.parametrize(
    ("change", "status", "named"),
    [
        ({"aspect": "nonsense"}, 422, "materials"),
        ({"options": {"applicant": "alien"}}, 422, "child"),
        ({"options": {"planet": "mars"}}, 422, "applicant"),
        ({"item": "no-such-item"}, 404, "事项"),
        ({"item": 5}, 422, ""),
        ({"candidates": ["x"] * 11}, 422, ""),
        ({"text": "长" * 2001}, 422, ""),
        ({"extra": 1}, 422, ""),
    ],
)
async def test_a_wrong_question_is_refused(
    api: Any, change: dict[str, Any], status: int, named: str
) -> None:
    reply = await api.as_bot().post("/guides/answers", ASK | change)
    assert reply.status == status
    assert named in reply.json["detail"]


async def test_a_removed_candidate_is_left_out(api: Any) -> None:
    body = {"aspect": "candidates", "candidates": ["gone", CODE]}
    answer = (await api.as_bot().post("/guides/answers", body)).json
    assert [reply["title"] for reply in answer["quick_replies"]] == ["居民身份证丢失补领", "都不是"]


async def test_what_citizens_look_at_becomes_hot(api: Any, app: Any) -> None:
    editors = (await api.get("/guides/hot")).json["items"]
    assert editors[0]["code"] == CODE
    for _ in range(3):
        await api.get("/guides/items/tax-clearance")
    await app.ctx.hot_items.refresh()
    hot = (await api.get("/guides/hot")).json["items"]
    assert hot[0]["code"] == "tax-clearance"
    assert CODE in [item["code"] for item in hot]
