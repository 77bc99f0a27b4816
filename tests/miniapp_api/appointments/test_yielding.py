"""Who gives way when windows are closed: the last to book, and nobody without need."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.appointments.yielding import Taken, giving_way

START = datetime(2026, 11, 20, 8, 0)
SLOTS = (1, 2, 3)
bookings = st.lists(
    st.tuples(
        st.booleans(),
        st.integers(0, 500),
        st.sets(st.sampled_from(SLOTS), min_size=1),
    ),
    max_size=12,
).map(
    lambda rows: [
        Taken(UUID(int=n), held, START + timedelta(minutes=minutes), frozenset(slots))
        for n, (held, minutes, slots) in enumerate(rows)
    ]
)
excesses = st.dictionaries(st.sampled_from(SLOTS), st.integers(-2, 6))


def _booking(n: int, *, held: bool = False, slots: tuple[int, ...] = (1,)) -> Taken:
    return Taken(UUID(int=n), held, START + timedelta(minutes=n), frozenset(slots))


def test_the_last_to_book_gives_way() -> None:
    first, second, third = (_booking(n) for n in range(3))
    assert giving_way([second, third, first], {1: 1}) == [third]
    assert giving_way([second, third, first], {1: 2}) == [third, second]


def test_a_seat_that_is_only_held_goes_before_one_that_is_booked() -> None:
    held, booked = _booking(1, held=True), _booking(2)
    assert giving_way([held, booked], {1: 1}) == [held]


def test_nobody_gives_way_where_enough_is_free() -> None:
    assert giving_way([_booking(1)], {1: 0, 2: 3}) == []


def test_a_long_visit_that_must_go_saves_who_booked_after_it() -> None:
    long, late = _booking(1, slots=(1, 2)), _booking(2, slots=(1,))
    assert giving_way([long, late], {1: 1, 2: 1}) == [long]


@given(bookings, excesses)
def test_as_many_give_way_as_are_needed_and_none_of_them_could_stay(
    made: list[Taken], excess: dict[int, int]
) -> None:
    gone = giving_way(made, excess)
    assert len(set(gone)) == len(gone)
    freed = Counter(slot for each in gone for slot in each.slots)
    there = Counter(slot for each in made for slot in each.slots)
    for slot, too_many in excess.items():
        assert freed[slot] >= min(too_many, there[slot])
    for each in gone:
        assert any(0 < freed[slot] <= excess.get(slot, 0) for slot in each.slots)


@given(bookings, st.integers(0, 12))
def test_of_two_in_one_slot_the_earlier_booking_stays(made: list[Taken], excess: int) -> None:
    single = [Taken(each.id, each.held, each.booked_at, frozenset({1})) for each in made]
    gone = giving_way(single, {1: excess})
    assert len(gone) == min(excess, len(single))
    kept = [each for each in single if each not in gone]
    assert all((k.held, k.booked_at) <= (g.held, g.booked_at) for k in kept for g in gone)
