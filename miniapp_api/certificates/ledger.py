"""Use cases of the ledger (数据共享台账): who asked what, and what it saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from miniapp_api.certificates import ledger_store
from miniapp_api.certificates.rules import DEPARTMENT_NAMES, PURPOSE_NAMES, Department
from miniapp_api.certificates.schemas import (
    DepartmentAnswers,
    HallLedgerQuery,
    Ledger,
    LedgerEntry,
    LedgerQuery,
    Savings,
    SavingsQuery,
    TypeSavings,
)
from miniapp_api.certificates.types import Types
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import Rows
from miniapp_api.platform.errors import ValidationFailed

USUAL_DAYS = timedelta(days=29)
EVERYTHING = 100_000
LONGEST = timedelta(days=3700)


class LedgerService:
    """Reads the ledger."""

    def __init__(self, types: Types, clock: Clock) -> None:
        self._types = types
        self._clock = clock

    async def own(self, citizen: UUID, query: LedgerQuery) -> Ledger:
        """Return what was asked about a citizen, or by him."""
        rows = await ledger_store.own(citizen, query.before, query.limit)
        return self._ledger(rows)

    async def every(self, citizen: UUID) -> list[LedgerEntry]:
        """Return all that was asked about a citizen, or by him."""
        rows = await ledger_store.own(citizen, None, EVERYTHING)
        return [self._entry(row) for row in rows]

    async def of_hall(self, hall: str, query: HallLedgerQuery) -> Ledger:
        """Return what was asked in a hall, and online."""
        rows = await ledger_store.of_hall(hall, query.before, query.limit, query.case)
        return self._ledger(rows)

    async def savings(self, query: SavingsQuery) -> Savings:
        """Count papers and trips saved in a span of days; raise ValidationFailed."""
        since, until = self._span(query)
        zone = self._clock.now().tzinfo
        begin = datetime.combine(since, time(), zone)
        end = datetime.combine(until + timedelta(days=1), time(), zone)
        totals, by_type, answers = await ledger_store.savings(begin, end)
        return Savings(
            since=since,
            until=until,
            types=[
                TypeSavings(**row, certificate_name=self._types.name(row["type_id"]))
                for row in by_type
            ],
            departments=_answers(answers),
            **totals,
        )

    def _span(self, query: SavingsQuery) -> tuple[date, date]:
        today = self._clock.now().date()
        until = min(query.until or today, today)
        since = query.since or until - USUAL_DAYS
        if not timedelta() <= until - since <= LONGEST:
            raise ValidationFailed(fields=["since", "until"])
        return since, until

    def _ledger(self, rows: Rows) -> Ledger:
        return Ledger(entries=[self._entry(row) for row in rows])

    def _entry(self, row: Mapping[str, Any]) -> LedgerEntry:
        department: Department | None = row["department"]
        return LedgerEntry(
            id=row["id"],
            at=row["at"],
            purpose=row["purpose"],
            purpose_name=PURPOSE_NAMES[row["purpose"]],
            asker_kind=row["asker_kind"],
            asker=row.get("asker"),
            hall=row["hall"],
            window=row["window"],
            type_id=row["type_id"],
            certificate_name=self._types.name(row["type_id"]),
            department=department,
            department_name=DEPARTMENT_NAMES[department] if department else None,
            item=row["item"],
            case=row["case_id"],
            certificate=row["certificate"],
            outcome=row["outcome"],
        )


def _answers(rows: Iterable[Mapping[str, Any]]) -> list[DepartmentAnswers]:
    """Group how departments answered; whatever brought no certificate was uploaded instead."""
    times: dict[Department, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        times[row["department"]][row["outcome"]] += row["times"]
    return [
        DepartmentAnswers(
            department=department,
            department_name=DEPARTMENT_NAMES[department],
            asked=(asked := sum(counted.values())),
            fetched=counted["fetched"],
            not_found=counted["not_found"],
            uploaded_instead=asked - counted["fetched"] - counted["not_found"],
        )
        for department, counted in times.items()
    ]
