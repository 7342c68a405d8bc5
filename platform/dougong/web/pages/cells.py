"""change one value of a list where it stands, under all that holds for the record's form"""

from __future__ import annotations

from http import HTTPStatus

import orjson
from flask import Response

from dougong.base.errors import Conflict, InvalidRecord, NotAllowed, Stale
from dougong.base.text import Message
from dougong.context import Context
from dougong.records import service as records
from dougong.records.query import Record
from dougong.web.pages import conditions
from dougong.web.pages.forms import first_choices
from dougong.web.pages.frame import answer, look
from dougong.web.pages.lists import object_of
from dougong.web.pages.records import get_or_tell
from dougong.web.pages.route import Visit
from dougong.web.present import form, posted
from dougong.web.present.cell import CellPage
from dougong.web.present.form import Sheet
from dougong.web.present.posted import Entries

JSON = "application/json"


def show(ctx: Context, visit: Visit, name: str, record_id: str, field: str) -> Response:
    """Give the input for one field of a record, as a piece of a page; where it is fixed now, say why."""
    record = _may(ctx, name, record_id, field)
    fixed = _why_fixed(ctx, record, field)
    if fixed is not None:
        return _refused(fixed.show(ctx.locale))
    model = ctx.catalog.object(name)
    entries = form.entries_of(look(ctx).with_titles(record.titles), model, {field: record.get(field)})
    return _input(ctx, visit, record, field, Entries(values=entries), {}, HTTPStatus.OK)


def save(ctx: Context, visit: Visit, name: str, record_id: str, field: str) -> Response:
    """Save one field of a record; what is refused comes back with the input."""
    record = _may(ctx, name, record_id, field)
    sent = visit.request.form
    entries = posted.read(ctx.catalog, name, [field], sent)
    version = sent.get("version", "")
    given = int(version) if version.isdigit() and len(version) < 18 else None
    try:
        if entries.unmatched:
            raise InvalidRecord(entries.errors())
        with ctx.savepoint():
            saved = records.update(
                ctx, name, record_id, entries.values, version=given, last_write=record.version is None
            )
    except InvalidRecord as error:
        said = {field: [message for some in error.by_field.values() for message in some]}
        return _input(ctx, visit, record, field, entries, said, HTTPStatus.UNPROCESSABLE_ENTITY)
    except (Stale, NotAllowed, Conflict) as error:
        return _refused(error.message.show(ctx.locale))
    return Response(orjson.dumps({"done": True, "version": saved.version}), content_type=JSON)


def _may(ctx: Context, name: str, record_id: str, field: str) -> Record:
    object_of(ctx, name)
    writable = {each.name for each in records.writable(ctx, name) if each.type.lines() is None}
    if field not in writable:
        raise NotAllowed(Message("You may see this value but not change it.", code="not_allowed"))
    return get_or_tell(ctx, name, record_id)


def _why_fixed(ctx: Context, record: Record, field: str) -> Message | None:
    """Say why a field of a record cannot be changed now; None where it can."""
    if not records.may_record(ctx, "update", record.object, record.id):
        return Message("You may see this record but not change it.", code="not_allowed")
    model = ctx.catalog.object(record.object)
    entries = form.entries_of(look(ctx), model, record.values)
    now = conditions.of(ctx, model, conditions.entered(ctx, model, entries, record))
    if field in now.fixed or field in now.hidden:
        return Message("This value cannot be changed in the record as it is now.", code="read_only")
    return None


def _refused(said: str) -> Response:
    return Response(orjson.dumps({"refused": said}), HTTPStatus.CONFLICT, content_type=JSON)


def _input(
    ctx: Context,
    visit: Visit,
    record: Record,
    field: str,
    entries: Entries,
    errors: dict[str, list[Message]],
    status: int,
) -> Response:
    seen = look(ctx).with_titles(record.titles)
    model = ctx.catalog.object(record.object)
    shown = model.field(field)
    target = shown.type.lookup()
    choices = {target: first_choices(ctx, seen, target, "")} if target and seen.can_open(target) else {}
    sheet = Sheet(entries.values, record, errors=errors, typed=entries.typed, choices=choices, object=model.name)
    said = tuple(message.show(seen.locale) for message in errors.get(field, ()))
    entry = form.enter(seen, shown, field, entries.values.get(field), sheet, errors=said, is_cell=True)
    page = CellPage(visit.csrf, f"/o/{model.name}/{record.id}/cell/{field}", str(record.version or ""), entry)
    return answer(visit, "cell.html", page, locale=seen.locale, status=status)
