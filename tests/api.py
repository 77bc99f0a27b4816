"""The real API on real PostgreSQL and Redis, with a clock that stands still."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from asyncpg.exceptions import DeadlockDetectedError
from sanic import Sanic
from tortoise.connection import get_connection

from miniapp_api.app import create_app
from miniapp_api.certificates.fake_departments import FakeDepartments
from miniapp_api.identity.fake_real_name import FakeRealName
from miniapp_api.identity.fake_sms import FakeSmsGateway
from miniapp_api.payments import fake_wechat_pay
from miniapp_api.payments.fake_ledger import Ledger
from miniapp_api.payments.fake_wechat_pay import Behaviour, FakeWeChatPay
from miniapp_api.platform import database, embedded
from miniapp_api.platform.clock import ManualClock
from miniapp_api.platform.files.fake_scanner import FakeScanner
from miniapp_api.platform.wechat.fake import FakeWeChat
from miniapp_api.settings import ROOT, Settings, load
from miniapp_api.tables import tables

ZONE = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 11, 24, 8, 30, tzinfo=ZONE)
PASSWORD = "correct-horse-battery"
SERVICE_TOKEN = "the-bot"
TABLES = (
    "idempotent_answer, outbox, staff_account, staff_session, login_failure, citizen, proxy_grant, "
    "guide_version, guide_save, "
    "profile, wechat_account, citizen_session, consent_record, enterprise, delegation, notice, "
    "message_delivery, subscription, message_preference, "
    "seat, appointment, allotment, slot, closure, hall_plan, waiting, suspension, used_token, "
    "certificate, data_authorisation, data_ledger, "
    "pay_order, pay_refund, pay_event, pay_reconciliation, pay_bill_day, "
    "draft, walk_in, bundle, bundle_member, attachment, application, case_event, case_note, "
    "call_event, window_session, ticket, queue_day, "
    "message, audit_check, handover, chat_agent, answer_feedback, unanswered_question, "
    "wechat_talk, wechat_push, wechat_piece, conversation"
)


STAND_INS = (
    "SMS__TIMEOUT", "WECHAT__TIMEOUT", "REAL_NAME__TIMEOUT", "CERTIFICATES__TIMEOUT",
    "PAYMENTS__TIMEOUT", "CHAT__RASA_TIMEOUT", "CHAT__CHECK",
)  # fmt: skip


def patient(seconds: int) -> dict[str, str]:
    """Settings for a busy machine, which is slow and not away.

    seconds: how long others are waited for, also by what means to wait for a time-out.
    """
    waits = {"REDIS__TIMEOUT": 20, "DATABASE__TIMEOUT": 30, **dict.fromkeys(STAND_INS, seconds)}
    return {f"SHENBAN_{name}_SECONDS": str(wait) for name, wait in waits.items()}


# To empty a table costs as much as to make one: only those that have rows.
EMPTY = """
DO $$
DECLARE
    each text;
    filled text[] := '{}';
    found boolean;
BEGIN
    FOREACH each IN ARRAY string_to_array('%s', ', ') LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %%I)', each) INTO found;
        IF found THEN
            filled := filled || each;
        END IF;
    END LOOP;
    IF filled <> '{}' THEN
        EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' RESTART IDENTITY CASCADE';
    END IF;
END $$
"""


# A row for each statement that changed the slots.
SLOTS_USED = """
CREATE UNLOGGED TABLE slots_used (at timestamptz);
CREATE FUNCTION tell_slots_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO slots_used VALUES (now());
    RETURN NULL;
END $$;
CREATE TRIGGER used AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON slot
    EXECUTE FUNCTION tell_slots_used();
CREATE TRIGGER used AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON allotment
    EXECUTE FUNCTION tell_slots_used();
"""


async def empty(tables: str = TABLES) -> None:
    """Empty tables; what works in the background may hold one and want another: then once more."""
    for tries_left in reversed(range(10)):
        try:
            await database.fetch(EMPTY % tables)
            return
        except DeadlockDetectedError:
            if not tries_left:
                raise


@dataclass
class Reply:
    """An HTTP answer, read."""

    status: int
    headers: Any
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str | None:
        """The code of a problem."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.text
        return self.json["code"]


