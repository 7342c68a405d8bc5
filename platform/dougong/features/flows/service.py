"""start, decide, return, withdraw, transfer: what people do with a record that is being approved

Every verb runs inside the caller's unit of work and holds the instance's row: of two who decide at the same instant,
the second sees what the first did, and is told so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dougong.access import ceilings
from dougong.access.grants import ADMINISTRATOR
from dougong.base.errors import BadRequest, Conflict, InvalidRecord, InvalidValue, NotAllowed, NotFound, Stale
from dougong.base.names import new_id
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.context import Context
from dougong.definitions.kinds.flow import Flow, FlowNode
from dougong.features.flows import assignment, simulation, store
from dougong.features.flows.moving import Moving
from dougong.features.flows.simulation import Forecast
from dougong.features.flows.store import DONE, OPEN, RETURNED, RUNNING, WAITING, Instance, WorkItem
from dougong.records import recipients
from dougong.records import service as records
from dougong.records.events import RecordsChanged
from dougong.sdk.words import read_text

LONGEST_OPINION = 2000
REMIND_AGAIN = dt.timedelta(minutes=10)
APPLICANT = "applicant"
"""Where `return` leads when it goes to whoever submitted."""

VERBS = ("approve", "reject", "return", "transfer", "cc", "remind", "withdraw")
READ = "read"
"""What one does with an approval one was told of."""


# Starting.


def flows_of(catalog: Catalog, object_name: str) -> tuple[Flow, ...]:
    """Give the flows for the records of an object."""
    return catalog.memo(_flows_of, object_name)


def _flows_of(catalog: Catalog, object_name: str) -> tuple[Flow, ...]:
    return tuple(each for each in catalog.of(Flow).values() if each.object == object_name)


def flow_named(ctx: Context, name: str) -> Flow:
    """Give a flow, or raise `NotFound`."""
    found = ctx.catalog.find(Flow, name)
    if found is None:
        raise NotFound(Message("There is no flow '{name}'.", code="unknown_flow", name=name[:100]))
    return found


def submit(ctx: Context, flow_name: str, record_id: str) -> str:
    """Start a flow for a record as a person asks for it, by the transition that starts it where it has one; give the
    id of the instance.
    """
    flow = flow_named(ctx, flow_name)
    ceilings.hold(ctx.actor, flow.object, "update")
    if not records.may_record(ctx, "update", flow.object, record_id):
        records.get(ctx, flow.object, record_id, fields=("id",))
        raise NotAllowed(Message("You can see this record but not submit it.", code="not_allowed"))
    if flow.starts is None:
        return start(ctx, flow.name, record_id)
    records.transition(ctx, flow.object, record_id, flow.starts, last_write=True)
    found = [each for each in store.under_way(ctx, flow.object, record_id) if each.flow == flow.name]
    if not found:
        newest = [each for each in store.of_record(ctx, flow.object, record_id) if each.flow == flow.name]
        if not newest:
            raise Conflict(Message("This record needs no approval as it is.", code="flow_not_needed"))
        return newest[0].id
    return found[0].id


def start(ctx: Context, flow_name: str, record_id: str, *, applicant: str | None = None) -> str:
    """Start a flow for a record, or go on with the one that was returned; give the id of the instance."""
    flow = flow_named(ctx, flow_name)
    there = next((each for each in store.under_way(ctx, flow.object, record_id) if each.flow == flow.name), None)
    if there is not None:
        return _submit_again(ctx, there)
    by = applicant or ctx.actor.id
    forecast = simulation.forecast(ctx, flow, record_id, by)
    if forecast.refused is not None:
        raise Conflict(forecast.refused)
    new = Instance(
        id=new_id(),
        flow=flow.name,
        version=store.keep_version(ctx, flow),
        object=flow.object,
        record=record_id,
        title=_title(ctx, flow.object, record_id),
        applicant=by,
        status=RUNNING,
        round=1,
        visit=0,
        results={},
        timers={},
        next_due=None,
        state=b"",
        started_at=ctx.now(),
    )
    store.insert(ctx, new)
    store.note(ctx, new, "submit")
    Moving(ctx, new).begin()
    return new.id


def _submit_again(ctx: Context, there: Instance) -> str:
    about = store.instance(ctx, there.id, lock=True)
    if about.status != RETURNED:
        raise Conflict(Message("“{title}” is being approved already.", code="flow_running", title=about.title))
    about.round += 1
    about.title = _title(ctx, about.object, about.record)
    if not ctx.actor.is_system:
        about.applicant = ctx.actor.id
    store.note(ctx, about, "submit")
    Moving(ctx, about).begin()
    return about.id


def _title(ctx: Context, object_name: str, record_id: str) -> str:
    system = ctx.as_system("name a record that is being approved")
    model = ctx.catalog.object(object_name)
    name = model.title or "id"
    value = records.get(system, object_name, record_id, fields=(name,)).get(name)
    return str(value if value is not None else record_id[-8:])[:200]


def simulate(ctx: Context, flow_name: str, record_id: str) -> Forecast:
    """Say who would get a record the actor may read, node by node, if they submitted it now."""
    flow = flow_named(ctx, flow_name)
    records.get(ctx, flow.object, record_id, fields=("id",))
    return simulation.forecast(ctx, flow, record_id, ctx.actor.id)


# Deciding.


@dataclass(frozen=True)
class Done:
    """Where an instance stands after somebody did something with it."""

    instance: str
    status: str
    round: int
    waits: tuple[WorkItem, ...] = ()
    """The work items that are open now."""


def verbs(ctx: Context, about: Instance, item: WorkItem | None, node: FlowNode | None) -> tuple[str, ...]:
    """Give what the actor may do now."""
    me = ctx.actor.id
    found: list[str] = []
    is_administrator = ADMINISTRATOR in ctx.actor.roles
    if item is not None and item.state == OPEN and about.status == RUNNING:
        if item.assignee == me and node is not None:
            found += [verb for verb in VERBS if verb in node.verbs and verb != "remind"]
        elif is_administrator:
            found.append("transfer")
    if about.is_under_way and (about.applicant == me or is_administrator):
        if about.status == RUNNING:
            found.append("remind")
        found.append("withdraw")
    return tuple(dict.fromkeys(found))


def act(
    ctx: Context,
    item_id: str,
    verb: str,
    *,
    opinion: Any = None,
    values: Mapping[str, Any] | None = None,
    to: Any = None,
    version: int | None = None,
) -> Done:
    """Do something with a work item or an instance; say where it stands then.

    `to` is a person to transfer to, several to send a copy to, or the node to return to (`applicant` by default).
    `version` is that of the record the actor has seen. Raises `Conflict` where somebody else was faster.
    """
    if verb == READ:
        return _mark_read(ctx, item_id)
    if verb not in VERBS:
        raise NotFound(Message("There is no flow verb '{verb}'.", code="unknown_verb", verb=verb[:50]))
    asked = store.find_item(ctx, item_id)
    about = store.instance(ctx, asked.instance if asked is not None else item_id, lock=True)
    ceilings.hold(ctx.actor, about.object, "approve")
    moving = Moving(ctx, about)
    item = next((each for each in moving.items if asked is not None and each.id == asked.id), None)
    node = moving.node(item.node) if item is not None else None
    _refuse_stranger(ctx, about, moving.items)
    _refuse_late(ctx, moving, item, verb)
    if verb not in verbs(ctx, about, item, node):
        raise NotAllowed(_not_allowed(ctx, about, item, verb))
    _refuse_stale(ctx, about, version)
    said = _opinion(opinion)
    _DO[verb](ctx, moving, item, said, values or {}, to)
    return _done_with(about, moving.items)


def _done_with(about: Instance, items: list[WorkItem]) -> Done:
    waits = tuple(each for each in items if each.state == OPEN)
    return Done(about.id, about.status, about.round, waits)


def _mark_read(ctx: Context, instance_id: str) -> Done:
    about = store.instance(ctx, instance_id)
    if ctx.actor.id not in store.copied_to(ctx, about.id):
        raise NotFound(Message("There is no such approval, or it is not yours to see.", code="no_flow_instance"))
    store.mark_read(ctx, about.id)
    return Done(about.id, about.status, about.round)


def _refuse_stranger(ctx: Context, about: Instance, items: list[WorkItem]) -> None:
    """An instance that one has nothing to do with does not exist for them."""
    me = ctx.actor.id
    known = me == about.applicant or any(each.assignee == me for each in items) or ADMINISTRATOR in ctx.actor.roles
    if not known and not records.may_record(ctx, "read", about.object, about.record):
        raise NotFound(Message("There is no such approval, or it is not yours to see.", code="no_flow_instance"))


def _refuse_late(ctx: Context, moving: Moving, item: WorkItem | None, verb: str) -> None:
    """Say that somebody else was faster, and who."""
    if item is None or verb in ("remind", "withdraw") or item.state == OPEN:
        if not moving.about.is_under_way:
            raise Conflict(Message("This approval is over already.", code="flow_over"))
        return
    if item.state == WAITING:
        raise Conflict(Message("It is not your turn yet: others decide before you.", code="flow_not_your_turn"))
    if item.state == DONE:
        who = assignment.names(ctx, [item.done_by]).get(item.done_by or "", "—")
        raise Conflict(Message("{who} has dealt with this already.", code="flow_decided", who=who))
    last = next((each for each in reversed(moving.items) if each.visit == item.visit and each.done_by), None)
    if last is not None:
        who = assignment.names(ctx, [last.done_by]).get(last.done_by or "", "—")
        raise Conflict(Message("{who} was faster: this was decided already.", code="flow_decided", who=who))
    raise Conflict(Message("This no longer waits for a decision.", code="flow_decided"))


def _not_allowed(ctx: Context, about: Instance, item: WorkItem | None, verb: str) -> Message:
    if item is not None and item.assignee != ctx.actor.id and verb not in ("remind", "withdraw"):
        who = assignment.names(ctx, [item.assignee]).get(item.assignee, "—")
        return Message("This waits for {who}, not for you.", code="flow_not_yours", who=who)
    if verb == "withdraw":
        return Message("Only the applicant can withdraw this.", code="flow_not_yours")
    if verb == "remind":
        return Message("Only the applicant can remind others of this.", code="flow_not_yours")
    return Message("This cannot be done here.", code="flow_verb")


def _refuse_stale(ctx: Context, about: Instance, version: int | None) -> None:
    """Refuse a decision about a record that is not the one that was seen."""
    if version is None:
        return
    system = ctx.as_system("compare the version that was decided on")
    now = records.get(system, about.object, about.record, fields=("id",)).version
    if now is not None and now != version:
        said = "“{title}” was changed since you looked. Look at it again before you decide."
        raise Stale(Message(said, code="stale", title=about.title), current=now)


def _opinion(raw: Any) -> str | None:
    try:
        return (read_text(raw, longest=LONGEST_OPINION, lines=True) or None) if raw is not None else None
    except InvalidValue as wrong:
        raise InvalidRecord({"opinion": [wrong.message]}) from wrong


def _must_say(node: FlowNode, verb: str, opinion: str | None) -> None:
    wanted = node.opinion == "required" or (node.opinion == "required_to_reject" and verb in ("reject", "return"))
    if wanted and not opinion:
        raise InvalidRecord({"opinion": [Message("Say why.", code="required")]})


def _approve(
    ctx: Context, moving: Moving, item: WorkItem | None, opinion: str | None, values: Mapping[str, Any], to: Any
) -> None:
    item, node = _decided_on(moving, item, "approve", opinion)
    entered = _enter(ctx, moving, node, values)
    detail = {"fields": entered} if entered else None
    _done(ctx, moving, item, "approve", opinion, detail)
    moving.decided(item)


def _reject(
    ctx: Context, moving: Moving, item: WorkItem | None, opinion: str | None, values: Mapping[str, Any], to: Any
) -> None:
    item, _ = _decided_on(moving, item, "reject", opinion)
    _done(ctx, moving, item, "reject", opinion, None)
    moving.decided(item)


def _decided_on(moving: Moving, item: WorkItem | None, verb: str, opinion: str | None) -> tuple[WorkItem, FlowNode]:
    assert item is not None  # noqa: S101 -- verbs() offers this for a work item only
    node = moving.node(item.node)
    _must_say(node, verb, opinion)
    return item, node


def _done(
    ctx: Context, moving: Moving, item: WorkItem, verb: str, opinion: str | None, detail: Mapping[str, Any] | None
) -> None:
    moving.set([item.id], state=DONE, verb=verb, opinion=opinion, done_at=ctx.now(), done_by=ctx.actor.id)
    store.note(ctx, moving.about, verb, node=item.node, opinion=opinion, detail=detail)


def _enter(ctx: Context, moving: Moving, node: FlowNode, values: Mapping[str, Any]) -> list[str]:
    """Write what was entered at a node into the record; give the names of the fields."""
    odd = [name for name in values if name not in node.fields]
    if odd:
        said = Message("This field is not entered at “{node}”.", code="not_asked", node=assignment.node_label(node))
        raise InvalidRecord({name: [said] for name in odd})
    if values:
        label = assignment.node_label(node).show("en")
        system = ctx.as_system(f"entered by {ctx.actor.name} while approving at {label}")
        records.update(system, moving.about.object, moving.about.record, values, last_write=True)
    return sorted(values)


def _return(
    ctx: Context, moving: Moving, item: WorkItem | None, opinion: str | None, values: Mapping[str, Any], to: Any
) -> None:
    item, _ = _decided_on(moving, item, "return", opinion)
    target = to if to not in (None, "") else APPLICANT
    allowed = (APPLICANT, *moving.process.earlier(item.node))
    if target not in allowed:
        raise InvalidRecord(
            {
                "to": [
                    Message(
                        "From here it can be returned to: {nodes}.",
                        code="flow_return",
                        nodes=", ".join(allowed),
                    )
                ]
            }
        )
    _done(ctx, moving, item, "return", opinion, {"to": target})
    if target == APPLICANT:
        moving.back_to_applicant()
        moving.tell_returned(opinion)
    else:
        moving.back_to(str(target), item)


def _transfer(
    ctx: Context, moving: Moving, item: WorkItem | None, opinion: str | None, values: Mapping[str, Any], to: Any
) -> None:
    assert item is not None  # noqa: S101 -- verbs() offers this for a work item only
    (user,) = _people(ctx, to, most=1)
    node = moving.node(item.node)
    beside = [each for each in moving.items if each.visit == item.visit and each.state in (OPEN, WAITING)]
    if user in {each.assignee for each in beside}:
        raise InvalidRecord({"to": [Message("This person decides here already.", code="flow_transfer")]})
    if user == moving.about.applicant and node.applicant != "allow":
        raise InvalidRecord({"to": [Message("The applicant cannot decide on their own record.", code="flow_transfer")]})
    _done(ctx, moving, item, "transfer", opinion, {"to": [user]})
    now = ctx.now()
    new = WorkItem(
        **{
            **item.__dict__,
            "id": new_id(),
            "assignee": user,
            "why": f"transfer:{item.assignee}",
            "state": OPEN,
            "verb": None,
            "opinion": None,
            "opened_at": now,
            "done_at": None,
            "done_by": None,
        }
    )
    store.insert_items(ctx, [new])
    moving.items.append(new)
    moving.ask([user], node)


def _cc(
    ctx: Context, moving: Moving, item: WorkItem | None, opinion: str | None, values: Mapping[str, Any], to: Any
) -> None:
    users = _people(ctx, to, most=50)
    new = store.copy(ctx, moving.about, users, item.node if item is not None else None)
    if new:
        store.note(
            ctx, moving.about, "cc", node=item.node if item is not None else None, opinion=opinion, detail={"to": new}
        )
        moving.inform(new)


def _remind(
    ctx: Context, moving: Moving, item: WorkItem | None, opinion: str | None, values: Mapping[str, Any], to: Any
) -> None:
    last = next((each for each in reversed(store.events(ctx, moving.about.id)) if each.verb == "remind"), None)
    if last is not None and ctx.now() - last.at < REMIND_AGAIN:
        raise Conflict(Message("They were reminded a moment ago.", code="flow_reminded"))
    open_items = [each for each in moving.items if each.state == OPEN]
    store.note(ctx, moving.about, "remind", opinion=opinion, detail={"to": [each.assignee for each in open_items]})
    for each in open_items:
        moving.ask([each.assignee], moving.node(each.node))


def _withdraw(
    ctx: Context, moving: Moving, item: WorkItem | None, opinion: str | None, values: Mapping[str, Any], to: Any
) -> None:
    store.note(ctx, moving.about, "withdraw", opinion=opinion)
    moving.end("withdrawn")


_DO = {
    "approve": _approve,
    "reject": _reject,
    "return": _return,
    "transfer": _transfer,
    "cc": _cc,
    "remind": _remind,
    "withdraw": _withdraw,
}


def _people(ctx: Context, raw: Any, *, most: int) -> list[str]:
    """Read one or several people, who must be active."""
    wanted = [raw] if isinstance(raw, str) else raw
    if not isinstance(wanted, (list, tuple)) or not all(isinstance(each, str) for each in wanted):
        raise BadRequest(Message("'to' is the id of a person, or a list of them.", code="flow_to"))
    wanted = [each for each in dict.fromkeys(wanted) if each]
    if not wanted or len(wanted) > most:
        raise InvalidRecord({"to": [Message("Choose whom it goes to.", code="required")]})
    there = recipients.active(ctx.as_system("find whom an approval goes to"), [each for each in wanted if _is_id(each)])
    if len(there) != len(wanted):
        raise InvalidRecord({"to": [Message("There is no such active person.", code="flow_to")]})
    return wanted


def _is_id(text: str) -> bool:
    return len(text) == 36


# What happens to records.


def heard(ctx: Context, event: RecordsChanged) -> None:
    """Start the flows that a transition starts, and end those of records that are gone."""
    flows = flows_of(ctx.catalog, event.object) if event.object in ctx.catalog.objects else ()
    if not flows:
        return
    for record_id in event.ids:
        if event.happened == "deleted":
            _cancel(ctx, event.object, record_id)
            continue
        for flow in flows:
            is_started = event.transition is not None and flow.starts == event.transition
            if is_started and simulation.is_wanted(ctx, flow, record_id):
                start(ctx, flow.name, record_id)


def _cancel(ctx: Context, object_name: str, record_id: str) -> None:
    for each in store.under_way(ctx, object_name, record_id):
        Moving(ctx, store.instance(ctx, each.id, lock=True)).end("cancelled")


def perform_start(ctx: Context, *, flow: str, object: str, record: str, applicant: str | None = None) -> str:  # noqa: A002 -- as other features say it
    """Start a flow for another feature."""
    found = flow_named(ctx, flow)
    if found.object != object:
        raise Conflict(Message("The flow '{flow}' is not for these records.", code="flow_object", flow=flow))
    return start(ctx, flow, record, applicant=applicant)
