"""flow instances and work items in the database"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dougong.base.errors import NotFound
from dougong.base.names import is_id, new_id
from dougong.base.sql_types import Key
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.context import Context
from dougong.definitions.kinds.flow import Flow
from dougong.storage.platform_tables import flow_cc, flow_event, flow_instance, flow_version, work_item

OPEN, WAITING, DONE, VOID = "open", "waiting", "done", "void"
RUNNING, RETURNED = "running", "returned"
UNDER_WAY = (RUNNING, RETURNED)


@dataclass(frozen=True)
class Version:
    """A flow as it was when an instance began."""

    id: str
    flow: Flow
    digest: str
    process: str
    """The text of the BPMN file."""


@dataclass
class Instance:
    """One run of a flow, as it is being changed."""

    id: str
    flow: str
    version: str
    object: str
    record: str
    title: str
    applicant: str
    status: str
    round: int
    visit: int
    results: dict[str, str]
    timers: dict[str, str]
    next_due: dt.datetime | None
    state: bytes
    started_at: dt.datetime
    ended_at: dt.datetime | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether it is not over: it waits for somebody, or for the applicant."""
        return self.status in UNDER_WAY


@dataclass(frozen=True)
class WorkItem:
    """A node that waits, or waited, for one person."""

    id: str
    instance: str
    object: str
    record: str
    node: str
    task: str
    round: int
    visit: int
    position: int
    assignee: str
    why: str
    state: str
    verb: str | None = None
    opinion: str | None = None
    opened_at: dt.datetime | None = None
    due_at: dt.datetime | None = None
    done_at: dt.datetime | None = None
    done_by: str | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened in an instance."""

    id: str
    at: dt.datetime
    actor: str
    verb: str
    node: str | None
    round: int
    opinion: str | None
    detail: Mapping[str, Any]


# Versions.


def keep_version(ctx: Context, flow: Flow) -> str:
    """Give the id of a flow as it is today; it is written down when it is needed first."""
    version = ctx.catalog.memo(_version_of, flow.name)
    row = {
        "id": version.id,
        "flow": flow.name,
        "object": flow.object,
        "digest": version.digest,
        "process": version.process,
        "definition": _as_json(flow),
        "at": ctx.now(),
    }
    there = ctx.connection.execute(_HAS_VERSION, {"key": version.id}).scalar()
    if there is None:
        ctx.connection.execute(_insert_unless_there(ctx), row)
    return version.id


def _insert_unless_there(ctx: Context) -> Any:
    """Two who begin a new version's first instance at once write the same row."""
    insert = postgresql.insert if ctx.dialect == "postgresql" else sqlite.insert
    return insert(flow_version).on_conflict_do_nothing()


def today(ctx: Context, flow: Flow) -> Version:
    """Give a flow as it is today, as a version."""
    return ctx.catalog.memo(_version_of, flow.name)


def _version_of(catalog: Catalog, name: str) -> Version:
    flow = catalog.get(Flow, name)
    text = catalog.processes.get(flow.process, "")
    digest = hashlib.sha256(f"{_as_json(flow)}\0{text}".encode()).hexdigest()
    named = hashlib.sha256(f"{name}\0{digest}".encode()).digest()
    return Version(str(uuid.UUID(bytes=named[:16], version=5)), flow, digest, text)


def _as_json(flow: Flow) -> str:
    return orjson.dumps(flow.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS).decode()


def version(ctx: Context, version_id: str) -> Version:
    """Give a version, read once in a catalog's life."""
    known: dict[Hashable, Version] = ctx.catalog.memo(_versions)
    if version_id not in known:
        row = ctx.connection.execute(_VERSION, {"key": version_id}).one()
        flow = Flow.model_validate(orjson.loads(row.definition))
        known[version_id] = Version(version_id, flow, row.digest, row.process)
    return known[version_id]


def _versions(catalog: Catalog) -> dict[Hashable, Version]:
    return {}


