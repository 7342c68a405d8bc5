"""the log of automations: which one ran for which record, what it did, and why it could not"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson
import sqlalchemy as sa

from dougong.access.grants import ADMINISTRATOR
from dougong.base.errors import NotAllowed
from dougong.base.names import new_id
from dougong.base.text import Message, as_data, from_data
from dougong.context import Context
from dougong.storage.platform_tables import automation_run

Status = Literal["due", "done", "left_out", "failed"]
MOST_LISTED = 200
AT_ONCE = 500
_r = automation_run.c


@dataclass(frozen=True)
class Run:
    """One run of an automation for one record."""

    id: str
    automation: str
    object: str
    record: str
    at: dt.datetime
    status: Status
    """`due`: promised and not done yet; `left_out`: its condition did not hold any more."""
    chain: tuple[str, ...]
    """The automations that led to it, the first one first, itself last."""
    done: tuple[str, ...]
    """The actions that were done, by name."""
    error: Message | None


def write(
    connection: sa.Connection,
    automation: str,
    object_name: str,
    record_id: str,
    now: dt.datetime,
    status: Status,
    *,
    chain: Sequence[str] = (),
    done: Sequence[str] = (),
    error: Message | None = None,
    key: str | None = None,
) -> None:
    """Write down a run; one with a `key` takes the place of what stood under it."""
    values = {
        "at": now,
        "status": status,
        "chain": orjson.dumps([*chain]).decode(),
        "done": orjson.dumps([*done]).decode(),
        "error": orjson.dumps(as_data(error)).decode() if error is not None else None,
    }
    if key is not None:
        there = sa.update(automation_run).where(_r.key == key).values(values)
        if connection.execute(there).rowcount:
            return
    row = {"id": new_id(), "automation": automation, "object": object_name, "record": record_id, "key": key}
    connection.execute(automation_run.insert(), {**row, **values})


def known_keys(connection: sa.Connection, keys: Iterable[str]) -> set[str]:
    """Give those of these keys under which something stands already."""
    query = sa.select(_r.key).where(_r.key.in_(sa.bindparam("keys", expanding=True)))
    asked, found = [*keys], set()
    for start in range(0, len(asked), AT_ONCE):
        found |= {str(key) for key in connection.execute(query, {"keys": asked[start : start + AT_ONCE]}).scalars()}
    return found


def list(  # noqa: A001 -- the verb people use
    ctx: Context, *, automation: str | None = None, record: str | None = None, limit: int = 50
) -> tuple[Run, ...]:
    """Give the newest runs, of one automation or record where it is named; for administrators."""
    if ADMINISTRATOR not in ctx.actor.roles and not ctx.actor.is_system:
        raise NotAllowed(Message("The log of automations is for administrators.", code="not_allowed"))
    query = sa.select(automation_run).order_by(_r.at.desc(), _r.id.desc()).limit(min(limit, MOST_LISTED))
    if automation is not None:
        query = query.where(_r.automation == automation)
    if record is not None:
        query = query.where(_r.record == record)
    return tuple(_read(row) for row in ctx.connection.execute(query))


def _read(row: sa.Row[Any]) -> Run:
    return Run(
        id=row.id,
        automation=row.automation,
        object=row.object,
        record=row.record,
        at=row.at,
        status=row.status,
        chain=tuple(orjson.loads(row.chain)),
        done=tuple(orjson.loads(row.done)),
        error=from_data(orjson.loads(row.error)) if row.error else None,
    )
