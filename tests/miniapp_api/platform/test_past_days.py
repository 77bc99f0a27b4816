"""Days that are over are counted once, today every time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from miniapp_api.platform import past_days
from miniapp_api.platform.past_days import PastDays

TODAY = date(2026, 11, 24)
YESTERDAY, BEFORE = TODAY - timedelta(days=1), TODAY - timedelta(days=2)


@pytest.fixture
def asked() -> list[tuple[date, date]]:
    return []


@pytest.fixture
def count(asked: list[tuple[date, date]]) -> past_days.Count[int]:
    """Counts what is asked; yesterday has nothing."""

    async def count(first: date, last: date) -> dict[date, int]:
        asked.append((first, last))
        days = {BEFORE: 2, TODAY: len(asked)}
        return {day: n for day, n in days.items() if first <= day <= last}

    return count


async def test_only_today_is_counted_again(
    asked: list[tuple[date, date]], count: past_days.Count[int]
) -> None:
    kept = PastDays(0)
    found = await kept.of("a", BEFORE, TODAY, TODAY, count)
    assert found == {BEFORE: 2, YESTERDAY: 0, TODAY: 1}
    found = await kept.of("a", BEFORE, TODAY, TODAY, count)
    assert found == {BEFORE: 2, YESTERDAY: 0, TODAY: 2}
    assert asked == [(BEFORE, TODAY), (TODAY, TODAY)]
    await kept.of("a", BEFORE, YESTERDAY, TODAY, count)
    assert len(asked) == 2


async def test_a_hall_does_not_answer_for_another(
    asked: list[tuple[date, date]], count: past_days.Count[int]
) -> None:
    kept = PastDays(0)
    for hall in ("a", "b"):
        await kept.of(hall, YESTERDAY, YESTERDAY, TODAY, count)
    assert len(asked) == 2


async def test_it_does_not_remember_without_end(
    monkeypatch: pytest.MonkeyPatch, count: past_days.Count[int]
) -> None:
    monkeypatch.setattr(past_days, "MOST", 3)
    kept = PastDays(0)
    for n in range(20):
        await kept.of(str(n), YESTERDAY, YESTERDAY, TODAY, count)
    assert len(kept._known) <= 4
