"""The processes that clean files end with the API, however it ends."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys

import psutil

API = """
import os, signal
from miniapp_api.platform.files.cleaners import _pool

if __name__ == "__main__":
    print(_pool().submit(os.getpid).result(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_api_leaves_no_cleaner_behind() -> None:
    killed = subprocess.run([sys.executable, "-c", API], stdout=subprocess.PIPE, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(killed.stdout)).wait(10)
