"""Trains the model in a process of its own (训练), so that its memory ends with it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

import structlog

from bot.model_cache import CONFIG, DOMAIN, RULES, TRAINING

STARTED = time.monotonic()


def stage(text: str) -> None:
    """One line a stage with the seconds since the start."""
    print(f"训练 [{time.monotonic() - STARTED:5.1f}s] {text}", flush=True)


def train(target: Path) -> None:
    """Trains into a scratch folder and moves the finished model to its name."""
    stage("loading Rasa")
    # pipeline and policies are named explicitly; nothing of them is neural
    import rasa.model_training

    from bot.components.shared import library

    stage("reading the handbook and the training sentences")
    library()
    stage("training rules and pipeline")
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        asyncio.set_event_loop(asyncio.new_event_loop())
        result = rasa.model_training.train(
            str(DOMAIN),
            str(CONFIG),
            [str(RULES), str(TRAINING)],
            output=scratch,
            force_training=True,
            fixed_model_name=target.name,
        )
        if result.code != 0 or not result.model:
            raise SystemExit(f"training ended with code {result.code}")
        Path(result.model).replace(target)
    stage(f"ready: {target.name}")


def quiet() -> None:
    """Only what matters is printed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TQDM_DISABLE", "1")
    logging.basicConfig(level=logging.WARNING)
    # some imports reset the warning filters, so warnings are sent where nobody looks
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    # Rasa's debug lines quote messages and slots: they are dropped before they are rendered
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        cache_logger_on_first_use=True,
    )


if __name__ == "__main__":
    quiet()
    train(Path(sys.argv[1]))
