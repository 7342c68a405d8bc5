"""carry out what was promised: notifications, automations, jobs, schedules"""

from __future__ import annotations

import signal
import sys
from types import FrameType

import click

from dougong import engine as engines
from dougong.base import log
from dougong.jobs import worker


@click.command("worker")
@click.option(
    "--threads",
    default=worker.THREADS,
    show_default=True,
    type=click.IntRange(1, 64),
    help="So many promises are carried out at once.",
)
@click.option("--parent", type=int, hidden=True, help="End with this process.")
def command(*, threads: int, parent: int | None) -> None:
    """Carry out what was promised, until stopped. Any number of workers, on any machine.

    `dougong serve` runs one beside it. With DOUGONG_BROKER_URL this is a Celery worker, with the relay that hands
    promises to Celery.

    \b
    Example:
      dougong worker --threads 8
    """
    engine = engines.open_engine()
    log.set_up(engine.settings.log)
    is_wanted = worker.child_of(parent)
    if parent is not None:
        # Ctrl+C goes to the server, which ends us in its own time.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if engine.settings.broker_url:
        from dougong.jobs import celery  # noqa: PLC0415 -- Celery takes half a second to load, and most need none

        celery.run(engine, threads=threads, is_wanted=is_wanted)
        return
    signal.signal(signal.SIGTERM, _interrupt)
    worker.run(engine, threads=threads, is_wanted=is_wanted)
    engine.close()
    sys.exit(0)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
