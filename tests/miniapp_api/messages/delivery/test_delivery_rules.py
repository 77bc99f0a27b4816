"""Quiet hours and patience, without a database."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from miniapp_api.messages.delivery.rules import Outcome, Patience, again, quiet_until

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 24, 12, tzinfo=ZONE)
PATIENCE = Patience(3, timedelta(seconds=2), timedelta(seconds=30))
BUSY = Outcome("waiting", "-1")


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (_at(24, 21, 59), None),
        (_at(24, 22), _at(25, 7)),
        (_at(24, 23, 59), _at(25, 7)),
        (_at(25, 0), _at(25, 7)),
        (_at(25, 6, 59), _at(25, 7)),
        (_at(25, 7), None),
        (_at(30, 23), datetime(2026, 12, 1, 7, tzinfo=ZONE)),
    ],
)
def test_quiet_hours_go_over_midnight(now: datetime, ends: datetime | None) -> None:
    assert quiet_until(now, time(22), time(7)) == ends


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    assert quiet_until(NOON, time(11), time(13)) == _at(24, 13)
    assert quiet_until(NOON, time(12), time(12)) is None


def test_pauses_double_until_patience_ends() -> None:
    later = NOON + timedelta(hours=1)
    due = [again(BUSY, n, PATIENCE, later, NOON).due for n in (1, 2, 3)]
    assert due == [NOON + timedelta(seconds=2), NOON + timedelta(seconds=4), None]
    assert again(BUSY, 3, PATIENCE, later, NOON) == Outcome("failed", "-1")


def test_nobody_waits_for_what_would_come_too_late() -> None:
    soon = NOON + timedelta(seconds=2)
    assert again(BUSY, 1, PATIENCE, soon, NOON).state == "failed"
    morning = Outcome("waiting", "quiet", due=_at(25, 7), tried=False)
    assert again(morning, 0, PATIENCE, _at(25, 8), NOON) == morning
    assert again(morning, 0, PATIENCE, _at(25, 7), NOON).state == "expired"


@pytest.mark.parametrize("state", ["sent", "refused", "skipped", "unknown"])
def test_what_has_ended_is_not_tried_again(state: str) -> None:
    outcome = Outcome(state)  # type: ignore[arg-type]
    assert again(outcome, 1, PATIENCE, NOON, NOON) is outcome
