"""The queries of the cases' figures: each is answered by an index of its own."""

from __future__ import annotations

from datetime import date, datetime

from miniapp_api.applications.rules import RUNNING
from miniapp_api.platform.database import Rows, fetch

RUNNING_SQL = ", ".join(f"'{state}'" for state in sorted(RUNNING))
ACCEPTED = """
SELECT accepted_on AS day, count(*)::int AS cases FROM application
WHERE hall = $1 AND accepted_on BETWEEN $2 AND $3 GROUP BY accepted_on
"""
DECIDED = """
SELECT (at AT TIME ZONE $4)::date AS day, count(*)::int AS cases FROM case_event
WHERE hall = $1 AND action IN ('deny', 'grant') AND at >= $2 AND at < $3 GROUP BY 1
"""
OVERDUE = f"""
SELECT department, count(*)::int AS cases FROM application
WHERE hall = $1 AND due_on < $2 AND state IN ({RUNNING_SQL})
GROUP BY department ORDER BY cases DESC, department
"""  # noqa: S608 - a constant of ours


async def accepted(hall: str, first: date, last: date) -> Rows:
    """Return how many cases were accepted: day and cases."""
    return await fetch(ACCEPTED, hall, first, last)


async def decided(hall: str, since: datetime, until: datetime) -> Rows:
    """Return how many cases were decided in [since, until): day, in the zone of `since`, cases."""
    return await fetch(DECIDED, hall, since, until, str(since.tzinfo))


async def overdue(hall: str, today: date) -> Rows:
    """Return how many cases should have been decided before today: department and cases."""
    return await fetch(OVERDUE, hall, today)
