"""One training for one set of inputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot import run as bot_run
from bot.model_cache import ModelCache, inputs
from bot.settings import Settings, actions_webhook

ROOT = Path(__file__).resolve().parents[2]


def status(cache: ModelCache) -> dict[str, str]:
    """status.json."""
    found: dict[str, str] = json.loads((cache.folder / "status.json").read_text(encoding="utf-8"))
    return found


def test_inputs_are_code_rules_and_sentences_but_not_the_handbook() -> None:
    names = [str(path.relative_to(ROOT)) for path in inputs()]
    assert "bot/config.yml" in names
    assert any(name.startswith("intents/training/") for name in names)
    assert not any(
        name.startswith(("handbook/", "tests/")) or "__pycache__" in name for name in names
    )


def test_same_inputs_have_the_same_model() -> None:
    assert ModelCache(Path("/a")).wanted().name == ModelCache(Path("/b")).wanted().name


def test_status_is_written_whole(tmp_path: Path) -> None:
    cache = ModelCache(tmp_path / "models")
    cache.report("training", "模型训练中")
    assert status(cache)["state"] == "training"
    assert list(cache.folder.glob("*.part")) == []


def test_only_the_newest_models_are_kept(tmp_path: Path) -> None:
    cache = ModelCache(tmp_path)
    for number in range(6):
        path = tmp_path / f"shenban-{number}.tar.gz"
        path.write_bytes(b"")
        os.utime(path, (number, number))
    cache.prune()
    assert sorted(path.name for path in tmp_path.glob("*.gz")) == [
        f"shenban-{number}.tar.gz" for number in (3, 4, 5)
    ]


def test_two_starts_train_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[Path] = []

    def train(cache: ModelCache, wanted: Path) -> None:
        trained.append(wanted)
        wanted.write_bytes(b"model")

    monkeypatch.setattr(bot_run, "_train", train)
    cache = ModelCache(tmp_path)
    threads = [threading.Thread(target=bot_run.ensure_model, args=[cache]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(trained) == 1


def test_failed_training_keeps_the_old_model_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "shenban-old.tar.gz"
    old.write_bytes(b"model")
    cache = ModelCache(tmp_path)
    monkeypatch.setattr(bot_run.sys, "executable", "/bin/false")
    assert bot_run.ensure_model(cache) == old
    assert status(cache)["state"] == "failed"
    assert "旧模型" in capsys.readouterr().out


def test_failed_first_training_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot_run.sys, "executable", "/bin/false")
    with pytest.raises(SystemExit):
        bot_run.ensure_model(ModelCache(tmp_path))
    assert status(ModelCache(tmp_path))["state"] == "failed"


def test_wrong_port_stops_the_start_with_its_name() -> None:
    with pytest.raises(SystemExit, match="SHENBAN_RASA_PORT"):
        Settings.from_environment({"SHENBAN_RASA_PORT": "70000"})


@pytest.mark.parametrize("url", ["http://h:1", "http://h:1/", "http://h:1/webhook"])
def test_action_server_is_found_by_its_root_or_its_webhook(url: str) -> None:
    assert actions_webhook(url) == "http://h:1/webhook"


def test_every_rule_of_the_domain_has_an_action() -> None:
    code = "import bot.serve_actions as s; print(' '.join(sorted(s.executor().actions)))"
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    import yaml

    domain = yaml.safe_load((ROOT / "bot/domain/dialogue.yml").read_text(encoding="utf-8"))
    assert sorted(domain["actions"]) == run.stdout.split()


def test_every_aspect_is_an_intent_of_the_domain() -> None:
    import yaml

    from intents.aspects import ASPECTS

    domain = yaml.safe_load((ROOT / "bot/domain/language.yml").read_text(encoding="utf-8"))
    intents = {name for each in domain["intents"] for name in each}
    assert intents == set(ASPECTS) | {"nlu_fallback"}
