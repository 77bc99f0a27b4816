"""How cases and drafts (办件、草稿) are shown: their titles, cards and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot import texts
from bot.dialogue.calendar import as_day, day_name, day_of_moment, plain_day
from bot.replies import Answer, card, link

Json = dict[str, Any]

OVER = frozenset({"delivered", "refused", "withdrawn", "lapsed", "archived"})
CORRECTION = "correction"
REASONED = frozenset({"refused", "denied", "lapsed"})
SHOWN_STEPS = 6


def is_over(case: Json) -> bool:
    """Nothing happens in it any more (已了结)."""
    return case["state"] in OVER


def submitted_on(case: Json) -> str:
    """11月20日, the day it was submitted."""
    return plain_day(day_of_moment(case["submitted_at"]))


def titles(cases: Sequence[Json]) -> list[str]:
    """One line a case for its button; those that would read alike end in their number."""
    plain = [
        texts.CASE_TITLE.format(item=each["item_name"], day=submitted_on(each)) for each in cases
    ]
    often = Counter(plain)
    return [
        title if often[title] == 1 else _with_tail(case)
        for title, case in zip(plain, cases, strict=True)
    ]


def _with_tail(case: Json) -> str:
    tail, day = str(case["number"])[-4:], submitted_on(case)
    return texts.CASE_TITLE_TAIL.format(item=case["item_name"], day=day, tail=tail)


def sentence(case: Json, today: date) -> str:
    """Where a case stands, in words: what it waits for, with whom, since when, until when."""
    name, last = case["item_name"], (case.get("steps") or [{}])[-1]
    if case["state"] == CORRECTION:
        return texts.CASE_CORRECTION.format(item=name, until=correct_until(case, today))
    said = texts.CASE_IS.format(item=name, state=case["state_name"])
    if not is_over(case) and last.get("who"):
        since = plain_day(day_of_moment(last.get("since")))
        said += texts.CASE_WITH.format(who=last["who"], since=since)
    if case.get("clock") == "paused":
        said += texts.CASE_PAUSED
    due = as_day(case.get("due_on"))
    if due and case.get("clock") == "running":
        said += texts.CASE_DUE.format(day=day_name(due, today))
    if case["state"] in REASONED and last.get("note"):
        said += texts.CASE_REASON  # a clerk's own words are sealed: they do not go into the chat
    return said


def correct_until(case: Json, today: date) -> str:
    """12月24日前, by when what is missing has to come."""
    day = as_day(case.get("correct_until"))
    if day is None:
        return texts.CASE_CORRECTION_SOON
    return texts.CASE_CORRECTION_UNTIL.format(day=plain_day(day))


def case_card(case: Json) -> Answer:
    """A case as a card: its facts, then each step with its day."""
    labels, fee = texts.LABELS, int(case.get("fee_fen") or 0)
    unpaid = fee and not case.get("paid") and not is_over(case)
    rows = [
        (labels["number"], str(case["number"])),
        (labels["applicant"], str(case.get("applicant_masked") or "")),
        (labels["department"], str(case.get("department_name") or "")),
        (labels["due"], plain_day(as_day(case.get("due_on")))),
        (labels["fee"], texts.FEE_UNPAID.format(yuan=yuan(fee)) if unpaid else ""),
    ]
    steps = (case.get("steps") or [])[-SHOWN_STEPS:]
    rows += [(plain_day(day_of_moment(each["since"])), each["state_name"]) for each in steps]
    return card(f"{texts.CASE_CARD}：{case['item_name']}", rows, case["state_name"])


def cases_card(cases: Sequence[Json]) -> Answer:
    """Several cases as one card: each with its state."""
    rows = zip(titles(cases), [str(each["state_name"]) for each in cases], strict=True)
    return card(texts.CASES_CARD, rows)


def case_link(case: Json) -> Answer:
    """The way to a case: to complete it while it is in correction."""
    title = texts.GO_CORRECT if case["state"] == CORRECTION else texts.SEE_CASE
    return link(title, case["page"])


def yuan(fen: int) -> str:
    """12000 分 → 120; 1250 分 → 12.50."""
    return str(fen // 100) if fen % 100 == 0 else f"{fen / 100:.2f}"