@dataclass
class Client:
    """Talks to the API as one citizen, or as nobody."""

    base: str
    session: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, **options: Any) -> Reply:
        headers = {**self.headers, **options.pop("headers", {})}
        async with self.session.request(
            method, self.base + path, headers=headers, **options
        ) as reply:
            return Reply(reply.status, reply.headers, await reply.read())

    async def get(self, path: str, **options: Any) -> Reply:
        return await self.call("GET", path, **options)

    async def post(self, path: str, body: Any = None, key: str | None = None, **o: Any) -> Reply:
        headers = {**o.pop("headers", {}), **({"Idempotency-Key": key} if key else {})}
        return await self.call("POST", path, json=body, headers=headers, **o)

    def as_citizen(self, token: str) -> Client:
        headers = {**self.headers, "Authorization": f"Bearer {token}"}
        return Client(self.base, self.session, headers)

    def as_staff(self, token: str) -> Client:
        return self.as_citizen(token)

    def as_bot(self, conversation: str | None = None) -> Client:
        named = {"X-Conversation": conversation} if conversation else {}
        headers = {"Authorization": f"Bearer {SERVICE_TOKEN}", **named}
        return Client(self.base, self.session, headers)


@pytest.fixture(scope="session")
def stores() -> Iterator[tuple[str, str]]:
    # Not pytest's own folder: as root, PostgreSQL runs as another user, who may not look into it.
    with (
        tempfile.TemporaryDirectory(prefix="shenban-", ignore_cleanup_errors=True) as name,
        embedded.postgres(Path(name) / "postgres") as database_url,
        embedded.redis(Path(name) / "redis", embedded.free_port()) as redis_url,
    ):
        asyncio.run(_forget_power_cuts(database_url))
        yield database_url, redis_url


async def _forget_power_cuts(url: str) -> None:
    """Have PostgreSQL not wait for the disk: these rows need not outlive the machine."""
    connection = await asyncpg.connect(url)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


