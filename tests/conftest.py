"""Fixtures of the API runtime; the bot's tests run on Python 3.10, where there is no API."""

import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
E2E = TESTS / "e2e"
LONGEST = (TESTS / "processes", E2E)  # begun first, so that nothing waits for them at the end

# What these find is said in full, as in a test of its own.
pytest.register_assert_rewrite("tests.browser.chromium", "tests.browser.citizens")

pytest_plugins = ["tests.api"] if sys.version_info >= (3, 12) else []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest."""
    items.sort(key=lambda item: not any(folder in item.path.parents for folder in LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Run the tests of a file in one process, and so those of one installation.

    By a scheduler of ours: groups that xdist writes into a test's name are lost in pytest 9.2.
    """
    from xdist.scheduler import LoadFileScheduling  # only where tests run in several processes

    class ByInstallation(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            return str(E2E) if E2E in (config.rootpath / file).parents else file

    return ByInstallation(config, log)
