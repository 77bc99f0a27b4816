"""A circuit breaker (熔断器): a department that keeps failing is left alone for a while.

closed → (failures in a row) → open → (after some seconds, one trial) → half open → closed or open
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

BreakerState = Literal["closed", "open", "half_open"]


class Breaker:
    """Counts the failures of one department, in this process."""

    def __init__(
        self,
        failures: int,
        seconds: float,
        now: Callable[[], float],
        *,
        faults: tuple[type[Exception], ...],
        refusal: type[Exception],
    ) -> None:
        """Open after so many `faults` in a row, for so many seconds; raise `refusal` meanwhile."""
        self._most, self._seconds, self._now = failures, seconds, now
        self._faults, self._refusal = faults, refusal
        self._failures = 0
        self._opened_at: float | None = None
        self._trying = False

    @property
    def state(self) -> BreakerState:
        """Return whether calls pass (closed), none does (open), or one may try (half open)."""
        if self._opened_at is None:
            return "closed"
        return "half_open" if self._now() - self._opened_at >= self._seconds else "open"

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let a call pass and watch how it ends; raise the refusal when it may not pass."""
        trial = self._admit()
        try:
            yield
        except self._faults:
            self._fail(trial)
            raise
        except Exception:  # it answered, even if not what was hoped for
            self._succeed(trial)
            raise
        else:
            self._succeed(trial)
        finally:
            if trial:
                self._trying = False  # a cancelled trial says nothing: the next call tries

    def _admit(self) -> bool:
        """Return whether this call is the trial of a half-open breaker."""
        state = self.state
        if state == "closed":
            return False
        if state == "open" or self._trying:
            raise self._refusal()
        self._trying = True
        return True

    def _fail(self, trial: bool) -> None:
        if self._opened_at is not None and not trial:
            return  # a straggler from before it opened
        self._failures += 1
        if trial or self._failures >= self._most:
            self._opened_at = self._now()

    def _succeed(self, trial: bool) -> None:
        if self._opened_at is not None and not trial:
            return
        self._failures, self._opened_at = 0, None
