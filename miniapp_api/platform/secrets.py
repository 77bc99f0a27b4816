"""Secrets of a machine without a vault: made once, kept in the data folder, readable by us only."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from pathlib import Path

import yaml
from pydantic import SecretStr

from miniapp_api.settings import Secrets, Settings


def complete(settings: Settings) -> Settings:
    """Fill empty secrets from <data>/secrets.yaml, making that file at the first start."""
    if all(value.get_secret_value() for _, value in settings.secrets):
        return settings
    kept = _kept(settings.data.folder / "secrets.yaml")
    values = {
        name: value if value.get_secret_value() else SecretStr(kept[name])
        for name, value in settings.secrets
    }
    return settings.model_copy(update={"secrets": Secrets(**values)})


def _kept(path: Path) -> dict[str, str]:
    """Read the file, or create it; of two first starts one wins and both read its file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = {name: secrets.token_urlsafe(32) for name in Secrets.model_fields}
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(yaml.safe_dump(fresh))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    found: dict[str, str] = yaml.safe_load(path.read_text())
    # A secret that is newer than the file is derived: every process must find the same one.
    return {name: found.get(name) or _derived(found, name) for name in fresh}


def _derived(found: dict[str, str], name: str) -> str:
    digest = hmac.digest(found["master_key"].encode(), f"secret:{name}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
