"""config.yaml is checked at boot: a wrong key or value names the key and the line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from miniapp_api.settings import ROOT, SettingsError, load

TEXT = (ROOT / "config.yaml").read_text()


def _load(tmp_path: Path, text: str, **env: str) -> object:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load(path, env)


def _line(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def test_the_shipped_file_is_valid() -> None:
    assert load(env={}).city.name == "沈阳市"


def test_every_setting_has_a_comment() -> None:
    keys = [line for line in TEXT.splitlines() if re.match(r"  \w+:", line)]
    assert [line for line in keys if "#" not in line] == []


def test_an_unknown_key_is_named_with_its_line(tmp_path: Path) -> None:
    text = TEXT.replace("  pool_size:", "  pool_sise:")
    with pytest.raises(SettingsError) as error:
        _load(tmp_path, text)
    assert f"config.yaml:{_line(text, 'pool_sise')}: database.pool_sise" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("port: 8000", "port: 80000", "server.port"),
        ("pool_size: 20", "pool_size: many", "database.pool_size"),
        ("code_digits: 6", "code_digits: 99", "identity.code_digits"),
        ("{character_string1:", "{thought1:", "messages.templates"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(tmp_path: Path, old: str, new: str, key: str) -> None:
    text = TEXT.replace(old, new)
    with pytest.raises(SettingsError) as error:
        _load(tmp_path, text)
    assert f"config.yaml:{_line(text, new)}: {key}" in str(error.value)


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    text = TEXT.replace("{template: fee,", "{template: fees,")
    with pytest.raises(SettingsError) as error:
        _load(tmp_path, text)
    assert f"config.yaml:{_line(text, 'messages:')}: messages: " in str(error.value)
    assert str(error.value).endswith("not there: fees")


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    text = TEXT.replace("port: 8000", "port: 0").replace("pool_size: 20", "pool_size: 0")
    with pytest.raises(SettingsError) as error:
        _load(tmp_path, text)
    assert len(str(error.value).splitlines()) == 2


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    settings = load(ROOT / "config.yaml", {"SHENBAN_SERVER__PORT": "9000"})
    assert settings.server.port == 9000


def test_a_wrong_environment_value_names_its_variable_and_hides_the_value(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load(ROOT / "config.yaml", {"SHENBAN_DATABASE__URL": "mysql://root:secret@db"})
    assert "SHENBAN_DATABASE__URL" in str(error.value)
    assert "secret" not in str(error.value)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "none.yaml", {})


@pytest.mark.parametrize("text", ["", "- a list", "a: [", "\x00"])
def test_a_file_that_is_no_mapping_is_a_clear_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError):
        _load(tmp_path, text)
