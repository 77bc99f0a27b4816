"""Settings of the bot's processes, read once from the environment that `shenban serve` passes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot"
TURN_SECONDS = 3.0


@dataclass(frozen=True)
class Settings:
    """Where everything is (运行设置)."""

    api_url: str
    service_token: str
    redis_host: str
    redis_port: int
    redis_password: str
    rasa_port: int
    actions_url: str
    actions_port: int
    handbook: Path
    catalogues: Path
    published: Path
    models: Path
    turn_seconds: float  # so long the chat room waits for a turn, then it answers by itself

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Settings:
        """Reads SHENBAN_*; a wrong port stops the start with the variable's name."""
        models = Path(env.get("SHENBAN_MODELS", BOT / "models"))
        return cls(
            api_url=env.get("SHENBAN_API_URL", "http://127.0.0.1:8000"),
            service_token=env.get("SHENBAN_SERVICE_TOKEN", ""),
            redis_host=env.get("SHENBAN_REDIS_HOST", "127.0.0.1"),
            redis_port=_port(env, "SHENBAN_REDIS_PORT", 6379),
            redis_password=env.get("SHENBAN_REDIS_PASSWORD", ""),
            rasa_port=_port(env, "SHENBAN_RASA_PORT", 5005),
            actions_url=env.get("SHENBAN_ACTIONS_URL", "http://127.0.0.1:5055/webhook"),
            actions_port=_port(env, "SHENBAN_ACTIONS_PORT", 5055),
            handbook=Path(env.get("SHENBAN_HANDBOOK", ROOT / "handbook")),
            catalogues=Path(env.get("SHENBAN_CATALOGUES", models / "catalogues")),
            published=Path(env.get("SHENBAN_PUBLISHED", models / "published")),
            models=models,
            turn_seconds=float(env.get("SHENBAN_TURN_SECONDS") or TURN_SECONDS),
        )


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"{name} is not a port number: {text!r}")
    return int(text)


@cache
def settings() -> Settings:
    """The settings of this process (读一次)."""
    return Settings.from_environment(os.environ)


def actions_webhook(url: str) -> str:
    """The action server's address: its root is accepted as well as its /webhook."""
    return url if url.rstrip("/").endswith("/webhook") else f"{url.rstrip('/')}/webhook"
