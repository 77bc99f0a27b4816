"""Everything that `make run` starts, on a scratch data folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from miniapp_api.commands.fakes import PORTS as FAKE_PORTS
from miniapp_api.platform import embedded
from tests.api import patient

ROOT = Path(__file__).resolve().parents[2]
SHENBAN = Path(sys.executable).parent / "shenban"
SLOTS = "/appointments/slots?item=id-card-lost-replacement&hall=municipal"
API_SECONDS = 120
RASA_SECONDS = 500  # a first training and a cold start of TensorFlow on two busy cores


@dataclass
class Running:
    """A running installation."""

    base: str
    sms: str
    data: Path
    process: subprocess.Popen[bytes]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Any:
        return self._call("GET", path, None, headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._call("POST", path, body, named)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self._call("PATCH", path, body, headers)

    def _call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.loads(reply.read())

    def log_in(self, phone: str) -> str:
        self.post("/identity/codes", {"phone": phone})
        with urllib.request.urlopen(f"{self.sms}/messages/{phone}", timeout=30) as reply:
            code = json.loads(reply.read())["parameters"]["code"]
        return self.post("/identity/sessions", {"phone": phone, "code": code})["token"]

    def children(self, *words: str) -> list[psutil.Process]:
        """The Python processes below serve whose command line has all the words."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        pythons = [p for p in below if p.name().startswith("python")]
        return [p for p in pythons if all(w in " ".join(_command(p)) for w in words)]

    async def sql(self, query: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(host=self.socket, user="postgres", database="postgres")
        try:
            return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    @property
    def socket(self) -> str:
        """The folder of PostgreSQL's socket, as its own pid file tells."""
        return (self.data / "postgres" / "postmaster.pid").read_text().splitlines()[4]

    def wait_for(self, state: str, seconds: float = RASA_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()[-4000:]
            try:
                if self.get("/health")["rasa"] == state:
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            time.sleep(0.25)
        pytest.fail(f"rasa is not {state}:\n{self.log.read_text()[-4000:]}")


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.fixture(scope="package")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    data = tmp_path_factory.mktemp("installation")
    # The trained model is cached by the hash of its inputs: tests of both runtimes share it.
    models = ROOT / ".data" / "test-models"
    models.mkdir(parents=True, exist_ok=True)
    (data / "models").symlink_to(models)
    ports = {
        name: str(embedded.free_port())
        for name in (
            "SHENBAN_SERVER__PORT",
            "SHENBAN_REDIS__PORT",
            *FAKE_PORTS,
            "SHENBAN_BOT__RASA_PORT",
            "SHENBAN_BOT__ACTIONS_PORT",
        )
    }
    return {**os.environ, **patient(20), **ports, "SHENBAN_DATA__FOLDER": str(data)}


@pytest.fixture(scope="package")
def running(environment: dict[str, str]) -> Iterator[Running]:
    data = Path(environment["SHENBAN_DATA__FOLDER"])
    log = data / "serve.log"
    process = subprocess.Popen(
        [str(SHENBAN), "serve"], env=environment, stdout=log.open("wb"), stderr=subprocess.STDOUT
    )
    installation = Running(
        f"http://127.0.0.1:{environment['SHENBAN_SERVER__PORT']}",
        f"http://127.0.0.1:{environment['SHENBAN_SMS__FAKE_PORT']}",
        data,
        process,
        log,
        environment,
    )
    yield installation
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    _gone, left = psutil.wait_procs(children, timeout=30)
    assert left == [], f"Ctrl-C left processes behind: {[_command(p) for p in left]}"


@pytest.fixture(scope="package")
def opened(running: Running) -> Running:
    """With its first slots: a Rasa whose model is cached may be ready before they are open."""
    running.wait_for("ready")
    deadline = time.monotonic() + API_SECONDS
    while not any(day["slots"] for day in running.get(SLOTS)["days"]):
        assert time.monotonic() < deadline, running.log.read_text()[-4000:]
        time.sleep(0.25)
    return running


@pytest.fixture
def ready(opened: Running) -> Running:
    opened.wait_for("ready")
    return opened
