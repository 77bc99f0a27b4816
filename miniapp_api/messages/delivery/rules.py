"""How a delivery fares (送达状态) and when an SMS may ring: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

Channel = Literal["subscribe", "sms"]
State = Literal[
    "waiting",  # for its time
    "sending",  # a worker has it; when his lease is over nobody knows what he did
    "sent",  # the channel took it
    "skipped",  # this channel does not reach the citizen
    "refused",  # the citizen does not want it on this channel
    "failed",  # the channel would not have it, or was away for too long
    "unknown",  # it may have arrived: it is not sent a second time on this channel
    "expired",  # it would have come too late
    "withdrawn",  # it is not true any more
]
# After these a subscribe message is followed by an SMS; `unknown` waits for WeChat's report first.
UNREACHED = frozenset[State](("skipped", "refused", "failed", "unknown"))


@dataclass(frozen=True)
class Outcome:
    """What became of one try: the state, why in a code, and when it is looked at again.

    receipt: WeChat's id of the message. tried: whether the channel was asked at all.
    """

    state: State
    reason: str = ""
    receipt: str | None = None
    due: datetime | None = None
    tried: bool = True


@dataclass(frozen=True)
class Patience:
    """How often a channel that is away is tried, and how long is waited."""

    attempts: int
    pause: timedelta  # doubled after every try
    report: timedelta  # so long WeChat may take to report about a message that may have arrived


def again(
    outcome: Outcome, attempts: int, patience: Patience, valid_until: datetime, now: datetime
) -> Outcome:
    """Return when a delivery that has to wait is looked at again, or how it ends when it may not.

    attempts: how often the channel was asked so far, this time included.
    """
    if outcome.state != "waiting":
        return outcome
    if not outcome.tried:
        late = outcome.due is None or outcome.due >= valid_until
        return Outcome("expired", outcome.reason, tried=False) if late else outcome
    due = now + patience.pause * 2 ** (attempts - 1)
    if attempts >= patience.attempts or due >= valid_until:
        return Outcome("failed", outcome.reason)
    return Outcome("waiting", outcome.reason, due=due)


def awaiting_report(
    outcome: Outcome, channel: Channel, patience: Patience, now: datetime
) -> Outcome:
    """Return until when WeChat's report is awaited; the SMS gateway reports nothing."""
    if channel == "subscribe" and outcome.state == "unknown" and outcome.tried:
        return Outcome("unknown", outcome.reason, due=now + patience.report)
    return outcome


def quiet_until(now: datetime, begins: time, ends: time) -> datetime | None:
    """Return when the quiet hours (免打扰时段) end that it is in now; None when it is in none.

    They may go over midnight; beginning and end the same means that there are none.
    """
    clock = now.time()
    over_midnight = begins > ends
    inside = (clock >= begins or clock < ends) if over_midnight else begins <= clock < ends
    if not inside:
        return None
    day = now.date() + timedelta(days=int(over_midnight and clock >= begins))
    return datetime.combine(day, ends, now.tzinfo)
