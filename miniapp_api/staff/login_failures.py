"""Log-ins of staff that failed (登录失败): in the audit trail, however many there are.

The first of an account and period is written at once; when the period is over, one entry says how
many there were. Nobody outside is told what was wrong, and what was typed is kept nowhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sanic import Sanic

from miniapp_api.platform import audit, chores
from miniapp_api.platform.audit import SYSTEM
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.staff import login_failure_store
from miniapp_api.staff.store import Account

# password: wrong; code: of the second factor, wrong or used; disabled: the account is; lapsed: the
# first password is; locked: too many tries, and nothing was looked at.
Reason = Literal["password", "code", "disabled", "lapsed", "locked"]
UNKNOWN = "staff:unknown"  # the subject of tries with a login that nobody has


class LoginFailures:
    """Counts failed log-ins by account and period, and tells the trail."""

    def __init__(self, clock: Clock, minutes: int) -> None:
        """minutes: length of a period."""
        self._clock = clock
        self._period = timedelta(minutes=minutes)

    async def note(self, account: Account | None, reason: Reason, tries: int = 1) -> None:
        """Count a failure; of those that were locked out, `tries` is how many there were so far."""
        now = self._clock.now()
        subject = f"staff:{account.id}" if account else UNKNOWN
        async with transaction() as connection:
            first = await login_failure_store.count(
                connection, subject, account.hall if account else None, self._begin(now),
                reason, tries, now,
            )  # fmt: skip
            if not first:
                return
            # A login that nobody has may be meant for any hall.
            halls = [account.hall] if account else await login_failure_store.halls(connection)
            for hall in halls:
                await audit.record(
                    connection, SYSTEM, "staff.login_failed", subject,
                    hall=hall, detail={reason: tries}, at=now,
                )  # fmt: skip

    async def tell(self) -> int:
        """Write how many failures there were in periods that are over; return of how many."""
        now = self._clock.now()
        async with transaction() as connection:
            past = await login_failure_store.take_past(connection, self._begin(now))
            for each in past:
                if each.tries < 2:
                    continue  # what the trail has already
                halls = [each.hall] if each.hall else await login_failure_store.halls(connection)
                for hall in halls:
                    await audit.record(
                        connection, SYSTEM, "staff.logins_failed", each.subject,
                        hall=hall, detail=each.detail(now.tzinfo), at=now,
                    )  # fmt: skip
        return len(past)

    def _begin(self, now: datetime) -> datetime:
        """Return when the period of a moment began."""
        seconds = int(self._period.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, now.tzinfo)


def install(app: Sanic) -> None:
    """Tell the trail as long as a worker lives, as often as there are checkpoints."""
    seconds = app.ctx.settings.audit.checkpoint_seconds
    chores.every(app, seconds, _tell, failed="login_failures_not_told")


async def _tell(app: Sanic) -> None:
    await app.ctx.login_failures.tell()
