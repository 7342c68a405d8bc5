"""what waits for whom: the inbox, one work item, and the way an instance went"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa

from dougong.access.grants import ADMINISTRATOR
from dougong.base.errors import BadRequest, NotFound
from dougong.base.names import is_id
from dougong.base.sql_types import Key
from dougong.base.text import Message, Text
from dougong.context import Context
from dougong.definitions.kinds.flow import Flow, FlowNode
from dougong.features.flows import assignment, service, simulation, store
from dougong.features.flows.moving import Moving
from dougong.features.flows.simulation import Step
from dougong.features.flows.store import DONE, OPEN, RUNNING, VOID, WAITING, Event, Instance, Version, WorkItem
from dougong.records import service as records
from dougong.records.query import Record
from dougong.storage.platform_tables import flow_cc, flow_instance, work_item

State = Literal["open", "done", "mine", "cc"]
STATES: tuple[State, ...] = get_args(State)
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Entry:
    """One line of the inbox."""

    id: str
    """A work item; for what one submitted or was told of, the instance."""
    instance: str
    flow: str
    flow_label: Text
    object: str
    record: str
    title: str
    node: str | None
    node_label: Text | None
    applicant: str
    applicant_name: str
    status: str
    """Of the instance."""
    verb: str | None
    """What was done with it."""
    at: dt.datetime
    """Since when it waits, or when it was done, submitted or told."""
    due_at: dt.datetime | None = None
    is_unread: bool = False


@dataclass(frozen=True)
class Page:
    """Some lines of the inbox, and how to get the next ones."""

    entries: tuple[Entry, ...]
    next: str | None = None
    count: int | None = None
    more_than_count: bool = False


@dataclass(frozen=True)
class Vote:
    """What one person did, or is to do, at a node."""

    item: str
    """The work item."""
    user: str
    name: str
    why: Message
    state: str
    verb: str | None
    opinion: str | None
    opened_at: dt.datetime | None
    due_at: dt.datetime | None
    done_at: dt.datetime | None
    by: str | None = None
    """Who did it, where it was somebody else."""


@dataclass(frozen=True)
class Visit:
    """A node as it was come to once."""

    node: str
    label: Text
    mode: str
    round: int
    state: Literal["open", "approve", "reject", "return", "void"]
    votes: tuple[Vote, ...]


@dataclass(frozen=True)
class Told:
    """Something that happened, as it is told."""

    at: dt.datetime
    actor: str
    name: str
    verb: str
    node: str | None
    node_label: Text | None
    round: int
    opinion: str | None
    to: tuple[str, ...] = ()
    """Names of people, or the node it went back to."""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trace:
    """The way an instance went, where it stands and what may still come."""

    id: str
    flow: str
    flow_label: Text
    object: str
    record: str
    title: str
    applicant: str
    applicant_name: str
    status: str
    round: int
    started_at: dt.datetime
    ended_at: dt.datetime | None
    visits: tuple[Visit, ...]
    told: tuple[Told, ...]
    next: tuple[Step, ...]
    """What comes behind the nodes that wait, if everybody approves."""
    copied: tuple[str, ...]
    results: Mapping[str, str]
    process: str
    """The BPMN file it runs on."""
    digest: str
    nodes: tuple[tuple[str, Text], ...]
    """The nodes of the flow with what they are called."""
    verbs: tuple[str, ...] = ()
    """What the actor may do with the instance itself."""


@dataclass(frozen=True)
class Place:
    """A node one may return to."""

    name: str
    label: Text


@dataclass(frozen=True)
class Item:
    """One work item, with what its assignee needs to decide."""

    item: WorkItem | None
    """None where the instance itself was asked for."""
    node: FlowNode | None
    trace: Trace
    record: Record | None
    """As the actor may read it; None where they no longer may."""
    verbs: tuple[str, ...]
    returns: tuple[Place, ...]
    """Where it may be returned to besides the applicant."""
    needs_opinion: tuple[str, ...] = ()
    """The verbs that want words."""
    changed: tuple[str, ...] = ()
    """The fields that were changed since the actor last decided on it."""


# The list.

_COLUMNS = (
    flow_instance.c.id.label("instance"),
    flow_instance.c.flow,
    flow_instance.c.version,
    flow_instance.c.object,
    flow_instance.c.record,
    flow_instance.c.title,
    flow_instance.c.applicant,
    flow_instance.c.status,
)


def page(
    ctx: Context,
    *,
    state: str = "open",
    object: str | None = None,  # noqa: A002 -- as the interface says it
    q: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    count: bool = False,
) -> Page:
    """Give what waits for the actor, what they decided, what they submitted, or what they were told of."""
    if state not in STATES:
        raise BadRequest(Message("'state' is one of {states}.", code="parameter", states=", ".join(STATES)))
    if cursor is not None and not is_id(cursor):
        raise BadRequest(Message("This cursor is not of this list.", code="cursor"))
    query, key = _query(state)
    bound: dict[str, Any] = {"me": ctx.actor.id}
    if object:
        query = query.where(flow_instance.c.object == sa.bindparam("of"))
        bound["of"] = object
    if q:
        query = query.where(sa.func.lower(flow_instance.c.title).contains(q.lower()[:100], autoescape=True))
    total = _count(ctx, query, bound) if count else None
    if cursor:
        query = query.where(key < sa.bindparam("after", type_=Key))
        bound["after"] = cursor
    rows = ctx.connection.execute(query.order_by(key.desc()).limit(limit + 1), bound).all()
    known = assignment.names(ctx, [row.applicant for row in rows])
    entries = tuple(_entry(ctx, row, known) for row in rows[:limit])
    after = str(rows[limit - 1].key) if len(rows) > limit else None
    if total is None:
        return Page(entries, after)
    return Page(entries, after, min(total, MOST_COUNTED), more_than_count=total > MOST_COUNTED)


def _query(state: str) -> tuple[sa.Select[Any], sa.ColumnElement[str]]:
    nothing = sa.null()
    if state in (OPEN, DONE):
        item = work_item.c
        at = item.opened_at if state == OPEN else item.done_at
        chosen = sa.select(
            *_COLUMNS, item.id.label("key"), item.id.label("item"), item.node, item.verb, at.label("at"), item.due_at,
            at.label("read_at"),
        )  # fmt: skip
        joined = chosen.join_from(work_item, flow_instance, flow_instance.c.id == item.instance)
        return joined.where(item.assignee == sa.bindparam("me", type_=Key), item.state == state), item.id
    if state == "mine":
        instance = flow_instance.c
        chosen = sa.select(
            *_COLUMNS, instance.id.label("key"), instance.id.label("item"), nothing.label("node"),
            nothing.label("verb"), instance.started_at.label("at"), nothing.label("due_at"),
            instance.started_at.label("read_at"),
        )  # fmt: skip
        return chosen.where(instance.applicant == sa.bindparam("me", type_=Key)), instance.id
    told = flow_cc.c
    chosen = sa.select(
        *_COLUMNS, told.id.label("key"), told.instance.label("item"), told.node, nothing.label("verb"),
        told.at.label("at"), nothing.label("due_at"), told.read_at,
    )  # fmt: skip
    joined = chosen.join_from(flow_cc, flow_instance, flow_instance.c.id == told.instance)
    return joined.where(told.user == sa.bindparam("me", type_=Key)), told.id


def _count(ctx: Context, query: sa.Select[Any], bound: Mapping[str, Any]) -> int:
    some = query.with_only_columns(sa.literal(1), maintain_column_froms=True).limit(MOST_COUNTED + 1).subquery()
    return int(ctx.connection.execute(sa.select(sa.func.count()).select_from(some), bound).scalar_one())


_BADGE = sa.select(sa.func.count()).select_from(
    sa.select(sa.literal(1))
    .where(work_item.c.assignee == sa.bindparam("me", type_=Key), work_item.c.state == OPEN)
    .limit(100)
    .subquery()
)


def badge(ctx: Context) -> int:
    """Count what waits for the actor, to 100; without asking where no flow is."""
    if not ctx.actor.id or not ctx.catalog.of(Flow):
        return 0
    return int(ctx.connection.execute(_BADGE, {"me": ctx.actor.id}).scalar_one())


def perform_inbox(ctx: Context, *, limit: int) -> list[dict[str, Any]] | None:
    """Tell other features what waits for the actor first (topic `inbox`); None where there are no flows."""
    if not ctx.actor.id or not ctx.catalog.of(Flow):
        return None
    return [
        {"title": each.title, "href": f"/inbox/{each.id}", "since": each.at, "due": each.due_at}
        for each in page(ctx, limit=limit).entries
    ]


def _entry(ctx: Context, row: Any, known: Mapping[str, str]) -> Entry:
    version = store.version(ctx, row.version)
    return Entry(
        id=str(row.item),
        instance=str(row.instance),
        flow=row.flow,
        flow_label=version.flow.shown_label(),
        object=row.object,
        record=str(row.record),
        title=row.title,
        node=row.node,
        node_label=_label(version, row.node) if row.node else None,
        applicant=row.applicant,
        applicant_name=known.get(row.applicant, "—"),
        status=row.status,
        verb=row.verb,
        at=row.at,
        due_at=row.due_at,
        is_unread=row.read_at is None,
    )


def _label(version: Version, node: str) -> Text:
    found = version.flow.node(node)
    return assignment.node_label(found) if found is not None else Text({"en": node})


# One of them.


def item(ctx: Context, item_id: str) -> Item:
    """Give a work item, or an instance by its id, with all that is needed to decide."""
    found = store.find_item(ctx, item_id)
    about = store.instance(ctx, found.instance if found is not None else item_id)
    every = store.items(ctx, about.id)
    _refuse_stranger(ctx, about, every)
    moving = Moving(ctx, about)
    moving.take(every)
    node = moving.node(found.node) if found is not None else None
    may = service.verbs(ctx, about, found, node)
    if found is None and store.is_unread(ctx, about.id):
        may = (service.READ, *may)
    returns = tuple(
        Place(name, _label(moving.version, name)) for name in (moving.process.earlier(found.node) if found else ())
    )
    needs: tuple[str, ...] = ()
    if node is not None:
        wanted = {"required": ("approve", "reject", "return"), "required_to_reject": ("reject", "return")}
        needs = wanted.get(node.opinion, ())
    return Item(
        item=found,
        node=node,
        trace=_trace(ctx, moving),
        record=_record(ctx, about),
        verbs=may,
        returns=returns if "return" in may else (),
        needs_opinion=needs,
        changed=_changed(ctx, about, every),
    )


def trace(ctx: Context, instance_id: str) -> Trace:
    """Say who decided what in an instance, where it stands and what may still come."""
    about = store.instance(ctx, instance_id)
    every = store.items(ctx, about.id)
    _refuse_stranger(ctx, about, every)
    moving = Moving(ctx, about)
    moving.take(every)
    return _trace(ctx, moving)


def of_record(ctx: Context, object_name: str, record_id: str) -> list[Trace]:
    """Give the traces of the last instances of a record that the actor may read, the newest first."""
    if not service.flows_of(ctx.catalog, object_name):
        return []
    found = []
    for about in store.of_record(ctx, object_name, record_id)[:5]:
        moving = Moving(ctx, about)
        found.append(_trace(ctx, moving))
    return found


def open_item(trace: Trace, user: str) -> str | None:
    """Give the work item of an approval that waits for a person, if one does."""
    votes = [vote for visit in trace.visits for vote in visit.votes]
    return next((vote.item for vote in votes if vote.state == OPEN and vote.user == user), None)


def _refuse_stranger(ctx: Context, about: Instance, every: Sequence[WorkItem]) -> None:
    """Who takes part, was told, or may read the record sees its approval; for all others there is none."""
    me = ctx.actor.id
    if me == about.applicant or ADMINISTRATOR in ctx.actor.roles or ctx.actor.is_system:
        return
    if any(each.assignee == me for each in every) or me in store.copied_to(ctx, about.id):
        return
    if not records.may_record(ctx, "read", about.object, about.record):
        raise NotFound(Message("There is no such approval, or it is not yours to see.", code="no_flow_instance"))


def _record(ctx: Context, about: Instance) -> Record | None:
    try:
        return records.get(ctx, about.object, about.record)
    except NotFound:
        return None


def _changed(ctx: Context, about: Instance, every: Sequence[WorkItem]) -> tuple[str, ...]:
    """Name the fields that were changed since the actor last decided in an earlier round."""
    before = [each for each in every if each.assignee == ctx.actor.id and each.verb and each.done_at]
    if about.round == 1 or not before:
        return ()
    since = max(each.done_at for each in before if each.done_at)
    try:
        versions = records.history(ctx, about.object, about.record, limit=50)
    except NotFound:
        return ()
    found: dict[str, None] = {}
    for each in versions:
        if each.at > since:
            found.update(dict.fromkeys(change.field for change in each.changes))
    states = ctx.catalog.object(about.object).definition.states
    return tuple(name for name in found if states is None or name != states.field)


def _trace(ctx: Context, moving: Moving) -> Trace:
    about, version = moving.about, moving.version
    told = store.events(ctx, about.id)
    copied = store.copied_to(ctx, about.id)
    known = assignment.names(ctx, _people(about, moving.items, told, copied))
    waiting = [each.node for each in moving.items if each.state in (OPEN, WAITING)]
    steps = simulation.rest(ctx, about, version, waiting).steps if about.status == RUNNING and waiting else ()
    return Trace(
        id=about.id,
        flow=about.flow,
        flow_label=version.flow.shown_label(),
        object=about.object,
        record=about.record,
        title=about.title,
        applicant=about.applicant,
        applicant_name=known.get(about.applicant, "—"),
        status=about.status,
        round=about.round,
        started_at=about.started_at,
        ended_at=about.ended_at,
        visits=tuple(_visits(ctx, version, moving.items, known)),
        told=tuple(_told(version, each, known) for each in told),
        next=steps,
        copied=tuple(known.get(each, "—") for each in copied),
        results=dict(about.results),
        process=version.process,
        digest=version.digest,
        nodes=tuple((each.name, assignment.node_label(each)) for each in version.flow.nodes),
        verbs=service.verbs(ctx, about, None, None),
    )


def _people(
    about: Instance, every: Iterable[WorkItem], told: Iterable[Event], copied: Iterable[str]
) -> list[str | None]:
    found: list[str | None] = [about.applicant, *copied]
    for each in every:
        found += [each.assignee, each.done_by]
    for event in told:
        to = event.detail.get("to")
        found += [event.actor, *(to if isinstance(to, list) else ())]
    return found


def _visits(ctx: Context, version: Version, every: Sequence[WorkItem], known: Mapping[str, str]) -> Iterable[Visit]:
    for number in dict.fromkeys(each.visit for each in every):
        votes = [each for each in every if each.visit == number]
        node = version.flow.node(votes[0].node)
        yield Visit(
            node=votes[0].node,
            label=_label(version, votes[0].node),
            mode=node.mode if node is not None else "any",
            round=votes[0].round,
            state=_state(node, votes),
            votes=tuple(_vote(ctx, node, each, known) for each in votes),
        )


def _state(node: FlowNode | None, votes: Sequence[WorkItem]) -> Literal["open", "approve", "reject", "return", "void"]:
    if any(each.state == OPEN for each in votes):
        return "open"
    if any(each.verb == "return" for each in votes):
        return "return"
    if any(each.verb == "reject" for each in votes):
        return "reject"
    said = [each for each in votes if each.verb == "approve"]
    if said and (node is None or node.mode in ("any", "percent") or not any(each.state == VOID for each in votes)):
        return "approve"
    return "void"


def _vote(ctx: Context, node: FlowNode | None, each: WorkItem, known: Mapping[str, str]) -> Vote:
    by = known.get(each.done_by, "—") if each.done_by and each.done_by != each.assignee else None
    return Vote(
        item=each.id,
        user=each.assignee,
        name=known.get(each.assignee, "—"),
        why=assignment.reason(ctx, node, each.why),
        state=each.state,
        verb=each.verb,
        opinion=each.opinion,
        opened_at=each.opened_at,
        due_at=each.due_at,
        done_at=each.done_at if each.state == DONE else None,
        by=by,
    )


def _told(version: Version, event: Event, known: Mapping[str, str]) -> Told:
    to = event.detail.get("to")
    names = tuple(known.get(each, "—") for each in to) if isinstance(to, list) else ()
    if isinstance(to, str):
        names = () if to == service.APPLICANT else (to,)
    return Told(
        at=event.at,
        actor=event.actor,
        name=known.get(event.actor, "—"),
        verb=event.verb,
        node=event.node,
        node_label=_label(version, event.node) if event.node else None,
        round=event.round,
        opinion=event.opinion,
        to=names,
        fields=tuple(event.detail.get("fields", ())),
    )
