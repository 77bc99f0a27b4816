"""Fixtures of the API runtime; the bot's tests run on Python 3.10, where there is no API."""

import sys

pytest_plugins = ["tests.api"] if sys.version_info >= (3, 12) else []
