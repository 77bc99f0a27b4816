"""What our own WeChat knows of its users: who may be written to, how often, and what was sent."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PER_MINUTE = 100  # log-ins of a user
AFTER_A_MESSAGE = (5, 48 * 3600.0)  # messages, and within how many seconds
AFTER_ENTERING = (2, 60.0)
ACTIVE_SECONDS = 2 * 3600.0  # the text check knows who was active since


@dataclass
class Leave:
    """Leave to write to a user: so many messages, until then."""

    left: int
    until: float


@dataclass
class Users:
    """All users, in memory."""

    now: Callable[[], float]
    sent: list[dict[str, Any]] = field(default_factory=list)  # customer and subscribe messages
    typed: Counter[str] = field(default_factory=Counter)
    subscriptions: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: dict[str, float] = field(default_factory=dict)
    _leaves: dict[str, list[Leave]] = field(default_factory=lambda: defaultdict(list))
    _asked: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wrote(self, openid: str) -> None:
        """A user wrote to us: five answers within two days."""
        count, seconds = AFTER_A_MESSAGE
        self._leaves[openid] = [Leave(count, self.now() + seconds)]
        self.seen[openid] = self.now()

    def entered(self, openid: str) -> None:
        """A user opened the conversation: two messages within a minute."""
        count, seconds = AFTER_ENTERING
        self._leaves[openid].append(Leave(count, self.now() + seconds))
        self.seen[openid] = self.now()

    def may_write(self, openid: str) -> int:
        """Return 0, or why a user may not be written to: 45015 too late, 45047 too many."""
        live = [leave for leave in self._leaves[openid] if leave.until >= self.now()]
        if not live:
            return 45015
        return 0 if any(leave.left for leave in live) else 45047

    def write(self, openid: str, message: dict[str, Any]) -> int:
        """Send a customer message, or return why not."""
        if fault := self.may_write(openid):
            return fault
        live = [leave for leave in self._leaves[openid] if leave.until >= self.now()]
        next(leave for leave in live if leave.left).left -= 1
        self.sent.append({"openid": openid, **message})
        return 0

    def subscribed(self, openid: str, template: str, message: dict[str, Any]) -> int:
        """Send a subscribe message, which uses a subscription up; or return why not."""
        if not self.subscriptions[openid, template]:
            return 43101
        self.subscriptions[openid, template] -= 1
        self.sent.append({"openid": openid, **message})
        return 0

    def active(self, openid: str) -> bool:
        """Return whether a user was seen lately."""
        return self.now() - self.seen.get(openid, float("-inf")) <= ACTIVE_SECONDS

    def too_often(self, openid: str) -> bool:
        """Count a user's log-ins of the last minute."""
        times, now = self._asked[openid], self.now()
        while times and now - times[0] > 60:
            times.popleft()
        times.append(now)
        return len(times) > PER_MINUTE
