"""`shenban serve`: the stores, then every process of the Procfile, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from honcho.environ import parse_procfile
from honcho.manager import Manager

from miniapp_api.commands.common import checked_settings, console
from miniapp_api.platform import embedded
from miniapp_api.settings import ROOT, Settings

BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"


def serve() -> int:
    """Run everything in the foreground and return the exit code."""
    settings = checked_settings()
    with stores(settings) as environment:
        manager = Manager()
        procfile = parse_procfile((ROOT / "Procfile").read_text())
        for name, command in procfile.processes.items():
            manager.add_process(name, command, env=environment, cwd=str(ROOT))
        _say_where(f"http://{settings.server.host}:{settings.server.port}")
        manager.loop()
    stopped_by_hand = manager.returncode in (130, 143)
    return 0 if stopped_by_hand else int(manager.returncode or 0)


def _say_where(address: str) -> None:
    for who, path in (("市民", "/"), ("工作人员", "/console/"), ("大厅屏", "/screen/municipal")):
        console.print(f"{who} {address}{path}", markup=False, highlight=False)
    console.print("另开一个终端运行 shenban chat 也可以聊天;Ctrl-C 停止。", markup=False)


@contextlib.contextmanager
def stores(settings: Settings) -> Iterator[dict[str, str]]:
    """Start what is embedded and yield the environment of all processes."""
    with contextlib.ExitStack() as stack:
        data = settings.data.folder.resolve()
        database_url, redis_url = settings.database.url, settings.redis.url
        if not database_url:
            with console.status("PostgreSQL 启动中…"):
                database_url = stack.enter_context(embedded.postgres(data / "postgres"))
        if not redis_url:
            redis_url = stack.enter_context(embedded.redis(data / "redis", settings.redis.port))
        yield environment(settings, database_url, redis_url)


def environment(settings: Settings, database_url: str, redis_url: str) -> dict[str, str]:
    """Return what every process is told: the API by our own names, the bot by its contract."""
    redis = urlsplit(redis_url)
    bot, server = settings.bot, settings.server
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        "BOT_PYTHON": str(BOT_PYTHON),
        "SHENBAN_DATABASE__URL": database_url,
        "SHENBAN_REDIS__URL": redis_url,
        "SHENBAN_API_URL": f"http://127.0.0.1:{server.port}",
        "SHENBAN_SERVICE_TOKEN": settings.secrets.service_token.get_secret_value(),
        "SHENBAN_REDIS_HOST": redis.hostname or "127.0.0.1",
        "SHENBAN_REDIS_PORT": str(redis.port or 6379),
        "SHENBAN_REDIS_PASSWORD": redis.password or "",
        "SHENBAN_RASA_PORT": str(bot.rasa_port),
        "SHENBAN_ACTIONS_PORT": str(bot.actions_port),
        "SHENBAN_ACTIONS_URL": f"http://127.0.0.1:{bot.actions_port}/webhook",
        "SHENBAN_HANDBOOK": str(settings.data.handbook.resolve()),
        "SHENBAN_CATALOGUES": str(settings.catalogues.resolve()),
        "SHENBAN_PUBLISHED": str(settings.published.resolve()),
        "SHENBAN_MODELS": str(settings.models.resolve()),
        "SHENBAN_TURN_SECONDS": str(settings.chat.rasa_timeout_seconds),
    }


def train() -> int:
    """Train in the foreground and return the exit code."""
    settings = checked_settings()
    command = [str(BOT_PYTHON), "-m", "bot.run", "--train-only"]
    environ = environment(
        settings, settings.database.url, settings.redis.url or "redis://127.0.0.1"
    )
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode  # noqa: S603
