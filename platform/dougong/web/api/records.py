"""records as JSON"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from flask import Response

from dougong.base.errors import BadRequest, InvalidRecord, NotFound
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.records import service as records
from dougong.records import states
from dougong.records.history import FieldChange, LineHistory, Version
from dougong.records.query import MOST_RECORDS, Outcome, Page, Query
from dougong.web import errors
from dougong.web.api import reading, showing
from dougong.web.unit_of_work import Call

_LIST = ("where", "q", "sort", "fields", "limit", "cursor", "count", "as_of")
_COUNTS: Mapping[str, Literal["none", "to_limit", "exact"]] = {"false": "none", "true": "to_limit", "exact": "exact"}


def list_some(ctx: Context, call: Call, name: str) -> Response:
    """Give a page of records."""
    model = known(ctx, name)
    given = reading.parameters(call.request, _LIST)
    if "as_of" in given:
        raise BadRequest(Message("Records cannot be read as of an earlier moment yet.", code="as_of"))
    query = Query(
        where=given.get("where") or None,
        q=given.get("q") or None,
        sort=reading.words(given, "sort"),
        fields=reading.words(given, "fields") or None,
        limit=reading.whole_number(given, "limit", default=50, least=1, most=MOST_RECORDS),
        cursor=given.get("cursor") or None,
        count=_COUNTS[reading.one_of(given, "count", _COUNTS, default="false")],
    )
    return showing.answer(_page(ctx, records.list(ctx, model.name, query)))


def show(ctx: Context, call: Call, name: str, record_id: str) -> Response:
    """Give one record; `304` where the caller has this version already."""
    model = known(ctx, name)
    given = reading.parameters(call.request, ("fields", "as_of"))
    if "as_of" in given:
        raise BadRequest(Message("Records cannot be read as of an earlier moment yet.", code="as_of"))
    found = records.get(ctx, model.name, record_id, fields=reading.words(given, "fields") or None)
    headers = showing.version(found)
    etag = headers.get("ETag")
    # Only the whole record is named by its version: a path leads to records that change on their own.
    if etag is not None and not given and call.request.environ.get("HTTP_IF_NONE_MATCH") == etag:
        return Response(status=304, headers=headers)
    return showing.answer(showing.record(ctx, found), headers=headers)


def create(ctx: Context, call: Call, name: str) -> Response:
    """Create one record, or many."""
    model = known(ctx, name)
    reading.parameters(call.request, ())
    body = reading.json_object(call.request)
    if isinstance(body.get("records"), list) and "records" not in model.fields:
        return _create_many(ctx, model, body)
    made = records.create(ctx, model.name, body)
    headers = {"Location": f"/api/v1/records/{model.name}/{made.id}", **showing.version(made)}
    return showing.answer(showing.record(ctx, made), 201, headers)


def update(ctx: Context, call: Call, name: str, record_id: str) -> Response:
    """Change some fields of one record."""
    model = known(ctx, name)
    given = reading.parameters(call.request, ("last_write",))
    version, last_write = reading.condition(call.request, given)
    body = reading.json_object(call.request)
    changed = records.update(ctx, model.name, record_id, body, version=version, last_write=last_write)
    return showing.answer(showing.record(ctx, changed), headers=showing.version(changed))


def delete(ctx: Context, call: Call, name: str, record_id: str) -> Response:
    """Delete one record."""
    model = known(ctx, name)
    given = reading.parameters(call.request, ("last_write",))
    version, last_write = reading.condition(call.request, given)
    records.delete(ctx, model.name, record_id, version=version, last_write=last_write)
    return Response(status=204)


def history(ctx: Context, call: Call, name: str, record_id: str) -> Response:
    """Say who changed what, from what, to what; the newest first."""
    model = known(ctx, name)
    given = reading.parameters(call.request, ("limit", "cursor"))
    limit = reading.whole_number(given, "limit", default=50, least=1, most=MOST_RECORDS)
    page = records.history_page(ctx, model.name, record_id, limit=limit, cursor=given.get("cursor") or None)
    return showing.answer({"history": [_version(ctx, model, each) for each in page.versions], "next": page.next})


def known(ctx: Context, name: str) -> ObjectModel:
    """Give an object that callers may know of; a child is reached through its record only."""
    model = ctx.catalog.objects.get(name)
    if model is None or model.nature == "child" or not any(records.may(ctx, verb, name) for verb in ("read", "create")):
        raise NotFound(Message("There is no object '{name}' for you.", code="unknown_object", name=name[:100]))
    return model


def _page(ctx: Context, page: Page) -> dict[str, Any]:
    shown: dict[str, Any] = {"records": [showing.record(ctx, each) for each in page.records], "next": page.next}
    if page.count is not None:
        shown["count"] = f"{page.count}+" if page.more_than_count else page.count
    return shown


def _create_many(ctx: Context, model: ObjectModel, body: dict[str, Any]) -> Response:
    many, atomic = body["records"], body.get("atomic", True)
    if set(body) - {"records", "atomic"} or not isinstance(atomic, bool):
        raise BadRequest(
            Message("Beside 'records' there may be 'atomic': true or false, and nothing else.", code="batch")
        )
    if not 1 <= len(many) <= MOST_RECORDS or not all(isinstance(each, dict) for each in many):
        raise BadRequest(Message("'records' is a list of 1 to {most} JSON objects.", code="batch", most=MOST_RECORDS))
    outcomes = records.create_many(ctx, model.name, many, atomic=atomic)
    failed = sum(not each.is_saved for each in outcomes)
    if failed and atomic:
        raise InvalidRecord(
            {
                f"records[{position}]{'.' if field else ''}{field}": messages
                for position, each in enumerate(outcomes)
                for field, messages in each.errors.items()
            }
        )
    shown = [_outcome(ctx, each) for each in outcomes]
    return showing.answer(
        {"records": shown, "created": len(outcomes) - failed, "failed": failed}, 207 if failed else 201
    )


def _outcome(ctx: Context, outcome: Outcome) -> dict[str, Any]:
    if outcome.record is not None:
        return {"status": 201, "record": showing.record(ctx, outcome.record)}
    return {"status": 422, "errors": errors.by_field(outcome.errors, ctx.locale)}


def _version(ctx: Context, model: ObjectModel, version: Version) -> dict[str, Any]:
    led = states.of_change(ctx.catalog, model, version.changes) if version.op == "updated" else None
    return {
        "at": version.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "op": version.op,
        "by": {"id": version.actor, "name": version.actor_name},
        "door": version.door,
        "reason": version.reason,
        "version": version.version,
        "transition": led.name if led is not None else None,
        "changes": [_change(ctx, model.name, each) for each in version.changes],
        "lines": [_line(ctx, model, each) for each in version.lines],
    }


def _line(ctx: Context, model: ObjectModel, line: LineHistory) -> dict[str, Any]:
    child = str(model.field(line.field).type.lines())
    changes = [_change(ctx, child, each) for each in line.changes]
    return {"field": line.field, "id": line.id, "op": line.op, "changes": changes}


def _change(ctx: Context, object_name: str, change: FieldChange) -> dict[str, Any]:
    before, after = (showing.value(ctx, object_name, change.field, each) for each in (change.before, change.after))
    return {"field": change.field, "from": before, "to": after}
