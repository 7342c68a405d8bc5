"""the same promises handed to Celery, where a broker is set; again when a lease ran out

The outbox stays the truth: the broker carries ids and may lose, repeat or delay them. The relay claims promises in
order to hand them out; who gets one takes the claim over, and what nobody took in time is handed out again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from celery import Celery, signals
from kombu.exceptions import KombuError

from dougong.base.errors import DougongError
from dougong.jobs import outbox, schedule
from dougong.jobs.call import Installation
from dougong.jobs.carry import Hands, carry_out
from dougong.jobs.outbox import LEASE, QUEUES, RELAY, Claim, Queue
from dougong.jobs.worker import IDLE_SECONDS, SCHEDULES_EVERY, TROUBLE_SECONDS, name_of_worker

TASK = "dougong.carry_out"
HANDED = dt.timedelta(seconds=60)
"""So long the relay waits for somebody to take what it handed out."""
MOST_HANDED: Mapping[Queue, int] = MappingProxyType({"now": 500, "timed": 500, "bulk": 8})
"""So much is handed out and not taken yet at most: the broker is a way, not a store."""
IN_ONE: Mapping[Queue, int] = MappingProxyType({"now": 10, "timed": 10, "bulk": 1})
"""So many promises go in one message."""

log = logging.getLogger(__name__)


def queue_name(engine: Installation, queue: str) -> str:
    """Name a queue at the broker: several instances may share one broker."""
    digest = hashlib.sha256(engine.settings.secret_key.encode()).hexdigest()[:12]
    return f"dougong.{digest}.{queue}"


def make_app(engine: Installation) -> Celery:
    """Make the Celery application of one engine."""
    app = Celery("dougong", broker=engine.settings.broker_url, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"socket_timeout": 10, "socket_connect_timeout": 10},
        timezone="UTC",
    )
    return app


class Taker:
    """Carries out what comes from the broker."""

    def __init__(self, engine: Installation, lease: dt.timedelta) -> None:
        self._engine = engine
        self._lease = lease
        self._name = name_of_worker()
        self._hands = Hands(engine, lease)

    def __call__(self, handed: Sequence[tuple[str, int]]) -> None:
        """Take over what of a message nobody else has, and carry it out."""
        try:
            now = self._engine.clock.now()
            claims = outbox.take(self._engine.database, handed, now, self._name, self._lease)
        except (sa.exc.DBAPIError, DougongError) as error:
            # The database went away: the lease of the relay runs out, and it hands them out again.
            log.warning("%s promises could not be taken: %s", len(handed), error)
            return
        with self._hands.holding(claims):
            for each in claims:
                self._one(each)
                self._hands.let_go(each)

    def _one(self, claim: Claim) -> None:
        try:
            carry_out(self._engine, claim, self._lease)
        except (sa.exc.DBAPIError, DougongError) as error:
            log.warning("promise %s is left to its lease: %s", claim.id, error)


class Relay:
    """A thread that hands promises to the broker, and fires the schedules."""

    def __init__(self, engine: Installation, app: Celery, *, handed: dt.timedelta = HANDED) -> None:
        self._engine = engine
        self._app = app
        self._handed = handed
        self._name = RELAY + name_of_worker()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._schedules_at = 0.0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what was handed out stays with the broker."""
        self._stop.set()
        self._thread.join(timeout=5)

    def hand_out(self) -> int:
        """Hand out what is due, and say how much that was."""
        return sum(self._one_queue(queue) for queue in QUEUES)

    def _one_queue(self, queue: Queue) -> int:
        now = self._engine.clock.now()
        room = MOST_HANDED[queue] - outbox.handed(self._engine.database, now, queue)
        if room <= 0:
            return 0
        claims = outbox.claim(
            self._engine.database, now, self._name, queue=queue, limit=min(room, 200), lease=self._handed
        )
        for start in range(0, len(claims), IN_ONE[queue]):
            try:
                self._send(queue, claims[start : start + IN_ONE[queue]])
            except (KombuError, OSError):
                outbox.release(self._engine.database, claims[start:])
                raise
        return len(claims)

    def _send(self, queue: Queue, claims: list[Claim]) -> None:
        handed = [(each.id, each.attempts) for each in claims]
        self._app.send_task(TASK, args=[handed], queue=queue_name(self._engine, queue), retry=False)

    def _run(self) -> None:
        ticks = 0.0
        while not self._stop.is_set():
            try:
                if ticks <= 0:
                    schedule.fire(self._engine, self._engine.schedules)
                    ticks = SCHEDULES_EVERY
                has_worked = self.hand_out() > 0
            except (KombuError, OSError, sa.exc.DBAPIError, DougongError) as error:
                log.warning("the relay could not hand out: %s", error)
                self._stop.wait(TROUBLE_SECONDS)
                continue
            ticks -= IDLE_SECONDS
            self._stop.wait(IDLE_SECONDS / 10 if has_worked else IDLE_SECONDS)


def run(
    engine: Installation,
    *,
    threads: int,
    is_wanted: Callable[[], bool] | None = None,
    lease: dt.timedelta = LEASE,
) -> None:
    """Run a Celery worker with the relay, until told to stop or until nobody wants us any more."""
    app = make_app(engine)
    taker = Taker(engine, lease)

    app.task(taker.__call__, name=TASK)
    relay = Relay(engine, app, handed=lease)

    def begin(**_: Any) -> None:
        relay.start()
        if is_wanted is not None:
            threading.Thread(target=_end_unwanted, args=(is_wanted,), name="parent", daemon=True).start()

    def end(**_: Any) -> None:
        relay.stop()

    signals.worker_ready.connect(begin, weak=False)
    signals.worker_shutting_down.connect(end, weak=False)
    queues = ",".join(queue_name(engine, queue) for queue in QUEUES)
    arguments = [
        "--quiet",
        "worker",
        "--pool=threads",
        f"--concurrency={threads}",
        f"--queues={queues}",
        "--loglevel=WARNING",
    ]
    arguments += ["--without-gossip", "--without-mingle", "--without-heartbeat", f"--hostname=dougong-{os.getpid()}@%h"]
    with contextlib.suppress(SystemExit):
        app.worker_main(arguments)


def _end_unwanted(is_wanted: Callable[[], bool]) -> None:
    while is_wanted():
        threading.Event().wait(1)
    os.kill(os.getpid(), signal.SIGTERM)
