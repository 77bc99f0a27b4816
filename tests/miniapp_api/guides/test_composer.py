"""What the citizen is told: whole, sourced, honest about what nobody has confirmed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miniapp_api.guides import payloads
from miniapp_api.guides.composer import ABOUT_ITEM, compose
from miniapp_api.guides.handbook import Handbook
from miniapp_api.guides.item import Item
from miniapp_api.guides.scene import Question, Scene
from miniapp_api.guides.schemas import Answer
from miniapp_api.guides.terms import Aspect, Tag
from miniapp_api.guides.wording import long_date
from tests.miniapp_api.guides.factories import item_values, make_item

NOT_FOR_CITIZENS = re.compile(r"None|null|\{|\}|\[|\]|True|False|。。|，，|\b[a-z]+_[a-z]+\b")


def ask(scene: Scene, aspect: str, item: Item | None = None, **known: Any) -> Answer:
    return compose(Question(aspect, item or scene.handbook.items["test-item"], **known), scene)


def at(scene: Scene, year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> Scene:
    return replace(scene, now=datetime(year, month, day, hour, minute, tzinfo=scene.now.tzinfo))


def assert_said_well(answer: Answer) -> None:
    words = [answer.text, *(q.title for q in answer.quick_replies)]
    if answer.card:
        words += [row.value for row in answer.card.rows]
    for text in words:
        assert text.strip()
        assert not NOT_FOR_CITIZENS.search(text), text
    assert answer.text.rstrip()[-1] in "。？！）"


def test_every_item_answers_every_aspect_with_its_name_version_and_date(real: Handbook) -> None:
    scene = Scene(real, datetime(2026, 11, 24, 10, 0).astimezone(), hot=real.own[:3])
    assert len(real.own) >= 100
    for item in real.own:
        for aspect in ABOUT_ITEM:
            answer = compose(Question(aspect, item), scene)
            assert_said_well(answer)
            assert item.effective is not None
            for fact in (item.name, f"第{item.version}版", long_date(item.effective)):
                assert fact in answer.text
            assert answer.source is not None
            assert answer.source.notice is not None
            assert "12345" in answer.source.notice


def test_every_real_item_says_which_materials_under_every_option(real: Handbook) -> None:
    scene = Scene(real, datetime(2026, 11, 24, 10, 0).astimezone())
    for item in real.own:
        for circumstance in item.circumstances:
            for option in circumstance.options:
                chosen = {circumstance.id: option.id}
                answer = compose(Question("materials", item, options=chosen), scene)
                assert_said_well(answer)
                assert option.label in answer.text


def test_an_imported_item_answers_every_aspect_as_foreign(scene: Scene) -> None:
    item = scene.handbook.items["11440000X"]
    for aspect in ABOUT_ITEM:
        answer = ask(scene, aspect, item)
        assert_said_well(answer)
        assert "此为广东省事项，非沈阳办理依据" in answer.text
        assert "2026年3月1日导入" in answer.text
        assert not any("booking" in link.page or "apply" in link.page for link in answer.links)


@pytest.mark.parametrize("aspect", list(Aspect))
def test_every_aspect_without_an_item_gets_a_sentence(scene: Scene, aspect: str) -> None:
    answer = compose(Question(aspect), scene)
    assert_said_well(answer)
    assert answer.source is None


def test_placeholders_used_by_the_answer_are_named_and_others_are_not(scene: Scene) -> None:
    assert "承诺时限待核实" in ask(scene, "time_limit").text
    assert "咨询电话" not in ask(scene, "time_limit").text
    assert "待核实" not in ask(scene, "fee").text
    assert "还没经沈阳窗口核实" in ask(scene, "fee").text


def test_a_verified_item_without_placeholders_needs_no_warning(scene: Scene) -> None:
    item = make_item(verified=True, placeholders=[])
    answer = ask(scene, "fee", item)
    assert answer.source is not None
    assert answer.source.notice is None
    assert "核实" not in answer.text


def test_an_overdue_item_says_so(scene: Scene) -> None:
    assert "已过复核期" in ask(at(scene, 2028, 1, 5, 9), "fee").text


def test_materials_say_what_was_assumed_and_offer_the_other_option(scene: Scene) -> None:
    answer = ask(scene, "materials")
    assert "户口簿" in answer.text
    assert "出生证明" not in answer.text
    assert "先按“本人办”准备" in answer.text
    button = answer.quick_replies[0]
    assert button.title == "给孩子办"
    request = payloads.read(button.payload)
    assert request is not None
    assert (request.aspect, request.item) == ("materials", "test-item")
    assert request.options == {"applicant": "child"}
    assert '"tag":"for_child"' in button.payload


def test_a_tag_chooses_the_option_and_the_electronic_certificate_is_told(scene: Scene) -> None:
    answer = ask(scene, "materials", tags=frozenset({"for_child"}))
    assert "出生证明复印件2份（有电子出生医学证明可免提交）" in answer.text
    assert "这是按“给孩子办”准备的" in answer.text


def test_a_tag_about_something_else_leaves_the_usual_case(scene: Scene) -> None:
    circumstances = item_values()["circumstances"]
    circumstances[0]["options"].reverse()
    item = make_item(circumstances=circumstances)
    answer = ask(scene, "materials", item, tags=frozenset({"lost", "retired"}))
    assert "先按“本人办”准备" in answer.text


def test_a_stated_option_outranks_a_tag(scene: Scene) -> None:
    child = frozenset({"for_child"})
    answer = ask(scene, "materials", tags=child, options={"applicant": "adult"})
    assert "出生证明" not in answer.text


def test_the_ready_day_counts_working_days_from_tomorrow(scene: Scene) -> None:
    assert "最晚12月22日周二" in ask(scene, "time_limit").text


def test_the_ready_day_jumps_over_holidays_and_counts_makeup_saturdays(scene: Scene) -> None:
    item = make_item(limits={"statutory": None, "promised": 5})
    before_may_day = at(scene, 2026, 4, 30, 9)
    assert "最晚5月11日周一" in ask(before_may_day, "time_limit", item).text


def test_on_a_day_off_the_case_is_accepted_on_the_next_workday(scene: Scene) -> None:
    item = make_item(limits={"statutory": None, "promised": 1})
    text = ask(at(scene, 2026, 11, 21, 9), "time_limit", item).text
    assert "按11月23日周一受理算，最晚11月24日周二" in text


def test_a_ready_day_in_a_year_without_a_notice_says_so(scene: Scene) -> None:
    assert "2027年放假安排还没公布" in ask(at(scene, 2026, 12, 20, 9), "time_limit").text


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"statutory": 0, "promised": 0}, "当场就能办完"),
        ({"statutory": 30, "promised": None}, "法定30个工作日"),
        (
            {"statutory": 10, "statutory_unit": "calendar_days", "promised": None},
            "法定10日内办完。今天受理的话，最晚12月4日周五",
        ),
        (
            {"statutory": 60, "statutory_unit": "calendar_days", "promised": 20},
            "承诺20个工作日办完，法定最长60日。",
        ),
        ({"statutory": None, "promised": None}, "没有规定固定的办理时限"),
    ],
)
def test_limits_are_said_as_they_are(scene: Scene, limits: dict[str, Any], said: str) -> None:
    assert said in ask(scene, "time_limit", make_item(limits=limits)).text


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ((2026, 11, 24, 8, 0), "上午9点开始办公"),
        ((2026, 11, 24, 9, 0), "现在正在办公，到上午11点半"),
        ((2026, 11, 24, 12, 0), "下午1点开始办公"),
        ((2026, 11, 24, 16, 30), "已经下班了"),
        ((2026, 11, 21, 10, 0), "休息，不开门"),
        ((2026, 10, 1, 10, 0), "国庆节放假，不开门"),
        ((2026, 10, 10, 10, 0), "现在正在办公"),
        ((2026, 9, 30, 10, 0), "明天（10月1日周四）不开门，下次开门是10月8日周四"),
    ],
)
def test_hours_know_the_clock_and_the_calendar(
    scene: Scene, moment: tuple[int, ...], said: str
) -> None:
    assert said in ask(at(scene, *moment), "hours").text
    assert said in compose(Question("hours"), at(scene, *moment)).text


def test_the_place_names_hall_floor_zone_and_windows(scene: Scene) -> None:
    text = ask(scene, "place").text
    assert "沈阳市政务服务中心一楼B区公安服务区014至021号窗口" in text
    assert "窗口号待核实" in text


def test_the_elderly_are_told_of_their_lane(scene: Scene) -> None:
    assert "老年人优先通道" in ask(scene, "place", tags=frozenset({"for_elder"})).text


@pytest.mark.parametrize("kind", ["outlet", "online"])
def test_what_is_not_done_at_the_hall_is_not_sent_there(scene: Scene, kind: str) -> None:
    place = {"kind": kind, "queue": None, "note": "去街道。"}
    answer = ask(scene, "place", make_item(place=place))
    assert "号窗口" not in answer.text
    assert not any("booking" in link.page for link in answer.links)


def test_booking_is_offered_only_where_it_is_possible(scene: Scene) -> None:
    pages = [link.page for link in ask(scene, "overview").links]
    assert "pages/booking/index?item=test-item" in pages
    without = ask(scene, "overview", make_item(appointment="none"))
    assert not any("booking" in link.page for link in without.links)
    assert "帮我预约" not in [reply.title for reply in without.quick_replies]


def test_a_frequent_question_gets_its_own_answer(scene: Scene) -> None:
    assert "先办临时的" in ask(scene, "steps", text="急用咋办").text
    assert "先办临时的" not in ask(scene, "steps", text="在哪里办理呀").text


def test_candidates_are_listed_and_can_be_chosen(scene: Scene) -> None:
    both = tuple(scene.handbook.items.values())
    answer = compose(Question("candidates", candidates=both), scene)
    assert "1. 测试事项办理\n2. 粤地某事项（广东省某厅）" in answer.text
    first = payloads.read(answer.quick_replies[0].payload)
    assert first is not None
    assert (first.aspect, first.item) == ("overview", "test-item")


def test_candidates_without_candidates_are_unknown(scene: Scene) -> None:
    unknown = compose(Question("unknown"), scene)
    assert compose(Question("candidates"), scene).text == unknown.text
    assert "12345" in unknown.text


def test_what_is_not_known_offers_the_nearest_and_a_human(scene: Scene) -> None:
    near = (scene.handbook.items["test-item"],)
    answer = compose(Question("unknown", candidates=near), scene)
    assert [reply.title for reply in answer.quick_replies] == ["测试事项办理", "找人工"]
    assert [link.page for link in answer.links] == ["pages/human/index"]


def test_who_was_not_understood_twice_is_offered_a_person(scene: Scene) -> None:
    answer = compose(Question("lost"), scene)
    assert answer.missed
    assert [reply.payload for reply in answer.quick_replies] == ["转人工"]
    assert [link.page for link in answer.links] == ["pages/human/index"]


@pytest.mark.parametrize(
    "text", ["你好", "/", "/hack{}", '/inform{"item":1}', '/inform{"item"', "/inform{}x", "/" * 999]
)
def test_what_is_no_payload_of_ours_is_no_request(text: str) -> None:
    assert payloads.read(text) is None


@settings(max_examples=60, deadline=None)
@given(
    tags=st.frozensets(st.sampled_from(list(Tag)) | st.text(max_size=5), max_size=5),
    aspect=st.sampled_from(list(Aspect)),
    days=st.integers(-400, 900),
    minutes=st.integers(0, 1439),
    text=st.none() | st.text(max_size=40),
    number=st.integers(0, 10_000),
)
def test_any_question_at_any_time_is_answered_well(
    real: Handbook, tags: Any, aspect: str, days: int, minutes: int, text: Any, number: int
) -> None:
    now = datetime(2026, 6, 1).astimezone() + timedelta(days=days, minutes=minutes)
    item = real.own[number % len(real.own)]
    question = Question(aspect, item, tags=frozenset(map(str, tags)), text=text)
    assert_said_well(compose(question, Scene(real, now)))


@given(count=st.integers(0, 300), start=st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_a_case_is_never_ready_on_a_day_off(real: Handbook, count: int, start: date) -> None:
    accepted = real.calendar.next_workday(start - timedelta(days=1))
    assert real.calendar.is_workday(real.calendar.add_workdays(accepted, count))
