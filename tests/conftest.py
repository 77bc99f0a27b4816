"""Fixtures of the API runtime; the bot's tests run on Python 3.10, where there is no API."""

import sys

import pytest

# What these find is said in full, as in a test of its own.
pytest.register_assert_rewrite("tests.browser.chromium", "tests.browser.citizens")

pytest_plugins = ["tests.api"] if sys.version_info >= (3, 12) else []
