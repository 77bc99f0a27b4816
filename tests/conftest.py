"""Fixtures of the API runtime; the bot's tests run on Python 3.10, where there is no API."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
E2E = TESTS / "e2e"
LONGEST = (TESTS / "processes", E2E)  # begun first, so that nothing waits for them at the end

# What these find is said in full, as in a test of its own.
pytest.register_assert_rewrite("tests.browser.chromium", "tests.browser.citizens")

pytest_plugins = ["tests.api"] if sys.version_info >= (3, 12) else []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of a file run in one process (`--dist loadgroup`), and so does one installation's."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    items.sort(key=lambda item: not any(folder in item.path.parents for folder in LONGEST))
    for item in items:
        whole = E2E if E2E in item.path.parents else item.path
        item.add_marker(pytest.mark.xdist_group(str(whole)))
