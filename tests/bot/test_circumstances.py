"""Which option an answer means, and how a case is put into words; nothing of it needs a server."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dialogue import circumstances
from bot.dialogue.cases import case_card, case_link, sentence, titles
from tests.bot.fake_api import FakeApi
from tests.bot.fake_cases import GROUND, KIND, STAFF, STATES, WHO, add_case

TODAY = date(2026, 11, 24)
HOMES = [["job", "在沈阳上班或做生意"], ["house", "在沈阳有房或租房"], ["study", "在沈阳上学"]]
DUTIES = [["ordinary", "都不是"], ["recorded", "公职人员"], ["soldier", "现役军人"]]
AGES = [["no", "没满16岁"], ["yes", "满16岁"]]


@pytest.mark.parametrize(
    ("text", "options", "value"),
    [
        ("在沈阳上学", HOMES, "study"),
        ("第二个", HOMES, "house"),
        ("最后一个", HOMES, "study"),
        ("上班", HOMES, "job"),
        ("在沈阳", HOMES, None),
        ("不是", DUTIES, "ordinary"),
        ("都没有", DUTIES, "ordinary"),
        ("是", DUTIES, None),
        ("不弄了", DUTIES, None),
        ("没有", AGES, "no"),
        ("是的", AGES, "yes"),
        ("不是", HOMES, None),
        ("", HOMES, None),
        ("第九个", HOMES, None),
        ("1", [], None),
    ],
)
def test_an_answer_names_an_option_or_none(
    text: str, options: list[list[str]], value: str | None
) -> None:
    assert circumstances.read_option(text, options) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("我租房子住", "house"),
        ("做点小生意", "job"),
        ("在沈阳", None),
        ("不是上班的", None),
        ("又上班又上学", None),
        ("", None),
        ("😀", None),
    ],
)
def test_words_count_when_only_one_option_has_them(text: str, value: str | None) -> None:
    assert circumstances.by_words(text, HOMES) == value


@pytest.mark.parametrize("text", ["不清楚", "我也不太懂", "都行", "随便"])
def test_unsure_is_unsure(text: str) -> None:
    assert circumstances.is_unsure(text)


def test_the_marked_option_is_assumed_else_the_first() -> None:
    marked = {**GROUND, "options": [{"id": "a"}, {"id": "b", "default": True}]}
    assert circumstances.default(marked) == "b"
    assert circumstances.default(GROUND) == "job"


def test_what_was_said_outright_goes_before_what_a_sentence_hints_at() -> None:
    item = {"circumstances": [GROUND, WHO, KIND]}
    said = circumstances.taken(item, {"kind": "first", "ground": "palace"}, {"lost", "for_elder"})
    assert said == {"who": "proxy", "kind": "first"}
    assert [each["id"] for each in circumstances.to_ask(item, said)] == ["ground"]


def test_an_item_without_circumstances_asks_nothing() -> None:
    assert circumstances.taken({}, {"work": "soldier"}, ["lost"]) == {}
    assert circumstances.to_ask({"circumstances": []}, {}) == []
    assert circumstances.taken({"circumstances": [STAFF]}, {}, ["lost"]) == {}


# cases in words


def shown(state: str, **changes: object) -> dict[str, object]:
    """A case as the API tells it."""
    return {**add_case(FakeApi(), state=state, **changes), "state_name": STATES[state]}


def test_a_moment_before_midnight_in_greenwich_is_the_next_day_here() -> None:
    (title,) = titles([shown("review", submitted_at="2026-11-10T16:30:00Z")])
    assert title == "居住证申领（11月11日交）"


def test_a_case_without_a_term_names_none() -> None:
    said = sentence(shown("submitted", due_on=None, steps=[]), TODAY)
    assert said == "“居住证申领”现在：已提交，等待预审。"


def test_a_correction_without_a_date_is_urgent() -> None:
    said = sentence(shown("correction", correct_until=None), TODAY)
    assert "请尽快补上就行" in said


def test_a_case_that_is_over_names_nobody_who_has_it() -> None:
    assert sentence(shown("delivered"), TODAY) == "“居住证申领”现在：已办结。"


def test_the_link_leads_to_completing_while_something_is_missing() -> None:
    assert case_link(shown("correction"))["title"] == "去补正"
    assert case_link(shown("review"))["title"] == "看办件"


def test_only_the_latest_steps_are_on_the_card() -> None:
    steps = [
        {"state_name": f"第{n}步", "since": f"2026-11-{n:02d}T02:00:00Z", "who": ""}
        for n in range(1, 10)
    ]
    labels = [row["label"] for row in case_card(shown("review", steps=steps))["rows"]]
    assert "11月3日" not in labels
    assert labels[-6:] == [f"11月{n}日" for n in range(4, 10)]
