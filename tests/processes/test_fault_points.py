"""kill -9 before every statement of submit, pay and decide: nothing is lost, nothing done twice."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pyotp
import pytest
from aiohttp import web
from PIL import Image

from miniapp_api.payments import fake_wechat_pay
from miniapp_api.payments.fake_wechat_pay import FakeWeChatPay
from miniapp_api.platform import embedded, secrets
from miniapp_api.settings import ROOT
from tests.processes.conftest import START_SECONDS, Installation

PERMIT = "residence-permit-application"
PASSWORD = "correct-horse-battery"
DEATH = (urllib.error.URLError, ConnectionError, http.client.HTTPException)
MOST_STATEMENTS = 60


class Mortal:
    """An API that dies on order, and its clients."""

    def __init__(self, installation: Installation, orders: Path) -> None:
        self.installation = installation
        self.port, self.pay_port = embedded.free_port(), embedded.free_port()
        self.orders = orders
        self.deaths = 0
        environment = installation.environment | {
            "SHENBAN_SERVER__PORT": str(self.port),
            "SHENBAN_PAYMENTS__POLL_SECONDS": "3600",
            "SHENBAN_PAYMENTS__FAKE_PORT": str(self.pay_port),
        }
        command = [sys.executable, "-m", "tests.processes.mortal_api", str(orders)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment)
        self.alive()

    def alive(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if self.call("GET", "/health")["database"]:
                    return
            except DEATH:
                time.sleep(0.05)
        pytest.fail("the API did not rise again")

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        return self.installation.call(self.port, method, path, body, token)

    def upload(self, path: str, token: str) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (40, 30), "red").save(picture, "JPEG")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "image/jpeg"}
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, picture.getvalue(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=30) as reply:
            assert reply.status == 200


@pytest.fixture(scope="module")
def mortal(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mortal]:
    found = Mortal(installation, tmp_path_factory.mktemp("mortal") / "orders")
    yield found
    found.process.terminate()
    found.process.wait(10)


@pytest.fixture(scope="module")
def citizen(mortal: Mortal) -> str:
    (token,) = mortal.installation.log_in(1)
    body = {"name": "王小明", "id_number": "11010519491231002X", "consent": True}
    mortal.call("POST", "/identity/real-name", body, token)
    return token


@pytest.fixture(scope="module")
def clerk(mortal: Mortal) -> str:
    command = [
        str(Path(sys.executable).parent / "shenban"), "staff", "add", "wang", "--name", "王芳",
        "--hall", "municipal", "--role", "clerk", "--department", "public-security",
        "--password-stdin",
    ]  # fmt: skip
    subprocess.run(
        command, input=PASSWORD.encode(), cwd=ROOT, env=mortal.installation.environment, check=True
    )
    login: dict[str, Any] = {"login": "wang", "password": PASSWORD}
    token = mortal.call("POST", "/staff/sessions", login)["token"]
    totp = pyotp.TOTP(mortal.call("POST", "/staff/me/totp", {}, token)["secret"])
    mortal.call("POST", "/staff/me/totp/confirmation", {"code": totp.now()}, token)
    code = totp.at(time.time() + 30)  # the next one: each works once, half a minute early is fine
    reply: str = mortal.call("POST", "/staff/sessions", {**login, "code": code})["token"]
    return reply


def _draft(mortal: Mortal, citizen: str) -> dict[str, Any]:
    options = {"kind": "replacement", "ground": "study"}
    begun = mortal.call(
        "POST", "/applications/drafts", {"item": PERMIT, "options": options}, citizen
    )
    answers = {
        "address": "沈河区青年大街1号", "household_address": "长春市人民大街1号",
        "school": "某大学",
        "residence_address": "沈河区青年大街1号", "residence_since": "2025-03-01",
    }  # fmt: skip
    path = f"/applications/drafts/{begun['id']}"
    typed = {"revision": begun["revision"], "answers": answers, "delivery": "window"}
    saved = mortal.call("PATCH", path, typed, citizen)
    for material in saved["materials"]:
        if material["required"]:
            mortal.upload(f"{path}/materials/{material['key']}/files?name=a.jpg", citizen)
    found: dict[str, Any] = mortal.call("GET", path, None, citizen)
    return found


@pytest.mark.timeout(900)  # some sixty deaths
async def test_pay_submit_and_decide_survive_a_power_cut_at_every_statement(
    installation: Installation, mortal: Mortal, citizen: str, clerk: str, wechat_pay: Any
) -> None:
    draft = _draft(mortal, citizen)
    id, path = draft["id"], f"/applications/drafts/{draft['id']}"
    await _pay(mortal, citizen, path, wechat_pay)
    paid_deaths = mortal.deaths
    assert paid_deaths >= 4

    async def one_case_at_most() -> None:
        rows = await installation.sql(
            "SELECT a.state, d.submitted_at IS NOT NULL AS closed, "
            "(SELECT count(*) FROM case_event e WHERE e.application = d.id) AS events "
            "FROM draft d LEFT JOIN application a ON a.id = d.id WHERE d.id = $1", UUID(id)
        )  # fmt: skip
        states = {(r["state"] is not None, r["closed"], r["events"] > 0) for r in rows}
        assert states <= {(False, False, False), (True, True, True)}, "half a case"

    body = {"revision": draft["revision"], "declared_true": True}
    await _survive(mortal, f"{path}/submission", body, citizen, one_case_at_most)
    first = mortal.call("POST", f"{path}/submission", body, citizen)
    assert mortal.call("POST", f"{path}/submission", body, citizen) == first
    assert mortal.deaths - paid_deaths >= 5
    (row,) = await installation.sql("SELECT count(*) AS n FROM application WHERE id = $1", UUID(id))
    assert row["n"] == 1

    desk = f"/applications/desk/cases/{id}"
    for action in ("accept", "start_review", "propose", "grant", "issue"):
        version = mortal.call("POST", f"{desk}/claim", {}, clerk)["version"]
        before = mortal.deaths

        async def as_the_table_says() -> None:
            (row,) = await installation.sql(
                "SELECT a.version, (SELECT max(e.version) FROM case_event e "
                "WHERE e.application = a.id) AS told, a.state, (SELECT count(*) FROM certificate c "
                "WHERE c.case_id = a.id) AS issued FROM application a WHERE a.id = $1", UUID(id)
            )  # fmt: skip
            assert row["version"] == row["told"]
            assert row["issued"] == (row["state"] == "issued")

        step = {"action": action, "version": version}
        await _survive(mortal, f"{desk}/actions", step, clerk, as_the_table_says)
        assert mortal.deaths - before >= 4, action
    view = mortal.call("GET", f"/applications/{id}", None, citizen)
    assert [s["state"] for s in view["steps"]] == [
        "submitted", "pre_review", "accepted", "review", "decision", "granted", "issued",
    ]  # fmt: skip
    assert view["paid"] is True
    verify = [str(Path(sys.executable).parent / "shenban"), "audit", "verify"]
    environment = installation.environment
    await asyncio.to_thread(subprocess.run, verify, cwd=ROOT, env=environment, check=True)


async def _survive(
    mortal: Mortal, path: str, body: Any, token: str, holds: Callable[[], Any]
) -> None:
    """Post until it is answered, dying one statement later each time; `holds` after each death."""
    for at in range(1, MOST_STATEMENTS):
        mortal.orders.write_text(json.dumps({"path": path, "at": at}))
        try:
            mortal.call("POST", path, body, token)
            return
        except urllib.error.HTTPError as refused:
            if refused.code != 409:  # the time before it had died after its commit
                raise
            return
        except DEATH:
            mortal.deaths += 1
            mortal.alive()
            await holds()
    pytest.fail("so many statements are none of ours")


async def _pay(mortal: Mortal, citizen: str, path: str, wechat_pay: FakeWeChatPay) -> None:
    """Pay, the API dying at each statement of the notification, which WeChat Pay sends again."""
    order = mortal.call("POST", f"{path}/order", {}, citizen)["id"]
    begin = (f"/payments/orders/{order}/prepay", {"openid": "oPayer"}, citizen)
    await asyncio.to_thread(mortal.call, "POST", *begin)
    paid = wechat_pay.ledger.pay(UUID(order).hex, datetime.now(UTC))
    notice = wechat_pay._notification("TRANSACTION.SUCCESS", "transaction", paid.shown())

    def notify() -> None:
        url = f"http://127.0.0.1:{mortal.port}/payments/notify"
        headers = wechat_pay._headers(notice, "ok")
        with urllib.request.urlopen(urllib.request.Request(url, notice, headers)) as reply:
            assert reply.status == 204

    for at in range(1, MOST_STATEMENTS):
        mortal.orders.write_text(json.dumps({"path": "/payments/notify", "at": at}))
        try:
            await asyncio.to_thread(notify)
            break
        except DEATH:
            mortal.deaths += 1
            mortal.alive()
    mortal.orders.unlink(missing_ok=True)
    notify()  # and again, as it happens
    rows = await mortal.installation.sql(
        "SELECT o.status, o.receipt_number, (SELECT count(*) FROM pay_event) AS noted "
        "FROM pay_order o"
    )
    assert [(r["status"], r["noted"]) for r in rows] == [("paid", 1)]
    assert rows[0]["receipt_number"]


@pytest.fixture(scope="module")
async def wechat_pay(mortal: Mortal) -> AsyncIterator[FakeWeChatPay]:
    settings = secrets.complete(mortal.installation.settings)
    fake = fake_wechat_pay.make(settings)
    runner = web.AppRunner(fake.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", mortal.pay_port).start()
    yield fake
    await runner.cleanup()
