"""automations: heard inside the transaction or after the commit, run with somebody's rights, logged"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from dougong.base.errors import ActionFailed, DougongError, InvalidRecord
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.context import Context, Subscriber
from dougong.definitions.kinds.automation import Automation
from dougong.features.automation import runs
from dougong.features.automation.doing import Doing, holds
from dougong.jobs import outbox
from dougong.jobs.call import Call, Handling
from dougong.jobs.schedule import Schedule
from dougong.records import dates

DEEPEST = 8
"""So many automations may start each other, one by the change of the other."""
RUN, DATES = "automation.run", "automation.dates"


class TooDeep(ActionFailed):
    """Automations that start each other without end."""


def heard_by(catalog: Catalog, object_name: str, moment: str) -> tuple[Automation, ...]:
    """Give the automations that look at the changes of an object before the commit or after it, by name."""
    return catalog.memo(_heard_by, object_name, moment)


def _heard_by(catalog: Catalog, object_name: str, moment: str) -> tuple[Automation, ...]:
    found = sorted(catalog.of(Automation).values(), key=lambda each: each.name)
    return tuple(
        each
        for each in found
        if each.object == object_name and each.moment == moment and each.active and each.trigger.on != "date"
    )


# ---- before the commit -----------------------------------------------------------------------------------------------


def heard(ctx: Context, event: Any) -> None:
    """Run what is to be run inside the transaction of a change; where an action fails, the change is refused."""
    for automation in heard_by(ctx.catalog, event.object, "before_commit"):
        if automation.trigger.hears(event.happened, event.changed, event.transition):
            for record_id in event.ids:
                _run_inside(ctx, automation, record_id)


def _run_inside(ctx: Context, automation: Automation, record_id: str) -> None:
    try:
        run(ctx, automation, record_id)
    except TooDeep:
        raise
    except DougongError as error:
        said = Message(
            "The automation “{automation}” does not let this be saved. {reason}",
            code="automation",
            automation=automation.shown_label(),
            reason=error.message,
        )
        raise InvalidRecord({"": [said]}) from error


def run(ctx: Context, automation: Automation, record_id: str, *, key: str | None = None) -> None:
    """Run an automation for one record in a unit of work that is there, and log it; raise where an action fails."""
    chain = (*ctx.chain, automation.name)
    if len(chain) > DEEPEST:
        raise TooDeep(
            Message(
                "Automations start each other without end: {chain}. Narrow the trigger or condition of one of them.",
                code="automation_loop",
                chain=" → ".join(chain),
            )
        )
    reason = f"automation {automation.name}"
    inner = ctx.as_system(reason) if automation.run_as == "system" else ctx
    inner = replace(inner, chain=chain, reason=inner.reason or reason)
    applies = holds(inner, automation.object, record_id, automation.where, by_person=False)
    if not applies:
        if key is not None:
            runs.write(
                ctx.connection,
                automation.name,
                automation.object,
                record_id,
                ctx.now(),
                "left_out",
                chain=chain,
                key=key,
            )
        return
    doing = Doing(inner, automation, record_id)
    doing.run()
    runs.write(
        ctx.connection, automation.name, automation.object, record_id, ctx.now(), "done",
        chain=chain, done=doing.done, key=key,
    )  # fmt: skip


# ---- after the commit ------------------------------------------------------------------------------------------------


def _wants(happened: str, catalog: Catalog, event: Any) -> bool:
    waiting = heard_by(catalog, event.object, "after_commit")
    return any(each.trigger.hears(happened, event.changed, event.transition) for each in waiting)


def on_event(happened: str, engine: Any, body: Mapping[str, Any], call: Call) -> None:
    """Promise the runs that one change of one record starts: each is a promise of its own, with its own retries."""
    with call.work(reason="hear of a change") as ctx:
        for automation in heard_by(ctx.catalog, body["object"], "after_commit"):
            if automation.trigger.hears(happened, tuple(body["changed"]), body.get("transition")):
                for record_id in body["ids"]:
                    promise(ctx, automation, record_id, actor=body.get("actor"), chain=body.get("chain", ()))


def promise(
    ctx: Context,
    automation: Automation,
    record_id: str,
    *,
    actor: str | None = None,
    chain: Any = (),
    key: str | None = None,
) -> None:
    """Promise a run; those for one record are done one after the other."""
    body = {"automation": automation.name, "record": record_id, "actor": actor, "chain": list(chain), "key": key}
    outbox.promise(ctx, RUN, body, lane=f"automation {automation.object} {record_id}")


def run_promised(engine: Any, body: Mapping[str, Any], call: Call) -> None:
    """Run what was promised, in a unit of work of its own; what fails is taken back, logged, and tried again."""
    name, chain = str(body["automation"]), tuple(body["chain"])
    found: Automation | None = None
    try:
        with call.work(reason=f"automation {name}") as ctx:
            found = ctx.catalog.find(Automation, name)
            if found is not None and found.active:
                if found.run_as == "trigger" and body["actor"]:
                    ctx.actor = engine.actor(ctx.connection, ctx.catalog, body["actor"]) or ctx.actor
                run(replace(ctx, chain=chain), found, body["record"], key=body["key"])
    except TooDeep as error:
        _log_failure(engine, found, body, chain, error)
        with call.work(reason=f"automation {name}"):
            return  # trying again would only go round again
    except DougongError as error:
        _log_failure(engine, found, body, chain, error)
        raise


def _log_failure(
    engine: Any, automation: Automation | None, body: Mapping[str, Any], chain: tuple[str, ...], error: DougongError
) -> None:
    now = engine.clock.now()
    name = str(body["automation"])
    with engine.database.open(write=True) as connection:
        runs.write(
            connection, name, automation.object if automation else "", body["record"], now, "failed",
            chain=(*chain, name), error=error.message, key=body["key"],
        )  # fmt: skip


# ---- dates -----------------------------------------------------------------------------------------------------------


def look_at_dates(engine: Any, body: Mapping[str, Any], call: Call) -> None:
    """Promise the runs whose date has come."""
    with call.work(reason="see which dates have come") as ctx:
        due(ctx, ctx.now())


def due(ctx: Context, now: dt.datetime) -> int:
    """Promise a run for each record whose date has come, once for each record and date; say how many there were."""
    count = 0
    for automation in ctx.catalog.of(Automation).values():
        if automation.trigger.on != "date" or not automation.active:
            continue
        come = dates.come(ctx, automation.object, automation.trigger, now)
        waiting = {f"{automation.name} {record_id} {date}": record_id for record_id, date in come}
        known = runs.known_keys(ctx.connection, waiting)
        for key, record_id in waiting.items():
            if key in known:
                continue
            runs.write(ctx.connection, automation.name, automation.object, record_id, now, "due", key=key)
            promise(ctx, automation, record_id, key=key)
            count += 1
    return count


def _subscriber(happened: str) -> tuple[Subscriber, ...]:
    wants = functools.partial(_wants, happened)
    return (Subscriber("automations", functools.partial(on_event, happened), wants),)


SUBSCRIBERS: Mapping[str, tuple[Subscriber, ...]] = MappingProxyType(
    {f"record.{happened}": _subscriber(happened) for happened in ("created", "updated")}
)
HANDLERS: Mapping[str, Handling] = MappingProxyType({RUN: Handling(run_promised), DATES: Handling(look_at_dates)})
SCHEDULES = (Schedule(DATES, DATES, every=dt.timedelta(minutes=5)),)
