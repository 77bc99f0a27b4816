"""`python -m bot.run`: trains when needed, then serves Rasa (训练并启动).

The parent trains in a child process and then becomes the server by exec, so that signals reach
Rasa itself and no memory of the training stays.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from bot.model_cache import ModelCache
from bot.settings import ROOT, actions_webhook, settings


def ensure_model(cache: ModelCache) -> Path:
    """The model to serve: the cached one, a newly trained one, or the old one if that fails."""
    wanted = cache.wanted()
    if not wanted.exists():
        with cache.training_lock():
            if not wanted.exists():  # another process may have trained it while we waited
                _train(cache, wanted)
    if wanted.exists():
        os.utime(wanted)  # pruning keeps the models used last
        return wanted
    old = cache.newest()
    if old is None:
        raise SystemExit("训练失败,也没有旧模型可用")
    print(f"训练失败,继续使用旧模型 {old.name}", flush=True)
    return old


def _train(cache: ModelCache, wanted: Path) -> None:
    started = time.monotonic()
    cache.report("training", "模型训练中")
    command = [sys.executable, "-W", "ignore", "-m", "bot.train", str(wanted)]
    # Rasa's progress bars and warnings go to a file; our own lines, one a stage, are printed
    with (cache.folder / "training.log").open("wb") as log:
        code = subprocess.run(command, cwd=ROOT, check=False, stderr=log).returncode  # noqa: S603
    seconds = time.monotonic() - started
    if code == 0 and wanted.exists():
        cache.report("ready", f"训练完成,用时{seconds:.0f}秒")
        cache.prune()
    else:
        cache.report("failed", f"训练失败(退出码{code}),见 {cache.folder / 'training.log'}")


def serve(model: Path) -> None:
    """Becomes the server process."""
    found = settings()
    environment = {
        **os.environ,
        "SHENBAN_ACTIONS_URL": actions_webhook(found.actions_url),
        "SHENBAN_REDIS_HOST": found.redis_host,
        "SHENBAN_REDIS_PORT": str(found.redis_port),
        "SHENBAN_REDIS_PASSWORD": found.redis_password,
    }
    command = [sys.executable, "-W", "ignore", "-m", "bot.serve", str(model)]
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)  # noqa: S606


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(prog="python -m bot.run")
    parser.add_argument("--train-only", action="store_true", help="train when needed and stop")
    only = parser.parse_args().train_only
    cache = ModelCache(settings().models)
    model = ensure_model(cache)
    if only:
        sys.exit(0 if model == cache.wanted() else 1)
    if model == cache.wanted():
        cache.report("ready", model.name)
    serve(model)


if __name__ == "__main__":
    main()
