"""How files join the app: app.ctx.intake."""

from __future__ import annotations

from sanic import Sanic

from miniapp_api.platform.files.blobs import BlobStore, LocalBlobs, S3Blobs
from miniapp_api.platform.files.cleaners import Cleaners
from miniapp_api.platform.files.cleaning import Limits
from miniapp_api.platform.files.intake import Intake
from miniapp_api.platform.files.scanner import ClamAv
from miniapp_api.settings import Settings


def install(app: Sanic, settings: Settings) -> None:
    """Make the intake when a worker starts, and close it when it stops."""

    @app.before_server_start
    async def start(app: Sanic) -> None:
        uploads = settings.uploads
        app.ctx.cleaners = Cleaners(Limits(uploads.max_pixels, uploads.max_pages))
        app.ctx.blobs = blobs_of(settings)
        scanner = uploads.scanner or f"127.0.0.1:{uploads.fake_scanner_port}"
        host, _, port = scanner.rpartition(":")
        app.ctx.intake = Intake(
            app.ctx.blobs,
            ClamAv(host, int(port), uploads.timeout_seconds),
            app.ctx.sealer,
            app.ctx.cleaners,
        )

    @app.after_server_stop
    async def stop(app: Sanic) -> None:
        await app.ctx.blobs.close()
        app.ctx.cleaners.close()


def blobs_of(settings: Settings) -> BlobStore:
    """Return the store of the configuration: a folder, or S3."""
    uploads, secrets = settings.uploads, settings.secrets
    if not uploads.s3_url:
        return LocalBlobs(settings.data.folder / "files")
    return S3Blobs(
        uploads.s3_url,
        uploads.s3_bucket,
        uploads.s3_region,
        secrets.s3_access_key.get_secret_value(),
        secrets.s3_secret_key.get_secret_value(),
        uploads.timeout_seconds,
    )
