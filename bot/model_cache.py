"""Trained models (模型缓存), named by the hash of everything that decides them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bot.settings import BOT, ROOT

DOMAIN = BOT / "domain"
CONFIG = BOT / "config.yml"
RULES = BOT / "data"
TRAINING = ROOT / "intents" / "training"
KEPT_MODELS = 3


def inputs() -> list[Path]:
    """The files that decide a model; the handbook is not one, it is read at run time."""
    folders = [DOMAIN, RULES, BOT / "components", ROOT / "intents"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in [CONFIG, *files] if path.suffix != ".pyc")


def fingerprint() -> str:
    """A short hash of the inputs and of Rasa's version."""
    digest = hashlib.sha256(version("rasa").encode())
    for path in inputs():
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class ModelCache:
    """The folder of trained models and its status file."""

    folder: Path

    def wanted(self) -> Path:
        """Where the model of the present inputs is, or will be."""
        return self.folder / f"shenban-{fingerprint()}.tar.gz"

    def newest(self) -> Path | None:
        """The model used last, whatever its inputs were."""
        found = sorted(self.folder.glob("shenban-*.tar.gz"), key=lambda path: path.stat().st_mtime)
        return found[-1] if found else None

    def report(self, state: str, detail: str) -> None:
        """Writes status.json for the API's /health, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        body = {"state": state, "detail": detail, "since": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
        partial = self.folder / f"status.{os.getpid()}.part"
        partial.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
        partial.replace(self.folder / "status.json")

    def prune(self) -> None:
        """Old models go; the newest few stay for going back."""
        found = sorted(self.folder.glob("shenban-*.tar.gz"), key=lambda path: path.stat().st_mtime)
        for path in found[:-KEPT_MODELS]:
            path.unlink(missing_ok=True)

    @contextmanager
    def training_lock(self) -> Iterator[None]:
        """One trains, others wait and then find the model ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "training.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
