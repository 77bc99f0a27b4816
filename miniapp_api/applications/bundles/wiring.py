"""How bundles (一件事) join the app: their services, beside those of single applications."""

from __future__ import annotations

from typing import Any

from miniapp_api.applications.applicants import Applicants
from miniapp_api.applications.bundles.desk import JointDesk
from miniapp_api.applications.bundles.files import BundleFiles
from miniapp_api.applications.bundles.folder import Folders
from miniapp_api.applications.bundles.gate import Successors
from miniapp_api.applications.bundles.messages import BundleMessages
from miniapp_api.applications.bundles.progress import BundleProgress
from miniapp_api.applications.bundles.service import Bundles
from miniapp_api.applications.bundles.submitting import BundleSubmitting
from miniapp_api.applications.bundles.views import BundleViews
from miniapp_api.applications.opening import Opener
from miniapp_api.applications.ports import Cashier, Vault
from miniapp_api.applications.steps import Steps


def open_bundles(
    ctx: Any, steps: Steps, opener: Opener, applicants: Applicants, vault: Vault, cashier: Cashier
) -> None:
    """Make the services of bundles; those of single applications are there already."""
    most, lease = ctx.settings.uploads.max_bytes, ctx.settings.applications.lease_minutes
    messages = BundleMessages(ctx.guides, ctx.clock, ctx.messages)
    steps.followers.append(Successors(steps, messages).follow)
    ctx.folders = Folders(ctx.guides, ctx.drafts, applicants)
    ctx.bundles = Bundles(
        ctx.guides, ctx.clock, ctx.sealer, ctx.folders, ctx.drafts, applicants, cashier, ctx.intake
    )
    ctx.bundle_files = BundleFiles(
        ctx.clock, ctx.sealer, ctx.folders, ctx.bundles, ctx.intake, vault, most
    )
    ctx.bundle_submitting = BundleSubmitting(
        ctx.clock, ctx.folders, ctx.bundles, ctx.submitting, steps, ctx.intake, messages
    )
    ctx.bundle_progress = BundleProgress(
        ctx.guides, ctx.clock, ctx.sealer, steps, applicants, ctx.progress, ctx.intake, messages,
        most,
    )  # fmt: skip
    ctx.joint_desk = JointDesk(ctx.guides, ctx.clock, steps, opener, messages, lease)
    ctx.bundle_views = BundleViews(
        ctx.guides, ctx.clock, cashier, ctx.progress, ctx.bundle_progress, ctx.case_views
    )
