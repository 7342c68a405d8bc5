"""A worker beside the server: it falls and is started again, and it goes with the server."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from dougong.jobs.beside import Beside

PARENT = """
import time
from dougong.jobs.beside import Beside
beside = Beside()
beside.tend()
print(beside.process_id, flush=True)
time.sleep(60)
"""


def is_alive(process_id: int) -> bool:
    try:
        with open(f"/proc/{process_id}/stat") as file:  # noqa: PTH123
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(what, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def home(instances, system_layer, monkeypatch):
    engine = instances.make(system_layer)
    monkeypatch.setenv("DOUGONG_HOME", str(engine.settings.home))
    monkeypatch.setenv("DOUGONG_DATABASE_URL", engine.settings.database_url)
    monkeypatch.delenv("DOUGONG_BROKER_URL", raising=False)
    yield engine
    instances.drop(engine)


def test_worker_that_falls_is_started_again(home) -> None:
    beside = Beside()
    try:
        beside.tend()
        first = beside.process_id
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: not is_alive(first))
        beside.tend()
        assert beside.process_id is None
        wait_for(lambda: beside.tend() or beside.process_id is not None)
        assert beside.process_id != first
    finally:
        last = beside.process_id
        beside.stop()
    assert not is_alive(last)


@pytest.mark.parametrize("broker", ["", "redis"])
def test_worker_ends_with_a_parent_that_was_killed(home, monkeypatch, broker: str) -> None:
    if broker:
        url = os.environ.get("DOUGONG_TEST_REDIS_URL", "")
        if not url:
            pytest.skip("set DOUGONG_TEST_REDIS_URL to test with this broker")
        monkeypatch.setenv("DOUGONG_BROKER_URL", url)
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    try:
        assert is_alive(child)
        time.sleep(2)  # until it has begun
        parent.kill()
        parent.wait()
        parent.stdout.close()
        wait_for(lambda: not is_alive(child))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
