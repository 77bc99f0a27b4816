from __future__ import annotations

from pathlib import Path

import pytest

from intents.understand import Understander

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of trained models for the whole run; training takes seconds."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def understander(cache: Path) -> Understander:
    """The library over the real handbook."""
    return Understander.load(ROOT / "handbook", cache=cache)
