"""What a benchmark has at hand: a scratch installation, its servers, floors, citizens, a database.

Everything lives in a temporary folder that goes when the run ends; the developer's own data folder
is only read, for a model that is already trained.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import yaml

from benchmarks.harness import CannotRunError
from benchmarks.servers import Server, serving
from benchmarks.wire import Wire
from miniapp_api.commands.fakes import PORTS as FAKE_PORTS
from miniapp_api.commands.serve import BOT_PYTHON, stores
from miniapp_api.platform import database, secrets
from miniapp_api.platform.embedded import free_port
from miniapp_api.settings import ROOT, Settings, load

HORIZON = 30  # working days: so that a list of 30 days is really full
SHENBAN = Path(sys.executable).parent / "shenban"
TRAINING_SECONDS = 300.0
CASES = 1_000_000
Say = Callable[[str], None]


PHONES = itertools.count()


@dataclass(frozen=True)
class Bench:
    """The scratch installation of one run."""

    scratch: Path
    settings: Settings
    environ: dict[str, str]
    step: Say
    cases: int = CASES  # that the seeded database has

    @property
    def handbook(self) -> Path:
        """The scratch copy of the handbook."""
        return self.settings.data.handbook

    @asynccontextmanager
    async def api(self, **overrides: str) -> AsyncIterator[Server]:
        """Run one API worker, just as `shenban api` runs it; overrides are SHENBAN_… variables."""
        self.step("starting the API")
        port = self.settings.server.port
        environ = self.environ | overrides
        command = [str(SHENBAN), "api"]
        async with serving("api", command, port, environ, self.scratch) as server:
            self.step("waiting for the API to finish loading")
            await server.settled()
            yield server

    @asynccontextmanager
    async def sms(self) -> AsyncIterator[Server]:
        """Run the fake SMS gateway."""
        port = self.settings.sms.fake_port
        command = [str(SHENBAN), "fakes"]
        path = "/messages/nobody"
        async with serving("sms", command, port, self.environ, self.scratch, ready=path) as server:
            yield server

    @asynccontextmanager
    async def floor(self, name: str, **variables: str) -> AsyncIterator[Server]:
        """Run a bare server of benchmarks/floors."""
        port = free_port()
        environ = self.environ | variables | {"FLOOR_POOL": str(self.settings.database.pool_size)}
        command = [sys.executable, "-m", f"benchmarks.floors.{name}", str(port)]
        async with serving(f"floor-{name}", command, port, environ, self.scratch) as server:
            yield server

    @asynccontextmanager
    async def assistant(self) -> AsyncIterator[Server]:
        """Run Rasa with its trained model, and the action server."""
        if not BOT_PYTHON.exists():
            raise CannotRunError("the bot's runtime is not installed: run `make setup`")
        actions, rasa = self.settings.bot.actions_port, self.settings.bot.rasa_port
        async with AsyncExitStack() as stack:
            self.step("starting the action server, training the model unless it is cached")
            for name, module, port, ready, within in (
                ("actions", "bot.serve_actions", actions, "/health", 60.0),
                ("rasa", "bot.run", rasa, "/", TRAINING_SECONDS),
            ):
                command = [str(BOT_PYTHON), "-m", module]
                server = await stack.enter_async_context(
                    serving(
                        name, command, port, self.environ, self.scratch, ready=ready, within=within
                    )
                )
            yield server

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection[Any]]:
        """Open a connection to the scratch database, to prepare and to count."""
        connection = await asyncpg.connect(**database.credentials(self.settings.database))
        try:
            yield connection
        finally:
            await connection.close()

    async def citizens(self, api: Server, sms: Server, count: int) -> list[dict[str, str]]:
        """Log citizens in through the real routes and return each one's headers."""
        self.step(f"logging in {count} citizens")
        to_api, to_sms = await Wire.open(api.port), await Wire.open(sms.port)
        found = []
        for number in itertools.islice(PHONES, count):  # a phone may ask for one code a minute
            phone = f"139{number:08d}"
            await to_api.ask("POST", "/identity/codes", {"phone": phone}, expect=202)
            sent = (await to_sms.ask("GET", f"/messages/{phone}", expect=200)).json()
            login = {"phone": phone, "code": sent["parameters"]["code"]}
            session = (await to_api.ask("POST", "/identity/sessions", login, expect=201)).json()
            found.append({"Authorization": f"Bearer {session['token']}"})
        to_api.close()
        to_sms.close()
        return found

    async def run(self, *command: str, within: float = 120.0, **overrides: str) -> str:
        """Run a command of ours to its end and return what it printed."""
        process = await asyncio.create_subprocess_exec(
            *command,
            env=self.environ | overrides,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), within)
        except TimeoutError:
            process.kill()
            raise CannotRunError(f"{' '.join(command)} took more than {within:.0f} s") from None
        if process.returncode:
            raise CannotRunError(f"{' '.join(command)} failed:\n{output.decode()[-2000:]}")
        return output.decode()


@contextmanager
def scratch_installation(step: Say, cases: int = CASES) -> Iterator[Bench]:
    """Start PostgreSQL and Redis on a temporary data folder and yield the bench."""
    with TemporaryDirectory(prefix="shenban-bench-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        ours = _overrides(scratch)
        settings = secrets.complete(load(env={**_inherited(), **ours}))
        _borrow_models(settings.models)
        with stores(settings) as environment:
            environ = _inherited() | environment | ours | secret_variables(settings)
            settings = load(env=environ)
            yield Bench(scratch, settings, environ, step, cases)


def _overrides(scratch: Path) -> dict[str, str]:
    return {
        "SHENBAN_DATA__FOLDER": str(scratch / "data"),
        "SHENBAN_DATA__HANDBOOK": str(_long_handbook(scratch / "handbook")),
        "SHENBAN_SERVER__PORT": str(free_port()),
        "SHENBAN_SERVER__WORKERS": "1",
        "SHENBAN_REDIS__PORT": str(free_port()),
        **{name: str(free_port()) for name in FAKE_PORTS},
        "SHENBAN_BOT__RASA_PORT": str(free_port()),
        "SHENBAN_BOT__ACTIONS_PORT": str(free_port()),
    }


def _inherited() -> dict[str, str]:
    """The environment without an installation's own settings: a bench never meets real servers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SHENBAN_")}


def secret_variables(settings: Settings) -> dict[str, str]:
    """Return the secrets as variables that hand them to another process."""
    return {
        f"SHENBAN_SECRETS__{name.upper()}": value.get_secret_value()
        for name, value in settings.secrets
    }


def _long_handbook(folder: Path) -> Path:
    """Copy the handbook with a longer booking horizon."""
    shutil.copytree(ROOT / "handbook", folder)
    hall = folder / "halls" / "municipal.yaml"
    content = yaml.safe_load(hall.read_text(encoding="utf-8"))
    content["booking"]["horizon_working_days"] = HORIZON
    content["booking"]["per_person_per_day"] = 1000  # one citizen stands for many
    hall.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def _borrow_models(models: Path) -> None:
    """Copy models trained already; their names are hashes of their inputs, so none is stale."""
    trained = load(env={}).models
    if trained.is_dir():
        models.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(trained, models, dirs_exist_ok=True)
