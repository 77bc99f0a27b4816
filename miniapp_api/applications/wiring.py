"""How applications join the app: routes, services, and the clocks in the background."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sanic import Sanic
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_routes, desk_routes, rights_store, walk_in_routes
from miniapp_api.applications.applicants import Applicants
from miniapp_api.applications.bundles import desk_routes as bundle_desk_routes
from miniapp_api.applications.bundles import routes as bundle_routes
from miniapp_api.applications.bundles.wiring import open_bundles
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.case_views import CaseViews
from miniapp_api.applications.desk import Desk
from miniapp_api.applications.drafts import DraftService
from miniapp_api.applications.figures import CaseFigures
from miniapp_api.applications.keeping import Keeping
from miniapp_api.applications.on_site import OnSite
from miniapp_api.applications.opening import Opener
from miniapp_api.applications.papers import Papers
from miniapp_api.applications.ports import Applicant, Fee, Obtained
from miniapp_api.applications.progress import Progress
from miniapp_api.applications.rights import CaseRights
from miniapp_api.applications.routes import room
from miniapp_api.applications.routing import Routing
from miniapp_api.applications.steps import Steps
from miniapp_api.applications.submitting import Submitting
from miniapp_api.certificates.rules import CertificateBrief, Holder, end_of
from miniapp_api.platform import chores

FEE_CHANGED = "费用有变化，原来缴的退回"
# Importing registers them.
ROUTES = (case_routes, desk_routes, walk_in_routes, bundle_routes, bundle_desk_routes)


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
        self,
        connection: BaseDBAsyncClient,
        citizen: UUID,
        application: UUID,
        amount_fen: int,
        description: str,
    ) -> Fee:
        """Return the order of a case's fee; one that does not cover it is called off for it."""
        payments, subject = self._ctx.payments, _subject(application)
        known = await payments.order_of_subject(subject, connection)
        if known and not known.covers(amount_fen):
            await payments.call_off(connection, subject, FEE_CHANGED)
        order = await payments.open_order(
            connection,
            citizen=citizen,
            subject=subject,
            amount_fen=amount_fen,
            description=description,
        )
        return Fee(order.id, order.amount_fen, order.paid)

    async def paid(self, application: UUID, amount_fen: int) -> bool:
        """Tell whether exactly a case's fee is paid, and not given back."""
        order = await self._ctx.payments.order_of_subject(_subject(application))
        return order is not None and order.paid and order.covers(amount_fen)

    async def call_off(
        self, connection: BaseDBAsyncClient, application: UUID, refund: str | None
    ) -> None:
        """Let nobody pay for a case any more; refund: why what was paid is given back, if it is."""
        await self._ctx.payments.call_off(connection, _subject(application), refund)


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
        steps = Steps(
            ctx.guides, ctx.clock, ctx.sealer, ctx.messages, cashier, settings.applications
        )
        ctx.messages.guard("fee_due", steps.fee_unpaid)
        ctx.drafts = DraftService(
            ctx.guides, ctx.clock, ctx.sealer, applicants, ctx.intake, vault, cashier, most
        )
        ctx.submitting = Submitting(ctx.guides, ctx.clock, ctx.sealer, ctx.drafts, steps)
        ctx.progress = Progress(
            ctx.guides, ctx.clock, ctx.sealer, steps, applicants, ctx.intake, cashier, ctx.staff,
            most,
        )  # fmt: skip
        lease = settings.applications.lease_minutes
        ctx.desk = Desk(
            ctx.clock, ctx.sealer, steps, opener, vault, cashier, ctx.staff, Routing(ctx.guides),
            lease,
        )  # fmt: skip
        ctx.on_site = OnSite(
            ctx.guides, ctx.clock, ctx.drafts, ctx.submitting, steps, ctx.windows, ctx.in_person,
            ctx.enterprises, lease,
        )  # fmt: skip
        ctx.case_views = CaseViews(
            ctx.guides, ctx.clock, ctx.sealer, opener, ctx.progress, cashier, ctx.staff
        )
        open_bundles(ctx, steps, opener, applicants, vault, cashier)
        ctx.case_figures = CaseFigures(ctx.guides, ctx.clock)
        ctx.papers = Papers(ctx.guides, ctx.clock, opener)
        ctx.case_rights = CaseRights(
            ctx.guides, ctx.clock, ctx.sealer, ctx.progress, cashier, ctx.blobs
        )
        _answer_for_rights(ctx)
        ctx.keeping = Keeping(
            ctx.clock, steps, ctx.drafts, ctx.bundles, settings.applications.draft_days
        )

    seconds = app.ctx.settings.applications.sweep_seconds
    chores.every(app, seconds, _sweep, failed="applications_sweep_failed")


def _answer_for_rights(ctx: Any) -> None:
    ctx.profiles.exporter("applications", ctx.case_rights.export)
    ctx.profiles.retainer("applications", ctx.case_rights.retain)
    ctx.profiles.eraser("applications", ctx.case_rights.erase)
    ctx.certificate_rights.in_cases(rights_store.certificates_in_cases)


async def _sweep(app: Sanic) -> None:
    """Close what was not completed in time, and delete files."""
    await app.ctx.keeping.sweep()
    while await app.ctx.case_rights.delete_files():
        pass
