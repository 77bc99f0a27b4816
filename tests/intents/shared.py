"""Reference data kept beside the repository; tests that need it are skipped without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def shared(relative: str) -> Path:
    """A file of the shared reference data, or a skip that says which one is missing."""
    folder = Path(os.environ.get("SHENBAN_SHARED") or ROOT.parent / "shared")
    path = folder / "data" / relative
    if not path.exists():
        pytest.skip(f"reference data missing: {path} (set SHENBAN_SHARED)")
    return path


def table(path: Path) -> list[list[str]]:
    """Rows of a tab-separated file without its header."""
    lines = path.read_text("utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines if line.strip()]
