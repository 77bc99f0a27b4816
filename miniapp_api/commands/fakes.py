"""`shenban fakes`: our own stand-ins for the systems outside our walls, all in one process.

Only those whose real address is not configured are started.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from miniapp_api.certificates.fake_departments import FakeDepartments
from miniapp_api.commands.common import checked_settings
from miniapp_api.identity.fake_real_name import FakeRealName
from miniapp_api.identity.fake_sms import FakeSmsGateway
from miniapp_api.payments import fake_wechat_pay
from miniapp_api.platform.files.fake_scanner import FakeScanner
from miniapp_api.platform.wechat import fake as fake_wechat
from miniapp_api.settings import Settings

LOOPBACK = "127.0.0.1"
# The settings that say where each listens: whoever runs a second installation gives others.
PORTS = (
    "SHENBAN_SMS__FAKE_PORT",
    "SHENBAN_WECHAT__FAKE_PORT",
    "SHENBAN_REAL_NAME__FAKE_PORT",
    "SHENBAN_CERTIFICATES__FAKE_PORT",
    "SHENBAN_PAYMENTS__FAKE_PORT",
    "SHENBAN_UPLOADS__FAKE_SCANNER_PORT",
)


def run() -> None:
    """Serve on loopback until stopped."""
    asyncio.run(_serve(checked_settings()))


def peers(settings: Settings) -> list[tuple[Any, int]]:
    """Return the fakes that are needed, each with its port."""
    known: list[tuple[str, type[Any], int]] = [
        (settings.sms.url, FakeSmsGateway, settings.sms.fake_port),
        (settings.real_name.url, FakeRealName, settings.real_name.fake_port),
        (settings.certificates.department_url, FakeDepartments, settings.certificates.fake_port),
    ]
    needed = [(fake(), port) for url, fake, port in known if not url]
    if not settings.wechat.url:
        needed.append((fake_wechat.make(settings), settings.wechat.fake_port))
    if not settings.payments.url:
        needed.append((fake_wechat_pay.make(settings), settings.payments.fake_port))
    return needed


async def _serve(settings: Settings) -> None:
    for fake, port in peers(settings):
        runner = web.AppRunner(fake.application(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, port).start()
    if not settings.uploads.scanner:
        await FakeScanner().serve(LOOPBACK, settings.uploads.fake_scanner_port)
    await asyncio.Event().wait()