_HAS_VERSION = sa.select(flow_version.c.id).where(flow_version.c.id == sa.bindparam("key"))
_VERSION = sa.select(flow_version).where(flow_version.c.id == sa.bindparam("key"))


# Instances.

_CHANGING = (
    "title", "applicant", "status", "round", "visit", "results", "timers", "next_due", "state", "ended_at",
)  # fmt: skip
_ONE = sa.select(flow_instance).where(flow_instance.c.id == sa.bindparam("key"))
_ONE_LOCKED = _ONE.with_for_update()
_UNDER_WAY = (
    sa.select(flow_instance)
    .where(
        flow_instance.c.object == sa.bindparam("of"),
        flow_instance.c.record == sa.bindparam("key"),
        flow_instance.c.ended_at.is_(None),
    )
    .order_by(flow_instance.c.id)
)
_OF_RECORD = (
    sa.select(flow_instance)
    .where(flow_instance.c.object == sa.bindparam("of"), flow_instance.c.record == sa.bindparam("key"))
    .order_by(flow_instance.c.id.desc())
    .limit(20)
)
_UPDATE = (
    flow_instance.update()
    .where(flow_instance.c.id == sa.bindparam("key"))
    .values({name: sa.bindparam(f"v_{name}", type_=flow_instance.c[name].type) for name in _CHANGING})
)


def instance(ctx: Context, instance_id: str, *, lock: bool = False) -> Instance:
    """Read an instance, or raise `NotFound`. With `lock` it is held until the end of the unit of work: whoever changes
    an instance holds it, so that of two who decide at once the second sees what the first did.
    """
    row = None
    if is_id(instance_id):
        row = ctx.connection.execute(_ONE_LOCKED if lock else _ONE, {"key": instance_id}).one_or_none()
    if row is None:
        raise NotFound(Message("There is no such approval, or it is not yours to see.", code="no_flow_instance"))
    return _instance(row)


def _instance(row: Any) -> Instance:
    kept = row._asdict()
    return Instance(**{**kept, "results": orjson.loads(row.results), "timers": orjson.loads(row.timers)})


def under_way(ctx: Context, object_name: str, record_id: str) -> list[Instance]:
    """Give the instances of a record that are not over."""
    rows = ctx.connection.execute(_UNDER_WAY, {"of": object_name, "key": record_id})
    return [_instance(row) for row in rows]


def of_record(ctx: Context, object_name: str, record_id: str) -> list[Instance]:
    """Give the last instances of a record, the newest first."""
    rows = ctx.connection.execute(_OF_RECORD, {"of": object_name, "key": record_id})
    return [_instance(row) for row in rows]


def insert(ctx: Context, new: Instance) -> None:
    """Write a new instance."""
    row = {**new.__dict__, "results": _json(new.results), "timers": _json(new.timers)}
    ctx.connection.execute(flow_instance.insert(), row)


def save(ctx: Context, changed: Instance) -> None:
    """Write what an instance has become."""
    names = ("title", "applicant", "status", "round", "visit", "next_due", "state", "ended_at")
    row = {f"v_{name}": getattr(changed, name) for name in names}
    row |= {"v_results": _json(changed.results), "v_timers": _json(changed.timers), "key": changed.id}
    ctx.connection.execute(_UPDATE, row)


def due(ctx: Context, limit: int) -> list[str]:
    """Name the instances with a timer that is over, the oldest first."""
    query = (
        sa.select(flow_instance.c.id)
        .where(flow_instance.c.next_due <= ctx.now())
        .order_by(flow_instance.c.next_due)
        .limit(limit)
    )
    return list(ctx.connection.execute(query).scalars())


# Work items.

_ITEM = sa.select(work_item).where(work_item.c.id == sa.bindparam("key"))
_ITEMS = (
    sa.select(work_item)
    .where(work_item.c.instance == sa.bindparam("key"))
    .order_by(work_item.c.visit, work_item.c.position, work_item.c.id)
)
_LIVE = _ITEMS.where(work_item.c.visit.in_(sa.bindparam("visits", expanding=True)))


