"""Pure rules: states, numbers of the day, runs of slots, crowds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.appointments.rules import (
    TRANSITIONS,
    after,
    crowd_level,
    new_reference,
    nth_free,
    run_from,
)

NINE = datetime(2026, 11, 25, 9)


@dataclass(frozen=True)
class Timed:
    starts_at: datetime
    ends_at: datetime


def _day(*starts: int, minutes: int = 30) -> list[Timed]:
    """Slots that begin so many minutes after nine."""
    return [
        Timed(NINE + timedelta(minutes=m), NINE + timedelta(minutes=m + minutes)) for m in starts
    ]


@pytest.mark.parametrize(
    ("first", "minutes", "slots"),
    [(0, 30, 1), (0, 31, 2), (0, 60, 2), (1, 60, 2), (1, 61, None), (2, 60, None), (3, 60, 2)],
)
def test_a_long_visit_takes_consecutive_slots(first: int, minutes: int, slots: int | None) -> None:
    """09:00 09:30 10:00, a break, 11:00 11:30."""
    day = _day(0, 30, 60, 120, 150)
    run = run_from(day, first, minutes)
    assert (run and len(run)) == slots


@given(
    st.lists(st.integers(0, 40), unique=True, min_size=1).map(sorted),
    st.integers(1, 200),
    st.data(),
)
def test_a_run_is_gapless_and_just_long_enough(
    places: list[int], minutes: int, data: st.DataObject
) -> None:
    day = _day(*(30 * place for place in places))
    first = data.draw(st.integers(0, len(day) - 1))
    run = run_from(day, first, minutes)
    if run:
        assert run[0] == day[first]
        assert all(a.ends_at == b.starts_at for a, b in pairwise(run))
        assert run[-1].ends_at - run[0].starts_at >= timedelta(minutes=minutes)
        assert run[-1].starts_at - run[0].starts_at < timedelta(minutes=minutes)


@given(st.sets(st.integers(1, 6)), st.integers(1, 6))
def test_a_booking_gets_the_lowest_free_number_of_the_day(taken: set[int], most: int) -> None:
    nth = nth_free(sorted(taken), most)
    if nth is None:
        assert set(range(1, most + 1)) <= taken
    else:
        assert nth not in taken
        assert set(range(1, nth)) <= taken


@pytest.mark.parametrize(
    ("taken", "capacity", "level"),
    [(0, 10, "quiet"), (3, 10, "quiet"), (4, 10, "normal"), (7, 10, "busy"), (10, 10, "full")],
)
def test_a_crowd_has_a_level(taken: int, capacity: int, level: str) -> None:
    assert crowd_level(taken, capacity) == level


def test_every_state_but_the_last_ones_leads_on() -> None:
    ends = {"completed", "no_show", "cancelled", "expired"}
    begins = {status for status, _ in TRANSITIONS}
    assert begins & ends == set()
    assert set(TRANSITIONS.values()) - begins == ends


@pytest.mark.parametrize("status", ["cancelled", "expired"])
@pytest.mark.parametrize("action", ["confirm", "cancel", "expire", "reschedule"])
def test_what_is_over_stays_over(status: str, action: str) -> None:
    assert after(status, action) is None  # type: ignore[arg-type]


def test_a_reference_is_easy_to_read_aloud() -> None:
    references = {new_reference() for _ in range(1000)}
    assert len(references) == 1000
    assert not set("".join(references)) & set("01OIL")
