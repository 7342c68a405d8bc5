"""claim promises with a lease and carry them out: the default, no broker needed"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from dougong.base.errors import DougongError
from dougong.base.names import new_id
from dougong.context import Handle
from dougong.jobs import outbox, schedule
from dougong.jobs.call import Call, Installation
from dougong.jobs.carry import Hands, carry_out
from dougong.jobs.outbox import LEASE, QUEUES, Claim, Queue
from dougong.jobs.schedule import Schedule

THREADS = 4
IDLE_SECONDS = 0.2
"""So long an idle worker sleeps before it looks again: a short question of an index."""
SCHEDULES_EVERY = 1.0
AT_ONCE: Mapping[Queue, int] = MappingProxyType({"now": 10, "timed": 10, "bulk": 1})
"""So many promises one thread claims together: quick ones go by the dozen, long ones one by one."""
TROUBLE_SECONDS = 2.0
"""After trouble with the database a thread waits so long."""

log = logging.getLogger(__name__)


def name_of_worker() -> str:
    """Give a name that no other worker has: host, process, and something new."""
    return f"{socket.gethostname()}:{os.getpid()}:{new_id()[-8:]}"


class Worker:
    """Threads that claim and carry out, until told to stop. What is in hand is finished, the rest given back."""

    def __init__(
        self,
        engine: Installation,
        *,
        threads: int = THREADS,
        queues: tuple[Queue, ...] = QUEUES,
        lease: dt.timedelta = LEASE,
        schedules: bool = True,
    ) -> None:
        self._engine = engine
        self._queues = queues
        self._lease = lease
        self._stop = threading.Event()
        self._name = name_of_worker()
        self._hands = Hands(engine, lease)
        self._watch = threading.Lock()
        """Held by the one idle thread that looks for all: the others sleep until it has found something."""
        work = [threading.Thread(target=self._work, name=f"worker {at + 1}") for at in range(threads)]
        clock = [threading.Thread(target=self._watch_clock, name="schedules")] if schedules else []
        self._threads = [*work, *clock]

    def start(self) -> None:
        """Begin."""
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        """Ask all threads to end after what they are at."""
        self._stop.set()

    def join(self) -> None:
        """Wait for the end."""
        for each in self._threads:
            if each.ident is not None:
                each.join()
        self._hands.close()

    def run_once(self) -> int:
        """Carry out what is due now, in this thread, and say how much that was. For tests and for a first look."""
        count = 0
        for queue in self._queues:
            while claims := self._claim(queue):
                count += len(claims)
                self._carry_out(claims)
        return count

    def _claim(self, queue: Queue) -> list[Claim]:
        now = self._engine.clock.now()
        return outbox.claim(
            self._engine.database, now, self._name, queue=queue, limit=AT_ONCE[queue], lease=self._lease
        )

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                with self._watch:
                    claims = self._wait_for_claims()
            except (sa.exc.DBAPIError, DougongError) as error:
                log.warning("the worker could not claim: %s", error)
                self._stop.wait(TROUBLE_SECONDS)
                continue
            self._carry_out(claims)

    def _wait_for_claims(self) -> list[Claim]:
        """Give what is to be done next, once there is something; nothing when it is time to stop."""
        while not self._stop.is_set():
            if outbox.is_due(self._engine.database, self._engine.clock.now(), self._queues):
                for queue in self._queues:
                    if claims := self._claim(queue):
                        return claims
            self._stop.wait(IDLE_SECONDS)
        return []

    def _carry_out(self, claims: list[Claim]) -> None:
        with self._hands.holding(claims):
            for at, each in enumerate(claims):
                if self._stop.is_set():
                    outbox.release(self._engine.database, claims[at:])
                    return
                self._carry_out_one(each)
                self._hands.let_go(each)

    def _carry_out_one(self, claim: Claim) -> None:
        try:
            carry_out(self._engine, claim, self._lease)
        except (sa.exc.DBAPIError, DougongError) as error:
            # The database went away: the lease runs out, and somebody begins anew.
            log.warning("%s: promise %s is left to its lease: %s", claim.name, claim.id, error)
            self._stop.wait(TROUBLE_SECONDS)

    def _watch_clock(self) -> None:
        while not self._stop.is_set():
            try:
                schedule.fire(self._engine, self._engine.schedules)
            except (sa.exc.DBAPIError, DougongError) as error:
                log.warning("schedules were not looked at: %s", error)
            self._stop.wait(SCHEDULES_EVERY)


def run(engine: Installation, *, threads: int = THREADS, is_wanted: Callable[[], bool] | None = None) -> None:
    """Work until told to stop, or until nobody wants us any more."""
    worker = Worker(engine, threads=threads)
    worker.start()
    try:
        while is_wanted is None or is_wanted():
            time.sleep(1)
    except KeyboardInterrupt:
        pass
    finally:
        worker.stop()
        with contextlib.suppress(KeyboardInterrupt):
            worker.join()


def child_of(parent: int | None) -> Callable[[], bool] | None:
    """Give what says whether our parent still lives: a worker beside a server goes with it, however it went."""
    return None if parent is None else lambda: os.getppid() == parent


# ---- what the outbox does for itself ---------------------------------------------------------------------------------


def _sweep(engine: Any, body: Mapping[str, Any], call: Call) -> None:
    swept = outbox.sweep(engine.database, engine.clock.now())
    if swept:
        log.info("%s kept promises were swept away", swept)


HANDLERS: Mapping[str, Handle] = MappingProxyType({"outbox.sweep": _sweep})
SCHEDULES = (Schedule("outbox.sweep", "outbox.sweep", every=dt.timedelta(hours=1)),)
