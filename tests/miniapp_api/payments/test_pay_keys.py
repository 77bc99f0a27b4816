"""The keys of WeChat Pay: made once for the fake, demanded in production."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from miniapp_api.payments import keys
from miniapp_api.settings import Settings, SettingsError, load


def _settings(folder: Path, secret: str = "s", **payments: Any) -> Settings:
    settings = load(env={})
    return settings.model_copy(
        update={
            "data": settings.data.model_copy(update={"folder": folder}),
            "payments": settings.payments.model_copy(update=payments),
            "secrets": settings.secrets.model_copy(update={"pay_api_key": SecretStr(secret)}),
        }
    )


def test_of_first_starts_at_once_one_wins_and_all_read_its_keys(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: keys.load(settings), range(4)))
    assert len({k.serial for k in found}) == 1
    assert len({k.private.private_numbers().d for k in found}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["payments"]


def test_only_we_may_read_the_keys(tmp_path: Path) -> None:
    keys.load(_settings(tmp_path))
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.pem")}
    assert modes == {0o600}


def test_the_fake_signs_with_the_key_that_we_verify_with(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    ours, (serial, key) = keys.load(settings), keys.load_fake(settings)
    assert ours.platform[serial].public_numbers() == key.public_key().public_numbers()


def test_production_makes_no_keys(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="merchant"):
        keys.load(_settings(tmp_path, url="https://api.mch.weixin.qq.com"))
    assert list(tmp_path.iterdir()) == []


def test_production_wants_an_api_key_of_32_characters(tmp_path: Path) -> None:
    keys.load(_settings(tmp_path))
    shutil.rmtree(tmp_path / "payments" / "fake")
    real = {"url": "https://api.mch.weixin.qq.com"}
    with pytest.raises(SettingsError, match="32"):
        keys.load(_settings(tmp_path, "too-short", **real))
    assert keys.load(_settings(tmp_path, "k" * 32, **real)).api_key == b"k" * 32


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    keys.load(_settings(tmp_path))
    shutil.rmtree(tmp_path / "payments" / "platform")
    with pytest.raises(SettingsError, match="platform"):
        keys.load(_settings(tmp_path))
