"""carry out one promise: find who does it, run it, and keep what became of it"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from dougong.base.errors import DougongError
from dougong.jobs import outbox
from dougong.jobs import service as jobs
from dougong.jobs.call import Call, Cancelled, Handling, Installation, handling
from dougong.jobs.outbox import LEASE, Claim, Hopeless, LeaseLost

log = logging.getLogger(__name__)


class Hands:
    """The promises that one worker has in its hands; a thread of its own renews their leases."""

    def __init__(self, engine: Installation, lease: dt.timedelta = LEASE) -> None:
        self._engine = engine
        self._lease = lease
        self._held: dict[str, Claim] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="leases", daemon=True)
        self._thread.start()

    def hold(self, claims: list[Claim]) -> None:
        """Take claims into the hands."""
        with self._lock:
            self._held.update({each.id: each for each in claims})

    def let_go(self, claim: Claim) -> None:
        """A claim is over."""
        with self._lock:
            self._held.pop(claim.id, None)

    @contextmanager
    def holding(self, claims: list[Claim]) -> Iterator[None]:
        """Hold claims for a while."""
        self.hold(claims)
        try:
            yield
        finally:
            for each in claims:
                self.let_go(each)

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _renew(self) -> None:
        while not self._stop.wait(self._lease.total_seconds() / 3):
            with self._lock:
                held = list(self._held.values())
            by_name: dict[str, list[Claim]] = {}
            for each in held:
                by_name.setdefault(each.by, []).append(each)
            try:
                for claims in by_name.values():
                    outbox.renew(self._engine.database, claims, self._engine.clock.now() + self._lease)
            except (sa.exc.DBAPIError, DougongError) as error:
                # The lease lasts three times as long as we wait: the next time will do.
                log.warning("leases were not renewed: %s", error)


def carry_out(engine: Installation, claim: Claim, lease: dt.timedelta = LEASE) -> bool:
    """Carry out a promise that was claimed; whatever happens, it is told in the outbox. True where it is kept."""
    how = handling(engine, claim)
    if how is None or claim.attempts > outbox.MOST_CLAIMS:
        return _refused(engine, claim, is_known=how is not None)
    call = Call(engine, claim, lease)
    try:
        if call.job is not None and not _begin(engine, claim, call.job):
            return True
        how.run(engine, claim.body, call)
        if not call.is_done:
            _finish(engine, claim, call)
    except LeaseLost as error:
        log.warning("%s: %s", claim.name, error)
        return False
    except Cancelled:
        _stopped(engine, claim, call)
    except Exception as error:
        # Whatever it is, it is kept with the promise.
        if call.is_done:
            log.exception("%s failed after its promise %s was kept", claim.name, claim.id)
            return True
        _failed(engine, claim, how, error)
        return False
    return True


def _refused(engine: Installation, claim: Claim, *, is_known: bool) -> bool:
    """Put off what nobody here knows how to carry out (another version may), and park what takes its workers down."""
    tries = 1 if is_known else outbox.TRIES
    said = f"nobody here carries out '{claim.name}'"
    if is_known:
        said = f"claimed {claim.attempts} times, and no worker came to an end with it"
    if outbox.fail(engine.database, claim, engine.clock.now(), said, tries=tries):
        log.error("promise %s is parked: %s", claim.id, said)
    return False


def _begin(engine: Installation, claim: Claim, job: str) -> bool:
    """Note that a job begins; one that was cancelled before is over."""
    now = engine.clock.now()
    with engine.database.open(write=True) as connection:
        if jobs.begun(connection, job, now):
            return True
        outbox.finish(connection, claim, now)
    return False


def _finish(engine: Installation, claim: Claim, call: Call) -> None:
    with engine.database.open(write=True) as connection:
        now = engine.clock.now()
        outbox.finish(connection, claim, now)
        if call.job is not None:
            jobs.ended(connection, call.job, now, call.result)


def _stopped(engine: Installation, claim: Claim, call: Call) -> None:
    with engine.database.open(write=True) as connection:
        now = engine.clock.now()
        outbox.finish(connection, claim, now)
        if call.job is not None:
            jobs.stopped(connection, call.job, now)


def _failed(engine: Installation, claim: Claim, how: Handling, error: Exception) -> None:
    """Keep an error. A job ends at one that was foreseen: trying again would say the same to who watches it."""
    job = claim.body.get(jobs.JOB)
    is_foreseen = isinstance(error, DougongError)
    is_hopeless = isinstance(error, Hopeless) or (job is not None and is_foreseen)
    said = str(error) if is_foreseen else "".join(traceback.format_exception(error)).strip()
    tries = claim.attempts if is_hopeless else how.tries
    now = engine.clock.now()
    is_parked = outbox.fail(engine.database, claim, now, said, tries=tries)
    if is_parked and not is_foreseen:
        log.error("%s: promise %s is parked after %s tries", claim.name, claim.id, claim.attempts, exc_info=error)
    elif is_parked:
        log.warning("%s: promise %s is parked: %s", claim.name, claim.id, type(error).__name__)
    else:
        log.warning("%s: promise %s failed, and is tried again: %s", claim.name, claim.id, type(error).__name__)
    if job is not None:
        with engine.database.open(write=True) as connection:
            jobs.failed(connection, job, now, error, is_final=is_parked)
            if is_parked and is_hopeless:
                # Who watches the job is told; nobody else has to look at it.
                outbox.give_up(connection, now, [claim.id])
