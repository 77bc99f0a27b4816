"""What a certificate is worth on a day, what is shown of it, when a department is left alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from miniapp_api.certificates import rules
from miniapp_api.certificates.breaker import Breaker
from miniapp_api.certificates.rules import CertificateBrief
from miniapp_api.certificates.sources import SourcesError, load_sources
from miniapp_api.settings import ROOT

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = NOW.date()
DAY = timedelta(days=1)
DATES = st.dates(date(1990, 1, 1), date(2090, 1, 1))
BRIEF = CertificateBrief(
    id=UUID(int=1),
    type_id="id-card",
    name="居民身份证",
    authority_name="沈阳市公安局",
    issued_on=date(2020, 1, 1),
    valid_from=None,
    valid_until=None,
    status="valid",
    source="issued",
    department=None,
    fresh_until=None,
)


@given(start=DATES, end=DATES, today=DATES)
def test_a_certificate_is_valid_from_its_first_day_to_its_last(
    start: date, end: date, today: date
) -> None:
    assume(start <= end)
    brief = replace(BRIEF, valid_from=start, valid_until=end)
    expected = "not_yet_valid" if today < start else "expired" if today > end else "valid"
    assert rules.state_on(brief, today) == expected


@pytest.mark.parametrize("status", ["suspended", "revoked"])
def test_a_suspended_or_revoked_certificate_covers_nothing_whatever_its_dates(status: str) -> None:
    brief = replace(BRIEF, status=status)  # type: ignore[arg-type]
    assert rules.covering([brief], TODAY, NOW) == {}
    assert rules.state_at(replace(brief, valid_until=TODAY - DAY), NOW) == status


def test_an_expired_certificate_does_not_cover() -> None:
    assert rules.covering([replace(BRIEF, valid_until=TODAY - DAY)], TODAY, NOW) == {}
    last_day = replace(BRIEF, valid_until=TODAY)
    assert rules.covering([last_day], TODAY, NOW) == {"id-card": last_day}


def test_what_a_department_told_too_long_ago_does_not_cover() -> None:
    brief = replace(BRIEF, source="fetched", fresh_until=NOW)
    assert rules.covering([brief], TODAY, NOW) == {}
    assert rules.state_at(brief, NOW) == "outdated"
    assert rules.covering([brief], TODAY, NOW - timedelta(seconds=1)) == {"id-card": brief}


@given(ends=st.lists(st.one_of(st.none(), DATES), min_size=1, max_size=6), order=st.randoms())
def test_of_several_the_one_valid_longest_covers_in_whatever_order_they_come(
    ends: list[date | None], order: object
) -> None:
    briefs = [replace(BRIEF, id=uuid4(), valid_until=end) for end in ends]
    usable = [
        each.valid_until or date.max for each in briefs if (each.valid_until or TODAY) >= TODAY
    ]
    order.shuffle(briefs)  # type: ignore[attr-defined]
    found = rules.covering(briefs, TODAY, NOW)
    longest = (found["id-card"].valid_until or date.max) if found else None
    assert longest == max(usable, default=None)


@given(start=DATES, months=st.integers(1, 240))
def test_months_of_validity_end_the_day_before(start: date, months: int) -> None:
    end = rules.end_of(start, None, months)
    assert end is not None
    after = end + DAY
    assert (after.year * 12 + after.month) - (start.year * 12 + start.month) == months
    assert after.day == start.day or after.day in (28, 29, 30)


def test_a_named_end_goes_before_the_type_s_months() -> None:
    assert rules.end_of(TODAY, date(2030, 1, 1), 12) == date(2030, 1, 1)
    assert rules.end_of(TODAY, None, 12) == date(2027, 11, 23)
    assert rules.end_of(TODAY, None, None) is None


def test_a_revoked_certificate_never_comes_back() -> None:
    assert all("revoked" not in before for before, _ in rules.CHANGES.values())


def test_the_identifier_of_the_national_example_holds() -> None:
    example = "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F"
    assert rules.identifier_valid(example)
    assert (
        rules.identifier("11100000000013338W032", "11220000013544541J", "2430599", "001") == example
    )


@given(place=st.integers(15, 68), other=st.sampled_from(rules.IDENTIFIER_ALPHABET))
def test_one_wrong_character_of_an_identifier_is_found(place: int, other: str) -> None:
    example = "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F"
    assume(place < len(example) and example[place] not in (".", other))
    assert not rules.identifier_valid(example[:place] + other + example[place + 1 :])


@given(st.text(alphabet="王李欧阳小明芳", min_size=2, max_size=6))
def test_a_masked_name_shows_its_first_character_only(name: str) -> None:
    assert rules.mask_name(name) == name[0] + "*" * (len(name) - 1)


@given(st.text(alphabet="0123456789X", min_size=1, max_size=30))
def test_a_masked_code_hides_at_least_half(code: str) -> None:
    masked = rules.mask_code(code)
    assert len(masked) == len(code)
    assert masked.count("*") * 2 >= len(code)


def test_content_is_masked_wherever_a_number_or_the_holder_stands() -> None:
    content = {
        "配偶": "李芳 440524188001010014",
        "家": [{"电话": "联系13812345678"}, "王小明", 3, None],
        "面积": "88.60平方米",
    }
    shown = str(rules.masked(content, "王小明", "11010519491231002X"))
    for secret in ("440524188001010014", "13812345678", "王小明"):
        assert secret not in shown
    assert "88.60平方米" in shown


@pytest.mark.parametrize("other", ["王小明 ", "王 小 明", "王小明"])
def test_names_are_the_same_but_for_spaces(other: str) -> None:
    assert rules.same_name("王小明", other)
    assert not rules.same_name("王小明", "王晓明")
    assert rules.same_name("阿凡提·买买提", "阿凡提•买买提")


# -- the breaker -------------------------------------------------------------------------------


class Down(Exception):
    """The other side is down."""


class Busy(Exception):
    """The breaker lets nobody pass."""


class Bench:
    """A breaker with a clock that is moved by hand."""

    def __init__(self, failures: int = 3, seconds: float = 30) -> None:
        self.time = 0.0
        self.breaker = Breaker(failures, seconds, lambda: self.time, faults=(Down,), refusal=Busy)

    def call(self, fault: Exception | None = None) -> str:
        try:
            with self.breaker.guard():
                if fault:
                    raise fault
        except Exception as error:
            return type(error).__name__
        return "ok"


def test_a_breaker_opens_after_failures_in_a_row_only() -> None:
    bench = Bench()
    calls = [Down(), Down(), None, Down(), Down()]
    assert [bench.call(each) for each in calls] == ["Down", "Down", "ok", "Down", "Down"]
    assert bench.breaker.state == "closed"
    assert bench.call(Down()) == "Down"
    assert (bench.call(), bench.breaker.state) == ("Busy", "open")


def test_an_answer_that_is_no_fault_closes_it() -> None:
    bench = Bench()
    for fault in (Down(), Down(), ValueError(), Down(), Down()):
        bench.call(fault)
    assert bench.breaker.state == "closed"


def test_half_open_lets_one_try_and_its_answer_decides() -> None:
    bench = Bench(failures=1)
    bench.call(Down())
    bench.time = 29.9
    assert bench.call() == "Busy"
    bench.time = 30
    assert bench.breaker.state == "half_open"
    with bench.breaker.guard():
        assert bench.call() == "Busy"
    assert (bench.breaker.state, bench.call()) == ("closed", "ok")


def test_a_trial_that_fails_opens_it_anew() -> None:
    bench = Bench(failures=3)
    for _ in range(3):
        bench.call(Down())
    bench.time = 31
    assert bench.call(Down()) == "Down"
    bench.time = 60
    assert bench.call() == "Busy"
    bench.time = 61
    assert bench.call() == "ok"


async def test_a_trial_that_is_cancelled_lets_the_next_one_try() -> None:
    bench = Bench(failures=1)
    bench.call(Down())
    bench.time = 30

    async def hang() -> None:
        with bench.breaker.guard():
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (bench.call(), bench.breaker.state) == ("ok", "closed")


def test_a_straggler_neither_closes_nor_prolongs() -> None:
    bench = Bench(failures=1)
    early, late = bench.breaker.guard(), bench.breaker.guard()
    early.__enter__()
    late.__enter__()
    bench.call(Down())
    bench.time = 20
    early.__exit__(None, None, None)
    assert bench.call() == "Busy"
    assert not late.__exit__(Down, Down(), None)  # it goes on being raised
    bench.time = 30
    assert bench.breaker.state == "half_open"


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 20)), max_size=40))
def test_an_open_breaker_lets_nobody_pass_before_its_time(steps: list[tuple[bool, float]]) -> None:
    bench, opened = Bench(failures=2, seconds=30), None
    for fails, wait in steps:
        bench.time += wait
        said = bench.call(Down() if fails else None)
        if opened is not None:
            assert (said == "Busy") == (bench.time - opened < 30)
        if said != "Busy":
            opened = bench.time if bench.breaker.state == "open" else None


# -- where certificates come from --------------------------------------------------------------


def test_every_certificate_of_the_handbook_has_one_source() -> None:
    named = yaml.safe_load((ROOT / "handbook" / "certificates.yaml").read_text(encoding="utf-8"))
    sources = load_sources(ROOT / "handbook")
    assert {source.type for source in sources.types} == {each["id"] for each in named}
    assert {source.department for source in sources.types} == {*rules.DEPARTMENTS, None}


@pytest.mark.parametrize("text", ["", "- x", "area_code: 1\ntypes: []", ": : :"])
def test_a_file_of_sources_that_is_wrong_is_named(tmp_path: object, text: str) -> None:
    (tmp_path / "certificate_sources.yaml").write_text(text)  # type: ignore[operator]
    with pytest.raises(SourcesError, match=r"certificate_sources\.yaml"):
        load_sources(tmp_path)  # type: ignore[arg-type]
