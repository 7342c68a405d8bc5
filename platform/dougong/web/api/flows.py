"""work items and flow instances as JSON"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Request, Response

from dougong.base.errors import BadRequest
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.flows import inbox as inboxes
from dougong.features.flows import service as flows
from dougong.features.flows.inbox import Entry, Item, Told, Trace, Visit, Vote
from dougong.features.flows.simulation import Step
from dougong.web.api import reading, showing
from dougong.web.unit_of_work import Call

MOST = 200
_LIST = ("state", "object", "q", "cursor", "limit", "count")
_BODY = ("opinion", "values", "to")


def inbox(ctx: Context, call: Call) -> Response:
    """Give what waits for the caller, what they decided, submitted or were told of."""
    given = reading.parameters(call.request, _LIST)
    page = inboxes.page(
        ctx,
        state=reading.one_of(given, "state", inboxes.STATES, default="open"),
        object=given.get("object") or None,
        q=given.get("q") or None,
        cursor=given.get("cursor") or None,
        limit=reading.whole_number(given, "limit", default=50, least=1, most=MOST),
        count=reading.yes_or_no(given, "count"),
    )
    shown: dict[str, Any] = {"items": [_entry(ctx, each) for each in page.entries], "next": page.next}
    if page.count is not None:
        shown["count"] = f"{page.count}+" if page.more_than_count else page.count
    return showing.answer(shown)


def item(ctx: Context, call: Call, item_id: str) -> Response:
    """Give one work item with what its assignee needs to decide."""
    reading.parameters(call.request, ())
    return showing.answer(_item(ctx, inboxes.item(ctx, item_id)))


def act(ctx: Context, call: Call, item_id: str, verb: str) -> Response:
    """Decide, return, transfer and the like; answers with where the instance stands then and whom it waits for."""
    reading.parameters(call.request, ())
    body = _body(call.request, _BODY)
    values = body.get("values")
    if values is not None and not isinstance(values, Mapping):
        raise BadRequest(Message("'values' is a JSON object of fields.", code="json"))
    version = reading.condition(call.request, {})[0] if "If-Match" in call.request.headers else None
    done = flows.act(ctx, item_id, verb, opinion=body.get("opinion"), values=values, to=body.get("to"), version=version)
    waits = [{"item": each.id, "node": each.node, "user": each.assignee} for each in done.waits]
    return showing.answer({"instance": done.instance, "status": done.status, "round": done.round, "waits": waits})


def start(ctx: Context, call: Call, name: str) -> Response:
    """Submit a record to a flow."""
    record = _record(ctx, call.request, name)
    instance = flows.submit(ctx, name, record)
    headers = {"Location": f"/api/v1/flows/instances/{instance}"}
    return showing.answer(_trace(ctx, inboxes.trace(ctx, instance)), 201, headers)


def simulate(ctx: Context, call: Call, name: str) -> Response:
    """Say who would get a record."""
    found = flows.simulate(ctx, name, _record(ctx, call.request, name))
    refused = found.refused.show(ctx.locale) if found.refused is not None else None
    return showing.answer({"steps": [_step(ctx, each) for each in found.steps], "refused": refused})


def instance(ctx: Context, call: Call, instance_id: str) -> Response:
    """Say who decided what, where an instance stands and what comes next."""
    reading.parameters(call.request, ())
    return showing.answer(_trace(ctx, inboxes.trace(ctx, instance_id)))


def _record(ctx: Context, request: Request, name: str) -> str:
    reading.parameters(request, ())
    body = _body(request, ("object", "record"))
    flow = flows.flow_named(ctx, name)
    record = body.get("record")
    if body.get("object", flow.object) != flow.object or not isinstance(record, str):
        raise BadRequest(
            Message('Send the id of a record of {object} as "record".', code="flow_record", object=flow.object)
        )
    return record


def _body(request: Request, known: tuple[str, ...]) -> dict[str, Any]:
    """Read a body that may be left out."""
    if not request.get_data():
        return {}
    body = reading.json_object(request)
    odd = next((key for key in body if key not in known), None)
    if odd is not None:
        words = ", ".join(known)
        raise BadRequest(Message("There is no key '{key}'; there is: {keys}.", code="json", key=odd[:100], keys=words))
    return body


def _entry(ctx: Context, each: Entry) -> dict[str, Any]:
    return {
        "id": each.id,
        "instance": each.instance,
        "flow": each.flow,
        "flow_label": each.flow_label.show(ctx.locale),
        "object": each.object,
        "record": each.record,
        "title": each.title,
        "node": each.node,
        "node_label": each.node_label.show(ctx.locale) if each.node_label is not None else None,
        "applicant": {"id": each.applicant, "name": each.applicant_name},
        "status": each.status,
        "verb": each.verb,
        "at": _moment(each.at),
        "due_at": _moment(each.due_at),
        "unread": each.is_unread,
    }


def _item(ctx: Context, found: Item) -> dict[str, Any]:
    own = found.item
    node = found.node
    return {
        "id": own.id if own is not None else found.trace.id,
        "instance": found.trace.id,
        "object": found.trace.object,
        "state": own.state if own is not None else None,
        "node": node.name if node is not None else None,
        "form": node.form if node is not None else None,
        "fields": list(node.fields) if node is not None else [],
        "record": showing.record(ctx, found.record) if found.record is not None else None,
        "changed": list(found.changed),
        "verbs": list(found.verbs),
        "returns": ["applicant", *(place.name for place in found.returns)] if "return" in found.verbs else [],
        "needs_opinion": list(found.needs_opinion),
        "due_at": _moment(own.due_at) if own is not None else None,
        "trace": _trace(ctx, found.trace),
    }


def _trace(ctx: Context, trace: Trace) -> dict[str, Any]:
    return {
        "id": trace.id,
        "flow": trace.flow,
        "flow_label": trace.flow_label.show(ctx.locale),
        "object": trace.object,
        "record": trace.record,
        "title": trace.title,
        "applicant": {"id": trace.applicant, "name": trace.applicant_name},
        "status": trace.status,
        "round": trace.round,
        "started_at": _moment(trace.started_at),
        "ended_at": _moment(trace.ended_at),
        "nodes": [_visit(ctx, each) for each in trace.visits],
        "events": [_told(ctx, each) for each in trace.told],
        "next": [_step(ctx, each) for each in trace.next],
        "copied": list(trace.copied),
    }


def _visit(ctx: Context, visit: Visit) -> dict[str, Any]:
    return {
        "node": visit.node,
        "label": visit.label.show(ctx.locale),
        "mode": visit.mode,
        "round": visit.round,
        "state": visit.state,
        "people": [_vote(ctx, each) for each in visit.votes],
    }


def _vote(ctx: Context, vote: Vote) -> dict[str, Any]:
    return {
        "id": vote.user,
        "name": vote.name,
        "why": vote.why.show(ctx.locale),
        "state": vote.state,
        "verb": vote.verb,
        "opinion": vote.opinion,
        "since": _moment(vote.opened_at),
        "due_at": _moment(vote.due_at),
        "done_at": _moment(vote.done_at),
        "by": vote.by,
    }


def _told(ctx: Context, told: Told) -> dict[str, Any]:
    return {
        "at": _moment(told.at),
        "by": {"id": told.actor, "name": told.name},
        "verb": told.verb,
        "node": told.node,
        "round": told.round,
        "opinion": told.opinion,
        "to": list(told.to),
        "fields": list(told.fields),
    }


def _step(ctx: Context, step: Step) -> dict[str, Any]:
    return {
        "node": step.node,
        "label": step.label.show(ctx.locale),
        "mode": step.mode,
        "people": [{"id": each.id, "name": each.name, "why": each.why.show(ctx.locale)} for each in step.people],
        "skipped": step.skipped.show(ctx.locale) if step.skipped is not None else None,
    }


def _moment(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment is not None else None