@pytest.fixture(scope="session")
async def sms() -> AsyncIterator[FakeSmsGateway]:
    gateway = FakeSmsGateway()
    gateway.port = embedded.free_port()  # type: ignore[attr-defined]
    runner = web.AppRunner(gateway.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", gateway.port).start()  # type: ignore[attr-defined]
    yield gateway
    await runner.cleanup()


@pytest.fixture(scope="session")
async def scanner() -> AsyncIterator[FakeScanner]:
    fake = FakeScanner()
    fake.port = embedded.free_port()  # type: ignore[attr-defined]
    server = await fake.serve("127.0.0.1", fake.port)  # type: ignore[attr-defined]
    yield fake
    server.close()


@pytest.fixture(scope="session")
async def outside() -> AsyncIterator[dict[str, str]]:
    """Our stand-ins for systems outside our walls; yields the settings that lead to them."""
    fakes: dict[str, Any] = {
        "WECHAT__URL": FakeWeChat(),
        "REAL_NAME__URL": FakeRealName(),
        "CERTIFICATES__DEPARTMENT_URL": FakeDepartments(),
    }
    urls, runners = {}, []
    for name, fake in fakes.items():
        port, runner = embedded.free_port(), web.AppRunner(fake.application())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        urls[f"SHENBAN_{name}"] = f"http://127.0.0.1:{port}"
        runners.append(runner)
    yield urls
    for runner in runners:
        await runner.cleanup()


@pytest.fixture(scope="session")
def settings(
    stores: tuple[str, str],
    sms: FakeSmsGateway,
    scanner: FakeScanner,
    outside: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    data = tmp_path_factory.mktemp("data")
    # Trained models are cached by the hash of their inputs: all tests share them.
    models = ROOT / ".data" / "test-models"
    models.mkdir(parents=True, exist_ok=True)
    (data / "models").symlink_to(models)
    overrides = {
        **patient(5),
        **outside,
        "SHENBAN_DATABASE__URL": stores[0],
        "SHENBAN_REDIS__URL": stores[1],
        "SHENBAN_DATA__FOLDER": str(data),
        "SHENBAN_SERVER__PORT": str(embedded.free_port()),
        "SHENBAN_SMS__URL": f"http://127.0.0.1:{sms.port}",  # type: ignore[attr-defined]
        "SHENBAN_BOT__RASA_URL": f"http://127.0.0.1:{embedded.free_port()}",
        "SHENBAN_STAFF__SESSION_HOURS": "720",  # tests jump days ahead
        "SHENBAN_MESSAGES__DRAIN_SECONDS": "3600",
        "SHENBAN_AUDIT__CHECKPOINT_SECONDS": "3600",
        "SHENBAN_APPLICATIONS__SWEEP_SECONDS": "3600",
        "SHENBAN_PAYMENTS__POLL_SECONDS": "3600",
        "SHENBAN_PAYMENTS__FAKE_PORT": str(embedded.free_port()),
        "SHENBAN_UPLOADS__FAKE_SCANNER_PORT": str(scanner.port),  # type: ignore[attr-defined]
        "SHENBAN_AGENTS__SWEEP_SECONDS": "3600",
        "SHENBAN_APPOINTMENTS__SWEEP_SECONDS": "3600",  # tests sweep when they mean to
        "SHENBAN_SECRETS__SERVICE_TOKEN": SERVICE_TOKEN,
        "SHENBAN_SECRETS__PEPPER": "pepper",
    }
    return load(env=overrides)


@pytest.fixture(scope="session")
async def pay_server(app: Sanic, clock: ManualClock) -> AsyncIterator[FakeWeChatPay]:
    settings = app.ctx.settings  # with the secrets that the API has
    fake = fake_wechat_pay.make(settings, clock)
    runner = web.AppRunner(fake.application(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", settings.payments.fake_port).start()
    yield fake
    await runner.cleanup()


@pytest.fixture
async def wechat_pay(pay_server: FakeWeChatPay) -> AsyncIterator[FakeWeChatPay]:
    """WeChat Pay, well-behaved and without a past."""
    pay_server.ledger = Ledger()
    pay_server.behaviour = Behaviour()
    for past in (pay_server.calls, pay_server.answers, pay_server.sent):
        past.clear()
    yield pay_server
    await pay_server.settled()  # a notification under way would meet the next test's TRUNCATE


@pytest.fixture
def pay(api: Client, settings: Settings, wechat_pay: FakeWeChatPay) -> Any:
    """A citizen pays an order, and WeChat Pay tells us."""

    async def pay(citizen: Client, order: str) -> None:
        begun = await citizen.post(f"/payments/orders/{order}/prepay", {"openid": "oPayer"})
        assert begun.status == 200, begun.text
        url = f"http://127.0.0.1:{settings.payments.fake_port}/pay/{UUID(order).hex}"
        async with citizen.session.post(url) as paid:
            assert paid.status == 200
        await wechat_pay.settled()

    return pay


@pytest.fixture(scope="session")
def clock() -> ManualClock:
    return ManualClock(TUESDAY)


@pytest.fixture(scope="session")
async def app(settings: Settings, clock: ManualClock) -> AsyncIterator[Sanic]:
    await database.migrate(settings.database, tables(settings))
    app = create_app(settings, clock)
    server = await app.create_server(
        host="127.0.0.1", port=settings.server.port, return_asyncio_server=True
    )
    assert server is not None
    await server.startup()
    await server.before_start()
    await server.after_start()
    await server.start_serving()
    # A TRUNCATE would meet the first opening of slots halfway, and deadlock.
    while app.ctx.fallback._understander is None or not app.ctx.schedules._opened:
        await asyncio.sleep(0.1)
    yield app
    await server.before_stop()
    server.close()
    await server.after_stop()


@pytest.fixture
async def api(
    app: Sanic, settings: Settings, clock: ManualClock, sms: Any
) -> AsyncIterator[Client]:
    """An anonymous client of an API in which nothing has happened yet."""
    clock.set(TUESDAY)
    sms.mode = "ok"
    sms.last.clear()
    await empty(TABLES.replace("slot, ", "").replace("allotment, ", ""))
    await app.ctx.hot_items.refresh()  # else views of the test before are counted in this one
    await app.ctx.redis.flushall()
    app.ctx.hot_items.ranking = ()
    app.ctx.display._channels.clear()  # calls are numbered anew in every test
    await app.ctx.plans.refresh()
    await _open_slots(app)
    async with aiohttp.ClientSession() as session:
        yield Client(f"http://127.0.0.1:{settings.server.port}", session)


async def _open_slots(app: Sanic) -> None:
    """Open the hall's slots: really once, and from a copy of that after a test that used them."""
    app.ctx.schedules._opened.clear()
    if not hasattr(app.ctx, "slots_copied"):
        await empty("slot, allotment")
        await app.ctx.schedules.open_slots()
        for table in ("slot", "allotment"):
            await database.fetch(f"CREATE TABLE {table}_copy AS TABLE {table}")
        await get_connection("default").execute_script(SLOTS_USED)
        app.ctx.slots_copied = True
        return
    if not await database.fetch("SELECT FROM slots_used LIMIT 1"):
        return
    await empty("slot, allotment")
    async with database.transaction() as connection:
        # Rows that were valid when they were copied need no foreign keys checked.
        await connection.execute_script("SET LOCAL session_replication_role = replica")
        for table in ("slot", "allotment"):
            await connection.execute_script(
                f"INSERT INTO {table} TABLE {table}_copy;"
                f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"
            )
        await connection.execute_script("TRUNCATE slots_used")


@pytest.fixture
async def log_in(api: Client, sms: FakeSmsGateway) -> Any:
    """Logs a phone in through the real routes and returns its client."""

    async def log_in(phone: str = "13800138000") -> Client:
        assert (await api.post("/identity/codes", {"phone": phone})).status == 202
        code = sms.last[phone]["parameters"]["code"]
        reply = await api.post("/identity/sessions", {"phone": phone, "code": code})
        assert reply.status == 201, reply.text
        return api.as_citizen(reply.json["token"])

    return log_in


@pytest.fixture
async def staff(api: Client, app: Sanic) -> Any:
    """Makes accounts and returns each one's client, logged in."""
    logins = itertools.count()

    async def staff(
        *roles: str,
        hall: str = "municipal",
        departments: tuple[str, ...] = (),
        skills: tuple[str, ...] = (),
        second_factor: bool = True,
    ) -> Client:
        work = {"departments": frozenset(departments), "skills": frozenset(skills)}
        account = await app.ctx.staff.create(
            f"s{next(logins)}", "工作人员", hall, frozenset(roles), PASSWORD, **work
        )
        session = await app.ctx.staff.open_session(account, second_factor=second_factor)
        return api.as_staff(session.token)

    return staff


@pytest.fixture
async def citizen(log_in: Any) -> Client:
    return await log_in()


@pytest.fixture
def command(settings: Settings) -> Any:
    """Runs `shenban …` against the tests' database, as a process of its own."""

    async def run(*arguments: object, typed: str = "") -> tuple[int, str]:
        environment = {
            **os.environ,
            "SHENBAN_DATABASE__URL": settings.database.url,
            "SHENBAN_DATA__FOLDER": str(settings.data.folder),
        }
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).parent / "shenban"),
            *map(str, arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=ROOT,
            env=environment,
        )
        output, _ = await process.communicate(typed.encode())
        assert process.returncode is not None
        return process.returncode, output.decode()

    return run


@pytest.fixture
def gather() -> Any:
    return asyncio.gather


@pytest.fixture(scope="session")
def shared() -> Path:
    """Third-party data beside the checkout."""
    path = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not path.is_dir():
        pytest.skip("../shared/data is not here: third-party data is not part of the project")
    return path
