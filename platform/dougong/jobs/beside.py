"""a worker beside the server: a process of its own that is started again when it falls, and ends with the server"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import time

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60
"""One that lived so long did not fall at its start."""
ENDING_SECONDS = 15

log = logging.getLogger(__name__)


class Beside:
    """Keeps one worker running. `tend` is called every second or so by whoever owns it.

    It has no thread: the server forks, and who forks with threads may leave a lock held for good in the child. The
    child looks whether its parent still lives, so it ends even with one that was killed.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_at = 0.0
        self._pause = FIRST_PAUSE

    @property
    def process_id(self) -> int | None:
        """The worker's process, if it runs."""
        return self._process.pid if self._process is not None else None

    def tend(self) -> None:
        """Start the worker, or start it again; one that falls at once is given longer and longer pauses."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            self._fell(now)
        if self._process is None and now >= self._start_at:
            command = [sys.executable, "-m", "dougong", "worker", "--parent", str(os.getpid())]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 -- our own command
            self._started_at = now

    def _fell(self, now: float) -> None:
        if now - self._started_at >= STEADY_SECONDS:
            self._pause = FIRST_PAUSE
        log.warning("the worker beside the server ended; a new one starts in %.0f s", self._pause)
        self._process = None
        self._start_at = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def stop(self) -> None:
        """End the worker: it finishes what it is at, unless that takes too long."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_SECONDS)
        if process.poll() is None:
            process.kill()
