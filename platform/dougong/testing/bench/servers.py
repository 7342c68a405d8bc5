"""both sides under gunicorn, with the same workers and threads"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dougong.base.settings import Settings
from dougong.testing.bench import measure

WORKERS = 2
THREADS = 4
PATIENCE = 60


@dataclass(frozen=True)
class Server:
    """One side that answers."""

    process: subprocess.Popen[bytes]
    port: int
    started: float
    """Seconds until the first page."""

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in task.read_text(encoding="ascii").split()]


@contextmanager
def dougong(settings: Settings, *, workers: int = WORKERS) -> Iterator[Server]:
    """Serve an instance by the product's own command."""
    port = _free_port()
    command = ["-m", "dougong", "serve", "--port", str(port), "--workers", str(workers), "--threads", str(THREADS)]
    with _running([*command, "--no-worker"], port, "/sign-in", environment(settings)) as server:
        yield server


@contextmanager
def floor(url: str) -> Iterator[Server]:
    """Serve the floor, with the options of `dougong serve`."""
    port = _free_port()
    command = ["-m", "gunicorn", "--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)]
    command += ["--bind", f"127.0.0.1:{port}", "--keep-alive", "5", "--log-level", "warning"]
    if Path("/dev/shm").is_dir():  # noqa: S108 -- where the server's heartbeat costs no disk
        command += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    with _running([*command, f"dougong.testing.bench.floor:make({url!r})"], port, "/", {}) as server:
        yield server


def environment(settings: Settings) -> dict[str, str]:
    """Give the variables that a command on an instance of the bench gets."""
    return {
        "DOUGONG_HOME": str(settings.home),
        "DOUGONG_DATABASE_URL": settings.database_url,
        "DOUGONG_DEFINITIONS": str(settings.definitions),
        "DOUGONG_TRIPWIRE": settings.tripwire,
        # The floor keeps no log either.
        "DOUGONG_LOG": "quiet",
        "LANG": "C.UTF-8",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(command: Sequence[str], port: int, path: str, variables: dict[str, str]) -> Iterator[Server]:
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], env=variables, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        _wait(process, port, path)
        yield Server(process, port, time.perf_counter() - started)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with contextlib.suppress(OSError):
            measure.answer(port, measure.request("GET", path, "nobody"))
            return
        time.sleep(0.01)
    raise RuntimeError("the server did not begin to answer")