def find_item(ctx: Context, item_id: str) -> WorkItem | None:
    """Read a work item, or give None."""
    if not is_id(item_id):
        return None
    row = ctx.connection.execute(_ITEM, {"key": item_id}).one_or_none()
    return WorkItem(**row._asdict()) if row is not None else None


def items(ctx: Context, instance_id: str) -> list[WorkItem]:
    """Give all work items of an instance, in the order in which nodes began."""
    return [WorkItem(**row._asdict()) for row in ctx.connection.execute(_ITEMS, {"key": instance_id})]


def insert_items(ctx: Context, new: Sequence[WorkItem]) -> None:
    """Write new work items."""
    if new:
        ctx.connection.execute(work_item.insert(), [each.__dict__ for each in new])


def set_items(ctx: Context, ids: Iterable[str], **values: Any) -> None:
    """Change some work items alike."""
    known = list(ids)
    if known:
        query = work_item.update().where(work_item.c.id.in_(sa.bindparam("ids", expanding=True, type_=Key)))
        ctx.connection.execute(query.values(values), {"ids": known})


# Events and copies.


def note(
    ctx: Context,
    about: Instance,
    verb: str,
    *,
    node: str | None = None,
    opinion: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down what happened."""
    ctx.connection.execute(
        flow_event.insert(),
        {
            "id": new_id(),
            "instance": about.id,
            "at": ctx.now(),
            "actor": ctx.actor.id,
            "verb": verb,
            "node": node,
            "round": about.round,
            "opinion": opinion,
            "detail": _json(detail) if detail else None,
        },
    )


_EVENTS = sa.select(flow_event).where(flow_event.c.instance == sa.bindparam("key")).order_by(flow_event.c.id)


def events(ctx: Context, instance_id: str) -> list[Event]:
    """Give what happened in an instance, in its order."""
    found = []
    for row in ctx.connection.execute(_EVENTS, {"key": instance_id}):
        detail = orjson.loads(row.detail) if row.detail else {}
        found.append(Event(row.id, row.at, row.actor, row.verb, row.node, row.round, row.opinion, detail))
    return found


def copied_to(ctx: Context, instance_id: str) -> list[str]:
    """Name who was told of an instance."""
    query = sa.select(flow_cc.c.user).where(flow_cc.c.instance == instance_id).order_by(flow_cc.c.id)
    return list(ctx.connection.execute(query).scalars())


def copy(ctx: Context, about: Instance, users: Iterable[str], node: str | None) -> list[str]:
    """Tell people of an instance; give those who had not been told."""
    users = list(users)
    there = set(copied_to(ctx, about.id)) if users else set()
    new = [user for user in dict.fromkeys(users) if user not in there]
    if new:
        rows = [
            {
                "id": new_id(),
                "instance": about.id,
                "object": about.object,
                "record": about.record,
                "user": user,
                "node": node,
                "by": ctx.actor.id,
                "at": ctx.now(),
            }
            for user in new
        ]
        ctx.connection.execute(flow_cc.insert(), rows)
    return new


def is_unread(ctx: Context, instance_id: str) -> bool:
    """Whether the actor was told of an instance and has not looked at it."""
    query = sa.select(flow_cc.c.id).where(
        flow_cc.c.instance == instance_id, flow_cc.c.user == ctx.actor.id, flow_cc.c.read_at.is_(None)
    )
    return ctx.connection.execute(query).scalar() is not None


def mark_read(ctx: Context, instance_id: str) -> None:
    """Note that the actor has seen what they were told of."""
    query = flow_cc.update().where(
        flow_cc.c.instance == instance_id, flow_cc.c.user == ctx.actor.id, flow_cc.c.read_at.is_(None)
    )
    ctx.connection.execute(query.values(read_at=ctx.now()))


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
