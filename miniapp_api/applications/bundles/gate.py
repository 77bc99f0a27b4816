"""What being part of a bundle means for a single case (并联审批): who may act in it, and when.

Membership is written with the case and never changes, and both conditions only ever open: what is
looked up before a step still holds when the step is taken.
"""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications.bundles import rules as bundle_rules
from miniapp_api.applications.bundles import store as bundle_store
from miniapp_api.applications.bundles.messages import BundleMessages
from miniapp_api.applications.bundles.rules import Outcome
from miniapp_api.applications.bundles.store import Standing
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.errors import AwaitsJointAcceptance, AwaitsPredecessor
from miniapp_api.applications.steps import Doer, Said, Steps


async def require_open(case: Case, action: str | None = None) -> None:
    """Raise AwaitsJointAcceptance or AwaitsPredecessor when a clerk may not act by himself yet."""
    if case.state not in bundle_rules.JOINT:
        return
    bundle = await bundle_store.of_case(case.id)
    if bundle is None:
        return
    if bundle.concluded_at is None:
        raise AwaitsJointAcceptance(bundle=str(bundle.id))
    if action == "accept":
        standings = await bundle_store.standings(bundle.id)
        mine = next(each for each in standings if each.id == case.id)
        known = outcomes(standings)
        if bundle_rules.verdict(mine.waits_for, known) != "accept":
            raise AwaitsPredecessor(items=[i for i in mine.waits_for if known[i] != "granted"])


def outcomes(standings: list[Standing]) -> dict[str, Outcome]:
    """Return how every member ended, or that it is under way."""
    return {s.item: bundle_rules.outcome(s.state, granted=s.granted) for s in standings}


class Successors:
    """Lets members go on that waited (后置事项), in the transaction that decides what they need."""

    def __init__(self, steps: Steps, messages: BundleMessages) -> None:
        self._steps = steps
        self._messages = messages

    async def follow(self, connection: BaseDBAsyncClient, case: Case) -> None:
        """Resume what waited for a case that was just decided, for or against."""
        if case.state != "granted" and case.state not in bundle_rules.OVER:
            return
        bundle = await bundle_store.of_case(case.id)
        if bundle is None:
            return
        standings = await bundle_store.standings(bundle.id)
        behind = [s.id for s in standings if s.state == "waiting" and case.item in s.waits_for]
        if not behind:
            return
        # Looked at under their locks: of two that are decided at once, the second sees the first.
        locked = await bundle_store.lock_cases(connection, behind)
        standings = await bundle_store.standings(bundle.id)
        waits = {each.id: each.waits_for for each in standings}
        for waiting in locked:
            verdict = bundle_rules.verdict(waits[waiting.id], outcomes(standings))
            if waiting.state == "waiting" and verdict != "wait":
                doer, said = Doer("system"), Said(quiet=True)
                resumed = await self._steps.take(connection, waiting, "resume", doer, said)
                await self._messages.resumed(connection, bundle, resumed)
