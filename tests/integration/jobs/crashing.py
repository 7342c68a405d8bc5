"""a worker that a test kills: `python crashing.py` with the instance's environment

Each promise inserts one row; what is done twice shows as two rows, what is lost as none.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import random
import sys
import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from dougong import engine as engines
from dougong.context import Context
from dougong.jobs import celery, worker
from dougong.jobs.call import Call
from dougong.jobs.worker import Worker

LEASE = dt.timedelta(seconds=1.5)


def insert(ctx: Context, *row: Any) -> None:
    table = sa.table("test_effect", sa.column("promise"), sa.column("lane"), sa.column("n"))
    ctx.connection.execute(sa.insert(table), dict(zip(("promise", "lane", "n"), row, strict=True)))


def dawdle() -> None:
    """So that the end comes at every step."""
    time.sleep(random.random() * 0.02)  # noqa: S311


def note(engine: Any, body: Mapping[str, Any], call: Call) -> None:
    """Insert a row."""
    dawdle()
    with call.work() as ctx:
        insert(ctx, call.key, body["lane"], body["n"])
        dawdle()
    dawdle()


def count(engine: Any, body: Mapping[str, Any], call: Call) -> None:
    """A long job of steps: it goes on where it was."""
    start = call.resumed_at() or 0
    for number in range(start, body["steps"]):
        with call.step(number + 1) as ctx:
            insert(ctx, call.key, "job", number)
        call.progress(number + 1, body["steps"])
        dawdle()
    call.result = {"steps": body["steps"]}


def main(way: str, parent: int) -> None:
    logging.basicConfig(level=logging.ERROR)
    engine = dataclasses.replace(engines.open_engine(), handlers={"note": note, "count": count})
    is_wanted = worker.child_of(parent)
    if way == "celery":
        celery.run(engine, threads=4, is_wanted=is_wanted, lease=LEASE)
        return
    running = Worker(engine, threads=3, lease=LEASE, schedules=False)
    running.start()
    while is_wanted is None or is_wanted():
        time.sleep(0.2)
    running.stop()
    running.join()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
