"""How applications join the app: routes, services, and the clocks in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sanic import Sanic
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_routes, desk_routes
from miniapp_api.applications.applicants import Applicants
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.case_views import CaseViews
from miniapp_api.applications.desk import Desk
from miniapp_api.applications.drafts import DraftService
from miniapp_api.applications.keeping import Keeping
from miniapp_api.applications.opening import Opener
from miniapp_api.applications.papers import Papers
from miniapp_api.applications.ports import Applicant, Fee, Obtained
from miniapp_api.applications.progress import Progress
from miniapp_api.applications.routes import room
from miniapp_api.applications.steps import Steps
from miniapp_api.applications.submitting import Submitting
from miniapp_api.certificates.rules import CertificateBrief, Holder, end_of
from miniapp_api.platform.database import transaction
from miniapp_api.platform.logs import log

ROUTES = (case_routes, desk_routes)  # importing registers them


class _Vault:
    """The certificates room, in the words of this one."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx

    async def obtain(
        self, applicant: Applicant, types: Iterable[str], item: str, case: UUID, *, authorised: bool
    ) -> Mapping[str, Obtained]:
        """Return the certificates of an applicant by type, from the vault or the departments."""
        if not applicant.name or not applicant.code:
            return {type: Obtained(None, "real_name_required") for type in types}
        holder = Holder(applicant.kind, applicant.id)
        found = await self._ctx.data_sharing.obtain(
            applicant.citizen, holder, applicant.name, applicant.code, types,
            item=item, case=case, authorised=authorised,
        )  # fmt: skip
        return {type: _obtained(outcome) for type, outcome in found.items()}

    async def issue(
        self, connection: BaseDBAsyncClient, case: Mapping[str, Any], name: str, code: str
    ) -> UUID:
        """Write the certificate that a case ends with and return its id."""
        decided: Case = case["case"]
        today, months = self._ctx.clock.now().date(), case["valid_months"]
        issued = await self._ctx.certificates.issue(
            connection,
            type_id=case["type"],
            holder=Holder(decided.kind, decided.applicant),
            holder_name=name,
            holder_code=code,
            authority_name=case["authority_name"],
            valid_from=today,
            valid_until=end_of(today, None, months) if months else None,
            content={"item": decided.item_name, "case_number": decided.number},
            case=decided.id,
            item=decided.item,
        )
        id: UUID = issued.brief.id
        return id


def _obtained(outcome: Any) -> Obtained:
    """Return what became of a certificate: an id, or why there is none."""
    if isinstance(outcome, CertificateBrief):
        return Obtained(outcome.id, "covered")
    return Obtained(None, getattr(outcome, "reason", "not_found"))


class _Cashier:
    """The payments room, in the words of this one."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx

    async def order(
        self, citizen: UUID, application: UUID, amount_fen: int, description: str
    ) -> Fee:
        """Return the order of a case's fee, opened if there is none."""
        async with transaction() as connection:
            order = await self._ctx.payments.open_order(
                connection,
                citizen=citizen,
                subject=_subject(application),
                amount_fen=amount_fen,
                description=description,
            )
        return Fee(order.id, order.amount_fen, order.paid)

    async def paid(self, application: UUID, amount_fen: int) -> bool:
        """Tell whether a case's fee is paid, and not given back."""
        order = await self._ctx.payments.order_of_subject(_subject(application))
        if order is None or not order.paid:
            return False
        kept: int = order.amount_fen - order.held_fen
        return kept >= amount_fen


def _subject(application: UUID) -> str:
    return f"application:{application}"


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the services."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        ctx, settings = app.ctx, app.ctx.settings
        vault, cashier, most = _Vault(ctx), _Cashier(ctx), settings.uploads.max_bytes
        applicants = Applicants(ctx.profiles, ctx.enterprises, ctx.grants)
        opener = Opener(ctx.guides, ctx.sealer)
        steps = Steps(ctx.guides, ctx.clock, ctx.sealer, ctx.messages, settings.applications)
        ctx.drafts = DraftService(
            ctx.guides, ctx.clock, ctx.sealer, applicants, ctx.intake, vault, cashier, most
        )
        ctx.submitting = Submitting(ctx.guides, ctx.clock, ctx.sealer, ctx.drafts, steps)
        ctx.progress = Progress(
            ctx.guides, ctx.clock, ctx.sealer, steps, applicants, ctx.intake, cashier, ctx.staff,
            most,
        )  # fmt: skip
        lease = settings.applications.lease_minutes
        ctx.desk = Desk(ctx.clock, ctx.sealer, steps, opener, vault, cashier, ctx.staff, lease)
        ctx.case_views = CaseViews(
            ctx.guides, ctx.clock, ctx.sealer, opener, ctx.progress, cashier, ctx.staff
        )
        ctx.papers = Papers(ctx.guides, ctx.clock, opener)
        ctx.keeping = Keeping(ctx.clock, steps, ctx.drafts, settings.applications.draft_days)

    @app.after_server_start
    async def keep(app: Sanic) -> None:
        app.ctx.applications_task = asyncio.create_task(_keep(app))

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        app.ctx.applications_task.cancel()
        await asyncio.gather(app.ctx.applications_task, return_exceptions=True)


async def _keep(app: Sanic) -> None:
    """Close what was not completed in time, as long as the worker lives."""
    while True:
        await asyncio.sleep(app.ctx.settings.applications.sweep_seconds)
        try:
            await app.ctx.keeping.sweep()
        except Exception as error:
            log.warning("applications_sweep_failed", error=type(error).__name__, trace=error)
