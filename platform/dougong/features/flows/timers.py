"""what is due"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dougong.base.errors import DougongError
from dougong.context import Context, Handle
from dougong.features.flows import store
from dougong.features.flows.moving import Moving
from dougong.features.flows.store import RUNNING
from dougong.jobs import unit
from dougong.jobs.schedule import Schedule
from dougong.jobs.unit import Installation

MOST_AT_ONCE = 100
TRY_AGAIN = dt.timedelta(hours=1)
REASON = "timers of flows"

log = logging.getLogger(__name__)


def due(ctx: Context, limit: int = MOST_AT_ONCE) -> list[str]:
    """Name the instances with a timer whose time has come, the oldest first."""
    return store.due(ctx, limit)


def fire(ctx: Context, instance_id: str) -> bool:
    """Let the due timers of one instance be over; False where none is, since somebody was faster."""
    about = store.instance(ctx, instance_id, lock=True)
    if about.status != RUNNING:
        return False
    moving = Moving(ctx, about)
    now = ctx.now()
    has_fired = False
    for token in moving.run.timers():
        at = about.timers.get(token.id)
        is_there = token.id in {each.id for each in moving.run.timers()}
        if at is not None and is_there and dt.datetime.fromisoformat(at) <= now:
            moving.run.fire(token.id)
            store.note(ctx, about, "timer", node=token.element)
            has_fired = True
    moving.settle()
    return has_fired


def put_off(ctx: Context, instance_id: str) -> None:
    """Try an instance whose timer could not be over again later: it must not keep the others."""
    about = store.instance(ctx, instance_id, lock=True)
    about.next_due = ctx.now() + TRY_AGAIN
    store.save(ctx, about)


def carry_out(engine: Installation, body: Mapping[str, Any], call: Any) -> None:
    """Let all timers be over that are due: each instance in a unit of work of its own, so that one that cannot go on
    does not keep the others.
    """
    with unit.opened(engine, write=False, door="job", reason=REASON) as ctx:
        waiting = due(ctx)
    for instance_id in waiting:
        try:
            with unit.opened(engine, write=True, door="job", reason=REASON) as ctx:
                fire(ctx, instance_id)
        except DougongError as error:
            log.warning("a timer of flow instance %s failed: %s", instance_id, error)
            with unit.opened(engine, write=True, door="job", reason=REASON) as ctx:
                put_off(ctx, instance_id)


TOPIC = "flows.timers"
HANDLERS: Mapping[str, Handle] = MappingProxyType({TOPIC: carry_out})
SCHEDULES = (Schedule(TOPIC, TOPIC, every=dt.timedelta(minutes=1)),)
